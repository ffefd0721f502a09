//! IAM Identity Center: a role's credentials for an access token, and a new token for an old one.
//!
//! Neither call is signed. Must not know where tokens are kept.

use jiff::Timestamp;

use super::{Aws, AwsError, error::Call};
use crate::{Credentials, Secret};

/// What GetRoleCredentials is asked.
#[derive(Debug, Clone)]
pub struct RoleCredentialsRequest {
    /// The region of the Identity Center instance, not of the work.
    pub region: String,
    /// The account the role is in.
    pub account_id: String,
    /// The permission set's name.
    pub role_name: String,
    /// Proof of the sign-in.
    pub access_token: Secret,
}

/// What CreateToken is asked for the refresh of a sign-in.
#[derive(Debug, Clone)]
pub struct RefreshToken {
    /// The region of the Identity Center instance.
    pub region: String,
    /// Of the client registration that signed in.
    pub client_id: String,
    /// Of the same registration.
    pub client_secret: Secret,
    /// What came with the last token.
    pub refresh_token: Secret,
}

/// A renewed sign-in.
#[derive(Debug, Clone)]
pub struct RefreshedToken {
    /// The new access token.
    pub access_token: Secret,
    /// Its life in seconds, from now.
    pub expires_in: i64,
    /// What renews it; `None`: the old one stays.
    pub refresh_token: Option<Secret>,
}

impl Aws {
    /// A role's credentials for a sign-in. `UnauthorizedException` means: sign in again
    /// ([`AwsError::is_unauthorized`]).
    pub fn get_role_credentials(&self, request: &RoleCredentialsRequest) -> Result<Credentials, AwsError> {
        let call = Call { service: "SSO", operation: "GetRoleCredentials" };
        let config =
            self.sdk_config("SSO", Some(&request.region), self.settings().endpoints.sso.as_deref(), None)?;
        let client = aws_sdk_sso::Client::from_conf(aws_sdk_sso::config::Builder::from(&config).build());
        let sent = self.send(call, |watch| {
            client
                .get_role_credentials()
                .role_name(&request.role_name)
                .account_id(&request.account_id)
                .access_token(request.access_token.expose())
                .customize()
                .interceptor(watch)
                .send()
        })?;
        let (found, sent) = sent.take(|answer| answer.role_credentials);
        let lacks = |what| sent.lacks(what);
        let found = found.ok_or_else(|| lacks("roleCredentials"))?;
        // The time comes in milliseconds; the AWS CLI drops what is below a second.
        let expiration = Timestamp::from_second(found.expiration.div_euclid(1000))
            .map_err(|error| sent.unreadable(&error))?;
        Ok(Credentials {
            access_key_id: found.access_key_id.ok_or_else(|| lacks("accessKeyId"))?,
            secret_access_key: found.secret_access_key.ok_or_else(|| lacks("secretAccessKey"))?.into(),
            session_token: Some(found.session_token.ok_or_else(|| lacks("sessionToken"))?.into()),
            expiration: Some(expiration),
            account_id: Some(request.account_id.clone()),
        })
    }

    /// Renews a sign-in by its refresh token (SSO-OIDC CreateToken).
    pub fn refresh_sso_token(&self, request: &RefreshToken) -> Result<RefreshedToken, AwsError> {
        let call = Call { service: "SSO-OIDC", operation: "CreateToken" };
        let config = self.sdk_config(
            "SSO-OIDC",
            Some(&request.region),
            self.settings().endpoints.sso_oidc.as_deref(),
            None,
        )?;
        let client =
            aws_sdk_ssooidc::Client::from_conf(aws_sdk_ssooidc::config::Builder::from(&config).build());
        let sent = self.send(call, |watch| {
            client
                .create_token()
                .grant_type("refresh_token")
                .client_id(&request.client_id)
                .client_secret(request.client_secret.expose())
                .refresh_token(request.refresh_token.expose())
                .customize()
                .interceptor(watch)
                .send()
        })?;
        let (answer, sent) = sent.take(|answer| answer);
        Ok(RefreshedToken {
            access_token: answer.access_token.ok_or_else(|| sent.lacks("accessToken"))?.into(),
            expires_in: answer.expires_in.into(),
            refresh_token: answer.refresh_token.map(Secret::new),
        })
    }
}
