//! The log of calls, for tests to assert on.
//!
//! Holds no secret but the MFA code, which is spent by being used. Must not know what actions do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::form::Params;

/// Parameters whose values are not logged.
const SECRET_PARAMS: [&str; 5] =
    ["WebIdentityToken", "X-Amz-Security-Token", "refreshToken", "clientSecret", "code"];

/// One call and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `sts`, `iam`, `sso`, `sso-oauth` or `unknown`.
    pub service: &'static str,
    /// Such as `AssumeRole`.
    pub action: String,
    /// The key that signed, whether or not it exists.
    pub access_key_id: Option<String>,
    /// The caller's ARN, where signature and token were good.
    pub principal: Option<String>,
    /// The region of the signature.
    pub region: Option<String>,
    /// Parameters by name; secret values are replaced by their length in words.
    pub params: BTreeMap<String, String>,
    /// When it came, by the fake's clock.
    pub at: Timestamp,
    /// HTTP status; `None` where the connection was cut instead.
    pub status: Option<u16>,
    /// AWS's error code; `None` for success.
    pub error: Option<String>,
    /// The id of the key that was issued.
    pub issued: Option<String>,
    /// The injected fault that befell it.
    pub fault: Option<&'static str>,
}

impl Call {
    /// Whether it was answered as it should be.
    pub fn is_ok(&self) -> bool {
        self.error.is_none() && self.status == Some(200)
    }

    /// The value of a parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str)
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "service": self.service,
            "action": self.action,
            "access_key_id": self.access_key_id,
            "principal": self.principal,
            "region": self.region,
            "params": self.params,
            "at": self.at.to_string(),
            "status": self.status,
            "error": self.error,
            "issued": self.issued,
            "fault": self.fault,
        })
    }
}

/// Parameters for the log.
pub(crate) fn loggable(params: &Params) -> BTreeMap<String, String> {
    let shown = |name: &str, value: &str| {
        if SECRET_PARAMS.contains(&name) {
            format!("[{} characters]", value.chars().count())
        } else {
            value.to_owned()
        }
    };
    params.iter().map(|(name, value)| (name.to_owned(), shown(name, value))).collect()
}
