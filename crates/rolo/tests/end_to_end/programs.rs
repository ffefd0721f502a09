//! Other programs in a [`World`]'s home, away from any terminal, and rolo running beside the test.
//!
//! Must not know what is tested.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::world::{Ran, World};

pub(crate) const ROLO: &str = env!("CARGO_BIN_EXE_rolo");
/// What `prod` leads to.
pub(crate) const ADMIN: &str = "arn:aws:iam::333344445555:role/Admin";
/// What `plain` leads to.
pub(crate) const PLAIN: &str = "arn:aws:iam::222233334444:role/Plain";

impl World {
    /// rolo with the code that ada's device shows now.
    pub(crate) fn command_with_code(&self, words: &[&str]) -> Command {
        let mut command = self.command(words);
        command.env("ROLO_MFA_CODE", self.fake.mfa_code("ada"));
        command
    }

    /// `words` as a command of a session of its own: what it starts has no terminal to stop at either.
    pub(crate) fn detached(&self, words: &[&str]) -> Command {
        let mut command = self.bare_command(Path::new("setsid"));
        command.args(words).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        command
    }

    /// A program of the machine's, found beforehand.
    pub(crate) fn tool(&self, tool: &Command, words: &[&str]) -> Command {
        self.detached(&[&[tool.get_program().to_str().unwrap()], words].concat())
    }

    /// The files below a folder with what they hold.
    pub(crate) fn contents(&self, path: &str) -> Vec<(PathBuf, Vec<u8>)> {
        self.files(path).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }
}

impl Ran {
    /// It went well, whatever was said.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:#?}");
        self
    }

    /// The access key id that `rolo process` printed, whatever was said besides.
    #[track_caller]
    pub(crate) fn key(&self) -> String {
        assert_eq!(self.code, 0, "{self:#?}");
        let json: serde_json::Value = serde_json::from_str(&self.stdout).unwrap();
        json["AccessKeyId"].as_str().unwrap().to_owned()
    }
}

/// Started with its output kept.
pub(crate) fn start(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until `look` finds something.
///
/// # Panics
/// After a minute.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_mins(1), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A file beside the tests.
pub(crate) fn beside(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path).to_str().unwrap().to_owned()
}
