//! What ends a run before it makes a call, as far as files and variables tell: for the run, which meets it on its way,
//! and for whoever only wants to know. Must not know caches.

use super::{RunError, lookup::words_of_base, words_of_step};
use crate::{
    chain::{
        attempt::{Attempt, HopName},
        plan::Plan,
        requests,
        source::BaseSource,
    },
    host::Host,
    provider::{ProviderError, container, sso, web_identity},
};

/// Why the base of `plan` yields nothing, whoever would be called.
pub(crate) fn of_base(plan: &Plan, host: Host<'_>, session_name: &str) -> Option<RunError> {
    let mut name = None;
    let checked = match &plan.chain.base.source {
        BaseSource::Static(_) | BaseSource::Environment(_) => {
            return plan.chain.expired_keys(host.clock.now()).map(RunError::from);
        }
        BaseSource::WebIdentity(web) => {
            let source = requests::web_identity(web, session_name);
            let checked = web_identity::check(host, &source);
            name = Some(source.role_session_name);
            checked
        }
        BaseSource::Sso(source) => sso::check(host, source),
        BaseSource::Container { .. } => container::check(host),
        BaseSource::Process { .. } | BaseSource::Imds(_) => Ok(()),
    };
    checked.err().map(|error| base_error(error, &words_of_base(plan), name.as_deref()))
}

/// Why the call for a role, counted from 0, cannot be sent. A session that nobody named is called `session_name`.
pub(crate) fn of_role(plan: &Plan, index: usize, session_name: &str) -> Option<RunError> {
    let step = plan.chain.steps.get(index)?;
    let name = step.role_session_name.as_ref().map_or(session_name, |name| &name.value);
    let source = requests::assume_role(step, name.to_owned()).check().err()?;
    let attempt = Box::new(Attempt::unsigned(HopName::Role(index), Some(name.to_owned())));
    Some(RunError::Call { what: format!("AssumeRole of {}", words_of_step(step)), attempt, source })
}

/// What is wrong with the base. A call that AWS refused is told by its hop, like the calls for roles.
pub(super) fn base_error(error: ProviderError, what: &str, session_name: Option<&str>) -> RunError {
    match error {
        ProviderError::Aws(source) => {
            let attempt = Box::new(Attempt::unsigned(HopName::Base, session_name.map(ToOwned::to_owned)));
            RunError::Call { what: format!("getting {what}"), attempt, source }
        }
        error => RunError::Provider(error),
    }
}
