//! Profiles that say two ways to credentials, of which one counts, and chains that end before they should.
//!
//! Must not know what the ways lead to.

use super::{KEYS_BESIDE_ROLE, KEYS_END_CHAIN, OUTRANKED, has_static_keys, static_key};
use crate::{
    doctor::Finding,
    profile::{Profile, ProfileSet, Setting, SourceFile},
};

/// One way to credentials: the key that stands for it, and its line.
struct Way<'s> {
    key: &'static str,
    setting: Setting<'s>,
    is_keys: bool,
}

pub(super) fn examine(set: &ProfileSet<'_>, profile: &Profile<'_>, findings: &mut Vec<Finding>) {
    chain_ends(set, profile, findings);
    let mut ways = ways(profile).into_iter();
    let Some(first) = ways.next() else { return };
    let names_itself = profile.get("source_profile").is_some_and(|said| said.value == profile.name());
    for way in ways {
        if way.is_keys && first.key == "role_arn" && names_itself {
            continue;
        }
        let check = if way.is_keys && first.key == "role_arn" { &KEYS_BESIDE_ROLE } else { &OUTRANKED };
        let what = if way.is_keys { "the access key" } else { way.key };
        let what = if way.is_keys { what.to_owned() } else { format!("`{what}`") };
        findings.push(
            Finding::new(
                check,
                format!("{what} is not used: `{}` of the same profile comes before it", first.key),
                "put one of the two into a profile of its own",
            )
            .of_profile(profile.name())
            .at([way.setting.location(), first.setting.location()]),
        );
    }
}

/// What a profile has for credentials besides a role that cannot be assumed.
pub(super) fn key_beside_role(profile: &Profile<'_>) -> Option<&'static str> {
    ways(profile).into_iter().find(|way| way.key != "role_arn").map(|way| way.key)
}

/// The ways in the order in which they are tried, each with the line that says it.
fn ways<'s>(profile: &'s Profile<'_>) -> Vec<Way<'s>> {
    let web = profile.get("web_identity_token_file").filter(|file| !file.value.is_empty());
    let has_source = profile.get("source_profile").is_some() || profile.get("credential_source").is_some();
    let role = profile.get("role_arn").filter(|_| has_source && web.is_none());
    let sso = ["sso_role_name", "sso_account_id"].into_iter().find_map(|key| profile.get(key));
    let way = |key, setting: Option<Setting<'s>>| setting.map(|setting| Way { key, setting, is_keys: false });
    let keys = |file| {
        let setting = profile.get_in(file, "aws_access_key_id")?;
        Some(Way { key: "aws_access_key_id", setting, is_keys: true })
    };
    [
        way("role_arn", role),
        way("web_identity_token_file", web),
        way("sso_account_id", sso),
        keys(SourceFile::Credentials),
        way("login_session", profile.get("login_session")),
        way("credential_process", profile.get("credential_process")),
        keys(SourceFile::Config),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A source that holds keys as well as a role.
fn chain_ends(set: &ProfileSet<'_>, profile: &Profile<'_>, findings: &mut Vec<Finding>) {
    let Some(said) = profile.get("source_profile").filter(|said| said.value != profile.name()) else {
        return;
    };
    let Some(source) = set.profile(said.value).filter(|source| has_static_keys(source)) else { return };
    let (Some(role), Some(key)) = (source.get("role_arn"), static_key(source)) else { return };
    findings.push(
        Finding::new(
            &KEYS_END_CHAIN,
            format!(
                "the role of `{name}` is not assumed on the way: `{name}` holds an access key, which signs in its place",
                name = said.value
            ),
            "put the key into a profile of its own, and name that as the `source_profile` of the role",
        )
        .of_profile(profile.name())
        .at([said.location(), role.location(), key.location()]),
    );
}
