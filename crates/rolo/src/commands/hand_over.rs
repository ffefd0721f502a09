//! `exec`, `export` and `process`: one set of credentials, delivered three ways.
//!
//! Must not know how credentials are had.

use std::{
    ffi::{OsStr, OsString},
    io::Write,
};

use rolo_core::{
    Secret, env_vars,
    host::Host,
    talk::{Hear, Notice},
};

use crate::{
    error::{CliError, ErrorKind, exit_code},
    exec::{self, Program},
    format::{Change, Format},
    handover::{Attendants, HandOver},
    invocation::{Invocation, Output},
    obtain::{Handed, obtain},
    ui::{Verbosity, talker::Talker},
    uses,
};

/// Gets the credentials and delivers them.
pub fn run(invocation: &Invocation, host: Host<'_>) -> Result<u8, CliError> {
    let handed = obtain(invocation, host)?;
    deliver(&handed, invocation, host)
}

/// Delivers credentials that are there; returns the exit code, and from a successful `exec` on Unix not at all.
pub fn deliver(handed: &Handed, invocation: &Invocation, host: Host<'_>) -> Result<u8, CliError> {
    let whole = || {
        let attendants = Attendants { label: &handed.label, settings: &handed.settings };
        HandOver::of(&handed.credentials, attendants, host.env)
    };
    match &invocation.output {
        Output::Exec(command) => {
            warn_of_nesting(invocation, host);
            execute(command, &whole(), host, |program| uses::note(handed, invocation, Some(program), host))
        }
        Output::Export(format) => {
            let over = whole();
            warn_of_leftovers(*format, &over, invocation.verbosity, host);
            let code = print(&render(*format, &over, &handed.label)?)?;
            uses::note(handed, invocation, None, host);
            Ok(code)
        }
        Output::Process => {
            let over = HandOver::of_credentials(&handed.credentials);
            let code = print(&render(Format::Process, &over, &handed.label)?)?;
            uses::note(handed, invocation, None, host);
            Ok(code)
        }
    }
}

/// `note` is told of a program that is there, before it takes this process's place.
fn execute(
    command: &[OsString],
    over: &HandOver<'_>,
    host: Host<'_>,
    note: impl FnOnce(&OsStr),
) -> Result<u8, CliError> {
    let changes: Vec<_> = over.changes().collect();
    let shell;
    let (program, args): (&OsStr, &[OsString]) = if let Some((program, args)) = command.split_first() {
        (program, args)
    } else {
        shell = exec::subshell(host.env);
        (&shell, &[])
    };
    if exec::can_start(program) {
        note(program);
    }
    let code = exec::run(&Program { program, args, changes: &changes })?;
    Ok(u8::try_from(code).unwrap_or(exit_code::OTHER))
}

/// Renders all before a byte is printed, so that a value that does not fit leaves nothing half said.
pub fn render(format: Format, over: &HandOver<'_>, section: &str) -> Result<Secret, CliError> {
    let changes: Vec<Change<'_>> = over.changes().map(|(name, value)| Change { name, value }).collect();
    format.render(&changes, section).map_err(|error| {
        CliError::new(ErrorKind::Other, error).hint("take another `--format`: `json` holds every value")
    })
}

/// Prints to standard output. Whoever reads it may have gone, which is no success.
pub fn print(text: &Secret) -> Result<u8, CliError> {
    let mut stdout = std::io::stdout().lock();
    stdout
        .write_all(text.expose().as_bytes())
        .and_then(|()| stdout.flush())
        .map(|()| exit_code::DONE)
        .map_err(CliError::output)
}

fn warn_of_nesting(invocation: &Invocation, host: Host<'_>) {
    if let Some(outer) = host.var_set(env_vars::ROLO_PROFILE) {
        Talker::new(invocation.verbosity).hear(&Notice::Warning(format!(
            "this environment has the credentials of `{outer}`, which are replaced"
        )));
    }
}

/// Formats that cannot unset leave what was there before, which beside new keys is worse than nothing.
pub fn warn_of_leftovers(format: Format, over: &HandOver<'_>, verbosity: Verbosity, host: Host<'_>) {
    if format.can_unset() {
        return;
    }
    let stale: Vec<String> = over
        .changes()
        .filter(|(name, value)| value.is_none() && host.env.var(name).is_some())
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    if !stale.is_empty() {
        Talker::new(verbosity).hear(&Notice::Warning(format!(
            "format `{}` cannot unset {}: unset it yourself",
            format.name(),
            stale.join(", ")
        )));
    }
}
