//! The words that text and JSON share.
//!
//! Must not know how they are laid out.

use jiff::SignedDuration;
use rolo_core::{
    chain::run::From,
    credentials::render_expiration,
    explain::{CallKind, Cap, Code, Giver, Holds, Kept, Level, LevelKind, Now, Place, Unsaid},
};

use crate::ui::left::render_left;

/// Where something is kept.
pub(super) fn place(place: Place) -> &'static str {
    match place {
        Place::Own => "rolo's cache",
        Place::AwsCli => "the AWS CLI's cache",
        Place::SignIn => "the sign-in",
    }
}

/// What is kept there, in view of the time.
pub(super) fn holds(kept: &Kept, now: jiff::Timestamp) -> String {
    let left = |until: jiff::Timestamp| {
        format!("until {}, {} left", render_expiration(until), render_left(until.duration_since(now)))
    };
    match &kept.holds {
        Holds::Nothing if kept.place == Place::SignIn => "none: nobody has signed in".to_owned(),
        Holds::Nothing => "nothing".to_owned(),
        Holds::Good { until: Some(until) } => format!("good {}", left(*until)),
        Holds::Good { until: None } => "good, and does not expire".to_owned(),
        Holds::Short { until, .. } if kept.place == Place::SignIn => {
            format!("good {}; it is renewed before it is used", left(*until))
        }
        Holds::Short { until, needed } => {
            format!("{}; {} are needed", left(*until), render_left(*needed))
        }
        Holds::Expired { at } => format!("expired at {}", render_expiration(*at)),
        Holds::Unusable { why } => format!("not usable: {why}"),
        Holds::Unused { why } => format!("not read: {why}"),
    }
}

/// `12h`, `1h 30m`, `900s`.
pub(super) fn length(seconds: u32) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (hours, 0, 0) if hours > 0 => format!("{hours}h"),
        (0, minutes, 0) => format!("{minutes}m"),
        (hours, minutes, 0) => format!("{hours}h {minutes}m"),
        _ => format!("{seconds}s"),
    }
}

/// What a level is, on one line.
pub(super) fn level(level: &Level) -> String {
    match &level.kind {
        LevelKind::Key { access_key_id, is_temporary: false } => format!("key {access_key_id}"),
        LevelKind::Key { access_key_id, is_temporary: true } => {
            format!("temporary credentials {access_key_id}")
        }
        LevelKind::Process { command } => format!("program `{command}`"),
        LevelKind::WebIdentity { role_arn } => format!("{} by web identity", role(role_arn)),
        LevelKind::Sso { role_name, account_id, sign_in } => {
            format!("role {role_name} in {account_id}, by the sign-in `{sign_in}`")
        }
        LevelKind::Container { url } => format!("container's credentials at {url}"),
        LevelKind::Imds { endpoint } => format!("EC2's metadata service at {endpoint}"),
        LevelKind::MfaSession { serial } => format!("MFA session of {serial}"),
        LevelKind::Role { role_arn } => role(role_arn),
        LevelKind::Nothing => "no credentials".to_owned(),
    }
}

/// `role Admin in 333344445555`, or the ARN where it has no such parts.
fn role(arn: &str) -> String {
    let parsed = rolo_core::arn::RoleArn::new(arn);
    match (parsed.is_well_formed(), parsed.path_and_name(), parsed.account()) {
        (true, Some(name), Some(account)) => format!("role {name} in {account}"),
        _ => format!("role {arn}"),
    }
}

/// How long at most, why, and what would lift it.
pub(super) fn cap(cap: Cap) -> (&'static str, &'static str) {
    match cap {
        Cap::MfaSession => (
            "1h at most: it is taken on from an MFA session",
            "`duration_seconds` above 3600 lifts it: the code is then sent with the role",
        ),
        Cap::Chained => (
            "1h at most: it is taken on from temporary credentials",
            "only a role taken on with an IAM user's own key lasts longer",
        ),
    }
}

/// Who gives a code.
pub(super) fn giver(code: &Code) -> String {
    match &code.giver {
        Giver::Given(from) => format!("given by {from}"),
        Giver::Process(command) => format!("printed by `mfa_process`: {command}"),
        Giver::Person => "asked at the terminal".to_owned(),
        Giver::Nobody => "nobody to ask here: run it at a terminal, or give `--mfa-code CODE`".to_owned(),
    }
}

/// Why no code is needed now; `None` where one is.
pub(super) fn no_code(level: &Level, now: jiff::Timestamp) -> Option<String> {
    match level.now {
        Now::Cached(_) => {
            let until = level.kept.iter().find_map(|kept| match kept.holds {
                Holds::Good { until } => until,
                _ => None,
            });
            let left = until.map(|until| format!(", {} left", render_left(until.duration_since(now))));
            Some(format!("none now: what is cached is good{}", left.unwrap_or_default()))
        }
        Now::Spared => Some("none now: what is taken on with it is cached".to_owned()),
        Now::Called | Now::Taken | Now::Unknown => None,
    }
}

/// Which cache it is.
pub(super) fn cache(from: From) -> &'static str {
    match from {
        From::CliCache => "the AWS CLI's cache",
        _ => "rolo's cache",
    }
}

/// What is called, on one line.
pub(super) fn call(kind: &CallKind) -> String {
    match kind {
        CallKind::Aws { service, action } => format!("{service} {action}"),
        CallKind::Renewal => "sso-oidc CreateToken".to_owned(),
        CallKind::Program { command } => format!("run `{command}`"),
        CallKind::Container { url } => format!("ask the container's endpoint {url}"),
        CallKind::Imds { endpoint } => format!("ask EC2's metadata service {endpoint}"),
    }
}

/// What stands for a value that is not known or not shown.
pub(super) fn placeholder(unsaid: &Unsaid) -> &'static str {
    match unsaid.name {
        "TokenCode" => "<code>",
        "RoleSessionName" => "<user name>",
        _ => "<token>",
    }
}

/// How long something still lasts, where it does.
pub(super) fn left(until: jiff::Timestamp, now: jiff::Timestamp) -> String {
    render_left(until.duration_since(now).max(SignedDuration::ZERO))
}
