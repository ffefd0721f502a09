//! The options of `rolo session`, among which PROFILE stands; the command is behind them.

use clap::Args;
use rolo_core::{
    Secret,
    chain::request::{Request, SessionLength, Target},
};

use super::{
    ExecWords, TalkArgs,
    ask::{parse_duration, parse_secret},
};
use crate::{
    error::CliError,
    exec::line::split_line,
    format::Format,
    invocation::{Invocation, Output},
};

const ABOUT_SESSION: &str = "PROFILE leads to the IAM user's access key, directly or through the roles of its chain, which are left out.\n\
    Without one: AWS_PROFILE, else the default chain.\n\
    Options stand before CMD. Without CMD the session is printed.";

/// What STS gives to an IAM user, in seconds.
const LENGTHS: std::ops::RangeInclusive<u32> = 900..=36 * 3600;

/// Get a session of an IAM user's own key, with an MFA code where there is a device
#[derive(Debug, Args)]
#[command(after_help = ABOUT_SESSION)]
pub struct SessionArgs {
    /// As PROFILE
    #[arg(id = "named", long = "profile", value_name = "NAME")]
    pub named: Option<String>,
    /// How long the session lasts, 15m to 36h; 12h unless `mfa_session_duration` says otherwise
    #[arg(long, value_name = "TIME", value_parser = parse_session_length)]
    pub duration: Option<SessionLength>,
    /// What to print, without CMD; sh unless given
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Region for the call and for the command
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// MFA device; the profile's, or that of its first role, unless given
    #[arg(long, value_name = "SERIAL", help_heading = "MFA")]
    pub mfa_serial: Option<String>,
    /// MFA code, instead of a prompt; sent once
    #[arg(long, value_name = "CODE", value_parser = parse_secret, help_heading = "MFA")]
    pub mfa_code: Option<Secret>,
    /// Get a new session, whatever is cached
    #[arg(long)]
    pub refresh: bool,
    /// How much is said.
    #[command(flatten)]
    pub talk: TalkArgs,
}

impl SessionArgs {
    /// What is asked for; `words` is what stood behind the options.
    pub fn invocation(&self, words: ExecWords) -> Result<Invocation, CliError> {
        let named = words.profile()?.or_else(|| self.named.clone());
        let output = match (split_line(words.command)?, self.format) {
            (command, None) if !command.is_empty() => Output::Exec(command),
            (command, Some(_)) if !command.is_empty() => {
                let problem = "`--format` says what to print, and a command prints for itself";
                return Err(CliError::usage(problem).hint("leave out one of the two"));
            }
            (_, format) => Output::Export(format.unwrap_or(Format::Sh)),
        };
        Ok(Invocation {
            request: Request {
                target: named.map_or(Target::Default, Target::Named),
                duration: self.duration.clone(),
                mfa_serial: self.mfa_serial.clone(),
                region: self.region.clone(),
                session: true,
                ..Request::default()
            },
            output,
            mfa_code: self.mfa_code.clone(),
            refresh: self.refresh,
            refresh_before_expiry: None,
            asks_nothing: false,
            verbosity: self.talk.verbosity(),
        })
    }
}

fn parse_session_length(text: &str) -> Result<SessionLength, String> {
    let length = parse_duration(text)?;
    if LENGTHS.contains(&length.seconds) {
        return Ok(length);
    }
    Err("a session lasts `15m` to `36h`".to_owned())
}
