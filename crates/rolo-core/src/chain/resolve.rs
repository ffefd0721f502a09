//! From parsed files to a [`Chain`], as AWS CLI v2 resolves a profile. Pure: no cache, no network, no clock.
//!
//! botocore's rules, each with a case in the conformance tests: a source profile with any static key ends the chain;
//! the asked profile's own static keys count only where `source_profile` names itself; region and endpoints are the
//! asked profile's; `--profile` switches the environment's credentials off, `AWS_PROFILE` does not.

pub use super::error::ResolveError;
use super::{
    endpoints::check_services_section,
    leaf::{resolve_environment, resolve_leaf, sso_session},
    overrides::{apply_overrides, check_steps},
    process_chain::refuse_circle,
    request::{Request, Target},
    settings::resolve_settings,
    source::{Base, BaseSource, Chain, Narrowing, RoleStep, Warning},
    target::{DirectRole, parse_direct_role, partition_of_region},
};
use crate::{
    arn::{MfaSerial, RoleArn},
    aws::shown_url,
    env_vars,
    host::Host,
    origin::{Origin, Sourced},
    profile::set::{Profile, ProfileSet},
    provider::{container, imds::ImdsSettings},
};

/// Resolves `request` over the files `set` and the environment of `host`; reads no file and no clock of it.
pub fn resolve_chain(set: &ProfileSet<'_>, host: Host<'_>, request: &Request) -> Result<Chain, ResolveError> {
    let chain = resolve_uncalled(set, host, request)?;
    let settings = &chain.settings;
    // A call that is not signed, as web identity's, needs no region.
    let signs = !chain.steps.is_empty() || request.session;
    match (&settings.endpoints.sts, &settings.region) {
        (Some(endpoint), None) if signs => {
            let (endpoint, origin) = (shown_url(&endpoint.value), endpoint.origin.clone());
            Err(ResolveError::NoRegion { endpoint, origin })
        }
        _ => Ok(chain),
    }
}

/// The same for whoever makes no call, and so needs nothing that only calls need.
pub fn resolve_uncalled(
    set: &ProfileSet<'_>,
    host: Host<'_>,
    request: &Request,
) -> Result<Chain, ResolveError> {
    Resolver { set, host, request, warnings: Vec::new() }.resolve()
}

/// Where the asked credentials start.
struct Asked<'a, 't> {
    profile: Option<&'a Profile<'t>>,
    /// Named by a flag: the environment's credentials do not count.
    explicit: bool,
    /// `--source-profile` names this profile, so it does not replace this profile's own source.
    is_source: bool,
}

/// Base and steps found so far.
struct Road {
    base: Base,
    steps: Vec<RoleStep>,
}

struct Resolver<'a, 't> {
    set: &'a ProfileSet<'t>,
    host: Host<'a>,
    request: &'a Request,
    warnings: Vec<Warning>,
}

impl<'a, 't> Resolver<'a, 't> {
    fn resolve(mut self) -> Result<Chain, ResolveError> {
        let direct = self.direct_role();
        if let (Some(Given::Target(_)), Target::Named(target) | Target::Role(target), Some(_)) =
            (&direct, &self.request.target, &self.request.role_arn)
        {
            return Err(ResolveError::TwoRoles { target: target.clone() });
        }
        let asked = self.asked_profile(direct.is_some())?;
        let settings =
            resolve_settings(self.host.env, self.set, asked.profile, self.request.region.as_deref());
        let mut road = match asked.profile.filter(|profile| assumes_role(profile)) {
            Some(profile) if direct.is_none() => self.asked_road(&asked, profile)?,
            _ => self.source_road(&asked)?,
        };
        refuse_circle(self.host.env, &road.base, asked.profile.map(Profile::name))?;
        let role = match direct {
            Some(direct) => {
                let partition = partition_of(&asked, &settings, &road);
                let origin = match direct {
                    Given::Target(_) => Origin::Default,
                    Given::Flag(_) => Origin::Flag("--role-arn"),
                };
                Some(Sourced::new(direct.role().arn(&partition), origin))
            }
            None => self.added_role(asked.profile),
        };
        if let Some(role_arn) = role {
            let step = self.direct_step(role_arn, &road);
            road.steps.push(step);
        }
        let mut label = self.label(&asked);
        if self.request.session {
            keep_the_key(&mut road, &label)?;
            label = road.base.profile.clone().unwrap_or(label);
        }
        apply_overrides(self.request, &mut road.base, &mut road.steps)?;
        self.warnings.extend(check_steps(&road.base, &road.steps)?);
        self.warnings.extend(settings.warnings.iter().cloned());
        let names_session = self.finds_out() && needs_session_name(&road)?;
        if let Some(profile) = asked.profile {
            self.check_sections(profile, &road.base)?;
        }
        Ok(Chain {
            label,
            profile: asked.profile.map(|profile| profile.name().to_owned()),
            base: road.base,
            steps: road.steps,
            names_session,
            settings,
            warnings: self.warnings,
        })
    }

    /// A role given as the target or, without a target, by `--role-arn`; an exact profile name always wins.
    fn direct_role(&self) -> Option<Given<'a>> {
        match (&self.request.target, &self.request.role_arn) {
            (Target::Role(role), _) => {
                Some(Given::Target(parse_direct_role(role).unwrap_or(DirectRole::Arn(role))))
            }
            (Target::Named(name), _) if self.set.profile(name).is_none() => {
                parse_direct_role(name).map(Given::Target)
            }
            (Target::Default, Some(arn)) => {
                Some(Given::Flag(parse_direct_role(arn).unwrap_or(DirectRole::Arn(arn))))
            }
            _ => None,
        }
    }

    fn asked_profile(&self, direct: bool) -> Result<Asked<'a, 't>, ResolveError> {
        let named = match (&self.request.target, &self.request.source_profile) {
            (Target::Named(name), _) if !direct => Some((name.as_str(), Origin::Flag("PROFILE"))),
            (_, Some(name)) if direct => Some((name.as_str(), Origin::Flag("--source-profile"))),
            _ => None,
        };
        if let Some((name, origin)) = named {
            return Ok(Asked {
                profile: Some(self.existing(name, origin)?),
                explicit: true,
                is_source: direct,
            });
        }
        for variable in [env_vars::AWS_PROFILE, env_vars::AWS_DEFAULT_PROFILE] {
            if let Some(name) = self.host.env.var(variable) {
                let profile = self.existing(&name, Origin::Env(variable))?;
                return Ok(Asked { profile: Some(profile), explicit: false, is_source: direct });
            }
        }
        Ok(Asked { profile: self.set.profile("default"), explicit: false, is_source: direct })
    }

    fn existing(&self, name: &str, origin: Origin) -> Result<&'a Profile<'t>, ResolveError> {
        self.set.profile(name).ok_or_else(|| ResolveError::ProfileNotFound {
            name: name.to_owned(),
            config: self.set.config_path().to_owned(),
            origin,
            near: self.set.suggest(name).map(str::to_owned),
            known: self.set.profiles().count(),
        })
    }

    /// Sections that the asked profile names and that the AWS CLI wants to be there for any call, needed or not.
    fn check_sections(&self, profile: &Profile<'_>, base: &Base) -> Result<(), ResolveError> {
        if let Some(named) = profile.get("sso_session") {
            sso_session(self.set, profile, &named)?;
        }
        let variables: &[&str] = match base.source {
            BaseSource::Sso(_) => &[env_vars::AWS_ENDPOINT_URL_STS, env_vars::AWS_ENDPOINT_URL_SSO],
            _ => &[env_vars::AWS_ENDPOINT_URL_STS],
        };
        check_services_section(self.host.env, self.set, profile, variables)
    }

    /// The road of an asked profile that assumes a role: the environment's keys come before it unless it was named.
    fn asked_road(&mut self, asked: &Asked<'a, 't>, profile: &'a Profile<'t>) -> Result<Road, ResolveError> {
        if !asked.explicit
            && let Some(base) = self.environment_base()?
        {
            return Ok(Road { base, steps: Vec::new() });
        }
        check_values(profile)?;
        let mut visited = vec![profile.name().to_owned()];
        let mut lines = Vec::new();
        let mut steps = Vec::new();
        let mut at = profile;
        let base = loop {
            steps.push(self.role_step(at));
            match self.source_of(at, steps.len() == 1 && !asked.is_source)? {
                Source::Named(base) => break *base,
                Source::Profile(name, origin) => {
                    let source = self.source_profile(at, &name, &origin)?;
                    check_values(source)?;
                    lines.push(origin);
                    let repeated = visited.contains(&name);
                    visited.push(name.clone());
                    // A profile may name itself to use its own keys; every other return is a loop.
                    if repeated && !(at.name() == name && has_static_keys(source)) {
                        return Err(ResolveError::Loop { path: visited, origins: lines });
                    }
                    if has_static_keys(source) || !assumes_role(source) {
                        break resolve_leaf(self.set, Some(source), None)?.ok_or_else(|| {
                            ResolveError::SourceHasNoCredentials {
                                profile: name,
                                origin: source.header_origin(),
                            }
                        })?;
                    }
                    at = source;
                }
            }
        };
        steps.reverse();
        Ok(Road { base, steps })
    }

    fn source_profile(
        &self,
        at: &Profile<'_>,
        name: &str,
        origin: &Origin,
    ) -> Result<&'a Profile<'t>, ResolveError> {
        self.set.profile(name).ok_or_else(|| ResolveError::SourceProfileMissing {
            profile: at.name().to_owned(),
            source_profile: name.to_owned(),
            origin: origin.clone(),
            near: self.set.suggest(name).map(str::to_owned),
        })
    }

    /// Where `profile`'s role is assumed from. `--source-profile` replaces what the asked profile says.
    fn source_of(&self, profile: &Profile<'_>, asked: bool) -> Result<Source, ResolveError> {
        if let (true, Some(name)) = (asked, &self.request.source_profile) {
            return Ok(Source::Profile(name.clone(), Origin::Flag("--source-profile")));
        }
        match (profile.get("source_profile"), profile.get("credential_source")) {
            (Some(source), Some(named)) => Err(ResolveError::BothSources {
                profile: profile.name().to_owned(),
                origins: [source.origin(), named.origin()],
            }),
            (None, None) => Err(ResolveError::NoSource {
                profile: profile.name().to_owned(),
                origin: profile.get("role_arn").map_or_else(|| profile.header_origin(), |arn| arn.origin()),
            }),
            (Some(source), None) => Ok(Source::Profile(source.value.to_owned(), source.origin())),
            (None, Some(named)) => {
                let base = self.named_source(profile, named.value, named.origin())?;
                Ok(Source::Named(Box::new(base)))
            }
        }
    }

    fn named_source(&self, profile: &Profile<'_>, value: &str, origin: Origin) -> Result<Base, ResolveError> {
        let empty = |missing| ResolveError::CredentialSourceEmpty {
            profile: profile.name().to_owned(),
            value: value.to_owned(),
            missing,
            origin: origin.clone(),
        };
        match value {
            "Environment" => self.environment_base()?.ok_or_else(|| empty("`AWS_ACCESS_KEY_ID` is not set")),
            "EcsContainer" => self.container_base().ok_or_else(|| {
                empty("neither `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` nor `AWS_CONTAINER_CREDENTIALS_FULL_URI` is set")
            }),
            "Ec2InstanceMetadata" => self
                .imds_base(Some(profile))?
                .ok_or_else(|| empty("`AWS_EC2_METADATA_DISABLED` switches it off")),
            _ => Err(ResolveError::UnknownCredentialSource {
                profile: profile.name().to_owned(),
                value: value.to_owned(),
                origin,
            }),
        }
    }

    /// The default chain below a role: environment, the profile's own credentials, container, EC2.
    fn source_road(&mut self, asked: &Asked<'a, 't>) -> Result<Road, ResolveError> {
        if let Some(profile) = asked.profile.filter(|profile| assumes_role(profile)) {
            return self.asked_road(asked, profile);
        }
        if !asked.explicit
            && let Some(base) = self.environment_base()?
        {
            return Ok(Road { base, steps: Vec::new() });
        }
        asked.profile.map_or(Ok(()), check_values)?;
        let env = (!asked.explicit).then_some(self.host.env);
        let base = match resolve_leaf(self.set, asked.profile, env)? {
            Some(base) => base,
            None => match self.container_base() {
                Some(base) => base,
                None => self.imds_base(asked.profile)?.ok_or_else(|| ResolveError::NoCredentials {
                    profile: asked.profile.map(|profile| profile.name().to_owned()),
                    for_role: self.direct_role().is_some(),
                    origin: asked.profile.map_or(Origin::Default, Profile::header_origin),
                })?,
            },
        };
        Ok(Road { base, steps: Vec::new() })
    }

    fn environment_base(&self) -> Result<Option<Base>, ResolveError> {
        Ok(resolve_environment(self.host.env)?.map(|keys| machine_base(BaseSource::Environment(keys))))
    }

    fn container_base(&self) -> Option<Base> {
        container::resolve_url(self.host).map(|url| machine_base(BaseSource::Container { url }))
    }

    /// EC2's metadata service, unless it is switched off.
    fn imds_base(&self, profile: Option<&Profile<'_>>) -> Result<Option<Base>, ResolveError> {
        let settings = ImdsSettings::resolve(self.host, &|key| {
            profile?.get(key).map(|setting| setting.value.to_owned())
        })?;
        Ok((!settings.disabled).then(|| machine_base(BaseSource::Imds(settings))))
    }

    fn role_step(&mut self, profile: &Profile<'_>) -> RoleStep {
        let text = |key: &str| {
            profile.get(key).map(|setting| Sourced::new(setting.value.to_owned(), setting.origin()))
        };
        let role_arn =
            text("role_arn").unwrap_or_else(|| Sourced::new(String::new(), profile.header_origin()));
        let duration_seconds = text("duration_seconds").and_then(|said| self.duration(said));
        RoleStep {
            profile: Some(profile.name().to_owned()),
            role_arn: Sourced::new(RoleArn::new(role_arn.value), role_arn.origin),
            external_id: text("external_id"),
            role_session_name: text("role_session_name").filter(|name| !name.value.is_empty()),
            duration_seconds,
            mfa_serial: text("mfa_serial")
                .map(|serial| Sourced::new(MfaSerial::new(serial.value), serial.origin)),
            mfa_process: text("mfa_process").filter(|command| !command.value.trim().is_empty()),
            narrowing: Narrowing {
                tags: profile.get("session_tags").map(|tags| parse_tags(tags.value)).unwrap_or_default(),
                transitive_tag_keys: profile
                    .get("transitive_session_tags")
                    .map(|keys| split_list(keys.value))
                    .unwrap_or_default(),
                source_identity: text("source_identity")
                    .map(|said| said.value)
                    .filter(|said| !said.is_empty()),
                ..Narrowing::default()
            },
        }
    }

    /// Python's `int()` decides what is a number; the rest is dropped as in botocore, here with a word about it.
    fn duration(&mut self, said: Sourced<String>) -> Option<Sourced<u32>> {
        let number = crate::cache::aws_cli::name::parse_python_int(&said.value);
        if number.is_none() {
            self.warn(
                format!("`duration_seconds` is `{}`, which is no whole number, and is left out as the AWS CLI does", said.value),
                &said.origin,
            );
        }
        // A negative number is as much too brief as zero, which `check_lengths` refuses.
        let seconds = u32::try_from(number?.max(0)).unwrap_or(u32::MAX);
        Some(Sourced::new(seconds, said.origin))
    }

    fn warn(&mut self, text: String, origin: &Origin) {
        self.warnings.push(Warning { text, location: origin.location().cloned() });
    }

    /// `--role-arn` beside a PROFILE that assumes no role: the role is taken on from that profile.
    fn added_role(&self, profile: Option<&Profile<'_>>) -> Option<Sourced<RoleArn>> {
        let arn = self.request.role_arn.as_ref()?;
        profile
            .is_none_or(|profile| !assumes_role(profile))
            .then(|| Sourced::new(RoleArn::new(arn.as_str()), Origin::Flag("--role-arn")))
    }

    /// A step for a role without a profile of its own. The source's `mfa_serial` belongs to it only where the source's
    /// own keys sign: a device says nothing about a session.
    fn direct_step(&self, role_arn: Sourced<RoleArn>, road: &Road) -> RoleStep {
        let source = road
            .base
            .profile
            .as_deref()
            .filter(|_| road.steps.is_empty())
            .and_then(|name| self.set.profile(name));
        let text = |key: &str| {
            source?.get(key).map(|setting| Sourced::new(setting.value.to_owned(), setting.origin()))
        };
        let name = text("role_session_name").filter(|name| !name.value.is_empty());
        // A role that takes this one on has no user to name the session after, and perhaps a name in its own profile.
        let of_caller = road.steps.last().filter(|_| self.finds_out());
        RoleStep {
            profile: None,
            role_arn,
            external_id: None,
            role_session_name: name.or_else(|| of_caller?.role_session_name.clone()),
            duration_seconds: None,
            // Under `--role` the device is for the second try.
            mfa_serial: road.base.mfa_serial.clone().filter(|_| road.steps.is_empty() && !self.finds_out()),
            mfa_process: text("mfa_process"),
            narrowing: Narrowing::default(),
        }
    }

    /// Whether nothing is known of the role but its ARN.
    fn finds_out(&self) -> bool {
        matches!(self.request.target, Target::Role(_))
    }

    fn label(&self, asked: &Asked<'_, '_>) -> String {
        match (&self.request.target, &self.request.role_arn, asked.profile) {
            (Target::Named(name) | Target::Role(name), _, _) => name.clone(),
            (Target::Default, Some(arn), _) => arn.clone(),
            (Target::Default, None, Some(profile)) => profile.name().to_owned(),
            (Target::Default, None, None) => "default".to_owned(),
        }
    }
}

enum Given<'a> {
    Target(DirectRole<'a>),
    Flag(DirectRole<'a>),
}

impl Given<'_> {
    fn role(&self) -> &DirectRole<'_> {
        match self {
            Self::Target(role) | Self::Flag(role) => role,
        }
    }
}

enum Source {
    Profile(String, Origin),
    Named(Box<Base>),
}

/// Whether the last role's session is to be named after the user who takes it on. A role has no user's name, so for one a
/// name must have been given; what a key with a token or a program yields is seen when it is there.
fn needs_session_name(road: &Road) -> Result<bool, ResolveError> {
    let Some((step, inner)) = road.steps.split_last() else { return Ok(false) };
    if step.role_session_name.is_some() {
        return Ok(false);
    }
    let caller = match (inner.last(), &road.base.source) {
        (Some(inner), _) => format!("`{}`", inner.role_arn.value),
        (None, BaseSource::WebIdentity(web)) => format!("`{}`", web.role_arn.value),
        (None, BaseSource::Sso(sso)) => format!("`{}` of IAM Identity Center", sso.role_name),
        (None, BaseSource::Container { .. }) => "the role of this container".to_owned(),
        (None, BaseSource::Imds(_)) => "the role of this machine".to_owned(),
        (None, BaseSource::Static(_) | BaseSource::Environment(_) | BaseSource::Process { .. }) => {
            return Ok(true);
        }
    };
    Err(ResolveError::SessionNameNeeded { caller })
}

/// Leaves of a road what a session is made of: the IAM user's own key, with the device of the first role where the key's
/// profile names none. GetSessionToken takes no other credentials.
fn keep_the_key(road: &mut Road, label: &str) -> Result<(), ResolveError> {
    if road.base.long_term_keys().is_none() {
        return Err(ResolveError::NoKeyForSession {
            label: label.to_owned(),
            source_in_words: road.base.source.in_words(),
            origin: road.base.source.origin().cloned().unwrap_or(Origin::Default),
        });
    }
    let first = std::mem::take(&mut road.steps).into_iter().next();
    if let (None, Some(step)) = (&road.base.mfa_serial, first) {
        road.base.mfa_serial = step.mfa_serial;
        road.base.mfa_process = step.mfa_process.or(road.base.mfa_process.take());
    }
    Ok(())
}

fn machine_base(source: BaseSource) -> Base {
    Base { source, profile: None, mfa_serial: None, mfa_process: None }
}

/// Refuses nested lines where credentials want a value: taken as text they would be sent to AWS, line breaks included.
fn check_values(profile: &Profile<'_>) -> Result<(), ResolveError> {
    const VALUES: [&str; 16] = [
        "role_arn",
        "source_profile",
        "credential_source",
        "external_id",
        "role_session_name",
        "mfa_serial",
        "duration_seconds",
        "web_identity_token_file",
        "sso_session",
        "sso_start_url",
        "sso_account_id",
        "sso_role_name",
        "credential_process",
        "aws_access_key_id",
        "aws_secret_access_key",
        "region",
    ];
    for key in VALUES {
        if let Some(setting) = profile.get(key).filter(|setting| setting.is_nested) {
            let profile = profile.name().to_owned();
            return Err(ResolveError::NotAValue { profile, key, origin: setting.origin() });
        }
    }
    Ok(())
}

/// botocore's test for the assume-role provider; a token file makes it web identity instead.
fn assumes_role(profile: &Profile<'_>) -> bool {
    profile.get("role_arn").is_some() && profile.get("web_identity_token_file").is_none()
}

fn has_static_keys(profile: &Profile<'_>) -> bool {
    ["aws_access_key_id", "aws_secret_access_key"].into_iter().any(|key| profile.get(key).is_some())
}

fn partition_of(asked: &Asked<'_, '_>, settings: &super::settings::Settings, road: &Road) -> String {
    let of_profile = asked.profile.and_then(|profile| {
        ["role_arn", "mfa_serial"]
            .into_iter()
            .find_map(|key| RoleArn::new(profile.get(key)?.value).partition().map(str::to_owned))
    });
    of_profile
        .or_else(|| road.steps.last()?.role_arn.value.partition().map(str::to_owned))
        .or_else(|| Some(partition_of_region(&settings.region.as_ref()?.value).to_owned()))
        .unwrap_or_else(|| "aws".to_owned())
}

/// `key1=value1,key2=value2`, aws-vault's spelling; an entry without `=` is a key with an empty value.
fn parse_tags(text: &str) -> Vec<(String, String)> {
    split_list(text)
        .into_iter()
        .map(|entry| match entry.split_once('=') {
            Some((key, value)) => (key.trim().to_owned(), value.trim().to_owned()),
            None => (entry, String::new()),
        })
        .collect()
}

fn split_list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
}
