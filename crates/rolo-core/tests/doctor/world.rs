//! A setup as texts and variables, and what is found in it.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
};

use rolo_core::{
    chain::plan::Options,
    doctor::{Finding, Reading, Subject, examine_config, names_of_chains},
    host::{Clock, Env, Files, Host, Spawn, Stamp, real::RealHost},
    profile::ProfileSet,
};

const CONFIG: &str = "/home/ada/.aws/config";
const CREDENTIALS: &str = "/home/ada/.aws/credentials";

/// What stands in the two files, and which variables are set.
pub(crate) struct World {
    files: HashMap<PathBuf, Vec<u8>>,
    variables: HashMap<&'static str, String>,
}

impl World {
    pub(crate) fn new(config: impl Into<Vec<u8>>) -> Self {
        let files = HashMap::from([(PathBuf::from(CONFIG), config.into())]);
        let variables = HashMap::from([("HOME", "/home/ada".to_owned())]);
        Self { files, variables }
    }

    pub(crate) fn credentials(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.files.insert(PathBuf::from(CREDENTIALS), text.into());
        self
    }

    /// What is found in all profiles, or in those of the chains of `asked`.
    pub(crate) fn findings(&self, asked: &[&str]) -> Vec<Finding> {
        let machine = RealHost;
        let host =
            Host { env: self, files: self, clock: &machine as &dyn Clock, spawn: &machine as &dyn Spawn };
        let reading = Reading::load(host);
        let set = ProfileSet::parse(&reading.files).unwrap();
        let options = Options::default();
        let subject = Subject::new(&reading.files, &set, host, &options);
        let names = names_of_chains(&set, asked);
        let subject = if asked.is_empty() { subject } else { subject.only(&names) };
        let mut findings = reading.findings;
        findings.extend(examine_config(&subject));
        findings
    }

    /// Code and first place of each finding about the files and what stands in them, by place: `R010 config:3`.
    pub(crate) fn codes(&self) -> Vec<String> {
        let mut told: Vec<_> = self
            .findings(&[])
            .iter()
            .filter(|finding| finding.check.code < "R080")
            .map(|finding| {
                let place = finding.locations.first().map(|at| (file_name(&at.path), at.line));
                (place, finding.check.code)
            })
            .collect();
        told.sort();
        let render = |(place, code): (Option<(String, u32)>, &str)| match place {
            Some((file, line)) => format!("{code} {file}:{line}"),
            None => code.to_owned(),
        };
        told.into_iter().map(render).collect()
    }

    /// The one finding of a check.
    #[track_caller]
    pub(crate) fn one(&self, code: &str) -> Finding {
        let mut found = self.findings(&[]);
        found.retain(|finding| finding.check.code == code);
        assert_eq!(found.len(), 1, "{code}: {found:#?}");
        found.remove(0)
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

impl Env for World {
    fn var(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

impl Files for World {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn stamp(&self, _: &Path) -> Option<Stamp> {
        None
    }
}
