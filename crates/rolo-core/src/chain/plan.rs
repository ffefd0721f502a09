//! From a [`Chain`] to the calls it takes: where an MFA session serves, under which keys each answer is kept. Pure.
//!
//! Must not know what a cache holds; a plan is the same on a cold and on a warm machine.

use jiff::SignedDuration;

use super::{
    overrides::ONE_HOUR,
    request::Request,
    resolve::resolve_chain,
    source::{Base, BaseSource, Chain, Keys, RoleStep, WebIdentity},
};
use crate::{
    arn::MfaSerial,
    cache::{
        aws_cli::name::{CliRoleKey, SsoName},
        key::{CacheKey, KeyBuilder},
    },
    host::Host,
    profile::set::ProfileSet,
};

/// What a person sets once for all profiles (`config.toml`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How long before expiry credentials are renewed; 15 min unless set.
    pub refresh_before_expiry: SignedDuration,
    /// Whether one GetSessionToken serves every role of a key and device.
    pub mfa_session: bool,
    /// How long that session lasts, in seconds; 12 h unless set.
    pub mfa_session_duration: u32,
    /// Whether the AWS CLI's cache is shared.
    pub cli_cache: CliCacheUse,
    /// Whether uses are noted in the history.
    pub history: bool,
}

/// What is done with `~/.aws/cli/cache`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CliCacheUse {
    /// Read and written.
    #[default]
    On,
    /// Written, so that `aws` profits, but not believed.
    Write,
    /// Left alone.
    Off,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            refresh_before_expiry: SignedDuration::from_mins(15),
            mfa_session: true,
            mfa_session_duration: 12 * ONE_HOUR,
            cli_cache: CliCacheUse::On,
            history: true,
        }
    }
}

/// The calls that lead to a chain's credentials, should nothing be cached.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What was resolved.
    pub chain: Chain,
    /// How the first credentials are had.
    pub base: BasePlan,
    /// One for each of the chain's steps.
    pub hops: Vec<Hop>,
}

/// How the first credentials are had.
#[derive(Debug, Clone)]
pub enum BasePlan {
    /// From the source each time: keys, programs and local endpoints keep their own time.
    Uncached,
    /// By a call whose answer is kept (web identity, Identity Center).
    Cached {
        /// In the own cache.
        key: CacheKey,
        /// In the AWS CLI's: only where these credentials are what is asked for, as the CLI itself does it.
        cli_file: Option<String>,
    },
    /// The keys exchanged for an MFA session, which signs in their place.
    MfaSession(MfaSession),
}

/// One GetSessionToken, with a code where there is a device.
#[derive(Debug, Clone)]
pub struct MfaSession {
    /// In the own cache.
    pub key: CacheKey,
    /// The IAM user's own keys, which sign it.
    pub keys: Keys,
    /// The device; `None` for a session that was asked for as such and is had without a code.
    pub serial: Option<MfaSerial>,
    /// A program that prints its code.
    pub mfa_process: Option<String>,
    /// How long, in seconds.
    pub duration_seconds: u32,
}

/// One AssumeRole.
#[derive(Debug, Clone)]
pub struct Hop {
    /// In the own cache.
    pub key: CacheKey,
    /// The file's stem in the AWS CLI's cache; `None` where its key cannot hold what the step says, or where another
    /// profile has the same key and another source.
    pub cli_file: Option<String>,
    /// Serial and code go with the call itself.
    pub sends_code: bool,
}

impl Plan {
    /// The own cache's key of what the plan leads to; `None` for credentials that are not kept.
    pub fn key(&self) -> Option<&CacheKey> {
        match (self.hops.last(), &self.base) {
            (Some(hop), _) => Some(&hop.key),
            (None, BasePlan::Cached { key, .. }) => Some(key),
            (None, BasePlan::MfaSession(session)) => Some(&session.key),
            (None, BasePlan::Uncached) => None,
        }
    }
}

/// Plans `chain`. `set` and `host` are what it was resolved from: they tell which other profiles share a key of the AWS
/// CLI's cache.
pub fn plan_chain(
    chain: Chain,
    set: &ProfileSet<'_>,
    host: Host<'_>,
    options: &Options,
    request: &Request,
) -> Plan {
    let base = plan_base(&chain, options, request);
    let mut inner = match &base {
        BasePlan::MfaSession(session) => session.key,
        _ => base_key(&chain),
    };
    let mut hops = Vec::with_capacity(chain.steps.len());
    for (index, step) in chain.steps.iter().enumerate() {
        let key = step_key(&chain, step, &inner);
        let by_session = index == 0 && matches!(base, BasePlan::MfaSession(_));
        hops.push(Hop {
            key,
            cli_file: cli_file_of_step(&chain, index, set, host, options),
            sends_code: step.mfa_serial.is_some() && !by_session,
        });
        inner = key;
    }
    let mut plan = Plan { chain, base, hops };
    if plan.hops.is_empty()
        && let BasePlan::Cached { cli_file, .. } = &mut plan.base
    {
        *cli_file = cli_file_of_base(&plan.chain, set, host, options);
    }
    plan
}

fn plan_base(chain: &Chain, options: &Options, request: &Request) -> BasePlan {
    let mfa_session = request.session || options.mfa_session && !request.no_mfa_session;
    match &chain.base.source {
        BaseSource::WebIdentity(_) | BaseSource::Sso(_) => {
            return BasePlan::Cached { key: base_key(chain), cli_file: None };
        }
        BaseSource::Static(_) | BaseSource::Environment(_) if mfa_session => {}
        _ => return BasePlan::Uncached,
    }
    let Some(keys) = chain.base.long_term_keys() else { return BasePlan::Uncached };
    let (serial, process) = match chain.steps.first() {
        None => (&chain.base.mfa_serial, chain.base.mfa_process.as_ref().map(|said| said.value.as_str())),
        // STS caps a role taken on from a session at 1 h, so a longer one is asked for with the code itself.
        Some(step) if step.duration_seconds.as_ref().is_some_and(|said| said.value > ONE_HOUR) => {
            return BasePlan::Uncached;
        }
        Some(step) => (&step.mfa_serial, chain.mfa_process(0)),
    };
    let serial = serial.as_ref().map(|serial| &serial.value);
    if serial.is_none() && !request.session {
        return BasePlan::Uncached;
    }
    let asked = request.duration.as_ref().filter(|_| request.session);
    let duration_seconds = asked.map_or(options.mfa_session_duration, |length| length.seconds);
    // Region is not in the key: a session opens every role of the user, in whatever region it was made.
    let key = KeyBuilder::new("mfa-session")
        .field("access_key_id", &keys.access_key_id)
        .field_opt("serial", serial.map(MfaSerial::as_str))
        .field("duration", &duration_seconds.to_string())
        .field_opt("endpoint", chain.settings.endpoints.sts.as_ref().map(|url| url.value.as_str()))
        .finish();
    BasePlan::MfaSession(MfaSession {
        key,
        keys: keys.clone(),
        serial: serial.cloned(),
        mfa_process: process.map(str::to_owned),
        duration_seconds,
    })
}

/// Where STS is called, which is part of every key of a call to it.
fn address(key: KeyBuilder, chain: &Chain) -> KeyBuilder {
    let settings = &chain.settings;
    key.field_opt("region", settings.region.as_ref().map(|region| region.value.as_str()))
        .field_opt("endpoint", settings.endpoints.sts.as_ref().map(|url| url.value.as_str()))
        .field_opt("fips", settings.use_fips.then_some(""))
        .field_opt("dual_stack", settings.use_dual_stack.then_some(""))
        .field_opt("legacy", settings.sts_legacy_global.then_some(""))
}

/// What tells one base from another.
fn base_key(chain: &Chain) -> CacheKey {
    let key = match &chain.base.source {
        BaseSource::Static(keys) | BaseSource::Environment(keys) => {
            KeyBuilder::new("keys").field("access_key_id", &keys.access_key_id)
        }
        BaseSource::Process { source, .. } => KeyBuilder::new("process").field("command", &source.command),
        BaseSource::WebIdentity(web) => address(
            KeyBuilder::new("web-identity")
                .field("token_file", &web.token_file.value.to_string_lossy())
                .field("role_arn", web.role_arn.value.as_str())
                .field_opt("session", web.role_session_name.as_ref().map(|name| name.value.as_str())),
            chain,
        ),
        BaseSource::Sso(sso) => KeyBuilder::new("sso")
            .field_opt("session", sso.session.as_deref())
            .field("start_url", &sso.start_url)
            .field("region", &sso.region)
            .field("account", &sso.account_id)
            .field("role", &sso.role_name)
            .field_opt("endpoint", chain.settings.endpoints.sso.as_ref().map(|url| url.value.as_str())),
        BaseSource::Container { url } => KeyBuilder::new("container").field("url", url),
        BaseSource::Imds(imds) => KeyBuilder::new("imds").field("endpoint", &imds.endpoint),
    };
    key.finish()
}

fn step_key(chain: &Chain, step: &RoleStep, inner: &CacheKey) -> CacheKey {
    let text = |value: &Option<crate::origin::Sourced<String>>| value.as_ref().map(|said| said.value.clone());
    let narrowing = &step.narrowing;
    let key = KeyBuilder::new("role")
        .key("inner", inner)
        .field("role_arn", step.role_arn.value.as_str())
        .field_opt("external_id", text(&step.external_id).as_deref())
        .field_opt("session", text(&step.role_session_name).as_deref())
        .field_opt("duration", step.duration_seconds.as_ref().map(|said| said.value.to_string()).as_deref())
        .field_opt("serial", step.mfa_serial.as_ref().map(|serial| serial.value.as_str()))
        .field_opt("policy", narrowing.policy.as_deref())
        .list("policy_arns", narrowing.policy_arns.iter().map(String::as_str))
        .list("tag_keys", narrowing.tags.iter().map(|(key, _)| key.as_str()))
        .list("tag_values", narrowing.tags.iter().map(|(_, value)| value.as_str()))
        .list("transitive_tag_keys", narrowing.transitive_tag_keys.iter().map(String::as_str))
        .field_opt("source_identity", narrowing.source_identity.as_deref());
    address(key, chain).finish()
}

/// The AWS CLI's file of a step, from the effective settings however the credentials are had.
pub(crate) fn cli_file(step: &RoleStep) -> String {
    CliRoleKey {
        role_arn: step.role_arn.value.as_str(),
        role_session_name: step.role_session_name.as_ref().map(|name| name.value.as_str()),
        external_id: step.external_id.as_ref().map(|id| id.value.as_str()),
        serial_number: step.mfa_serial.as_ref().map(|serial| serial.value.as_str()),
        duration_seconds: step.duration_seconds.as_ref().map(|said| i64::from(said.value)),
    }
    .file_stem()
}

fn cli_file_of_web_identity(web: &WebIdentity) -> String {
    CliRoleKey {
        role_arn: web.role_arn.value.as_str(),
        role_session_name: web.role_session_name.as_ref().map(|name| name.value.as_str()),
        external_id: None,
        serial_number: None,
        duration_seconds: None,
    }
    .file_stem()
}

fn cli_file_of_step(
    chain: &Chain,
    index: usize,
    set: &ProfileSet<'_>,
    host: Host<'_>,
    options: &Options,
) -> Option<String> {
    let (inner, from) = chain.steps.split_at(index);
    let step = from.first()?;
    // A role in a chain is what its inner steps made it: a tag or a source identity set there reaches this one too.
    let narrowed = !step.narrowing.is_empty() || inner.iter().any(|step| !step.narrowing.is_empty());
    if options.cli_cache == CliCacheUse::Off || narrowed {
        return None;
    }
    let file = cli_file(step);
    let ours = source_of(&chain.base, inner);
    (!is_shared(set, host, &file, step.role_arn.value.as_str(), &ours)).then_some(file)
}

fn cli_file_of_base(
    chain: &Chain,
    set: &ProfileSet<'_>,
    host: Host<'_>,
    options: &Options,
) -> Option<String> {
    if options.cli_cache == CliCacheUse::Off {
        return None;
    }
    match &chain.base.source {
        BaseSource::Sso(sso) => {
            let name = sso.session.as_deref().map_or(SsoName::StartUrl(&sso.start_url), SsoName::Session);
            Some(name.role_file_stem(&sso.account_id, &sso.role_name))
        }
        BaseSource::WebIdentity(web) => {
            let file = cli_file_of_web_identity(web);
            let ours = source_of(&chain.base, &[]);
            (!is_shared(set, host, &file, web.role_arn.value.as_str(), &ours)).then_some(file)
        }
        _ => None,
    }
}

/// Whether another profile would use the same file of the AWS CLI's cache with credentials from another source. The
/// CLI's key knows neither, so such a file may hold either's.
fn is_shared(set: &ProfileSet<'_>, host: Host<'_>, file: &str, role_arn: &str, ours: &CacheKey) -> bool {
    set.profiles_of_role(role_arn).into_iter().any(|profile| {
        let Ok(chain) = resolve_chain(set, host, &Request::for_profile(profile.name())) else {
            return false;
        };
        match (chain.steps.split_last(), &chain.base.source) {
            (Some((step, inner)), _) => cli_file(step) == file && source_of(&chain.base, inner) != *ours,
            (None, BaseSource::WebIdentity(web)) => {
                cli_file_of_web_identity(web) == file && source_of(&chain.base, &[]) != *ours
            }
            (None, _) => false,
        }
    })
}

/// Tells the sources of two roles apart: whose credentials, through which roles. Regions and endpoints do not count.
fn source_of(base: &Base, inner: &[RoleStep]) -> CacheKey {
    let key = match &base.source {
        BaseSource::Static(keys) | BaseSource::Environment(keys) => {
            KeyBuilder::new("keys").field("id", &keys.access_key_id)
        }
        BaseSource::Process { source, .. } => KeyBuilder::new("process").field("command", &source.command),
        BaseSource::WebIdentity(web) => KeyBuilder::new("web-identity")
            .field("file", &web.token_file.value.to_string_lossy())
            .field("role", web.role_arn.value.as_str()),
        BaseSource::Sso(sso) => KeyBuilder::new("sso")
            .field("start_url", &sso.start_url)
            .field("account", &sso.account_id)
            .field("role", &sso.role_name),
        BaseSource::Container { url } => KeyBuilder::new("container").field("url", url),
        BaseSource::Imds(imds) => KeyBuilder::new("imds").field("endpoint", &imds.endpoint),
    };
    let files: Vec<String> = inner.iter().map(cli_file).collect();
    key.list("roles", files.iter().map(String::as_str)).finish()
}
