//! How STS is called: the global endpoint or the region's, how often and how. Must not know where it is.

use super::{Check, Finding, Severity, Subject, check};
use crate::{
    env_vars::{
        AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS, AWS_MAX_ATTEMPTS, AWS_RETRY_MODE, AWS_STS_REGIONAL_ENDPOINTS,
    },
    host::Env,
};

pub(in crate::doctor) static REGIONAL: Check = check(
    "R152",
    Severity::Warning,
    "`sts_regional_endpoints` is neither `legacy` nor `regional`",
    "AWS CLI v1 and boto3 stop with an error; rolo and AWS CLI v2 call the endpoint of the region.",
);
pub(in crate::doctor) static LEGACY_UNUSED: Check = check(
    "R153",
    Severity::Note,
    "`sts_regional_endpoints` is `legacy` beside a custom endpoint",
    "The custom endpoint is called, whatever `sts_regional_endpoints` says.",
);
pub(in crate::doctor) static RETRIES: Check = check(
    "R154",
    Severity::Fault,
    "`retry_mode` or `max_attempts` is of the wrong form",
    "AWS CLI and boto3 stop with an error before any call; rolo takes the default.",
);

/// In lower case, for botocore takes no other.
const MODES: [&str; 3] = ["legacy", "standard", "adaptive"];

pub(super) fn examine(env: &dyn Env, subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let set = |name: &str| env.var(name).filter(|value| !value.is_empty());
    for (variable, key, form) in [
        (AWS_STS_REGIONAL_ENDPOINTS, "sts_regional_endpoints", regional as Form),
        (AWS_RETRY_MODE, "retry_mode", retry_mode),
        (AWS_MAX_ATTEMPTS, "max_attempts", max_attempts),
    ] {
        if let Some((check, problem, remedy)) = set(variable).and_then(|value| form(&value)) {
            let text = format!("`{variable}` {problem}");
            findings.push(Finding::new(check, text, format!("{remedy}, or run `unset {variable}`")));
        }
        for profile in subject.profiles() {
            let Some(own) = profile.get(key) else { continue };
            if let Some((check, problem, remedy)) = form(own.value) {
                findings.push(
                    Finding::new(
                        check,
                        format!("`{key}` {problem}"),
                        format!("{remedy}, or remove the line"),
                    )
                    .of_profile(profile.name())
                    .at([own.location()]),
                );
            }
        }
    }
    let has_endpoint = set(AWS_ENDPOINT_URL).is_some() || set(AWS_ENDPOINT_URL_STS).is_some();
    for profile in subject.profiles() {
        let legacy = profile.get("sts_regional_endpoints").filter(|said| said.value == "legacy");
        let Some(legacy) = legacy else { continue };
        if has_endpoint || profile.get("endpoint_url").is_some_and(|url| !url.value.is_empty()) {
            findings.push(
                Finding::new(
                    &LEGACY_UNUSED,
                    "`sts_regional_endpoints` is `legacy`, and a custom endpoint is called in its place",
                    "remove the line",
                )
                .of_profile(profile.name())
                .at([legacy.location()]),
            );
        }
    }
}

/// What is wrong with a value, and what would be right.
type Form = fn(&str) -> Option<(&'static Check, String, &'static str)>;

fn regional(value: &str) -> Option<(&'static Check, String, &'static str)> {
    let is_right = ["legacy", "regional"].contains(&value);
    let problem = || format!("is `{value}`, which is neither `legacy` nor `regional`");
    (!is_right).then(|| (&REGIONAL, problem(), "write `regional`"))
}

fn retry_mode(value: &str) -> Option<(&'static Check, String, &'static str)> {
    let is_right = MODES.contains(&value);
    let problem = || format!("is `{value}`, which is none of `legacy`, `standard` and `adaptive`");
    (!is_right).then(|| (&RETRIES, problem(), "write `standard`"))
}

fn max_attempts(value: &str) -> Option<(&'static Check, String, &'static str)> {
    let is_right = value.trim().parse::<u32>().is_ok_and(|attempts| attempts > 0);
    (!is_right).then(|| (&RETRIES, format!("is `{value}`, which is no number of at least 1"), "write `3`"))
}
