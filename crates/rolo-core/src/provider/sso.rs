//! IAM Identity Center: a role for a sign-in that the AWS CLI made.
//!
//! The token lies in the AWS CLI's own cache and is renewed there, as the CLI would. Signing in is not done here. Must
//! not know profiles.

use std::{io, path::PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use super::ProviderError;
use crate::{
    Credentials, Secret,
    aws::{Aws, AwsError, RefreshToken, RoleCredentialsRequest},
    credentials::{parse_expiration, render_expiration},
    host::Host,
    private_file::{self, ReplaceError},
    talk::{Hear, Notice},
};

/// Time left below which a token is renewed, as in the AWS CLI.
pub const REFRESH_WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// A role of Identity Center and the sign-in that opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoSource {
    /// The `sso-session` section; `None` for a profile of the old kind, whose token is never renewed.
    pub session: Option<String>,
    /// The start URL exactly as it is written: it names the token of the old kind.
    pub start_url: String,
    /// The region of the Identity Center instance.
    pub region: String,
    /// The account the role is in.
    pub account_id: String,
    /// The permission set's name.
    pub role_name: String,
}

impl SsoSource {
    /// What a person calls the sign-in, and what names its file.
    pub fn sign_in_name(&self) -> &str {
        self.session.as_deref().unwrap_or(&self.start_url)
    }

    /// The token's file in the AWS CLI's cache; `None` without a home.
    pub fn token_path(&self, host: Host<'_>) -> Option<PathBuf> {
        let digest = Sha1::digest(self.sign_in_name());
        let hex = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let name: String = hex.filter_map(|nibble| char::from_digit(nibble.into(), 16)).collect();
        Some(host.home()?.join(".aws/sso/cache").join(name + ".json"))
    }
}

/// Takes the sign-in, renews it where it is due, and asks for the role.
pub fn fetch_credentials(
    host: Host<'_>,
    aws: &Aws,
    hear: &dyn Hear,
    source: &SsoSource,
) -> Result<Credentials, ProviderError> {
    let token = SignIn::load(host, source)?;
    let access_token = match &source.session {
        None => token.unexpired(host, None)?,
        Some(_) => token.renewed(host, aws, hear)?,
    };
    let request = RoleCredentialsRequest {
        region: source.region.clone(),
        account_id: source.account_id.clone(),
        role_name: source.role_name.clone(),
        access_token,
    };
    aws.get_role_credentials(&request).map_err(|error| {
        if error.is_unauthorized() {
            ProviderError::SsoTokenRefused { name: source.sign_in_name().to_owned(), source: error }
        } else {
            error.into()
        }
    })
}

/// Whether there is a sign-in that [`fetch_credentials`] could send, renewed or not.
pub fn check(host: Host<'_>, source: &SsoSource) -> Result<(), ProviderError> {
    let token = SignIn::load(host, source)?;
    if is_renewal_due(host, source) { Ok(()) } else { token.unexpired(host, None).map(drop) }
}

/// Whether [`fetch_credentials`] would renew the sign-in. A refresh token is good for one renewal, so of several
/// processes only one may do it at a time.
pub fn is_renewal_due(host: Host<'_>, source: &SsoSource) -> bool {
    source.session.is_some()
        && SignIn::load(host, source)
            .is_ok_and(|token| token.left(host) < REFRESH_WINDOW && token.refresh_request(host).is_some())
}

/// A sign-in as it lies on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSignIn {
    /// Its end.
    pub expires_at: Timestamp,
    /// It would be renewed now.
    pub is_renewal_due: bool,
}

/// What [`fetch_credentials`] would find, without a call.
pub fn look_at_sign_in(host: Host<'_>, source: &SsoSource) -> Result<FoundSignIn, ProviderError> {
    let token = SignIn::load(host, source)?;
    Ok(FoundSignIn { expires_at: token.expires_at, is_renewal_due: is_renewal_due(host, source) })
}

/// A token as it lies in its file.
struct SignIn<'a> {
    source: &'a SsoSource,
    path: PathBuf,
    access_token: Secret,
    expires_at: Timestamp,
    /// Everything in the file, so that what is not ours survives a rewrite.
    fields: Map<String, Value>,
}

impl<'a> SignIn<'a> {
    fn load(host: Host<'_>, source: &'a SsoSource) -> Result<Self, ProviderError> {
        let name = || source.sign_in_name().to_owned();
        let path = source.token_path(host).ok_or_else(|| ProviderError::SsoTokenMissing { name: name() })?;
        let unusable =
            |reason: String| ProviderError::SsoTokenUnreadable { name: name(), path: path.clone(), reason };
        let bytes = host.files.read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ProviderError::SsoTokenMissing { name: name() },
            _ => unusable(error.to_string()),
        })?;
        let Ok(Value::Object(fields)) = serde_json::from_slice(&bytes) else {
            return Err(unusable("it is no JSON object".to_owned()));
        };
        let text = |key: &str| {
            fields.get(key).and_then(Value::as_str).ok_or_else(|| unusable(format!("`{key}` is missing")))
        };
        let access_token = Secret::new(text("accessToken")?);
        let expires_at = parse_expiration(text("expiresAt")?)
            .ok_or_else(|| unusable("`expiresAt` is no time that can be read".to_owned()))?;
        Ok(Self { source, path, access_token, expires_at, fields })
    }

    fn left(&self, host: Host<'_>) -> SignedDuration {
        self.expires_at.duration_since(host.clock.now())
    }

    /// The access token while it lives; `renewal` says why there is no newer one.
    fn unexpired(self, host: Host<'_>, renewal: Option<AwsError>) -> Result<Secret, ProviderError> {
        if self.left(host).is_positive() {
            return Ok(self.access_token);
        }
        let name = self.source.sign_in_name().to_owned();
        Err(ProviderError::SsoTokenExpired { name, source: renewal })
    }

    /// The access token, renewed where less than 15 minutes are left and the file holds what that takes. A renewal
    /// that fails does no harm while the old token lives.
    fn renewed(mut self, host: Host<'_>, aws: &Aws, hear: &dyn Hear) -> Result<Secret, ProviderError> {
        if self.left(host) >= REFRESH_WINDOW {
            return Ok(self.access_token);
        }
        let Some(request) = self.refresh_request(host) else { return self.unexpired(host, None) };
        match aws.refresh_sso_token(&request) {
            Err(error) => self.unexpired(host, Some(error)),
            Ok(new) => {
                self.access_token = new.access_token;
                self.expires_at = host.clock.now() + SignedDuration::from_secs(new.expires_in);
                self.note(new.refresh_token.as_ref());
                // The new token is in hand: a cache that cannot be written costs the next run a renewal.
                if let Err(error) = self.store() {
                    let name = self.source.sign_in_name();
                    hear.hear(&Notice::Warning(format!(
                        "the renewed sign-in of `{name}` was not kept: {error}"
                    )));
                }
                self.unexpired(host, None)
            }
        }
    }

    /// `None` where something is missing or the client's registration is past its time.
    fn refresh_request(&self, host: Host<'_>) -> Option<RefreshToken> {
        let text = |key: &str| self.fields.get(key).and_then(Value::as_str);
        let registered_until = parse_expiration(text("registrationExpiresAt")?)?;
        (registered_until > host.clock.now()).then_some(())?;
        Some(RefreshToken {
            region: self.source.region.clone(),
            client_id: text("clientId")?.to_owned(),
            client_secret: Secret::new(text("clientSecret")?),
            refresh_token: Secret::new(text("refreshToken")?),
        })
    }

    fn store(&self) -> Result<(), ReplaceError> {
        let content = Zeroizing::new(Value::Object(self.fields.clone()).to_string());
        private_file::replace_file(&self.path, content.as_bytes())
    }

    fn note(&mut self, refresh_token: Option<&Secret>) {
        let mut set = |key: &str, value: &str| self.fields.insert(key.to_owned(), Value::from(value));
        set("startUrl", &self.source.start_url);
        set("region", &self.source.region);
        set("accessToken", self.access_token.expose());
        set("expiresAt", &render_expiration(self.expires_at));
        if let Some(token) = refresh_token {
            set("refreshToken", token.expose());
        }
    }
}
