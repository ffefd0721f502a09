//! How people meet rolo: commands, prompts, shells, and errors in words.
//!
//! [`run`] is the whole program: the [`fast_path`] where credentials are cached and the command line is plain, else
//! [`cli`] and [`commands`]. What AWS is and how it is called, the core alone knows.

pub mod cli;
pub mod commands;
pub mod completions;
pub mod error;
pub mod exec;
pub mod explain;
pub mod fast_path;
pub mod findings;
pub mod format;
pub mod handover;
pub mod hints;
pub mod identity;
pub mod init;
pub mod invocation;
pub mod leads;
pub mod links;
pub mod obtain;
pub mod picker;
pub mod prompt;
pub mod roles;
pub mod saved;
pub mod second_look;
pub mod settings;
pub mod shell;
pub mod ui;
pub mod uses;

use std::{ffi::OsString, io::Write};

use clap::{CommandFactory, Parser, error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand};
use rolo_core::host::{Host, real::RealHost};

use crate::{
    cli::{CacheCommand, Cli, CliCommand, ErrorFormat, cut_exec_words, explain_usage, move_behind_command},
    commands::hand_over,
    error::{CliError, exit_code, render, render_json},
    init::Shell,
    links::Link,
};

/// Runs the program for `args`, its name first; returns the exit code.
pub fn run(args: Vec<OsString>) -> u8 {
    let machine = RealHost;
    let host = machine.host();
    if let Some(link) = args.first().and_then(|program| Link::of(program)) {
        return links::run(link, &args[1..], host);
    }
    if let Some(invocation) = args.get(1..).and_then(fast_path::parse)
        && let Some(handed) = obtain::find_cached(&invocation.request, None, host)
    {
        return finish(hand_over::deliver(&handed, &invocation, host), invocation.output.is_exec(), host);
    }
    run_parsed(args, host)
}

fn run_parsed(mut args: Vec<OsString>, host: Host<'_>) -> u8 {
    move_behind_command(&mut args);
    let evaluated_by = evaluated_by(&args, host);
    let code = run_words(args, evaluated_by.is_some(), host);
    let failure = evaluated_by
        .filter(|_| code != exit_code::DONE)
        .and_then(|shell| shell.parse::<Shell>().ok()?.failure(code));
    if let Some(failure) = failure {
        let _ = std::io::stdout().write_all(failure.as_bytes());
    }
    code
}

fn run_words(mut args: Vec<OsString>, is_evaluated: bool, host: Host<'_>) -> u8 {
    let exec_words = cut_exec_words(&mut args);
    let has_program = exec_words.as_ref().is_some_and(|words| !words.command.is_empty());
    let is_exec = has_program || args.get(1).is_some_and(|command| command == "exec");
    let cli = match parse(&args) {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            let code = if is_exec { exit_code::EXEC_FAILED } else { exit_code::USAGE };
            let format = ErrorFormat::find(&args, host);
            if format == ErrorFormat::Text && error.kind() == DisplayHelpOnMissingArgumentOrSubcommand {
                // Who types the program's name alone wants to know what it can do.
                let _ = error.print();
                return code;
            }
            return tell(&explain_usage(&error), code, format, host);
        }
        Err(help) => {
            // A closed stream is nobody's loss. A shell that evaluates standard output gets none of it.
            let _ = if is_evaluated {
                std::io::stderr().write_all(help.render().to_string().as_bytes())
            } else {
                help.print()
            };
            return exit_code::DONE;
        }
    };
    let asked = cli.error_format.unwrap_or_else(|| ErrorFormat::of_environment(host));
    match dispatch(cli.command, exec_words.unwrap_or_default(), host) {
        Ok(code) => code,
        Err(error) => tell(&error, exit_code_of(&error, is_exec), asked, host),
    }
}

/// The shell whose function, made by `rolo init`, runs this and evaluates what is printed.
fn evaluated_by(args: &[OsString], host: Host<'_>) -> Option<String> {
    let is_evaluated = args.get(1).is_some_and(|command| command == "use" || command == "off");
    is_evaluated.then(|| host.var_set(rolo_core::env_vars::ROLO_SHELL)).flatten()
}

/// clap shows words that it does not understand as they are, so for its error they are given to it made harmless.
fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(args).map_err(|error| {
        let configures = args.get(1).is_some_and(|command| command == "configure");
        let harmless = args.iter().map(|word| {
            let word = ui::escape::escape(&word.to_string_lossy()).into_owned();
            if configures { cli::hide_secret(word) } else { word }
        });
        Cli::try_parse_from(harmless).err().unwrap_or(error)
    })
}

fn dispatch(command: CliCommand, exec_words: cli::ExecWords, host: Host<'_>) -> Result<u8, CliError> {
    let whole = |invocation| roles::complete(uses::resolve_last(invocation, host)?, host);
    match command {
        CliCommand::Exec(args) => hand_over::run(&whole(args.invocation(exec_words)?)?, host),
        CliCommand::Export(args) => hand_over::run(&whole(args.invocation()?)?, host),
        CliCommand::Process(args) => hand_over::run(&whole(args.invocation()?)?, host),
        CliCommand::Whoami(args) => commands::whoami::run(&whole(args.invocation()?)?, args.json, host),
        CliCommand::Session(args) => hand_over::run(&whole(args.invocation(exec_words)?)?, host),
        CliCommand::Convert(args) => commands::convert::run(&args, host),
        CliCommand::Save(args) if args.clean => commands::save::clean(args.ask.talk.verbosity(), host),
        CliCommand::Save(args) => {
            commands::save::run(&whole(args.invocation()?)?, args.as_name.as_deref(), host)
        }
        CliCommand::Use(args) => commands::in_shell::use_profile(&args, host),
        CliCommand::Off(args) => commands::in_shell::off(&args, host),
        CliCommand::Init(args) => {
            let rolo = Cli::command();
            commands::init::run(&args, rolo.get_subcommands().map(clap::Command::get_name))
        }
        CliCommand::Unset(args) => commands::unset::run(&args, host, machine_names()),
        CliCommand::Explain(args) => commands::explain::run(&whole(args.invocation()?)?, &args, host),
        CliCommand::List(args) => commands::list::run(args.json, host),
        CliCommand::Doctor(args) => commands::doctor::run(&args, host),
        CliCommand::History(args) => commands::history::run(&args, host),
        CliCommand::Prompt(args) => commands::prompt::run(&args, host),
        CliCommand::Completions(args) => commands::completions::run(&args),
        CliCommand::Complete(args) => commands::completions::complete(&args, host),
        CliCommand::Trust(args) => commands::trust::run(&args, host),
        CliCommand::Console(args) => commands::console::run(&args, host),
        CliCommand::Configure(args) => commands::configure::run(&args, host),
        CliCommand::Cache(CacheCommand::List(args)) => commands::cache::list(args.json, host),
        CliCommand::Cache(CacheCommand::Clear(args)) => commands::cache::clear(&args, host),
    }
}

/// The names of all variables there are, for `unset --all`.
fn machine_names() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}

/// Turns a command's end into an exit code; tells what went wrong on standard error.
fn finish(result: Result<u8, CliError>, is_exec: bool, host: Host<'_>) -> u8 {
    match result {
        Ok(code) => code,
        Err(error) => tell(&error, exit_code_of(&error, is_exec), ErrorFormat::of_environment(host), host),
    }
}

fn exit_code_of(error: &CliError, is_exec: bool) -> u8 {
    if is_exec { error.kind().exit_code_of_exec() } else { error.kind().exit_code() }
}

/// Tells what went wrong on standard error; gives `code` back.
fn tell(error: &CliError, code: u8, format: ErrorFormat, host: Host<'_>) -> u8 {
    let text = match format {
        ErrorFormat::Text => render(error, host.home().as_deref(), ui::stderr_has_colour()),
        ErrorFormat::Json => render_json(error, code),
    };
    let _ = std::io::stderr().write_all(text.as_bytes());
    code
}
