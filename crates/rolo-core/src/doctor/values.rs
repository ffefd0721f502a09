//! Values that AWS refuses, or that mean something else than they seem to.
//!
//! Must not know whether a setting counts; no secret is looked at but for what surrounds it.

mod forms;
mod texts;

use super::{Check, Finding, Severity, Subject, keys::settings};
use crate::{
    chain::resolve::ResolveError,
    profile::{Profile, Setting, SourceFile},
};

static COMMENT: Check = Check {
    code: "R060",
    severity: Severity::Fault,
    title: "a comment behind a value",
    why: "To the AWS CLI, boto3 and rolo it is part of the value; other SDKs cut it off. So the same line works in one program and fails in another.",
};
static COMMENT_IN_COMMAND: Check = Check {
    code: "R061",
    severity: Severity::Warning,
    title: "a comment behind a command",
    why: "The AWS CLI, boto3 and rolo hand it to the program as arguments.",
};
static GOES_ON: Check = Check {
    code: "R062",
    severity: Severity::Fault,
    title: "a value goes on over the next line",
    why: "A line that is indented deeper than the setting above it belongs to that setting's value.",
};
static NOT_A_VALUE: Check = Check {
    code: "R063",
    severity: Severity::Fault,
    title: "lines of their own in place of a value",
    why: "Indented lines below an empty value are settings of their own. AWS's tools fail where they want a text.",
};
static QUOTES: Check = Check {
    code: "R064",
    severity: Severity::Fault,
    title: "quotes around a value",
    why: "In AWS's files quotes are part of the value.",
};
static EMPTY: Check = Check {
    code: "R065",
    severity: Severity::Warning,
    title: "a setting without a value",
    why: "AWS's tools disagree on whether an empty setting is one, and some fail on it.",
};
static NOT_EXPANDED: Check = Check {
    code: "R066",
    severity: Severity::Fault,
    title: "`~` or a variable in a path that nobody expands",
    why: "No shell reads the files: the path is taken as it stands there.",
};
static ROLE_ARN: Check = Check {
    code: "R067",
    severity: Severity::Fault,
    title: "a `role_arn` that is no role's ARN",
    why: "STS takes `arn:aws:iam::ACCOUNT:role/NAME` and refuses anything else.",
};
static SERIAL: Check = Check {
    code: "R068",
    severity: Severity::Fault,
    title: "an `mfa_serial` that is no device with codes",
    why: "STS takes the ARN of a virtual device, `arn:aws:iam::ACCOUNT:mfa/NAME`, or a hardware token's serial number. Passkeys and FIDO keys give no codes, so they cannot be used with it.",
};
static REGION: Check = Check {
    code: "R069",
    severity: Severity::Fault,
    title: "a region that is none",
    why: "The region is part of the address that is called.",
};
static UNKNOWN_REGION: Check = Check {
    code: "R070",
    severity: Severity::Warning,
    title: "a region that rolo does not know",
    why: "It may be new, or a typing error: calls then fail for want of such an address.",
};
static DURATION: Check = Check {
    code: "R071",
    severity: Severity::Fault,
    title: "a `duration_seconds` that STS refuses",
    why: "A role lasts 900 to 43200 s, and no longer than the role itself allows.",
};
static NO_NUMBER: Check = Check {
    code: "R072",
    severity: Severity::Warning,
    title: "a `duration_seconds` that is no whole number",
    why: "The AWS CLI and rolo pass over it, and the role lasts an hour.",
};
static SESSION_NAME: Check = Check {
    code: "R073",
    severity: Severity::Fault,
    title: "a `role_session_name` that STS refuses",
    why: "It has 2 to 64 letters, digits, and `_+=,.@-`.",
};
static EXTERNAL_ID: Check = Check {
    code: "R074",
    severity: Severity::Fault,
    title: "an `external_id` or `source_identity` that STS refuses",
    why: "An external id has 2 to 1224 letters, digits, and `_+=,.@:/-`; a source identity 2 to 64, without `:` and `/`.",
};
static ACCOUNT: Check = Check {
    code: "R075",
    severity: Severity::Fault,
    title: "an account id that is none",
    why: "It has 12 digits. Spreadsheets and YAML take it for a number, and leave out a zero at its beginning.",
};
static START_URL: Check = Check {
    code: "R076",
    severity: Severity::Fault,
    title: "an `sso_start_url` that is no address",
    why: "It is the address of the access portal, `https://….awsapps.com/start` or `https://….app.aws`.",
};
static WORD: Check = Check {
    code: "R077",
    severity: Severity::Fault,
    title: "a word where only certain others are taken",
    why: "AWS's tools refuse it.",
};
static SWITCH: Check = Check {
    code: "R078",
    severity: Severity::Warning,
    title: "a switch that is neither `true` nor `false`",
    why: "Only `true` switches it on; `yes`, `on` and `1` are as good as `false`, or refused.",
};
static METADATA: Check = Check {
    code: "R079",
    severity: Severity::Fault,
    title: "a setting of EC2's metadata service that cannot be used",
    why: "Credentials of the machine cannot be got with it.",
};

pub(super) static CHECKS: &[&Check] = &[
    &COMMENT,
    &COMMENT_IN_COMMAND,
    &GOES_ON,
    &NOT_A_VALUE,
    &QUOTES,
    &EMPTY,
    &NOT_EXPANDED,
    &ROLE_ARN,
    &SERIAL,
    &REGION,
    &UNKNOWN_REGION,
    &DURATION,
    &NO_NUMBER,
    &SESSION_NAME,
    &EXTERNAL_ID,
    &ACCOUNT,
    &START_URL,
    &WORD,
    &SWITCH,
    &METADATA,
];

/// What is wrong with one value: the check, what is wrong, and what to do.
type Odd = (&'static Check, String, String);

#[expect(clippy::unnecessary_wraps, reason = "each form ends in this or in `None`")]
fn odd(check: &'static Check, text: impl Into<String>, remedy: impl Into<String>) -> Option<Odd> {
    Some((check, text.into(), remedy.into()))
}

pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    for profile in subject.profiles() {
        for file in [SourceFile::Config, SourceFile::Credentials] {
            let Some(section) = profile.section(file) else { continue };
            let is_elsewhere = has_endpoint(profile);
            let found = settings(section).filter_map(|(key, setting)| examine_setting(key, &setting)).filter(
                |found| !is_elsewhere || ![REGION.code, UNKNOWN_REGION.code].contains(&found.check.code),
            );
            findings.extend(found.map(|finding| finding.of_profile(profile.name())));
        }
    }
    for (_, section) in subject.sessions() {
        findings.extend(settings(section).filter_map(|(key, setting)| examine_setting(key, &setting)));
    }
}

/// Whether it may call other services than AWS's, whose regions have other names: `auto`, `local`, `fr-par`.
fn has_endpoint(profile: &Profile<'_>) -> bool {
    ["endpoint_url", "services"].iter().any(|key| profile.get(key).is_some_and(|said| !said.value.is_empty()))
}

fn examine_setting(key: &str, setting: &Setting<'_>) -> Option<Finding> {
    let (check, text, remedy) = if setting.is_nested {
        texts::nested(key)?
    } else {
        texts::examine(key, setting.value).or_else(|| forms::examine(key, setting.value))?
    };
    Some(Finding::new(check, text, remedy).at([setting.location()]))
}

/// The check that looks for what `error` tells, where it is a value's.
pub(super) fn check_of(error: &ResolveError) -> Option<&'static Check> {
    Some(match error {
        ResolveError::NotAValue { .. } => &NOT_A_VALUE,
        ResolveError::UnknownCredentialSource { .. } => &WORD,
        ResolveError::TooBrief { .. } => &DURATION,
        // A variable's name is in capitals, and is no value of a file's.
        ResolveError::Imds(error) if error.name.starts_with(char::is_lowercase) => &METADATA,
        ResolveError::TooShort { parameter, .. } => match *parameter {
            "role ARN" => &ROLE_ARN,
            "MFA serial" => &SERIAL,
            "external id" => &EXTERNAL_ID,
            _ => &SESSION_NAME,
        },
        _ => return None,
    })
}
