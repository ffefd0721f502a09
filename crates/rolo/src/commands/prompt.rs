//! `rolo prompt`: whose credentials this environment holds, and for how long. No file is read unless colours are asked
//! for.

use rolo_core::{Secret, credentials::parse_expiration, env_vars, host::Host};

use super::hand_over::print;
use crate::{
    cli::PromptArgs,
    error::{CliError, exit_code},
    prompt::{Look, Status, colours::find_colour, render},
    settings::load_config,
};

/// Prints the status; nothing where nothing was handed over.
pub fn run(args: &PromptArgs, host: Host<'_>) -> Result<u8, CliError> {
    let Some(status) = load_status(host) else { return Ok(exit_code::DONE) };
    let colour = if args.colors && host.var_set(env_vars::NO_COLOR).is_none() {
        find_colour(&load_config(host)?.prompt_colours, &status.profile)
    } else {
        None
    };
    let template = args.format.clone().unwrap_or_default();
    let text = render(&status, &template, Look { shell: args.shell, colour }, host.clock.now());
    print(&Secret::new(text))
}

fn load_status(host: Host<'_>) -> Option<Status> {
    let region =
        [env_vars::AWS_REGION, env_vars::AWS_DEFAULT_REGION].into_iter().find_map(|name| host.var_set(name));
    Some(Status {
        profile: host.var_set(env_vars::ROLO_PROFILE)?,
        account: host.var_set(env_vars::ROLO_ACCOUNT),
        region,
        expiration: host.var_set(env_vars::AWS_CREDENTIAL_EXPIRATION).and_then(|at| parse_expiration(&at)),
    })
}
