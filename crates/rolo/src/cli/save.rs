//! The words of `rolo save`.
//!
//! Must not know what a saved profile looks like.

use clap::Args;

use super::{ABOUT_PROFILE, AskArgs};
use crate::{
    error::CliError,
    invocation::{Invocation, Output},
};

/// Write a profile's credentials into `~/.aws/credentials`, for programs that read only files
#[derive(Debug, Args)]
#[command(after_help = ABOUT_PROFILE)]
pub struct SaveArgs {
    /// A profile's name, a role's ARN or ACCOUNT:ROLE
    #[arg(value_name = "PROFILE", conflicts_with_all = ["named", "role"])]
    pub profile: Option<String>,
    /// Name of the profile to write, in place of PREFIX-ROLE or ACCOUNT-ROLE
    #[arg(id = "as", long = "as", value_name = "NAME")]
    pub as_name: Option<String>,
    /// Remove the profiles that rolo wrote and that have expired
    #[arg(long, conflicts_with_all = ["profile", "named", "role", "as"])]
    pub clean: bool,
    /// Whose credentials.
    #[command(flatten)]
    pub ask: AskArgs,
}

impl SaveArgs {
    /// Whose credentials are saved.
    pub fn invocation(&self) -> Result<Invocation, CliError> {
        self.ask.invocation(self.profile.as_deref(), Output::Process)
    }
}
