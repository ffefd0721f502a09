//! `rolo save`: credentials as a profile of the credentials file, and the removal of such that have expired.

use rolo_core::{
    Secret,
    arn::RoleArn,
    chain::{
        request::Target,
        source::{BaseSource, Chain},
    },
    host::Host,
    profile::{ConfigFiles, SourceFile, Written},
    talk::{Hear, Notice},
};

use super::hand_over::print;
use crate::{
    error::CliError,
    invocation::Invocation,
    obtain::{Resolved, carry_out},
    roles::load_settings,
    saved::{self, Savable, check_name, default_name, name_of_role, save_credentials},
    ui::{Verbosity, talker::Talker},
    uses,
};

/// Gets the credentials, writes them as the profile `name`, and prints that name.
pub fn run(invocation: &Invocation, name: Option<&str>, host: Host<'_>) -> Result<u8, CliError> {
    let talker = Talker::new(invocation.verbosity);
    // What the plan has to say is said when it is carried out.
    let planned = Resolved::load(&invocation.request, host, &Talker::new(Verbosity::Quiet))?;
    let chain = &planned.plan.chain;
    let name = match name {
        Some(name) => name.to_owned(),
        None => find_name(chain, &invocation.request.target, host, &talker)?,
    };
    // Before anybody is asked for a code.
    check_name(&name, host)?;
    let carried = carry_out(invocation, host)?;
    let what = Savable {
        credentials: &carried.obtained.credentials,
        role_arn: role_arn(chain).map(RoleArn::as_str),
        region: chain.settings.region.as_ref().map(|region| region.value.as_str()),
        profile: chain.profile.as_deref(),
    };
    let path = ConfigFiles::path(&host, SourceFile::Credentials);
    let said = match save_credentials(&name, what, host, &talker)? {
        Written::Changed => format!("profile `{name}` is in `{}`", path.display()),
        Written::Unchanged => format!("profile `{name}` was in `{}` already", path.display()),
    };
    talker.hear(&Notice::Step(said));
    let code = print(&Secret::new(format!("{name}\n")))?;
    if let Some(subject) = carried.subject(&invocation.request) {
        uses::append(&subject, "save", None, invocation.verbosity, host);
    }
    Ok(code)
}

/// Removes the saved profiles that have expired, and prints their names.
pub fn clean(verbosity: Verbosity, host: Host<'_>) -> Result<u8, CliError> {
    let names = saved::clean(host, &Talker::new(verbosity), |_| true)?;
    print(&Secret::new(names.iter().flat_map(|name| [name, "\n"]).collect::<String>()))
}

/// The role that the credentials are of.
fn role_arn(chain: &Chain) -> Option<&RoleArn> {
    match (chain.steps.last(), &chain.base.source) {
        (Some(step), _) => Some(&step.role_arn.value),
        (None, BaseSource::WebIdentity(web)) => Some(&web.role_arn.value),
        _ => None,
    }
}

fn find_name(chain: &Chain, target: &Target, host: Host<'_>, hear: &dyn Hear) -> Result<String, CliError> {
    let prefix = || -> Result<Option<String>, CliError> {
        let settings = load_settings(host)?;
        // For a role's name it has been said already.
        let warning = settings.warning().filter(|_| !matches!(target, Target::Role(_)));
        if let Some(warning) = warning {
            hear.hear(&Notice::Warning(warning));
        }
        Ok(settings.profile_name_prefix.map(|prefix| prefix.value))
    };
    let name = match (role_arn(chain), &chain.base.source) {
        (Some(arn), _) => default_name(prefix()?.as_deref(), arn),
        (None, BaseSource::Sso(source)) => {
            name_of_role(prefix()?.as_deref(), &source.account_id, &source.role_name)
        }
        _ => None,
    };
    name.ok_or_else(|| {
        let problem =
            format!("`{}` leads to no role, after which the saved profile could be named", chain.label);
        CliError::usage(problem).hint("name it: add `--as NAME`")
    })
}
