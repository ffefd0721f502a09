//! Files, an environment and a time as values.

use std::{
    collections::HashMap,
    fmt::Write,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use rolo_core::{
    chain::plan::Options,
    doctor::{Finding, Subject, examine_config},
    host::{Clock, Env, Files, Host, Stamp, real::RealHost},
    profile::{ConfigFiles, ProfileSet},
};

/// Noon, for all that these tests know.
const NOW: &str = "2026-11-21T12:00:00Z";

/// What stands in the two files, and which variables are set. A file without a text is absent.
pub(crate) struct World {
    files: HashMap<PathBuf, String>,
    variables: HashMap<&'static str, String>,
}

impl World {
    pub(crate) fn new(config: &str) -> Self {
        let world = Self { files: HashMap::new(), variables: HashMap::new() };
        world.file("/home/ada/.aws/config", config).var("HOME", "/home/ada")
    }

    pub(crate) fn file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.into(), text.to_owned());
        self
    }

    pub(crate) fn var(mut self, name: &'static str, value: &str) -> Self {
        self.variables.insert(name, value.to_owned());
        self
    }

    pub(crate) fn vars(self, pairs: &[(&'static str, &str)]) -> Self {
        pairs.iter().fold(self, |world, (name, value)| world.var(name, value))
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    /// What the files and the environment show, of the codes from `first` to `last`.
    pub(crate) fn findings(&self, first: &str, last: &str) -> Vec<Finding> {
        let machine = RealHost;
        let host = Host { env: self, files: self, clock: self, spawn: &machine };
        let files = ConfigFiles::load(&host).unwrap();
        let set = ProfileSet::parse(&files).unwrap();
        let options = Options::default();
        let subject = Subject::new(&files, &set, host, &options);
        let mut findings = examine_config(&subject);
        findings.retain(|finding| (first..=last).contains(&finding.check.code));
        findings
    }
}

/// Code and text of each, with its lines and its remedy below.
pub(crate) fn render(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        writeln!(text, "{} {}", finding.check.code, finding.text).unwrap();
        for location in &finding.locations {
            writeln!(text, "  at {location}").unwrap();
        }
        writeln!(text, "  -> {}", finding.remedy).unwrap();
    }
    text
}

pub(crate) fn codes(findings: &[Finding]) -> String {
    let codes: Vec<&str> = findings.iter().map(|finding| finding.check.code).collect();
    codes.join(" ")
}

impl Env for World {
    fn var(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

impl Files for World {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files
            .get(path)
            .map(|text| text.clone().into_bytes())
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn stamp(&self, _: &Path) -> Option<Stamp> {
        None
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        NOW.parse().unwrap()
    }

    fn sleep(&self, _: Duration) {}
}
