//! `rolo explain`: what a run would do and why.

use std::io::Write;

use rolo_core::{
    chain::request::{Request, Target},
    host::Host,
};

use crate::{
    cli::ExplainArgs,
    error::{CliError, exit_code},
    explain::{
        Explained,
        check::check,
        diff::compare,
        json, load,
        text::{self, Look},
    },
    hints,
    invocation::Invocation,
    ui::escape::render_json,
};

/// Prints the explanation. A profile that leads nowhere is explained as far as it goes, and then is the error of a run.
pub fn run(invocation: &Invocation, args: &ExplainArgs, host: Host<'_>) -> Result<u8, CliError> {
    let look = Look::of_stdout(host);
    let mut explained = load(invocation, host)?;
    let mut error = error_of(&mut explained);
    let text = if let Some(other) = &args.diff {
        let request = Request { target: Target::Named(other.clone()), ..invocation.request.clone() };
        let mut other = load(&Invocation { request, ..invocation.clone() }, host)?;
        error = error.or_else(|| error_of(&mut other));
        let diff = compare(&explained, &other);
        if args.json { render_json(&json::render_diff(&diff)) } else { text::render_diff(&diff, &look) }
    } else {
        if args.check && error.is_none() {
            explained = check(explained, invocation, host)?;
        }
        let text = if args.json {
            render_json(&json::render(&explained, error.as_ref()))
        } else {
            text::render(&explained, error.as_ref(), &look)
        };
        error = error.or_else(|| explained.failure());
        text
    };
    std::io::stdout().write_all(text.as_bytes()).map_err(CliError::output)?;
    error.map_or(Ok(exit_code::DONE), Err)
}

/// Why a run would fail before its first call.
fn error_of(explained: &mut Explained) -> Option<CliError> {
    let explanation = &mut explained.explanation;
    let obstacle = explanation.obstacle.take();
    let error = explanation.error.clone().map(|error| hints::explain(error.into()));
    error.or_else(|| obstacle.map(|met| hints::explain_run(met.error, Some(&met.chain))))
}
