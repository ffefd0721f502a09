//! `rolo whoami`: asks AWS whose credentials they are.

use std::io::Write;

use rolo_core::{aws::CallerIdentity, host::Host};

use crate::{
    error::{CliError, exit_code},
    hints::explain_call,
    identity::render_identity,
    invocation::Invocation,
    obtain::carry_out,
    ui::escape::{escape, render_json},
};

/// Gets the credentials, calls GetCallerIdentity, and prints the answer in words or as AWS's own JSON.
pub fn run(invocation: &Invocation, json: bool, host: Host<'_>) -> Result<u8, CliError> {
    let carried = carry_out(invocation, host)?;
    let identity = carried
        .aws()
        .get_caller_identity(&carried.obtained.credentials)
        .map_err(|error| explain_call(error, &carried.resolved.plan.chain))?;
    let text = if json { render_json(&json_of(&identity)) } else { render_words(&identity) };
    std::io::stdout().write_all(text.as_bytes()).map(|()| exit_code::DONE).map_err(CliError::output)
}

fn json_of(identity: &CallerIdentity) -> serde_json::Value {
    serde_json::json!({
        "UserId": identity.user_id,
        "Account": identity.account,
        "Arn": identity.arn,
    })
}

fn render_words(identity: &CallerIdentity) -> String {
    format!("{}\n{}\n", render_identity(identity), escape(&identity.arn))
}
