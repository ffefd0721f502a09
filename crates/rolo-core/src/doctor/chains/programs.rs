//! Circles of `credential_process`: a command that asks rolo or the AWS CLI for a profile that leads to it again.
//!
//! Must not know how a program is run.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use super::PROGRAM_CIRCLE;
use crate::{
    chain::{
        request::Request,
        resolve::{ResolveError, resolve_chain},
        source::BaseSource,
    },
    doctor::{Finding, Subject},
    handed::UserEnv,
    host::Host,
    origin::Origin,
    words::split_words,
};

/// Options of `rolo process` that are followed by no value.
const FLAGS: [&str; 8] =
    ["-q", "-v", "-vv", "--quiet", "--verbose", "--refresh", "--read-only", "--no-mfa-session"];

pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    // From the profile whose program runs to the one that the next program belongs to.
    let mut next: HashMap<String, Option<String>> = HashMap::new();
    let mut told: HashSet<String> = HashSet::new();
    let names = subject.profiles().filter(|profile| profile.get("credential_process").is_some());
    for name in names.map(|profile| profile.name().to_owned()) {
        let mut path = vec![name.clone()];
        let mut at = name;
        while let Some(follows) = next.entry(at.clone()).or_insert_with(|| leads_to(subject, &at)).clone() {
            let begin = path.iter().position(|known| *known == follows);
            path.push(follows.clone());
            if let Some(begin) = begin {
                if !told.contains(&follows) {
                    told.extend(path[begin..].iter().cloned());
                    findings.extend(circle(subject, &path[begin..]));
                }
                break;
            }
            at = follows;
        }
    }
}

/// The profile whose program is run by the program of `name`, by way of what its command asks for.
fn leads_to(subject: &Subject<'_>, name: &str) -> Option<String> {
    let asked_for = asked_for(subject.set.profile(name)?.get("credential_process")?.value)?;
    // A profile in which something else comes before its program runs none.
    if program_of(subject, name).as_deref() != Some(name) {
        return None;
    }
    program_of(subject, &asked_for)
}

/// The profile whose program begins the chain of `name`.
fn program_of(subject: &Subject<'_>, name: &str) -> Option<String> {
    let env = UserEnv::new(subject.host.env);
    let host = Host { env: &env, ..subject.host };
    match resolve_chain(subject.set, host, &Request::for_profile(name)).ok()?.base {
        base if matches!(base.source, BaseSource::Process { .. }) => base.profile,
        _ => None,
    }
}

/// The profile that a command line asks rolo or the AWS CLI for.
fn asked_for(command: &str) -> Option<String> {
    let words = split_words(command).ok()?;
    let program = Path::new(words.first()?).file_stem()?.to_str()?;
    let given = words.iter().zip(words.iter().skip(1)).find_map(|(word, next)| {
        word.strip_prefix("--profile=")
            .map(str::to_owned)
            .or_else(|| (word == "--profile").then(|| next.clone()))
    });
    let last = || words.last()?.strip_prefix("--profile=").map(str::to_owned);
    match program {
        "rolo" if words.iter().any(|word| word == "process") => {
            given.or_else(last).or_else(|| positional(&words))
        }
        "aws" if words.iter().any(|word| word == "export-credentials") => given.or_else(last),
        _ => None,
    }
}

/// The first word behind `process` that is neither an option nor an option's value.
fn positional(words: &[String]) -> Option<String> {
    let mut rest = words.iter().skip_while(|word| *word != "process").skip(1);
    while let Some(word) = rest.next() {
        if !word.starts_with('-') {
            return Some(word.clone());
        }
        if !word.contains('=') && !FLAGS.contains(&word.as_str()) {
            rest.next();
        }
    }
    None
}

/// The finding of a circle; its first profile is its last one too.
fn circle(subject: &Subject<'_>, path: &[String]) -> Option<Finding> {
    let places: Vec<_> = path
        .iter()
        .skip(1)
        .filter_map(|name| Some(subject.set.profile(name)?.get("credential_process")?.location()))
        .collect();
    let error = ResolveError::ProcessLoop {
        path: path.to_vec(),
        origin: places.first().cloned().map_or(Origin::Default, Origin::File),
    };
    Some(
        Finding::new(&PROGRAM_CIRCLE, error.to_string(), error.remedy()).of_profile(path.first()?).at(places),
    )
}
