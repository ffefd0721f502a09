//! Runs the program that was asked for, in the environment it is to have, as if rolo had not been there.
//!
//! Must not know what the variables mean nor which of them are secret; it never prints them.

pub mod line;
#[cfg(unix)]
pub mod unix;
#[cfg(windows)]
pub mod windows;

use std::{
    ffi::{OsStr, OsString},
    fmt, io,
    process::Command,
};

use rolo_core::host::Env;

/// A program, and what is to differ in its environment from rolo's own.
#[derive(Clone, Copy)]
pub struct Program<'a> {
    /// Looked up in `PATH` unless it holds a slash.
    pub program: &'a OsStr,
    /// Its arguments, without its name.
    pub args: &'a [OsString],
    /// Variables by name: `Some` sets, `None` removes. Of two changes of one name the later holds.
    pub changes: &'a [(&'a str, Option<&'a str>)],
}

impl fmt::Debug for Program<'_> {
    /// Names of variables only: their values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.changes.iter().map(|(name, _)| name).collect();
        f.debug_struct("Program")
            .field("program", &self.program)
            .field("args", &self.args)
            .field("changes", &names)
            .finish()
    }
}

/// Why a program did not start. Nothing of it has run.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// No such file, in `PATH` or at the path given. Exit code 127.
    #[error("`{program}` was not found")]
    NotFound {
        /// As it was asked for.
        program: String,
    },
    /// The file is there and the system does not run it. Exit code 126.
    #[error("`{program}` cannot be executed")]
    NotExecutable {
        /// As it was asked for.
        program: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The file is there; what its first line or its header names to run it is not. Exit code 126.
    #[error("`{program}` cannot be executed: its interpreter was not found")]
    NoInterpreter {
        /// The file that was found.
        program: String,
    },
    /// The command came as one word that cannot be split. Exit code 125.
    #[error("the command {reason}")]
    Line {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The command or a variable cannot be handed to any program, because it holds a NUL byte. Exit code 125.
    #[error("`{program}` cannot be given these arguments and variables")]
    Words {
        /// As it was asked for.
        program: String,
        /// The reason.
        source: io::Error,
    },
}

/// Runs `program`. On Unix it takes the place of this process, so that only failures return; on Windows its exit code
/// does, when it has ended.
pub fn run(program: &Program<'_>) -> Result<i32, ExecError> {
    #[cfg(unix)]
    return Err(unix::replace(program));
    #[cfg(windows)]
    windows::run_to_end(program)
}

/// Whether there is such a program and it may be executed, as far as can be told without doing it.
pub fn can_start(program: &OsStr) -> bool {
    #[cfg(unix)]
    return unix::can_start(program);
    #[cfg(windows)]
    !program.is_empty()
}

/// The shell for `rolo exec PROFILE` without a command: the person's own, so that it reads their files. It gets no
/// arguments: with the terminal as its input it is interactive.
pub fn subshell(env: &dyn Env) -> OsString {
    let (variable, fallback) = if cfg!(windows) { ("ComSpec", "cmd.exe") } else { ("SHELL", "/bin/sh") };
    env.var(variable).filter(|shell| !shell.is_empty()).unwrap_or_else(|| fallback.to_owned()).into()
}

/// `file`, to be run with the arguments and the environment of `program`.
#[expect(clippy::disallowed_methods, reason = "one of the two homes of other programs")]
fn command(file: &OsStr, program: &Program<'_>) -> Command {
    let mut command = Command::new(file);
    for (name, value) in program.changes {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Shell(Option<&'static str>);

    impl Env for Shell {
        fn var(&self, name: &str) -> Option<String> {
            (name == "SHELL").then_some(self.0)?.map(str::to_owned)
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_subshell_is_the_persons_own() {
        assert_eq!(subshell(&Shell(Some("/usr/bin/fish"))), "/usr/bin/fish");
        assert_eq!(subshell(&Shell(Some(""))), "/bin/sh");
        assert_eq!(subshell(&Shell(None)), "/bin/sh");
    }

    #[test]
    fn debug_shows_no_values() {
        let changes = [("AWS_SECRET_ACCESS_KEY", Some("hunter2"))];
        let program = Program { program: OsStr::new("env"), args: &[], changes: &changes };
        let text = format!("{program:?}");
        assert!(text.contains("AWS_SECRET_ACCESS_KEY") && !text.contains("hunter2"), "{text}");
    }
}
