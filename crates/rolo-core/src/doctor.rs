//! What is wrong with a setup, all of it at once: findings, each with its check, its lines and its remedy.
//!
//! A family of checks is a file below this one. `rolo doctor` shows every finding; `rolo explain` and the error of a run
//! that failed show those of the profiles involved. Nothing here calls AWS or changes a file. Must not know how a finding
//! is shown.

mod caches;
mod chains;
mod check;
mod endpoints;
mod environment;
mod files;
mod fix;
mod keys;
mod many;
mod modes;
mod online;
mod readers;
mod reading;
mod stored;
mod values;

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
    ops::RangeInclusive,
    path::Path,
};

pub use check::{Check, Severity};
pub use files::{left_out_settings, unusable_settings};
pub use fix::{Fix, FixError};
pub use online::{Online, examine_online};
pub use reading::Reading;

use crate::{
    chain::{
        plan::Options,
        request::Request,
        resolve::{ResolveError, resolve_chain},
        source::Chain,
    },
    handed::UserEnv,
    host::Host,
    origin::Location,
    profile::{ConfigFiles, Profile, ProfileSet, Section, nearest::nearest},
    words::shell_word,
};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked for.
    pub check: &'static Check,
    /// Whose it is; `None` for what belongs to no one profile.
    pub profile: Option<String>,
    /// Other profiles that it breaks, for their chains lead through it.
    pub breaks: Vec<String>,
    /// What is wrong: one lower-case line without a full stop, names in backticks, never a secret. Without the profile's
    /// name where that is no part of the matter: what is wrong in the same words in many profiles is told once.
    pub text: String,
    /// The lines to blame, in the order to be shown.
    pub locations: Vec<Location>,
    /// One next step, which a person can run or do.
    pub remedy: String,
    /// What would mend it and may be done without a thought; mostly nothing.
    pub fixes: Vec<Fix>,
}

/// What is examined.
pub struct Subject<'a> {
    /// The files as they were read; of a damaged one what could be.
    pub files: &'a ConfigFiles,
    /// The profiles of them.
    pub set: &'a ProfileSet<'a>,
    /// The environment, the clock, and whatever else a check looks at.
    pub host: Host<'a>,
    /// The person's options.
    pub options: &'a Options,
    /// The profiles of interest; `None`: all.
    pub only: Option<&'a [&'a str]>,
    chains: OnceCell<Vec<Result<Chain, ResolveError>>>,
}

/// Each family's checks, and the codes that are its own.
const FAMILIES: &[(RangeInclusive<u16>, &[&Check])] = &[
    (1..=19, files::CHECKS),
    (20..=39, chains::CHECKS),
    (40..=59, keys::CHECKS),
    (60..=79, values::CHECKS),
    (80..=99, environment::CHECKS),
    (100..=109, stored::CHECKS),
    (110..=119, modes::CHECKS),
    (120..=139, caches::CHECKS),
    (140..=159, endpoints::CHECKS),
    (160..=189, readers::CHECKS),
    (190..=199, online::CHECKS),
];

/// Every check there is, in the order of their codes.
pub fn all_checks() -> impl Iterator<Item = &'static Check> {
    FAMILIES.iter().flat_map(|(_, checks)| checks.iter().copied())
}

/// Examines the files and the environment; touches no disk besides.
pub fn examine_config(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    // The more specific first: of two that blame one line the first stays.
    values::examine(subject, &mut findings);
    keys::examine(subject, &mut findings);
    files::examine(subject, &mut findings);
    chains::examine(subject, &mut findings);
    // What follows from a value or a name is told with that; other families tell of matters of their own. Keys that are
    // elsewhere are the nearer reason why a chain has none.
    let of_files = one_for_each_line(findings);
    let mut findings = Vec::new();
    stored::examine(subject, &mut findings);
    findings.extend(of_files);
    environment::examine(subject, &mut findings);
    endpoints::examine(subject, &mut findings);
    readers::examine(subject, &mut findings);
    findings.retain(|finding| subject.concerns(finding));
    findings
}

/// Examines what lies on this machine's disk besides: modes, caches, programs.
pub fn examine_machine(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    stored::examine_ages(subject, &mut findings);
    modes::examine(subject, &mut findings);
    caches::examine(subject, &mut findings);
    findings.retain(|finding| subject.concerns(finding));
    findings
}

/// Examines both, and tells no line twice.
pub fn examine(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = examine_config(subject);
    findings.extend(examine_machine(subject));
    one_for_each_line(findings)
}

/// The names of `asked` and of all profiles that their chains go through, however the chains end, each once.
pub fn names_of_chains<'s>(set: &'s ProfileSet<'_>, asked: &[&'s str]) -> Vec<&'s str> {
    let mut names = Vec::new();
    let mut seen = HashSet::new();
    for &name in asked {
        let mut next = Some(name);
        while let Some(name) = next.filter(|name| seen.insert(*name)) {
            names.push(name);
            next = set.profile(name).and_then(|profile| profile.get("source_profile")).map(|said| said.value);
        }
    }
    names
}

/// A path as a person types it in a command.
fn typed(path: &Path) -> String {
    shell_word(&path.to_string_lossy()).into_owned()
}

/// Of several findings whose blame begins on the same line the worst stays, among equals the one that was found first; what
/// the others break, it breaks.
fn one_for_each_line(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| finding.check.severity);
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut index: HashMap<Location, usize> = HashMap::new();
    for finding in findings {
        let known = finding.locations.first().map(|at| *index.entry(at.clone()).or_insert(kept.len()));
        match known.and_then(|at| kept.get_mut(at)) {
            Some(stays) => {
                let more = finding.breaks.into_iter().filter(|name| stays.profile.as_ref() != Some(name));
                stays.breaks.extend(more);
            }
            None => kept.push(finding),
        }
    }
    kept
}

impl Finding {
    /// A finding of `check` with nothing but its words.
    pub fn new(check: &'static Check, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            check,
            profile: None,
            breaks: Vec::new(),
            text: text.into(),
            locations: Vec::new(),
            remedy: remedy.into(),
            fixes: Vec::new(),
        }
    }

    /// Says whose it is.
    #[must_use]
    pub fn of_profile(mut self, name: &str) -> Self {
        self.profile = Some(name.to_owned());
        self
    }

    /// Adds what would mend it.
    #[must_use]
    pub fn fixed_by(mut self, fixes: impl IntoIterator<Item = Fix>) -> Self {
        self.fixes.extend(fixes);
        self
    }

    /// Adds lines to blame.
    #[must_use]
    pub fn at(mut self, locations: impl IntoIterator<Item = Location>) -> Self {
        self.locations.extend(locations);
        self
    }
}

impl<'a> Subject<'a> {
    /// All profiles of `set`, which was read from `files`.
    pub fn new(
        files: &'a ConfigFiles,
        set: &'a ProfileSet<'a>,
        host: Host<'a>,
        options: &'a Options,
    ) -> Self {
        Self { files, set, host, options, only: None, chains: OnceCell::new() }
    }

    /// The same of some profiles; [`names_of_chains`] tells which a person means.
    #[must_use]
    pub fn only(self, names: &'a [&'a str]) -> Self {
        Self { only: Some(names), chains: OnceCell::new(), ..self }
    }

    /// The profiles of interest, in the order of the files.
    pub fn profiles(&self) -> impl Iterator<Item = &'a Profile<'a>> {
        let (set, only) = (self.set, self.only);
        let wanted: Option<HashSet<&str>> = only.map(|names| names.iter().copied().collect());
        set.profiles()
            .filter(move |profile| wanted.as_ref().is_none_or(|names| names.contains(profile.name())))
    }

    /// The same with where each leads when it is asked for by name; resolved once for all checks.
    pub fn chains(&self) -> impl Iterator<Item = (&'a Profile<'a>, &Result<Chain, ResolveError>)> {
        let chains = self.chains.get_or_init(|| {
            let env = UserEnv::new(self.host.env);
            let host = Host { env: &env, ..self.host };
            self.profiles()
                .map(|profile| resolve_chain(self.set, host, &Request::for_profile(profile.name())))
                .collect()
        });
        self.profiles().zip(chains)
    }

    /// The `[sso-session]`s of interest, by name.
    fn sessions(&self) -> Vec<(&'a str, &'a Section<'a>)> {
        let wanted = |name: &str| {
            self.only.is_none()
                || self
                    .profiles()
                    .any(|profile| profile.get("sso_session").is_some_and(|said| said.value == name))
        };
        let mut sessions: Vec<_> = self.set.sso_sessions().filter(|(name, _)| wanted(name)).collect();
        sessions.sort_by_key(|(name, _)| *name);
        sessions
    }

    /// Whether it is about a profile of interest, or about none in particular.
    fn concerns(&self, finding: &Finding) -> bool {
        let Some(only) = self.only else { return true };
        let is_wanted = |name: &String| only.contains(&name.as_str());
        finding.profile.as_ref().is_none_or(is_wanted) || finding.breaks.iter().any(is_wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_in_the_range_of_their_family() {
        let number = |check: &Check| -> u16 {
            let digits = check.code.strip_prefix('R').filter(|digits| digits.len() == 3).unwrap();
            digits.parse().unwrap()
        };
        for (range, checks) in FAMILIES {
            assert!(checks.iter().all(|check| range.contains(&number(check))), "{range:?}");
        }
        let numbers: Vec<_> = all_checks().map(number).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
    }

    #[test]
    fn titles_and_reasons_have_the_form_of_the_reference() {
        for Check { code, title, why, .. } in all_checks() {
            assert!(!title.ends_with('.'), "{code}: {title}");
            assert!(why.ends_with('.'), "{code}: {why}");
        }
    }
}
