//! `rolo whoami`: asks AWS whose credentials they are.

use std::io::Write;

use rolo_core::{aws::CallerIdentity, host::Host};

use crate::{
    error::{CliError, ErrorKind, exit_code},
    hints::explain_call,
    invocation::Invocation,
    obtain::{Carried, carry_out},
    ui::escape::{escape, render_json},
};

/// Gets the credentials, calls GetCallerIdentity, and prints the answer in words or as AWS's own JSON.
pub fn run(invocation: &Invocation, json: bool, host: Host<'_>) -> Result<u8, CliError> {
    let Carried { resolved, obtained, .. } = carry_out(invocation, host)?;
    let identity = resolved.aws().get_caller_identity(&obtained.credentials).map_err(explain_call)?;
    let text = if json { render_json(&json_of(&identity)) } else { render_words(&identity) };
    std::io::stdout()
        .write_all(text.as_bytes())
        .map(|()| exit_code::DONE)
        .map_err(|error| CliError::new(ErrorKind::Other, error))
}

fn json_of(identity: &CallerIdentity) -> serde_json::Value {
    serde_json::json!({
        "UserId": identity.user_id,
        "Account": identity.account,
        "Arn": identity.arn,
    })
}

fn render_words(identity: &CallerIdentity) -> String {
    let resource = identity.arn.splitn(6, ':').nth(5).unwrap_or_default();
    let mut parts = resource.split('/');
    let who = match (parts.next(), parts.next(), parts.next()) {
        (Some("assumed-role"), Some(role), Some(session)) => format!("role {role}, session {session}"),
        (Some("user"), ..) => format!("user {}", resource.rsplit('/').next().unwrap_or_default()),
        (Some("federated-user"), Some(name), _) => format!("federated user {name}"),
        (Some("root"), ..) => "the account's root user".to_owned(),
        _ => resource.to_owned(),
    };
    format!("{} in account {}\n{}\n", escape(&who), escape(&identity.account), escape(&identity.arn))
}
