//! AssumeRole: parameters, MFA, trust, durations, in this order.
//!
//! Must not know how trust policies are judged.

use super::narrowing::Narrowing;
use crate::{
    attempt::Attempt,
    caller::{Caller, Grant},
    checks::{Checks, Pattern},
    error::AwsError,
    form::Params,
    principal::PrincipalKind,
    reply::Element,
    state::Role,
    trust::{Context, Verdict},
    world::World,
};

const DEFAULT_SECONDS: i64 = 3600;
const MOST_SECONDS_IN_A_CHAIN: i64 = 3600;

/// The parameters.
struct Asked<'a> {
    role_arn: &'a str,
    session_name: &'a str,
    seconds: Option<i64>,
    external_id: Option<&'a str>,
    serial: Option<&'a str>,
    code: Option<&'a str>,
    source_identity: Option<&'a str>,
    narrowing: Narrowing<'a>,
}

pub(super) fn assume_role(
    world: &mut World,
    caller: &Caller,
    params: &Params,
) -> Result<Vec<Element>, AwsError> {
    let asked = Asked::parse(params)?;
    let mfa = world.check_mfa(caller, asked.serial, asked.code)?;
    if caller.temporary && asked.seconds > Some(MOST_SECONDS_IN_A_CHAIN) {
        return Err(AwsError::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        ));
    }
    let role = authorize(world, caller, &asked, mfa)?;
    asked.narrowing.check(&caller.grant.transitive_tags)?;
    let seconds = check_max_session(&role, asked.seconds)?;
    Ok(issue(world, caller, &role, &asked, seconds))
}

impl<'a> Asked<'a> {
    fn parse(params: &'a Params) -> Result<Self, AwsError> {
        let mut checks = Checks::default();
        let (role_arn, session_name) = check_role_and_name(&mut checks, params);
        let seconds = checks.seconds("durationSeconds", params.get("DurationSeconds"), 900, 43_200)?;
        let asked = Self {
            role_arn,
            session_name,
            seconds,
            external_id: params.get("ExternalId"),
            serial: params.get("SerialNumber"),
            code: params.get("TokenCode"),
            source_identity: params.get("SourceIdentity"),
            narrowing: Narrowing::parse(params, &mut checks),
        };
        checks.length("externalId", asked.external_id, 2, 1224);
        checks.pattern("externalId", asked.external_id, Pattern::ExternalId);
        checks.length("sourceIdentity", asked.source_identity, 2, 64);
        checks.pattern("sourceIdentity", asked.source_identity, Pattern::Name);
        check_mfa_params(&mut checks, params);
        checks.finish()?;
        check_arn(role_arn)?;
        Ok(asked)
    }
}

/// `RoleArn` and `RoleSessionName`, of AssumeRole and of AssumeRoleWithWebIdentity.
pub(super) fn check_role_and_name<'a>(checks: &mut Checks, params: &'a Params) -> (&'a str, &'a str) {
    let (role_arn, name) = (params.get("RoleArn"), params.get("RoleSessionName"));
    checks.length("roleArn", role_arn, 20, 2048);
    checks.length("roleSessionName", name, 2, 64);
    checks.pattern("roleSessionName", name, Pattern::Name);
    (checks.required("roleArn", role_arn), checks.required("roleSessionName", name))
}

/// `SerialNumber` and `TokenCode`, of AssumeRole and of GetSessionToken.
pub(super) fn check_mfa_params(checks: &mut Checks, params: &Params) {
    let (serial, code) = (params.get("SerialNumber"), params.get("TokenCode"));
    checks.length("serialNumber", serial, 9, 256);
    checks.pattern("serialNumber", serial, Pattern::Serial);
    checks.length("tokenCode", code, 6, 6);
    checks.pattern("tokenCode", code, Pattern::Digits);
}

/// What is no role ARN at all is told apart from a role that may not be assumed.
pub(super) fn check_arn(arn: &str) -> Result<(), AwsError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", partition, "iam", "", account, role]
            if !partition.is_empty() && account.len() == 12 && role.starts_with("role/") =>
        {
            Ok(())
        }
        _ => Err(AwsError::validation(format!("{arn} is invalid"))),
    }
}

/// MaxSessionDuration; gives the seconds that hold.
pub(super) fn check_max_session(role: &Role, asked: Option<i64>) -> Result<i64, AwsError> {
    if asked > Some(role.max_session_duration) {
        return Err(AwsError::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(asked.unwrap_or(DEFAULT_SECONDS))
}

fn authorize(world: &World, caller: &Caller, asked: &Asked<'_>, mfa: bool) -> Result<Role, AwsError> {
    let context = context(world, caller, asked, mfa);
    let attempt = |action| Attempt { caller, action, resource: asked.role_arn, context: &context };
    let mut actions = vec!["sts:AssumeRole"];
    if asked.narrowing.has_tags() || !caller.grant.transitive_tags.is_empty() {
        actions.push("sts:TagSession");
    }
    if source_identity(caller, asked).is_some() {
        actions.push("sts:SetSourceIdentity");
    }
    let is_federated = matches!(caller.grant.principal.kind, PrincipalKind::Federated { .. });
    let role = world.state.role(asked.role_arn).filter(|_| !is_federated);
    for action in actions {
        let attempt = attempt(action);
        attempt.check_own_policies(world)?;
        let role = role.ok_or_else(|| attempt.not_trusted())?;
        match role.trust.judge(&caller.grant.principal, action, &context) {
            Verdict::Allowed => {}
            Verdict::NotAllowed => return Err(attempt.not_trusted()),
            Verdict::Denied(statement) => return Err(attempt.denied_by_trust(statement)),
        }
    }
    match (role, &caller.grant.source_identity, asked.source_identity) {
        (Some(_), Some(kept), Some(other)) if kept != other => {
            Err(attempt("sts:SetSourceIdentity").not_trusted())
        }
        (Some(role), ..) => Ok(role.clone()),
        (None, ..) => Err(attempt("sts:AssumeRole").not_trusted()),
    }
}

/// The source identity of the chain so far, which cannot be changed, or the one asked for.
fn source_identity(caller: &Caller, asked: &Asked<'_>) -> Option<String> {
    caller.grant.source_identity.clone().or_else(|| asked.source_identity.map(str::to_owned))
}

fn context(world: &World, caller: &Caller, asked: &Asked<'_>, mfa: bool) -> Context {
    let mut context = world.context(caller, mfa);
    context.set("sts:ExternalId", asked.external_id);
    context.set("sts:RoleSessionName", Some(asked.session_name));
    context.set("sts:SourceIdentity", source_identity(caller, asked));
    asked.narrowing.set_keys(&mut context);
    context
}

fn issue(world: &mut World, caller: &Caller, role: &Role, asked: &Asked<'_>, seconds: i64) -> Vec<Element> {
    let source_identity = source_identity(caller, asked);
    let grant = Grant {
        principal: role.principal(&world.state.partition, asked.session_name),
        mfa_at: None,
        tags: asked.narrowing.session_tags(&caller.grant.transitive_tags),
        transitive_tags: asked.narrowing.transitive_tags(&caller.grant.transitive_tags),
        source_identity: source_identity.clone(),
    };
    let mut result = role_answer(world, grant, seconds);
    result.extend(asked.narrowing.packed_size());
    result.extend(source_identity.map(|identity| Element::text("SourceIdentity", identity)));
    result
}

/// `Credentials` and `AssumedRoleUser`.
pub(super) fn role_answer(world: &mut World, grant: Grant, seconds: i64) -> Vec<Element> {
    let user = vec![
        Element::text("AssumedRoleId", grant.principal.user_id()),
        Element::text("Arn", grant.principal.arn()),
    ];
    vec![world.issue(grant, seconds).element(), Element::Group("AssumedRoleUser", user)]
}
