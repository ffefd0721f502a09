//! Keys that stand in the two files: those that last, those that are over, and those that are not there at all.
//!
//! The age of a key is not known, that of its file is a lower bound. Must not know where a chain leads.

use std::{collections::HashSet, path::Path};

use jiff::{SignedDuration, Timestamp};

use super::{Check, Finding, Fix, Severity, Subject};
use crate::{
    chain::leaf::{EXPIRATION_KEY, SAVED_FROM_KEY, SAVED_MARK},
    credentials::{parse_expiration, render_expiration},
    env_vars::PATH,
    ini::headers,
    profile::{Profile, Section, SourceFile},
    words::shell_word,
};

pub(super) static IN_PLAIN_TEXT: Check = check(
    "R100",
    Severity::Note,
    "a long-term access key stands in a plain file",
    "Whoever reads the file has the key until it is taken back. AWS advises to replace such keys every 90 days, or to do \
     without them.",
);
pub(super) static OTHER_TOKEN: Check = check(
    "R101",
    Severity::Fault,
    "an access key and its session token do not belong together",
    "A temporary key is nothing without its token, and a long-term key has none: AWS refuses both \
     (`InvalidClientTokenId`).",
);
pub(super) static EXPIRED: Check = check(
    "R102",
    Severity::Warning,
    "temporary credentials in a file are over",
    "AWS refuses them with `ExpiredToken`, in every tool that is asked for the profile.",
);
pub(super) static SAVED_EXPIRED: Check = check(
    "R103",
    Severity::Warning,
    "credentials that `rolo save` wrote are over",
    "AWS refuses them with `ExpiredToken`, in every tool that is asked for the profile.",
);
pub(super) static IN_BOTH_FILES: Check = check(
    "R104",
    Severity::Warning,
    "both files hold an access key of one profile",
    "That of the credentials file counts; a key that is replaced in the config file changes nothing.",
);
pub(super) static IN_AWS_VAULT: Check = check(
    "R105",
    Severity::Fault,
    "a source profile holds no credentials, and aws-vault may have them",
    "aws-vault keeps keys in a keyring, where no other tool finds them; a `credential_process` asks it for them.",
);

/// Every check of this family, in the order of their codes.
pub(super) static CHECKS: &[&Check] =
    &[&IN_PLAIN_TEXT, &OTHER_TOKEN, &EXPIRED, &SAVED_EXPIRED, &IN_BOTH_FILES, &IN_AWS_VAULT];

const ID: &str = "aws_access_key_id";
const TOKENS: [&str; 2] = ["aws_security_token", "aws_session_token"];
/// Key ids of credentials that last, and of those that do not.
const LONG_TERM: &str = "AKIA";
const TEMPORARY: &str = "ASIA";
/// Where other tools write when what they saved is over.
pub(super) const EXPIRATIONS: [&str; 6] = [
    "x_security_token_expires",
    "aws_session_expiration",
    "aws_expiration",
    "aws_credential_expiration",
    "expiration",
    "expires",
];
/// No session lasts longer (GetSessionToken's 36 h).
const LONGEST_SESSION: SignedDuration = SignedDuration::from_hours(36);

const FILES: [SourceFile; 2] = [SourceFile::Config, SourceFile::Credentials];

const fn check(code: &'static str, severity: Severity, title: &'static str, why: &'static str) -> Check {
    Check { code, severity, title, why }
}

/// Looks at what the files say.
pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let now = subject.host.clock.now();
    let ours = saved_by_rolo(subject);
    for profile in subject.profiles() {
        for file in FILES {
            let Some(section) = profile.section(file) else { continue };
            let Some(id) = section.get(ID).filter(|id| !id.value.is_empty()) else { continue };
            let of = |finding: Finding| finding.of_profile(profile.name());
            findings.extend(token(section, id.value).map(of));
            let is_ours = file == SourceFile::Credentials && ours.contains(profile.name());
            findings.extend(expiry(subject, profile, section, is_ours, now).map(of));
        }
        if let [Some(config), Some(credentials)] = FILES.map(|file| profile.get_in(file, ID)) {
            let text =
                "both files hold an access key of the profile, and that of the credentials file counts";
            findings.push(
                Finding::new(&IN_BOTH_FILES, text, "remove the key and its secret from the config file")
                    .of_profile(profile.name())
                    .at([config.location(), credentials.location()]),
            );
        }
    }
    in_aws_vault(subject, findings);
}

/// Looks at how long the files have stood there.
pub(super) fn examine_ages(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let now = subject.host.clock.now();
    let ages = FILES.map(|file| age(subject, file_of(subject, file), now));
    for profile in subject.profiles() {
        for (file, age) in FILES.into_iter().zip(ages) {
            let Some(section) = profile.section(file) else { continue };
            let Some(id) = section.get(ID) else { continue };
            if id.value.starts_with(LONG_TERM) {
                let since = age.filter(|age| age.as_hours() >= 48).map(in_days);
                let text = match since {
                    Some(days) => format!("a long-term key stands in plain text, for at least {days}"),
                    None => "a long-term key stands in plain text".to_owned(),
                };
                let remedy =
                    "replace it from time to time, or let a `credential_process` ask a keyring for it";
                let finding = Finding::new(&IN_PLAIN_TEXT, text, remedy);
                findings.push(finding.of_profile(profile.name()).at([id.location()]));
            } else if id.value.starts_with(TEMPORARY)
                && TOKENS.iter().any(|key| section.get(key).is_some())
                && said_end(section).is_none()
                && let Some(age) = age.filter(|age| *age > LONGEST_SESSION)
            {
                let text = format!(
                    "temporary credentials have stood here for at least {}, and no session lasts longer than 36 hours",
                    in_days(age)
                );
                let remedy = "get new ones with the tool that wrote them, or remove the section";
                let finding = Finding::new(&EXPIRED, text, remedy);
                findings.push(finding.of_profile(profile.name()).at([id.location()]));
            }
        }
    }
}

fn file_of<'a>(subject: &Subject<'a>, file: SourceFile) -> &'a Path {
    match file {
        SourceFile::Config => subject.files.config.path(),
        SourceFile::Credentials => subject.files.credentials.path(),
    }
}

/// How long the file has not been written to.
fn age(subject: &Subject<'_>, path: &Path, now: Timestamp) -> Option<SignedDuration> {
    let modified = subject.host.files.stamp(path)?.modified;
    Some(now.duration_since(Timestamp::from_nanosecond(modified).ok()?))
}

fn in_days(time: SignedDuration) -> String {
    format!("{} days", time.as_hours() / 24)
}

fn token(section: &Section<'_>, id: &str) -> Option<Finding> {
    let token = TOKENS.iter().find_map(|key| section.get(key)).filter(|token| !token.value.is_empty());
    let at = section.get(ID).map(|id| id.location());
    let finding = match token {
        None if id.starts_with(TEMPORARY) => Finding::new(
            &OTHER_TOKEN,
            format!("the access key is a temporary one (`{TEMPORARY}…`) and has no `aws_session_token`"),
            "add the `aws_session_token` that came with it, or get new credentials",
        ),
        Some(token) if id.starts_with(LONG_TERM) => {
            let text = format!(
                "a session token stands beside a long-term key (`{LONG_TERM}…`), to which it cannot belong"
            );
            Finding::new(&OTHER_TOKEN, text, "remove the session token").at([token.location()])
        }
        _ => return None,
    };
    Some(finding.at(at))
}

/// The end that the section itself names.
fn said_end(section: &Section<'_>) -> Option<Timestamp> {
    [EXPIRATION_KEY].iter().chain(&EXPIRATIONS).find_map(|key| parse_expiration(section.get(key)?.value))
}

fn expiry(
    subject: &Subject<'_>,
    profile: &Profile<'_>,
    section: &Section<'_>,
    is_ours: bool,
    now: Timestamp,
) -> Option<Finding> {
    TOKENS.iter().find_map(|key| section.get(key))?;
    let end = said_end(section).filter(|end| *end <= now)?;
    let text = format!("the credentials here expired at {}", render_expiration(end));
    let at = section.get(ID).map(|id| id.location());
    if !is_ours || section.get(EXPIRATION_KEY).is_none() {
        let remedy = "get new ones with the tool that wrote them, or remove the section";
        return Some(Finding::new(&EXPIRED, text, remedy).at(at));
    }
    let name = profile.name();
    let remedy = match section.get(SAVED_FROM_KEY) {
        Some(from) => {
            format!(
                "run `rolo save {} --as {}`, or `rolo save --clean` to remove them",
                shell_word(from.value),
                shell_word(name)
            )
        }
        None => "run `rolo save --clean` to remove them".to_owned(),
    };
    let path = subject.files.credentials.path().to_owned();
    let fix = Fix::SavedProfile { path, name: name.to_owned() };
    Some(Finding::new(&SAVED_EXPIRED, text, remedy).at(at).fixed_by([fix]))
}

/// The profiles all of whose headers in the credentials file have rolo's comment below them.
fn saved_by_rolo<'a>(subject: &Subject<'a>) -> HashSet<&'a str> {
    let headers = headers(subject.files.credentials.text()).unwrap_or_default();
    let is_marked = |comment: Option<&str>| comment.is_some_and(|comment| comment.starts_with(SAVED_MARK));
    let others: HashSet<&str> =
        headers.iter().filter(|header| !is_marked(header.comment)).map(|header| header.name).collect();
    headers.iter().map(|header| header.name).filter(|name| !others.contains(name)).collect()
}

/// Profiles that others start from, that hold nothing, where aws-vault was used on this machine.
fn in_aws_vault(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let mut empty: Vec<&Profile<'_>> = Vec::new();
    let mut seen = HashSet::new();
    for profile in subject.profiles() {
        let named = profile.get("source_profile").and_then(|source| subject.set.profile(source.value));
        if let Some(source) = named.filter(|source| holds_nothing(source) && seen.insert(source.name())) {
            empty.push(source);
        }
    }
    if empty.is_empty() || !is_aws_vault_used(subject) {
        return;
    }
    for profile in empty {
        let name = profile.name();
        findings.push(
            Finding::new(
                &IN_AWS_VAULT,
                format!("profile `{name}` holds no credentials; its keys may stand in aws-vault's keyring, where no other tool finds them"),
                format!("add `credential_process = aws-vault export --format=json {}` to it", shell_word(name)),
            )
            .of_profile(name)
            .at(profile.header_origin().location().cloned()),
        );
    }
}

fn holds_nothing(profile: &Profile<'_>) -> bool {
    const KEYS: [&str; 8] = [
        ID,
        "aws_secret_access_key",
        "role_arn",
        "credential_process",
        "sso_account_id",
        "sso_role_name",
        "web_identity_token_file",
        "login_session",
    ];
    KEYS.iter().all(|key| profile.get(key).is_none())
}

/// Its own keys in the config, its folder, or the program.
fn is_aws_vault_used(subject: &Subject<'_>) -> bool {
    let is_there = |path: &Path| subject.host.files.stamp(path).is_some();
    subject
        .set
        .profiles()
        .any(|profile| ["include_profile", "mfa_process"].iter().any(|key| profile.get(key).is_some()))
        || subject.host.home().is_some_and(|home| is_there(&home.join(".awsvault")))
        || subject.host.var_set(PATH).is_some_and(|path| {
            path.split(':').any(|folder| !folder.is_empty() && is_there(&Path::new(folder).join("aws-vault")))
        })
}
