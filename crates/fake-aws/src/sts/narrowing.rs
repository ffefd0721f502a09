//! Session policies and session tags: what narrows or marks a session, and how large it is when packed.
//!
//! The fake judges their form and records the tags; it does not evaluate policies, since nothing here needs permission.
//! Must not know the actions that take them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    checks::{Checks, Pattern},
    error::AwsError,
    form::Params,
    reply::Element,
    trust::Context,
};

const MOST_POLICY_ARNS: usize = 10;
const MOST_TAGS: usize = 50;

/// Characters of policy that fill the packed space.
const POLICY_SPACE: usize = 2048;

/// Characters of tags that fill theirs, measured: nine tags of 252 characters take 498 %.
const TAG_SPACE: usize = 456;

/// Policy, PolicyArns, Tags and TransitiveTagKeys of a request.
#[derive(Debug)]
pub(crate) struct Narrowing<'a> {
    policy: Option<&'a str>,
    policy_arns: Vec<&'a str>,
    /// In the order of the request.
    tags: Vec<(&'a str, &'a str)>,
    transitive: Vec<&'a str>,
}

impl<'a> Narrowing<'a> {
    /// Reads the parameters and checks their lengths and patterns.
    pub(crate) fn parse(params: &'a Params, checks: &mut Checks) -> Self {
        let keys = params.list("Tags", ".Key");
        let values = params.list("Tags", ".Value");
        let this = Self {
            policy: params.get("Policy"),
            policy_arns: params.list("PolicyArns", ".arn"),
            tags: keys.into_iter().zip(values).collect(),
            transitive: params.list("TransitiveTagKeys", ""),
        };
        checks.length("policy", this.policy, 1, POLICY_SPACE);
        checks.count("policyArns", this.policy_arns.len(), MOST_POLICY_ARNS);
        checks.count("tags", this.tags.len(), MOST_TAGS);
        for (index, (key, value)) in (1..).zip(&this.tags) {
            let (key_member, value_member) =
                (format!("tags.{index}.member.key"), format!("tags.{index}.member.value"));
            checks.length(&key_member, Some(key), 1, 128);
            checks.pattern(&key_member, Some(key), Pattern::Tag);
            checks.length(&value_member, Some(value), 0, 256);
            checks.pattern(&value_member, Some(value), Pattern::Tag);
        }
        this
    }

    /// Checks what goes beyond single values; `inherited` are the transitive tags of the caller's session.
    pub(crate) fn check(&self, inherited: &BTreeMap<String, String>) -> Result<(), AwsError> {
        self.check_policy()?;
        self.check_tags(inherited)?;
        if let Some(percent) = self.tag_percent().filter(|&percent| percent > 100) {
            let message = format!("Packed size of session tags consumes {percent}% of allotted space.");
            return Err(AwsError::new(400, "PackedPolicyTooLarge", message));
        }
        if let Some(percent) = self.packed_percent().filter(|&percent| percent > 100) {
            return Err(AwsError::packed_policy_too_large(percent));
        }
        Ok(())
    }

    fn check_policy(&self) -> Result<(), AwsError> {
        let Some(policy) = self.policy else { return Ok(()) };
        let malformed = |message: &str| AwsError::new(400, "MalformedPolicyDocument", message);
        let value: Value = serde_json::from_str(policy)
            .map_err(|_| malformed("The policy is not in the valid JSON format."))?;
        match value.get("Statement") {
            Some(Value::Array(_) | Value::Object(_)) => Ok(()),
            _ => Err(malformed("Syntax errors in policy.")),
        }
    }

    fn check_tags(&self, inherited: &BTreeMap<String, String>) -> Result<(), AwsError> {
        let invalid = |message: &str| AwsError::new(400, "InvalidParameterValue", message);
        let keys: BTreeSet<String> = self.tags.iter().map(|(key, _)| key.to_lowercase()).collect();
        if keys.len() < self.tags.len() {
            return Err(invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive."));
        }
        if inherited.keys().any(|key| keys.contains(&key.to_lowercase())) {
            return Err(invalid(
                "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key \
                 from the calling session.",
            ));
        }
        if !self.transitive.iter().all(|key| keys.contains(&key.to_lowercase())) {
            return Err(invalid("The specified transitive tag key must be included in the requested tags."));
        }
        Ok(())
    }

    /// Whether a role's trust policy must allow `sts:TagSession`.
    pub(crate) fn has_tags(&self) -> bool {
        !self.tags.is_empty()
    }

    /// `aws:RequestTag/…`, `aws:TagKeys` and `sts:TransitiveTagKeys`.
    pub(crate) fn set_keys(&self, context: &mut Context) {
        for (key, value) in &self.tags {
            context.set(&format!("aws:RequestTag/{key}"), Some(*value));
        }
        context.set_list("aws:TagKeys", self.tags.iter().map(|(key, _)| (*key).to_owned()).collect());
        context
            .set_list("sts:TransitiveTagKeys", self.transitive.iter().map(|&key| key.to_owned()).collect());
    }

    /// The tags of the session: those of the request, and those that came along.
    pub(crate) fn session_tags(&self, inherited: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut tags = inherited.clone();
        tags.extend(self.tags.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())));
        tags
    }

    /// The tags that go on to the next role: those of the caller's session and those declared transitive now.
    pub(crate) fn transitive_tags(&self, inherited: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let is_transitive = |key: &str| self.transitive.iter().any(|other| other.eq_ignore_ascii_case(key));
        let mut tags = inherited.clone();
        let own = self.tags.iter().filter(|(key, _)| is_transitive(key));
        tags.extend(own.map(|&(key, value)| (key.to_owned(), value.to_owned())));
        tags
    }

    /// `PackedPolicySize`, in the answer only where policies or tags were sent.
    pub(crate) fn packed_size(&self) -> Option<Element> {
        self.packed_percent().map(|percent| Element::text("PackedPolicySize", percent.to_string()))
    }

    fn packed_percent(&self) -> Option<usize> {
        let policy: usize =
            self.policy.map_or(0, str::len) + self.policy_arns.iter().map(|arn| arn.len()).sum::<usize>();
        let of_policy = (policy > 0).then(|| percent(policy, POLICY_SPACE));
        of_policy.max(self.tag_percent())
    }

    fn tag_percent(&self) -> Option<usize> {
        let size = self.tags.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();
        self.has_tags().then(|| percent(size, TAG_SPACE))
    }
}

/// At least 1, as AWS says for anything at all.
fn percent(size: usize, space: usize) -> usize {
    (size * 100).div_ceil(space).max(1)
}
