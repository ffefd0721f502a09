//! What a request holds, by AWS's names and in the form it is sent in: for whoever shows a call.
//!
//! Codes and tokens are left out: a call is shown before it is made, and they are nobody's business afterwards.

use super::{AssumeRole, GetSessionToken};
use crate::provider::{sso::SsoSource, web_identity::WebIdentitySource};

/// Names and values, in the order of AWS's reference.
pub type Parameters = Vec<(String, String)>;

/// Gathers parameters that are there.
#[derive(Default)]
struct Gathered(Parameters);

impl Gathered {
    fn one(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    fn some(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.one(name, value);
        }
    }

    fn seconds(&mut self, value: Option<i64>) {
        self.some("DurationSeconds", value.map(|seconds| seconds.to_string()).as_deref());
    }

    /// A list as the query protocol has it: counted from 1; an empty one is not sent.
    fn list<'a>(&mut self, name: &str, below: &str, values: impl IntoIterator<Item = &'a str>) {
        for (index, value) in values.into_iter().enumerate() {
            self.one(&format!("{name}.member.{}{below}", index + 1), value);
        }
    }
}

impl AssumeRole {
    /// All but the code.
    pub fn parameters(&self) -> Parameters {
        let mut all = Gathered::default();
        all.one("RoleArn", self.role_arn.as_str());
        all.one("RoleSessionName", &self.role_session_name);
        all.list("PolicyArns", ".arn", self.policy_arns.iter().map(String::as_str));
        all.some("Policy", self.policy.as_deref());
        all.seconds(self.duration_seconds);
        for (index, (key, value)) in self.tags.iter().enumerate() {
            all.one(&format!("Tags.member.{}.Key", index + 1), key);
            all.one(&format!("Tags.member.{}.Value", index + 1), value);
        }
        all.list("TransitiveTagKeys", "", self.transitive_tag_keys.iter().map(String::as_str));
        all.some("ExternalId", self.external_id.as_deref());
        all.some("SerialNumber", self.mfa.as_ref().map(|(serial, _)| serial.as_str()));
        all.some("SourceIdentity", self.source_identity.as_deref());
        all.0
    }
}

impl GetSessionToken {
    /// All but the code.
    pub fn parameters(&self) -> Parameters {
        let mut all = Gathered::default();
        all.seconds(self.duration_seconds);
        all.some("SerialNumber", self.mfa.as_ref().map(|(serial, _)| serial.as_str()));
        all.0
    }
}

impl WebIdentitySource {
    /// Those of AssumeRoleWithWebIdentity, all but the token.
    pub fn parameters(&self) -> Parameters {
        let mut all = Gathered::default();
        all.one("RoleArn", self.role_arn.as_str());
        all.one("RoleSessionName", &self.role_session_name);
        all.0
    }
}

impl SsoSource {
    /// Those of GetRoleCredentials, all but the token.
    pub fn parameters(&self) -> Parameters {
        let mut all = Gathered::default();
        all.one("role_name", &self.role_name);
        all.one("account_id", &self.account_id);
        all.0
    }
}
