//! What a chain is made of: a base source, then role steps. Plain data, each setting with where it was said.
//!
//! Must not know how any of it is had.

use std::path::PathBuf;

use jiff::Timestamp;

use super::error::ResolveError;
use crate::{
    Credentials, Secret,
    arn::{MfaSerial, RoleArn},
    credentials::render_expiration,
    origin::{Location, Origin, Sourced},
    provider::{imds::ImdsSettings, process::ProcessSource, sso::SsoSource},
};

/// Where a chain's first credentials come from.
#[derive(Debug, Clone)]
pub enum BaseSource {
    /// An access key of a file.
    Static(Keys),
    /// An access key of the environment.
    Environment(Keys),
    /// The answer of a program.
    Process {
        /// The command line as written.
        source: ProcessSource,
        /// Its line.
        origin: Origin,
    },
    /// A token file exchanged for a role. Not a [`RoleStep`]: nothing signs it.
    WebIdentity(WebIdentity),
    /// A role of IAM Identity Center.
    Sso(SsoSource),
    /// A container's endpoint, as the environment names it.
    Container {
        /// The whole address.
        url: String,
    },
    /// EC2's metadata service.
    Imds(ImdsSettings),
}

impl BaseSource {
    /// What it is, in words, for messages.
    pub fn in_words(&self) -> &'static str {
        match self {
            Self::Static(keys) | Self::Environment(keys) if keys.is_long_term() => "an access key",
            Self::Static(_) | Self::Environment(_) => "temporary credentials",
            Self::Process { .. } => "a `credential_process`",
            Self::WebIdentity(_) => "web identity",
            Self::Sso(_) => "IAM Identity Center",
            Self::Container { .. } => "a container's credentials",
            Self::Imds(_) => "EC2's metadata service",
        }
    }

    /// Where it is said, if anywhere.
    pub fn origin(&self) -> Option<&Origin> {
        match self {
            Self::Static(keys) | Self::Environment(keys) => Some(&keys.origin),
            Self::Process { origin, .. } => Some(origin),
            Self::WebIdentity(web) => Some(&web.token_file.origin),
            Self::Sso(_) | Self::Container { .. } | Self::Imds(_) => None,
        }
    }
}

/// Keys as they stand in a file or in the environment.
#[derive(Debug, Clone)]
pub struct Keys {
    /// `AKIA…`, or `ASIA…` with a token.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: Secret,
    /// Present for temporary credentials.
    pub session_token: Option<Secret>,
    /// Account, where the source says it.
    pub account_id: Option<String>,
    /// Expiry, where the environment or a saved profile says it.
    pub expiration: Option<Timestamp>,
    /// The profile that a saved one was got from, where that says it.
    pub saved_from: Option<String>,
    /// Where the key id stands.
    pub origin: Origin,
}

impl Keys {
    /// Whether these are an IAM user's own keys, the only ones that GetSessionToken takes.
    pub fn is_long_term(&self) -> bool {
        self.session_token.is_none()
    }
}

impl From<&Keys> for Credentials {
    fn from(keys: &Keys) -> Self {
        Self {
            access_key_id: keys.access_key_id.clone(),
            secret_access_key: keys.secret_access_key.clone(),
            session_token: keys.session_token.clone(),
            expiration: keys.expiration,
            account_id: keys.account_id.clone(),
        }
    }
}

/// AssumeRoleWithWebIdentity: which token for which role.
#[derive(Debug, Clone)]
pub struct WebIdentity {
    /// The file with the token, as written.
    pub token_file: Sourced<PathBuf>,
    /// The role.
    pub role_arn: Sourced<RoleArn>,
    /// `None`: a name is generated.
    pub role_session_name: Option<Sourced<String>>,
}

/// A base source with the profile it was found in.
#[derive(Debug, Clone)]
pub struct Base {
    /// What it is.
    pub source: BaseSource,
    /// The profile that holds it; `None` for the environment and the machine.
    pub profile: Option<String>,
    /// An `mfa_serial` in that profile: which device belongs to its keys.
    pub mfa_serial: Option<Sourced<MfaSerial>>,
    /// A program in that profile that prints the device's code.
    pub mfa_process: Option<Sourced<String>>,
}

impl Base {
    /// The IAM user's own keys, where the base is such.
    pub fn long_term_keys(&self) -> Option<&Keys> {
        match &self.source {
            BaseSource::Static(keys) | BaseSource::Environment(keys) if keys.is_long_term() => Some(keys),
            _ => None,
        }
    }
}

/// One AssumeRole.
#[derive(Debug, Clone)]
pub struct RoleStep {
    /// The profile that asks for it; `None` for a role given by ARN.
    pub profile: Option<String>,
    /// The role.
    pub role_arn: Sourced<RoleArn>,
    /// What the role's owner asks third parties for.
    pub external_id: Option<Sourced<String>>,
    /// `None`: a name is generated.
    pub role_session_name: Option<Sourced<String>>,
    /// `None`: STS's default of an hour.
    pub duration_seconds: Option<Sourced<u32>>,
    /// The device whose code the role wants.
    pub mfa_serial: Option<Sourced<MfaSerial>>,
    /// A program that prints the code.
    pub mfa_process: Option<Sourced<String>>,
    /// What makes the session less than the role.
    pub narrowing: Narrowing,
}

/// Parameters that the AWS CLI's cache key cannot hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// A session policy, JSON.
    pub policy: Option<String>,
    /// Managed policies as session policies.
    pub policy_arns: Vec<String>,
    /// Session tags, in the order given.
    pub tags: Vec<(String, String)>,
    /// Keys of tags that further roles of the chain keep.
    pub transitive_tag_keys: Vec<String>,
    /// Who stands behind the session.
    pub source_identity: Option<String>,
}

impl Narrowing {
    /// Whether nothing is narrowed, tagged or attributed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A profile resolved: where credentials start, which roles are taken on from there, and what else the profile says.
#[derive(Debug, Clone)]
pub struct Chain {
    /// What was asked for, in words for the prompt, `ROLO_PROFILE` and messages.
    pub label: String,
    /// The asked profile; `None` for an ARN over the environment and for the machine's own credentials.
    pub profile: Option<String>,
    /// The first credentials.
    pub base: Base,
    /// The roles, in the order they are taken on.
    pub steps: Vec<RoleStep>,
    /// The last role's session is named after the IAM user who takes it on.
    pub names_session: bool,
    /// Region, endpoints and the rest of the asked profile.
    pub settings: super::settings::Settings,
    /// Odd values that are sent all the same.
    pub warnings: Vec<Warning>,
}

impl Chain {
    /// The role that the chain ends in: its ARN, or its name in IAM Identity Center. `None` for keys and for sources that
    /// do not say it.
    pub fn role(&self) -> Option<&str> {
        match (self.steps.last(), &self.base.source) {
            (Some(step), _) => Some(step.role_arn.value.as_str()),
            (None, BaseSource::WebIdentity(web)) => Some(web.role_arn.value.as_str()),
            (None, BaseSource::Sso(sso)) => Some(&sso.role_name),
            (None, _) => None,
        }
    }

    /// The account that the chain ends in, where the configuration says it.
    pub fn account(&self) -> Option<&str> {
        match (self.steps.last(), &self.base.source) {
            (Some(step), _) => step.role_arn.value.account(),
            (None, BaseSource::WebIdentity(web)) => web.role_arn.value.account(),
            (None, BaseSource::Sso(sso)) => Some(&sso.account_id),
            (None, BaseSource::Static(keys) | BaseSource::Environment(keys)) => keys.account_id.as_deref(),
            (None, _) => None,
        }
    }

    /// Why the keys it starts from are of no use, where they say that they are over.
    pub fn expired_keys(&self, now: Timestamp) -> Option<ResolveError> {
        let (BaseSource::Static(keys) | BaseSource::Environment(keys)) = &self.base.source else {
            return None;
        };
        let at = render_expiration(keys.expiration.filter(|at| *at <= now)?);
        Some(match (&self.base.profile, &self.base.source) {
            (Some(profile), BaseSource::Static(_)) => ResolveError::SavedExpired {
                profile: profile.clone(),
                at,
                saved_from: keys.saved_from.clone(),
                origin: keys.origin.clone(),
            },
            _ => ResolveError::EnvironmentExpired { at },
        })
    }

    /// The program that prints the code for a step: the step's own, else that of the base's profile, where the base's keys
    /// sign and the device may be the same.
    pub fn mfa_process(&self, index: usize) -> Option<&str> {
        let step = self.steps.get(index)?;
        let of_base = || {
            let same_device = self.base.mfa_serial.is_none()
                || self.base.mfa_serial.as_ref().map(|said| &said.value)
                    == step.mfa_serial.as_ref().map(|said| &said.value);
            self.base.mfa_process.as_ref().filter(|_| index == 0 && same_device)
        };
        step.mfa_process.as_ref().or_else(of_base).map(|command| command.value.as_str())
    }
}

/// Something odd that is no error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// One lower-case line without a full stop.
    pub text: String,
    /// Where the blame lies.
    pub location: Option<Location>,
}
