//! Region, endpoints and the other settings that the *asked* profile decides, as AWS CLI v2 resolves them.
//!
//! Pure: sees the environment and parsed files. Must not know credentials.

use std::path::PathBuf;

use super::endpoints::{Endpoints, resolve_endpoints};
use crate::{
    aws::ProxySettings,
    env_vars::{self, PROFILE_SETTINGS},
    host::Env,
    origin::{Origin, Sourced},
    profile::set::{Profile, ProfileSet},
};

/// Everything but credentials that a profile and the environment say about calls and programs.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `None`: STS is asked at its global endpoint.
    pub region: Option<Sourced<String>>,
    /// Custom endpoints, by service.
    pub endpoints: Endpoints,
    /// FIPS endpoints wanted.
    pub use_fips: bool,
    /// Dual-stack endpoints wanted.
    pub use_dual_stack: bool,
    /// `sts_regional_endpoints = legacy`.
    pub sts_legacy_global: bool,
    /// Trust store in place of the system's.
    pub ca_bundle: Option<PathBuf>,
    /// Proxies of the environment.
    pub proxy: ProxySettings,
    /// How often a call is tried in all.
    pub max_attempts: Option<u32>,
    /// `standard`, `adaptive`, `legacy`.
    pub retry_mode: Option<String>,
    /// What the profile says that a program can be told by variables: `(variable, value)`. The environment's own
    /// values are not in it.
    pub profile_variables: Vec<(String, String)>,
}

/// The settings of `profile` (`None`: no profile) under `env`, with `--region` where it was given.
pub fn resolve_settings(
    env: &dyn Env,
    set: &ProfileSet<'_>,
    profile: Option<&Profile<'_>>,
    region_flag: Option<&str>,
) -> Settings {
    let reader = Reader { env, profile };
    let mut profile_variables = Vec::new();
    if let Some(profile) = profile {
        for (key, variable) in PROFILE_SETTINGS {
            if let Some(setting) = profile.get(key) {
                profile_variables.push(((*variable).to_owned(), setting.value.to_owned()));
            }
        }
    }
    let endpoints = resolve_endpoints(env, set, profile, &mut profile_variables);
    Settings {
        region: resolve_region(&reader, region_flag),
        endpoints,
        use_fips: reader.flag(env_vars::AWS_USE_FIPS_ENDPOINT, "use_fips_endpoint"),
        use_dual_stack: reader.flag(env_vars::AWS_USE_DUALSTACK_ENDPOINT, "use_dualstack_endpoint"),
        sts_legacy_global: reader
            .text(env_vars::AWS_STS_REGIONAL_ENDPOINTS, "sts_regional_endpoints")
            .as_deref()
            == Some("legacy"),
        ca_bundle: reader.text(env_vars::AWS_CA_BUNDLE, "ca_bundle").map(PathBuf::from),
        proxy: resolve_proxy(env),
        max_attempts: reader
            .text(env_vars::AWS_MAX_ATTEMPTS, "max_attempts")
            .and_then(|text| text.trim().parse().ok())
            .filter(|attempts| *attempts > 0),
        retry_mode: reader.text(env_vars::AWS_RETRY_MODE, "retry_mode"),
        profile_variables,
    }
}

fn resolve_region(reader: &Reader<'_, '_>, flag: Option<&str>) -> Option<Sourced<String>> {
    if let Some(region) = flag {
        return Some(Sourced::new(region.to_owned(), Origin::Flag("--region")));
    }
    for variable in [env_vars::AWS_REGION, env_vars::AWS_DEFAULT_REGION] {
        if let Some(region) = reader.variable(variable) {
            return Some(Sourced::new(region, Origin::Env(variable)));
        }
    }
    let setting = reader.profile?.get("region")?;
    (!setting.value.is_empty()).then(|| Sourced::new(setting.value.to_owned(), setting.origin()))
}

fn resolve_proxy(env: &dyn Env) -> ProxySettings {
    let either = |lower: &str, upper: &str| {
        [lower, upper].into_iter().find_map(|name| env.var(name)).filter(|value| !value.is_empty())
    };
    ProxySettings {
        http: either("http_proxy", env_vars::HTTP_PROXY),
        https: either("https_proxy", env_vars::HTTPS_PROXY),
        no_proxy: either("no_proxy", env_vars::NO_PROXY),
    }
}

/// Reads a setting that has a variable and a key of the asked profile, the variable first.
struct Reader<'a, 't> {
    env: &'a dyn Env,
    profile: Option<&'a Profile<'t>>,
}

impl Reader<'_, '_> {
    fn variable(&self, name: &str) -> Option<String> {
        self.env.var(name).filter(|value| !value.is_empty())
    }

    fn text(&self, variable: &str, key: &str) -> Option<String> {
        self.variable(variable).or_else(|| Some(self.profile?.get(key)?.value.to_owned()))
    }

    /// botocore's `ensure_boolean`: `true` in any case, and nothing else.
    fn flag(&self, variable: &str, key: &str) -> bool {
        self.text(variable, key).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }
}
