//! The fake's own address `/_fake/…`: what the library offers to tests, for other processes.
//!
//! Must not know AWS.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    fault::Fault,
    form::Params,
    mfa,
    reply::{Reply, json_reply},
    request::Request,
    world::World,
};

/// Where it begins; AWS has nothing there.
pub(crate) const PREFIX: &str = "/_fake/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seconds {
    seconds: i32,
}

/// Answers a request to the fake itself; a request that makes no sense gets 400 and the reason.
pub(crate) fn answer(world: &mut World, request: &Request) -> Reply {
    let (status, body) = match perform(world, request) {
        Ok(body) => (200, body),
        Err(reason) => (400, json!({ "error": reason })),
    };
    json_reply(status, &body, &world.random.request_id())
}

fn perform(world: &mut World, request: &Request) -> Result<Value, String> {
    let done = Ok(json!({}));
    match (request.method.as_str(), request.path().trim_start_matches(PREFIX)) {
        ("GET", "calls") => Ok(world.calls.iter().map(crate::Call::to_json).collect()),
        ("DELETE", "calls") => {
            world.calls.clear();
            done
        }
        ("POST", "reset") => {
            world.reset();
            done
        }
        ("POST", "expire") => {
            world.expire_credentials();
            done
        }
        ("POST", "fault") => {
            world.faults.add(parse::<Fault>(request)?);
            done
        }
        ("POST", "advance") => {
            world.clock.advance(parse_seconds(request)?);
            done
        }
        ("POST", "skew") => {
            world.clock.set_skew(parse_seconds(request)?);
            done
        }
        ("GET", "code") => show_code(world, &Params::parse(&[request.query()])),
        ("GET", "keys") => show_keys(world, &Params::parse(&[request.query()])),
        (method, path) => Err(format!("there is no {method} {PREFIX}{path}")),
    }
}

fn parse<'a, T: Deserialize<'a>>(request: &'a Request) -> Result<T, String> {
    serde_json::from_slice(&request.body).map_err(|error| error.to_string())
}

fn parse_seconds(request: &Request) -> Result<SignedDuration, String> {
    parse::<Seconds>(request).map(|body| SignedDuration::from_secs(body.seconds.into()))
}

fn user_param(params: &Params) -> Result<&str, String> {
    params.get("user").ok_or_else(|| "parameter `user` is missing".to_owned())
}

fn show_code(world: &World, params: &Params) -> Result<Value, String> {
    let name = user_param(params)?;
    let steps = i64::from(params.get("next") == Some("true"));
    let code = world.code_of(name, steps).ok_or_else(|| format!("`{name}` has no MFA device"))?;
    let left = mfa::STEP - world.clock.now().as_second().rem_euclid(mfa::STEP);
    Ok(json!({ "code": code, "seconds_left": left }))
}

fn show_keys(world: &World, params: &Params) -> Result<Value, String> {
    let name = user_param(params)?;
    let user = world.state.user(name).ok_or_else(|| format!("there is no user `{name}`"))?;
    let keys = user.keys.iter().map(|key| json!({ "id": key.id, "secret": key.secret }));
    Ok(keys.collect())
}

impl World {
    /// The code that the user's first device shows, so many steps from now.
    pub(crate) fn code_of(&self, user: &str, steps: i64) -> Option<String> {
        let device = self.state.user(user)?.mfa.first()?;
        let at = self.clock.now() + SignedDuration::from_secs(steps * mfa::STEP);
        mfa::totp_code(&device.secret, at)
    }
}
