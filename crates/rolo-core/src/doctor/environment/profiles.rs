//! Variables that choose a profile or a region, and those that hide it. Must not know what credentials are worth.

use super::{
    super::{
        Finding,
        Severity::{Fault, Note, Warning},
        many::Many,
    },
    Check, Seen, check, unset,
};
use crate::env_vars::{
    AWS_ACCESS_KEY_ID, AWS_DEFAULT_PROFILE, AWS_DEFAULT_REGION, AWS_PROFILE, AWS_REGION,
    AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_WEB_IDENTITY_TOKEN_FILE,
};

pub(in crate::doctor) static BESIDE_KEYS: Check = check(
    "R080",
    Warning,
    "`AWS_PROFILE` stands beside other credentials in the environment",
    "AWS CLI, boto3 and rolo take the environment's credentials before the profile; other SDKs, such as that for \
     JavaScript, take the profile.",
);
pub(in crate::doctor) static TWO_PROFILES: Check = check(
    "R081",
    Warning,
    "`AWS_PROFILE` and `AWS_DEFAULT_PROFILE` name different profiles",
    "AWS CLI v2, rolo and the SDKs take `AWS_PROFILE`, AWS CLI v1 and boto3 `AWS_DEFAULT_PROFILE`.",
);
pub(in crate::doctor) static NO_SUCH_PROFILE: Check = check(
    "R082",
    Fault,
    "`AWS_PROFILE` or `AWS_DEFAULT_PROFILE` names no profile",
    "Every AWS tool that is told no other profile fails, even where the environment holds keys.",
);
pub(in crate::doctor) static BEFORE_DEFAULT: Check = check(
    "R094",
    Note,
    "credentials in the environment come before the profile `default`",
    "Where no profile is named, the environment's credentials are used.",
);
pub(in crate::doctor) static TWO_REGIONS: Check = check(
    "R095",
    Warning,
    "`AWS_REGION` and `AWS_DEFAULT_REGION` differ",
    "AWS CLI v2, rolo and the SDKs take `AWS_REGION`, AWS CLI v1 and boto3 read `AWS_DEFAULT_REGION` alone.",
);
pub(in crate::doctor) static REGION_REPLACED: Check = check(
    "R096",
    Note,
    "a variable replaces the region of profiles",
    "A region in the environment counts before that of the profile, whichever profile is named.",
);

pub(super) fn examine(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    profile(seen, findings);
    region(seen, findings);
}

fn profile(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    let [first, second] = [AWS_PROFILE, AWS_DEFAULT_PROFILE].map(|name| seen.env.var(name));
    for (name, value) in [(AWS_PROFILE, &first), (AWS_DEFAULT_PROFILE, &second)] {
        if let Some(value) = value {
            findings.extend(no_such_profile(seen, name, value));
        }
    }
    if let (Some(first), Some(second)) = (&first, &second)
        && first != second
    {
        findings.push(Finding::new(
            &TWO_PROFILES,
            format!(
                "`{AWS_PROFILE}` is `{first}` and `{AWS_DEFAULT_PROFILE}` is `{second}`: AWS CLI v1 and boto3 take the second, all others the first"
            ),
            unset(&[AWS_DEFAULT_PROFILE]),
        ));
    }
    let named = first.map(|name| (AWS_PROFILE, name)).or(second.map(|name| (AWS_DEFAULT_PROFILE, name)));
    match (named, other_credentials(seen)) {
        (Some((variable, profile)), Some(other)) => {
            let whose = seen.handed().filter(|_| other.is_key);
            let whose =
                whose.map(|label| format!(" that rolo handed over for `{label}`")).unwrap_or_default();
            findings.push(Finding::new(
                &BESIDE_KEYS,
                format!(
                    "`{variable}` (`{profile}`) stands beside the {}{whose}, `{}`: AWS CLI and rolo take that, other tools the profile",
                    other.in_words, other.name
                ),
                format!("{}, or, to use the profile, {}", unset(&[variable]), unset(other.all)),
            ));
        }
        (None, Some(other)) if seen.handed().is_none() => {
            if let Some(profile) =
                seen.subject.set.profile("default").filter(|profile| holds_something(profile))
            {
                findings.push(
                    Finding::new(
                        &BEFORE_DEFAULT,
                        format!("the {} in the environment comes before profile `default`", other.in_words),
                        format!("to use the profile, {}", unset(other.all)),
                    )
                    .at(profile.header_origin().location().cloned()),
                );
            }
        }
        _ => {}
    }
}

/// Credentials of the environment that come before those of a profile.
struct Other {
    name: &'static str,
    in_words: &'static str,
    is_key: bool,
    all: &'static [&'static str],
}

fn other_credentials(seen: &Seen<'_>) -> Option<Other> {
    if seen.has(AWS_ACCESS_KEY_ID) {
        return Some(Other {
            name: AWS_ACCESS_KEY_ID,
            in_words: "access key",
            is_key: true,
            all: &[AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN],
        });
    }
    seen.has(AWS_WEB_IDENTITY_TOKEN_FILE).then_some(Other {
        name: AWS_WEB_IDENTITY_TOKEN_FILE,
        in_words: "web identity token",
        is_key: false,
        all: &[AWS_WEB_IDENTITY_TOKEN_FILE],
    })
}

/// Whether the profile says anything of credentials; one of regions alone is hidden by nothing.
fn holds_something(profile: &crate::profile::Profile<'_>) -> bool {
    const KEYS: [&str; 5] =
        ["aws_access_key_id", "role_arn", "credential_process", "sso_account_id", "web_identity_token_file"];
    KEYS.into_iter().any(|key| profile.get(key).is_some())
}

fn no_such_profile(seen: &Seen<'_>, variable: &str, name: &str) -> Option<Finding> {
    let set = seen.subject.set;
    if set.profile(name).is_some() {
        return None;
    }
    if name.is_empty() {
        let text = format!("`{variable}` is set and empty, which AWS's tools take for a profile's name");
        return Some(Finding::new(&NO_SUCH_PROFILE, text, unset(&[variable])));
    }
    let remedy = match set.suggest(name) {
        Some(near) => format!("did you mean `{near}`? run `export {variable}={near}`, or `unset {variable}`"),
        None => format!("run `unset {variable}`, or name a profile that `rolo list` shows"),
    };
    Some(Finding::new(&NO_SUCH_PROFILE, format!("`{variable}` names `{name}`, which is no profile"), remedy))
}

fn region(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    let [first, second] = [AWS_REGION, AWS_DEFAULT_REGION].map(|name| seen.var(name));
    if let (Some(first), Some(second)) = (&first, &second)
        && first != second
    {
        findings.push(Finding::new(
            &TWO_REGIONS,
            format!(
                "`{AWS_REGION}` is `{first}` and `{AWS_DEFAULT_REGION}` is `{second}`: AWS CLI v1 and boto3 take the second, all others the first"
            ),
            format!("run `export {AWS_DEFAULT_REGION}={first}`, or `unset {AWS_DEFAULT_REGION}`"),
        ));
    }
    let named =
        first.map(|region| (AWS_REGION, region)).or(second.map(|region| (AWS_DEFAULT_REGION, region)));
    let Some((variable, region)) = named else { return };
    let mut many = Many::default();
    for profile in seen.subject.profiles() {
        if let Some(own) = profile.get("region").filter(|own| !own.value.is_empty() && own.value != region) {
            many.add(profile, Some(own.location()));
        }
    }
    let Some((whose, locations)) = many.told() else { return };
    findings.push(
        Finding::new(
            &REGION_REPLACED,
            format!("`{variable}` (`{region}`) replaces the `region` of {whose}"),
            format!("to use theirs, run `unset {AWS_REGION} {AWS_DEFAULT_REGION}`"),
        )
        .at(locations),
    );
}
