//! What AWS says when it refuses: code, message and status, spelled as AWS spells them.
//!
//! Must not know how an answer is written (XML or JSON).

use std::borrow::Cow;

use serde_json::Value;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AwsError {
    /// HTTP status.
    pub(crate) status: u16,
    /// Such as `AccessDenied`.
    pub(crate) code: Cow<'static, str>,
    /// AWS's words.
    pub(crate) message: String,
    /// What DecodeAuthorizationMessage would tell of it.
    pub(crate) decoded: Option<Box<Value>>,
}

impl AwsError {
    pub(crate) fn new(status: u16, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), decoded: None }
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

    /// Session policies and their ARNs are larger than STS can take.
    pub(crate) fn packed_policy_too_large(percent: impl std::fmt::Display) -> Self {
        let message =
            format!("Packed policy consumes {percent}% of allotted space, please use smaller policy.");
        Self::new(400, "PackedPolicyTooLarge", message)
    }

    /// STS is switched off in the region of the signature, which AWS does not name.
    pub(crate) fn region_disabled(account: &str) -> Self {
        let message = format!(
            "STS is not activated in this region for account:{account}. Your account administrator can activate STS in \
             this region using the IAM Console."
        );
        Self::new(403, "RegionDisabledException", message)
    }
}
