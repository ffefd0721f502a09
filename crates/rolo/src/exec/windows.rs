//! Windows: a process cannot be replaced, so rolo waits and hands on the exit code.
//!
//! Not tried on Windows. Ctrl-C reaches the program and rolo alike, as both share the console: rolo ends at once and
//! the program as it likes, so the shell's prompt may come before the program's last words.

use std::{io, io::Write};

use super::{ExecError, Program, command};

/// Runs `program` to its end; its exit code.
pub fn run_to_end(program: &Program<'_>) -> Result<i32, ExecError> {
    // What was written before must not come after the program's own words. A closed output is the program's business.
    let _ = io::stdout().flush();
    let status = command(program.program, program).args(program.args).status().map_err(|source| {
        let program = program.program.to_string_lossy().into_owned();
        match source.kind() {
            io::ErrorKind::NotFound => ExecError::NotFound { program },
            io::ErrorKind::InvalidInput => ExecError::Words { program, source },
            _ => ExecError::NotExecutable { program, source },
        }
    })?;
    // A Windows process always has a code; without one the least that is true is that it failed.
    Ok(status.code().unwrap_or(1))
}
