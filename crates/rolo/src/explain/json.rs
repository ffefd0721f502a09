//! An explanation as JSON, the form of which is documented in `docs/explain.md`.
//!
//! Must not know how people see it.

use rolo_core::{
    chain::run::From,
    credentials::render_expiration,
    explain::{
        Call, CallKind, Cap, Explanation, Giver, Holds, Kept, Level, LevelKind, Now, Place, Said, Signer,
    },
    origin::{Location, Origin},
};
use serde_json::{Map, Value, json};

use super::{
    Explained,
    check::{Checked, Outcome},
    diff::{Diff, Side},
    signer_in_cache, words,
};
use crate::{
    error::{CliError, render as render_error},
    findings,
};

/// Counted up when a key goes or changes its meaning; new ones may come at any time.
const VERSION: u32 = 1;

/// The whole; `error` is why a run would fail before its first call.
pub fn render(explained: &Explained, error: Option<&CliError>) -> Value {
    let explanation = &explained.explanation;
    let levels = &explanation.levels;
    let calls = explanation.calls.iter().enumerate();
    json!({
        "version": VERSION,
        "label": explanation.label,
        "profile": explanation.asked.as_ref().map(said),
        "chain": levels.iter().map(level).collect::<Vec<_>>(),
        "settings": explanation.settings.iter().map(said).collect::<Vec<_>>(),
        "options": explained.options.iter().map(said).collect::<Vec<_>>(),
        "calls": calls.map(|(index, one)| call(index, one, explanation)).collect::<Vec<_>>(),
        "tried_without_mfa": explanation.is_tried_without_mfa,
        "warnings": explanation.warnings.iter().map(|warning| json!({
            "text": warning.text,
            "location": warning.location.as_ref().map(location),
        })).collect::<Vec<_>>(),
        "findings": explanation.findings.iter().map(findings::to_json).collect::<Vec<_>>(),
        "error": error.map(told),
        "check": explained.checked.as_ref().map(check),
    })
}

/// An error as the renderer has it, without colours.
fn told(error: &CliError) -> Value {
    json!({ "name": error.name().as_str(), "text": render_error(error, None, false) })
}

fn check(checked: &Checked) -> Value {
    let hops = checked.hops.iter().map(|hop| {
        json!({
            "level": hop.level,
            "outcome": match hop.outcome {
                Outcome::Had => "ok",
                Outcome::Cached => "cached",
                Outcome::Failed => "failed",
                Outcome::NotReached => "not_reached",
                Outcome::NotNeeded => "spared",
            },
            "until": hop.until.map(render_expiration),
            "session_arn": hop.session_arn,
        })
    });
    json!({
        "hops": hops.collect::<Vec<_>>(),
        "arn": checked.arn,
        "error": checked.error.as_ref().map(told),
    })
}

/// What differs between two.
pub fn render_diff(diff: &Diff) -> Value {
    let side = |side: &Option<Side>| {
        side.as_ref().map(|side| {
            json!({ "value": side.value, "origins": side.origins.iter().map(origin).collect::<Vec<_>>() })
        })
    };
    let differences = diff.differences.iter().map(|one| {
        json!({
            "section": one.section,
            "name": one.name,
            "left": side(&one.left),
            "right": side(&one.right),
        })
    });
    json!({
        "version": VERSION,
        "left": diff.labels[0],
        "right": diff.labels[1],
        "differences": differences.collect::<Vec<_>>(),
    })
}

fn origin(origin: &Origin) -> Value {
    match origin {
        Origin::File(place) => {
            json!({ "kind": "file", "file": place.path.display().to_string(), "line": place.line })
        }
        Origin::Env(name) => json!({ "kind": "variable", "name": name }),
        Origin::Flag(name) => json!({ "kind": "option", "name": name }),
        Origin::Default => json!({ "kind": "default" }),
    }
}

fn location(place: &Location) -> Value {
    json!({ "file": place.path.display().to_string(), "line": place.line })
}

fn said(said: &Said) -> Value {
    let beats = said.beats.iter().map(|rival| {
        json!({
            "name": rival.name,
            "value": rival.value,
            "secret": rival.value.is_none(),
            "origin": origin(&rival.origin),
        })
    });
    json!({
        "name": said.name,
        "value": said.value,
        "secret": said.value.is_none(),
        "origin": origin(&said.origin),
        "beats": beats.collect::<Vec<_>>(),
    })
}

fn level(level: &Level) -> Value {
    let mut all = Map::new();
    let mut put = |key: &str, value: Value| drop(all.insert(key.to_owned(), value));
    match &level.kind {
        LevelKind::Key { access_key_id, is_temporary } => {
            put("kind", json!("key"));
            put("access_key_id", json!(access_key_id));
            put("temporary", json!(is_temporary));
        }
        LevelKind::Process { command } => {
            put("kind", json!("process"));
            put("command", json!(command));
        }
        LevelKind::WebIdentity { role_arn } => {
            put("kind", json!("web_identity"));
            put("role_arn", json!(role_arn));
        }
        LevelKind::Sso { role_name, account_id, sign_in } => {
            put("kind", json!("sso"));
            put("role_name", json!(role_name));
            put("account_id", json!(account_id));
            put("sign_in", json!(sign_in));
        }
        LevelKind::Container { url } => {
            put("kind", json!("container"));
            put("url", json!(url));
        }
        LevelKind::Imds { endpoint } => {
            put("kind", json!("imds"));
            put("url", json!(endpoint));
        }
        LevelKind::MfaSession { serial } => {
            put("kind", json!("mfa_session"));
            put("mfa_serial", json!(serial));
        }
        LevelKind::Role { role_arn } => {
            put("kind", json!("role"));
            put("role_arn", json!(role_arn));
        }
        LevelKind::Nothing => put("kind", json!("nothing")),
    }
    put("profile", json!(level.profile));
    put("origin", origin(&level.origin));
    put("settings", level.settings.iter().map(said).collect());
    put("kept", level.kept.iter().map(kept).collect());
    put("now", json!(now(level.now)));
    put(
        "cached_in",
        json!(match level.now {
            Now::Cached(From::CliCache) => Some("aws_cli"),
            Now::Cached(_) => Some("own"),
            _ => None,
        }),
    );
    put("cached_access_key_id", json!(level.cached_key));
    put(
        "code",
        level.code.as_ref().map_or(Value::Null, |code| {
            let (from, command) = match &code.giver {
                Giver::Given(_) => ("given", None),
                Giver::Process(command) => ("mfa_process", Some(command)),
                Giver::Person => ("terminal", None),
                Giver::Nobody => ("nobody", None),
            };
            json!({
                "mfa_serial": code.serial,
                "from": from,
                "command": command,
                "needed_now": level.now == Now::Called,
                "found_out": code.is_found_out,
            })
        }),
    );
    put(
        "lasts",
        level.life.as_ref().map_or(Value::Null, |life| {
            json!({
                "seconds": life.seconds,
                "capped_by": life.cap.map(|cap| match cap {
                    Cap::MfaSession => "mfa_session",
                    Cap::Chained => "role_chaining",
                }),
                "lifted_by": life.cap.map(|cap| words::cap(cap).1),
            })
        }),
    );
    Value::Object(all)
}

fn now(now: Now) -> &'static str {
    match now {
        Now::Taken => "taken",
        Now::Called => "called",
        Now::Cached(_) => "cached",
        Now::Spared => "spared",
        Now::Unknown => "unknown",
    }
}

fn kept(kept: &Kept) -> Value {
    let place = match kept.place {
        Place::Own => "own",
        Place::AwsCli => "aws_cli",
        Place::SignIn => "sign_in",
    };
    let (state, until, needed, why) = match &kept.holds {
        Holds::Nothing => ("nothing", None, None, None),
        Holds::Good { until } => ("good", *until, None, None),
        Holds::Short { until, needed } => ("short", Some(*until), Some(needed.as_secs()), None),
        Holds::Expired { at } => ("expired", Some(*at), None, None),
        Holds::Unusable { why } => ("unusable", None, None, Some(why)),
        Holds::Unused { why } => ("unused", None, None, Some(why)),
    };
    json!({
        "place": place,
        "file": kept.path.as_ref().map(|path| path.display().to_string()),
        "state": state,
        "until": until.map(render_expiration),
        "needed_seconds": needed,
        "why": why,
        "session_arn": kept.session_arn,
    })
}

fn call(index: usize, call: &Call, explanation: &Explanation) -> Value {
    let (kind, service, action, target) = match &call.kind {
        CallKind::Aws { service, action } => ("aws", Some(*service), Some(*action), None),
        CallKind::Renewal => ("sign_in_renewal", Some("sso-oidc"), Some("CreateToken"), None),
        CallKind::Program { command } => ("program", None, None, Some(command)),
        CallKind::Container { url } => ("container", None, None, Some(url)),
        CallKind::Imds { endpoint } => ("imds", None, None, Some(endpoint)),
    };
    let mut parameters: Map<String, Value> =
        call.parameters.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    for unsaid in &call.unsaid {
        parameters.insert(unsaid.name.to_owned(), json!(words::placeholder(unsaid)));
    }
    let unsaid: Map<String, Value> =
        call.unsaid.iter().map(|unsaid| (unsaid.name.to_owned(), json!(unsaid.what))).collect();
    let endpoint = call.endpoint.as_ref().and_then(|found| found.as_ref().ok());
    let cached = signer_in_cache(call, explanation);
    let signed_by = match &call.signer {
        Signer::Nobody => Value::Null,
        Signer::Key { access_key_id, origin: place } => {
            json!({ "access_key_id": access_key_id, "origin": origin(place) })
        }
        Signer::Call(index) => {
            let cached = cached.map(|level| &level.cached_key);
            json!({ "call": index + 1, "cached_access_key_id": cached })
        }
    };
    json!({
        "number": index + 1,
        "level": call.level,
        "kind": kind,
        "target": target,
        "service": service,
        "action": action,
        "parameters": parameters,
        "placeholders": unsaid,
        "endpoint": endpoint.map(|found| &found.url),
        "endpoint_error": call.endpoint.as_ref().and_then(|found| found.as_ref().err()).map(ToString::to_string),
        "signing_region": endpoint.filter(|_| call.signer != Signer::Nobody).map(|found| &found.signing_region),
        "signed_by": signed_by,
        "made_now": call.is_made(&explanation.levels),
    })
}
