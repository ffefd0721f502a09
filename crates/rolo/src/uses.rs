//! Notes each hand-over in the history, and finds the last one for whoever asks for `-`.
//!
//! Must not know how credentials are had, nor how the history is shown.

use std::{ffi::OsStr, path::Path};

use rolo_core::{
    chain::request::Target,
    history::{self, is_narrowed},
    host::Host,
    talk::{Hear, Notice, in_one_line},
};

use crate::{
    error::{CliError, ErrorKind, names},
    hints::explain_history,
    invocation::{Invocation, Output},
    obtain::Handed,
    ui::{Verbosity, talker::Talker},
};

/// PROFILE that stands for the last one, as in `cd -`. A profile of this name can be had through `AWS_PROFILE`.
const LAST: &str = "-";

/// Adds the hand-over to the history; `program` is the one that gets the credentials, if any.
///
/// An SDK that asks again and again is not noted while it is served from the cache. What fails never fails the run.
pub fn note(handed: &Handed, invocation: &Invocation, program: Option<&OsStr>, host: Host<'_>) {
    let Some(subject) = &handed.history else { return };
    let command = match &invocation.output {
        _ if invocation.request.session => "session",
        Output::Exec(_) => "exec",
        Output::Export(_) => "export",
        Output::Process if handed.is_new => "process",
        Output::Process => return,
    };
    let program = program.map(|program| Path::new(program).file_name().unwrap_or(program).to_string_lossy());
    append(subject, command, program.as_deref(), invocation.verbosity, host);
}

/// Adds what another command did with the credentials; `subject` is [what the history is to say](crate::obtain::Carried::subject).
pub fn append(subject: &str, command: &str, program: Option<&str>, verbosity: Verbosity, host: Host<'_>) {
    if let Err(error) = history::append(host, host.clock.now(), command, program, subject) {
        Talker::new(verbosity)
            .hear(&Notice::Step(format!("not noted in the history: {}", in_one_line(&error))));
    }
}

/// Puts the last role used in place of PROFILE where that is `-`; other invocations stay as they are.
pub fn resolve_last(invocation: Invocation, host: Host<'_>) -> Result<Invocation, CliError> {
    let request = &invocation.request;
    if !matches!(&request.target, Target::Named(name) if name == LAST) {
        return Ok(invocation);
    }
    let kept = history::load(host).map_err(explain_history)?;
    let last = kept.into_iter().find_map(|entry| {
        let again = entry.subject.request_again(request)?;
        Some((entry.subject, again))
    });
    let Some((subject, again)) = last else {
        let problem = "`-` is the last role used, and the history has none";
        return Err(CliError::named(ErrorKind::Configuration, names::NOTHING_USED, problem)
            .hint("name the role this time: `rolo list` shows the profiles"));
    };
    if subject.is_narrowed && !is_narrowed(request) {
        let name = subject.target.or(subject.role_arn).unwrap_or_default();
        let problem =
            format!("`{name}` was last used with a session policy, which the history does not keep");
        return Err(CliError::named(ErrorKind::Configuration, names::POLICY_NOT_KEPT, problem).hint(format!(
            "give the policy again, such as `--read-only`, or ask for the whole role by its name: `{name}`"
        )));
    }
    Ok(Invocation { request: again, ..invocation })
}
