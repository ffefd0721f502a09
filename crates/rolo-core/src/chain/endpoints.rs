//! Custom endpoints: `AWS_ENDPOINT_URL[_SERVICE]`, the `services` section, `endpoint_url`, in botocore's order.
//!
//! Pure. Must not know AWS's own endpoints: those are the SDK's rules.

use super::resolve::ResolveError;
use crate::{
    env_vars,
    host::Env,
    origin::{Origin, Sourced},
    profile::set::{Profile, ProfileSet},
};

/// Custom endpoints of the services that rolo calls; `None`: AWS's own.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    /// Security Token Service.
    pub sts: Option<Sourced<String>>,
    /// IAM Identity Center's portal.
    pub sso: Option<Sourced<String>>,
    /// IAM Identity Center's token service.
    pub sso_oidc: Option<Sourced<String>>,
    /// Identity and Access Management.
    pub iam: Option<Sourced<String>>,
}

/// Finds the endpoints and adds to `profile_variables` the variables by which programs learn the profile's own.
pub(super) fn resolve_endpoints(
    env: &dyn Env,
    set: &ProfileSet<'_>,
    profile: Option<&Profile<'_>>,
    profile_variables: &mut Vec<(String, String)>,
) -> Endpoints {
    if are_ignored(env, profile) {
        return Endpoints::default();
    }
    let lookup = Lookup { env, set, profile };
    lookup.add_profile_variables(profile_variables);
    Endpoints {
        sts: lookup.endpoint(env_vars::AWS_ENDPOINT_URL_STS, "sts"),
        sso: lookup.endpoint(env_vars::AWS_ENDPOINT_URL_SSO, "sso"),
        sso_oidc: lookup.endpoint(env_vars::AWS_ENDPOINT_URL_SSO_OIDC, "sso_oidc"),
        iam: lookup.endpoint(env_vars::AWS_ENDPOINT_URL_IAM, "iam"),
    }
}

/// Fails where `services` names no section, or an empty one, and one of the services whose `variables` these are has to look there: the
/// AWS CLI does not mind as long as no service does.
pub(super) fn check_services_section(
    env: &dyn Env,
    set: &ProfileSet<'_>,
    profile: &Profile<'_>,
    variables: &[&'static str],
) -> Result<(), ResolveError> {
    let lookup = Lookup { env, set, profile: Some(profile) };
    match profile.get("services") {
        Some(named)
            if set.services(named.value).is_none_or(|section| section.keys().is_empty())
                && !are_ignored(env, Some(profile))
                && variables.iter().any(|variable| lookup.environment_endpoint(variable).is_none()) =>
        {
            Err(ResolveError::ServicesMissing {
                section: named.value.to_owned(),
                profile: profile.name().to_owned(),
                origin: named.origin(),
            })
        }
        _ => Ok(()),
    }
}

fn are_ignored(env: &dyn Env, profile: Option<&Profile<'_>>) -> bool {
    env.var(env_vars::AWS_IGNORE_CONFIGURED_ENDPOINT_URLS)
        .or_else(|| Some(profile?.get("ignore_configured_endpoint_urls")?.value.to_owned()))
        .is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

struct Lookup<'a, 't> {
    env: &'a dyn Env,
    set: &'a ProfileSet<'t>,
    profile: Option<&'a Profile<'t>>,
}

impl Lookup<'_, '_> {
    fn endpoint(&self, variable: &'static str, service: &str) -> Option<Sourced<String>> {
        if let Some(url) = self.environment_endpoint(variable) {
            return Some(url);
        }
        let profile = self.profile?;
        let section = profile.get("services").and_then(|named| self.set.services(named.value));
        section
            .and_then(|section| section.get_nested(service, "endpoint_url"))
            .filter(|url| !url.value.is_empty())
            .or_else(|| profile.get("endpoint_url").filter(|url| !url.value.is_empty()))
            .map(|url| Sourced::new(url.value.to_owned(), url.origin()))
    }

    fn environment_endpoint(&self, variable: &'static str) -> Option<Sourced<String>> {
        [variable, env_vars::AWS_ENDPOINT_URL].into_iter().find_map(|name| {
            let url = self.env.var(name).filter(|url| !url.is_empty())?;
            Some(Sourced::new(url, Origin::Env(name)))
        })
    }

    /// A service's own variable beats `AWS_ENDPOINT_URL`, a service's own section does not; so the section's endpoints
    /// are handed over only where no such variable of the user's would be beaten by them.
    fn add_profile_variables(&self, variables: &mut Vec<(String, String)>) {
        let Some(profile) = self.profile else { return };
        if let Some(url) = profile.get("endpoint_url").filter(|url| !url.value.is_empty()) {
            variables.push((env_vars::AWS_ENDPOINT_URL.to_owned(), url.value.to_owned()));
        }
        if self.env.var(env_vars::AWS_ENDPOINT_URL).is_some_and(|url| !url.is_empty()) {
            return;
        }
        let Some(section) = profile.get("services").and_then(|named| self.set.services(named.value)) else {
            return;
        };
        for service in section.keys() {
            if let Some(url) = section.get_nested(service, "endpoint_url").filter(|url| !url.value.is_empty())
            {
                let variable = format!("{}_{}", env_vars::AWS_ENDPOINT_URL, service.to_ascii_uppercase());
                variables.push((variable, url.value.to_owned()));
            }
        }
    }
}
