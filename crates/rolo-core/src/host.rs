//! The outside world as a value: environment, files, clock and other programs.
//!
//! Everything that decides an answer is read through these traits, so that [`recorded`] can note what was read and a
//! memo can tell whether it would be read again. Must not know what is read for.

pub mod real;
pub mod recorded;

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;

use crate::Secret;

/// Environment variables.
pub trait Env {
    /// The value of `name`, empty values included. A value that is no UTF-8 is as good as unset to AWS's tools, which
    /// all read text; so it is `None` here.
    fn var(&self, name: &str) -> Option<String>;
}

/// Reading files. Writing is [`crate::private_file`]'s.
pub trait Files {
    /// The whole content, links followed. An absent file is [`io::ErrorKind::NotFound`].
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// What tells whether a file changed, links followed; `None` where there is none.
    fn stamp(&self, path: &Path) -> Option<Stamp>;
}

/// What changes when a file's content changes, as far as a file system can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// Nanoseconds since 1970 of the last change of the content.
    pub modified: i128,
    /// Nanoseconds since 1970 of the last change of the inode, which no program can set back.
    pub changed: i128,
    /// Device and inode: a renamed-over file is another file.
    pub file: (u64, u64),
}

/// The time, and waiting for it.
pub trait Clock {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Blocks for `duration`.
    fn sleep(&self, duration: Duration);
}

/// Running other programs for what they print (`credential_process`, `mfa_process`).
pub trait Spawn {
    /// Runs `command` to its end with no standard input. Standard error is captured, never shown, for it may hold
    /// secrets; a program that has not ended after `command.timeout` is killed and the answer is
    /// [`io::ErrorKind::TimedOut`].
    fn run(&self, command: &Command) -> io::Result<Output>;
}

/// A program to be run without a shell.
#[derive(Debug, Clone)]
pub struct Command {
    /// Looked up in `PATH` unless it holds a slash.
    pub program: OsString,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Variables set over the inherited environment.
    pub env: Vec<(String, String)>,
    /// How long it may take; `None`: as long as it likes.
    pub timeout: Option<Duration>,
}

/// How a program ended and what it said.
#[derive(Debug, Clone)]
pub struct Output {
    /// Exit code, 0 for success; `None`: a signal ended it.
    pub code: Option<i32>,
    /// Exit code, or signal in words, for messages.
    pub status: String,
    /// Standard output: may hold credentials.
    pub stdout: Secret,
    /// Standard error: may hold anything.
    pub stderr: Secret,
}

/// The world that a run sees: one reference to each trait.
#[derive(Clone, Copy)]
pub struct Host<'a> {
    /// Environment variables.
    pub env: &'a dyn Env,
    /// Files.
    pub files: &'a dyn Files,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// Other programs.
    pub spawn: &'a dyn Spawn,
}

impl Host<'_> {
    /// A variable that is set and not empty, which is how most of AWS's variables are read.
    pub fn var_set(&self, name: &str) -> Option<String> {
        self.env.var(name).filter(|value| !value.is_empty())
    }

    /// The user's home: `HOME`, as the AWS CLI's `~`; `None` where it is unset or empty.
    pub fn home(&self) -> Option<PathBuf> {
        self.var_set("HOME").map(PathBuf::from)
    }

    /// rolo's own folder of one kind: `rolo` below the folder that `variable` names, or below `in_home` of the home where
    /// that is unset or relative, as the XDG specification has it. `None` where there is no home either, or a relative
    /// one, which would be another folder in each working directory.
    pub fn xdg_folder(&self, variable: &str, in_home: &str) -> Option<PathBuf> {
        let base = self.var_set(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        let below = || self.home().filter(|home| home.is_absolute()).map(|home| home.join(in_home));
        Some(base.or_else(below)?.join("rolo"))
    }
}

impl std::fmt::Debug for Host<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Host")
    }
}
