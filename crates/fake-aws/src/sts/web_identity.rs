//! AssumeRoleWithWebIdentity: a token of an OIDC provider instead of a signature.
//!
//! Tokens are not parsed: those of the state are good, all others are not. Must not know callers.

use jiff::SignedDuration;

use super::assume_role::{check_arn, check_max_session, check_role_and_name, role_answer};
use crate::{
    caller::Grant,
    checks::Checks,
    error::AwsError,
    form::Params,
    principal::iam_arn,
    reply::Element,
    state::{Role, WebIdentity},
    trust::{Context, Verdict},
    world::World,
};

/// Does the action; nobody signed it.
pub(crate) fn assume_role_with_web_identity(
    world: &mut World,
    params: &Params,
) -> Result<Vec<Element>, AwsError> {
    let mut checks = Checks::default();
    let (role_arn, name) = check_role_and_name(&mut checks, params);
    let token = params.get("WebIdentityToken");
    checks.length("webIdentityToken", token, 4, 20_000);
    let token = checks.required("webIdentityToken", token);
    let seconds = checks.seconds("durationSeconds", params.get("DurationSeconds"), 900, 43_200)?;
    checks.finish()?;
    check_arn(role_arn)?;
    let identity = find_identity(world, token)?;
    let role = authorize(world, role_arn, &identity)?;
    let seconds = check_max_session(&role, seconds)?;
    let grant = Grant::plain(role.principal(&world.state.partition, name));
    let mut result = role_answer(world, grant, seconds);
    result.push(Element::text("SubjectFromWebIdentityToken", &identity.subject));
    result.push(Element::text("Audience", &identity.audience));
    result.push(Element::text("Provider", provider_arn(world, &role, &identity)));
    Ok(result)
}

fn find_identity(world: &World, token: &str) -> Result<WebIdentity, AwsError> {
    // Token files often end in a newline, which the CLI sends along.
    let token = token.trim_end();
    let known = world.state.web_identities.iter().find(|identity| identity.token.trim_end() == token);
    let identity = known.cloned().ok_or_else(|| {
        let is_jwt = token.split('.').filter(|part| !part.is_empty()).count() == 3;
        let message = if is_jwt {
            "Couldn't retrieve verification key from your identity provider, please reference \
             AssumeRoleWithWebIdentity documentation for requirements"
        } else {
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        };
        AwsError::new(400, "InvalidIdentityToken", message)
    })?;
    let expires_at = world.started_at + SignedDuration::from_secs(identity.expires_in);
    if expires_at <= world.clock.now() {
        let message = format!(
            "Token expired: current date/time {} must be before the expiration date/time {}",
            world.clock.now().as_second(),
            expires_at.as_second()
        );
        return Err(AwsError::new(400, "ExpiredTokenException", message));
    }
    Ok(identity)
}

fn authorize(world: &World, role_arn: &str, identity: &WebIdentity) -> Result<Role, AwsError> {
    let issuer = issuer_name(identity);
    let mut context = Context::default();
    context.set(&format!("{issuer}:aud"), Some(&identity.audience));
    context.set(&format!("{issuer}:sub"), Some(&identity.subject));
    world
        .state
        .role(role_arn)
        .filter(|role| {
            role.trust.judge_federated(&provider_arn(world, role, identity), &context) == Verdict::Allowed
        })
        .cloned()
        .ok_or_else(|| AwsError::access_denied("Not authorized to perform sts:AssumeRoleWithWebIdentity"))
}

fn provider_arn(world: &World, role: &Role, identity: &WebIdentity) -> String {
    iam_arn(&world.state.partition, &role.account, "oidc-provider", "/", issuer_name(identity))
}

fn issuer_name(identity: &WebIdentity) -> &str {
    identity.issuer.trim_start_matches("https://")
}
