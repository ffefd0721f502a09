//! Unix: the program takes the place of this process.
//!
//! So Ctrl-C, Ctrl-Z, the exit code, the working directory, the process id and the parent are the program's own without
//! any doing. What Rust itself changed at start is put back by the standard library: SIGPIPE, which is ignored in every
//! Rust program, is at its default again. That is the one difference that stays: a caller who had SIGPIPE *ignored*
//! cannot be told from one who had not. Likewise a standard stream that was closed is `/dev/null` instead. Files that
//! rolo opened close by themselves (`O_CLOEXEC`).

use std::{
    env,
    ffi::{OsStr, OsString},
    io::{self, Write},
    os::unix::{ffi::OsStrExt, process::CommandExt},
    path::PathBuf,
};

use rustix::{
    fs::{Access, access},
    io::Errno,
};

use super::{ExecError, Program, command};

/// What runs a script without a `#!` line, as POSIX has it for shells and for `execvp`.
const SHELL: &str = "/bin/sh";

/// Where programs are looked for without `PATH`.
const DEFAULT_PATH: &str = "/usr/local/bin:/bin:/usr/bin";

/// Whether [`replace`] will find a file to execute.
pub fn can_start(program: &OsStr) -> bool {
    candidates(program).iter().any(|file| access(file.as_path(), Access::EXEC_OK).is_ok() && file.is_file())
}

/// Replaces this process by `program`; returns only if that failed.
pub fn replace(program: &Program<'_>) -> ExecError {
    // Nobody flushes for a process that is replaced. A closed standard output is the program's business.
    let _ = io::stdout().flush();
    let error = command(program.program, program).args(program.args).exec();
    if error.raw_os_error() == Some(Errno::NOEXEC.raw_os_error())
        && let Some(file) = find_file(program.program)
    {
        // glibc has done this by itself; musl leaves it to the caller.
        let error = command(OsStr::new(SHELL), program).arg(file).args(program.args).exec();
        return explain(program.program, error);
    }
    explain(program.program, error)
}

/// Tells what the system's answer means, by looking for the file once more.
fn explain(program: &OsStr, source: io::Error) -> ExecError {
    let name = program.to_string_lossy().into_owned();
    match source.kind() {
        io::ErrorKind::InvalidInput => ExecError::Words { program: name, source },
        io::ErrorKind::NotFound => match find_file(program) {
            // The system says of a missing interpreter what it says of a missing program.
            Some(file) => ExecError::NoInterpreter { program: file.to_string_lossy().into_owned() },
            None => ExecError::NotFound { program: name },
        },
        // A folder in `PATH` that may not be searched, or one of the program's name, hides that there is no program.
        io::ErrorKind::PermissionDenied if !has_slash(program) && find_file(program).is_none() => {
            ExecError::NotFound { program: name }
        }
        _ => ExecError::NotExecutable { program: name, source },
    }
}

/// The file that `program` stands for: the first that may be executed, else the first.
pub(super) fn find_file(program: &OsStr) -> Option<PathBuf> {
    let files: Vec<_> = candidates(program).into_iter().filter(|file| file.is_file()).collect();
    files.iter().find(|file| access(file.as_path(), Access::EXEC_OK).is_ok()).or(files.first()).cloned()
}

fn candidates(program: &OsStr) -> Vec<PathBuf> {
    if has_slash(program) {
        return vec![program.into()];
    }
    if program.is_empty() {
        return Vec::new();
    }
    // An empty part of `PATH` is the working directory.
    let folder = |folder: PathBuf| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
    env::split_paths(&search_path()).map(|part| folder(part).join(program)).collect()
}

#[expect(clippy::disallowed_methods, reason = "the search path of `execvp`, which decides no credentials")]
fn search_path() -> OsString {
    env::var_os("PATH").unwrap_or_else(|| DEFAULT_PATH.into())
}

fn has_slash(program: &OsStr) -> bool {
    program.as_bytes().contains(&b'/')
}
