//! The options of `rolo console`.
//!
//! Must not know profiles.

use clap::Args;
use rolo_core::console::{Color, DisplayName};

use super::{ABOUT_PROFILE, TalkArgs};

/// Print the link that switches to a profile's role in the console
#[derive(Debug, Args)]
#[command(after_help = ABOUT_PROFILE)]
pub struct ConsoleArgs {
    /// A profile's name, a role's ARN or ACCOUNT:ROLE
    #[arg(value_name = "PROFILE", conflicts_with = "named")]
    pub profile: Option<String>,
    /// As PROFILE
    #[arg(id = "named", long = "profile", value_name = "NAME")]
    pub named: Option<String>,
    /// Switch to the role from the identity that is signed in; the one way so far, so it must be given
    #[arg(long)]
    pub switch_role: bool,
    /// Name that the console shows, else the profile's `rolo_display_name`, else its own
    #[arg(long, value_name = "NAME", value_parser = parse_name)]
    pub display_name: Option<DisplayName>,
    /// Colour of that name: red, orange, yellow, green, blue or RRGGBB; else the profile's `rolo_color`
    #[arg(long, value_name = "COLOR", value_parser = parse_color)]
    pub color: Option<Color>,
    /// Open the link in the browser as well
    #[arg(long)]
    pub open: bool,
    /// How much is said.
    #[command(flatten)]
    pub talk: TalkArgs,
}

fn parse_name(text: &str) -> Result<DisplayName, String> {
    DisplayName::parse(text).map_err(|error| error.to_string())
}

fn parse_color(text: &str) -> Result<Color, String> {
    Color::parse(text).map_err(|error| error.to_string())
}
