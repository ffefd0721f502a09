//! A home with a config, the fake AWS it points to, and rolo run in it.
//!
//! Must not know what is tested.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use fake_aws::FakeAws;
use serde_json::Value;

pub(crate) const ROLO: &str = env!("CARGO_BIN_EXE_rolo");
/// What `prod` leads to.
pub(crate) const ADMIN: &str = "arn:aws:iam::333344445555:role/Admin";
/// What `dev` leads to.
pub(crate) const DEVELOPER: &str = "arn:aws:iam::222233334444:role/Developer";

/// The world of `State::demo` and a person's home: profiles `base` (keys), `dev` (no MFA) and `prod` (MFA).
pub(crate) struct Home {
    folder: tempfile::TempDir,
    pub(crate) fake: FakeAws,
}

impl Home {
    pub(crate) fn new() -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap(), fake: FakeAws::demo_world() };
        let key = home.fake.user_keys("ada");
        let serial = home.fake.mfa_serial("ada");
        let region = "region = eu-central-1";
        home.write(
            ".aws/credentials",
            &format!("[base]\naws_access_key_id = {}\naws_secret_access_key = {}\n", key.id, key.secret),
        );
        home.write(
            ".aws/config",
            &format!(
                "[profile base]\n{region}\n\n\
                 [profile dev]\nrole_arn = {DEVELOPER}\nsource_profile = base\n{region}\n\n\
                 [profile prod]\nrole_arn = {ADMIN}\nsource_profile = base\nmfa_serial = {serial}\n{region}\n"
            ),
        );
        home
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub(crate) fn write(&self, below: &str, text: &str) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Adds sections to `~/.aws/config`.
    pub(crate) fn configure(&self, text: &str) {
        let path = self.path(".aws/config");
        fs::write(&path, fs::read_to_string(&path).unwrap() + text).unwrap();
    }

    /// `command` in this home: with its own variables, none of the machine's but `PATH`.
    pub(crate) fn live_in(&self, command: &mut Command) {
        let path = std::env::var_os("PATH").unwrap();
        command.env_clear().env("PATH", path).env("LC_ALL", "C.UTF-8").env("TERM", "xterm");
        command.env("HOME", self.folder.path()).env("AWS_ENDPOINT_URL", self.fake.url());
        command.current_dir(self.folder.path());
    }

    /// `words` as a command in this home and away from any terminal, whoever runs the tests where.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("setsid");
        self.live_in(&mut command);
        command.args(words).stdin(Stdio::null());
        command
    }

    pub(crate) fn rolo(&self, words: &[&str]) -> Command {
        self.command(&[&[ROLO], words].concat())
    }

    /// The same with the code that ada's device shows now.
    pub(crate) fn rolo_with_code(&self, words: &[&str]) -> Command {
        let mut command = self.rolo(words);
        command.env("ROLO_MFA_CODE", self.fake.mfa_code("ada"));
        command
    }

    /// A program of the machine's, found beforehand, in this home and away from any terminal.
    pub(crate) fn tool(&self, tool: &Command, words: &[&str]) -> Command {
        self.command(&[&[tool.get_program().to_str().unwrap()], words].concat())
    }

    /// The actions called since the last look, in order.
    pub(crate) fn new_calls(&self) -> Vec<String> {
        let calls = self.fake.calls().into_iter().map(|call| call.action).collect();
        self.fake.clear_calls();
        calls
    }

    /// The files of a folder with what they hold, sorted; none where it is absent. `session.db` is AWS CLI v2's diary.
    pub(crate) fn files(&self, below: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let Ok(entries) = fs::read_dir(self.path(below)) else { return Vec::new() };
        let paths = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
        let mut files: Vec<_> = paths
            .filter(|path| !path.ends_with("session.db"))
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect();
        files.sort();
        files
    }
}

/// What a program said and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// # Panics
    /// If it did not end well.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// The access key id in `credential_process` JSON.
    pub(crate) fn key(&self) -> String {
        self.json()["AccessKeyId"].as_str().unwrap_or_else(|| panic!("{self:#?}")).to_owned()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

pub(crate) fn run(command: &mut Command) -> Ran {
    start(command).wait_with_output().unwrap().into()
}

/// Started with its output kept.
pub(crate) fn start(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until `look` finds something.
///
/// # Panics
/// After 20 s.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A file beside the tests.
pub(crate) fn beside(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path).to_str().unwrap().to_owned()
}
