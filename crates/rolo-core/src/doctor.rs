//! What is wrong with a setup, all of it at once: findings, each with its check, its lines and its remedy.
//!
//! A family of checks is a file below this one. `rolo doctor` shows every finding; `rolo explain` and the error of a run
//! that failed show those of the profiles involved. Nothing here calls AWS or changes a file. Must not know how a finding
//! is shown.

mod check;
mod endpoints;
mod environment;
mod fix;
mod many;
mod readers;

pub use check::{Check, Severity};
pub use fix::{Fix, FixError};

use crate::{
    chain::plan::Options,
    host::Host,
    origin::Location,
    profile::{ConfigFiles, Profile, ProfileSet},
};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked for.
    pub check: &'static Check,
    /// Whose it is; `None` for what belongs to no one profile.
    pub profile: Option<String>,
    /// What is wrong: one lower-case line without a full stop, names in backticks, never a secret.
    pub text: String,
    /// The lines to blame, in the order to be shown.
    pub locations: Vec<Location>,
    /// One next step, which a person can run or do.
    pub remedy: String,
    /// What would mend it and may be done without a thought; mostly nothing.
    pub fixes: Vec<Fix>,
}

/// What is examined.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The files as they were read.
    pub files: &'a ConfigFiles,
    /// The profiles of them that could be read.
    pub set: &'a ProfileSet<'a>,
    /// The environment, the clock, and whatever else a check looks at.
    pub host: Host<'a>,
    /// The person's options.
    pub options: &'a Options,
    /// The profiles of interest; `None`: all.
    pub only: Option<&'a [&'a str]>,
}

/// Every check there is, in the order of their codes.
pub fn all_checks() -> impl Iterator<Item = &'static Check> {
    let families: [&[&Check]; 3] = [environment::CHECKS, endpoints::CHECKS, readers::CHECKS];
    families.into_iter().flatten().copied()
}

/// Examines the files and the environment; touches no disk besides.
pub fn examine_config(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    environment::examine(subject, &mut findings);
    endpoints::examine(subject, &mut findings);
    readers::examine(subject, &mut findings);
    findings
}

/// Examines what lies on this machine's disk besides: modes, caches, programs.
pub fn examine_machine(subject: &Subject<'_>) -> Vec<Finding> {
    let _ = subject;
    Vec::new()
}

impl Finding {
    /// A finding of `check` with nothing but its words.
    pub fn new(check: &'static Check, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            check,
            profile: None,
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
    /// The profiles of interest, in the order of the files.
    pub fn profiles(&self) -> impl Iterator<Item = &'a Profile<'a>> {
        let only = self.only;
        self.set.profiles().filter(move |profile| only.is_none_or(|names| names.contains(&profile.name())))
    }
}
