//! The requests of a plan's calls, made in one place for whoever sends them and for whoever only shows them.
//!
//! A code is put in by the sender. Must not know credentials.

use super::{
    plan::MfaSession,
    source::{RoleStep, WebIdentity},
};
use crate::{
    aws::{AssumeRole, GetSessionToken},
    provider::web_identity::WebIdentitySource,
};

/// AssumeRole of `step`, its session called `session_name`, without a code.
pub fn assume_role(step: &RoleStep, session_name: String) -> AssumeRole {
    AssumeRole {
        role_arn: step.role_arn.value.clone(),
        role_session_name: session_name,
        external_id: step.external_id.as_ref().map(|id| id.value.clone()),
        mfa: None,
        duration_seconds: step.duration_seconds.as_ref().map(|said| i64::from(said.value)),
        policy: step.narrowing.policy.clone(),
        policy_arns: step.narrowing.policy_arns.clone(),
        tags: step.narrowing.tags.clone(),
        transitive_tag_keys: step.narrowing.transitive_tag_keys.clone(),
        source_identity: step.narrowing.source_identity.clone(),
    }
}

/// GetSessionToken, without a code.
pub fn get_session_token(session: &MfaSession) -> GetSessionToken {
    GetSessionToken { mfa: None, duration_seconds: Some(i64::from(session.duration_seconds)) }
}

/// AssumeRoleWithWebIdentity, whose token is read when it is sent; `session_name` is for a session that nobody named.
pub fn web_identity(web: &WebIdentity, session_name: &str) -> WebIdentitySource {
    WebIdentitySource {
        token_file: web.token_file.value.clone(),
        role_arn: web.role_arn.value.clone(),
        role_session_name: web.role_session_name.as_ref().map_or(session_name, |name| &name.value).to_owned(),
    }
}
