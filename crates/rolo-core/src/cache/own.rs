//! rolo's own cache of credentials: one JSON file per key, read first.
//!
//! What cannot be read, or was written for another key, is as good as absent: the next store replaces it. Must not know
//! how fresh credentials must be, nor who asks.

use std::{borrow::Cow, io, path::PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::key::CacheKey;
use crate::{
    Credentials, Secret,
    credentials::{parse_expiration, render_expiration},
    private_file::{PrivateDir, PrivateDirError, ReplaceError},
};

const FORMAT: u32 = 1;
const FOLDER: &str = "credentials";
const ENDING: &str = ".json";

/// What is kept for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What is handed over or signs the next call.
    pub credentials: Credentials,
    /// When AWS gave them, as far as known; their life counts from here.
    pub issued_at: Timestamp,
    /// What a person wants to see of it.
    pub about: About,
}

/// What an entry is, for `rolo cache list`. None of it decides anything, and none of it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// Which call gave it.
    pub kind: Kind,
    /// The role taken on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// The MFA device whose code was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mfa_serial: Option<String>,
    /// The profile that was asked for first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Where the chain begins, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The region that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// `AssumedRoleUser.Arn`, or what else AWS called the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_arn: Option<String>,
}

/// Which call gave an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// AssumeRole.
    #[default]
    Role,
    /// GetSessionToken with an MFA code.
    MfaSession,
    /// GetRoleCredentials of IAM Identity Center.
    Sso,
    /// AssumeRoleWithWebIdentity.
    WebIdentity,
}

/// A file of the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: CacheKey,
    /// What it holds; `None` where it is damaged.
    pub entry: Option<Entry>,
}

/// The form on disk. Borrowed, so that a secret is copied once.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    version: u32,
    #[serde(borrow)]
    key: Cow<'a, str>,
    #[serde(borrow)]
    issued_at: Cow<'a, str>,
    about: Cow<'a, About>,
    #[serde(borrow)]
    credentials: StoredCredentials<'a>,
}

#[derive(Serialize, Deserialize)]
struct StoredCredentials<'a> {
    #[serde(borrow)]
    access_key_id: Cow<'a, str>,
    #[serde(borrow)]
    secret_access_key: Cow<'a, str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    session_token: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    expiration: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    account_id: Option<Cow<'a, str>>,
}

/// The folder of the entries.
#[derive(Debug)]
pub struct OwnCache {
    folder: PrivateDir,
}

impl OwnCache {
    /// The entries in the cache at `root`; their folder is made where absent.
    pub fn open(root: &PrivateDir) -> Result<Self, PrivateDirError> {
        Ok(Self { folder: root.open_or_create_subdir(FOLDER)? })
    }

    /// The same where their folder is there; makes nothing.
    pub fn open_existing(root: &PrivateDir) -> Result<Self, PrivateDirError> {
        Ok(Self { folder: root.open_subdir(FOLDER)? })
    }

    /// Where that is kept.
    pub fn path_of(&self, key: &CacheKey) -> PathBuf {
        self.folder.path().join(file_name(key))
    }

    /// What is kept for `key`, however old.
    pub fn load(&self, key: &CacheKey) -> Option<Entry> {
        parse_entry(key, &self.folder.read(&file_name(key)).ok()?)
    }

    /// Keeps `entry` for `key` in place of what was kept.
    pub fn store(&self, key: &CacheKey, entry: &Entry) -> Result<(), ReplaceError> {
        let name = file_name(key);
        render_entry(key, entry)
            .and_then(|bytes| self.folder.replace(&name, &bytes))
            .map_err(|source| ReplaceError::Write { path: self.folder.path().join(name), source })
    }

    /// Whether these credentials are kept under another key than `key`: then they were had by another plan.
    pub fn is_of_another(&self, key: &CacheKey, access_key_id: &str) -> bool {
        let is_it = |listed: &Listed| {
            let id = listed.entry.as_ref().map(|entry| entry.credentials.access_key_id.as_str());
            listed.key != *key && id == Some(access_key_id)
        };
        self.list().is_ok_and(|all| all.iter().any(is_it))
    }

    /// Forgets `key`; whether anything was kept for it.
    pub fn remove(&self, key: &CacheKey) -> io::Result<bool> {
        self.folder.remove(&file_name(key))
    }

    /// All that is kept, by key.
    pub fn list(&self) -> io::Result<Vec<Listed>> {
        let names = self.folder.list()?;
        let keys = names.iter().filter_map(|name| CacheKey::parse(name.strip_suffix(ENDING)?));
        Ok(keys.map(|key| Listed { key, entry: self.load(&key) }).collect())
    }

    /// Forgets what `is_meant` picks, and removes the temporary files of runs that were killed; how many entries.
    pub fn clear(&self, now: Timestamp, mut is_meant: impl FnMut(&Listed) -> bool) -> io::Result<usize> {
        self.folder.remove_leftovers(now)?;
        let mut removed = 0;
        for listed in self.list()? {
            if is_meant(&listed) && self.remove(&listed.key)? {
                removed += 1;
            }
        }
        Ok(removed)
    }
}

fn file_name(key: &CacheKey) -> String {
    let mut name = key.to_hex();
    name.push_str(ENDING);
    name
}

fn parse_entry(key: &CacheKey, bytes: &[u8]) -> Option<Entry> {
    let stored: Stored<'_> = serde_json::from_slice(bytes).ok()?;
    if stored.version != FORMAT || CacheKey::parse(&stored.key) != Some(*key) {
        return None;
    }
    let secret = |text: Cow<'_, str>| Secret::new(text.into_owned());
    let expiration = match stored.credentials.expiration {
        None => None,
        // An expiry that cannot be read is damage: «never» would be the wrong guess.
        Some(text) => Some(parse_expiration(&text)?),
    };
    Some(Entry {
        credentials: Credentials {
            access_key_id: stored.credentials.access_key_id.into_owned(),
            secret_access_key: secret(stored.credentials.secret_access_key),
            session_token: stored.credentials.session_token.map(secret),
            expiration,
            account_id: stored.credentials.account_id.map(Cow::into_owned),
        },
        issued_at: parse_expiration(&stored.issued_at)?,
        about: stored.about.into_owned(),
    })
}

fn render_entry(key: &CacheKey, entry: &Entry) -> io::Result<Zeroizing<Vec<u8>>> {
    let credentials = &entry.credentials;
    let stored = Stored {
        version: FORMAT,
        key: key.to_hex().into(),
        issued_at: render_expiration(entry.issued_at).into(),
        about: Cow::Borrowed(&entry.about),
        credentials: StoredCredentials {
            access_key_id: credentials.access_key_id.as_str().into(),
            secret_access_key: credentials.secret_access_key.expose().into(),
            session_token: credentials.session_token.as_ref().map(|token| token.expose().into()),
            expiration: credentials.expiration.map(|at| render_expiration(at).into()),
            account_id: credentials.account_id.as_deref().map(Cow::from),
        },
    };
    super::render_private_json(&stored)
}
