//! The instance metadata service of EC2: version 2 with a token, version 1 where the service has no tokens.
//!
//! As botocore, but never through a proxy: what a proxy's own instance answers are the proxy's credentials. Must not
//! know regions or anything else that the service tells.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Map, Value};

use super::{Absence, Fields, Outcome, ProviderError};
use crate::{
    Credentials, Secret,
    aws::{
        Aws,
        http::{Answer, HttpError, Request},
    },
    host::Host,
};

const IPV4: &str = "http://169.254.169.254/";
const IPV6: &str = "http://[fd00:ec2::254]/";
const TOKEN_PATH: &str = "latest/api/token";
const ROLE_PATH: &str = "latest/meta-data/iam/security-credentials/";
/// The life of a token in seconds: the most there is.
const TOKEN_TTL: &str = "21600";
/// Credentials that IMDS failed to renew are used on, this long at a time: AWS keeps taking them.
const EXTENSION: SignedDuration = SignedDuration::from_mins(15);

/// How the service is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImdsSettings {
    /// `AWS_EC2_METADATA_DISABLED` is `true`.
    pub disabled: bool,
    /// Base URL.
    pub endpoint: String,
    /// Never without a token.
    pub v1_disabled: bool,
    /// For one request.
    pub timeout: Duration,
    /// Requests per step, the first included; none at all where it is 0.
    pub attempts: u32,
}

/// A setting of IMDS that is malformed. botocore fails on it for every command, whatever the credentials' source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` {reason}")]
pub struct ImdsSettingError {
    /// The variable, or the profile's key.
    pub name: &'static str,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// A setting's variable and its key in a profile.
struct Setting {
    var: &'static str,
    key: &'static str,
}

const ENDPOINT: Setting =
    Setting { var: "AWS_EC2_METADATA_SERVICE_ENDPOINT", key: "ec2_metadata_service_endpoint" };
const ENDPOINT_MODE: Setting =
    Setting { var: "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", key: "ec2_metadata_service_endpoint_mode" };
const USE_IPV6: Setting = Setting { var: "AWS_IMDS_USE_IPV6", key: "imds_use_ipv6" };
const V1_DISABLED: Setting = Setting { var: "AWS_EC2_METADATA_V1_DISABLED", key: "ec2_metadata_v1_disabled" };
const TIMEOUT: Setting = Setting { var: "AWS_METADATA_SERVICE_TIMEOUT", key: "metadata_service_timeout" };
const ATTEMPTS: Setting =
    Setting { var: "AWS_METADATA_SERVICE_NUM_ATTEMPTS", key: "metadata_service_num_attempts" };

/// A value and the name it was found under.
type Found = (String, &'static str);

impl Setting {
    fn read(&self, host: Host<'_>, profile: &dyn Fn(&str) -> Option<String>) -> Option<Found> {
        host.env.var(self.var).map(|value| (value, self.var)).or_else(|| Some((profile(self.key)?, self.key)))
    }

    fn is_true(&self, host: Host<'_>, profile: &dyn Fn(&str) -> Option<String>) -> bool {
        self.read(host, profile).is_some_and(|(value, _)| value.eq_ignore_ascii_case("true"))
    }

    fn number(
        &self,
        host: Host<'_>,
        profile: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Option<(i64, &'static str)>, ImdsSettingError> {
        let Some((value, name)) = self.read(host, profile) else { return Ok(None) };
        match value.trim().parse() {
            Ok(number) => Ok(Some((number, name))),
            Err(_) => Err(ImdsSettingError { name, reason: "is no whole number" }),
        }
    }
}

impl ImdsSettings {
    /// Reads the variables, and `profile` (a key's value in the profile in use) where a variable is not set.
    pub fn resolve(
        host: Host<'_>,
        profile: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ImdsSettingError> {
        let ipv6 = match ENDPOINT_MODE.read(host, profile) {
            None => USE_IPV6.is_true(host, profile),
            Some((mode, name)) => match mode.to_ascii_lowercase().as_str() {
                "ipv4" => false,
                "ipv6" => true,
                _ => return Err(ImdsSettingError { name, reason: "is neither `ipv4` nor `ipv6`" }),
            },
        };
        let endpoint = match ENDPOINT.read(host, profile).filter(|(url, _)| !url.is_empty()) {
            None => if ipv6 { IPV6 } else { IPV4 }.to_owned(),
            Some((url, _)) if is_base_url(&url) => url,
            Some((_, name)) => return Err(ImdsSettingError { name, reason: "is no URL" }),
        };
        let timeout = match TIMEOUT.number(host, profile)? {
            None => 1,
            Some((seconds, name)) => u64::try_from(seconds)
                .ok()
                .filter(|seconds| *seconds > 0)
                .ok_or(ImdsSettingError { name, reason: "is not above 0" })?,
        };
        let attempts = ATTEMPTS.number(host, profile)?.map_or(1, |(number, _)| number.max(0));
        Ok(Self {
            disabled: host
                .env
                .var("AWS_EC2_METADATA_DISABLED")
                .is_some_and(|off| off.eq_ignore_ascii_case("true")),
            endpoint,
            v1_disabled: V1_DISABLED.is_true(host, profile),
            timeout: Duration::from_secs(timeout),
            attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        })
    }
}

/// A scheme and a host, and nothing that ends a header line.
fn is_base_url(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '_');
    !scheme.is_empty() && !host.is_empty() && host.chars().all(allowed) && !url.contains(['\t', '\r', '\n'])
}

/// Asks the service for the credentials of the instance's role.
pub fn fetch_credentials(
    host: Host<'_>,
    aws: &Aws,
    settings: &ImdsSettings,
) -> Result<Outcome, ProviderError> {
    if settings.disabled {
        return Ok(Outcome::Absent(Absence::ImdsDisabled));
    }
    Imds { aws, settings }.fetch(host)
}

/// Why a step of the conversation gave nothing.
enum Halt {
    Absent(Absence),
    Failed(ProviderError),
}

struct Imds<'a> {
    aws: &'a Aws,
    settings: &'a ImdsSettings,
}

impl Imds<'_> {
    fn fetch(&self, host: Host<'_>) -> Result<Outcome, ProviderError> {
        match self.fetch_role_credentials(host) {
            Ok(found) => Ok(Outcome::Found(found)),
            Err(Halt::Absent(absence)) => Ok(Outcome::Absent(absence)),
            Err(Halt::Failed(error)) => Err(error),
        }
    }

    fn fetch_role_credentials(&self, host: Host<'_>) -> Result<Credentials, Halt> {
        let token = self.fetch_token()?;
        let role = self.fetch_path(ROLE_PATH, token.as_ref(), |_| true)?;
        let path = format!("{ROLE_PATH}{}", role.expose().trim_end());
        let answer =
            self.fetch_path(&path, token.as_ref(), |text| serde_json::from_str::<Value>(text).is_ok())?;
        let answer: Value = serde_json::from_str(answer.expose()).map_err(|_| self.silent())?;
        self.credentials(host, answer.as_object())
    }

    fn fetch_token(&self) -> Result<Option<Secret>, Halt> {
        let headers = [("x-aws-ec2-metadata-token-ttl-seconds", Secret::new(TOKEN_TTL))];
        for _ in 0..self.settings.attempts {
            match self.send("PUT", TOKEN_PATH, &headers) {
                Ok(Answer { status: 200, body }) => return Ok(body),
                // A service without tokens, or one that takes too long over them: on without.
                Ok(Answer { status: 403..=405, .. }) | Err(HttpError::TimedOut(_)) => return Ok(None),
                Ok(Answer { status: 400, .. }) => return Err(self.silent()),
                Ok(_) | Err(HttpError::Connection(_)) => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
        Ok(None)
    }

    /// The first answer that is a 200, not empty and `usable`.
    fn fetch_path(
        &self,
        path: &str,
        token: Option<&Secret>,
        usable: impl Fn(&str) -> bool,
    ) -> Result<Secret, Halt> {
        if self.settings.v1_disabled && token.is_none_or(Secret::is_empty) {
            return Err(Halt::Failed(ProviderError::ImdsV1Disabled));
        }
        let headers: Vec<_> =
            token.map(|token| ("x-aws-ec2-metadata-token", token.clone())).into_iter().collect();
        for _ in 0..self.settings.attempts {
            match self.send("GET", path, &headers) {
                Ok(Answer { status: 200, body: Some(body) }) if !body.is_empty() && usable(body.expose()) => {
                    return Ok(body);
                }
                Ok(_) | Err(HttpError::Connection(_) | HttpError::TimedOut(_)) => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
        Err(self.silent())
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&'static str, Secret)],
    ) -> Result<Answer, HttpError> {
        let base = &self.settings.endpoint;
        let url = format!("{base}{}{path}", if base.ends_with('/') { "" } else { "/" });
        self.aws.fetch(&Request { method, url: &url, headers, timeout: self.settings.timeout })
    }

    fn credentials(&self, host: Host<'_>, answer: Option<&Map<String, Value>>) -> Result<Credentials, Halt> {
        let endpoint = self.settings.endpoint.clone();
        let needed = ["AccessKeyId", "SecretAccessKey", "Token", "Expiration"];
        let Some(map) = answer.filter(|map| needed.iter().all(|key| map.contains_key(*key))) else {
            let code = answer.and_then(|map| map.get("Code")?.as_str().map(ToOwned::to_owned));
            return Err(Halt::Absent(Absence::ImdsNoCredentials { endpoint, code }));
        };
        let fields = Fields { map, source_name: format!("the instance metadata service at `{endpoint}`") };
        let read = || {
            Ok(Credentials {
                access_key_id: fields.required("AccessKeyId")?.to_owned(),
                secret_access_key: Secret::new(fields.required("SecretAccessKey")?),
                session_token: Some(Secret::new(fields.required("Token")?)),
                expiration: fields.expiration("Expiration")?,
                account_id: fields.optional("AccountId")?.map(ToOwned::to_owned),
            })
        };
        let mut found = read().map_err(Halt::Failed)?;
        let now = host.clock.now();
        if found.left(now).is_some_and(|left| !left.is_positive()) {
            found.expiration = Some(now + EXTENSION);
        }
        Ok(found)
    }

    fn silent(&self) -> Halt {
        Halt::Absent(Absence::ImdsSilent { endpoint: self.settings.endpoint.clone() })
    }

    fn failed(&self, source: HttpError) -> Halt {
        Halt::Failed(ProviderError::Imds { endpoint: self.settings.endpoint.clone(), source })
    }
}
