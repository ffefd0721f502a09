//! A call that AWS did not allow, told apart: who called, with what, what AWS says, what is likely to be missing, and
//! which statement would allow it.
//!
//! All but [`investigate`] is pure. Must not know how any of it is told.

mod caller;
mod causes;
mod message;
mod statements;
mod token;

pub use self::{
    caller::{Caller, CallerKind},
    causes::{Case, Cause, Condition, Device, known_device, likely_causes},
    message::{Denial, PolicyKind, Said, Verdict},
    statements::{identity_statement, trust_statement, web_trust_statement},
    token::{Claims, parse_claims},
};

use super::attempt::Attempt;
use crate::aws::{Aws, Refusal};

/// What AWS says about a refusal: its message, decoded where it is encoded and the caller may do that, and who the caller
/// is, by a call that needs no permission where the message does not say it.
pub fn investigate(aws: &Aws, attempt: &Attempt, refusal: &Refusal) -> Denial {
    let mut denial = Denial::parse(refusal.message.as_deref().unwrap_or_default());
    let Some(signer) = &attempt.signer else { return denial };
    if let Some(encoded) = denial.encoded.clone()
        && let Ok(decoded) = aws.decode_authorization_message(signer, &encoded)
    {
        denial.add_decoded(decoded.expose());
    }
    if denial.caller.is_none() {
        denial.caller = aws.get_caller_identity(signer).ok().map(|identity| identity.arn);
    }
    denial
}
