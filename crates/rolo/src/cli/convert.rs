//! The options of `rolo convert`.
//!
//! Must not know what is read.

use clap::Args;

use super::TalkArgs;
use crate::format::Format;

const ABOUT_INPUT: &str = "Standard input is the JSON of an `aws sts` command, of `aws configure export-credentials`, of a\n\
    credential_process, or of a container's or EC2's endpoint:\n    \
    eval \"$(aws sts assume-role --role-arn ARN --role-session-name NAME | rolo convert)\"";

/// Turn JSON with credentials, as `aws sts assume-role` prints it, into any format
#[derive(Debug, Args)]
#[command(after_help = ABOUT_INPUT)]
pub struct ConvertArgs {
    /// What to print
    #[arg(long, value_name = "FORMAT", default_value = "sh")]
    pub format: Format,
    /// Name of the profile that `--format ini` makes
    #[arg(long = "as", value_name = "NAME", default_value = "default")]
    pub section: String,
    /// How much is said.
    #[command(flatten)]
    pub talk: TalkArgs,
}
