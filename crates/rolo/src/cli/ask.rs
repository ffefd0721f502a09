//! The options of every command that gets credentials, and how much is said meanwhile.
//!
//! Must not know what is done with the credentials.

use clap::{ArgAction, Args};
use rolo_core::{
    Secret,
    chain::request::{Request, SessionLength, Target},
};

use crate::{
    error::CliError,
    invocation::{Invocation, Output},
    ui::Verbosity,
};

/// How much is said.
#[derive(Debug, Args)]
pub struct TalkArgs {
    /// Say nothing but errors and prompts
    #[arg(short, long)]
    pub quiet: bool,
    /// Say each decision; twice: each request too, without its secrets
    #[arg(short, long, action = ArgAction::Count)]
    pub verbose: u8,
}

impl TalkArgs {
    /// The level they come to.
    pub fn verbosity(&self) -> Verbosity {
        Verbosity::from_flags(self.quiet, self.verbose)
    }
}

/// What every command that gets credentials takes.
#[derive(Debug, Args)]
pub struct AskArgs {
    /// As PROFILE
    #[arg(id = "named", long = "profile", value_name = "NAME")]
    pub named: Option<String>,
    /// Assume the role of this name in place of PROFILE's; `role_prefix` completes it, and rolo finds out whether it wants MFA
    #[arg(long, value_name = "NAME|ARN", conflicts_with_all = ["named", "role_arn"], help_heading = "Role")]
    pub role: Option<String>,
    /// Assume this role: in place of the profile's, or on top of a profile that has none
    #[arg(long, value_name = "ARN", help_heading = "Role")]
    pub role_arn: Option<String>,
    /// Start from this profile
    #[arg(long, value_name = "PROFILE", help_heading = "Role")]
    pub source_profile: Option<String>,
    /// External id that the role asks for
    #[arg(long, value_name = "ID", help_heading = "Role")]
    pub external_id: Option<String>,
    /// Session name, as it shows in CloudTrail
    #[arg(long, value_name = "NAME", help_heading = "Role")]
    pub role_session_name: Option<String>,
    /// How long the credentials last: 1h, 90m or seconds
    #[arg(long, value_name = "TIME", value_parser = parse_duration, help_heading = "Role")]
    pub duration: Option<SessionLength>,
    /// Session policy: JSON, or a file that holds it
    #[arg(long, value_name = "JSON|FILE", help_heading = "Role")]
    pub policy: Option<String>,
    /// Managed policy as session policy; may be repeated
    #[arg(long = "policy-arn", value_name = "ARN", help_heading = "Role")]
    pub policy_arns: Vec<String>,
    /// Narrow the session to reading: AWS's ReadOnlyAccess as session policy
    #[arg(long, help_heading = "Role")]
    pub read_only: bool,
    /// Session tag; may be repeated
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = parse_tag, help_heading = "Role")]
    pub tags: Vec<(String, String)>,
    /// Key of a session tag that further roles keep; may be repeated
    #[arg(long = "transitive-tag", value_name = "KEY", help_heading = "Role")]
    pub transitive_tags: Vec<String>,
    /// Who stands behind the session
    #[arg(long, value_name = "NAME", help_heading = "Role")]
    pub source_identity: Option<String>,
    /// Region for calls and for the command
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// MFA device
    #[arg(long, value_name = "SERIAL", help_heading = "MFA")]
    pub mfa_serial: Option<String>,
    /// MFA code, instead of a prompt; sent once
    #[arg(long, value_name = "CODE", value_parser = parse_secret, help_heading = "MFA")]
    pub mfa_code: Option<Secret>,
    /// Send the code with each role, as the AWS CLI does; make, read and write no MFA session
    #[arg(long, help_heading = "MFA")]
    pub no_mfa_session: bool,
    /// Get new credentials, whatever is cached
    #[arg(long)]
    pub refresh: bool,
    /// How much is said.
    #[command(flatten)]
    pub talk: TalkArgs,
}

impl AskArgs {
    /// What is asked for, for `profile` where one was named outside the options.
    pub(super) fn invocation(&self, profile: Option<&str>, output: Output) -> Result<Invocation, CliError> {
        Ok(Invocation {
            request: self.request(profile)?,
            output,
            mfa_code: self.mfa_code.clone(),
            refresh: self.refresh,
            refresh_before_expiry: None,
            asks_nothing: false,
            verbosity: self.talk.verbosity(),
        })
    }

    fn request(&self, profile: Option<&str>) -> Result<Request, CliError> {
        let target = match (&self.role, profile.or(self.named.as_deref())) {
            (Some(role), _) => Target::Role(role.clone()),
            (None, Some(name)) => Target::Named(name.to_owned()),
            (None, None) => Target::Default,
        };
        Ok(Request {
            target,
            source_profile: self.source_profile.clone(),
            role_arn: self.role_arn.clone(),
            external_id: self.external_id.clone(),
            role_session_name: self.role_session_name.clone(),
            duration: self.duration.clone(),
            mfa_serial: self.mfa_serial.clone(),
            region: self.region.clone(),
            policy: self.policy.as_deref().map(load_policy).transpose()?,
            policy_arns: self.policy_arns.clone(),
            read_only: self.read_only,
            tags: self.tags.clone(),
            transitive_tag_keys: self.transitive_tags.clone(),
            source_identity: self.source_identity.clone(),
            no_mfa_session: self.no_mfa_session,
            session: false,
        })
    }
}

/// The JSON of `--policy`: itself, or what stands in the file it names.
fn load_policy(text: &str) -> Result<String, CliError> {
    if text.trim_start().starts_with('{') {
        return Ok(text.to_owned());
    }
    let path = text.strip_prefix("file://").unwrap_or(text);
    std::fs::read_to_string(path).map_err(|error| {
        CliError::usage(format!("the policy file `{path}` could not be read: {error}"))
            .hint("give the policy as JSON, or name a file that holds it")
    })
}

pub(super) fn parse_duration(text: &str) -> Result<SessionLength, String> {
    SessionLength::parse(text).ok_or_else(|| "a duration is written `1h`, `90m` or in seconds".to_owned())
}

/// Wrapped at once, so that no `Debug` of the arguments shows it.
#[expect(clippy::unnecessary_wraps, reason = "clap's parsers may fail")]
pub(super) fn parse_secret(text: &str) -> Result<Secret, String> {
    Ok(Secret::new(text))
}

fn parse_tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("a tag is written `KEY=VALUE`".to_owned()),
    }
}
