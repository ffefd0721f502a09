//! Policy statements that would allow the very call that was refused: for the role's trust policy, and for the caller's
//! own policies.
//!
//! Must not know whether they are what is missing.

use serde_json::{Value, json};

use super::{Caller, CallerKind, Claims};
use crate::chain::{
    attempt::{Attempt, MfaProof},
    source::{BaseSource, Chain},
};

const SSO_ROLE: &str = "AWSReservedSSO_";

/// For the trust policy of the chain's `index`th role: it names the caller and asks for what was sent. `None` where who
/// called cannot be named.
pub fn trust_statement(
    chain: &Chain,
    index: usize,
    attempt: &Attempt,
    caller: Option<&Caller<'_>>,
) -> Option<String> {
    let step = chain.steps.get(index)?;
    let (principal, pattern) = principal(chain, index, caller)?;
    let mut condition = serde_json::Map::new();
    if let Some(pattern) = pattern {
        condition.insert("ArnLike".to_owned(), json!({ "aws:PrincipalArn": pattern }));
    }
    if let Some(id) = &step.external_id {
        condition.insert("StringEquals".to_owned(), json!({ "sts:ExternalId": id.value }));
    }
    if attempt.mfa != MfaProof::None {
        condition.insert("Bool".to_owned(), json!({ "aws:MultiFactorAuthPresent": "true" }));
    }
    let until_here = &chain.steps[..=index];
    let mut actions = vec!["sts:AssumeRole"];
    let hands_tags_on = until_here[..index].iter().any(|step| !step.narrowing.transitive_tag_keys.is_empty());
    if !step.narrowing.tags.is_empty() || hands_tags_on {
        actions.push("sts:TagSession");
    }
    if until_here.iter().any(|step| step.narrowing.source_identity.is_some()) {
        actions.push("sts:SetSourceIdentity");
    }
    Some(statement(&json!({ "AWS": principal }), &actions, condition))
}

/// For the trust policy of `role_arn`, which a token with these claims is to open.
pub fn web_trust_statement(role_arn: &crate::arn::RoleArn, claims: &Claims) -> Option<String> {
    let (partition, account) = (role_arn.partition()?, role_arn.account()?);
    let issuer = &claims.issuer;
    let mut asked = serde_json::Map::new();
    for (name, value) in [("aud", &claims.audience), ("sub", &claims.subject)] {
        if let Some(value) = value {
            asked.insert(format!("{issuer}:{name}"), json!(value));
        }
    }
    let mut condition = serde_json::Map::new();
    if !asked.is_empty() {
        condition.insert("StringEquals".to_owned(), Value::Object(asked));
    }
    let provider = json!({ "Federated": format!("arn:{partition}:iam::{account}:oidc-provider/{issuer}") });
    Some(statement(&provider, &["sts:AssumeRoleWithWebIdentity"], condition))
}

/// For the caller's own policies.
pub fn identity_statement(action: &str, resource: &str) -> String {
    render(&[("Effect", json!("Allow")), ("Action", json!(action)), ("Resource", json!(resource))])
}

/// Whom the trust policy has to name, and the pattern that narrows it where the name alone would be too much.
fn principal(chain: &Chain, index: usize, caller: Option<&Caller<'_>>) -> Option<(String, Option<String>)> {
    // What the configuration says of the role that calls has its path, which the caller's ARN lacks.
    let known = match (index.checked_sub(1), &chain.base.source) {
        (Some(before), _) => Some(&chain.steps[before].role_arn.value),
        (None, BaseSource::WebIdentity(web)) => Some(&web.role_arn.value),
        (None, _) => None,
    };
    if let Some(role) = known.filter(|role| role.is_well_formed()) {
        return Some((role.to_string(), None));
    }
    let Caller { arn, partition, account, kind } = caller?;
    match kind {
        // Such a role's suffix and path are made by Identity Center, and are others when it is assigned anew.
        CallerKind::Role { name, .. } if name.starts_with(SSO_ROLE) => {
            let set = name.rsplit_once('_').map_or(*name, |(set, _)| set);
            let role = format!("arn:{partition}:iam::{account}:role/aws-reserved/sso.amazonaws.com/*{set}_*");
            Some((format!("arn:{partition}:iam::{account}:root"), Some(role)))
        }
        CallerKind::Role { name, .. } => Some((format!("arn:{partition}:iam::{account}:role/{name}"), None)),
        CallerKind::User(_) | CallerKind::Other => Some(((*arn).to_owned(), None)),
        CallerKind::Root => None,
    }
}

fn statement(principal: &Value, actions: &[&str], condition: serde_json::Map<String, Value>) -> String {
    let action = match actions {
        [only] => json!(only),
        several => json!(several),
    };
    let mut fields = vec![("Effect", json!("Allow")), ("Principal", principal.clone()), ("Action", action)];
    if !condition.is_empty() {
        fields.push(("Condition", Value::Object(condition)));
    }
    render(&fields)
}

/// One line for each field.
fn render(fields: &[(&str, Value)]) -> String {
    let lines: Vec<_> =
        fields.iter().map(|(name, value)| format!("  \"{name}\": {}", spaced(value))).collect();
    format!("{{\n{}\n}}", lines.join(",\n"))
}

/// JSON on one line, with blanks where people put them.
fn spaced(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|(name, value)| format!("{}: {}", json!(name), spaced(value))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(spaced).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}
