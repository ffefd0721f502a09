//! The AWS CLI's own cache of role credentials, `~/.aws/cli/cache`, read and written so that one MFA code serves `aws` too.
//!
//! AWS CLI v1 and v2 take any entry under its name without a look at who wrote it, and fail with a bare message on an
//! incomplete one, so every file written here is whole, and every file read here is doubted. Must not know when sharing is
//! right: the name cannot hold a session policy, tags, or where the first credentials came from.

pub mod name;

use std::{
    borrow::Cow,
    io,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Credentials, Secret,
    arn::RoleArn,
    credentials::{parse_expiration, render_expiration},
    private_file::{PrivateDir, PrivateDirError, ReplaceError},
};

/// The CLI takes an entry only with this much left, and so does rolo: two readers of one file must agree on it.
pub const LEAST_LEFT: SignedDuration = SignedDuration::from_mins(15);

/// The folder `~/.aws/cli/cache`, which no variable moves.
#[derive(Debug, Clone)]
pub struct CliCache {
    path: PathBuf,
}

/// A file of the CLI's cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The file.
    pub path: PathBuf,
    /// What is in it.
    pub state: State,
}

/// What a file of the CLI's cache is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The CLI can use it, or could until it expired.
    Whole {
        /// Account and name of the role that it says it is of.
        role: Option<(String, String)>,
    },
    /// The CLI fails with it.
    Damaged,
    /// A link, somebody else's, or one that others may write to: rolo does not read it.
    NotPrivate,
}

/// `AssumedRoleUser` of AssumeRole's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssumedRoleUser<'a> {
    /// `AROA…:SESSION`.
    pub assumed_role_id: &'a str,
    /// `arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    pub arn: &'a str,
}

impl CliCache {
    /// The cache of the user whose home this is.
    ///
    /// `~/.aws` and `~/.aws/cli` may be links, as some people keep them elsewhere: whoever could set those could set the
    /// config too. The folder `cache` itself must not be one.
    pub fn new(home: &Path) -> Self {
        Self { path: home.join(".aws/cli/cache") }
    }

    /// The credentials of `role` under the name `stem`, if the CLI itself would use them and they do not say that they are
    /// another role's.
    ///
    /// # Errors
    /// The folder is there but is not used. An absent folder is a miss.
    pub fn load_role(
        &self,
        stem: &str,
        role: &RoleArn,
        now: Timestamp,
    ) -> Result<Option<Credentials>, PrivateDirError> {
        Ok(self.load(stem, now)?.filter(|entry| entry.may_be_of(role)).map(Loaded::into_credentials))
    }

    /// The credentials that IAM Identity Center gave, under the name `stem`.
    ///
    /// # Errors
    /// As [`load_role`](Self::load_role).
    pub fn load_sso_role(&self, stem: &str, now: Timestamp) -> Result<Option<Credentials>, PrivateDirError> {
        Ok(self.load(stem, now)?.map(Loaded::into_credentials))
    }

    /// Where the entry of this name is.
    pub fn path_of(&self, stem: &str) -> PathBuf {
        self.path.join(file_name(stem))
    }

    /// When the entry of this name ends, whoever it is of; `None`: there is none, `Some(None)`: it is damaged.
    pub fn look(&self, stem: &str) -> Option<Option<Timestamp>> {
        let bytes = PrivateDir::open(&self.path).ok()?.read(&file_name(stem)).ok()?;
        Some(parse_entry(&bytes).and_then(|entry| entry.credentials.expiration))
    }

    fn load(&self, stem: &str, now: Timestamp) -> Result<Option<Loaded>, PrivateDirError> {
        let folder = match PrivateDir::open(&self.path) {
            Err(error) if error.is_absent() => return Ok(None),
            folder => folder?,
        };
        let Ok(bytes) = folder.read(&file_name(stem)) else { return Ok(None) };
        Ok(parse_entry(&bytes).filter(|entry| entry.credentials.has_left(LEAST_LEFT, now)))
    }

    /// Keeps what AssumeRole gave, in the form of its answer. The folder is made where absent, as AWS CLI v2 does, so that
    /// `aws` finds the entry even where the config is elsewhere.
    ///
    /// `Ok(false)`: nothing was kept, for the credentials lack a token or an expiry, without which the CLI would fail.
    pub fn store_role(
        &self,
        stem: &str,
        credentials: &Credentials,
        user: Option<AssumedRoleUser<'_>>,
    ) -> Result<bool, ReplaceError> {
        self.store(stem, credentials, |credentials| EntryForm {
            provider_type: None,
            credentials,
            assumed_role_user: user.map(|user| UserForm {
                assumed_role_id: Some(user.assumed_role_id.into()),
                arn: Some(user.arn.into()),
            }),
            response_metadata: Some(ResponseMetadata {}),
        })
    }

    /// Keeps what IAM Identity Center gave, marked so that `aws sso logout` removes it.
    ///
    /// `Ok(false)`: as [`store_role`](Self::store_role).
    pub fn store_sso_role(&self, stem: &str, credentials: &Credentials) -> Result<bool, ReplaceError> {
        self.store(stem, credentials, |credentials| EntryForm {
            provider_type: Some("sso".into()),
            credentials,
            assumed_role_user: None,
            response_metadata: None,
        })
    }

    fn store<'a>(
        &self,
        stem: &str,
        credentials: &'a Credentials,
        form: impl FnOnce(CredentialsForm<'a>) -> EntryForm<'a>,
    ) -> Result<bool, ReplaceError> {
        let Some(credentials) = CredentialsForm::new(credentials) else { return Ok(false) };
        let folder = PrivateDir::open_or_create(&self.path)?;
        let name = file_name(stem);
        super::render_private_json(&form(credentials))
            .and_then(|bytes| folder.replace(&name, &bytes))
            .map_err(|source| ReplaceError::Write { path: self.path.join(name), source })?;
        Ok(true)
    }

    /// Every entry, by name, whoever wrote it.
    ///
    /// # Errors
    /// The folder is there but is not used. An absent folder has none.
    pub fn list(&self) -> Result<Vec<Listed>, PrivateDirError> {
        let folder = match PrivateDir::open(&self.path) {
            Err(error) if error.is_absent() => return Ok(Vec::new()),
            folder => folder?,
        };
        let names = folder.list().map_err(|error| PrivateDirError::failed(&self.path, error))?;
        let entries = names.into_iter().filter(|name| is_file_name(name)).map(|name| {
            let bytes = folder.read(&name);
            let path = self.path.join(&name);
            let state = match &bytes {
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => State::NotPrivate,
                Err(_) => State::Damaged,
                Ok(bytes) => match parse_entry(bytes) {
                    None => State::Damaged,
                    Some(entry) => State::Whole {
                        role: entry.assumed_role.and_then(|role| Some((role.account?, role.name?))),
                    },
                },
            };
            Listed { path, state }
        });
        Ok(entries.collect())
    }

    /// Forgets every entry whose access key id `is_meant` picks, however old; how many.
    pub fn clear(&self, is_meant: impl Fn(&str) -> bool) -> Result<usize, ReplaceError> {
        let folder = match PrivateDir::open(&self.path) {
            Err(error) if error.is_absent() => return Ok(0),
            folder => folder?,
        };
        let failed = |source| ReplaceError::Write { path: self.path.clone(), source };
        let mut removed = 0;
        for name in folder.list().map_err(failed)?.iter().filter(|name| is_file_name(name)) {
            let entry = folder.read(name).ok().and_then(|bytes| parse_entry(&bytes));
            if entry.is_some_and(|entry| is_meant(&entry.credentials.access_key_id)) {
                removed += usize::from(folder.remove(name).map_err(failed)?);
            }
        }
        Ok(removed)
    }

    /// Removes the temporary files of rolo's own runs that were killed; how many. All else here is the CLI's.
    pub fn remove_leftovers(&self, now: Timestamp) -> io::Result<usize> {
        PrivateDir::open(&self.path).map_or(Ok(0), |folder| folder.remove_leftovers(now))
    }
}

fn file_name(stem: &str) -> String {
    format!("{stem}.json")
}

/// Whether a file is an entry: the CLI keeps other files in the same folder.
fn is_file_name(name: &str) -> bool {
    let stem = name.strip_suffix(".json");
    stem.is_some_and(|stem| stem.len() == 40 && stem.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The form on disk: STS's answer as botocore parses it. Readers need the first four of `Credentials` alone.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EntryForm<'a> {
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    provider_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    credentials: CredentialsForm<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    assumed_role_user: Option<UserForm<'a>>,
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    response_metadata: Option<ResponseMetadata>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CredentialsForm<'a> {
    #[serde(borrow)]
    access_key_id: Cow<'a, str>,
    #[serde(borrow)]
    secret_access_key: Cow<'a, str>,
    #[serde(borrow)]
    session_token: Cow<'a, str>,
    #[serde(borrow)]
    expiration: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    account_id: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UserForm<'a> {
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    assumed_role_id: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    arn: Option<Cow<'a, str>>,
}

/// The CLI writes how the call went; nobody reads it.
#[derive(Serialize, Default)]
struct ResponseMetadata {}

impl<'a> CredentialsForm<'a> {
    fn new(credentials: &'a Credentials) -> Option<Self> {
        Some(Self {
            access_key_id: credentials.access_key_id.as_str().into(),
            secret_access_key: credentials.secret_access_key.expose().into(),
            session_token: credentials.session_token.as_ref()?.expose().into(),
            expiration: render_expiration(credentials.expiration?).into(),
            account_id: credentials.account_id.as_deref().map(Cow::from),
        })
    }
}

/// An entry that the CLI could use at some time.
struct Loaded {
    credentials: Credentials,
    assumed_role: Option<AssumedRole>,
}

impl Loaded {
    fn may_be_of(&self, role: &RoleArn) -> bool {
        self.assumed_role.as_ref().is_none_or(|assumed| {
            assumed.account.as_deref() == role.account() && assumed.name.as_deref() == role.role_name()
        })
    }

    fn into_credentials(self) -> Credentials {
        let account_id = self.assumed_role.and_then(|assumed| assumed.account);
        Credentials { account_id: self.credentials.account_id.or(account_id), ..self.credentials }
    }
}

/// What `arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION` says; nothing where it has another form. The role's path is
/// not in it.
struct AssumedRole {
    account: Option<String>,
    name: Option<String>,
}

impl AssumedRole {
    fn parse(arn: &str) -> Self {
        let mut parts = arn.splitn(6, ':').skip(4);
        let account = parts.next().filter(|account| !account.is_empty());
        let name =
            parts.next().and_then(|resource| resource.strip_prefix("assumed-role/")?.split('/').next());
        Self { account: account.map(str::to_owned), name: name.map(str::to_owned) }
    }
}

fn parse_entry(bytes: &[u8]) -> Option<Loaded> {
    // serde would take a list of the values as well, which the CLI would not.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return None;
    }
    let EntryForm { credentials: form, assumed_role_user, .. } = serde_json::from_slice(bytes).ok()?;
    if form.access_key_id.is_empty() || form.secret_access_key.is_empty() || form.session_token.is_empty() {
        return None;
    }
    Some(Loaded {
        credentials: Credentials {
            expiration: Some(parse_expiration(&form.expiration)?),
            access_key_id: form.access_key_id.into_owned(),
            secret_access_key: Secret::new(form.secret_access_key.into_owned()),
            session_token: Some(Secret::new(form.session_token.into_owned())),
            account_id: form.account_id.map(Cow::into_owned),
        },
        assumed_role: assumed_role_user.and_then(|user| user.arn).map(|arn| AssumedRole::parse(&arn)),
    })
}
