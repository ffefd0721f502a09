//! This test binary as a second process: a test named in `only` is run alone, told by a variable that it is the child.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::{
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use rolo_core::host::{Env, real::RealHost};

/// Set in children: the folder they work in.
const FOLDER: &str = "ROLO_TEST_FOLDER";

/// The folder to work in, where this process is a child.
pub(crate) fn child_folder() -> Option<std::path::PathBuf> {
    RealHost.var(FOLDER).map(Into::into)
}

/// A command that runs the test `only` as a child in `folder`, below `wrapper` (a program and its arguments) if any.
#[expect(clippy::disallowed_methods, reason = "tests start real processes")]
pub(crate) fn command(only: &str, folder: &Path, wrapper: &[&str]) -> Command {
    let this = std::env::current_exe().unwrap();
    let mut command = match wrapper.split_first() {
        None => Command::new(this),
        Some((program, args)) => {
            let mut command = Command::new(program);
            command.args(args).arg(this);
            command
        }
    };
    command.args(["--exact", only, "--nocapture", "--test-threads=1"]);
    command.env(FOLDER, folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts the test `only` as a child in `folder`.
pub(crate) fn start(only: &str, folder: &Path) -> Child {
    command(only, folder, &[]).spawn().unwrap()
}

/// What a child said on its lines that start with `answer: `; the test harness prints lines of its own.
pub(crate) fn answers(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter_map(|line| Some(line.split_once("answer: ")?.1.to_owned())).collect()
}
