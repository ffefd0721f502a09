//! The arguments of `rolo completions`, and of what its scripts call.

use std::ffi::OsString;

use clap::Args;

use crate::completions::{Shell, parse_name};

/// Print the script that makes a shell complete commands, options, profiles and more
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
    /// A function of yours over rolo that is completed as rolo is
    #[arg(long = "cmd", value_name = "NAME", default_value = "rolo", value_parser = parse_name)]
    pub name: String,
}

/// Say what may stand at the cursor: for the scripts
#[derive(Debug, Args)]
pub struct CompleteArgs {
    /// The shell that asks
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
    /// The words up to the cursor, the last one the cursor's; of bash the line and its word breaks
    #[arg(value_name = "WORD", last = true)]
    pub words: Vec<OsString>,
}
