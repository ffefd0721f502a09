//! The options of `rolo history`.

use clap::Args;

use super::TalkArgs;

const ABOUT_HISTORY: &str = "In place of PROFILE, `-` takes the newest of them again: rolo exec -";

/// Show which roles were used when, the newest first
#[derive(Debug, Args)]
#[command(after_help = ABOUT_HISTORY)]
pub struct HistoryArgs {
    /// Print JSON
    #[arg(long, conflicts_with = "clear")]
    pub json: bool,
    /// Forget all of it
    #[arg(long)]
    pub clear: bool,
    /// How much is said.
    #[command(flatten)]
    pub talk: TalkArgs,
}
