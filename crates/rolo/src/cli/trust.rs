//! The arguments of `rolo trust`.

use std::path::PathBuf;

use clap::Args;

use super::TalkArgs;

const ABOUT_TRUST: &str = "What FILE says is shown, then you are asked at the terminal: there is no option that says yes.\n\
    For machines, name the file or a folder above it under `trusted` in config.toml.";

/// Let a project's assume-role.yaml say which account a role's name is in
#[derive(Debug, Args)]
#[command(after_help = ABOUT_TRUST)]
pub struct TrustArgs {
    /// The file, or its folder; unless given, the nearest one from the working directory upwards
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// List the files that are trusted
    #[arg(long, conflicts_with_all = ["file", "forget"])]
    pub list: bool,
    /// Print the list as JSON
    #[arg(long, requires = "list")]
    pub json: bool,
    /// Take the approval of FILE back
    #[arg(long)]
    pub forget: bool,
    /// How much is said.
    #[command(flatten)]
    pub talk: TalkArgs,
}
