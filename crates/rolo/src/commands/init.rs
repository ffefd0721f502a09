//! `rolo init`: the integration of a shell, or the line that has a shell read it.

use std::{fmt::Write as _, io::Write};

use crate::{
    cli::InitArgs,
    error::{CliError, exit_code},
    init::Shell,
};

/// Prints a constant: every new shell waits for it. `commands` are rolo's.
pub fn run<'a>(args: &InitArgs, commands: impl IntoIterator<Item = &'a str>) -> Result<u8, CliError> {
    let text = match args.shell {
        Some(shell) => shell.script(&args.cmd, args.auto, commands),
        None => lines(),
    };
    let mut stdout = std::io::stdout().lock();
    let printed = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    printed.map(|()| exit_code::DONE).map_err(CliError::output)
}

fn lines() -> String {
    let mut text = "Put the line of your shell into its file, and start a new shell:\n".to_owned();
    for shell in Shell::ALL {
        let (file, line) = shell.rc_line();
        // Writing into a `String` cannot fail.
        let _ = write!(text, "\n{}, {file}:\n  {line}\n", shell.name());
    }
    text
}
