//! GetSessionToken and GetFederationToken: temporary credentials of an IAM user, for its own long-term keys only.
//!
//! Must not know roles.

use super::{assume_role::check_mfa_params, narrowing::Narrowing};
use crate::{
    attempt::Attempt,
    caller::{Caller, Grant},
    checks::{Checks, Pattern},
    error::AwsError,
    form::Params,
    principal::{Principal, PrincipalKind},
    reply::Element,
    world::World,
};

const LEAST_SECONDS: i64 = 900;
const MOST_SECONDS: i64 = 129_600;
const DEFAULT_SECONDS: i64 = 43_200;

pub(super) fn get_session_token(
    world: &mut World,
    caller: &Caller,
    params: &Params,
) -> Result<Vec<Element>, AwsError> {
    refuse_temporary(caller, "GetSessionToken")?;
    let mut checks = Checks::default();
    let seconds =
        checks.seconds("durationSeconds", params.get("DurationSeconds"), LEAST_SECONDS, MOST_SECONDS)?;
    check_mfa_params(&mut checks, params);
    checks.finish()?;
    let mfa = world.check_mfa(caller, params.get("SerialNumber"), params.get("TokenCode"))?;
    let mfa_at = mfa.then(|| world.clock.now());
    let grant = Grant { mfa_at, ..caller.grant.clone() };
    Ok(vec![world.issue(grant, seconds.unwrap_or(DEFAULT_SECONDS)).element()])
}

pub(super) fn get_federation_token(
    world: &mut World,
    caller: &Caller,
    params: &Params,
) -> Result<Vec<Element>, AwsError> {
    refuse_temporary(caller, "GetFederationToken")?;
    let mut checks = Checks::default();
    let name = params.get("Name");
    checks.length("name", name, 2, 32);
    checks.pattern("name", name, Pattern::Name);
    let name = checks.required("name", name);
    let seconds =
        checks.seconds("durationSeconds", params.get("DurationSeconds"), LEAST_SECONDS, MOST_SECONDS)?;
    let narrowing = Narrowing::parse(params, &mut checks);
    checks.finish()?;
    narrowing.check(&caller.grant.transitive_tags)?;
    let principal = Principal {
        kind: PrincipalKind::Federated { name: name.to_owned() },
        ..caller.grant.principal.clone()
    };
    let (resource, context) = (principal.arn(), world.context(caller, false));
    let action = "sts:GetFederationToken";
    Attempt { caller, action, resource: &resource, context: &context }.check_own_policies(world)?;
    let user =
        vec![Element::text("FederatedUserId", principal.user_id()), Element::text("Arn", principal.arn())];
    let issued = world.issue(Grant::plain(principal), seconds.unwrap_or(DEFAULT_SECONDS));
    let mut result = vec![issued.element(), Element::Group("FederatedUser", user)];
    result.extend(narrowing.packed_size());
    Ok(result)
}

fn refuse_temporary(caller: &Caller, action: &str) -> Result<(), AwsError> {
    if caller.temporary {
        return Err(AwsError::access_denied(format!("Cannot call {action} with session credentials")));
    }
    Ok(())
}
