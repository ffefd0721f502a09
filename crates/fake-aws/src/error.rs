//! What AWS says when it refuses: code, message and status, spelled as AWS spells them.
//!
//! Must not know how an answer is written (XML or JSON).

use std::borrow::Cow;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AwsError {
    /// HTTP status.
    pub(crate) status: u16,
    /// Such as `AccessDenied`.
    pub(crate) code: Cow<'static, str>,
    /// AWS's words.
    pub(crate) message: String,
}

impl AwsError {
    pub(crate) fn new(status: u16, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into() }
    }

    pub(crate) fn access_denied(message: impl Into<String>) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationError", message)
    }

    pub(crate) fn signature(message: impl Into<String>) -> Self {
        Self::new(403, "SignatureDoesNotMatch", message)
    }

    /// An unknown key, a wrong token, or credentials that this service does not take.
    pub(crate) fn invalid_token() -> Self {
        Self::new(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
    }

    /// Temporary credentials past their time.
    pub(crate) fn expired_token() -> Self {
        Self::new(403, "ExpiredToken", "The security token included in the request is expired")
    }

    /// A principal that may not do this: by the role's trust policy, or because the role does not exist, which AWS does
    /// not tell apart.
    pub(crate) fn not_authorized(who: &str, action: &str, resource: &str) -> Self {
        Self::access_denied(format!(
            "User: {who} is not authorized to perform: {action} on resource: {resource}"
        ))
    }

    /// A principal whose own policies do not let it do this.
    pub(crate) fn no_identity_policy(who: &str, action: &str, resource: &str) -> Self {
        Self::access_denied(format!(
            "User: {who} is not authorized to perform: {action} on resource: {resource} because no identity-based \
             policy allows the {action} action"
        ))
    }
}
