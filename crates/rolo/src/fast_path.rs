//! A cached hit without clap: the few command lines that people and SDKs run all day.
//!
//! Knows the memo and the own cache only. Whatever it does not understand, or does not find, it leaves to the whole
//! program; a property test holds it to clap's reading of the same words. Must not know AWS.

use std::ffi::OsString;

use rolo_core::chain::request::{Request, Target};

use crate::{
    exec::line::is_line,
    format::Format,
    invocation::{Invocation, Output},
    ui::Verbosity,
};

/// Reads `args` (without the program's name) where they are one of the plain forms:
/// `exec|export|process [--profile NAME | --format F | --no-mfa-session | -q]… [PROFILE] [[--] CMD…]`.
pub fn parse(args: &[OsString]) -> Option<Invocation> {
    let (command, mut rest) = args.split_first()?;
    let command = command.to_str()?;
    let mut words = Words::default();
    let mut verbosity = Verbosity::Normal;
    let mut no_mfa_session = false;
    let mut program = None;
    while let Some((word, after)) = rest.split_first() {
        let text = word.to_str()?;
        rest = after;
        match text {
            "-q" | "--quiet" if verbosity == Verbosity::Normal => verbosity = Verbosity::Quiet,
            "--no-mfa-session" if !no_mfa_session => no_mfa_session = true,
            "--profile" | "--format" => {
                let (value, after) = rest.split_first()?;
                // What looks like an option is one to clap.
                let value = value.to_str().filter(|value| !value.starts_with('-'))?;
                rest = after;
                words.take(text, value)?;
            }
            "--" if command == "exec" => {
                program = Some(rest);
                break;
            }
            _ if text.starts_with('-') || text.is_empty() => return None,
            // PROFILE was given by its option, so the command begins here.
            _ if command == "exec" && words.profile.is_some() => {
                program = args.get(args.len() - rest.len() - 1..);
                break;
            }
            _ => {
                words.take("--profile", text)?;
                if command == "exec" {
                    let after = rest.strip_prefix(&[OsString::from("--")]).unwrap_or(rest);
                    program = Some(after);
                    break;
                }
            }
        }
    }
    let output = match (command, words.format) {
        // Whether it is to be split takes a look at the disk.
        ("exec", None) if is_line(program.unwrap_or_default()) => return None,
        ("exec", None) => Output::Exec(program.unwrap_or_default().to_vec()),
        ("export", format) => Output::Export(format.unwrap_or(Format::Sh)),
        ("process", None) => Output::Process,
        _ => return None,
    };
    Some(Invocation {
        request: Request {
            target: words.profile.map_or(Target::Default, |name| Target::Named(name.to_owned())),
            no_mfa_session,
            ..Request::default()
        },
        output,
        mfa_code: None,
        refresh: false,
        refresh_before_expiry: None,
        asks_nothing: false,
        verbosity,
    })
}

#[derive(Default)]
struct Words<'a> {
    profile: Option<&'a str>,
    format: Option<Format>,
}

impl<'a> Words<'a> {
    /// Takes an option's value; `None` where it was given before, which is an error to clap.
    fn take(&mut self, option: &str, value: &'a str) -> Option<()> {
        match option {
            "--profile" => self.profile.replace(value).is_none().then_some(()),
            _ => self.format.replace(value.parse().ok()?).is_none().then_some(()),
        }
    }
}
