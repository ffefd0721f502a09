//! Settings of a profile that only some tools read, or read otherwise. Must not know headers and the grammar.

use super::{
    super::{
        Check, Finding,
        Severity::{Note, Warning},
        Subject,
    },
    check,
};
use crate::{
    env_vars::{AWS_DEFAULT_REGION, AWS_REGION},
    profile::{Profile, Setting},
};

pub(super) static MFA_SERIAL: Check = check(
    "R160",
    Note,
    "SDKs take on the role of a profile with `mfa_serial` without MFA",
    "Some, such as Rust's, do not read the setting and call AssumeRole without a code, so a role that wants MFA refuses \
     and any other is taken on without.",
);
pub(super) static MFA_OF_KEY: Check = check(
    "R161",
    Note,
    "`mfa_serial` stands beside an access key, without a role",
    "rolo makes an MFA session of it, which it hands over. The AWS CLI and the SDKs use the key as it is.",
);
pub(super) static DURATION: Check = check(
    "R162",
    Note,
    "`duration_seconds` is not read by all tools",
    "Some SDKs, such as Rust's, do not read the setting: their sessions of the role last an hour.",
);
pub(super) static OWN_KEYS: Check = check(
    "R163",
    Note,
    "a setting is read by rolo and aws-vault alone",
    "`mfa_process`, `session_tags`, `transitive_session_tags` and `source_identity` are passed over by the AWS CLI and the \
     SDKs, which take on the role without them.",
);
pub(super) static INHERITED: Check = check(
    "R164",
    Warning,
    "a profile is to inherit another one's settings",
    "`include_profile` and `parent_profile` are aws-vault's. No other tool reads them, nor does rolo.",
);
pub(super) static INHERITED_REGION: Check = check(
    "R165",
    Note,
    "a profile without a region does not get that of `[default]`",
    "aws-vault hands it on. For the AWS CLI, the SDKs and rolo only the profile's own settings count.",
);
pub(super) static OLD_TOKEN: Check = check(
    "R166",
    Warning,
    "`aws_security_token` is set",
    "The AWS CLI, boto3 and rolo read it before `aws_session_token`. Other SDKs do not know it.",
);
pub(super) static SHELL_SYNTAX: Check = check(
    "R167",
    Warning,
    "`credential_process` is written for a shell",
    "The AWS CLI, boto3 and rolo split it into words and start the program without a shell, so variables, `~`, pipes and \
     patterns stay as they are written. Other SDKs run it by `sh -c`.",
);
pub(super) static OLD_ENDPOINTS: Check = check(
    "R168",
    Note,
    "`sts_regional_endpoints` is `legacy`",
    "AWS CLI v2 does not know the setting and asks STS in the profile's region. AWS CLI v1, the SDKs and rolo ask the \
     global endpoint for the older regions.",
);

/// Settings that rolo has in common with aws-vault only.
const RARE: [&str; 4] = ["mfa_process", "session_tags", "transitive_session_tags", "source_identity"];

pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let default_region = default_region(subject);
    for profile in subject.profiles() {
        let mut found = Vec::new();
        roles(profile, &mut found);
        for key in ["include_profile", "parent_profile"] {
            found.extend(profile.get(key).map(|said| inherits(subject, key, &said)));
        }
        if let Some(region) = &default_region {
            found.extend(without_region(profile, region));
        }
        found.extend(old_token(profile));
        if let Some(said) = profile.get("credential_process")
            && let Some(odd) = shell_syntax(said.value)
        {
            let what = format!(
                "the command has {odd}, which only a shell understands; the AWS CLI and rolo start it without one"
            );
            let remedy = "write the path in full, or `sh -c '…'` around the command";
            found.push(Finding::new(&SHELL_SYNTAX, what, remedy).at([said.location()]));
        }
        if let Some(said) = profile.get("sts_regional_endpoints").filter(|said| said.value == "legacy") {
            let what =
                "AWS CLI v2 does not know `sts_regional_endpoints` and asks STS in the profile's region";
            let remedy = "remove the line, unless a tool needs STS's global endpoint";
            found.push(Finding::new(&OLD_ENDPOINTS, what, remedy).at([said.location()]));
        }
        findings.extend(found.into_iter().map(|finding| finding.of_profile(profile.name())));
    }
}

fn roles(profile: &Profile<'_>, found: &mut Vec<Finding>) {
    let by_rolo = "start programs by `rolo exec PROFILE`, or give them a profile with `credential_process = rolo process PROFILE`";
    let has_role = profile.get("role_arn").is_some();
    let set = |key| profile.get(key).filter(|said: &Setting<'_>| !said.value.is_empty());
    if let Some(said) = set("mfa_serial") {
        if has_role {
            let what = "SDKs such as Rust's do not read `mfa_serial` and take on the role without MFA";
            found.push(Finding::new(&MFA_SERIAL, what, by_rolo).at([said.location()]));
        } else if profile.get("aws_access_key_id").is_some() {
            let what = "without a role `mfa_serial` is read by rolo alone; other tools use the access key without MFA";
            found.push(Finding::new(&MFA_OF_KEY, what, by_rolo).at([said.location()]));
        }
    }
    if !has_role {
        return;
    }
    if let Some(said) = set("duration_seconds") {
        let what = "SDKs such as Rust's do not read `duration_seconds`: their sessions last an hour";
        found.push(Finding::new(&DURATION, what, by_rolo).at([said.location()]));
    }
    for key in RARE {
        if let Some(said) = set(key) {
            let what = format!(
                "`{key}` is read by rolo and aws-vault alone; other tools take on the role without it"
            );
            found.push(Finding::new(&OWN_KEYS, what, by_rolo).at([said.location()]));
        }
    }
}

fn inherits(subject: &Subject<'_>, key: &str, said: &Setting<'_>) -> Finding {
    let what = format!("`{key}` is read by aws-vault alone: no setting of `{}` counts here", said.value);
    let remedy = match subject.set.profile(said.value) {
        Some(_) => format!("copy the settings that are wanted from profile `{}`", said.value),
        None => "remove the line: there is no such profile".to_owned(),
    };
    Finding::new(&INHERITED, what, remedy).at([said.location()])
}

/// The region that somebody may think counts everywhere; none where the environment has one.
fn default_region<'a>(subject: &Subject<'a>) -> Option<Setting<'a>> {
    let env = subject.host.env;
    let is_set = |name: &str| env.var(name).is_some_and(|region| !region.is_empty());
    if is_set(AWS_REGION) || is_set(AWS_DEFAULT_REGION) {
        return None;
    }
    subject.set.profile("default")?.get("region").filter(|region| !region.value.is_empty())
}

/// A profile that is used by itself: a role or a sign-in. Keys are often there for other profiles alone.
fn without_region(profile: &Profile<'_>, default: &Setting<'_>) -> Option<Finding> {
    let is_used = ["role_arn", "sso_account_id"].into_iter().any(|key| profile.get(key).is_some());
    if !is_used || profile.name() == "default" || profile.get("region").is_some() {
        return None;
    }
    let what = "the profile has no region, and that of `[default]` does not count for it but in aws-vault";
    let remedy = format!("add `region = {}` to the profile, if that is meant", default.value);
    let at = profile.header_origin().location().cloned();
    Some(Finding::new(&INHERITED_REGION, what, remedy).at(at.into_iter().chain([default.location()])))
}

fn old_token(profile: &Profile<'_>) -> Option<Finding> {
    let old = profile.get("aws_security_token")?;
    let (what, remedy) = match profile.get("aws_session_token") {
        Some(new) if new.value == old.value => return None,
        Some(_) => (
            "`aws_security_token` and `aws_session_token` differ: the AWS CLI and rolo take the first, SDKs the second",
            "remove the line that is out of date",
        ),
        None => (
            "SDKs do not read `aws_security_token`, and so send the access key without its token",
            "write `aws_session_token` in its place",
        ),
    };
    Some(Finding::new(&OLD_TOKEN, what, remedy).at([old.location()]))
}

/// What of a command only a shell understands, in words; quoting is the same to both.
fn shell_syntax(command: &str) -> Option<&'static str> {
    let mut quote = None;
    let mut at_word = true;
    let mut rest = command.chars();
    while let Some(c) = rest.next() {
        let begins_word = std::mem::replace(&mut at_word, quote.is_none() && c.is_whitespace());
        match (quote, c) {
            (Some(open), close) if open == close => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => drop(rest.next()),
            (_, '$') => return Some("a `$`"),
            (_, '`') => return Some("a backtick"),
            (None, '\'' | '"') => quote = Some(c),
            (None, '|' | '&' | ';' | '<' | '>' | '(' | ')') => {
                return Some("an operator such as `|` or `&&`");
            }
            (None, '*' | '?') => return Some("a pattern"),
            (None, '~') if begins_word => return Some("a `~`"),
            (None, '#') if begins_word => return Some("a comment"),
            (_, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::shell_syntax;

    #[test]
    fn what_a_shell_is_needed_for() {
        for (command, odd) in [
            ("$HOME/bin/keys", "a `$`"),
            ("keys \"$HOME/x\"", "a `$`"),
            ("keys `id`", "a backtick"),
            ("~/bin/keys", "a `~`"),
            ("keys ~ada", "a `~`"),
            ("keys | jq .", "an operator such as `|` or `&&`"),
            ("cd /x && keys", "an operator such as `|` or `&&`"),
            ("keys 2>/dev/null", "an operator such as `|` or `&&`"),
            ("keys *.json", "a pattern"),
            ("keys # mine", "a comment"),
        ] {
            assert_eq!(shell_syntax(command), Some(odd), "{command}");
        }
        for command in [
            "keys --profile p",
            "'/opt/my keys' \"a b\" c\\ d",
            "sh -c 'keys | jq . > $HOME/x'",
            "keys a~b c#d",
            "keys \\$x",
            r"keys 'a\' b",
        ] {
            assert_eq!(shell_syntax(command), None, "{command}");
        }
    }
}
