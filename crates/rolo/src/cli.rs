//! The command line as clap knows it: commands, options, help. Nothing happens here.
//!
//! Must not know what a command does; it turns words into an [`Invocation`](crate::invocation::Invocation)'s parts.

mod ask;
mod completions;
mod configure;
mod console;
mod convert;
mod doctor;
mod error_format;
mod exec_words;
mod explain;
mod history;
mod in_shell;
mod prompt;
mod save;
mod session;
mod trust;

use clap::{Args, Parser, Subcommand, builder::PossibleValue};

pub use self::{
    ask::{AskArgs, TalkArgs},
    completions::{CompleteArgs, CompletionsArgs},
    configure::{ConfigureArgs, hide_secret},
    console::ConsoleArgs,
    convert::ConvertArgs,
    doctor::DoctorArgs,
    error_format::{ErrorFormat, explain_usage, move_behind_command},
    exec_words::{ExecWords, cut_exec_words},
    explain::ExplainArgs,
    history::HistoryArgs,
    in_shell::{InitArgs, OffArgs, UseArgs, words_of},
    prompt::PromptArgs,
    save::SaveArgs,
    session::SessionArgs,
    trust::TrustArgs,
};
use crate::{
    error::CliError,
    exec::line::split_line,
    format::Format,
    invocation::{Invocation, Output},
};

const ABOUT_PROFILE: &str = "PROFILE is a profile's name, a role's ARN or ACCOUNT:ROLE.\n\
    Without one: AWS_PROFILE, else the default chain.";
const ABOUT_EXEC: &str = "PROFILE is a profile's name, a role's ARN or ACCOUNT:ROLE.\n\
    Without one, `--` begins CMD: AWS_PROFILE, else the default chain.\n\
    Options stand before PROFILE; what follows it is CMD. Without CMD: your shell.\n\
    A CMD of one word with blanks in it is split as a shell splits, unless it is a program's name.";

/// Takes on AWS IAM roles: one identity, many accounts, one MFA code a day.
#[derive(Debug, Parser)]
#[command(name = "rolo", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = ABOUT_PROFILE)]
pub struct Cli {
    /// How a failure is told
    #[arg(long, global = true, value_name = "FORMAT")]
    pub error_format: Option<ErrorFormat>,
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
    /// Turn JSON with credentials, as `aws sts assume-role` prints it, into any format
    Convert(ConvertArgs),
    /// Get a session of an IAM user's own key, with an MFA code where there is a device
    #[command(override_usage = "rolo session [OPTIONS] [PROFILE] [--] [CMD]...")]
    Session(SessionArgs),
    /// Write a profile's credentials into `~/.aws/credentials`, for programs that read only files
    Save(SaveArgs),
    /// Give this shell a profile's credentials; for shells with `rolo init`
    Use(UseArgs),
    /// Give this shell back what stood there before the first `use`
    Off(OffArgs),
    /// Print what makes `use` and `off` work in a shell, for its rc file
    Init(InitArgs),
    /// Print statements that unset what rolo set
    Unset(UnsetArgs),
    /// List profiles: account, role, source, MFA, state of the cached credentials
    List(ListArgs),
    /// Tell everything that is wrong with the setup, the worst first, each with its remedy
    Doctor(DoctorArgs),
    /// Show a profile's chain, settings, calls and caches: what would be done and why, without doing it
    Explain(ExplainArgs),
    /// Ask AWS whose credentials they are
    Whoami(WhoamiArgs),
    /// Show which roles were used when, the newest first
    History(HistoryArgs),
    /// Print profile, account and time left of the credentials in the environment, for a shell's prompt
    Prompt(PromptArgs),
    /// Let a project's assume-role.yaml say which account a role's name is in
    Trust(TrustArgs),
    /// Print the link that switches to a profile's role in the console
    Console(ConsoleArgs),
    /// Write a profile's keys and settings into the AWS CLI's files
    Configure(ConfigureArgs),
    /// Print the script that makes a shell complete commands, options, profiles and more
    Completions(CompletionsArgs),
    /// Say what may stand at the cursor: for the scripts
    #[command(hide = true)]
    Complete(CompleteArgs),
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

/// Print statements that set a profile's credentials, for `eval`
#[derive(Debug, Args)]
#[command(after_help = ABOUT_PROFILE)]
pub struct ExportArgs {
    /// A profile's name, a role's ARN or ACCOUNT:ROLE
    #[arg(value_name = "PROFILE", conflicts_with_all = ["named", "role"])]
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
    #[arg(value_name = "PROFILE", conflicts_with_all = ["named", "role"])]
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
    #[arg(value_name = "PROFILE", conflicts_with_all = ["named", "role"])]
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
        self.ask.invocation(words.profile()?.as_deref(), Output::Exec(split_line(words.command)?))
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
