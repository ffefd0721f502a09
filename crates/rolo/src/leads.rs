//! What every profile leads to, and what is cached of it: the rows of `rolo list` and of the picker. No network.
//!
//! Must not know how it is shown.

use jiff::{SignedDuration, Timestamp};
use rolo_core::{
    cache::{own::OwnCache, resolve_root},
    chain::{
        plan::{Options, Plan, plan_chain},
        request::Request,
        resolve::resolve_chain,
        source::{BaseSource, Chain},
    },
    handed::UserEnv,
    host::Host,
    private_file::PrivateDir,
    profile::{ConfigFiles, ProfileSet},
};

use crate::{error::CliError, hints::explain, settings::load_options};

/// A profile and what it leads to.
#[derive(Debug, Default)]
pub struct Lead {
    /// Its name.
    pub profile: String,
    /// The account, where known without a call.
    pub account: Option<String>,
    /// The role's ARN, or its name in IAM Identity Center.
    pub role: Option<String>,
    /// The profile or machine source the chain starts from.
    pub source: Option<String>,
    /// The MFA device.
    pub mfa_serial: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// Expiry of cached credentials that are still alive, and how long they still are.
    pub cached: Option<(Timestamp, SignedDuration)>,
    /// Why the profile leads nowhere.
    pub error: Option<String>,
}

impl Lead {
    /// The role without what its ARN says besides.
    pub fn role_name(&self) -> Option<&str> {
        self.role.as_deref().map(|arn| arn.split_once(":role/").map_or(arn, |(_, name)| name))
    }
}

/// All profiles, in the order of the files, which are parsed once.
pub fn load_leads(host: Host<'_>) -> Result<Vec<Lead>, CliError> {
    let options = load_options(host)?;
    let files = ConfigFiles::load(&host).map_err(|error| explain(error.into()))?;
    let set = ProfileSet::parse(&files).map_err(|error| explain(error.into()))?;
    let own = resolve_root(host)
        .and_then(|path| PrivateDir::open(&path).ok())
        .and_then(|root| OwnCache::open(&root).ok());
    let user_env = UserEnv::new(host.env);
    let now = host.clock.now();
    let finder = Finder { set: &set, host: Host { env: &user_env, ..host }, options, own, now };
    Ok(set.profiles().map(|profile| finder.lead(profile.name())).collect())
}

struct Finder<'a> {
    set: &'a ProfileSet<'a>,
    host: Host<'a>,
    options: Options,
    own: Option<OwnCache>,
    now: Timestamp,
}

impl Finder<'_> {
    fn lead(&self, profile: &str) -> Lead {
        let request = Request::for_profile(profile);
        let profile = profile.to_owned();
        match resolve_chain(self.set, self.host, &request) {
            Err(error) => Lead { profile, error: Some(error.to_string()), ..Lead::default() },
            Ok(chain) => {
                let plan = plan_chain(chain, self.set, self.host, &self.options, &request);
                self.lead_of(profile, &plan)
            }
        }
    }

    fn lead_of(&self, profile: String, plan: &Plan) -> Lead {
        let chain = &plan.chain;
        let mfa_serial = match chain.steps.as_slice() {
            [] => chain.base.mfa_serial.as_ref(),
            steps => steps.iter().find_map(|step| step.mfa_serial.as_ref()),
        };
        let entry = plan.key().and_then(|key| self.own.as_ref()?.load(key));
        let expiry = entry.and_then(|entry| entry.credentials.expiration).filter(|at| *at > self.now);
        Lead {
            profile,
            account: chain.account().map(str::to_owned),
            role: chain.role().map(str::to_owned),
            source: Some(source_in_words(chain)),
            mfa_serial: mfa_serial.map(|serial| serial.value.to_string()),
            region: chain.settings.region.as_ref().map(|region| region.value.clone()),
            cached: expiry.map(|at| (at, at.duration_since(self.now))),
            error: None,
        }
    }
}

fn source_in_words(chain: &Chain) -> String {
    match (&chain.base.source, &chain.base.profile) {
        (BaseSource::Environment(_), _) => "environment".to_owned(),
        (BaseSource::Container { .. }, _) => "container".to_owned(),
        (BaseSource::Imds(_), _) => "EC2 metadata".to_owned(),
        (BaseSource::Sso(sso), _) => format!("sso: {}", sso.sign_in_name()),
        (BaseSource::WebIdentity(_), _) => "web identity".to_owned(),
        (BaseSource::Process { .. }, _) => "process".to_owned(),
        (BaseSource::Static(_), Some(profile)) if chain.steps.is_empty() => {
            if chain.profile.as_ref() == Some(profile) { "keys".to_owned() } else { profile.clone() }
        }
        (BaseSource::Static(_), profile) => profile.clone().unwrap_or_else(|| "keys".to_owned()),
    }
}
