//! The JSON of a trust policy, as IAM takes it.
//!
//! Must not know how it is judged.

use std::collections::BTreeMap;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use serde_json::Value;

use super::{Trust, TrustPolicy, condition::Condition, operator::Test, trusted::Trusted};

/// The whole policy.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Document {
    version: Option<Version>,
    #[serde(rename = "Id")]
    _id: Option<String>,
    statement: OneOrMany<Statement>,
}

#[derive(Deserialize, PartialEq, Eq)]
enum Version {
    #[serde(rename = "2012-10-17")]
    New,
    #[serde(rename = "2008-10-17")]
    Old,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Statement {
    #[serde(default)]
    sid: String,
    effect: Effect,
    principal: Option<Principals>,
    not_principal: Option<Principals>,
    action: Option<OneOrMany<String>>,
    not_action: Option<OneOrMany<String>>,
    #[serde(default)]
    condition: BTreeMap<String, BTreeMap<String, OneOrMany<Scalar>>>,
}

#[derive(Deserialize, PartialEq, Eq)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Principals {
    Star(String),
    Kinds(Kinds),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kinds {
    #[serde(rename = "AWS", default)]
    aws: OneOrMany<String>,
    #[serde(rename = "Federated", default)]
    federated: OneOrMany<String>,
    #[serde(rename = "Service", default)]
    service: OneOrMany<String>,
}

struct OneOrMany<T>(Vec<T>);

/// IAM takes `true` and `"true"` alike, and numbers with and without quotes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Bool(bool),
    Number(serde_json::Number),
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for OneOrMany<T> {
    /// By hand, since an untagged enum does not say what is wrong inside it.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let many = match Value::deserialize(from)? {
            Value::Array(many) => many,
            one => vec![one],
        };
        let many = many.into_iter().map(serde_json::from_value).collect::<Result<_, _>>();
        many.map(Self).map_err(D::Error::custom)
    }
}

impl Scalar {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Bool(truth) => truth.to_string(),
            Self::Number(number) => number.to_string(),
        }
    }
}

impl Principals {
    fn into_trusted(self) -> Vec<Trusted> {
        match self {
            Self::Star(star) if star == "*" => vec![Trusted::Anyone],
            Self::Star(other) => vec![Trusted::Unknown(other)],
            Self::Kinds(Kinds { aws, federated, service }) => {
                let aws = aws.0.into_iter().map(|text| Trusted::parse(&text));
                let federated = federated.0.into_iter().map(Trusted::Federated);
                aws.chain(federated).chain(service.0.into_iter().map(Trusted::Service)).collect()
            }
        }
    }
}

impl TryFrom<Document> for TrustPolicy {
    type Error = String;

    fn try_from(document: Document) -> Result<Self, String> {
        let statements = document.statement.0.into_iter().map(Trust::try_from);
        let has_variables = document.version == Some(Version::New);
        let policy = Self { statements: statements.collect::<Result<_, _>>()?, has_variables };
        policy.check().map(|()| policy)
    }
}

impl TryFrom<Statement> for Trust {
    type Error = String;

    fn try_from(statement: Statement) -> Result<Self, String> {
        let (principals, excepts_principals) =
            either(statement.principal, statement.not_principal, "Principal")?;
        let (actions, excepts_actions) = either(statement.action, statement.not_action, "Action")?;
        let mut conditions = Vec::new();
        for (operator, keys) in statement.condition {
            let test = Test::parse(&operator);
            let test = test.ok_or_else(|| format!("operator `{operator}` cannot be judged"))?;
            conditions.extend(keys.into_iter().map(|(key, values)| Condition {
                test,
                key,
                values: values.0.into_iter().map(Scalar::into_text).collect(),
            }));
        }
        Ok(Self {
            sid: statement.sid,
            denies: statement.effect == Effect::Deny,
            principals: principals.into_trusted(),
            excepts_principals,
            actions: actions.0,
            excepts_actions,
            conditions,
        })
    }
}

/// An element or its negation: exactly one of them has to be there.
fn either<T>(plain: Option<T>, negated: Option<T>, name: &str) -> Result<(T, bool), String> {
    match (plain, negated) {
        (Some(plain), None) => Ok((plain, false)),
        (None, Some(negated)) => Ok((negated, true)),
        _ => Err(format!("a statement has either `{name}` or `Not{name}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Operator, *};

    const ALLOW: &str = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}"#;

    fn read(json: &str) -> Result<TrustPolicy, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn json_is_what_iam_takes() {
        let json = r#"{"Version": "2012-10-17", "Id": "x", "Statement": {"Sid": "S", "Effect": "Deny",
            "NotPrincipal": {"AWS": ["111122223333", "arn:aws:iam::444455556666:role/Hop"]},
            "NotAction": ["sts:TagSession"],
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": true},
                "NumericGreaterThan": {"aws:MultiFactorAuthAge": 3600},
                "ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}}}}"#;
        let trust = Trust::of_all_but(&["111122223333", "arn:aws:iam::444455556666:role/Hop"])
            .sid("S")
            .denying()
            .all_but(&["sts:TagSession"])
            .when(Operator::Bool.if_exists(), "aws:MultiFactorAuthPresent", "true")
            .when_one_of(Operator::StringEquals.for_any_value(), "aws:TagKeys", &["a", "b"])
            .when(Operator::NumericGreaterThan, "aws:MultiFactorAuthAge", "3600");
        assert_eq!(read(json).unwrap().statements, [trust]);
    }

    #[test]
    fn variables_belong_to_the_new_version() {
        assert!(read(ALLOW).unwrap().has_variables);
        assert!(!read(&ALLOW.replace("2012-10-17", "2008-10-17")).unwrap().has_variables);
        assert!(!read(&ALLOW.replace(r#""Version": "2012-10-17", "#, "")).unwrap().has_variables);
    }

    #[test]
    fn what_cannot_be_judged_is_refused_when_read() {
        assert!(read(ALLOW).is_ok());
        for (from, to, words) in [
            ("2012-10-17", "2026-01-01", "unknown variant `2026-01-01`"),
            (r#""Principal": "*""#, r#""Principal": "ada""#, "`ada` is no principal"),
            (r#""Principal": "*","#, "", "either `Principal` or `NotPrincipal`"),
            (r#""Principal": "*""#, r#""Principal": {"CanonicalUser": "x"}"#, "did not match any variant"),
            (r#""Action""#, r#""NotAction": "*", "Action""#, "either `Action` or `NotAction`"),
            (r#""Action""#, r#""Resource": "*", "Action""#, "unknown field `Resource`"),
            (
                r#""Action""#,
                r#""Condition": {"BinaryEquals": {"sts:ExternalId": "x"}}, "Action""#,
                "operator `BinaryEquals` cannot be judged",
            ),
            (
                r#""Action""#,
                r#""Condition": {"StringLike": {"aws:Nobody": "x"}}, "Action""#,
                "condition key `aws:Nobody` cannot be judged",
            ),
        ] {
            let json = ALLOW.replace(from, to);
            assert_ne!(json, ALLOW);
            let error = read(&json).unwrap_err().to_string();
            assert!(error.contains(words), "{json}: {error}");
        }
    }
}
