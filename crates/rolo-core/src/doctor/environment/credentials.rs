//! Credentials in the environment: halves, tokens that are not theirs, and their expiry. Must not know profiles but for
//! the one that counts where none is named.

use super::{
    super::{
        Finding,
        Severity::{Fault, Warning},
    },
    Check, Seen, check, unset,
};
use crate::{
    Secret,
    credentials::{parse_expiration, render_expiration},
    env_vars::{
        AWS_ACCESS_KEY_ID, AWS_CREDENTIAL_EXPIRATION, AWS_ROLE_ARN, AWS_SECRET_ACCESS_KEY,
        AWS_SECURITY_TOKEN, AWS_SESSION_EXPIRATION, AWS_SESSION_TOKEN, AWS_WEB_IDENTITY_TOKEN_FILE,
    },
};

pub(in crate::doctor) static NO_SECRET: Check = check(
    "R083",
    Fault,
    "an access key id stands in the environment without its secret",
    "Every AWS tool that reads the environment stops there with an error.",
);
pub(in crate::doctor) static NO_KEY_ID: Check = check(
    "R084",
    Warning,
    "a secret key or a session token stands in the environment without an access key id",
    "AWS's tools pass over it in silence and take other credentials.",
);
pub(in crate::doctor) static NO_TOKEN: Check = check(
    "R085",
    Fault,
    "a temporary access key stands in the environment without its session token",
    "AWS refuses such a key as unknown (`InvalidClientTokenId`).",
);
pub(in crate::doctor) static STRAY_TOKEN: Check = check(
    "R086",
    Fault,
    "a session token stands in the environment beside a long-term access key",
    "The token is of other credentials, so AWS refuses both (`InvalidClientTokenId`).",
);
pub(in crate::doctor) static EXPIRED: Check = check(
    "R087",
    Fault,
    "the environment's credentials are over, or their expiry cannot be read",
    "AWS refuses them. botocore does not even try: with an expiry in the past, or one without a zone, it fails by \
     itself.",
);
pub(in crate::doctor) static STRAY_EXPIRATION: Check = check(
    "R088",
    Warning,
    "`AWS_CREDENTIAL_EXPIRATION` is of other credentials",
    "Beside keys that do not expire botocore fails once that time has come; without keys a prompt shows time left of \
     nothing.",
);
pub(in crate::doctor) static SECURITY_TOKEN: Check = check(
    "R089",
    Warning,
    "`AWS_SECURITY_TOKEN` is set to something else than `AWS_SESSION_TOKEN`",
    "botocore and rolo take the older name first, the SDKs read the newer alone.",
);
pub(in crate::doctor) static TOKEN_FILE_WITHOUT_ROLE: Check = check(
    "R090",
    Fault,
    "`AWS_WEB_IDENTITY_TOKEN_FILE` is set without a role for it",
    "Every AWS tool that is told no profile stops there with an error.",
);
pub(in crate::doctor) static ROLE_WITHOUT_TOKEN_FILE: Check = check(
    "R091",
    Warning,
    "`AWS_ROLE_ARN` is set without a token file",
    "AWS's tools read it together with `AWS_WEB_IDENTITY_TOKEN_FILE` alone; no role is taken on by it.",
);

/// Key ids of credentials that last, and of those that do not.
const LONG_TERM: &str = "AKIA";
const TEMPORARY: &str = "ASIA";

pub(super) fn examine(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    let Some(id) = seen.var(AWS_ACCESS_KEY_ID) else {
        without_key_id(seen, findings);
        web_identity(seen, findings);
        return;
    };
    if !seen.has(AWS_SECRET_ACCESS_KEY) {
        findings.push(Finding::new(
            &NO_SECRET,
            format!("`{AWS_ACCESS_KEY_ID}` is set and `{AWS_SECRET_ACCESS_KEY}` is not"),
            format!("{}, or set `{AWS_SECRET_ACCESS_KEY}` too", unset(&[AWS_ACCESS_KEY_ID])),
        ));
    }
    let has_token = tokens(seen, findings);
    if id.starts_with(TEMPORARY) && !has_token {
        findings.push(Finding::new(
            &NO_TOKEN,
            format!("`{AWS_ACCESS_KEY_ID}` is a temporary key (`{TEMPORARY}…`) and `{AWS_SESSION_TOKEN}` is not set"),
            format!(
                "set `{AWS_SESSION_TOKEN}` too, or {}",
                unset(&[AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY])
            ),
        ));
    }
    let is_long_term = id.starts_with(LONG_TERM);
    if is_long_term && has_token {
        let stray: Vec<&str> =
            [AWS_SESSION_TOKEN, AWS_SECURITY_TOKEN].into_iter().filter(|name| seen.has(name)).collect();
        findings.push(Finding::new(
            &STRAY_TOKEN,
            format!(
                "`{}` stands beside a long-term key (`{LONG_TERM}…`), to which it cannot belong",
                stray.first().copied().unwrap_or(AWS_SESSION_TOKEN)
            ),
            unset(&stray),
        ));
    }
    expiry(seen, !has_token, findings);
    web_identity(seen, findings);
}

fn without_key_id(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    let parts: Vec<&str> = [AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_SECURITY_TOKEN]
        .into_iter()
        .filter(|name| seen.has(name))
        .collect();
    if let Some(first) = parts.first() {
        findings.push(Finding::new(
            &NO_KEY_ID,
            format!("`{first}` is set and `{AWS_ACCESS_KEY_ID}` is not, so it is passed over"),
            format!("{}, or set `{AWS_ACCESS_KEY_ID}` too", unset(&parts)),
        ));
    }
    if let Some(at) = seen.var(AWS_CREDENTIAL_EXPIRATION) {
        findings.push(Finding::new(
            &STRAY_EXPIRATION,
            format!("`{AWS_CREDENTIAL_EXPIRATION}` (`{at}`) is set and no access key is"),
            unset(&[AWS_CREDENTIAL_EXPIRATION]),
        ));
    }
}

/// Whether there is a token, under either name.
fn tokens(seen: &Seen<'_>, findings: &mut Vec<Finding>) -> bool {
    let token = |name| seen.env.var(name).map(Secret::new).filter(|token| !token.is_empty());
    let (old, new) = (token(AWS_SECURITY_TOKEN), token(AWS_SESSION_TOKEN));
    let text = match (&old, &new) {
        (Some(old), Some(new)) if old != new => Some(format!(
            "`{AWS_SECURITY_TOKEN}` and `{AWS_SESSION_TOKEN}` differ: AWS CLI and rolo take the first, the SDKs the second"
        )),
        (Some(_), None) => Some(format!(
            "only `{AWS_SECURITY_TOKEN}` is set, which the SDKs do not read: they want `{AWS_SESSION_TOKEN}`"
        )),
        _ => None,
    };
    if let Some(text) = text {
        let remedy = match new {
            Some(_) => unset(&[AWS_SECURITY_TOKEN]),
            None => format!(
                "run `export {AWS_SESSION_TOKEN}=\"${AWS_SECURITY_TOKEN}\"; unset {AWS_SECURITY_TOKEN}`"
            ),
        };
        findings.push(Finding::new(&SECURITY_TOKEN, text, remedy));
    }
    old.is_some() || new.is_some()
}

fn expiry(seen: &Seen<'_>, is_lasting: bool, findings: &mut Vec<Finding>) {
    let said = seen.var(AWS_CREDENTIAL_EXPIRATION);
    let end = said.as_deref().map(parse_expiration);
    let all = [AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION];
    let alone = || unset(&[AWS_CREDENTIAL_EXPIRATION]);
    let now = seen.now();
    let finding = match (said, end) {
        (Some(said), Some(None)) => Some((
            &EXPIRED,
            format!("`{AWS_CREDENTIAL_EXPIRATION}` is `{said}`, which is no time with a zone"),
            alone(),
        )),
        (Some(said), Some(Some(at))) if is_lasting && at <= now => Some((
            &EXPIRED,
            format!(
                "`{AWS_CREDENTIAL_EXPIRATION}` (`{said}`) is past and left over, and AWS CLI and boto3 fail with it beside a key that lasts"
            ),
            alone(),
        )),
        (Some(said), Some(Some(_))) if is_lasting => Some((
            &STRAY_EXPIRATION,
            format!(
                "`{AWS_CREDENTIAL_EXPIRATION}` (`{said}`) stands beside a key without a session token, which does not expire"
            ),
            alone(),
        )),
        (_, end) => end.flatten().or_else(|| other_end(seen)).filter(|at| *at <= now).map(|at| {
            let whose = match seen.handed() {
                Some(label) => format!("the credentials that rolo handed over for `{label}`"),
                None => "the credentials in the environment".to_owned(),
            };
            let remedy = match seen.handed() {
                Some(_) => seen.renewal().to_owned(),
                None => format!("get new ones, or {}", unset(&all)),
            };
            (&EXPIRED, format!("{whose} expired at {}", render_expiration(at)), remedy)
        }),
    };
    findings.extend(finding.map(|(check, text, remedy)| Finding::new(check, text, remedy)));
}

/// The end that another tool wrote.
fn other_end(seen: &Seen<'_>) -> Option<jiff::Timestamp> {
    parse_expiration(&seen.var(AWS_SESSION_EXPIRATION)?)
}

fn web_identity(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    let of_profile = |key: &str| seen.default_profile().is_some_and(|profile| profile.get(key).is_some());
    match (seen.var(AWS_WEB_IDENTITY_TOKEN_FILE), seen.var(AWS_ROLE_ARN)) {
        (Some(file), None) if !of_profile("role_arn") => findings.push(Finding::new(
            &TOKEN_FILE_WITHOUT_ROLE,
            format!("`{AWS_WEB_IDENTITY_TOKEN_FILE}` (`{file}`) is set and `{AWS_ROLE_ARN}` is not"),
            format!("{}, or set `{AWS_ROLE_ARN}` too", unset(&[AWS_WEB_IDENTITY_TOKEN_FILE])),
        )),
        (None, Some(role)) if !of_profile("web_identity_token_file") => findings.push(Finding::new(
            &ROLE_WITHOUT_TOKEN_FILE,
            format!("`{AWS_ROLE_ARN}` (`{role}`) is set and `{AWS_WEB_IDENTITY_TOKEN_FILE}` is not, so no role is taken on by it"),
            format!("{}, or run `rolo exec {role}`", unset(&[AWS_ROLE_ARN])),
        )),
        _ => {}
    }
}
