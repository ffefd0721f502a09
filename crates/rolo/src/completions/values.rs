//! The values that the person's own files know, and the regions.
//!
//! Both files are read as for any command, and a file with a fault offers nothing. Nothing is resolved, cached or called.
//! Must not know where on the command line a value stands.

use std::collections::BTreeMap;

use rolo_core::{
    arn::RoleArn,
    host::Host,
    profile::{ConfigFiles, Profile, ProfileSet},
    regions::REGIONS,
};

use super::{Candidate, grammar::Kind};

/// All values of a kind; for a profile that `current` is the beginning of, which may be an account's number.
pub fn load_values(kind: Kind, current: &str, host: Host<'_>) -> Vec<Candidate> {
    if kind == Kind::Region {
        return REGIONS.map(|region| Candidate::new(region, "")).to_vec();
    }
    let Ok(files) = ConfigFiles::load(&host) else { return Vec::new() };
    let Ok(set) = ProfileSet::parse(&files) else { return Vec::new() };
    match kind {
        Kind::Profile => {
            let names = set.profiles().map(|profile| Candidate::new(profile.name(), about(profile)));
            let mut candidates: Vec<_> = names.collect();
            if current.starts_with(|c: char| c.is_ascii_digit()) {
                candidates
                    .extend(roles(&set, |arn| Some(format!("{}:{}", arn.account()?, arn.path_and_name()?))));
            }
            candidates
        }
        Kind::Role => roles(&set, |arn| arn.path_and_name().map(str::to_owned)),
        Kind::RoleArn => roles(&set, |arn| Some(arn.as_str().to_owned())),
        Kind::Serial => once(set.profiles().filter_map(|profile| {
            Some((profile.get("mfa_serial")?.value.to_owned(), profile.name().to_owned()))
        })),
        Kind::Region | Kind::File => Vec::new(),
    }
}

/// Account and role, where the profile itself says them.
fn about(profile: &Profile<'_>) -> String {
    let words = match role_arn(profile) {
        Some(arn) => [arn.account().map(str::to_owned), arn.role_name().map(str::to_owned)],
        None => ["sso_account_id", "sso_role_name"]
            .map(|key| profile.get(key).map(|setting| setting.value.to_owned())),
    };
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn role_arn(profile: &Profile<'_>) -> Option<RoleArn> {
    profile.get("role_arn").map(|setting| RoleArn::new(setting.value))
}

fn roles(set: &ProfileSet<'_>, value: impl Fn(&RoleArn) -> Option<String>) -> Vec<Candidate> {
    once(
        set.profiles()
            .filter_map(|profile| Some((value(&role_arn(profile)?)?, format!("as {}", profile.name())))),
    )
}

/// Each value once; one that several profiles have says of whom no more.
fn once(values: impl Iterator<Item = (String, String)>) -> Vec<Candidate> {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (value, about) in values {
        seen.entry(value).and_modify(String::clear).or_insert(about);
    }
    seen.into_iter().map(|(value, about)| Candidate::new(value, about)).collect()
}
