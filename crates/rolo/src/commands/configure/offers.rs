//! What can be offered in answer to a question: roles, sources and devices that are known already.
//!
//! Must not ask anybody.

use rolo_core::{
    configure::Wishes,
    profile::{Profile, SourceFile},
    talk::{Hear, Notice, in_one_line},
};

use super::subject::Subject;
use crate::error::CliError;

/// A longer list is not read.
const MOST: usize = 15;

/// The roles of the profiles there are, those first that are assumed from the same source as the subject's.
pub(super) fn roles(subject: &Subject<'_>) -> Vec<String> {
    let source = subject.present("source_profile");
    let has_same_source =
        |profile: &Profile<'_>| source.is_some() && text(profile, "source_profile") == source;
    let (same, other): (Vec<_>, Vec<_>) =
        subject.set.profiles().partition(|profile| has_same_source(profile));
    let roles = same.into_iter().chain(other).filter_map(|profile| text(profile, "role_arn"));
    unique(roles)
}

/// The profiles that roles can be assumed from: first those that others name as their source, then those that hold
/// credentials of their own.
pub(super) fn sources(subject: &Subject<'_>, wishes: &Wishes) -> Vec<String> {
    let set = subject.set;
    let named = set.profiles().filter_map(|profile| text(profile, "source_profile"));
    let named = named.filter(|name| set.profile(name).is_some());
    let holding = set.profiles().filter(|profile| holds_credentials(profile)).map(Profile::name);
    let own = Some(subject.name).filter(|_| subject.has_access_key(wishes));
    unique(own.into_iter().chain(named.chain(holding).filter(|name| *name != subject.name)))
}

/// The MFA devices that belong to the keys that sign for the subject: those that IAM lists, and those that stand in
/// profiles with the same source.
pub(super) fn devices(subject: &Subject<'_>, wishes: &Wishes) -> Result<Vec<String>, CliError> {
    let has_role = subject.effective("role_arn", &wishes.role_arn).is_some();
    let source = subject.effective("source_profile", &wishes.source_profile).filter(|_| has_role);
    let signer = source.unwrap_or(subject.name);
    let mut devices = if subject.is_checked { listed(subject, wishes, signer)? } else { Vec::new() };
    let of_source = subject
        .set
        .profiles()
        .filter(|profile| profile.name() == signer || text(profile, "source_profile") == Some(signer));
    devices.extend(of_source.filter_map(|profile| text(profile, "mfa_serial")).map(str::to_owned));
    Ok(unique(devices.iter().map(String::as_str)))
}

/// Many users may not list their devices, which is nobody's fault here.
fn listed(subject: &Subject<'_>, wishes: &Wishes, signer: &str) -> Result<Vec<String>, CliError> {
    Ok(match subject.devices(wishes, signer)? {
        None => Vec::new(),
        // STS takes no codes of security keys, for they have none.
        Some(Ok(devices)) => devices.into_iter().filter(|serial| !serial.contains(":u2f/")).collect(),
        Some(Err(error)) => {
            let why = in_one_line(&error);
            subject.talker.hear(&Notice::Step(format!("the MFA devices are not offered: {why}")));
            Vec::new()
        }
    })
}

fn text<'p>(profile: &'p Profile<'_>, key: &str) -> Option<&'p str> {
    profile.get(key).filter(|setting| !setting.is_nested).map(|setting| setting.value)
}

fn holds_credentials(profile: &Profile<'_>) -> bool {
    let keys = [SourceFile::Credentials, SourceFile::Config];
    keys.iter().any(|file| profile.get_in(*file, "aws_access_key_id").is_some())
        || ["sso_account_id", "credential_process", "web_identity_token_file"]
            .iter()
            .any(|key| profile.get(key).is_some())
}

/// Each once, in order, and no more than are read.
fn unique<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut unique: Vec<String> = Vec::new();
    for text in texts.filter(|text| !text.is_empty()) {
        if unique.len() == MOST {
            break;
        }
        if !unique.iter().any(|known| known == text) {
            unique.push(text.to_owned());
        }
    }
    unique
}
