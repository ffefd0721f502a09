//! DecodeAuthorizationMessage: what an encoded refusal says.
//!
//! Must not know how refusals come about.

use crate::{
    attempt::Attempt, caller::Caller, checks::Checks, error::AwsError, form::Params, reply::Element,
    world::World,
};

pub(super) fn decode_authorization_message(
    world: &World,
    caller: &Caller,
    params: &Params,
) -> Result<Vec<Element>, AwsError> {
    let mut checks = Checks::default();
    let message = params.get("EncodedMessage");
    checks.length("encodedMessage", message, 1, 10_240);
    let message = checks.required("encodedMessage", message);
    checks.finish()?;
    let context = world.context(caller, false);
    let attempt =
        Attempt { caller, action: "sts:DecodeAuthorizationMessage", resource: "*", context: &context };
    attempt.check_own_policies(world)?;
    let decoded = world
        .decode(message)
        .ok_or_else(|| AwsError::new(400, "InvalidAuthorizationMessageException", "Message is not valid"))?;
    Ok(vec![Element::text("DecodedMessage", decoded)])
}
