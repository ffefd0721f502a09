//! What to do about a configuration that leads nowhere: one next step for each error, for the error of a run and for the
//! doctor's finding alike.
//!
//! Must not know how it is shown.

use super::error::ResolveError;
use crate::{origin::Origin, words::shell_word};

impl ResolveError {
    /// One next step, which a person can run or do.
    pub fn remedy(&self) -> String {
        let not_found = |name: &str, near: &Option<String>, known: usize| {
            let see = match known {
                1 => "run `rolo list` to see the one profile there is".to_owned(),
                _ => format!("run `rolo list` to see all {known} profiles"),
            };
            match near {
                Some(near) => format!("did you mean `{near}`? {see}"),
                None => format!("{see}, or write this one: `rolo configure {}`", shell_word(name)),
            }
        };
        match self {
            Self::ProfileNotFound { known: 0, .. } => {
                "there are no profiles: write some into `~/.aws/config`, or run `rolo configure`".to_owned()
            }
            Self::ProfileNotFound { name, origin: Origin::Env(variable), .. } if name.is_empty() => {
                format!("`{variable}` is set and empty: run `unset {variable}`, or let it name a profile")
            }
            Self::ProfileNotFound { config, near: None, .. } if !config.ends_with(".aws/config") => {
                "`AWS_CONFIG_FILE` names that file: run `unset AWS_CONFIG_FILE` for `~/.aws/config`, or correct it".to_owned()
            }
            Self::ProfileNotFound { name, origin: Origin::Env(variable), near, known, .. } => {
                format!("`{variable}` names it; {}", not_found(name, near, *known))
            }
            Self::ProfileNotFound { name, near, known, .. } => not_found(name, near, *known),
            Self::Loop { .. } => "let one of them hold its own credentials or an `sso_session`".to_owned(),
            Self::SourceProfileMissing { near, .. } => {
                let see = "run `rolo list` to see the profiles there are";
                near.as_ref().map_or_else(|| see.to_owned(), |near| format!("did you mean `{near}`? {see}"))
            }
            Self::BothSources { .. } => "remove one of the two lines".to_owned(),
            Self::NoSource { .. } => {
                "add `source_profile = NAME`, where NAME holds the credentials that may assume the role".to_owned()
            }
            Self::UnknownCredentialSource { .. } => "write one of the three names, in exactly that spelling".to_owned(),
            Self::CredentialSourceEmpty { value, .. } if value == "Environment" => {
                "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or name a `source_profile` in place of `credential_source`".to_owned()
            }
            Self::CredentialSourceEmpty { .. } => {
                "this works on the machine or container that the profile is meant for; elsewhere name a `source_profile`".to_owned()
            }
            Self::SourceHasNoCredentials { profile, .. } => format!(
                "give `{profile}` an `aws_access_key_id` and `aws_secret_access_key`, an `sso_session` or a `credential_process`"
            ),
            Self::NotAValue { key, .. } => format!("write the value behind `{key} =`, on the same line"),
            Self::HalfCredentials { missing, origin: Origin::Env(there) } => {
                format!("set `{missing}` too, or run `unset {there}`")
            }
            Self::HalfCredentials { missing, .. } => format!("set `{missing}` in the same place"),
            Self::EmptyKey { .. } => "give it its value, or remove the lines of the key".to_owned(),
            Self::BadExpiration { .. } | Self::EnvironmentExpired { .. } => {
                "run `eval \"$(rolo unset)\"`, then ask for a profile by name".to_owned()
            }
            Self::SavedExpired { profile, saved_from, .. } => match saved_from {
                Some(from) => format!("run `rolo save {} --as {}`, or name `{from}` itself", shell_word(from), shell_word(profile)),
                None => format!("run `rolo save PROFILE --as {}` for the profile it was saved from, or remove it: `rolo save --clean`", shell_word(profile)),
            },
            Self::WebIdentityWithoutRole { origin: Origin::Env(variable) } => {
                format!("set `AWS_ROLE_ARN` too, or run `unset {variable}`")
            }
            Self::WebIdentityWithoutRole { .. } => "set `role_arn` beside it, or `AWS_ROLE_ARN`".to_owned(),
            Self::SsoIncomplete { missing, .. } => format!("add `{missing}`, or run `aws configure sso`"),
            Self::SsoSessionMissing { session, .. } => {
                format!("add a section `[sso-session {session}]` with `sso_start_url` and `sso_region`, or run `aws configure sso-session`")
            }
            Self::SsoSessionIncomplete { session, missing, .. } => {
                format!("add `{missing}` to `[sso-session {session}]`, or run `aws configure sso-session`")
            }
            Self::SsoInconsistent { .. } => "remove the line in the profile: the `sso-session` has it".to_owned(),
            Self::LoginNotSupported { profile, .. } => format!(
                "until then: `credential_process = aws configure export-credentials --profile {}` in another profile",
                shell_word(profile)
            ),
            Self::ServicesMissing { section, .. } => format!("add a section `[services {section}]`, or remove the line"),
            Self::NoRegion { origin: Origin::Env(variable), .. } => format!(
                "set `region` in the profile, or give `--region`; or run `unset {variable}`, which names the endpoint"
            ),
            Self::NoRegion { .. } => "set `region` in the profile, or give `--region`".to_owned(),
            Self::TooShort { parameter: "role ARN", .. } => "write it as `arn:aws:iam::ACCOUNT:role/NAME`".to_owned(),
            Self::TooShort { parameter: "MFA serial", .. } => {
                "write it as `arn:aws:iam::ACCOUNT:mfa/NAME`, or give a hardware device's serial number whole".to_owned()
            }
            Self::TooShort { .. } => "look for a value that was cut or left empty".to_owned(),
            Self::TooBrief { .. } => "ask for `15m` or more".to_owned(),
            Self::ChainedTooLong { .. } => {
                "give `1h` or less, or assume the role from an IAM user's own keys".to_owned()
            }
            Self::NoCredentials { for_role, .. } => name_a_profile(*for_role),
            Self::ProcessLoop { .. } => {
                "let the `credential_process` name a profile that does not lead back to its own".to_owned()
            }
            Self::TwoRoles { .. } => "give one of the two".to_owned(),
            Self::SessionNameNeeded { .. } => "add `--role-session-name NAME`".to_owned(),
            Self::NoKeyForSession { .. } => {
                "name a profile that leads to an IAM user's `aws_access_key_id`: `rolo list` shows where each starts".to_owned()
            }
            Self::NoRole { .. } => "add `--role-arn ARN`, or name a profile that assumes a role".to_owned(),
            Self::Imds(error) => format!("correct `{}`, or unset it", error.name),
        }
    }
}

/// What to do where the default chain ended; for a role it is the source that is to be named.
pub fn name_a_profile(for_role: bool) -> String {
    let which = if for_role {
        "name the profile that may assume the role, by `AWS_PROFILE` or `--source-profile NAME`"
    } else {
        "name a profile"
    };
    format!("{which}: `rolo list` shows which there are, and `rolo configure` makes one")
}
