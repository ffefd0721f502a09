//! `assume-role`: the arguments and the output of uber's assume-role-cli.
//!
//! `assume-role [-f|--force-refresh] [--role NAME|ARN] [--role-session-name S] [--] [CMD…]`. Options end at the first word
//! that is none of them, which is the command. Must not know how the role is found out about.

use std::{ffi::OsString, io::Write};

use rolo_core::{
    Secret,
    chain::{
        request::{Request, Target},
        target::{parse_direct_role, partition_of_region},
    },
    env_vars,
    host::Host,
    talk::{Hear, Notice},
};

use crate::{
    commands::hand_over::{self, print},
    error::{CliError, ErrorKind, exit_code},
    finish,
    format::{Change, Format},
    invocation::{Invocation, Output},
    obtain::{Handed, obtain},
    roles,
    saved::{Savable, default_name, is_taken, save_credentials},
    settings::roles::RoleSettings,
    ui::{Verbosity, talker::Talker},
    uses,
};

const HELP: &str = "\
Runs a command with the credentials of a role, or prints them as KEY=VALUE lines.

Usage: assume-role [OPTIONS] [--] [CMD]...

Options:
  -f, --force-refresh              Get new credentials, whatever is cached
      --role <NAME|ARN>            The role; `role_prefix` completes a name
      --role-session-name <NAME>   Session name, as it shows in CloudTrail
  -h, --help                       Print help

Settings: assume-role.yaml from the working directory upwards, then in ~/.aws.
This is rolo under another name: `rolo exec --role` has more options.
";

/// What the words say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Words {
    help: bool,
    force_refresh: bool,
    role: Option<String>,
    role_session_name: Option<String>,
    command: Vec<OsString>,
}

/// Runs what `args` say; returns the exit code.
pub(super) fn run(args: &[OsString], host: Host<'_>) -> u8 {
    match parse(args) {
        Ok(words) if words.help => {
            // A closed stream is nobody's loss.
            let _ = std::io::stdout().write_all(HELP.as_bytes());
            exit_code::DONE
        }
        Ok(words) => finish(take_on(words, host), false, host),
        Err(error) => finish(Err(error), false, host),
    }
}

fn parse(args: &[OsString]) -> Result<Words, CliError> {
    let mut words = Words::default();
    let mut rest = args;
    while let Some((word, after)) = rest.split_first() {
        let text = word.to_str().unwrap_or_default();
        let (name, joined) = match text.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value)),
            _ => (text, None),
        };
        match (name, joined) {
            ("--", None) => {
                words.command = after.to_vec();
                return Ok(words);
            }
            ("-h" | "--help", None) => words.help = true,
            ("-f" | "--force-refresh", None) => words.force_refresh = true,
            ("--role" | "--role-session-name", _) => {
                let (value, after) = match joined {
                    Some(value) => (value, after),
                    None => take_value(name, after)?,
                };
                let place = if name == "--role" { &mut words.role } else { &mut words.role_session_name };
                *place = Some(value.to_owned());
                rest = after;
                continue;
            }
            _ => {
                words.command = rest.to_vec();
                return Ok(words);
            }
        }
        rest = after;
    }
    Ok(words)
}

fn take_value<'a>(option: &str, after: &'a [OsString]) -> Result<(&'a str, &'a [OsString]), CliError> {
    let (value, rest) = after
        .split_first()
        .ok_or_else(|| usage(format!("`{option}` needs a value")).hint("run `assume-role --help`"))?;
    let value = value.to_str().ok_or_else(|| usage(format!("the value of `{option}` is no text")))?;
    Ok((value, rest))
}

fn usage(problem: String) -> CliError {
    CliError::usage(problem)
}

fn take_on(words: Words, host: Host<'_>) -> Result<u8, CliError> {
    let Some(role) = words.role.filter(|role| !role.is_empty()) else {
        return Err(
            usage("`--role` is missing".to_owned()).hint("name the role: `assume-role --role NAME CMD`")
        );
    };
    let output =
        if words.command.is_empty() { Output::Export(Format::Env) } else { Output::Exec(words.command) };
    let invocation = Invocation {
        request: Request {
            target: Target::Role(role),
            role_session_name: words.role_session_name,
            ..Request::default()
        },
        output,
        mfa_code: None,
        refresh: words.force_refresh,
        refresh_before_expiry: None,
        asks_nothing: false,
        verbosity: Verbosity::Normal,
    };
    let settings = roles::load_settings(host)?;
    let invocation = roles::apply(&settings, invocation)?;
    let handed = obtain(&invocation, host)?;
    save(&handed, &settings, host);
    match &invocation.output {
        Output::Exec(_) => hand_over::deliver(&handed, &invocation, host).map_err(not_run),
        Output::Export(_) | Output::Process => {
            let code = print_lines(&handed)?;
            uses::note(&handed, &invocation, None, host);
            Ok(code)
        }
    }
}

/// Leaves the credentials to other tools as profile `PREFIX-ROLE`. They are handed over whether or not that can be done.
fn save(handed: &Handed, settings: &RoleSettings, host: Host<'_>) {
    let region = handed.settings.iter().find(|(name, _)| name == env_vars::AWS_REGION);
    let region = region.map(|(_, value)| value.as_str());
    let Some(role) = parse_direct_role(&handed.label) else { return };
    let arn = role.arn(region.map_or("aws", partition_of_region));
    let prefix = settings.profile_name_prefix.as_ref().map(|said| said.value.as_str());
    let Some(name) = default_name(prefix, &arn) else { return };
    let what =
        Savable { credentials: &handed.credentials, role_arn: Some(arn.as_str()), region, profile: None };
    let talker = Talker::default();
    if let Err(error) = save_credentials(&name, what, host, &talker) {
        let remedy =
            if is_taken(&error) { "; remove that section, or set another `profile_name_prefix`" } else { "" };
        let why = error.in_one_line();
        talker.hear(&Notice::Warning(format!("profile `{name}` is not saved: {why}{remedy}")));
    }
}

/// The three variables of the credentials, in the order that scripts know.
fn print_lines(handed: &Handed) -> Result<u8, CliError> {
    let credentials = &handed.credentials;
    let token = credentials.session_token.as_ref().map(Secret::expose);
    let values = [
        ("AWS_ACCESS_KEY_ID", Some(credentials.access_key_id.as_str())),
        ("AWS_SECRET_ACCESS_KEY", Some(credentials.secret_access_key.expose())),
        ("AWS_SESSION_TOKEN", token),
    ];
    let changes = values.map(|(name, value)| Change { name, value });
    let text = Format::Env.render(&changes, "").map_err(|error| CliError::new(ErrorKind::Other, error))?;
    print(&text)
}

/// Every command that cannot be run has one exit code here: 127.
fn not_run(error: CliError) -> CliError {
    match error.kind() {
        ErrorKind::NotExecutable => error.as_kind(ErrorKind::NotFound),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    fn words(line: &str) -> Words {
        let args: Vec<OsString> =
            line.split(' ').filter(|word| !word.is_empty()).map(OsString::from).collect();
        parse(&args).unwrap()
    }

    fn command(words: &Words) -> String {
        words.command.join(OsStr::new(" ")).into_string().unwrap()
    }

    #[test]
    fn options_end_at_the_first_word_that_is_none() {
        let read = words("--role admin terraform --role other -f");
        assert_eq!(
            (read.role.as_deref(), command(&read).as_str()),
            (Some("admin"), "terraform --role other -f")
        );
        let read = words("-f --role-session-name me --role=admin -- --role x");
        assert_eq!((read.role.as_deref(), command(&read).as_str()), (Some("admin"), "--role x"));
        assert_eq!(read.role_session_name.as_deref(), Some("me"));
        assert!(read.force_refresh);
        assert_eq!(command(&words("--no-such-option x")), "--no-such-option x");
        assert_eq!(words(""), Words::default());
        assert!(words("--help").help);
    }

    #[test]
    fn an_option_without_its_value_is_told() {
        for option in ["--role", "--role-session-name"] {
            assert_eq!(parse(&[option.into()]).unwrap_err().kind(), ErrorKind::Usage);
        }
    }
}
