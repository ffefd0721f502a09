//! Which `assume-role.yaml` of a project may count: what a person approved, and what `config.toml` names.
//!
//! An approval is for one file at one place with one content. Must not know what the settings mean.

use std::{
    io,
    path::{Path, PathBuf},
};

use rolo_core::{
    cache::key::{CacheKey, KeyBuilder},
    credentials::render_expiration,
    host::Host,
    origin::{Origin, Sourced},
    private_file::{PrivateDir, PrivateDirError},
    state::resolve_state_root,
};
use serde::{Deserialize, Serialize};

use super::lookup::place_of;

/// The folder of the approvals, in the state's root.
const FOLDER: &str = "trusted";

/// One approval, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The file's place.
    pub path: PathBuf,
    /// The digest of what it held.
    content: String,
    /// When it was approved, RFC 3339.
    pub approved_at: String,
    /// What a role's name led to, for people.
    pub role_prefix: Option<String>,
}

impl Approval {
    /// Whether `text` is what was approved.
    pub fn is_for(&self, text: &str) -> bool {
        self.content == digest(text).to_hex()
    }
}

/// What is known about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// A setting of `config.toml` names it, or a folder it is in.
    Configured(Origin),
    /// A person approved what stands in it.
    Approved(Approval),
    /// A person approved what stood in it.
    Changed(Approval),
    /// Nobody approved it.
    Unknown,
}

/// Why an approval cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// No absolute path to keep it at.
    #[error("neither `HOME` nor `XDG_STATE_HOME` is an absolute path")]
    NoFolder,
    /// The folder is not private.
    #[error(transparent)]
    Folder(#[from] PrivateDirError),
    /// The disk.
    #[error("the approval could not be written")]
    Io(#[from] io::Error),
    /// JSON holds text.
    #[error("the file's path is no text in UTF-8")]
    PathIsNoText,
}

/// The approvals there are; none where the folder is absent.
#[derive(Debug)]
pub struct Approvals {
    folder: Option<PrivateDir>,
}

impl Approvals {
    /// Opens the folder, which others must not be able to write to.
    pub fn open(host: Host<'_>) -> Result<Self, PrivateDirError> {
        let Some(root) = resolve_state_root(host) else { return Ok(Self { folder: None }) };
        match PrivateDir::open(&root).and_then(|root| root.open_subdir(FOLDER)) {
            Ok(folder) => Ok(Self { folder: Some(folder) }),
            Err(error) if error.is_absent() => Ok(Self { folder: None }),
            Err(error) => Err(error),
        }
    }

    /// What is known about the file at `place`, which holds `text`. `trusted` is the setting.
    pub fn standing(
        &self,
        place: &Path,
        text: &str,
        trusted: &[Sourced<String>],
        host: Host<'_>,
    ) -> Standing {
        if let Some(setting) = configured(place, trusted, host) {
            return Standing::Configured(setting.origin.clone());
        }
        match self.find(place) {
            Some(approval) if approval.is_for(text) => Standing::Approved(approval),
            Some(approval) => Standing::Changed(approval),
            None => Standing::Unknown,
        }
    }

    /// The approval for `place`. A damaged one is none.
    pub fn find(&self, place: &Path) -> Option<Approval> {
        self.load(&name_of(place)?).filter(|approval| approval.path == place)
    }

    /// All of them, by path.
    pub fn list(&self) -> io::Result<Vec<Approval>> {
        let Some(folder) = &self.folder else { return Ok(Vec::new()) };
        let mut approvals: Vec<Approval> = folder.list()?.iter().filter_map(|name| self.load(name)).collect();
        approvals.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(approvals)
    }

    /// Forgets the approval for `place`; whether there was one.
    pub fn forget(&self, place: &Path) -> io::Result<bool> {
        match (&self.folder, name_of(place)) {
            (Some(folder), Some(name)) => folder.remove(&name),
            _ => Ok(false),
        }
    }

    fn load(&self, name: &str) -> Option<Approval> {
        serde_json::from_slice(&self.folder.as_ref()?.read(name).ok()?).ok()
    }
}

/// Keeps that `text`, and nothing else, is approved at `place`.
pub fn approve(
    place: &Path,
    text: &str,
    role_prefix: Option<String>,
    host: Host<'_>,
) -> Result<(), KeepError> {
    let name = name_of(place).ok_or(KeepError::PathIsNoText)?;
    let approval = Approval {
        path: place.to_owned(),
        content: digest(text).to_hex(),
        approved_at: render_expiration(host.clock.now()),
        role_prefix,
    };
    let root = resolve_state_root(host).ok_or(KeepError::NoFolder)?;
    let folder = PrivateDir::open_or_create(&root)?.open_or_create_subdir(FOLDER)?;
    let mut bytes = serde_json::to_vec_pretty(&approval).map_err(io::Error::from)?;
    bytes.push(b'\n');
    Ok(folder.replace(&name, &bytes)?)
}

/// The entry of the setting `trusted` that means the file at `place`.
pub fn configured<'a>(
    place: &Path,
    trusted: &'a [Sourced<String>],
    host: Host<'_>,
) -> Option<&'a Sourced<String>> {
    trusted.iter().find(|entry| covers(&entry.value, place, host))
}

/// Whether the setting `entry` means the file at `place`: it is that file, or a folder above it.
fn covers(entry: &str, place: &Path, host: Host<'_>) -> bool {
    let path = match entry.strip_prefix("~/") {
        Some(rest) => match host.home().filter(|home| home.is_absolute()) {
            Some(home) => home.join(rest),
            None => return false,
        },
        None => PathBuf::from(entry),
    };
    let is_folder_above = || path.canonicalize().is_ok_and(|path| place.starts_with(path));
    place_of(&path) == place || is_folder_above()
}

fn name_of(place: &Path) -> Option<String> {
    Some(format!("{}.json", KeyBuilder::new("trusted-path").field("path", place.to_str()?).finish().to_hex()))
}

fn digest(text: &str) -> CacheKey {
    KeyBuilder::new("trusted-content").field("text", text).finish()
}
