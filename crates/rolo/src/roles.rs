//! A role asked for by name: what the project and the person have set makes an ARN of it.
//!
//! Must not know how the role is taken on.

use rolo_core::{
    chain::request::{Request, Target},
    host::Host,
    profile::{ConfigFiles, ProfileSet},
    talk::{Hear, Notice},
};

use crate::{
    error::CliError,
    invocation::Invocation,
    settings::roles::{RoleSettings, load_role_settings},
    ui::talker::Talker,
};

/// Puts the whole role in place of the name that `--role` gave; other invocations stay as they are.
pub fn complete(invocation: Invocation, host: Host<'_>) -> Result<Invocation, CliError> {
    match &invocation.request.target {
        Target::Role(name) => {
            let name = name.clone();
            let whole = load_settings(host).and_then(|settings| apply(&settings, invocation));
            whole.map_err(|error| if is_profile(&name, host) { error.hint(leave_out(&name)) } else { error })
        }
        Target::Named(_) | Target::Default => Ok(invocation),
    }
}

fn leave_out(name: &str) -> String {
    format!("`{name}` is the name of a profile: leave out `--role`")
}

/// Whether a profile has the name that was given for a role's.
fn is_profile(name: &str, host: Host<'_>) -> bool {
    let Ok(files) = ConfigFiles::load(&host) else { return false };
    ProfileSet::parse(&files).is_ok_and(|set| set.profile(name).is_some())
}

/// What counts where the program was started.
pub fn load_settings(host: Host<'_>) -> Result<RoleSettings, CliError> {
    let folder = std::env::current_dir().map_err(CliError::no_folder)?;
    load_role_settings(host, &folder)
}

/// The same with settings that are read already.
pub fn apply(settings: &RoleSettings, invocation: Invocation) -> Result<Invocation, CliError> {
    let Target::Role(name) = &invocation.request.target else { return Ok(invocation) };
    let target = Target::Role(settings.role_arn(name)?);
    if let Some(warning) = settings.warning() {
        Talker::new(invocation.verbosity).hear(&Notice::Warning(warning));
    }
    Ok(Invocation {
        refresh_before_expiry: settings.refresh_before_expiry.as_ref().map(|said| said.value),
        request: Request { target, ..invocation.request },
        ..invocation
    })
}
