//! What a role's session is called: as was said, after the IAM user who takes the role on, or after person and machine.
//!
//! Must not know what the session is for.

use super::{RunError, Runner};
use crate::{
    Credentials,
    chain::{session_name::fit_session_name, source::RoleStep},
    talk::{Notice, in_one_line},
};

impl Runner<'_> {
    /// The name for the session of the `index`th role, which `signer` takes on.
    pub(super) fn role_session_name(
        &self,
        index: usize,
        step: &RoleStep,
        signer: &Credentials,
    ) -> Result<String, RunError> {
        let chain = &self.plan.chain;
        match &step.role_session_name {
            Some(name) => Ok(name.value.clone()),
            None if chain.names_session && index + 1 == chain.steps.len() => self.user_name(signer),
            None => Ok(self.session_name.to_owned()),
        }
    }

    /// The name of the user that `signer` is. The user's own keys, and the session made of them, may ask IAM; of other
    /// temporary credentials only STS tells whose they are. Where nobody tells, the usual name serves: whether the role
    /// can be had is for AssumeRole to say.
    fn user_name(&self, signer: &Credentials) -> Result<String, RunError> {
        let Some(keys) = self.plan.chain.base.long_term_keys() else {
            return Ok(self.name_by_arn(signer)?.unwrap_or_else(|| self.session_name.to_owned()));
        };
        if let Some(name) = self.found.user_name(&keys.access_key_id) {
            return Ok(name);
        }
        let known = match self.aws.get_user(signer) {
            Ok(user) => Some(fit_session_name(&user.name)),
            Err(error) => {
                let known = self.name_by_arn(signer)?;
                let name = known.as_deref().unwrap_or(self.session_name);
                self.hear.hear(&Notice::Warning(format!(
                    "the IAM user's name could not be had ({}); the session is called `{name}`",
                    in_one_line(&error)
                )));
                known
            }
        };
        if let Some(name) = &known {
            self.found.note_user_name(&keys.access_key_id, name);
        }
        Ok(known.unwrap_or_else(|| self.session_name.to_owned()))
    }

    /// By GetCallerIdentity, which needs no permission.
    fn name_by_arn(&self, signer: &Credentials) -> Result<Option<String>, RunError> {
        let Ok(identity) = self.aws.get_caller_identity(signer) else { return Ok(None) };
        let resource = identity.arn.splitn(6, ':').nth(5).unwrap_or_default();
        match resource.split_once('/') {
            Some(("assumed-role", _)) => Err(RunError::SessionNameNeeded { caller: identity.arn }),
            Some(("user" | "federated-user", path)) => Ok(path.rsplit('/').next().map(fit_session_name)),
            _ => Ok(None),
        }
    }
}
