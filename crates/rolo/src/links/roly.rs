//! `roly`: its two commands, and whatever else rolo has.
//!
//! `roly [-q] export PROFILE`, `roly [-q] exec PROFILE CMD…`; `-q` may stand behind the command too. Must not know how the
//! profile is found.

use std::ffi::OsString;

use rolo_core::{chain::request::Request, host::Host};

use super::run_as_rolo;
use crate::{
    commands::hand_over,
    error::CliError,
    exec::line::split_line,
    finish,
    format::Format,
    invocation::{Invocation, Output},
    ui::Verbosity,
};

/// Runs what `args` say; returns the exit code. What is not roly's is read as rolo's: its help, its other commands and
/// options.
pub(super) fn run(args: &[OsString], host: Host<'_>) -> u8 {
    let Some(asked) = Roly::parse(args) else { return run_as_rolo(&[], args, host) };
    let is_exec = asked.command.is_some();
    let result = asked.invocation().and_then(|invocation| hand_over::run(&invocation, host));
    finish(result, is_exec, host)
}

/// A command line of roly.
#[derive(Debug, PartialEq, Eq)]
struct Roly<'a> {
    profile: &'a str,
    /// `exec`'s; `None`: `export`.
    command: Option<&'a [OsString]>,
    quiet: bool,
}

impl<'a> Roly<'a> {
    fn parse(words: &'a [OsString]) -> Option<Self> {
        let is_quiet = |word: &OsString| word == "-q" || word == "--quiet";
        let skip_quiet = |words: &'a [OsString]| {
            let options = words.iter().take_while(|word| is_quiet(word)).count();
            (options > 0, &words[options..])
        };
        let (quiet, words) = skip_quiet(words);
        let (name, words) = words.split_first()?;
        let (quiet_too, words) = skip_quiet(words);
        let (profile, rest) = words.split_first()?;
        let profile = profile.to_str().filter(|profile| !profile.is_empty() && !profile.starts_with('-'))?;
        let (quiet_last, command) = match name.to_str()? {
            "exec" => (false, Some(rest.strip_prefix(&[OsString::from("--")]).unwrap_or(rest))),
            "export" if rest.iter().all(is_quiet) => (!rest.is_empty(), None),
            _ => return None,
        };
        Some(Self { profile, command, quiet: quiet || quiet_too || quiet_last })
    }

    fn invocation(&self) -> Result<Invocation, CliError> {
        Ok(Invocation {
            request: Request::for_profile(self.profile),
            output: match self.command {
                Some(command) => Output::Exec(split_line(command.to_vec())?),
                None => Output::Export(Format::Sh),
            },
            mfa_code: None,
            refresh: false,
            refresh_before_expiry: None,
            asks_nothing: false,
            verbosity: if self.quiet { Verbosity::Silent } else { Verbosity::Normal },
        })
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn what_roly_takes() {
        let read = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let roly = Roly::parse(&words)?;
            let command = roly.command.map(|command| command.join(OsStr::new("|")).into_string().unwrap());
            Some((roly.profile.to_owned(), command, roly.quiet))
        };
        let export = |quiet| Some(("p".to_owned(), None, quiet));
        let exec = |command: &str, quiet| Some(("p".to_owned(), Some(command.to_owned()), quiet));
        for (line, expected) in [
            ("export p", export(false)),
            ("-q export p", export(true)),
            ("export -q p", export(true)),
            ("export p --quiet", export(true)),
            ("exec p ls -q", exec("ls|-q", false)),
            ("exec -q p -- ls -- x", exec("ls|--|x", true)),
            ("--quiet exec p", exec("", true)),
            ("", None),
            ("export", None),
            ("exec -q", None),
            ("export p q", None),
            ("exec --duration 1h p ls", None),
            ("list", None),
            ("--help", None),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
    }
}
