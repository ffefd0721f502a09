//! What the asked profile and the environment say about calls and programs, and how the profile was chosen.
//!
//! What counts is what [`Settings`](crate::chain::settings::Settings) came to; here is told what it beat. Must not know
//! the chain's roles.

use super::{
    Question,
    said::{Candidates, Said},
};
use crate::{
    chain::{plan::Plan, request::Target, source::BaseSource, target::parse_direct_role},
    env_vars::{self, PROFILE_SETTINGS},
    origin::{Origin, Sourced},
    profile::Profile,
};

/// Settings that have a variable, which comes before the profile's key.
const BOTH: [(&str, &str); 6] = [
    ("use_fips_endpoint", env_vars::AWS_USE_FIPS_ENDPOINT),
    ("use_dualstack_endpoint", env_vars::AWS_USE_DUALSTACK_ENDPOINT),
    ("sts_regional_endpoints", env_vars::AWS_STS_REGIONAL_ENDPOINTS),
    ("ca_bundle", env_vars::AWS_CA_BUNDLE),
    ("retry_mode", env_vars::AWS_RETRY_MODE),
    ("max_attempts", env_vars::AWS_MAX_ATTEMPTS),
];

/// Whether the target is a role and not a profile.
pub(super) fn is_direct(question: &Question<'_>) -> bool {
    match &question.request.target {
        Target::Role(_) => true,
        Target::Named(name) => question.set.profile(name).is_none() && parse_direct_role(name).is_some(),
        Target::Default => question.request.role_arn.is_some(),
    }
}

/// The profile that is asked for, whether it is there or not.
pub(super) fn asked_name(question: &Question<'_>) -> Option<String> {
    chosen(question).first("profile").and_then(|said| said.value)
}

/// How the profile was chosen, where it is `profile`.
pub(super) fn asked(question: &Question<'_>, profile: Option<&str>) -> Option<Said> {
    chosen(question).first("profile").filter(|said| said.value.as_deref() == profile)
}

fn chosen(question: &Question<'_>) -> Candidates {
    let direct = is_direct(question);
    let named = match &question.request.target {
        Target::Named(name) if !direct => Some(name.as_str()),
        _ => None,
    };
    let source = question.request.source_profile.as_deref().filter(|_| direct);
    let env = question.host.env;
    let mut candidates = Candidates::default()
        .flag("PROFILE", named)
        .flag("--source-profile", source)
        .env(env, env_vars::AWS_PROFILE)
        .env(env, env_vars::AWS_DEFAULT_PROFILE);
    if named.is_some() || source.is_some() {
        // A profile that was named comes before the environment's keys as well.
        candidates =
            candidates.env(env, env_vars::AWS_ACCESS_KEY_ID).env(env, env_vars::AWS_WEB_IDENTITY_TOKEN_FILE);
    }
    let default = question.set.profile("default").is_some() && candidates.is_empty();
    candidates.other(default.then_some(("default", "default", Origin::Default)))
}

/// The settings of `plan`, in the order in which people look for them.
pub(super) fn of_chain(question: &Question<'_>, plan: &Plan) -> Vec<Said> {
    let profile = plan.chain.profile.as_deref().and_then(|name| question.set.profile(name));
    let reader = Reader { question, profile };
    let mut all = Vec::new();
    all.extend(reader.region(plan));
    reader.endpoints(plan, &mut all);
    for (key, variable) in BOTH {
        all.extend(
            Candidates::default()
                .env(question.host.env, variable)
                .profile(question.set, profile, key)
                .first(key),
        );
    }
    reader.proxies(&mut all);
    for (key, variable) in PROFILE_SETTINGS {
        let is_shown =
            BOTH.iter().any(|(shown, _)| shown == key) || *key == "ignore_configured_endpoint_urls";
        if !is_shown && profile.is_some_and(|profile| profile.get(key).is_some()) {
            // The hand-over sets the variable to what the profile says.
            let said =
                Candidates::default().profile(question.set, profile, key).env(question.host.env, variable);
            all.extend(said.first(key));
        }
    }
    all
}

struct Reader<'a> {
    question: &'a Question<'a>,
    profile: Option<&'a Profile<'a>>,
}

impl Reader<'_> {
    fn region(&self, plan: &Plan) -> Option<Said> {
        let chosen = plan.chain.settings.region.as_ref()?;
        let Question { set, host, request, .. } = self.question;
        let candidates = Candidates::default()
            .flag("--region", request.region.as_deref())
            .env(host.env, env_vars::AWS_REGION)
            .env(host.env, env_vars::AWS_DEFAULT_REGION)
            .profile(set, self.profile, "region");
        Some(candidates.chosen("region", chosen))
    }

    /// Those of the services that are called.
    fn endpoints(&self, plan: &Plan, all: &mut Vec<Said>) {
        let chain = &plan.chain;
        let Question { set, host, .. } = self.question;
        let ignored = Candidates::default()
            .env(host.env, env_vars::AWS_IGNORE_CONFIGURED_ENDPOINT_URLS)
            .profile(set, self.profile, "ignore_configured_endpoint_urls")
            .first("ignore_configured_endpoint_urls");
        let is_sso = matches!(chain.base.source, BaseSource::Sso(_));
        let calls_sts = !chain.steps.is_empty() || !is_sso;
        let endpoints = &chain.settings.endpoints;
        let services: [(&str, &'static str, &Option<Sourced<String>>, bool); 4] = [
            ("sts", env_vars::AWS_ENDPOINT_URL_STS, &endpoints.sts, calls_sts),
            ("sso", env_vars::AWS_ENDPOINT_URL_SSO, &endpoints.sso, is_sso),
            ("sso_oidc", env_vars::AWS_ENDPOINT_URL_SSO_OIDC, &endpoints.sso_oidc, is_sso),
            ("iam", env_vars::AWS_ENDPOINT_URL_IAM, &endpoints.iam, chain.names_session),
        ];
        let section = self
            .profile
            .and_then(|profile| profile.get("services"))
            .and_then(|named| set.services(named.value));
        for (service, variable, chosen, is_called) in services {
            let Some(chosen) = chosen.as_ref().filter(|_| is_called) else { continue };
            let nested = section.and_then(|section| section.get_nested(service, "endpoint_url"));
            let nested = nested.as_ref().filter(|url| !url.value.is_empty());
            let name = format!("endpoint_url ({service})");
            let candidates = Candidates::default()
                .env(host.env, variable)
                .env(host.env, env_vars::AWS_ENDPOINT_URL)
                .other(nested.map(|url| ("services", url.value, url.origin())))
                .profile(set, self.profile, "endpoint_url");
            all.push(candidates.chosen(&name, chosen));
        }
        all.extend(ignored);
    }

    fn proxies(&self, all: &mut Vec<Said>) {
        let env = self.question.host.env;
        let names = [
            ("https_proxy", env_vars::HTTPS_PROXY),
            ("http_proxy", env_vars::HTTP_PROXY),
            ("no_proxy", env_vars::NO_PROXY),
        ];
        for (lower, upper) in names {
            all.extend(Candidates::default().env(env, lower).env(env, upper).first(lower));
        }
    }
}
