//! What only AWS can tell: its time, whether it can be reached, and what the access keys are worth.
//!
//! Asks each endpoint and each key once. Nothing is taken on and nothing changed. Must not know how a finding is shown.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
};

use jiff::SignedDuration;

use super::{Check, Finding, Severity, Subject, many::Many};
use crate::{
    Credentials,
    aws::{Aws, AwsError, NoAnswer, Obstacle, Refusal, Service, render_skew},
    chain::{
        request::Request,
        resolve::resolve_chain,
        source::{BaseSource, Chain, Keys},
    },
    handed::UserEnv,
    host::Host,
    profile::Profile,
    talk::in_one_line,
};

pub(super) static SKEW: Check = check(
    "R190",
    Severity::Fault,
    "this machine's clock is more than five minutes off",
    "AWS refuses what is signed at another time than its own. rolo corrects it for its own calls; other tools do not.",
);
pub(super) static SLIGHT_SKEW: Check = check(
    "R191",
    Severity::Warning,
    "this machine's clock is more than a minute off",
    "Credentials seem to end sooner or later than they do, and MFA codes made on this machine are refused.",
);
pub(super) static UNREACHABLE: Check = check(
    "R192",
    Severity::Fault,
    "an endpoint cannot be reached",
    "No credentials can be had for the profiles that call it.",
);
pub(super) static REGION_DISABLED: Check = check(
    "R193",
    Severity::Fault,
    "STS is switched off in a region",
    "The account has to activate STS there, or the profile to name another region.",
);
pub(super) static DEAD_KEY: Check = check(
    "R194",
    Severity::Fault,
    "AWS does not take an access key",
    "It was deleted, deactivated, or its secret is that of another key.",
);
pub(super) static OLD_KEY: Check = check(
    "R195",
    Severity::Warning,
    "an access key is older than 90 days",
    "AWS advises to replace long-term keys every 90 days, for nobody knows who has read one by then.",
);
pub(super) static INACTIVE_KEY: Check = check(
    "R196",
    Severity::Note,
    "a user has an access key that is inactive",
    "It is of no use to anybody until somebody activates it again.",
);

/// Every check of this family, in the order of their codes.
pub(super) static CHECKS: &[&Check] =
    &[&SKEW, &SLIGHT_SKEW, &UNREACHABLE, &REGION_DISABLED, &DEAD_KEY, &OLD_KEY, &INACTIVE_KEY];

/// AWS's own bound is five minutes for some services and fifteen for others.
const GREAT_SKEW: SignedDuration = SignedDuration::from_mins(5);
const SKEW_THAT_COUNTS: SignedDuration = SignedDuration::from_mins(1);
const OLD_DAYS: i64 = 90;

const fn check(code: &'static str, severity: Severity, title: &'static str, why: &'static str) -> Check {
    Check { code, severity, title, why }
}

/// What AWS told.
#[derive(Debug, Default)]
pub struct Online {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What was asked, a line each.
    pub asked: Vec<String>,
}

/// Asks AWS about the profiles of interest.
pub fn examine_online(subject: &Subject<'_>) -> Online {
    let mut online = Online::default();
    let of_environment = of_environment(subject);
    let named = subject.chains().filter_map(|(profile, chain)| Some((Some(profile), chain.as_ref().ok()?)));
    let chains: Vec<_> = named.chain(of_environment.iter().map(|chain| (None, chain))).collect();
    let reached = online.ask_endpoints(&chains);
    let mut seen = HashSet::new();
    for (_, chain) in &chains {
        let Some(keys) = keys_of(chain) else { continue };
        let is_reached = endpoint_of(chain).is_some_and(|endpoint| reached.contains(&endpoint));
        let is_over = keys.expiration.is_some_and(|end| end <= subject.host.clock.now());
        if is_reached && !is_over && seen.insert(&keys.access_key_id) {
            online.ask_key(subject, chain, keys);
        }
    }
    online.findings.retain(|finding| subject.concerns(finding));
    online
}

/// The chain of whoever names no profile, where the environment's keys sign it.
fn of_environment(subject: &Subject<'_>) -> Option<Chain> {
    if subject.only.is_some() {
        return None;
    }
    let env = UserEnv::new(subject.host.env);
    let chain = resolve_chain(subject.set, Host { env: &env, ..subject.host }, &Request::default()).ok()?;
    matches!(chain.base.source, BaseSource::Environment(_)).then_some(chain)
}

fn keys_of(chain: &Chain) -> Option<&Keys> {
    match &chain.base.source {
        BaseSource::Static(keys) | BaseSource::Environment(keys) => Some(keys),
        _ => None,
    }
}

/// A URL, and what decides beside it whether it can be reached.
type Endpoint = (String, Option<PathBuf>);

/// The endpoint that a chain calls first; `None` where rolo calls none.
fn endpoint_of(chain: &Chain) -> Option<Endpoint> {
    let settings = chain.settings.call_settings();
    let found = match &chain.base.source {
        BaseSource::Sso(sso) => settings.resolve_endpoint(Service::Sso, Some(&sso.region)),
        BaseSource::Process { .. } | BaseSource::Container { .. } | BaseSource::Imds(_)
            if chain.steps.is_empty() =>
        {
            return None;
        }
        _ => settings.resolve_endpoint(Service::Sts, None),
    };
    Some((found.ok()?.url, settings.ca_bundle))
}

impl Online {
    /// Asks each endpoint for the time; those that answered.
    fn ask_endpoints(&mut self, chains: &[(Option<&Profile<'_>>, &Chain)]) -> HashSet<Endpoint> {
        let mut order = Vec::new();
        let mut users: HashMap<Endpoint, (Many<'_>, &Chain)> = HashMap::new();
        for (profile, chain) in chains {
            let Some(endpoint) = endpoint_of(chain) else { continue };
            let (many, _) = users.entry(endpoint.clone()).or_insert_with(|| {
                order.push(endpoint);
                (Many::default(), chain)
            });
            if let Some(profile) = profile {
                many.add(profile, None);
            }
        }
        let mut reached = HashSet::new();
        let mut largest: Option<(SignedDuration, String)> = None;
        for endpoint in order {
            let Some((many, chain)) = users.remove(&endpoint) else { continue };
            let url = endpoint.0.clone();
            self.asked.push(format!("`{url}` for its time, without a signature"));
            match Aws::new(chain.settings.call_settings()).measure_skew(&endpoint.0) {
                Ok(skew) => {
                    let before = largest.as_ref().map_or(SignedDuration::ZERO, |(skew, _)| skew.abs());
                    if let Some(skew) = skew.filter(|skew| skew.abs() > before) {
                        largest = Some((skew, url.clone()));
                    }
                    reached.insert(endpoint);
                }
                Err(error) => {
                    let whose = many.told().map(|(whose, _)| whose);
                    self.findings.extend(unreachable(&error, whose.as_deref()));
                }
            }
        }
        self.findings.extend(largest.and_then(|(skew, url)| skewed(skew, &url)));
        reached
    }

    fn ask_key(&mut self, subject: &Subject<'_>, chain: &Chain, keys: &Keys) {
        let (aws, signer) = (Aws::new(chain.settings.call_settings()), Credentials::from(keys));
        let of = |finding: Finding| {
            let finding = finding.at(keys.origin.location().cloned());
            match &chain.base.profile {
                Some(profile) => finding.of_profile(profile),
                None => finding,
            }
        };
        let whose = match &chain.base.profile {
            Some(profile) => format!("of profile `{profile}`"),
            None => "in the environment".to_owned(),
        };
        self.asked.push(format!("STS whose the access key {whose} is"));
        let identity = match aws.get_caller_identity(&signer) {
            Ok(identity) => identity,
            Err(error) => {
                self.findings
                    .extend(error.refusal().and_then(|refusal| refused(refusal, keys, &whose)).map(of));
                return;
            }
        };
        if !keys.is_long_term() {
            return;
        }
        self.asked.push(format!("IAM for the access keys of `{}`", identity.arn));
        // Not everybody may ask; then nothing is known, and nothing wrong.
        let Ok(listed) = aws.list_access_keys(&signer) else { return };
        let now = subject.host.clock.now();
        for key in listed {
            let days = key.created_at.map_or(0, |at| now.duration_since(at).as_hours() / 24);
            if key.id == keys.access_key_id {
                if days > OLD_DAYS {
                    let text = format!("the access key {whose} is {days} days old");
                    let remedy = "make a new one (`aws iam create-access-key`), put it in its place with `rolo configure`, then \
                                  delete the old one";
                    self.findings.push(of(Finding::new(&OLD_KEY, text, remedy)));
                }
            } else if !key.is_active {
                let text =
                    format!("`{}` has another access key, `{}`, which is inactive", identity.arn, key.id);
                let remedy = format!("run `aws iam delete-access-key --access-key-id {}`", key.id);
                self.findings.push(of(Finding::new(&INACTIVE_KEY, text, remedy)));
            }
        }
    }
}

fn skewed(skew: SignedDuration, url: &str) -> Option<Finding> {
    let check = match skew.abs() {
        skew if skew > GREAT_SKEW => &SKEW,
        skew if skew >= SKEW_THAT_COUNTS => &SLIGHT_SKEW,
        _ => return None,
    };
    let side = if skew.is_positive() { "behind" } else { "ahead of" };
    let set_right = if cfg!(target_os = "macos") {
        "run `sudo sntp -sS time.apple.com`"
    } else {
        "run `sudo timedatectl set-ntp true`"
    };
    let text = format!("this machine's clock is {} {side} that of `{url}`", render_skew(skew));
    Some(Finding::new(check, text, set_right))
}

/// What is malformed is found without a call, and told there.
fn unreachable(error: &AwsError, whose: Option<&str>) -> Option<Finding> {
    let AwsError::Unreachable { source, .. } = error else { return None };
    let NoAnswer { obstacle, .. } = &**source;
    let where_set = whose.map(|whose| format!(" of {whose}")).unwrap_or_default();
    let remedy = match obstacle {
        Obstacle::NameNotFound { .. } => {
            format!(
                "correct the `region` or the `endpoint_url`{where_set}, or look whether this machine is online"
            )
        }
        Obstacle::NoNameServer { .. } => "look whether this machine is online".to_owned(),
        Obstacle::Proxy { .. } => "correct `https_proxy`, or run `unset https_proxy HTTPS_PROXY`".to_owned(),
        Obstacle::Tls(_) => {
            "name the certificates of your network in `AWS_CA_BUNDLE`, or in `ca_bundle` of the profile"
                .to_owned()
        }
        _ => format!("look at the network, a proxy on the way, and the `endpoint_url`{where_set}"),
    };
    Some(Finding::new(&UNREACHABLE, in_one_line(error), remedy))
}

fn refused(refusal: &Refusal, keys: &Keys, whose: &str) -> Option<Finding> {
    let code = refusal.code.as_str();
    let remedy = match code {
        "RegionDisabledException" => {
            let region = refusal.signer.as_ref().map_or("the region", |signer| signer.region.as_str());
            let text = format!("STS is switched off in `{region}` for the account of the access key {whose}");
            let remedy = "name another `region`, or have the account's administrator activate STS there";
            return Some(Finding::new(&REGION_DISABLED, text, remedy));
        }
        "SignatureDoesNotMatch" => {
            "the secret is not that of the key id: put both in again with `rolo configure`"
        }
        "InvalidClientTokenId" | "UnrecognizedClientException" if keys.is_long_term() => {
            "make a new key (`aws iam create-access-key`) and put it in with `rolo configure`"
        }
        "ExpiredToken" | "ExpiredTokenException" | "InvalidClientTokenId" | "UnrecognizedClientException" => {
            "get new credentials"
        }
        _ => return None,
    };
    Some(Finding::new(&DEAD_KEY, format!("AWS does not take the access key {whose} ({code})"), remedy))
}
