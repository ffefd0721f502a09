//! A role's trust policy: who may assume the role, and under which conditions.
//!
//! Reads the JSON that IAM takes. What this fake cannot judge (Deny, other operators) is refused when the policy is
//! read, so that no test passes because a rule was overlooked. Must not know actions' parameters: what conditions look
//! at comes in a [`Context`].

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::principal::Principal;

/// Statements, each of which allows on its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Document")]
pub struct TrustPolicy {
    pub(crate) statements: Vec<Trust>,
}

/// One statement of a trust policy, made as a sentence:
/// `Trust::of("arn:aws:iam::111122223333:user/ada").with_mfa().with_external_id("x")`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a statement is for `Role::trusts`"]
pub struct Trust {
    principals: Vec<Trusted>,
    actions: Vec<String>,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Trusted {
    Anyone,
    Account(String),
    Arn(String),
    Federated(String),
}

/// A condition: the context's value of `key` must satisfy `operator` with one of `values`. A missing key never does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// How it is compared.
    pub operator: Operator,
    /// Such as `sts:ExternalId`; upper and lower case are the same.
    pub key: String,
    /// Any one of them suffices.
    pub values: Vec<String>,
}

/// The operators that the fake can judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Operator {
    /// Equal to the letter.
    StringEquals,
    /// `true` or `false`.
    Bool,
}

/// What conditions look at: keys in lower case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context(BTreeMap<String, String>);

impl Trust {
    /// Trusts `principal`: `*`, twelve digits or `arn:…:root` (anyone in the account), the ARN of a user, of a role
    /// (any session of it) or of one assumed-role session.
    pub fn of(principal: &str) -> Self {
        Self::principal(Trusted::parse(principal))
    }

    /// Trusts the tokens of an OIDC provider (`arn:…:oidc-provider/ISSUER`) with AssumeRoleWithWebIdentity.
    pub fn federated(provider_arn: &str) -> Self {
        let actions = vec!["sts:AssumeRoleWithWebIdentity".to_owned()];
        Self { actions, ..Self::principal(Trusted::Federated(provider_arn.to_owned())) }
    }

    /// Only with this ExternalId.
    pub fn with_external_id(self, id: &str) -> Self {
        self.when(Operator::StringEquals, "sts:ExternalId", id)
    }

    /// Only with MFA, in the call or in the session that calls.
    pub fn with_mfa(self) -> Self {
        self.when(Operator::Bool, "aws:MultiFactorAuthPresent", "true")
    }

    /// Only under this condition.
    pub fn when(mut self, operator: Operator, key: &str, value: &str) -> Self {
        self.conditions.push(Condition { operator, key: key.to_owned(), values: vec![value.to_owned()] });
        self
    }

    /// Allows exactly these actions (`sts:AssumeRole`, `sts:TagSession`, `sts:SetSourceIdentity`) instead of all three.
    pub fn only(mut self, actions: &[&str]) -> Self {
        self.actions = actions.iter().map(|&action| action.to_owned()).collect();
        self
    }

    fn principal(trusted: Trusted) -> Self {
        let actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"].map(str::to_owned);
        Self { principals: vec![trusted], actions: actions.into(), conditions: Vec::new() }
    }

    fn allows(&self, who: impl Fn(&Trusted) -> bool, action: &str, context: &Context) -> bool {
        self.actions.iter().any(|allowed| allowed == action || allowed == "sts:*" || allowed == "*")
            && self.principals.iter().any(who)
            && self.conditions.iter().all(|condition| condition.holds(context))
    }
}

impl TrustPolicy {
    /// Whether `principal` may do `action`.
    pub(crate) fn allows(&self, principal: &Principal, action: &str, context: &Context) -> bool {
        self.statements
            .iter()
            .any(|statement| statement.allows(|trusted| trusted.is(principal), action, context))
    }

    /// Whether a token of `provider_arn` may assume the role.
    pub(crate) fn allows_federated(&self, provider_arn: &str, context: &Context) -> bool {
        let is_provider =
            |trusted: &Trusted| matches!(trusted, Trusted::Federated(arn) if arn == provider_arn);
        self.statements
            .iter()
            .any(|statement| statement.allows(is_provider, "sts:AssumeRoleWithWebIdentity", context))
    }
}

impl Trusted {
    fn parse(text: &str) -> Self {
        if text == "*" {
            return Self::Anyone;
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::Account(text.to_owned());
        }
        match text.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next()) {
            Some(account) => Self::Account(account.to_owned()),
            None => Self::Arn(text.to_owned()),
        }
    }

    fn is(&self, principal: &Principal) -> bool {
        match self {
            Self::Anyone => true,
            Self::Account(account) => *account == principal.account,
            Self::Arn(arn) => *arn == principal.arn() || Some(arn) == principal.role_arn().as_ref(),
            Self::Federated(_) => false,
        }
    }
}

impl Condition {
    fn holds(&self, context: &Context) -> bool {
        let Some(actual) = context.0.get(&self.key.to_ascii_lowercase()) else { return false };
        self.values.iter().any(|value| match self.operator {
            Operator::StringEquals => value == actual,
            Operator::Bool => value.eq_ignore_ascii_case(actual),
        })
    }
}

impl Context {
    /// Adds `key`, if it has a value.
    pub(crate) fn set(&mut self, key: &str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.0.insert(key.to_ascii_lowercase(), value.into());
        }
    }
}

/// The JSON form.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Document {
    #[serde(rename = "Version")]
    _version: Option<String>,
    statement: OneOrMany<StatementDocument>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct StatementDocument {
    #[serde(rename = "Sid")]
    _sid: Option<String>,
    #[serde(rename = "Effect")]
    _effect: Effect,
    principal: PrincipalDocument,
    action: OneOrMany<String>,
    #[serde(default)]
    condition: BTreeMap<Operator, BTreeMap<String, OneOrMany<Scalar>>>,
}

#[derive(Deserialize)]
enum Effect {
    Allow,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum PrincipalDocument {
    Star(String),
    Kinds(PrincipalKinds),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PrincipalKinds {
    #[serde(rename = "AWS", default)]
    aws: OneOrMany<String>,
    #[serde(rename = "Federated", default)]
    federated: OneOrMany<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

/// IAM takes `true` and `"true"` alike.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Bool(bool),
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl<T> OneOrMany<T> {
    fn into_vec(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

impl TryFrom<Document> for TrustPolicy {
    type Error = String;

    fn try_from(document: Document) -> Result<Self, String> {
        let statements = document.statement.into_vec().into_iter().map(Trust::try_from);
        Ok(Self { statements: statements.collect::<Result<_, _>>()? })
    }
}

impl TryFrom<StatementDocument> for Trust {
    type Error = String;

    fn try_from(document: StatementDocument) -> Result<Self, String> {
        let principals = match document.principal {
            PrincipalDocument::Star(star) if star == "*" => vec![Trusted::Anyone],
            PrincipalDocument::Star(text) => return Err(format!("principal `{text}` is not `*`")),
            PrincipalDocument::Kinds(kinds) => {
                let aws = kinds.aws.into_vec().into_iter().map(|text| Trusted::parse(&text));
                aws.chain(kinds.federated.into_vec().into_iter().map(Trusted::Federated)).collect()
            }
        };
        let conditions = document.condition.into_iter().flat_map(|(operator, keys)| {
            keys.into_iter().map(move |(key, values)| {
                let values = values.into_vec().into_iter().map(|value| match value {
                    Scalar::Text(text) => text,
                    Scalar::Bool(truth) => truth.to_string(),
                });
                Condition { operator, key, values: values.collect() }
            })
        });
        Ok(Self { principals, conditions: conditions.collect(), actions: document.action.into_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::PrincipalKind;

    fn user(account: &str, name: &str) -> Principal {
        let kind = PrincipalKind::User { path: "/".into(), name: name.into() };
        Principal { partition: "aws".into(), account: account.into(), kind }
    }

    fn session(role: &str) -> Principal {
        let kind = PrincipalKind::AssumedRole { path: "/a/".into(), role: role.into(), session: "s".into() };
        Principal { partition: "aws".into(), account: "111122223333".into(), kind }
    }

    fn trusts(principal: &str, caller: &Principal) -> bool {
        TrustPolicy { statements: vec![Trust::of(principal)] }.allows(
            caller,
            "sts:AssumeRole",
            &Context::default(),
        )
    }

    #[test]
    fn principals() {
        let ada = user("111122223333", "ada");
        for principal in
            ["*", "111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/ada"]
        {
            assert!(trusts(principal, &ada), "{principal}");
        }
        for principal in
            ["444455556666", "arn:aws:iam::444455556666:root", "arn:aws:iam::111122223333:user/adam"]
        {
            assert!(!trusts(principal, &ada), "{principal}");
        }
        assert!(trusts("arn:aws:iam::111122223333:role/a/Hop", &session("Hop")), "role");
        assert!(trusts("arn:aws:sts::111122223333:assumed-role/Hop/s", &session("Hop")), "one session of it");
        assert!(
            !trusts("arn:aws:iam::111122223333:role/Hop", &session("Hop")),
            "another path is another role"
        );
        assert!(!trusts("arn:aws:sts::111122223333:assumed-role/Hop/t", &session("Hop")));
    }

    #[test]
    fn a_missing_key_never_satisfies() {
        let policy = TrustPolicy { statements: vec![Trust::of("*").with_external_id("x").with_mfa()] };
        let ada = user("111122223333", "ada");
        let mut context = Context::default();
        assert!(!policy.allows(&ada, "sts:AssumeRole", &context));
        context.set("sts:ExternalId", Some("x"));
        assert!(!policy.allows(&ada, "sts:AssumeRole", &context), "no MFA key, as with long-term keys");
        context.set("aws:MultiFactorAuthPresent", Some("false"));
        assert!(!policy.allows(&ada, "sts:AssumeRole", &context));
        context.set("aws:MultiFactorAuthPresent", Some("true"));
        assert!(policy.allows(&ada, "sts:AssumeRole", &context));
        context.set("sts:ExternalId", Some("X"));
        assert!(!policy.allows(&ada, "sts:AssumeRole", &context));
    }

    #[test]
    fn json_is_what_iam_takes() {
        let json = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Principal": {"AWS": ["111122223333", "arn:aws:iam::444455556666:role/Hop"]}, "Action": "sts:AssumeRole",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": true}}}}"#;
        let policy: TrustPolicy = serde_json::from_str(json).unwrap();
        let mut context = Context::default();
        assert!(!policy.allows(&user("111122223333", "ada"), "sts:AssumeRole", &context));
        context.set("aws:MultiFactorAuthPresent", Some("true"));
        assert!(policy.allows(&user("111122223333", "ada"), "sts:AssumeRole", &context));
        assert!(!policy.allows(&user("111122223333", "ada"), "sts:TagSession", &context));
    }

    #[test]
    fn what_cannot_be_judged_is_refused_when_read() {
        let allow = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}"#;
        assert!(serde_json::from_str::<TrustPolicy>(allow).is_ok());
        for (from, to) in [
            ("Allow", "Deny"),
            (r#""Principal": "*""#, r#""NotPrincipal": "*""#),
            (r#""Principal": "*""#, r#""Principal": {"Service": "ec2.amazonaws.com"}"#),
            (r#""Action""#, r#""Condition": {"StringLike": {"sts:ExternalId": "x*"}}, "Action""#),
        ] {
            let json = allow.replace(from, to);
            assert_ne!(json, allow);
            assert!(serde_json::from_str::<TrustPolicy>(&json).is_err(), "{json}");
        }
    }
}
