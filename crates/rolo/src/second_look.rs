//! A second look, once something has failed: what the checks of `rolo doctor` find in the profiles involved and in the
//! environment, as far as it may explain this failure. Most of what AWS merely denies is a misspelt or hidden setting.
//!
//! Must not know how a check looks, nor how a hint is shown.

use rolo_core::{
    chain::request::{Request, Target},
    doctor::{Finding, Reading, Subject, examine_config, examine_machine, names_of_chains},
    env_vars,
    error::{ErrorName, names},
    handed::UserEnv,
    host::{Env, Host},
    profile::ProfileSet,
};

use crate::{error::CliError, settings::load_config};

/// More would hide what the error itself says.
const MOST: usize = 3;

/// Codes of checks, the likeliest explanation first.
type Codes = &'static [&'static str];

/// A call was not allowed: what was meant to be sent was not, or was something else; or another caller sent it.
const DENIED: Codes = &[
    "R040", "R045", "R062", "R060", "R064", "R067", "R068", "R075", "R074", "R034", "R144", "R042", "R041",
    "R009", "R010", "R011", "R012", "R080", "R094",
];
/// Access key, secret and token are not of one another, or not those that were meant.
const KEYS: Codes = &[
    "R101", "R085", "R086", "R089", "R087", "R102", "R103", "R060", "R064", "R062", "R144", "R104", "R088",
    "R080", "R094",
];
/// Nothing to begin with, or not what was meant to be.
const SOURCES: Codes = &[
    "R040", "R045", "R084", "R060", "R064", "R065", "R012", "R013", "R014", "R042", "R041", "R105", "R097",
    "R082",
];
/// A name leads nowhere.
const NAMES: Codes = &["R013", "R014", "R012", "R011", "R060", "R064", "R097"];
/// MFA did not come to pass as it was meant.
const MFA: Codes = &["R040", "R045", "R060", "R064", "R068", "R117", "R093"];
/// A program did not do what it was meant to.
const PROGRAMS: Codes = &["R061", "R114", "R066", "R064", "R117"];
/// The call went astray.
const WAYS: Codes = &[
    "R140", "R146", "R143", "R070", "R060", "R064", "R116", "R142", "R141", "R147", "R148", "R149", "R150",
    "R097", "R098",
];
/// AWS, or rolo, finds fault with a value.
const VALUES: Codes = &["R060", "R062", "R064", "R067", "R072", "R073", "R074", "R075", "R070", "R071"];
/// A sign-in is not found, or not the one that was meant.
const SIGN_INS: Codes = &["R040", "R077", "R076", "R060", "R064", "R031", "R042"];

/// The checks that may explain a failure; none for those that say it all.
fn explaining(name: ErrorName) -> Codes {
    match name {
        names::ACCESS_DENIED => DENIED,
        names::KEY_UNKNOWN | names::SIGNATURE_REFUSED | names::CREDENTIALS_EXPIRED => KEYS,
        names::NO_CREDENTIALS
        | names::SOURCE_WITHOUT_CREDENTIALS
        | names::NO_SOURCE
        | names::NO_ROLE
        | names::NO_KEY_FOR_SESSION
        | names::HALF_CREDENTIALS
        | names::CREDENTIAL_SOURCE_ABSENT => SOURCES,
        names::PROFILE_NOT_FOUND
        | names::SOURCE_PROFILE_NOT_FOUND
        | names::CREDENTIAL_SOURCE_UNKNOWN
        | names::SSO_SESSION_NOT_FOUND
        | names::SERVICES_NOT_FOUND => NAMES,
        names::MFA_CODE_NEEDED
        | names::MFA_CODE_REFUSED
        | names::MFA_CODE_SPENT
        | names::MFA_PROCESS_FAILED
        | names::MFA_DEVICE_UNKNOWN => MFA,
        names::PROCESS_COMMAND | names::PROCESS_NOT_RUN | names::PROCESS_FAILED => PROGRAMS,
        names::UNREACHABLE
        | names::HOST_NOT_FOUND
        | names::TIMED_OUT
        | names::PROXY_FAILED
        | names::TLS_FAILED
        | names::NOT_AWS
        | names::BAD_ANSWER
        | names::CALL_NOT_PREPARED
        | names::NO_REGION => WAYS,
        names::REQUEST_INVALID | names::VALUE_NOT_SENT | names::VALUE_TOO_SHORT | names::POLICY_REFUSED => {
            VALUES
        }
        names::SIGN_IN_NEEDED | names::SSO_INCOMPLETE | names::SSO_SESSION_INCOMPLETE => SIGN_INS,
        _ => &[],
    }
}

/// Puts what may explain `error` before its own next steps.
pub fn add_findings(error: CliError, request: &Request, host: Host<'_>) -> CliError {
    let codes = explaining(error.name());
    let hints = if codes.is_empty() { Vec::new() } else { look(codes, request, host) };
    error.first_hints(hints)
}

fn look(codes: Codes, request: &Request, host: Host<'_>) -> Vec<String> {
    let Ok(config) = load_config(host) else { return Vec::new() };
    let reading = Reading::load(host);
    let Ok(set) = ProfileSet::parse(&reading.files) else { return Vec::new() };
    let asked = asked_profiles(request, &set, host);
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    let involved = names_of_chains(&set, &asked);
    let subject = Subject::new(&reading.files, &set, host, &config.options).only(&involved);
    let mut found = examine_config(&subject);
    found.extend(examine_machine(&subject));
    found.retain(|finding| !config.allowed.iter().any(|rule| rule.covers(finding)));
    let rank = |finding: &Finding| codes.iter().position(|code| *code == finding.check.code);
    let mut ranked: Vec<_> = found.iter().filter_map(|finding| Some((rank(finding)?, finding))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().take(MOST).map(|(_, finding)| as_hint(finding)).collect()
}

/// The profiles where the chain begins to be followed, as far as names alone tell.
fn asked_profiles(request: &Request, set: &ProfileSet<'_>, host: Host<'_>) -> Vec<String> {
    let named = match &request.target {
        Target::Named(name) => Some(name.clone()),
        Target::Role(_) | Target::Default => None,
    };
    let env = UserEnv::new(host.env);
    let usual = || {
        let variables = [env_vars::AWS_PROFILE, env_vars::AWS_DEFAULT_PROFILE];
        let set =
            variables.into_iter().filter_map(|variable| env.var(variable)).find(|name| !name.is_empty());
        set.unwrap_or_else(|| "default".to_owned())
    };
    let has_profile = named.as_ref().is_some_and(|name| set.profile(name).is_some());
    let start = request.source_profile.clone().or_else(|| (!has_profile).then(usual));
    named.into_iter().chain(start).collect()
}

fn as_hint(finding: &Finding) -> String {
    let places: Vec<_> = finding.locations.iter().map(ToString::to_string).collect();
    let at = if places.is_empty() { String::new() } else { format!(" ({})", places.join(", ")) };
    format!("{}{at}: {}", finding.text, finding.remedy)
}

#[cfg(test)]
mod tests {
    use rolo_core::doctor::all_checks;

    use super::*;

    #[test]
    fn every_code_is_that_of_a_check_and_stands_once() {
        for codes in [DENIED, KEYS, SOURCES, NAMES, MFA, PROGRAMS, WAYS, VALUES, SIGN_INS] {
            for (index, code) in codes.iter().enumerate() {
                assert!(all_checks().any(|check| check.code == *code), "{code}");
                assert!(!codes[..index].contains(code), "{code}");
            }
        }
    }
}
