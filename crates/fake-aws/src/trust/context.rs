//! What conditions look at: the keys of a request and their values.
//!
//! Must not know where the values come from, nor operators.

use std::collections::BTreeMap;

/// Keys that a policy may name here; what is no longer known is refused when a policy is read.
const KEYS: [&str; 20] = [
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalOrgID",
    "aws:PrincipalType",
    "aws:RequestedRegion",
    "aws:SecureTransport",
    "aws:SourceIdentity",
    "aws:SourceIp",
    "aws:TagKeys",
    "aws:userid",
    "aws:username",
    "sts:ExternalId",
    "sts:RoleSessionName",
    "sts:SourceIdentity",
    "sts:TransitiveTagKeys",
];

/// Keys with more than one value: a condition has to say whether it means any of them or all.
const LISTS: [&str; 2] = ["aws:TagKeys", "sts:TransitiveTagKeys"];

/// Keys that end in the key of a tag.
const TAG_KEYS: [&str; 2] = ["aws:PrincipalTag/", "aws:RequestTag/"];

/// Claims of an OIDC token: `ISSUER:aud`.
const CLAIMS: [&str; 2] = ["aud", "sub"];

/// Keys and their values; upper and lower case of a key are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context(BTreeMap<String, (String, Vec<String>)>);

impl Context {
    /// Adds `key`, if it has a value.
    pub(crate) fn set(&mut self, key: &str, value: Option<impl Into<String>>) {
        self.set_list(key, value.into_iter().map(Into::into).collect());
    }

    /// Adds `key`, if it has values.
    pub(crate) fn set_list(&mut self, key: &str, values: Vec<String>) {
        if !values.is_empty() {
            self.0.insert(key.to_ascii_lowercase(), (key.to_owned(), values));
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&[String]> {
        self.0.get(&key.to_ascii_lowercase()).map(|(_, values)| values.as_slice())
    }

    /// Keys as AWS spells them, with their values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.values().map(|(key, values)| (key.as_str(), values.as_slice()))
    }
}

/// Whether the fake gives this key a value where AWS does.
pub(super) fn is_known(key: &str) -> bool {
    let claim = || {
        key.rsplit_once(':').is_some_and(|(issuer, claim)| issuer.contains('.') && CLAIMS.contains(&claim))
    };
    KEYS.iter().any(|known| known.eq_ignore_ascii_case(key)) || names_a_tag(key) || claim()
}

/// Whether the key has a list for its value.
pub(super) fn is_list(key: &str) -> bool {
    LISTS.iter().any(|list| list.eq_ignore_ascii_case(key))
}

fn names_a_tag(key: &str) -> bool {
    TAG_KEYS.iter().any(|prefix| {
        key.split_at_checked(prefix.len())
            .is_some_and(|(start, tag)| start.eq_ignore_ascii_case(prefix) && !tag.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_known() {
        for key in
            ["aws:multifactorauthage", "aws:PrincipalTag/Team", "aws:requesttag/x y", "ci.example.com:sub"]
        {
            assert!(is_known(key), "{key}");
        }
        for key in [
            "aws:TokenIssueTime",
            "aws:PrincipalTag/",
            "aws:PrincipalTag",
            "s3:prefix",
            "ci.example.com:actor",
        ] {
            assert!(!is_known(key), "{key}");
        }
        assert!(is_list("AWS:tagkeys") && !is_list("aws:RequestTag/x"));
    }
}
