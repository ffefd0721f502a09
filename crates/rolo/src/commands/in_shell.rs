//! `rolo use` and `rolo off`: what the function of `rolo init` evaluates to change the shell it runs in.
//!
//! Must not know how credentials are had, nor how a shell evaluates.

use jiff::{SignedDuration, Timestamp};
use rolo_core::{
    Secret,
    chain::request::{Request, Target},
    env_vars::{AWS_CREDENTIAL_EXPIRATION, ROLO_BEFORE, ROLO_SHELL, ROLO_USE, ROLO_USE_LAST},
    host::Host,
    talk::{Hear, Notice},
    used::{EnvBefore, parse_words, render_words},
};

use super::hand_over::{print, render};
use crate::{
    cli::{OffArgs, UseArgs, words_of},
    error::{CliError, ErrorKind, exit_code, names},
    handover::{Attendants, HandOver},
    init::Shell,
    invocation::Invocation,
    obtain::obtain,
    picker::pick_profile,
    roles,
    ui::talker::Talker,
    uses,
};

/// PROFILE that stands for what this shell uses.
const SAME: &str = ".";
/// PROFILE that stands for what it used before that.
const LAST: &str = "-";

/// How near their end credentials are renewed without being asked to; the hooks have the same number.
const SOON: SignedDuration = SignedDuration::from_mins(5);

/// Prints the statements that give this shell the credentials. Whatever a `use` set before is as if it had never been.
pub fn use_profile(args: &UseArgs, host: Host<'_>) -> Result<u8, CliError> {
    let shell = shell("use", host)?;
    if !args.auto {
        return change(args, shell, host);
    }
    let end = host.var_set(AWS_CREDENTIAL_EXPIRATION).and_then(|end| end.parse::<Timestamp>().ok());
    match end {
        Some(end) if end.duration_since(host.clock.now()) <= SOON => change(args, shell, host)
            .map_err(|error| error.hint("renew this shell's credentials yourself: `rolo use .`")),
        _ => Ok(exit_code::DONE),
    }
}

fn change(args: &UseArgs, shell: Shell, host: Host<'_>) -> Result<u8, CliError> {
    let before = EnvBefore::new(host.env);
    let invocation = if args.names_nothing() && !args.auto {
        let given = args.invocation(shell.format())?;
        let Some(name) = pick_profile(Host { env: &before, ..host }, given.verbosity)? else {
            return Ok(exit_code::NOT_CHOSEN);
        };
        Invocation { request: Request { target: Target::Named(name), ..given.request }, ..given }
    } else {
        whole(invocation(args, shell, host)?, host)?
    };
    let handed = obtain(&invocation, Host { env: &before, ..host })?;

    let restored = before.restored();
    let attendants = Attendants { label: &handed.label, settings: &handed.settings };
    let over = HandOver::of(&handed.credentials, attendants, &before);
    let record = before.record(over.changes().map(|(name, _)| name));
    let words = words_of(&invocation.request);
    let words = render_words(words.iter().map(String::as_str));
    let last = last_words(&words, host);
    let mut over = over.and(HandOver::restore(&restored, host.env)).and_set(ROLO_BEFORE, record.expose());
    over = over.and_set(ROLO_USE, &words);
    if let Some(last) = &last {
        over = over.and_set(ROLO_USE_LAST, last);
    }
    let code = print(&render(shell.format(), &over, "")?)?;
    if let Some(subject) = &handed.history {
        uses::append(subject, "use", None, invocation.verbosity, host);
    }
    Ok(code)
}

/// Prints the statements that give this shell back what it was.
pub fn off(args: &OffArgs, host: Host<'_>) -> Result<u8, CliError> {
    let shell = shell("off", host)?;
    let before = EnvBefore::new(host.env);
    let restored: Vec<(String, Option<Secret>)>;
    let over = if before.is_used() {
        restored = before.restored();
        HandOver::restore(&restored, host.env)
    } else {
        let step = "nothing was used in this shell; what rolo set is unset";
        Talker::new(args.talk.verbosity()).hear(&Notice::Step(step.to_owned()));
        HandOver::undo(host.env)
    };
    print(&render(shell.format(), &over, "")?)
}

/// The shell that evaluates what is printed.
fn shell(command: &str, host: Host<'_>) -> Result<Shell, CliError> {
    let Some(name) = host.var_set(ROLO_SHELL) else {
        let problem = format!("`rolo {command}` changes a shell, which is not set up for it here");
        return Err(CliError::named(ErrorKind::Usage, names::SHELL_NOT_SET_UP, problem)
            .hint("`rolo init` shows the line for your shell; or, once: `eval \"$(rolo export PROFILE)\"`"));
    };
    name.parse().map_err(|()| {
        CliError::named(
            ErrorKind::Usage,
            names::SHELL_NOT_SET_UP,
            format!("`{name}` in `ROLO_SHELL` is no shell that rolo knows"),
        )
        .hint("leave `ROLO_SHELL` to the function that `rolo init` makes")
    })
}

/// What is asked for, with `.` and `-` looked up in this shell.
fn invocation(args: &UseArgs, shell: Shell, host: Host<'_>) -> Result<Invocation, CliError> {
    let given = args.invocation(shell.format())?;
    let (variable, what) = match args.profile.as_deref() {
        Some(SAME) => (ROLO_USE, "used"),
        Some(LAST) if host.var_set(ROLO_USE_LAST).is_some() => (ROLO_USE_LAST, "used before"),
        _ => return Ok(given),
    };
    let Some(words) = host.var_set(variable) else {
        return Err(CliError::named(
            ErrorKind::Usage,
            names::NOTHING_USED,
            "`.` is what this shell uses, and it uses nothing",
        )
        .hint("name the profile: `rolo use PROFILE`"));
    };
    if (Request { target: Target::Default, ..given.request.clone() }) != Request::default() {
        let name = args.profile.as_deref().unwrap_or_default();
        let problem = format!("`{name}` is what this shell {what}, as it was: no option changes it");
        return Err(
            CliError::usage(problem).hint("name the profile with the options: `rolo use [OPTIONS] PROFILE`")
        );
    }
    let again = parse_words(&words).and_then(|words| UseArgs::parse(&words)).ok_or_else(|| {
        CliError::usage(format!("`{variable}` does not hold the arguments of a `rolo use`"))
            .hint("name the profile: `rolo use PROFILE`")
    })?;
    Ok(Invocation { request: again.invocation(shell.format())?.request, ..given })
}

fn whole(invocation: Invocation, host: Host<'_>) -> Result<Invocation, CliError> {
    roles::complete(uses::resolve_last(invocation, host)?, host)
}

/// What `-` is to be once `words` are used; those who use the same again keep what they had.
fn last_words(words: &str, host: Host<'_>) -> Option<String> {
    host.var_set(ROLO_USE).filter(|now| now != words).or_else(|| host.var_set(ROLO_USE_LAST))
}
