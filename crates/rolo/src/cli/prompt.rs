//! The options of `rolo prompt`.

use clap::Args;

use crate::prompt::{PromptShell, template::Template};

const ABOUT_PROMPT: &str = "TEMPLATE is text with {profile}, {account}, {region} and {left}; a part in [brackets] is left out where\n\
    a field in it has no value. {{, }}, [[ and ]] are the characters themselves.\n\
    Without one: {profile}[ {account}][ {left}]";

/// Print profile, account and time left of the credentials in the environment, for a shell's prompt
#[derive(Debug, Args)]
#[command(after_help = ABOUT_PROMPT)]
pub struct PromptArgs {
    /// What to print
    #[arg(long, value_name = "TEMPLATE")]
    pub format: Option<Template>,
    /// The shell whose prompt it is part of; others need no option
    #[arg(long, value_name = "SHELL")]
    pub shell: Option<PromptShell>,
    /// Give it the colour that `config.toml` has for the profile's name
    #[arg(long)]
    pub colors: bool,
}
