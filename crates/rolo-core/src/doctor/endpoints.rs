//! Endpoints, proxies and certificates: settings that contradict each other, the role or the region.
//!
//! Pure. A password may stand in the URL of a proxy or of an endpoint, so neither is ever shown whole. Must not know
//! credentials, nor what answers at an endpoint.

mod calls;
mod proxy;
mod url;

use super::{Check, Finding, Severity, Subject, many::Many};
use crate::{
    env_vars::{
        self, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS,
        AWS_USE_DUALSTACK_ENDPOINT, AWS_USE_FIPS_ENDPOINT,
    },
    handed::UserEnv,
    host::Env,
    origin::{Location, Origin},
    profile::{Profile, Setting},
};
use url::Url;

pub(super) static BAD_URL: Check = check(
    "R140",
    Severity::Fault,
    "an endpoint is no `http://` or `https://` URL",
    "No AWS tool can call it.",
);
pub(super) static PLAIN_HTTP: Check = check(
    "R141",
    Severity::Warning,
    "an endpoint of AWS is called without TLS",
    "Whoever is on the way reads the requests and the credentials in the answers.",
);
pub(super) static FIPS_OR_DUAL_STACK: Check = check(
    "R142",
    Severity::Fault,
    "dual-stack or FIPS endpoints are wanted beside a custom endpoint",
    "rolo and the SDKs refuse to call with the two; AWS CLI and boto3 call the custom endpoint and pass over the rest.",
);
pub(super) static OTHER_REGION: Check = check(
    "R143",
    Severity::Fault,
    "a custom endpoint of AWS is in another region than the calls are signed for",
    "AWS refuses a signature that is for another region.",
);
pub(super) static OTHER_PARTITION: Check = check(
    "R144",
    Severity::Fault,
    "the region is in another partition than the role",
    "China, GovCloud and the rest of AWS know nothing of each other's accounts, so the call is refused.",
);
pub(super) static IGNORED: Check = check(
    "R145",
    Severity::Warning,
    "endpoints are configured and ignored",
    "Where `ignore_configured_endpoint_urls` is `true`, calls go to AWS's own endpoints.",
);
/// Every check of this family, in the order of their codes.
pub(super) static CHECKS: &[&Check] = &[
    &BAD_URL,
    &PLAIN_HTTP,
    &FIPS_OR_DUAL_STACK,
    &OTHER_REGION,
    &OTHER_PARTITION,
    &IGNORED,
    &proxy::BAD_PROXY,
    &proxy::HTTP_ALONE,
    &proxy::TWO_SPELLINGS,
    &proxy::NOT_FOR_AWS,
    &proxy::TWO_BUNDLES,
    &proxy::OTHERS_BUNDLE,
    &calls::REGIONAL,
    &calls::LEGACY_UNUSED,
    &calls::RETRIES,
];

/// Looks at the environment, then at each profile.
pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let env = UserEnv::new(subject.host.env);
    let around = Around::new(&env);
    around.examine(findings);
    proxy::examine(&env, subject, findings);
    calls::examine(&env, subject, findings);
    let mut shared = Shared::default();
    for profile in subject.profiles() {
        examine_profile(&around, subject, profile, &mut shared, findings);
    }
    shared.tell(&around, findings);
}

const fn check(code: &'static str, severity: Severity, title: &'static str, why: &'static str) -> Check {
    Check { code, severity, title, why }
}

/// What the environment says for every profile.
struct Around {
    /// Of STS, which every role needs.
    endpoint: Option<(&'static str, String)>,
    region: Option<(&'static str, String)>,
    fips: Option<bool>,
    dual_stack: Option<bool>,
    ignored: Option<bool>,
    /// Every endpoint that is set.
    endpoints: Vec<(&'static str, String)>,
}

/// Faults of the environment and many profiles.
#[derive(Default)]
struct Shared<'a> {
    other_region: Many<'a>,
    other_partition: Many<'a>,
    ignored: Many<'a>,
}

/// The endpoint of STS that counts for a profile.
struct Endpoint {
    url: String,
    origin: Origin,
}

impl Around {
    fn new(env: &dyn Env) -> Self {
        let set = |name: &'static str| Some((name, env.var(name).filter(|value| !value.is_empty())?));
        let flag = |name| set(name).map(|(_, value)| value.eq_ignore_ascii_case("true"));
        Self {
            endpoint: [AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL].into_iter().find_map(set),
            region: [env_vars::AWS_REGION, env_vars::AWS_DEFAULT_REGION].into_iter().find_map(set),
            fips: flag(AWS_USE_FIPS_ENDPOINT),
            dual_stack: flag(AWS_USE_DUALSTACK_ENDPOINT),
            ignored: flag(AWS_IGNORE_CONFIGURED_ENDPOINT_URLS),
            endpoints: [
                AWS_ENDPOINT_URL,
                AWS_ENDPOINT_URL_STS,
                env_vars::AWS_ENDPOINT_URL_IAM,
                env_vars::AWS_ENDPOINT_URL_SSO,
                env_vars::AWS_ENDPOINT_URL_SSO_OIDC,
            ]
            .into_iter()
            .filter_map(set)
            .collect(),
        }
    }

    /// What is wrong whatever the profile.
    fn examine(&self, findings: &mut Vec<Finding>) {
        for (name, url) in &self.endpoints {
            findings.extend(url_finding(&format!("`{name}`"), url, &format!("run `unset {name}`")));
        }
        if self.ignored == Some(true)
            && let Some((name, _)) = self.endpoints.first()
        {
            findings.push(Finding::new(
                &IGNORED,
                format!(
                    "`{name}` is set, and `{AWS_IGNORE_CONFIGURED_ENDPOINT_URLS}` is `true`: it is ignored"
                ),
                format!("run `unset {AWS_IGNORE_CONFIGURED_ENDPOINT_URLS}`, or `unset {name}`"),
            ));
        }
        if self.ignored != Some(true)
            && let Some((name, _)) = &self.endpoint
        {
            let wanted = [(self.fips, AWS_USE_FIPS_ENDPOINT), (self.dual_stack, AWS_USE_DUALSTACK_ENDPOINT)];
            for (_, flag) in wanted.into_iter().filter(|(is_wanted, _)| *is_wanted == Some(true)) {
                findings.push(Finding::new(
                    &FIPS_OR_DUAL_STACK,
                    format!(
                        "`{name}` and `{flag}` are both set, and rolo and the SDKs refuse to call with the two"
                    ),
                    format!("run `unset {flag}`, or `unset {name}`"),
                ));
            }
        }
    }
}

fn examine_profile<'a>(
    around: &Around,
    subject: &Subject<'a>,
    profile: &'a Profile<'a>,
    shared: &mut Shared<'a>,
    findings: &mut Vec<Finding>,
) {
    let own = own_endpoints(subject, profile);
    for (what, setting) in &own {
        let finding = url_finding(
            what,
            setting.value,
            "write the whole URL, as in `https://sts.eu-west-1.amazonaws.com`",
        );
        findings.extend(finding.map(|finding| finding.of_profile(profile.name()).at([setting.location()])));
    }
    let flag = |key: &str| profile.get(key).filter(|said| said.value.eq_ignore_ascii_case("true"));
    let ignored = flag("ignore_configured_endpoint_urls");
    if around.ignored == Some(true) || around.ignored.is_none() && ignored.is_some() {
        if let Some((what, setting)) = own.first() {
            match ignored.filter(|_| around.ignored.is_none()) {
                Some(switch) => findings.push(
                    Finding::new(
                        &IGNORED,
                        format!(
                            "{what} is set, and `ignore_configured_endpoint_urls` is `true`: it is ignored"
                        ),
                        "remove one of the two lines",
                    )
                    .of_profile(profile.name())
                    .at([setting.location(), switch.location()]),
                ),
                None => shared.ignored.add(profile, Some(setting.location())),
            }
        }
        return examine_partition(around, profile, shared, findings);
    }
    match endpoint(around, subject, profile) {
        None => examine_partition(around, profile, shared, findings),
        Some(endpoint) => {
            examine_flags(around, profile, &endpoint, findings);
            examine_region(around, profile, &endpoint, shared, findings);
        }
    }
}

/// The endpoints that a profile sets itself, each with what it is in words. A `services` section is looked at with the
/// profiles that name it.
fn own_endpoints<'a>(subject: &Subject<'a>, profile: &'a Profile<'a>) -> Vec<(String, Setting<'a>)> {
    let mut own = Vec::new();
    if let Some(url) = profile.get("endpoint_url").filter(|url| !url.value.is_empty()) {
        own.push(("`endpoint_url`".to_owned(), url));
    }
    let Some(named) = profile.get("services") else { return own };
    let Some(section) = subject.set.services(named.value) else { return own };
    for service in section.keys() {
        if let Some(url) = section.get_nested(service, "endpoint_url").filter(|url| !url.value.is_empty()) {
            own.push((format!("`endpoint_url` of `{service}`"), url));
        }
    }
    own
}

/// The endpoint of STS, in botocore's order.
fn endpoint(around: &Around, subject: &Subject<'_>, profile: &Profile<'_>) -> Option<Endpoint> {
    if let Some((name, url)) = &around.endpoint {
        return Some(Endpoint { url: url.clone(), origin: Origin::Env(name) });
    }
    let section = profile.get("services").and_then(|named| subject.set.services(named.value));
    let url = section
        .and_then(|section| section.get_nested("sts", "endpoint_url"))
        .filter(|url| !url.value.is_empty())
        .or_else(|| profile.get("endpoint_url").filter(|url| !url.value.is_empty()))?;
    Some(Endpoint { url: url.value.to_owned(), origin: url.origin() })
}

/// FIPS and dual-stack of the profile; where both sides are the environment's it was said for all.
fn examine_flags(around: &Around, profile: &Profile<'_>, endpoint: &Endpoint, findings: &mut Vec<Finding>) {
    let sides = [
        (around.fips, AWS_USE_FIPS_ENDPOINT, "use_fips_endpoint"),
        (around.dual_stack, AWS_USE_DUALSTACK_ENDPOINT, "use_dualstack_endpoint"),
    ];
    for (from_env, variable, key) in sides {
        let own = profile.get(key).filter(|said| said.value.eq_ignore_ascii_case("true"));
        let (flag, at) = match (from_env, own, &endpoint.origin) {
            (Some(true), _, Origin::File(_)) => (variable, None),
            (None, Some(own), _) => (key, Some(own.location())),
            _ => continue,
        };
        findings.push(
            Finding::new(
                &FIPS_OR_DUAL_STACK,
                format!(
                    "`{flag}` is `true` beside {}, and rolo and the SDKs refuse to call with the two",
                    named(endpoint)
                ),
                format!("remove {}, or set `{flag}` to `false`", named(endpoint)),
            )
            .of_profile(profile.name())
            .at(endpoint.origin.location().cloned().into_iter().chain(at)),
        );
    }
}

fn named(endpoint: &Endpoint) -> String {
    match &endpoint.origin {
        Origin::Env(name) => format!("`{name}`"),
        _ => "the custom endpoint".to_owned(),
    }
}

fn examine_region<'a>(
    around: &Around,
    profile: &'a Profile<'a>,
    endpoint: &Endpoint,
    shared: &mut Shared<'a>,
    findings: &mut Vec<Finding>,
) {
    let own = profile.get("region").filter(|region| !region.value.is_empty());
    let region =
        around.region.as_ref().map(|(_, region)| region.as_str()).or(own.as_ref().map(|own| own.value));
    let at = || own.as_ref().map(Setting::location).filter(|_| around.region.is_none());
    let of_endpoint = endpoint.origin.location().cloned();
    // No region at all is a matter of the chain.
    let Some(region) = region else { return };
    let Some(there) =
        Url::parse(&endpoint.url).and_then(|url| url.region_of_aws()).filter(|there| there != region)
    else {
        return;
    };
    if of_endpoint.is_none() && around.region.is_none() {
        shared.other_region.add(profile, at());
    } else {
        let locations: Vec<Location> = of_endpoint.into_iter().chain(at()).collect();
        let finding = Finding::new(
            &OTHER_REGION,
            format!("the endpoint is in `{there}` and calls are signed for `{region}`"),
            format!("write `{region}` in the endpoint, or `{there}` as the region"),
        );
        findings.push(finding.of_profile(profile.name()).at(locations));
    }
}

fn examine_partition<'a>(
    around: &Around,
    profile: &'a Profile<'a>,
    shared: &mut Shared<'a>,
    findings: &mut Vec<Finding>,
) {
    use crate::{arn::RoleArn, chain::target::partition_of_region};

    let Some(arn) = profile.get("role_arn") else { return };
    let role = RoleArn::new(arn.value);
    let Some(partition) = role.partition() else { return };
    match (&around.region, profile.get("region").filter(|region| !region.value.is_empty())) {
        (Some((_, region)), _) if partition_of_region(region) != partition => {
            shared.other_partition.add(profile, Some(arn.location()));
        }
        (None, Some(region)) if partition_of_region(region.value) != partition => findings.push(
            Finding::new(
                &OTHER_PARTITION,
                format!(
                    "the role is in `{partition}` and the region `{}` in `{}`",
                    region.value,
                    partition_of_region(region.value)
                ),
                format!(
                    "name a region of `{partition}`, or the role's ARN as `arn:{}:…`",
                    partition_of_region(region.value)
                ),
            )
            .of_profile(profile.name())
            .at([region.location(), arn.location()]),
        ),
        _ => {}
    }
}

/// What is wrong with the URL itself.
fn url_finding(what: &str, text: &str, remedy: &str) -> Option<Finding> {
    match Url::parse(text) {
        None => Some(Finding::new(&BAD_URL, format!("{what} is no `http://` or `https://` URL"), remedy)),
        Some(url) if url.is_plain && url.is_aws() => Some(Finding::new(
            &PLAIN_HTTP,
            format!("{what} calls AWS (`{}`) without TLS", url.host),
            "write `https://` in place of `http://`",
        )),
        Some(_) => None,
    }
}

impl Shared<'_> {
    fn tell(self, around: &Around, findings: &mut Vec<Finding>) {
        let mut tell = |check, many: Many<'_>, text: &dyn Fn(&str) -> String, remedy: String| {
            if let Some((whose, locations)) = many.told() {
                findings.push(Finding::new(check, text(&whose), remedy).at(locations));
            }
        };
        let endpoint = around.endpoint.as_ref().map_or(AWS_ENDPOINT_URL, |(name, _)| *name);
        let (variable, region) = around
            .region
            .as_ref()
            .map_or((env_vars::AWS_REGION, ""), |(name, region)| (*name, region.as_str()));
        tell(
            &OTHER_REGION,
            self.other_region,
            &|whose| format!("`{endpoint}` is in another region than that of {whose}"),
            format!("run `unset {endpoint}`"),
        );
        tell(
            &OTHER_PARTITION,
            self.other_partition,
            &|whose| format!("`{variable}` (`{region}`) is in another partition than the role of {whose}"),
            format!("run `unset {} {}`", env_vars::AWS_REGION, env_vars::AWS_DEFAULT_REGION),
        );
        tell(
            &IGNORED,
            self.ignored,
            &|whose| {
                format!(
                    "`{AWS_IGNORE_CONFIGURED_ENDPOINT_URLS}` is `true`: the endpoint of {whose} is ignored"
                )
            },
            format!("run `unset {AWS_IGNORE_CONFIGURED_ENDPOINT_URLS}`"),
        );
    }
}
