//! `--error-format`: how a failure is told. It is looked up by itself, for clap's own errors are told by it too.
//!
//! Must not know how an error is rendered.

use std::{borrow::Cow, ffi::OsString};

use clap::{ValueEnum, error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand};
use rolo_core::{env_vars, host::Host};

use crate::error::CliError;

const OPTION: &str = "--error-format";

/// How a failure is told on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ErrorFormat {
    /// For people
    Text,
    /// For scripts: one JSON object on one line
    Json,
}

impl ErrorFormat {
    /// What `args` say, without a command that is to be run, else what the environment says.
    pub fn find(args: &[OsString], host: Host<'_>) -> Self {
        let mut words =
            args.iter().skip(1).map(|word| word.to_string_lossy()).take_while(|word| word != "--");
        let mut said = None;
        while let Some(word) = words.next() {
            match word.strip_prefix(OPTION) {
                Some("") => said = words.next().map(Cow::into_owned),
                Some(value) => said = value.strip_prefix('=').map(ToOwned::to_owned),
                None => {}
            }
        }
        match said.and_then(|value| Self::from_str(&value, false).ok()) {
            Some(format) => format,
            None => Self::of_environment(host),
        }
    }

    /// What the environment says.
    pub fn of_environment(host: Host<'_>) -> Self {
        match host.var_set(env_vars::ROLO_ERROR_FORMAT).as_deref() {
            Some("json") => Self::Json,
            _ => Self::Text,
        }
    }
}

/// Moves the option behind the command where it stands before it, as all who look for the command expect.
pub fn move_behind_command(args: &mut [OsString]) {
    let words = match args.get(1).and_then(|word| word.to_str()?.strip_prefix(OPTION)) {
        Some("") => 2,
        Some(value) if value.starts_with('=') => 1,
        _ => return,
    };
    if args.len() > 1 + words {
        args[1..2 + words].rotate_left(words);
    }
}

/// Whether the next word is this option's value.
pub(super) fn takes_value(word: &str) -> bool {
    word == OPTION
}

/// A mistake in the command line as clap tells it, taken apart.
pub fn explain_usage(error: &clap::Error) -> CliError {
    if error.kind() == DisplayHelpOnMissingArgumentOrSubcommand {
        return CliError::usage("a command is missing").hint("run `rolo --help`");
    }
    let text = error.render().to_string();
    let mut parts = text.split("\n\n").map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let message = parts.next().unwrap_or_default();
    let mut told = CliError::usage(in_backticks(message.strip_prefix("error: ").unwrap_or(&message)));
    let mut command = "rolo".to_owned();
    for part in parts {
        if let Some(tip) = part.strip_prefix("tip: ") {
            told = told.hint(in_backticks(tip));
        } else if let Some(usage) = part.strip_prefix("Usage: ") {
            told = told.note(format!("usage: `{usage}`"));
            let is_name = |word: &&str| !word.starts_with(['-', '<', '[']);
            command = usage.split(' ').take_while(is_name).collect::<Vec<_>>().join(" ");
        } else if !part.starts_with("For more information") {
            told = told.note(in_backticks(&part));
        }
    }
    told.hint(format!("run `{command} --help`"))
}

/// clap puts what was typed into single quotes, and rolo into backticks. An apostrophe within a word stays.
fn in_backticks(text: &str) -> String {
    let is_in_word = |at: usize| {
        let before = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        before && text[at + 1..].chars().next().is_some_and(char::is_alphanumeric)
    };
    text.char_indices()
        .map(|(at, character)| if character == '\'' && !is_in_word(at) { '`' } else { character })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_become_backticks_and_apostrophes_stay() {
        assert_eq!(
            in_backticks("invalid value 'x' for '--role-arn <ARN>': it is no role's ARN"),
            "invalid value `x` for `--role-arn <ARN>`: it is no role's ARN"
        );
        assert_eq!(in_backticks("''"), "``");
    }

    #[test]
    fn it_is_moved_behind_the_command() {
        for (args, moved) in [
            ("rolo --error-format json exec prod make", "rolo exec --error-format json prod make"),
            ("rolo --error-format=json exec prod make", "rolo exec --error-format=json prod make"),
            ("rolo exec prod --error-format json", "rolo exec prod --error-format json"),
            ("rolo --error-format json", "rolo --error-format json"),
            ("rolo --error-formats json exec", "rolo --error-formats json exec"),
            ("rolo", "rolo"),
        ] {
            let mut words: Vec<OsString> = args.split(' ').map(Into::into).collect();
            move_behind_command(&mut words);
            assert_eq!(words.join(" ".as_ref()), *moved, "{args}");
        }
    }
}
