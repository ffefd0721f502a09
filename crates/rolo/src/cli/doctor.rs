//! The options of `rolo doctor`.

use clap::Args;

use super::TalkArgs;

const ABOUT_DOCTOR: &str = "Without PROFILE: all of them, and whatever belongs to none.\n\
    Exit code 0: nothing, or notes alone; 1: warnings; 3: faults.";

/// Tell everything that is wrong with the setup, the worst first, each with its remedy
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
#[command(after_help = ABOUT_DOCTOR)]
pub struct DoctorArgs {
    /// Examine these profiles, and those that their chains go through
    #[arg(value_name = "PROFILE")]
    pub profiles: Vec<String>,
    /// As PROFILE
    #[arg(id = "named", long = "profile", value_name = "NAME")]
    pub named: Vec<String>,
    /// Ask AWS too: its time, whether it is reached, what the access keys are worth
    #[arg(long)]
    pub online: bool,
    /// Mend what is safe to mend: modes, damaged and expired entries of caches, saved profiles that are over; each change is
    /// shown and asked for first
    #[arg(long)]
    pub fix: bool,
    /// Make the changes of `--fix` unasked
    #[arg(long, short = 'y', requires = "fix")]
    pub yes: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// How much is said.
    #[command(flatten)]
    pub talk: TalkArgs,
}
