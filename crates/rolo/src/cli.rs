//! The command line as clap knows it: commands, options, help. Nothing happens here.
//!
//! Must not know what a command does; it turns words into an [`Invocation`](crate::invocation::Invocation)'s parts.

use std::ffi::OsString;

use clap::{ArgAction, Args, Parser, Subcommand, builder::PossibleValue};
use rolo_core::{
    Secret,
    chain::request::{Request, SessionLength, Target},
};

use crate::{
    error::{CliError, ErrorKind},
    format::Format,
    invocation::{Invocation, Output},
    ui::Verbosity,
};

const ABOUT_PROFILE: &str = "PROFILE is a profile's name, a role's ARN or ACCOUNT:ROLE.\n\
    Without one: AWS_PROFILE, else the default chain.";
const ABOUT_EXEC: &str = "PROFILE is a profile's name, a role's ARN or ACCOUNT:ROLE.\n\
    Without one, `--` begins CMD: AWS_PROFILE, else the default chain.\n\
    Options stand before PROFILE; what follows it is CMD. Without CMD: your shell.";

/// Takes on AWS IAM roles: one identity, many accounts, one MFA code a day.
#[derive(Debug, Parser)]
#[command(name = "rolo", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = ABOUT_PROFILE)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: CliCommand,
}

/// What to do.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum CliCommand {
    /// Run a command, or a shell, with a profile's credentials
    #[command(override_usage = "rolo exec [OPTIONS] [PROFILE] [--] [CMD]...")]
    Exec(ExecArgs),
    /// Print statements that set a profile's credentials, for `eval`
    Export(ExportArgs),
    /// Print a profile's credentials as `credential_process` JSON, for every AWS SDK
    Process(ProcessArgs),
    /// Print statements that unset what rolo set
    Unset(UnsetArgs),
    /// List profiles: account, role, source, MFA, state of the cached credentials
    List(ListArgs),
    /// Ask AWS whose credentials they are
    Whoami(WhoamiArgs),
    /// Show or clear what is cached
    #[command(subcommand)]
    Cache(CacheCommand),
}

/// `rolo cache`.
#[derive(Debug, Subcommand)]
pub enum CacheCommand {
    /// List cached credentials, without the secrets
    List(CacheListArgs),
    /// Forget cached credentials: a profile's, or with an option
    Clear(CacheClearArgs),
}

/// Run a command, or a shell, with a profile's credentials
#[derive(Debug, Args)]
#[command(after_help = ABOUT_EXEC)]
pub struct ExecArgs {
    /// Whose credentials.
    #[command(flatten)]
    pub ask: AskArgs,
}

/// What stands behind the options of `rolo exec`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ExecWords {
    /// The first word, unless `--` or `--profile` came before it.
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
        has_profile |= text == "--profile" || text.starts_with("--profile=");
        index += if takes_value(&text) { 2 } else { 1 };
    };
    args.truncate(index);
    Some(words)
}

/// Print statements that set a profile's credentials, for `eval`
#[derive(Debug, Args)]
#[command(after_help = ABOUT_PROFILE)]
pub struct ExportArgs {
    /// A profile's name, a role's ARN or ACCOUNT:ROLE
    #[arg(value_name = "PROFILE", conflicts_with = "named")]
    pub profile: Option<String>,
    /// What to print
    #[arg(long, value_name = "FORMAT", default_value = "sh")]
    pub format: Format,
    /// Whose credentials.
    #[command(flatten)]
    pub ask: AskArgs,
}

/// Print a profile's credentials as `credential_process` JSON, for every AWS SDK
#[derive(Debug, Args)]
#[command(after_help = ABOUT_PROFILE)]
pub struct ProcessArgs {
    /// A profile's name, a role's ARN or ACCOUNT:ROLE
    #[arg(value_name = "PROFILE", conflicts_with = "named")]
    pub profile: Option<String>,
    /// Whose credentials.
    #[command(flatten)]
    pub ask: AskArgs,
}

/// Print statements that unset what rolo set
#[derive(Debug, Args)]
pub struct UnsetArgs {
    /// Unset every variable whose name begins with AWS_ as well
    #[arg(long)]
    pub all: bool,
    /// What to print
    #[arg(long, value_name = "FORMAT", default_value = "sh")]
    pub format: Format,
    /// How much is said.
    #[command(flatten)]
    pub talk: TalkArgs,
}

/// List profiles: account, role, source, MFA, state of the cached credentials
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// How much is said.
    #[command(flatten)]
    pub talk: TalkArgs,
}

/// Ask AWS whose credentials they are
#[derive(Debug, Args)]
#[command(after_help = ABOUT_PROFILE)]
pub struct WhoamiArgs {
    /// A profile's name, a role's ARN or ACCOUNT:ROLE
    #[arg(value_name = "PROFILE", conflicts_with = "named")]
    pub profile: Option<String>,
    /// Print UserId, Account and Arn as JSON
    #[arg(long)]
    pub json: bool,
    /// Whose credentials.
    #[command(flatten)]
    pub ask: AskArgs,
}

/// List cached credentials, without the secrets
#[derive(Debug, Args)]
pub struct CacheListArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// How much is said.
    #[command(flatten)]
    pub talk: TalkArgs,
}

/// Forget cached credentials: a profile's, or with an option
#[derive(Debug, Args)]
pub struct CacheClearArgs {
    /// The profile whose credentials to forget
    #[arg(value_name = "PROFILE", required_unless_present_any = ["expired", "all", "named"], conflicts_with_all = ["expired", "all", "named"])]
    pub profile: Option<String>,
    /// As PROFILE
    #[arg(id = "named", long = "profile", value_name = "NAME", conflicts_with_all = ["expired", "all"])]
    pub named: Option<String>,
    /// Forget what has expired
    #[arg(long, conflicts_with = "all")]
    pub expired: bool,
    /// Forget everything
    #[arg(long)]
    pub all: bool,
    /// How much is said.
    #[command(flatten)]
    pub talk: TalkArgs,
}

/// How much is said.
#[derive(Debug, Args)]
pub struct TalkArgs {
    /// Say nothing but errors and prompts
    #[arg(short, long)]
    pub quiet: bool,
    /// Say each decision
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
    fn invocation(&self, profile: Option<&str>, output: Output) -> Result<Invocation, CliError> {
        Ok(Invocation {
            request: self.request(profile)?,
            output,
            mfa_code: self.mfa_code.clone(),
            refresh: self.refresh,
            verbosity: self.talk.verbosity(),
        })
    }

    fn request(&self, profile: Option<&str>) -> Result<Request, CliError> {
        let named = profile.or(self.named.as_deref());
        Ok(Request {
            target: named.map_or(Target::Default, |name| Target::Named(name.to_owned())),
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
        CliError::new(ErrorKind::Usage, format!("the policy file `{path}` could not be read: {error}"))
            .hint("give the policy as JSON, or name a file that holds it")
    })
}

fn parse_duration(text: &str) -> Result<SessionLength, String> {
    SessionLength::parse(text).ok_or_else(|| "a duration is written `1h`, `90m` or in seconds".to_owned())
}

/// Wrapped at once, so that no `Debug` of the arguments shows it.
#[expect(clippy::unnecessary_wraps, reason = "clap's parsers may fail")]
fn parse_secret(text: &str) -> Result<Secret, String> {
    Ok(Secret::new(text))
}

fn parse_tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("a tag is written `KEY=VALUE`".to_owned()),
    }
}

impl clap::ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).aliases(self.aliases()).help(self.description()))
    }
}

impl ExecArgs {
    /// What is asked for; `words` is what stood behind the options.
    pub fn invocation(&self, words: ExecWords) -> Result<Invocation, CliError> {
        let profile = words.profile.map(OsString::into_string).transpose().map_err(|word| {
            let problem = format!("profile `{}` is no text", word.to_string_lossy());
            CliError::new(ErrorKind::Usage, problem)
        })?;
        self.ask.invocation(profile.as_deref(), Output::Exec(words.command))
    }
}

impl ExportArgs {
    /// What is asked for.
    pub fn invocation(&self) -> Result<Invocation, CliError> {
        self.ask.invocation(self.profile.as_deref(), Output::Export(self.format))
    }
}

impl ProcessArgs {
    /// What is asked for.
    pub fn invocation(&self) -> Result<Invocation, CliError> {
        self.ask.invocation(self.profile.as_deref(), Output::Process)
    }
}

impl WhoamiArgs {
    /// Whose identity is asked for: the same as for a program that calls AWS itself.
    pub fn invocation(&self) -> Result<Invocation, CliError> {
        self.ask.invocation(self.profile.as_deref(), Output::Process)
    }
}
