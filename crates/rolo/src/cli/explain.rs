//! The options of `rolo explain`: those of a run, and how it is shown.

use clap::Args;

use super::AskArgs;
use crate::{
    error::CliError,
    invocation::{Invocation, Output},
};

const ABOUT_EXPLAIN: &str = "PROFILE is a profile's name, a role's ARN or ACCOUNT:ROLE.\n\
    Without one: AWS_PROFILE, else the default chain.\n\
    Nothing is called and nothing is written; what a run would do is worked out from the files and the caches.";

/// Show a profile's chain, settings, calls and caches: what would be done and why, without doing it
#[derive(Debug, Args)]
#[command(after_help = ABOUT_EXPLAIN)]
pub struct ExplainArgs {
    /// A profile's name, a role's ARN or ACCOUNT:ROLE
    #[arg(value_name = "PROFILE", conflicts_with_all = ["named", "role"])]
    pub profile: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Make the calls too, with prompts and caches as a run, and tell how each went
    #[arg(long, conflicts_with = "diff")]
    pub check: bool,
    /// Show what differs from this profile, and nothing else
    #[arg(long, value_name = "OTHER")]
    pub diff: Option<String>,
    /// Whose credentials.
    #[command(flatten)]
    pub ask: AskArgs,
}

impl ExplainArgs {
    /// What a run would be asked for.
    pub fn invocation(&self) -> Result<Invocation, CliError> {
        self.ask.invocation(self.profile.as_deref(), Output::Process)
    }
}
