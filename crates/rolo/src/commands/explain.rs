//! `rolo explain`: what a run would do and why.

use std::io::Write;

use rolo_core::host::Host;

use crate::{
    cli::ExplainArgs,
    error::{CliError, exit_code},
    explain::{json, load, text},
    hints,
    invocation::Invocation,
    ui::escape::render_json,
};

/// Prints the explanation. A profile that leads nowhere is explained as far as it goes, and then is the error of a run.
pub fn run(invocation: &Invocation, args: &ExplainArgs, host: Host<'_>) -> Result<u8, CliError> {
    let explained = load(invocation, host)?;
    let error = explained.explanation.error.clone().map(|error| hints::explain(error.into()));
    let text = if args.json {
        render_json(&json::render(&explained, error.as_ref()))
    } else {
        text::render(&explained, &text::Look::of_stdout(host))
    };
    std::io::stdout().write_all(text.as_bytes()).map_err(CliError::output)?;
    error.map_or(Ok(exit_code::DONE), Err)
}
