//! IAM, as far as a user asks about itself: GetUser and ListMFADevices.
//!
//! Must not know roles' rules.

use crate::{
    error::AwsError,
    principal::PrincipalKind,
    random::stable_id,
    reply::Element,
    request::Asked,
    state::User,
    world::{Caller, World, render_time, unknown_action},
};

/// Does the action that was asked for; gives the children of its result.
pub(crate) fn perform(world: &World, caller: &Caller, asked: &Asked) -> Result<Vec<Element>, AwsError> {
    let render = match asked.action.as_str() {
        "GetUser" => get_user,
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
    if caller.temporary && !caller.grant.mfa && !is_role {
        return Err(AwsError::invalid_token());
    }
    let own_name = principal.user_name();
    let Some(name) = name.or(own_name) else {
        return Err(AwsError::validation("Must specify userName when calling with non-User credentials"));
    };
    let action = format!("iam:{}", asked.action);
    let user = world
        .state
        .user_of(principal)
        .filter(|user| Some(name) == own_name && !user.denied.contains(&action));
    user.ok_or_else(|| AwsError::no_identity_policy(&principal.arn(), &action, &format!("user {name}")))
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
