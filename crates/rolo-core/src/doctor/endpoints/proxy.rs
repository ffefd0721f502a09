//! Proxies and certificates of the environment. Must not show a proxy's URL: a password may stand in it.

use super::{super::many::Many, Check, Finding, Severity, Subject, check, url::Url};
use crate::{
    Secret,
    env_vars::{AWS_CA_BUNDLE, HTTP_PROXY, HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE},
    host::Env,
};

pub(in crate::doctor) static BAD_PROXY: Check = check(
    "R146",
    Severity::Fault,
    "a proxy is no `http://` or `https://` URL",
    "No call can be made through it.",
);
pub(in crate::doctor) static HTTP_ALONE: Check = check(
    "R147",
    Severity::Warning,
    "there is a proxy for `http://` and none for `https://`",
    "AWS's endpoints are `https://`, so they are called without the proxy.",
);
pub(in crate::doctor) static TWO_SPELLINGS: Check = check(
    "R148",
    Severity::Warning,
    "a proxy variable says two things in upper and in lower case",
    "AWS CLI, boto3 and rolo read the lower case first, programs in Go the upper.",
);
pub(in crate::doctor) static NOT_FOR_AWS: Check = check(
    "R149",
    Severity::Note,
    "AWS's endpoints are reached without the proxy",
    "`NO_PROXY` covers them. That is right where they have an address in this network, and a dead end where not.",
);
pub(in crate::doctor) static TWO_BUNDLES: Check = check(
    "R150",
    Severity::Warning,
    "`AWS_CA_BUNDLE` replaces the `ca_bundle` of profiles",
    "The variable counts first, so the certificates that the profile names are not trusted.",
);
pub(in crate::doctor) static OTHERS_BUNDLE: Check = check(
    "R151",
    Severity::Note,
    "`REQUESTS_CA_BUNDLE` is set and `AWS_CA_BUNDLE` is not",
    "AWS CLI v1 and boto3 take the certificates of either; rolo and the SDKs know `AWS_CA_BUNDLE` alone.",
);

/// Each variable with its other spelling, which programs from the Unix world read first.
const PROXIES: [(&str, &str); 3] =
    [("http_proxy", HTTP_PROXY), ("https_proxy", HTTPS_PROXY), ("no_proxy", NO_PROXY)];

pub(super) fn examine(env: &dyn Env, subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let set = |name: &str| env.var(name).map(Secret::new).filter(|value| !value.is_empty());
    let [http, https, none] = PROXIES.map(|(lower, upper)| {
        if let (Some(one), Some(two)) = (set(lower), set(upper))
            && one != two
        {
            findings.push(Finding::new(
                &TWO_SPELLINGS,
                format!("`{lower}` and `{upper}` differ: AWS CLI and rolo take the first, programs in Go the second"),
                format!("run `export {upper}=\"${lower}\"`, or `unset {upper}`"),
            ));
        }
        [lower, upper].into_iter().find_map(|name| Some((name, set(name)?)))
    });
    for (name, url) in [&http, &https].into_iter().flatten() {
        findings.extend(bad_proxy(name, url));
    }
    match (&http, &https) {
        (Some((name, _)), None) => findings.push(Finding::new(
            &HTTP_ALONE,
            format!("`{name}` is set and `https_proxy` is not, so AWS is called without the proxy"),
            format!("run `export https_proxy=\"${name}\"` if AWS is to be called through it"),
        )),
        (_, Some(_)) => findings.extend(none.and_then(|(name, hosts)| covers_aws(name, hosts.expose()))),
        (None, None) => {}
    }
    bundles(env, subject, findings);
}

fn bad_proxy(name: &str, url: &Secret) -> Option<Finding> {
    let text = url.expose();
    let is_url = if text.contains("://") {
        Url::parse(text).is_some()
    } else {
        Url::parse(&format!("http://{text}")).is_some()
    };
    if is_url {
        return None;
    }
    let is_socks = text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("socks"));
    let what =
        if is_socks { "a SOCKS proxy, which rolo cannot use" } else { "no `http://` or `https://` URL" };
    Some(Finding::new(
        &BAD_PROXY,
        format!("`{name}` is {what}"),
        format!("run `export {name}=http://HOST:PORT`, or `unset {name}`"),
    ))
}

/// A list that holds AWS's own domain, or everything.
fn covers_aws(name: &str, hosts: &str) -> Option<Finding> {
    let covers = |host: &&str| {
        let host = host.trim().trim_start_matches("*.").trim_start_matches('.');
        host == "*"
            || ["amazonaws.com", "com", "api.aws"].iter().any(|domain| host.eq_ignore_ascii_case(domain))
    };
    let entry = hosts.split(',').find(covers)?.trim();
    Some(Finding::new(
        &NOT_FOR_AWS,
        format!("`{name}` holds `{entry}`, so AWS is called without the proxy"),
        format!("take `{entry}` out of `{name}` if calls to AWS get no answer"),
    ))
}

fn bundles(env: &dyn Env, subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let set = |name: &str| env.var(name).filter(|value| !value.is_empty());
    match (set(AWS_CA_BUNDLE), set(REQUESTS_CA_BUNDLE)) {
        (Some(bundle), _) => {
            let mut many = Many::default();
            for profile in subject.profiles() {
                if let Some(own) =
                    profile.get("ca_bundle").filter(|own| !own.value.is_empty() && own.value != bundle)
                {
                    many.add(profile, Some(own.location()));
                }
            }
            findings.extend(many.told().map(|(whose, locations)| {
                let text = format!("`{AWS_CA_BUNDLE}` (`{bundle}`) replaces the `ca_bundle` of {whose}");
                Finding::new(
                    &TWO_BUNDLES,
                    text,
                    format!("run `unset {AWS_CA_BUNDLE}`, or name the same file"),
                )
                .at(locations)
            }));
        }
        (None, Some(bundle)) => findings.push(Finding::new(
            &OTHERS_BUNDLE,
            format!("`{REQUESTS_CA_BUNDLE}` (`{bundle}`) is known to AWS CLI v1 and boto3 alone"),
            format!(
                "run `export {AWS_CA_BUNDLE}=\"${REQUESTS_CA_BUNDLE}\"` if rolo finds no trusted certificate"
            ),
        )),
        (None, None) => {}
    }
}
