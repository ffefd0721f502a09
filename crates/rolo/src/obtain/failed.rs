//! A run that failed, told with what is known of it: where AWS did not allow a call, who called and with what, and what
//! is likely to be missing.
//!
//! Must not know words: those are [`crate::hints`]'.

use rolo_core::{
    aws::Refusal,
    chain::{
        attempt::{Attempt, HopName},
        denial::{Case, Claims, investigate, parse_claims},
        plan::{BasePlan, MfaSession},
        run::RunError,
        source::{BaseSource, WebIdentity},
    },
    host::Host,
    profile::{ConfigFiles, ProfileSet},
    provider::web_identity::{WebIdentitySource, load_token},
};

use super::{Resolved, Runs};
use crate::{
    error::CliError,
    hints::{
        denied::{Told, tell_role, tell_session, tell_sso, tell_web_identity},
        explain_denied, explain_run,
    },
};

/// Tells `error`, which ended a run of `resolved`. Where a call was not allowed, AWS is asked who made it.
pub(super) fn explain_failed(error: RunError, resolved: &Resolved, runs: &Runs<'_>) -> CliError {
    let told = match &error {
        RunError::Call { attempt, source, .. } if source.is_not_allowed() => {
            source.refusal().and_then(|refusal| tell(attempt, refusal, resolved, runs))
        }
        _ => None,
    };
    match told {
        Some(told) => explain_denied(error, told),
        None => explain_run(error, Some(&resolved.plan.chain)),
    }
}

/// `None` where the files, which were read a moment ago, can be read no more.
fn tell(attempt: &Attempt, refusal: &Refusal, resolved: &Resolved, runs: &Runs<'_>) -> Option<Told> {
    let host = runs.host;
    let files = ConfigFiles::load(&host).ok()?;
    let set = ProfileSet::parse(&files).ok()?;
    let chain = &resolved.plan.chain;
    Some(match (&attempt.hop, &chain.base.source) {
        (HopName::Role(index), _) => {
            let denial = investigate(&runs.aws(resolved), attempt, refusal);
            let now = host.clock.now();
            tell_role(&Case { chain, index: *index, attempt, denial: &denial, set: &set, now })
        }
        (HopName::MfaSession, _) => {
            let denial = investigate(&runs.aws(resolved), attempt, refusal);
            let serial = match &resolved.plan.base {
                BasePlan::MfaSession(MfaSession { serial, .. }) => serial.as_ref(),
                BasePlan::Uncached | BasePlan::Cached { .. } => None,
            };
            tell_session(chain, serial, attempt, &denial, &set)
        }
        (HopName::Base, BaseSource::WebIdentity(web)) => {
            tell_web_identity(web, attempt, claims(web, host).as_ref())
        }
        (HopName::Base, BaseSource::Sso(sso)) => tell_sso(sso, chain.base.profile.as_deref(), &set),
        (HopName::Base, _) => return None,
    })
}

/// What the token says of itself, read once more.
fn claims(web: &WebIdentity, host: Host<'_>) -> Option<Claims> {
    let source = WebIdentitySource {
        token_file: web.token_file.value.clone(),
        role_arn: web.role_arn.value.clone(),
        role_session_name: String::new(),
    };
    parse_claims(&load_token(host, &source).ok()?)
}
