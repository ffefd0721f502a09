//! `rolo console --switch-role`: the link that switches to a profile's role in the web console. No call, no credentials.
//!
//! Must not know how a link is made up.

use std::{io::Write, time::Duration};

use rolo_core::{
    arn::RoleArn,
    chain::{
        request::{Request, Target},
        resolve::resolve_uncalled,
        source::{BaseSource, Chain},
        target::{DirectRole, parse_direct_role},
    },
    console::{Color, DisplayName, LookError, switch_role_link},
    error::names::NO_ROLE,
    handed::UserEnv,
    host::Host,
    origin::{Location, Origin},
    profile::{ConfigFiles, Profile, ProfileSet},
};

use crate::{
    cli::ConsoleArgs,
    error::{CliError, ErrorKind, exit_code, names},
    hints::explain,
};

/// A browser that has not failed by then has been started.
const BROWSER_FAILS_WITHIN: Duration = Duration::from_secs(2);

/// Prints the link, and opens it where that is asked for.
pub fn run(args: &ConsoleArgs, host: Host<'_>) -> Result<u8, CliError> {
    if !args.switch_role {
        return Err(CliError::usage("`rolo console` cannot sign a browser in yet")
            .hint("add `--switch-role` for the link that switches to the role in a signed-in console"));
    }
    let link = make_link(args, host)?;
    std::io::stdout().write_all(format!("{link}\n").as_bytes()).map_err(CliError::output)?;
    if args.open {
        open::that_detached_with_timeout(&link, BROWSER_FAILS_WITHIN).map_err(|error| {
            CliError::named(ErrorKind::Other, names::BROWSER_NOT_OPENED, NotOpened(error))
                .hint("open the printed link by hand")
        })?;
    }
    Ok(exit_code::DONE)
}

/// Why no browser has the link.
#[derive(Debug, thiserror::Error)]
#[error("no browser could be opened")]
struct NotOpened(#[source] std::io::Error);

fn make_link(args: &ConsoleArgs, host: Host<'_>) -> Result<String, CliError> {
    let files = ConfigFiles::load(&host).map_err(|error| explain(error.into()))?;
    let set = ProfileSet::parse(&files).map_err(|error| explain(error.into()))?;
    let named = args.profile.as_deref().or(args.named.as_deref());
    let role = find_role(named, &set, host)?;
    let profile = role.profile.as_deref().and_then(|name| set.profile(name));
    let look = rolo_core::console::Look {
        display_name: match &args.display_name {
            Some(name) => Some(name.clone()),
            None => profile.map(default_name).transpose()?,
        },
        color: match &args.color {
            Some(color) => Some(color.clone()),
            None => profile.and_then(|profile| setting(profile, "rolo_color", Color::parse)).transpose()?,
        },
    };
    switch_role_link(&role.arn, &look).map_err(|error| {
        CliError::new(ErrorKind::Configuration, error)
            .at(role.location)
            .hint("a role's ARN reads `arn:aws:iam::ACCOUNT:role/NAME`; consoles are known for `aws`, `aws-cn` and `aws-us-gov`")
    })
}

/// The role to switch to.
struct FoundRole {
    arn: RoleArn,
    /// Where it is named, if in a file.
    location: Option<Location>,
    /// The profile whose role it is; `None` for one named directly.
    profile: Option<String>,
}

/// The last role of the chain. A whole ARN needs none, and so no source of credentials either.
fn find_role(named: Option<&str>, set: &ProfileSet<'_>, host: Host<'_>) -> Result<FoundRole, CliError> {
    if let Some(name) = named.filter(|name| set.profile(name).is_none())
        && let Some(DirectRole::Arn(arn)) = parse_direct_role(name)
    {
        return Ok(FoundRole { arn: RoleArn::new(arn), location: None, profile: None });
    }
    let target = named.map_or(Target::Default, |name| Target::Named(name.to_owned()));
    let request = Request { target, ..Request::default() };
    let user_env = UserEnv::new(host.env);
    let host = Host { env: &user_env, ..host };
    let chain = resolve_uncalled(set, host, &request).map_err(|error| explain(error.into()))?;
    let Some(step) = chain.steps.last() else { return Err(no_role(&chain, set)) };
    Ok(FoundRole {
        arn: step.role_arn.value.clone(),
        location: step.role_arn.origin.location().cloned(),
        profile: step.profile.clone(),
    })
}

fn no_role(chain: &Chain, set: &ProfileSet<'_>) -> CliError {
    let header = chain.profile.as_deref().and_then(|name| set.profile(name)).map(Profile::header_origin);
    let hint = match &chain.base.source {
        BaseSource::Sso(sso) => format!(
            "a role of IAM Identity Center cannot be switched to, only one with `role_arn`; open it from the access portal: {}",
            sso.start_url
        ),
        BaseSource::WebIdentity(_) => {
            "a role for a token cannot be switched to, only one that is assumed from a `source_profile`"
                .to_owned()
        }
        _ => "name a profile with `role_arn`, a role's ARN or ACCOUNT:ROLE".to_owned(),
    };
    CliError::named(ErrorKind::Configuration, NO_ROLE, format!("`{}` assumes no role", chain.label))
        .at(header.as_ref().and_then(Origin::location).cloned())
        .hint(hint)
}

fn default_name(profile: &Profile<'_>) -> Result<DisplayName, CliError> {
    if let Some(name) = setting(profile, "rolo_display_name", DisplayName::parse) {
        return name;
    }
    DisplayName::parse(profile.name()).map_err(|error| {
        CliError::new(ErrorKind::Configuration, error)
            .at(profile.header_origin().location().cloned())
            .hint("give another by `--display-name`, or by `rolo_display_name` in the profile")
    })
}

/// A setting of the profile that only the console is shown.
fn setting<T>(
    profile: &Profile<'_>,
    key: &str,
    parse: impl Fn(&str) -> Result<T, LookError>,
) -> Option<Result<T, CliError>> {
    let setting = profile.get(key)?;
    Some(parse(setting.value).map_err(|error| {
        CliError::new(ErrorKind::Configuration, error)
            .at([setting.location()])
            .hint(format!("correct `{key}`, or remove the line"))
    }))
}
