//! PROFILE and the command of `rolo exec`, cut off before clap reads the options.
//!
//! Must not know what the options mean, only which of them take a value.

use std::ffi::OsString;

use clap::Args;

use super::ExecArgs;

/// What stands behind the options of `rolo exec`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ExecWords {
    /// The first word, unless `--`, `--profile` or `--role` came before it.
    pub profile: Option<OsString>,
    /// The rest, without a leading `--`.
    pub command: Vec<OsString>,
}

/// Cuts PROFILE and the command off `args` (`rolo exec …`), so that no word of the command is taken for an option.
/// `None` where the command is another.
pub fn cut_exec_words(args: &mut Vec<OsString>) -> Option<ExecWords> {
    if args.get(1).is_none_or(|word| word != "exec") {
        return None;
    }
    let options = ExecArgs::augment_args(clap::Command::new("exec"));
    let takes_value = |word: &str| {
        options.get_arguments().any(|option| {
            let named = match word.strip_prefix("--") {
                Some(long) => option.get_long() == Some(long),
                None => option.get_short().is_some_and(|short| word.ends_with(short)),
            };
            named && option.get_action().takes_values()
        })
    };
    let mut index = 2;
    let takes_its_place = |word: &str| {
        let name = word.split_once('=').map_or(word, |(name, _)| name);
        matches!(name, "--profile" | "--role")
    };
    let mut has_profile = false;
    let words = loop {
        let Some(word) = args.get(index) else { break ExecWords::default() };
        let text = word.to_string_lossy();
        if text == "--" {
            let command = args[index + 1..].to_vec();
            break ExecWords { profile: None, command };
        }
        if !text.starts_with('-') || text == "-" {
            let rest = &args[index + 1..];
            break if has_profile {
                ExecWords { profile: None, command: args[index..].to_vec() }
            } else {
                let command = rest.strip_prefix(&[OsString::from("--")]).unwrap_or(rest).to_vec();
                ExecWords { profile: Some(word.clone()), command }
            };
        }
        has_profile |= takes_its_place(&text);
        index += if takes_value(&text) { 2 } else { 1 };
    };
    args.truncate(index);
    Some(words)
}
