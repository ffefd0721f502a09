//! Region, endpoints and the other settings that the *asked* profile decides, as AWS CLI v2 resolves them.
//!
//! Pure: sees the environment and parsed files. Must not know credentials.

use std::path::PathBuf;

use super::{
    endpoints::{Endpoints, resolve_endpoints},
    source::Warning,
};
use crate::{
    aws::{self, CallSettings, ProxySettings},
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
    pub ca_bundle: Option<Sourced<PathBuf>>,
    /// Proxies of the environment.
    pub proxy: Proxies,
    /// How often a call is tried in all.
    pub max_attempts: Option<Sourced<u32>>,
    /// `standard`, `adaptive`, `legacy`.
    pub retry_mode: Option<Sourced<String>>,
    /// What the profile says that a program can be told by variables: `(variable, value)`. The environment's own
    /// values are not in it.
    pub profile_variables: Vec<(String, String)>,
    /// What is left out because it makes no sense; botocore fails for it.
    pub warnings: Vec<Warning>,
}

/// The environment's proxies, each with its variable: `https_proxy` beats `HTTPS_PROXY`. `Debug` shows no URL, which may
/// hold a password.
#[derive(Clone, Default)]
pub struct Proxies {
    /// For `http://` endpoints.
    pub http: Option<Sourced<String>>,
    /// For `https://` endpoints.
    pub https: Option<Sourced<String>>,
    /// Hosts that are reached directly.
    pub no_proxy: Option<Sourced<String>>,
}

impl Proxies {
    /// What a call needs of them.
    pub fn settings(&self) -> ProxySettings {
        let value = |said: &Option<Sourced<String>>| said.as_ref().map(|said| said.value.clone());
        ProxySettings { http: value(&self.http), https: value(&self.https), no_proxy: value(&self.no_proxy) }
    }

    /// The variable of the proxy for requests to `endpoint`; `None` where there is none.
    pub fn variable_for(&self, endpoint: &str) -> Option<&Origin> {
        let said = if endpoint.starts_with("http:") { &self.http } else { &self.https };
        said.as_ref().map(|said| &said.origin)
    }
}

impl std::fmt::Debug for Proxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.settings().fmt(f)
    }
}

impl Settings {
    /// How AWS is called under these settings.
    pub fn call_settings(&self) -> CallSettings {
        let value = |said: &Option<Sourced<String>>| said.as_ref().map(|said| said.value.clone());
        CallSettings {
            region: value(&self.region),
            endpoints: aws::Endpoints {
                sts: value(&self.endpoints.sts),
                sso: value(&self.endpoints.sso),
                sso_oidc: value(&self.endpoints.sso_oidc),
                iam: value(&self.endpoints.iam),
            },
            use_fips: self.use_fips,
            use_dual_stack: self.use_dual_stack,
            sts_legacy_global: self.sts_legacy_global,
            ca_bundle: self.ca_bundle.as_ref().map(|path| path.value.clone()),
            proxy: self.proxy.settings(),
            max_attempts: self.max_attempts.as_ref().map(|attempts| attempts.value),
            retry_mode: value(&self.retry_mode),
        }
    }
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
        ca_bundle: reader
            .sourced(env_vars::AWS_CA_BUNDLE, "ca_bundle")
            .map(|said| Sourced::new(PathBuf::from(said.value), said.origin)),
        proxy: resolve_proxies(env),
        max_attempts: reader.sourced(env_vars::AWS_MAX_ATTEMPTS, "max_attempts").and_then(|said| {
            let attempts = parse_attempts(&said.value)?;
            Some(Sourced::new(attempts, said.origin))
        }),
        retry_mode: reader.sourced(env_vars::AWS_RETRY_MODE, "retry_mode"),
        profile_variables,
        warnings: reader.ignored(),
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

fn parse_attempts(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|attempts| *attempts > 0)
}

fn resolve_proxies(env: &dyn Env) -> Proxies {
    let either = |lower: &'static str, upper: &'static str| {
        [lower, upper].into_iter().find_map(|name| {
            let url = env.var(name).filter(|value| !value.is_empty())?;
            Some(Sourced::new(url, Origin::Env(name)))
        })
    };
    Proxies {
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

    fn sourced(&self, variable: &'static str, key: &str) -> Option<Sourced<String>> {
        if let Some(value) = self.variable(variable) {
            return Some(Sourced::new(value, Origin::Env(variable)));
        }
        let setting = self.profile?.get(key)?;
        Some(Sourced::new(setting.value.to_owned(), setting.origin()))
    }

    /// Settings of calls that say nothing which can be followed.
    fn ignored(&self) -> Vec<Warning> {
        let attempts = self.sourced(env_vars::AWS_MAX_ATTEMPTS, "max_attempts");
        let mode = self.sourced(env_vars::AWS_RETRY_MODE, "retry_mode");
        let is_mode = |text: &str| {
            ["standard", "adaptive", "legacy"].iter().any(|known| text.eq_ignore_ascii_case(known))
        };
        let odd_attempts = attempts
            .filter(|said| parse_attempts(&said.value).is_none())
            .map(|said| (said, "max_attempts", "no whole number above 0"));
        let odd_mode = mode
            .filter(|said| !is_mode(&said.value))
            .map(|said| (said, "retry_mode", "none of `standard`, `adaptive`, `legacy`"));
        let warn = |(said, key, why): (Sourced<String>, &str, &str)| {
            let named = if let Origin::Env(name) = said.origin { name } else { key };
            Warning {
                text: format!("`{named}` is `{}`, which is {why}, and is left out", said.value),
                location: said.origin.location().cloned(),
            }
        };
        [odd_attempts, odd_mode].into_iter().flatten().map(warn).collect()
    }

    fn text(&self, variable: &'static str, key: &str) -> Option<String> {
        self.sourced(variable, key).map(|said| said.value)
    }

    /// botocore's `ensure_boolean`: `true` in any case, and nothing else.
    fn flag(&self, variable: &'static str, key: &str) -> bool {
        self.text(variable, key).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }
}
