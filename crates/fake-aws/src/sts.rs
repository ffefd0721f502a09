//! The Security Token Service.
//!
//! Must not know signatures: the caller is known when its actions are asked for.

mod assume_role;
mod decode;
mod narrowing;
mod session_token;
mod web_identity;

use crate::{
    caller::Caller,
    error::AwsError,
    reply::Element,
    request::Asked,
    world::{World, unknown_action},
};

pub(crate) use web_identity::assume_role_with_web_identity;

/// Does the action that was asked for; gives the children of its result.
pub(crate) fn perform(world: &mut World, caller: &Caller, asked: &Asked) -> Result<Vec<Element>, AwsError> {
    match asked.action.as_str() {
        "AssumeRole" => assume_role::assume_role(world, caller, &asked.params),
        "DecodeAuthorizationMessage" => decode::decode_authorization_message(world, caller, &asked.params),
        "GetCallerIdentity" => Ok(get_caller_identity(caller)),
        "GetSessionToken" => session_token::get_session_token(world, caller, &asked.params),
        "GetFederationToken" => session_token::get_federation_token(world, caller, &asked.params),
        other => Err(unknown_action(other)),
    }
}

/// Needs no permission: whoever can sign is told.
fn get_caller_identity(caller: &Caller) -> Vec<Element> {
    let principal = &caller.grant.principal;
    vec![
        Element::text("Arn", principal.arn()),
        Element::text("UserId", principal.user_id()),
        Element::text("Account", &principal.account),
    ]
}
