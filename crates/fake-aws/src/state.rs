//! What there is in this AWS before anybody calls: users, roles, SSO tokens, web identities.
//!
//! The same structs are built in tests and read from the binary's JSON. Must not know what happens later (sessions,
//! spent codes, the log).

use std::{collections::BTreeSet, fmt, time::Duration};

use serde::Deserialize;

use crate::{
    mfa,
    principal::{Principal, PrincipalKind, iam_arn},
    trust::{Trust, TrustPolicy},
};

/// Everything that exists at the start.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct State {
    /// `aws` unless set; the partition of every ARN.
    pub partition: String,
    /// IAM users, of any account.
    pub users: Vec<User>,
    /// IAM roles, of any account.
    pub roles: Vec<Role>,
    /// Access tokens of IAM Identity Center.
    pub sso_tokens: Vec<SsoToken>,
    /// OIDC clients that may refresh.
    pub sso_clients: Vec<SsoClient>,
    /// Tokens for AssumeRoleWithWebIdentity.
    pub web_identities: Vec<WebIdentity>,
}

/// An IAM user.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use = "a user is for `Builder::user`"]
pub struct User {
    /// Twelve digits.
    pub account: String,
    /// Without the path.
    pub name: String,
    /// Begins and ends with a slash.
    #[serde(default = "root_path")]
    pub path: String,
    /// A user without keys is given one at the start.
    #[serde(default)]
    pub keys: Vec<AccessKey>,
    /// TOTP devices.
    #[serde(default)]
    pub mfa: Vec<MfaDevice>,
    /// Actions that the user's own policies do not allow (`iam:ListMFADevices`, `sts:AssumeRole`); all others they do.
    #[serde(default)]
    pub denied: Vec<String>,
}

/// A long-term access key.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessKey {
    /// `AKIA…`.
    pub id: String,
    /// The key that signs.
    pub secret: String,
}

/// A TOTP device: 6 digits, 30 s, SHA-1.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MfaDevice {
    /// A hardware token's serial; `arn:PARTITION:iam::ACCOUNT:mfa/USER` where none is said.
    pub serial: Option<String>,
    /// Base32, at least 16 bytes.
    pub secret: String,
}

/// An IAM role.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use = "a role is for `Builder::role`"]
pub struct Role {
    /// Twelve digits.
    pub account: String,
    /// Without the path.
    pub name: String,
    /// Begins and ends with a slash.
    #[serde(default = "root_path")]
    pub path: String,
    /// Seconds, 3600 to 43200.
    #[serde(default = "one_hour")]
    pub max_session_duration: i64,
    /// Who may assume it; nobody unless said.
    #[serde(default)]
    pub trust: TrustPolicy,
}

/// A signed-in person's access token.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SsoToken {
    /// Sent as `x-amz-sso_bearer_token`.
    pub access_token: String,
    /// The person; becomes the session's name.
    pub user: String,
    /// Seconds from the start.
    #[serde(default = "eight_hours")]
    pub expires_in: i64,
    /// What the person is assigned to.
    pub roles: Vec<SsoRole>,
}

/// An assignment of a permission set in an account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SsoRole {
    /// Twelve digits.
    pub account: String,
    /// The permission set's name.
    pub role: String,
}

/// A registered OIDC client with a refresh token that renews one of the access tokens.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SsoClient {
    /// As in the registration.
    pub client_id: String,
    /// As in the registration.
    pub client_secret: String,
    /// Good once: a refresh gives the next.
    pub refresh_token: String,
    /// The access token whose person and assignments the new one gets.
    pub access_token: String,
}

/// An OIDC token that AssumeRoleWithWebIdentity takes.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebIdentity {
    /// What the token file holds.
    pub token: String,
    /// `https://…`; the provider's ARN ends in it without the scheme.
    pub issuer: String,
    /// Claim `aud`.
    pub audience: String,
    /// Claim `sub`.
    pub subject: String,
    /// Seconds from the start.
    #[serde(default = "eight_hours")]
    pub expires_in: i64,
}

/// A state that makes no sense.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Not twelve digits.
    #[error("`{0}` is no account id: twelve digits are")]
    Account(String),
    /// Not `/` or `/…/`.
    #[error("path `{0}` does not begin and end with a slash")]
    Path(String),
    /// Not Base32, or shorter than 16 bytes.
    #[error("the TOTP secret of `{0}` is no Base32 of at least 16 bytes")]
    TotpSecret(String),
    /// Two users, roles or keys that are one.
    #[error("`{0}` is there twice")]
    Duplicate(String),
}

impl Default for State {
    fn default() -> Self {
        Self {
            partition: "aws".to_owned(),
            users: Vec::new(),
            roles: Vec::new(),
            sso_tokens: Vec::new(),
            sso_clients: Vec::new(),
            web_identities: Vec::new(),
        }
    }
}

impl State {
    /// Looks for what would make calls behave oddly later.
    pub fn check(&self) -> Result<(), StateError> {
        let mut seen = BTreeSet::new();
        let mut once = |text: String| {
            if seen.insert(text.clone()) { Ok(()) } else { Err(StateError::Duplicate(text)) }
        };
        for user in &self.users {
            check_place(&user.account, &user.path)?;
            once(format!("user {}/{}", user.account, user.name))?;
            for key in &user.keys {
                once(format!("key {}", key.id))?;
            }
            for device in &user.mfa {
                once(format!("device {}", user.serial(device, &self.partition)))?;
                mfa::parse_secret(&device.secret).ok_or_else(|| StateError::TotpSecret(user.name.clone()))?;
            }
        }
        for role in &self.roles {
            check_place(&role.account, &role.path)?;
            once(format!("role {}/{}", role.account, role.name))?;
        }
        Ok(())
    }

    /// The user by name, or by `ACCOUNT/NAME` where two accounts have one of that name.
    pub(crate) fn user(&self, name: &str) -> Option<&User> {
        let is_it = |user: &&User| user.name == name || format!("{}/{}", user.account, user.name) == name;
        self.users.iter().find(is_it)
    }

    /// The user that `principal` is.
    pub(crate) fn user_of(&self, principal: &Principal) -> Option<&User> {
        let name = principal.user_name()?;
        self.users.iter().find(|user| user.account == principal.account && user.name == name)
    }

    pub(crate) fn role(&self, arn: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.arn(&self.partition) == arn)
    }
}

fn check_place(account: &str, path: &str) -> Result<(), StateError> {
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(StateError::Account(account.to_owned()));
    }
    if !path.starts_with('/') || !path.ends_with('/') {
        return Err(StateError::Path(path.to_owned()));
    }
    Ok(())
}

impl User {
    /// A user with one access key, made at the start, and no MFA device.
    pub fn new(account: &str, name: &str) -> Self {
        Self {
            account: account.to_owned(),
            name: name.to_owned(),
            path: root_path(),
            keys: Vec::new(),
            mfa: Vec::new(),
            denied: Vec::new(),
        }
    }

    /// A path such as `/team/`.
    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// A known access key instead of a made-up one.
    pub fn key(mut self, id: &str, secret: &str) -> Self {
        self.keys.push(AccessKey { id: id.to_owned(), secret: secret.to_owned() });
        self
    }

    /// A virtual MFA device `arn:…:mfa/NAME` with this Base32 secret.
    pub fn mfa(mut self, secret: &str) -> Self {
        self.mfa.push(MfaDevice { serial: None, secret: secret.to_owned() });
        self
    }

    /// An MFA device with this serial, such as `GAHT12345678`.
    pub fn mfa_serial(mut self, serial: &str, secret: &str) -> Self {
        self.mfa.push(MfaDevice { serial: Some(serial.to_owned()), secret: secret.to_owned() });
        self
    }

    /// An action that the user's own policies do not allow.
    pub fn denied(mut self, action: &str) -> Self {
        self.denied.push(action.to_owned());
        self
    }

    /// The user's ARN.
    pub fn arn(&self, partition: &str) -> String {
        self.principal(partition).arn()
    }

    pub(crate) fn principal(&self, partition: &str) -> Principal {
        let kind = PrincipalKind::User { path: self.path.clone(), name: self.name.clone() };
        Principal { partition: partition.to_owned(), account: self.account.clone(), kind }
    }

    pub(crate) fn serial(&self, device: &MfaDevice, partition: &str) -> String {
        let virtual_device = || iam_arn(partition, &self.account, "mfa", "/", &self.name);
        device.serial.clone().unwrap_or_else(virtual_device)
    }
}

impl Role {
    /// A role that nobody may assume yet, for at most an hour.
    pub fn new(account: &str, name: &str) -> Self {
        Self {
            account: account.to_owned(),
            name: name.to_owned(),
            path: root_path(),
            max_session_duration: one_hour(),
            trust: TrustPolicy::default(),
        }
    }

    /// A path such as `/team/`.
    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// MaxSessionDuration.
    pub fn max_session(mut self, duration: Duration) -> Self {
        self.max_session_duration = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        self
    }

    /// One more statement of the trust policy.
    pub fn trusts(mut self, trust: Trust) -> Self {
        self.trust.statements.push(trust);
        self
    }

    /// The role's ARN.
    pub fn arn(&self, partition: &str) -> String {
        iam_arn(partition, &self.account, "role", &self.path, &self.name)
    }

    /// A session of this role.
    pub(crate) fn principal(&self, partition: &str, session: &str) -> Principal {
        let kind = PrincipalKind::AssumedRole {
            path: self.path.clone(),
            role: self.name.clone(),
            session: session.to_owned(),
        };
        Principal { partition: partition.to_owned(), account: self.account.clone(), kind }
    }
}

impl SsoToken {
    /// A token of `user` that lives for eight hours and has no assignment yet.
    pub fn new(access_token: &str, user: &str) -> Self {
        let (access_token, user) = (access_token.to_owned(), user.to_owned());
        Self { access_token, user, expires_in: eight_hours(), roles: Vec::new() }
    }

    /// One more assignment.
    #[must_use]
    pub fn role(mut self, account: &str, role: &str) -> Self {
        self.roles.push(SsoRole { account: account.to_owned(), role: role.to_owned() });
        self
    }
}

fn root_path() -> String {
    "/".to_owned()
}

fn one_hour() -> i64 {
    3600
}

fn eight_hours() -> i64 {
    28_800
}

/// Shows what identifies a thing and leaves out what is secret.
macro_rules! debug_without_secrets {
    ($($type:ident: $($field:ident),+;)+) => {$(
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($type))$(.field(stringify!($field), &self.$field))+.finish_non_exhaustive()
            }
        }
    )+};
}

debug_without_secrets! {
    AccessKey: id;
    MfaDevice: serial;
    SsoToken: user, expires_in, roles;
    SsoClient: client_id;
    WebIdentity: issuer, audience, subject;
}
