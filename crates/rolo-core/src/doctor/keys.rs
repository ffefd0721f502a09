//! Names of settings: misspelt, unknown, or where nobody looks for them.
//!
//! Must not know what a value looks like.

mod known;

use std::borrow::Cow;

use self::known::{IN_SSO_SESSION, is_known, is_of_another_tool, nearest_known};
use super::{Check, Finding, Severity, Subject};
use crate::profile::{Profile, Section, Setting, SourceFile};

static MISSPELT: Check = Check {
    code: "R040",
    severity: Severity::Fault,
    title: "a setting's name is misspelt",
    why: "Every tool passes over a name that it does not know, without a word. A misspelt `mfa_serial` ends as a plain AccessDenied.",
};
static UNKNOWN: Check = Check {
    code: "R041",
    severity: Severity::Warning,
    title: "a setting that no known tool reads",
    why: "It has no effect on AWS's tools. Where another program reads it, allow the code for these profiles.",
};
static NOT_IN_SESSION: Check = Check {
    code: "R042",
    severity: Severity::Warning,
    title: "a profile's setting in an `[sso-session]`",
    why: "A session says where and how to sign in, and nothing else of it is read.",
};
static NOT_IN_SERVICES: Check = Check {
    code: "R043",
    severity: Severity::Warning,
    title: "a setting of no service in a `[services]` section",
    why: "Such a section has a service's name with its settings indented below; anything else in it is passed over.",
};
static ROLE_IN_CREDENTIALS: Check = Check {
    code: "R044",
    severity: Severity::Note,
    title: "a role or sign-in in the credentials file",
    why: "rolo, the AWS CLI and boto3 read it there; some SDKs look for it in the config file alone.",
};
static WITHIN_ANOTHER: Check = Check {
    code: "R045",
    severity: Severity::Fault,
    title: "a setting is part of another one's value",
    why: "What is indented below an empty value belongs to that value, so the profile does not have the setting.",
};

pub(super) static CHECKS: &[&Check] =
    &[&MISSPELT, &UNKNOWN, &NOT_IN_SESSION, &NOT_IN_SERVICES, &ROLE_IN_CREDENTIALS, &WITHIN_ANOTHER];

/// Settings that are at home in the config file.
const OF_CONFIG: [&str; 4] = ["role_arn", "sso_session", "sso_account_id", "sso_start_url"];

/// Settings that decide whose credentials a profile has: one that a typing error hides is missed elsewhere.
const OF_CREDENTIALS: [&str; 10] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "credential_process",
    "credential_source",
    "region",
    "role_arn",
    "source_profile",
    "sso_account_id",
    "sso_role_name",
    "sso_session",
];

pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    for profile in subject.profiles() {
        for file in [SourceFile::Config, SourceFile::Credentials] {
            let Some(section) = profile.section(file) else { continue };
            for (key, setting) in settings(section) {
                let found = unknown(key, &setting).into_iter().chain(within(key, section));
                findings.extend(found.map(|finding| finding.of_profile(profile.name())));
            }
            findings.extend(misplaced(file, section).map(|finding| finding.of_profile(profile.name())));
        }
    }
    sessions(subject, findings);
    services(subject, findings);
}

/// Whether a name in the profile was probably meant for one of those that decide about its credentials.
pub(super) fn has_misspelt(profile: &Profile<'_>) -> bool {
    profile.keys().into_iter().any(|key| {
        !is_known(key)
            && !is_of_another_tool(key)
            && without_equals(key)
                .or_else(|| nearest_known(key))
                .is_some_and(|meant| OF_CREDENTIALS.contains(&meant))
    })
}

/// The name at the beginning of a line without `=`, in which something else was taken for the separator.
fn without_equals(key: &str) -> Option<&str> {
    let (first, _) = key.split_once(char::is_whitespace)?;
    is_known(first).then_some(first)
}

/// A name as it may be told: what stands behind a blank may be a value, and that a secret.
pub(super) fn shown(key: &str) -> &str {
    key.split(char::is_whitespace).next().unwrap_or(key)
}

pub(super) fn settings<'s>(section: &'s Section<'_>) -> impl Iterator<Item = (&'s str, Setting<'s>)> {
    section.keys().into_iter().filter_map(|key| Some((key, section.get(key)?)))
}

fn unknown(key: &str, setting: &Setting<'_>) -> Option<Finding> {
    if is_known(key) || is_of_another_tool(key) {
        return None;
    }
    let text = format!("`{}` is no setting of AWS's, so it is passed over", shown(key));
    let finding = match (without_equals(key), nearest_known(key)) {
        (Some(name), _) => Finding::new(
            &MISSPELT,
            format!("there is no `=` behind `{name}`, so the setting is passed over"),
            format!("write `{name} = VALUE`"),
        ),
        (None, Some(meant)) => Finding::new(&MISSPELT, text, format!("did you mean `{meant}`?")),
        // A map may be any service's.
        (None, None) if setting.is_nested => return None,
        (None, None) => Finding::new(
            &UNKNOWN,
            text,
            "remove it, or allow `R041` in rolo's `config.toml` where another program reads it",
        ),
    };
    Some(finding.at([setting.location()]))
}

/// Settings of a profile that stand indented below another one's name.
fn within<'s>(key: &'s str, section: &'s Section<'_>) -> Option<Finding> {
    let is_profiles =
        |inner: &&str| OF_CREDENTIALS.contains(inner) && *inner != "region" || *inner == "mfa_serial";
    let inner = section.nested_keys(key).into_iter().find(is_profiles)?;
    let setting = section.get_nested(key, inner)?;
    Some(
        Finding::new(
            &WITHIN_ANOTHER,
            format!("`{inner}` is part of the value of `{key}`, for it is indented below it"),
            "let the line begin without blanks",
        )
        .at([setting.location()]),
    )
}

fn misplaced(file: SourceFile, section: &Section<'_>) -> Option<Finding> {
    if file == SourceFile::Config {
        return None;
    }
    let (key, setting) = OF_CONFIG.into_iter().find_map(|key| Some((key, section.get(key)?)))?;
    Some(
        Finding::new(
            &ROLE_IN_CREDENTIALS,
            format!("`{key}` stands in the credentials file, where some SDKs do not look for it"),
            "move it, and what belongs to it, to `[profile NAME]` in the config file",
        )
        .at([setting.location()]),
    )
}

fn sessions(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    for (_, section) in subject.sessions() {
        for (key, setting) in settings(section).filter(|(key, _)| !IN_SSO_SESSION.contains(key)) {
            let meant = super::nearest(key, IN_SSO_SESSION.into_iter());
            let finding = match meant.filter(|_| !is_known(key)) {
                Some(meant) => Finding::new(
                    &MISSPELT,
                    format!("`{key}` is no setting of an `sso-session`, so it is passed over"),
                    format!("did you mean `{meant}`?"),
                ),
                None => Finding::new(
                    &NOT_IN_SESSION,
                    format!("`{key}` does nothing in an `sso-session`"),
                    "move it to the profiles that use the session, or remove it",
                ),
            };
            findings.push(finding.at([setting.location()]));
        }
    }
}

fn services(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let wanted = |name: &str| {
        subject.only.is_none()
            || subject
                .profiles()
                .any(|profile| profile.get("services").is_some_and(|said| said.value == name))
    };
    let mut sections: Vec<_> = subject.set.all_services().filter(|(name, _)| wanted(name)).collect();
    sections.sort_by_key(|(name, _)| *name);
    for (_, section) in sections {
        for (key, setting) in settings(section).filter(|(_, setting)| !setting.is_nested) {
            let remedy = if key == "endpoint_url" {
                Cow::Borrowed("put a service's name above it: `sts =`, and the line indented below")
            } else {
                Cow::Owned(format!("write `{key} =`, and its settings indented below"))
            };
            findings.push(
                Finding::new(
                    &NOT_IN_SERVICES,
                    format!("`{key}` does nothing by itself in a `services` section"),
                    remedy,
                )
                .at([setting.location()]),
            );
        }
    }
}
