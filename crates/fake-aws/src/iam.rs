//! IAM, as far as a user asks about itself: GetUser, ListAccessKeys and ListMFADevices.
//!
//! Must not know roles' rules.

use crate::{
    attempt::Attempt,
    caller::Caller,
    error::AwsError,
    principal::PrincipalKind,
    random::stable_id,
    reply::Element,
    request::Asked,
    state::User,
    world::{World, render_time, unknown_action},
};

/// Does the action that was asked for; gives the children of its result.
pub(crate) fn perform(world: &World, caller: &Caller, asked: &Asked) -> Result<Vec<Element>, AwsError> {
    let render = match asked.action.as_str() {
        "GetUser" => get_user,
        "ListAccessKeys" => list_access_keys,
        "ListMFADevices" => list_mfa_devices,
        other => return Err(unknown_action(other)),
    };
    let user = find_self(world, caller, asked)?;
    Ok(render(world, user))
}

/// The user that the caller is, and may ask about.
fn find_self<'a>(world: &'a World, caller: &Caller, asked: &Asked) -> Result<&'a User, AwsError> {
    let principal = &caller.grant.principal;
    let name = asked.params.get("UserName");
    // IAM does not take GetSessionToken's credentials without MFA, nor federated users at all.
    let is_role = matches!(principal.kind, PrincipalKind::AssumedRole { .. });
    if caller.temporary && caller.grant.mfa_at.is_none() && !is_role {
        return Err(AwsError::invalid_token());
    }
    let own_name = principal.user_name();
    let Some(name) = name.or(own_name) else {
        return Err(AwsError::validation("Must specify userName when calling with non-User credentials"));
    };
    let action = format!("iam:{}", asked.action);
    let (resource, context) = (format!("user {name}"), world.context(caller, false));
    let attempt = Attempt { caller, action: &action, resource: &resource, context: &context };
    attempt.check_own_policies(world)?;
    let user = world.state.user_of(principal).filter(|_| Some(name) == own_name);
    user.ok_or_else(|| attempt.no_identity_policy())
}

fn get_user(world: &World, user: &User) -> Vec<Element> {
    let arn = user.arn(&world.state.partition);
    vec![Element::Group(
        "User",
        vec![
            Element::text("Path", &user.path),
            Element::text("UserName", &user.name),
            Element::text("UserId", stable_id("AIDA", &arn)),
            Element::text("Arn", arn),
            Element::text("CreateDate", render_time(world.started_at)),
        ],
    )]
}

fn list_access_keys(world: &World, user: &User) -> Vec<Element> {
    let keys = user.keys.iter().map(|key| {
        Element::Group(
            "member",
            vec![
                Element::text("UserName", &user.name),
                Element::text("AccessKeyId", &key.id),
                Element::text("Status", if key.active { "Active" } else { "Inactive" }),
                Element::text("CreateDate", render_time(key.created.unwrap_or(world.started_at))),
            ],
        )
    });
    vec![Element::Group("AccessKeyMetadata", keys.collect()), Element::text("IsTruncated", "false")]
}

fn list_mfa_devices(world: &World, user: &User) -> Vec<Element> {
    let devices = user.mfa.iter().map(|device| {
        Element::Group(
            "member",
            vec![
                Element::text("UserName", &user.name),
                Element::text("SerialNumber", user.serial(device, &world.state.partition)),
                Element::text("EnableDate", render_time(world.started_at)),
            ],
        )
    });
    vec![Element::Group("MFADevices", devices.collect()), Element::text("IsTruncated", "false")]
}
