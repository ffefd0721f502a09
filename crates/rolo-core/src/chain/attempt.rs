//! What a call was made with beside what its chain says, so that a refusal can be told from what was and was not sent.
//!
//! Must not know AWS's answer.

use jiff::Timestamp;

use crate::Credentials;

/// A place in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HopName {
    /// The base source: web identity, Identity Center.
    Base,
    /// The exchange of keys for an MFA session.
    MfaSession,
    /// The role of this step, counted from 0.
    Role(usize),
}

/// A call that failed, as it was made. It is for the one who tells of the failure, who may ask AWS who the signer is.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Which of the plan's calls.
    pub hop: HopName,
    /// Who signed it; `None` for calls that nobody signs.
    pub signer: Option<Credentials>,
    /// The session's name, where the call takes one.
    pub session_name: Option<String>,
    /// What proved MFA.
    pub mfa: MfaProof,
}

/// What proved MFA to AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MfaProof {
    /// Nothing.
    None,
    /// Serial and code went with the call.
    Code,
    /// An MFA session signed it.
    Session {
        /// When that was made, where known: a role may refuse an old one.
        made_at: Option<Timestamp>,
    },
}

impl Attempt {
    /// A call that nobody signed.
    pub fn unsigned(hop: HopName, session_name: Option<String>) -> Self {
        Self { hop, signer: None, session_name, mfa: MfaProof::None }
    }
}
