//! What there is in this AWS before anybody calls: users, roles, SSO tokens, web identities.
//!
//! The same structs are built in tests and read from the binary's JSON. Must not know what happens later (sessions,
//! spent codes, the log).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, de::Error};

use crate::{
    clock::Clock,
    fault::Fault,
    mfa,
    permissions::{ExplicitDeny, PolicyKind},
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
    /// The organization of all accounts: `aws:PrincipalOrgID`.
    pub organization: Option<String>,
    /// Where requests seem to come from: `aws:SourceIp`.
    pub source_ip: String,
    /// Regions in which STS is not activated.
    pub disabled_regions: Vec<String>,
    /// What goes wrong from the start.
    pub faults: Vec<Fault>,
    /// How far AWS's clock is off from the machine's.
    pub skew_seconds: i32,
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
    /// Actions that the user's own policies do not allow (`iam:ListMFADevices`, `sts:*`); all others they do.
    #[serde(default)]
    pub denied: Vec<String>,
    /// Actions that some policy of the user's denies.
    #[serde(default)]
    pub explicitly_denied: Vec<ExplicitDeny>,
    /// Whether refusals end in a message for DecodeAuthorizationMessage.
    #[serde(default)]
    pub encodes_refusals: bool,
    /// Tags of the user: `aws:PrincipalTag/KEY`.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A long-term access key.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessKey {
    /// `AKIA…`; made up at the start where there is none.
    #[serde(default)]
    pub id: String,
    /// The key that signs.
    #[serde(default)]
    pub secret: String,
    /// A deactivated key is refused as an unknown one is.
    #[serde(default = "yes")]
    pub active: bool,
    /// The start of the fake where nothing else is said.
    #[serde(default, deserialize_with = "read_time")]
    pub created: Option<Timestamp>,
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
    /// Actions that the role's own policies do not allow to its sessions.
    #[serde(default)]
    pub denied: Vec<String>,
    /// Actions that some policy of the role's denies to its sessions.
    #[serde(default)]
    pub explicitly_denied: Vec<ExplicitDeny>,
    /// Whether refusals of its sessions end in a message for DecodeAuthorizationMessage.
    #[serde(default)]
    pub encodes_refusals: bool,
    /// Tags of the role: `aws:PrincipalTag/KEY` of its sessions.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
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
    /// A statement that cannot be judged.
    #[error("the trust policy of `{role}` cannot be judged: {reason}")]
    Trust {
        /// The role's name.
        role: String,
        /// What is wrong with it.
        reason: String,
    },
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
            organization: None,
            source_ip: "127.0.0.1".to_owned(),
            disabled_regions: Vec::new(),
            faults: Vec::new(),
            skew_seconds: 0,
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
            for key in user.keys.iter().filter(|key| !key.id.is_empty()) {
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
            role.trust.check().map_err(|reason| StateError::Trust { role: role.name.clone(), reason })?;
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

    /// The tags of the user or of the session's role.
    pub(crate) fn tags(&self, principal: &Principal) -> Option<&BTreeMap<String, String>> {
        let role = || self.role(&principal.role_arn()?).map(|role| &role.tags);
        self.user_of(principal).map(|user| &user.tags).or_else(role)
    }

    /// The clock at the start.
    pub(crate) fn clock(&self) -> Clock {
        let mut clock = Clock::default();
        clock.set_skew(SignedDuration::from_secs(self.skew_seconds.into()));
        clock
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
            explicitly_denied: Vec::new(),
            encodes_refusals: false,
            tags: BTreeMap::new(),
        }
    }

    /// A path such as `/team/`.
    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// A known access key instead of a made-up one.
    pub fn key(self, id: &str, secret: &str) -> Self {
        self.access_key(AccessKey::new(id, secret))
    }

    /// An access key of which more is known.
    pub fn access_key(mut self, key: AccessKey) -> Self {
        self.keys.push(key);
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

    /// An action that a policy of this kind denies.
    pub fn explicitly_denied(mut self, action: &str, by: PolicyKind) -> Self {
        self.explicitly_denied.push(ExplicitDeny { action: action.to_owned(), by });
        self
    }

    /// Refusals end in a message for DecodeAuthorizationMessage.
    pub fn encodes_refusals(mut self) -> Self {
        self.encodes_refusals = true;
        self
    }

    /// One more tag.
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.insert(key.to_owned(), value.to_owned());
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
            denied: Vec::new(),
            explicitly_denied: Vec::new(),
            encodes_refusals: false,
            tags: BTreeMap::new(),
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

    /// An action that the role's own policies do not allow to its sessions.
    pub fn denied(mut self, action: &str) -> Self {
        self.denied.push(action.to_owned());
        self
    }

    /// An action that a policy of this kind denies.
    pub fn explicitly_denied(mut self, action: &str, by: PolicyKind) -> Self {
        self.explicitly_denied.push(ExplicitDeny { action: action.to_owned(), by });
        self
    }

    /// Refusals end in a message for DecodeAuthorizationMessage.
    pub fn encodes_refusals(mut self) -> Self {
        self.encodes_refusals = true;
        self
    }

    /// One more tag.
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.insert(key.to_owned(), value.to_owned());
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

impl AccessKey {
    /// An active key, as old as the fake.
    pub fn new(id: &str, secret: &str) -> Self {
        Self { id: id.to_owned(), secret: secret.to_owned(), active: true, created: None }
    }

    /// A key that is made up at the start.
    pub fn made_up() -> Self {
        Self::new("", "")
    }

    /// Deactivated.
    #[must_use]
    pub fn inactive(self) -> Self {
        Self { active: false, ..self }
    }

    /// Made then.
    #[must_use]
    pub fn created(self, at: Timestamp) -> Self {
        Self { created: Some(at), ..self }
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

fn yes() -> bool {
    true
}

fn read_time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    String::deserialize(from)?.parse().map(Some).map_err(D::Error::custom)
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
    AccessKey: id, active, created;
    MfaDevice: serial;
    SsoToken: user, expires_in, roles;
    SsoClient: client_id;
    WebIdentity: issuer, audience, subject;
}
