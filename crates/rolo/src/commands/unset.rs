//! `rolo unset`: statements that remove what a hand-over set, or every `AWS_*` there is.

use rolo_core::host::Host;

use super::hand_over::{print, render};
use crate::{cli::UnsetArgs, error::CliError, handover::HandOver};

/// Prints the statements; no profile, file or cache is looked at.
pub fn run(
    args: &UnsetArgs,
    host: Host<'_>,
    names: impl IntoIterator<Item = String>,
) -> Result<u8, CliError> {
    if !args.format.can_unset() {
        let name = args.format.name();
        return Err(CliError::usage(format!("format `{name}` cannot unset variables"))
            .hint("take a shell's format: `--format sh`"));
    }
    let over = HandOver::undo(host.env);
    if !args.all {
        return print(&render(args.format, &over, "")?);
    }
    let present = names.into_iter().filter(|name| name.starts_with("AWS_"));
    print(&render(args.format, &over.and_remove(present), "")?)
}
