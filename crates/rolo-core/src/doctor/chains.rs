//! What is wrong with the way from a profile to its credentials: whatever does not resolve, and what resolves to something
//! else than it says.
//!
//! Must not know how a chain is resolved, nor what a value looks like.

mod outranked;
mod programs;

use std::collections::{HashMap, HashSet};

use super::{Check, Finding, Severity, Subject, keys, names_of_chains, values};
use crate::{
    chain::{
        overrides::{ONE_HOUR, is_temporary},
        resolve::ResolveError,
        source::Chain,
    },
    origin::{Location, Origin},
    profile::{Profile, Setting, SourceFile},
};

static SOURCE_MISSING: Check = Check {
    code: "R020",
    severity: Severity::Fault,
    title: "`source_profile` names a profile that does not exist",
    why: "The role cannot be assumed, for nothing says by whom.",
};
static LOOP: Check = Check {
    code: "R021",
    severity: Severity::Fault,
    title: "`source_profile` goes in a circle",
    why: "No profile of the circle has credentials to begin with. Some tools hang on it.",
};
static BOTH_SOURCES: Check = Check {
    code: "R022",
    severity: Severity::Fault,
    title: "both `source_profile` and `credential_source`",
    why: "AWS's tools refuse a profile that names two sources.",
};
static NO_SOURCE: Check = Check {
    code: "R023",
    severity: Severity::Fault,
    title: "a `role_arn` without `source_profile` or `credential_source`",
    why: "The role cannot be assumed, for nothing says by whom.",
};
static NO_REGION: Check = Check {
    code: "R024",
    severity: Severity::Fault,
    title: "a custom endpoint without a region",
    why: "A call is signed for a region, and an address of one's own does not tell it.",
};
static SOURCE_EMPTY: Check = Check {
    code: "R025",
    severity: Severity::Note,
    title: "`credential_source` leads nowhere on this machine",
    why: "Such a profile works on the machine or in the container that it was written for.",
};
static NO_CREDENTIALS: Check = Check {
    code: "R026",
    severity: Severity::Fault,
    title: "a source profile without credentials",
    why: "A role is assumed with the source's credentials, and there are none.",
};
static HALF_KEY: Check = Check {
    code: "R027",
    severity: Severity::Fault,
    title: "one half of an access key",
    why: "An access key is an id and a secret, both in the same file. AWS's tools never take one half from each file.",
};
static TOKEN_WITHOUT_ROLE: Check = Check {
    code: "R028",
    severity: Severity::Fault,
    title: "a `web_identity_token_file` without a `role_arn`",
    why: "The token is exchanged for a role's credentials.",
};
static SSO_INCOMPLETE: Check = Check {
    code: "R029",
    severity: Severity::Fault,
    title: "settings of IAM Identity Center are missing",
    why: "A profile needs `sso_account_id` and `sso_role_name`, and the start URL and region of a sign-in, best in an `[sso-session]`.",
};
static SSO_INCONSISTENT: Check = Check {
    code: "R030",
    severity: Severity::Fault,
    title: "a profile and its `sso-session` differ",
    why: "AWS's tools refuse a profile that says another start URL or region than its session.",
};
static SERVICES_MISSING: Check = Check {
    code: "R031",
    severity: Severity::Fault,
    title: "`services` names a section that does not exist",
    why: "The AWS CLI refuses each call of such a profile.",
};
static PROGRAM_CIRCLE: Check = Check {
    code: "R032",
    severity: Severity::Fault,
    title: "`credential_process` goes in a circle",
    why: "The program asks for a profile that leads to the same program again, which would never end.",
};
static WITHOUT_ROLE: Check = Check {
    code: "R033",
    severity: Severity::Warning,
    title: "a role's settings in a profile without `role_arn`",
    why: "They do nothing: without `role_arn` no role is assumed, and the profile's credentials are those of something else.",
};
static LOGIN_SESSION: Check = Check {
    code: "R034",
    severity: Severity::Warning,
    title: "a `login_session`",
    why: "rolo does not yet read the credentials of `aws login`; the AWS CLI and newer SDKs do.",
};
static OUTRANKED: Check = Check {
    code: "R035",
    severity: Severity::Warning,
    title: "two ways to credentials in one profile",
    why: "Only one counts: a role with its source comes before web identity, that before IAM Identity Center, then come keys of the credentials file, `login_session`, `credential_process`, and keys of the config file. Some SDKs have another order.",
};
static KEYS_BESIDE_ROLE: Check = Check {
    code: "R036",
    severity: Severity::Warning,
    title: "access keys in a profile with `role_arn`",
    why: "Asked for by name, the profile is the role and its keys are not used. As a `source_profile` it is its keys, and the role is not assumed.",
};
static KEYS_END_CHAIN: Check = Check {
    code: "R037",
    severity: Severity::Warning,
    title: "a chain ends at a profile that holds keys as well as a role",
    why: "To AWS's tools the keys of a source end the chain, so the role of the source is not assumed on the way.",
};
static CHAINED_TOO_LONG: Check = Check {
    code: "R038",
    severity: Severity::Fault,
    title: "more than an hour for a role taken on from temporary credentials",
    why: "STS refuses the call. A role taken on by a role, or by any other temporary credentials, lasts 1 h at the most, whatever the role allows.",
};
static CODE_EACH_TIME: Check = Check {
    code: "R039",
    severity: Severity::Note,
    title: "more than an hour for a role with MFA",
    why: "STS caps a role taken on from an MFA session at 1 h, so this one is asked for with a code of its own: the day's code does not open it.",
};

pub(super) static CHECKS: &[&Check] = &[
    &SOURCE_MISSING,
    &LOOP,
    &BOTH_SOURCES,
    &NO_SOURCE,
    &NO_REGION,
    &SOURCE_EMPTY,
    &NO_CREDENTIALS,
    &HALF_KEY,
    &TOKEN_WITHOUT_ROLE,
    &SSO_INCOMPLETE,
    &SSO_INCONSISTENT,
    &SERVICES_MISSING,
    &PROGRAM_CIRCLE,
    &WITHOUT_ROLE,
    &LOGIN_SESSION,
    &OUTRANKED,
    &KEYS_BESIDE_ROLE,
    &KEYS_END_CHAIN,
    &CHAINED_TOO_LONG,
    &CODE_EACH_TIME,
];

/// Settings that say something of a role or of the way to it.
const OF_A_ROLE: [&str; 5] =
    ["source_profile", "credential_source", "external_id", "role_session_name", "duration_seconds"];

pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let mut broken = Broken { subject, index: HashMap::new(), findings: Vec::new() };
    for (profile, chain) in subject.chains() {
        match chain {
            Err(error) => broken.add(profile, error),
            Ok(chain) => lengths(profile, chain, subject.options.mfa_session, findings),
        }
        outranked::examine(subject.set, profile, findings);
        half_key(profile, findings);
        without_role(profile, findings);
    }
    findings.append(&mut broken.findings);
    programs::examine(subject, findings);
}

/// The check that looks for what `error` tells; `None` for what only a command line brings about, and for what the
/// environment's checks tell.
fn check_of(error: &ResolveError) -> Option<&'static Check> {
    Some(match error {
        ResolveError::SourceProfileMissing { .. } => &SOURCE_MISSING,
        ResolveError::Loop { .. } => &LOOP,
        ResolveError::BothSources { .. } => &BOTH_SOURCES,
        ResolveError::NoSource { .. } => &NO_SOURCE,
        ResolveError::NoRegion { .. } => &NO_REGION,
        ResolveError::CredentialSourceEmpty { .. } => &SOURCE_EMPTY,
        ResolveError::SourceHasNoCredentials { .. } => &NO_CREDENTIALS,
        ResolveError::HalfCredentials { origin: Origin::File(_), .. }
        | ResolveError::EmptyKey { origin: Origin::File(_), .. } => &HALF_KEY,
        ResolveError::WebIdentityWithoutRole { origin: Origin::File(_) } => &TOKEN_WITHOUT_ROLE,
        ResolveError::SsoIncomplete { .. }
        | ResolveError::SsoSessionMissing { .. }
        | ResolveError::SsoSessionIncomplete { .. } => &SSO_INCOMPLETE,
        ResolveError::SsoInconsistent { .. } => &SSO_INCONSISTENT,
        ResolveError::ServicesMissing { .. } => &SERVICES_MISSING,
        ResolveError::LoginNotSupported { .. } => &LOGIN_SESSION,
        ResolveError::ProcessLoop { .. } => &PROGRAM_CIRCLE,
        _ => return values::check_of(error),
    })
}

/// Whether something is not there that a misspelt key may have been meant for.
fn is_lack(error: &ResolveError) -> bool {
    matches!(
        error,
        ResolveError::NoSource { .. }
            | ResolveError::SourceHasNoCredentials { .. }
            | ResolveError::HalfCredentials { .. }
            | ResolveError::WebIdentityWithoutRole { .. }
            | ResolveError::SsoIncomplete { .. }
            | ResolveError::NoRegion { .. }
    )
}

/// What does not resolve, each fault once however many profiles it breaks.
struct Broken<'s, 'a> {
    subject: &'s Subject<'a>,
    /// By code, places and words.
    index: HashMap<(&'static str, Vec<Location>, String), usize>,
    findings: Vec<Finding>,
}

impl Broken<'_, '_> {
    fn add(&mut self, asked: &Profile<'_>, error: &ResolveError) {
        let Some(check) = check_of(error) else { return };
        if let ResolveError::Loop { path, origins } = error {
            self.add_loop(asked.name(), path, origins);
            return;
        }
        let mut places = error.locations();
        let whose = self.whose(asked.name(), error, &places);
        let profile = self.subject.set.profile(&whose).unwrap_or(asked);
        let is_told = keys::has_misspelt(profile) || half(profile).is_some();
        if is_lack(error) && is_told {
            // When that is mended this is too.
            return;
        }
        if let ResolveError::Imds(error) = error {
            places.extend(profile.get(error.name).map(|setting| setting.location()));
        }
        if places.is_empty() {
            places.extend(profile.header_origin().location().cloned());
        }
        let key = (check.code, places.clone(), error.to_string());
        let at = *self.index.entry(key).or_insert(self.findings.len());
        if at == self.findings.len() {
            let remedy = self.remedy(error);
            self.findings.push(Finding::new(check, words(error), remedy).of_profile(&whose).at(places));
        }
        if whose != asked.name()
            && let Some(finding) = self.findings.get_mut(at)
        {
            finding.breaks.push(asked.name().to_owned());
        }
    }

    /// A circle is one fault, wherever one enters it.
    fn add_loop(&mut self, asked: &str, path: &[String], origins: &[Origin]) {
        let Some((repeated, before)) = path.split_last() else { return };
        let begin = before.iter().position(|name| name == repeated).unwrap_or(0);
        let circle: HashSet<&str> = before[begin..].iter().map(String::as_str).collect();
        let mut names: Vec<String> = circle.iter().map(|name| (*name).to_owned()).collect();
        names.sort_unstable();
        let key = (LOOP.code, Vec::new(), names.join("\n"));
        let at = *self.index.entry(key).or_insert(self.findings.len());
        if at == self.findings.len() {
            let error = ResolveError::Loop {
                path: path[begin..].to_vec(),
                origins: origins.get(begin..).unwrap_or_default().to_vec(),
            };
            self.findings.push(
                Finding::new(&LOOP, error.to_string(), error.remedy())
                    .of_profile(repeated)
                    .at(error.locations()),
            );
        }
        if !circle.contains(asked)
            && let Some(finding) = self.findings.get_mut(at)
        {
            finding.breaks.push(asked.to_owned());
        }
    }

    /// The profile of `asked`'s chain that is at fault: the one with the line to blame.
    fn whose(&self, asked: &str, error: &ResolveError, places: &[Location]) -> String {
        if let Some(profile) = error.profile() {
            return profile.to_owned();
        }
        let set = self.subject.set;
        let has_line = |name: &&str| {
            let Some(profile) = set.profile(name) else { return false };
            let has = |file| {
                let section = profile.section(file);
                section.is_some_and(|section| {
                    section
                        .keys()
                        .into_iter()
                        .filter_map(|key| section.get(key))
                        .any(|setting| places.contains(&setting.location()))
                })
            };
            has(SourceFile::Config) || has(SourceFile::Credentials)
        };
        names_of_chains(set, &[asked]).into_iter().find(has_line).unwrap_or(asked).to_owned()
    }

    fn remedy(&self, error: &ResolveError) -> String {
        let set = self.subject.set;
        match error {
            ResolveError::SourceProfileMissing { source_profile: name, .. } => {
                if set.other_sections().any(|section| section.header() == name) {
                    return format!("write `[profile {name}]` in place of `[{name}]` in the config file");
                }
                if set.profile(&format!("profile {name}")).is_some() {
                    return format!(
                        "write `[{name}]` in place of `[profile {name}]` in the credentials file"
                    );
                }
            }
            ResolveError::NoSource { profile, .. } => {
                let other = set.profile(profile).and_then(outranked::key_beside_role);
                if let Some(key) = other {
                    return format!(
                        "remove `role_arn`, so that `{key}` counts, or add `source_profile = NAME` for the role"
                    );
                }
            }
            _ => {}
        }
        error.remedy()
    }
}

/// The error's words, without the name of the profile where many may have the same fault.
fn words(error: &ResolveError) -> String {
    match error {
        ResolveError::SourceProfileMissing { source_profile, .. } => {
            format!("`source_profile` names `{source_profile}`, which does not exist")
        }
        ResolveError::SsoSessionMissing { session, .. } => {
            format!("`sso_session` names `{session}`, but there is no `[sso-session {session}]`")
        }
        ResolveError::ServicesMissing { section, .. } => {
            format!("`services` names `{section}`, but there is no `[services {section}]`")
        }
        ResolveError::NoSource { .. } => {
            "the profile has a `role_arn` but neither `source_profile` nor `credential_source`".to_owned()
        }
        ResolveError::LoginNotSupported { .. } => {
            "the profile has a `login_session`, which rolo does not yet support".to_owned()
        }
        ResolveError::CredentialSourceEmpty { value, missing, .. } => {
            format!("`credential_source` is `{value}`, but {missing}")
        }
        error => error.to_string(),
    }
}

/// Roles asked for longer than they can be had.
fn lengths(profile: &Profile<'_>, chain: &Chain, mfa_session: bool, findings: &mut Vec<Finding>) {
    let Some((step, inner)) = chain.steps.split_last() else { return };
    let Some(said) = step.duration_seconds.as_ref().filter(|said| said.value > ONE_HOUR) else { return };
    let place = said.origin.location().cloned();
    let seconds = said.value;
    if !inner.is_empty() || is_temporary(&chain.base) {
        let text = format!(
            "a role taken on from temporary credentials lasts 1 h at the most, so STS refuses `duration_seconds = {seconds}`"
        );
        let remedy = "write `duration_seconds = 3600`, or let an IAM user's own keys take the role on";
        findings.push(Finding::new(&CHAINED_TOO_LONG, text, remedy).of_profile(profile.name()).at(place));
    } else if step.mfa_serial.is_some() && chain.base.long_term_keys().is_some() && mfa_session {
        let text = format!(
            "`duration_seconds = {seconds}` takes an MFA code of its own: the session that opens other roles for a day caps them at 1 h"
        );
        let remedy = "leave it, or write `duration_seconds = 3600` to be asked for one code a day";
        findings.push(Finding::new(&CODE_EACH_TIME, text, remedy).of_profile(profile.name()).at(place));
    }
}

/// A secret or a token without the id that resolving looks for first.
fn half_key(profile: &Profile<'_>, findings: &mut Vec<Finding>) {
    let Some((key, setting)) = half(profile).filter(|_| !keys::has_misspelt(profile)) else { return };
    let other = if profile.get("aws_access_key_id").is_some() {
        " in the same file; that of the other file does not count"
    } else {
        ""
    };
    findings.push(
        Finding::new(
            &HALF_KEY,
            format!("`{key}` stands without `aws_access_key_id`{other}"),
            "set `aws_access_key_id` in the same section, or remove the line",
        )
        .of_profile(profile.name())
        .at([setting.location()]),
    );
}

fn half<'s>(profile: &'s Profile<'_>) -> Option<(&'static str, Setting<'s>)> {
    let in_file = |file| {
        let has = |key| profile.get_in(file, key);
        let second = || {
            ["aws_secret_access_key", "aws_session_token"].into_iter().find_map(|key| Some((key, has(key)?)))
        };
        if has("aws_access_key_id").is_some() { None } else { second() }
    };
    [SourceFile::Config, SourceFile::Credentials].into_iter().find_map(in_file)
}

fn without_role(profile: &Profile<'_>, findings: &mut Vec<Finding>) {
    if profile.get("role_arn").is_some() {
        return;
    }
    let first = OF_A_ROLE.into_iter().find_map(|key| Some((key, profile.get(key)?)));
    let Some((key, setting)) = first.filter(|_| !keys::has_misspelt(profile)) else { return };
    findings.push(
        Finding::new(
            &WITHOUT_ROLE,
            format!("`{key}` does nothing, for the profile has no `role_arn`"),
            "add `role_arn = ARN`, or remove the line",
        )
        .of_profile(profile.name())
        .at([setting.location()]),
    );
}

fn has_static_keys(profile: &Profile<'_>) -> bool {
    static_key(profile).is_some()
}

/// The first line of static keys.
fn static_key<'s>(profile: &'s Profile<'_>) -> Option<Setting<'s>> {
    ["aws_access_key_id", "aws_secret_access_key"].into_iter().find_map(|key| profile.get(key))
}
