//! A role's trust policy: who may assume the role, and under which conditions.
//!
//! Reads the JSON that IAM takes, and judges as IAM does: an explicit deny wins, else one allowing statement suffices.
//! What it cannot judge is refused when the policy is read, so that no test passes because a rule was overlooked. Must
//! not know actions' parameters: what conditions look at comes in a [`Context`].

mod condition;
mod context;
mod document;
mod operator;
mod trusted;
mod value;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::principal::Principal;
use condition::Condition;
use trusted::{Trusted, excepts};

pub(crate) use context::Context;
pub use operator::{Operator, Test};
pub(crate) use value::action_fits;

/// Statements and the version of their language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "document::Document")]
pub struct TrustPolicy {
    pub(crate) statements: Vec<Trust>,
    /// Whether `${…}` in a value is a variable: not in version 2008-10-17, which a policy without a version has.
    has_variables: bool,
}

/// One statement of a trust policy, made as a sentence:
/// `Trust::of("arn:aws:iam::111122223333:user/ada").with_mfa().with_external_id("x")`.
///
/// What makes no sense in it, such as a date that is none, is refused when the fake is started.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a statement is for `Role::trusts`"]
pub struct Trust {
    sid: String,
    denies: bool,
    principals: Vec<Trusted>,
    /// `NotPrincipal`: all but these.
    excepts_principals: bool,
    actions: Vec<String>,
    /// `NotAction`: all but these.
    excepts_actions: bool,
    conditions: Vec<Condition>,
}

/// What a policy says about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict<'a> {
    Allowed,
    /// No statement allows it.
    NotAllowed,
    /// This statement denies it.
    Denied(&'a Trust),
}

/// Who asks.
#[derive(Clone, Copy)]
enum Asker<'a> {
    Principal(&'a Principal),
    /// The bearer of a token of this provider.
    Provider(&'a str),
}

impl Trust {
    /// Trusts `principal`: `*`, twelve digits or `arn:…:root` (anyone in the account), the ARN of a user, of a role
    /// (any session of it) or of one assumed-role session, or the id of a user or a role (`AROA…`).
    pub fn of(principal: &str) -> Self {
        Self::principals(vec![Trusted::parse(principal)])
    }

    /// Trusts all but these; a session is left out only where its account, its role and itself are named.
    pub fn of_all_but(principals: &[&str]) -> Self {
        let principals = principals.iter().map(|principal| Trusted::parse(principal)).collect();
        Self { excepts_principals: true, ..Self::principals(principals) }
    }

    /// Trusts the tokens of an OIDC provider (`arn:…:oidc-provider/ISSUER`) with AssumeRoleWithWebIdentity.
    pub fn federated(provider_arn: &str) -> Self {
        let actions = vec!["sts:AssumeRoleWithWebIdentity".to_owned()];
        Self { actions, ..Self::principals(vec![Trusted::Federated(provider_arn.to_owned())]) }
    }

    /// Trusts a service (`ec2.amazonaws.com`), and so nobody who calls here.
    pub fn service(service: &str) -> Self {
        Self::principals(vec![Trusted::Service(service.to_owned())])
    }

    /// Denies what it would allow; no other statement can allow that again.
    pub fn denying(mut self) -> Self {
        self.denies = true;
        self
    }

    /// The statement's name.
    pub fn sid(mut self, sid: &str) -> Self {
        sid.clone_into(&mut self.sid);
        self
    }

    /// Only with this ExternalId.
    pub fn with_external_id(self, id: &str) -> Self {
        self.when(Operator::StringEquals, "sts:ExternalId", id)
    }

    /// Only with MFA, in the call or in the session that calls.
    pub fn with_mfa(self) -> Self {
        self.when(Operator::Bool, "aws:MultiFactorAuthPresent", "true")
    }

    /// Only with MFA that is younger than so many seconds.
    pub fn with_mfa_younger_than(self, seconds: u32) -> Self {
        self.when(Operator::NumericLessThan, "aws:MultiFactorAuthAge", &seconds.to_string())
    }

    /// Only under this condition.
    pub fn when(self, test: impl Into<Test>, key: &str, value: &str) -> Self {
        self.when_one_of(test, key, &[value])
    }

    /// Only under this condition, whose values are alternatives.
    pub fn when_one_of(mut self, test: impl Into<Test>, key: &str, values: &[&str]) -> Self {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        self.conditions.push(Condition { test: test.into(), key: key.to_owned(), values });
        self
    }

    /// Allows exactly these actions (`sts:AssumeRole`, `sts:TagSession`, `sts:SetSourceIdentity`) instead of all three.
    pub fn only(mut self, actions: &[&str]) -> Self {
        self.actions = actions.iter().map(|&action| action.to_owned()).collect();
        self.excepts_actions = false;
        self
    }

    /// Allows all actions but these.
    pub fn all_but(self, actions: &[&str]) -> Self {
        Self { excepts_actions: true, ..self.only(actions) }
    }

    fn principals(principals: Vec<Trusted>) -> Self {
        let actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"].map(str::to_owned);
        Self {
            sid: String::new(),
            denies: false,
            principals,
            excepts_principals: false,
            actions: actions.into(),
            excepts_actions: false,
            conditions: Vec::new(),
        }
    }

    fn check(&self) -> Result<(), String> {
        if let Some(Trusted::Unknown(text)) =
            self.principals.iter().find(|trusted| matches!(trusted, Trusted::Unknown(_)))
        {
            return Err(format!("`{text}` is no principal"));
        }
        self.conditions.iter().try_for_each(Condition::check)
    }

    fn applies(&self, asker: Asker<'_>, action: &str, with_variables: bool, context: &Context) -> bool {
        let names_action = self.actions.iter().any(|pattern| action_fits(pattern, action));
        names_action != self.excepts_actions
            && self.names(asker)
            && self.conditions.iter().all(|condition| condition.holds(with_variables, context))
    }

    fn names(&self, asker: Asker<'_>) -> bool {
        match (asker, self.excepts_principals) {
            (Asker::Principal(principal), false) => {
                self.principals.iter().any(|trusted| trusted.is(principal))
            }
            (Asker::Principal(principal), true) => !excepts(&self.principals, principal),
            (Asker::Provider(arn), excepted) => {
                self.principals.iter().any(|trusted| trusted.is_provider(arn)) != excepted
            }
        }
    }

    /// As DecodeAuthorizationMessage shows a statement.
    pub(crate) fn to_decoded(&self, resource: &str) -> Value {
        let conditions = self.conditions.iter().map(|condition| {
            json!({ "key": condition.key, "values": items(condition.values.iter().map(|value| json!({ "value": value }))) })
        });
        let texts = |texts: Vec<&str>| items(texts.into_iter().map(|text| json!({ "value": text })));
        json!({
            "statementId": self.sid,
            "effect": if self.denies { "DENY" } else { "ALLOW" },
            "principals": texts(self.principals.iter().map(Trusted::text).collect()),
            "principalGroups": items([]),
            "actions": texts(self.actions.iter().map(String::as_str).collect()),
            "resources": texts(vec![resource]),
            "conditions": items(conditions),
        })
    }
}

/// A list as DecodeAuthorizationMessage writes lists.
pub(crate) fn items(values: impl IntoIterator<Item = Value>) -> Value {
    json!({ "items": Value::from_iter(values) })
}

impl Default for TrustPolicy {
    fn default() -> Self {
        Self { statements: Vec::new(), has_variables: true }
    }
}

impl TrustPolicy {
    /// Whether `principal` may do `action`.
    pub(crate) fn judge(&self, principal: &Principal, action: &str, context: &Context) -> Verdict<'_> {
        self.decide(Asker::Principal(principal), action, context)
    }

    /// Whether a token of `provider_arn` may assume the role.
    pub(crate) fn judge_federated(&self, provider_arn: &str, context: &Context) -> Verdict<'_> {
        self.decide(Asker::Provider(provider_arn), "sts:AssumeRoleWithWebIdentity", context)
    }

    fn decide(&self, asker: Asker<'_>, action: &str, context: &Context) -> Verdict<'_> {
        let applies = |trust: &&Trust| trust.applies(asker, action, self.has_variables, context);
        let mut applying = self.statements.iter().filter(applies).peekable();
        if applying.peek().is_none() {
            return Verdict::NotAllowed;
        }
        applying.find(|trust| trust.denies).map_or(Verdict::Allowed, Verdict::Denied)
    }

    /// Why it cannot be judged.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.statements.iter().try_for_each(Trust::check)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::PrincipalKind;

    const ASSUME: &str = "sts:AssumeRole";

    fn ada() -> Principal {
        let kind = PrincipalKind::User { path: "/".into(), name: "ada".into() };
        Principal { partition: "aws".into(), account: "111122223333".into(), kind }
    }

    fn policy<const N: usize>(statements: [Trust; N]) -> TrustPolicy {
        TrustPolicy { statements: statements.into(), ..TrustPolicy::default() }
    }

    fn context(pairs: &[(&str, &str)]) -> Context {
        let mut context = Context::default();
        for (key, value) in pairs {
            context.set(key, Some(*value));
        }
        context
    }

    fn allows(policy: &TrustPolicy, action: &str, pairs: &[(&str, &str)]) -> bool {
        assert_eq!(policy.check(), Ok(()));
        policy.judge(&ada(), action, &context(pairs)) == Verdict::Allowed
    }

    #[test]
    fn every_condition_of_a_statement_must_hold() {
        let policy = policy([Trust::of("*").with_external_id("x").with_mfa()]);
        let (id, mfa) = ("sts:ExternalId", "aws:MultiFactorAuthPresent");
        assert!(!allows(&policy, ASSUME, &[]));
        assert!(!allows(&policy, ASSUME, &[(id, "x")]), "no MFA key, as with long-term keys");
        assert!(!allows(&policy, ASSUME, &[(id, "x"), (mfa, "false")]));
        assert!(allows(&policy, ASSUME, &[(id, "x"), (mfa, "true")]));
        assert!(!allows(&policy, ASSUME, &[(id, "X"), (mfa, "true")]));
    }

    #[test]
    fn a_denial_wins_wherever_it_stands() {
        let without_mfa = Trust::of("*").denying().sid("Mfa").when(
            Operator::Bool.if_exists(),
            "aws:MultiFactorAuthPresent",
            "false",
        );
        for policy in [
            policy([without_mfa.clone(), Trust::of("111122223333")]),
            policy([Trust::of("111122223333"), without_mfa.clone()]),
        ] {
            let verdict = policy.judge(&ada(), ASSUME, &Context::default());
            assert_eq!(verdict, Verdict::Denied(&without_mfa), "the key is missing, as with long-term keys");
            assert!(allows(&policy, ASSUME, &[("aws:MultiFactorAuthPresent", "true")]));
        }
        let only_denied = policy([Trust::of("*").denying().with_mfa()]);
        assert_eq!(only_denied.judge(&ada(), ASSUME, &Context::default()), Verdict::NotAllowed);
    }

    #[test]
    fn actions_and_exceptions() {
        let tags = "sts:TagSession";
        for (trust, assume, tag) in [
            (Trust::of("*"), true, true),
            (Trust::of("*").only(&["sts:assume*"]), true, false),
            (Trust::of("*").only(&["*"]), true, true),
            (Trust::of("*").all_but(&["sts:TagSession"]), true, false),
            (Trust::of("*").all_but(&["sts:*"]), false, false),
            (Trust::of_all_but(&["444455556666"]), true, true),
            (Trust::of_all_but(&["111122223333", "arn:aws:iam::111122223333:user/ada"]), false, false),
            (Trust::service("ec2.amazonaws.com"), false, false),
        ] {
            let policy = policy([trust.clone()]);
            assert_eq!(
                (allows(&policy, ASSUME, &[]), allows(&policy, tags, &[])),
                (assume, tag),
                "{trust:?}"
            );
        }
    }

    #[test]
    fn a_statement_may_be_about_the_caller() {
        let own_name = Trust::of("*").when(Operator::StringLike, "sts:RoleSessionName", "${aws:username}-*");
        let policy = policy([own_name]);
        let asked = |name| [("aws:username", "ada"), ("sts:RoleSessionName", name)];
        assert!(allows(&policy, ASSUME, &asked("ada-1")) && !allows(&policy, ASSUME, &asked("bob-1")));
        assert!(!allows(&policy, ASSUME, &[("sts:RoleSessionName", "-1")]), "a session has no user name");
        let old = TrustPolicy { has_variables: false, ..policy };
        assert!(!allows(&old, ASSUME, &asked("ada-1")));
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        for trust in [
            Trust::of("ada"),
            Trust::of_all_but(&["arn:aws:iam::111122223333:user/*"]),
            Trust::of("*").when(Operator::DateLessThan, "aws:CurrentTime", "soon"),
        ] {
            assert!(policy([trust.clone()]).check().is_err(), "{trust:?}");
        }
    }
}
