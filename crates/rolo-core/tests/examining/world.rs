//! Files, an environment and a time as values.

use std::{
    collections::HashMap,
    fmt::Write,
    fs, io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use jiff::Timestamp;
use rolo_core::{
    chain::plan::Options,
    doctor::{Finding, Subject, examine_config, examine_machine},
    host::{Clock, Env, Files, Host, Stamp, real::RealHost},
    profile::{ConfigFiles, ProfileSet},
};
use tempfile::TempDir;

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

    pub(crate) fn credentials(self, text: &str) -> Self {
        self.file("/home/ada/.aws/credentials", text)
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

/// A home on the disk, and the variables of a shell in it.
pub(crate) struct Machine {
    pub(crate) home: TempDir,
    variables: HashMap<&'static str, String>,
    pub(crate) now: Timestamp,
}

impl Machine {
    /// A home with a config file, and nothing that is wrong with it.
    pub(crate) fn new(config: &str) -> Self {
        let home = tempfile::Builder::new().prefix("rolo-examining-").tempdir().unwrap();
        let machine = Self { home, variables: HashMap::new(), now: NOW.parse().unwrap() };
        machine.write(".aws/config", config);
        let home = machine.home.path().to_str().unwrap().to_owned();
        machine.var("HOME", &home).var("PATH", "/usr/bin:/bin")
    }

    pub(crate) fn var(mut self, name: &'static str, value: &str) -> Self {
        self.variables.insert(name, value.to_owned());
        self
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    /// A file of mode 0600, with its folders of mode 0700.
    pub(crate) fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path(path);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    pub(crate) fn chmod(&self, path: &str, mode: u32) {
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Lets the file have been written so long ago.
    pub(crate) fn age(&self, path: &str, hours: u64) {
        let at = SystemTime::from(self.now) - Duration::from_hours(hours);
        fs::File::options().write(true).open(self.path(path)).unwrap().set_modified(at).unwrap();
    }

    /// What files, environment and disk show, of the codes from `first` to `last`, with `~` for the home.
    pub(crate) fn findings(&self, first: &str, last: &str) -> Vec<Finding> {
        let real = RealHost;
        let host = Host { env: self, files: &real, clock: self, spawn: &real };
        let files = ConfigFiles::load(&host).unwrap();
        let set = ProfileSet::parse(&files).unwrap();
        let options = Options::default();
        let subject = Subject::new(&files, &set, host, &options);
        let mut findings = examine_config(&subject);
        findings.extend(examine_machine(&subject));
        findings.retain(|finding| (first..=last).contains(&finding.check.code));
        findings
    }

    pub(crate) fn told(&self, first: &str, last: &str) -> String {
        render(&self.findings(first, last)).replace(self.home.path().to_str().unwrap(), "~")
    }

    /// Makes every fix that the findings bring along.
    pub(crate) fn fix(&self, first: &str, last: &str) {
        for fix in self.findings(first, last).iter().flat_map(|finding| &finding.fixes) {
            assert!(fix.apply().unwrap(), "{fix}");
        }
    }
}

impl Env for Machine {
    fn var(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn sleep(&self, _: Duration) {}
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

    fn stamp(&self, path: &Path) -> Option<Stamp> {
        self.files.get(path).map(|text| Stamp {
            size: text.len() as u64,
            modified: 0,
            changed: 0,
            file: (0, 0),
        })
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        NOW.parse().unwrap()
    }

    fn sleep(&self, _: Duration) {}
}
