//! What mends a finding without a decision of the person: rights taken from others, files of caches that are of no use,
//! sections that rolo saved and whose credentials are over.
//!
//! Each is made only if all is still as it was found. Must not know how a person is asked.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use rustix::fs::{FileType, Mode, OFlags};

use crate::private_file::PrivateDir;

/// A change that mends a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fix {
    /// Takes rights on a file or folder from others.
    Mode {
        /// The file or folder, which is no link.
        path: PathBuf,
        /// The rights it has.
        from: u32,
        /// The rights it is to have: fewer.
        to: u32,
    },
    /// Removes a file of a cache, which the next run makes again.
    Remove {
        /// The file.
        path: PathBuf,
    },
    /// Removes a profile that `rolo save` wrote and whose credentials are over.
    SavedProfile {
        /// The credentials file as it was asked for.
        path: PathBuf,
        /// The profile.
        name: String,
    },
}

/// Why a fix was not made. All is as it was.
#[derive(Debug, thiserror::Error)]
#[error("`{}` was not changed", path.display())]
pub struct FixError {
    path: PathBuf,
    source: io::Error,
}

impl Fix {
    /// The file or folder that it changes.
    pub fn path(&self) -> &Path {
        match self {
            Self::Mode { path, .. } | Self::Remove { path } | Self::SavedProfile { path, .. } => path,
        }
    }

    /// Makes the change; whether it was made here. A saved profile is no matter of a file alone: it is removed by who
    /// knows which sections are rolo's.
    pub fn apply(&self) -> Result<bool, FixError> {
        let made = match self {
            Self::Mode { path, from, to } => set_mode(path, *from, *to),
            Self::Remove { path } => remove(path),
            Self::SavedProfile { .. } => return Ok(false),
        };
        made.map(|()| true).map_err(|source| FixError { path: self.path().to_owned(), source })
    }
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mode { path, from, to } => {
                write!(f, "change the mode of `{}` from {from:04o} to {to:04o}", path.display())
            }
            Self::Remove { path } => write!(f, "remove `{}`", path.display()),
            Self::SavedProfile { path, name } => {
                write!(f, "remove the saved profile `{name}` from `{}`", path.display())
            }
        }
    }
}

/// Through a descriptor that was looked at, so that nobody puts another file in its place meanwhile.
fn set_mode(path: &Path, from: u32, to: u32) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let fd = rustix::fs::open(path, flags, Mode::empty())?;
    let stat = rustix::fs::fstat(&fd)?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    let is_ours = stat.st_uid == rustix::process::geteuid().as_raw() && (kind.is_file() || kind.is_dir());
    if !is_ours || stat.st_mode & 0o7777 != from {
        return Err(io::Error::other("it has changed since it was looked at"));
    }
    Ok(rustix::fs::fchmod(&fd, Mode::from_raw_mode(to & from))?)
}

fn remove(path: &Path) -> io::Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let folder = PrivateDir::open(folder).map_err(io::Error::other)?;
    // Somebody else may have been first.
    folder.remove(name).map(drop)
}
