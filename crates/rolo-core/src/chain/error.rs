//! What can be wrong with a configuration, found before any call. Every variant knows the lines to blame.

use std::path::PathBuf;

use crate::origin::{Location, Origin};

/// Why a profile does not resolve. Exit code 3, whatever the variant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// No such profile in either file.
    #[error("profile `{name}` was not found in `{}`", config.display())]
    ProfileNotFound {
        /// What was asked for.
        name: String,
        /// The config file, where profiles are looked for first.
        config: PathBuf,
        /// Who asked.
        origin: Origin,
        /// The nearest name there is.
        near: Option<String>,
        /// How many profiles there are.
        known: usize,
    },
    /// A chain of `source_profile`s that never ends.
    #[error("`source_profile` loops: {}", render_path(path))]
    Loop {
        /// The profiles in the order met, the repeated one last.
        path: Vec<String>,
        /// Their `source_profile` lines.
        origins: Vec<Origin>,
    },
    /// `source_profile` names nothing.
    #[error("`source_profile` of profile `{profile}` names `{source_profile}`, which does not exist")]
    SourceProfileMissing {
        /// The profile that names it.
        profile: String,
        /// The name.
        source_profile: String,
        /// Its line.
        origin: Origin,
        /// The nearest name there is.
        near: Option<String>,
    },
    /// Both ways to a source at once.
    #[error("profile `{profile}` has both `source_profile` and `credential_source`")]
    BothSources {
        /// The profile.
        profile: String,
        /// The two lines.
        origins: [Origin; 2],
    },
    /// A role without a way to it.
    #[error("profile `{profile}` has a `role_arn` but neither `source_profile` nor `credential_source`")]
    NoSource {
        /// The profile.
        profile: String,
        /// Its `role_arn`.
        origin: Origin,
    },
    /// `credential_source` is none of the three names.
    #[error(
        "`credential_source` of profile `{profile}` is `{value}`, which is none of `Environment`, `EcsContainer`, `Ec2InstanceMetadata`"
    )]
    UnknownCredentialSource {
        /// The profile.
        profile: String,
        /// What it says.
        value: String,
        /// Its line.
        origin: Origin,
    },
    /// `credential_source` leads nowhere on this machine.
    #[error("`credential_source` of profile `{profile}` is `{value}`, but {missing}")]
    CredentialSourceEmpty {
        /// The profile.
        profile: String,
        /// What it says.
        value: String,
        /// What is not there, in words.
        missing: &'static str,
        /// Its line.
        origin: Origin,
    },
    /// A source profile that holds nothing to start from.
    #[error("source profile `{profile}` holds no credentials")]
    SourceHasNoCredentials {
        /// The source profile.
        profile: String,
        /// Its header.
        origin: Origin,
    },
    /// Lines of their own stand where a value is wanted.
    #[error("`{key}` of profile `{profile}` has lines below it in place of a value")]
    NotAValue {
        /// The profile.
        profile: String,
        /// The key.
        key: &'static str,
        /// Its line.
        origin: Origin,
    },
    /// One half of a key pair.
    #[error("an access key id stands without `{missing}`")]
    HalfCredentials {
        /// The key or variable that is not there.
        missing: &'static str,
        /// Where the other half is.
        origin: Origin,
    },
    /// Half a key pair that is there in name only.
    #[error("`{key}` is empty")]
    EmptyKey {
        /// Which half.
        key: &'static str,
        /// Its line.
        origin: Origin,
    },
    /// `AWS_CREDENTIAL_EXPIRATION` is no time.
    #[error("`AWS_CREDENTIAL_EXPIRATION` is `{text}`, which is no time with a zone")]
    BadExpiration {
        /// What it says.
        text: String,
    },
    /// The environment's credentials are over.
    #[error("the credentials in the environment expired at {at}")]
    EnvironmentExpired {
        /// When.
        at: String,
    },
    /// The credentials of a saved profile are over.
    #[error("the credentials saved in profile `{profile}` expired at {at}")]
    SavedExpired {
        /// The profile.
        profile: String,
        /// When.
        at: String,
        /// The profile they were got from.
        saved_from: Option<String>,
        /// The line of their key id.
        origin: Origin,
    },
    /// A web identity token without a role for it.
    #[error("a web identity token file is set without a role for it")]
    WebIdentityWithoutRole {
        /// Where the file is named.
        origin: Origin,
    },
    /// Identity Center settings are missing.
    #[error("profile `{profile}` uses IAM Identity Center but lacks `{missing}`")]
    SsoIncomplete {
        /// The profile.
        profile: String,
        /// The keys, joined by «`, `».
        missing: String,
        /// One of those that are there.
        origin: Origin,
    },
    /// `sso_session` names no section.
    #[error(
        "`sso_session` of profile `{profile}` names `{session}`, but there is no `[sso-session {session}]`"
    )]
    SsoSessionMissing {
        /// The profile.
        profile: String,
        /// The name.
        session: String,
        /// Its line.
        origin: Origin,
    },
    /// A sign-in whose section does not say where it is.
    #[error("`[sso-session {session}]` lacks `{missing}`")]
    SsoSessionIncomplete {
        /// The section's name.
        session: String,
        /// The keys, joined by «`, `».
        missing: String,
        /// The line that names the section.
        origin: Origin,
    },
    /// Profile and session disagree.
    #[error("`{key}` of the profile and of its `sso-session` differ")]
    SsoInconsistent {
        /// The key.
        key: String,
        /// The two lines.
        origins: [Origin; 2],
    },
    /// `aws login` credentials.
    #[error("profile `{profile}` has a `login_session`, which is not yet supported")]
    LoginNotSupported {
        /// The profile.
        profile: String,
        /// The line.
        origin: Origin,
    },
    /// `services` names no section.
    #[error("`services` of profile `{profile}` names `{section}`, but there is no `[services {section}]`")]
    ServicesMissing {
        /// The profile.
        profile: String,
        /// The name.
        section: String,
        /// Its line.
        origin: Origin,
    },
    /// A custom endpoint tells nothing about the region to sign for.
    #[error("the endpoint `{endpoint}` needs a region, and none is set")]
    NoRegion {
        /// The endpoint, without user and password.
        endpoint: String,
        /// Where it is set.
        origin: Origin,
    },
    /// A parameter that AWS's clients refuse to send.
    #[error("{parameter} `{value}` is too short: STS takes no less than {least} characters")]
    TooShort {
        /// AWS's name of it.
        parameter: &'static str,
        /// The value.
        value: String,
        /// The least length.
        least: usize,
        /// Where it is said.
        origin: Origin,
    },
    /// A session shorter than STS gives.
    #[error("a session of {seconds} s is too short: STS gives 900 s at the least")]
    TooBrief {
        /// What is asked.
        seconds: u32,
        /// Where.
        origin: Origin,
    },
    /// `--duration` over the cap of role chaining.
    #[error("a role taken on from temporary credentials lasts 1 h at the most, not {seconds} s")]
    ChainedTooLong {
        /// What was asked.
        seconds: u32,
        /// The role's line.
        origin: Origin,
    },
    /// Nothing anywhere.
    #[error("no credentials were found{}", render_in_profile(profile.as_deref()))]
    NoCredentials {
        /// The profile looked at, where there is one.
        profile: Option<String>,
        /// They were to take on a role that is named by itself.
        for_role: bool,
        /// Its header.
        origin: Origin,
    },
    /// `credential_process` has led back here.
    #[error("`credential_process` goes in a circle: {}", render_path(path))]
    ProcessLoop {
        /// The profiles, the repeated one last.
        path: Vec<String>,
        /// The command's line.
        origin: Origin,
    },
    /// A setting of EC2's metadata service.
    #[error(transparent)]
    Imds(#[from] crate::provider::imds::ImdsSettingError),
    /// A role as the target and another by an option.
    #[error("`{target}` names a role, and `--role-arn` another")]
    TwoRoles {
        /// What was asked for.
        target: String,
    },
    /// A role takes on a role, and nobody said what to call the session.
    #[error("the session needs a name, because {caller} takes the role on and has no user's name to give it")]
    SessionNameNeeded {
        /// Who calls, in words.
        caller: String,
    },
    /// A session of credentials that are no IAM user's own key.
    #[error("a session is made of an IAM user's own access key, and `{label}` starts from {source_in_words}")]
    NoKeyForSession {
        /// What was asked for.
        label: String,
        /// What the chain starts from instead, in words.
        source_in_words: &'static str,
        /// Where that is said.
        origin: Origin,
    },
    /// An option that needs a role to apply to.
    #[error("`{option}` needs a role, and {what} assumes none")]
    NoRole {
        /// The option.
        option: &'static str,
        /// What was asked for, in words.
        what: String,
    },
}

impl ResolveError {
    /// The profile at fault, where the error tells it by name.
    pub fn profile(&self) -> Option<&str> {
        match self {
            Self::SourceProfileMissing { profile, .. }
            | Self::BothSources { profile, .. }
            | Self::NoSource { profile, .. }
            | Self::UnknownCredentialSource { profile, .. }
            | Self::CredentialSourceEmpty { profile, .. }
            | Self::SourceHasNoCredentials { profile, .. }
            | Self::NotAValue { profile, .. }
            | Self::SavedExpired { profile, .. }
            | Self::SsoIncomplete { profile, .. }
            | Self::SsoSessionMissing { profile, .. }
            | Self::LoginNotSupported { profile, .. }
            | Self::ServicesMissing { profile, .. } => Some(profile),
            Self::NoCredentials { profile, .. } => profile.as_deref(),
            _ => None,
        }
    }

    /// The lines to blame, in the order to be shown.
    pub fn locations(&self) -> Vec<Location> {
        let origins: Vec<&Origin> = match self {
            Self::ProfileNotFound { origin, .. }
            | Self::SourceProfileMissing { origin, .. }
            | Self::NoSource { origin, .. }
            | Self::UnknownCredentialSource { origin, .. }
            | Self::CredentialSourceEmpty { origin, .. }
            | Self::SourceHasNoCredentials { origin, .. }
            | Self::NotAValue { origin, .. }
            | Self::HalfCredentials { origin, .. }
            | Self::WebIdentityWithoutRole { origin }
            | Self::SsoIncomplete { origin, .. }
            | Self::SsoSessionMissing { origin, .. }
            | Self::SsoSessionIncomplete { origin, .. }
            | Self::EmptyKey { origin, .. }
            | Self::SavedExpired { origin, .. }
            | Self::LoginNotSupported { origin, .. }
            | Self::ServicesMissing { origin, .. }
            | Self::NoRegion { origin, .. }
            | Self::TooShort { origin, .. }
            | Self::TooBrief { origin, .. }
            | Self::ChainedTooLong { origin, .. }
            | Self::ProcessLoop { origin, .. }
            | Self::NoKeyForSession { origin, .. }
            | Self::NoCredentials { origin, .. } => vec![origin],
            Self::BothSources { origins, .. } | Self::SsoInconsistent { origins, .. } => {
                origins.iter().collect()
            }
            Self::Loop { origins, .. } => origins.iter().collect(),
            Self::BadExpiration { .. }
            | Self::EnvironmentExpired { .. }
            | Self::Imds(_)
            | Self::TwoRoles { .. }
            | Self::SessionNameNeeded { .. }
            | Self::NoRole { .. } => vec![],
        };
        origins.into_iter().filter_map(Origin::location).cloned().collect()
    }
}

fn render_path(path: &[String]) -> String {
    path.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" -> ")
}

fn render_in_profile(profile: Option<&str>) -> String {
    profile.map(|name| format!(" in profile `{name}` or in the environment")).unwrap_or_default()
}
