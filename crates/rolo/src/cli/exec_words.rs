//! PROFILE and the command of `rolo exec` and `rolo session`, cut off before clap reads the options.
//!
//! Must not know what the options mean, only which of them take a value.

use std::ffi::OsString;

use clap::Args;

use super::{ExecArgs, SessionArgs, error_format};
use crate::error::CliError;

/// What stands behind the options.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ExecWords {
    /// The first word, unless `--`, `--profile` or `--role` came before it.
    pub profile: Option<OsString>,
    /// The rest, without a leading `--`.
    pub command: Vec<OsString>,
}

impl ExecWords {
    /// PROFILE as text.
    pub fn profile(&self) -> Result<Option<String>, CliError> {
        let text = |word: &OsString| {
            word.to_str().map(str::to_owned).ok_or_else(|| {
                let problem = format!("profile `{}` is no text", word.to_string_lossy());
                CliError::usage(problem)
            })
        };
        self.profile.as_ref().map(text).transpose()
    }
}

/// Cuts PROFILE and the command off `args` (`rolo exec …`, `rolo session …`), so that no word of the command is taken for
/// an option. `None` where the command is another. Behind PROFILE `exec` has its command, and `session` may have options.
pub fn cut_exec_words(args: &mut Vec<OsString>) -> Option<ExecWords> {
    let (options, ends_at_profile) = match args.get(1)?.to_str()? {
        "exec" => (ExecArgs::augment_args(clap::Command::new("exec")), true),
        "session" => (SessionArgs::augment_args(clap::Command::new("session")), false),
        _ => return None,
    };
    let takes_value = |word: &str| {
        error_format::takes_value(word)
            || options.get_arguments().any(|option| {
                let named = match word.strip_prefix("--") {
                    Some(long) => option.get_long() == Some(long),
                    None => option.get_short().is_some_and(|short| word.ends_with(short)),
                };
                named && option.get_action().takes_values()
            })
    };
    let takes_its_place = |word: &str| {
        let name = word.split_once('=').map_or(word, |(name, _)| name);
        matches!(name, "--profile" | "--role")
    };
    let mut words = ExecWords::default();
    let mut has_profile = false;
    let mut index = 2;
    while let Some(word) = args.get(index) {
        let text = word.to_string_lossy();
        if text == "--" {
            words.command = args[index + 1..].to_vec();
            break;
        }
        if text.starts_with('-') && text != "-" {
            has_profile |= takes_its_place(&text);
            index += if takes_value(&text) { 2 } else { 1 };
            continue;
        }
        if has_profile {
            words.command = args[index..].to_vec();
            break;
        }
        words.profile = Some(args.remove(index));
        has_profile = true;
        if ends_at_profile {
            let rest = &args[index..];
            words.command = rest.strip_prefix(&[OsString::from("--")]).unwrap_or(rest).to_vec();
            break;
        }
    }
    args.truncate(index);
    Some(words)
}
