//! Files that only their owner may read, in folders that only their owner may change: replaced as a whole or not at all,
//! or added to at their end.
//!
//! A folder is held open once it has passed its checks, and its files are reached through it, so that nobody can swap
//! it between check and use. Must not know what the files hold.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Write},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use rustix::{
    fs::{AtFlags, Dir, FileType, FlockOperation, Mode, OFlags, Stat},
    io::Errno,
};
use zeroize::Zeroizing;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// `NONBLOCK` so that a pipe planted under a file's name is refused, not waited for.
const FILE: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);
const OTHERS_MAY_WRITE: Mode = Mode::WGRP.union(Mode::WOTH);

/// What is cached is a few kilobytes; more is no file of ours.
const LARGEST: u64 = 1 << 20;

/// A temporary file this old belongs to a process that died before the rename.
const LEFTOVER_SECONDS: i64 = 60;

/// Processes of one id that may write into one folder at once (containers share folders, and ids repeat in them).
const TEMPORARY_NAMES: u32 = 64;

/// Why a folder is not used.
#[derive(Debug, thiserror::Error)]
#[error("folder `{}` is not used", path.display())]
pub struct PrivateDirError {
    /// The folder as it was asked for.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub reason: Refusal,
}

/// What is wrong with a folder.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Its owner could read and replace what is put there.
    #[error("it belongs to another user (uid {0})")]
    ForeignOwner(u32),
    /// Group or others could replace what is put there.
    #[error("others may write to it (mode {:04o})", .0.bits())]
    WritableByOthers(Mode),
    /// Whoever made the link decides where the files go.
    #[error("it is a symbolic link")]
    Link,
    /// A file or something else is in its place.
    #[error("it is not a folder")]
    NotAFolder,
    /// It is absent, unreadable, or cannot be made.
    #[error("it cannot be opened")]
    Io(#[source] io::Error),
}

impl PrivateDirError {
    fn new(path: &Path, reason: Refusal) -> Self {
        Self { path: path.to_owned(), reason }
    }

    fn io(path: &Path, errno: Errno) -> Self {
        Self::new(path, Refusal::Io(errno.into()))
    }

    /// The folder passed its checks, but something in it failed.
    pub(crate) fn failed(path: &Path, error: io::Error) -> Self {
        Self::new(path, Refusal::Io(error))
    }

    /// Whether there is simply no such folder.
    pub fn is_absent(&self) -> bool {
        matches!(&self.reason, Refusal::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

/// An open folder that belongs to the effective user and that nobody else may write to.
#[derive(Debug)]
pub struct PrivateDir {
    fd: OwnedFd,
    path: PathBuf,
    owner: u32,
}

impl PrivateDir {
    /// Opens the folder at `path`. The last component must not be a link; those before it may be.
    pub fn open(path: &Path) -> Result<Self, PrivateDirError> {
        match rustix::fs::open(path, FOLDER, Mode::empty()) {
            Ok(fd) => Self::checked(fd, path.to_owned(), rustix::process::geteuid().as_raw()),
            Err(errno) => Err(explain_open_failure(path, errno)),
        }
    }

    /// Opens the folder at `path`, made with mode 0700 where absent, as are the folders above it.
    pub fn open_or_create(path: &Path) -> Result<Self, PrivateDirError> {
        match Self::open(path) {
            Err(error) if error.is_absent() => {
                create_with_parents(path).map_err(|errno| PrivateDirError::io(path, errno))?;
                Self::open(path)
            }
            opened => opened,
        }
    }

    /// Opens the folder `name` in this one.
    pub fn open_subdir(&self, name: &str) -> Result<Self, PrivateDirError> {
        match rustix::fs::openat(&self.fd, name, FOLDER, Mode::empty()) {
            Ok(fd) => Self::checked(fd, self.path.join(name), self.owner),
            Err(errno) => Err(explain_open_failure(&self.path.join(name), errno)),
        }
    }

    /// Opens the folder `name` in this one, made with mode 0700 where absent.
    pub fn open_or_create_subdir(&self, name: &str) -> Result<Self, PrivateDirError> {
        match self.open_subdir(name) {
            Err(error) if error.is_absent() => {
                match rustix::fs::mkdirat(&self.fd, name, Mode::RWXU) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(errno) => return Err(PrivateDirError::io(&self.path.join(name), errno)),
                }
                self.open_subdir(name)
            }
            opened => opened,
        }
    }

    fn checked(fd: OwnedFd, path: PathBuf, owner: u32) -> Result<Self, PrivateDirError> {
        let stat = rustix::fs::fstat(&fd).map_err(|errno| PrivateDirError::io(&path, errno))?;
        if stat.st_uid != owner {
            return Err(PrivateDirError { path, reason: Refusal::ForeignOwner(stat.st_uid) });
        }
        if others_may_write(&stat) {
            let mode = Mode::from_raw_mode(stat.st_mode);
            return Err(PrivateDirError { path, reason: Refusal::WritableByOthers(mode) });
        }
        Ok(Self { fd, path, owner })
    }

    /// The folder as it was asked for.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The content of the file `name`, wiped when dropped.
    ///
    /// A link, a pipe, a file of somebody else's or one that others may write to is
    /// [`io::ErrorKind::PermissionDenied`]; an absent one [`io::ErrorKind::NotFound`].
    pub fn read(&self, name: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        let fd = match rustix::fs::openat(&self.fd, plain_name(name)?, FILE, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::LOOP) => return Err(not_private()),
            Err(errno) => return Err(errno.into()),
        };
        let size = self.checked_size(&fd)?;
        if size > LARGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the file is larger than 1 MiB"));
        }
        read_exactly(&fd, usize::try_from(size).unwrap_or_default())
    }

    /// Puts `bytes` in place of the file `name`, with mode 0600. Whatever happens meanwhile, a reader sees the old file
    /// or the new one, whole.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let name = plain_name(name)?;
        let mut temporary = Temporary::create(self.fd.as_fd())?;
        temporary.file.write_all(bytes)?;
        temporary.file.sync_all()?;
        temporary.rename(OsStr::new(name))?;
        // The new file is in place. Some file systems cannot sync a folder; then a power cut may bring the old one back.
        let _ = rustix::fs::fsync(&self.fd);
        Ok(())
    }

    /// Puts `bytes` behind what the file `name` holds, which is made with mode 0600 where absent; its size thereafter. It is
    /// one write, so processes that append at once do not mix what they write.
    ///
    /// What [`read`](Self::read) refuses to read, this refuses to write.
    pub fn append(&self, name: &str, bytes: &[u8]) -> io::Result<u64> {
        let flags = OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::NOFOLLOW;
        let flags = flags | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let fd = match rustix::fs::openat(&self.fd, plain_name(name)?, flags, Mode::RUSR | Mode::WUSR) {
            Ok(fd) => fd,
            Err(Errno::LOOP) => return Err(not_private()),
            Err(errno) => return Err(errno.into()),
        };
        let size = self.checked_size(&fd)?;
        // A disk that fills up may take a part of it.
        match rustix::io::write(&fd, bytes)? {
            written if written == bytes.len() => Ok(size + written as u64),
            _ => Err(io::ErrorKind::StorageFull.into()),
        }
    }

    /// Renames the file `name` to `to`, in place of what is there, if it has grown to `least` bytes; whether that was done.
    /// Of many processes that want it at once, one does it.
    pub fn set_aside(&self, name: &str, to: &str, least: u64) -> io::Result<bool> {
        let fd = rustix::fs::openat(&self.fd, plain_name(name)?, FILE, Mode::empty())?;
        if self.checked_size(&fd)? < least {
            return Ok(false);
        }
        // Who waited for the lock, or works without locks, still sees below that the name stands for another file.
        if rustix::fs::flock(&fd, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK) {
            return Ok(false);
        }
        let (opened, named) =
            (rustix::fs::fstat(&fd)?, rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW)?);
        if (opened.st_dev, opened.st_ino) != (named.st_dev, named.st_ino) {
            return Ok(false);
        }
        rustix::fs::renameat(&self.fd, name, &self.fd, plain_name(to)?)?;
        Ok(true)
    }

    /// The size of a file that may be used: a regular one of this user's that others may not write to.
    fn checked_size(&self, fd: impl AsFd) -> io::Result<u64> {
        let stat = rustix::fs::fstat(fd)?;
        if !FileType::from_raw_mode(stat.st_mode).is_file()
            || stat.st_uid != self.owner
            || others_may_write(&stat)
        {
            return Err(not_private());
        }
        Ok(u64::try_from(stat.st_size).unwrap_or(u64::MAX))
    }

    /// Removes the file `name`; whether there was one.
    pub fn remove(&self, name: &str) -> io::Result<bool> {
        match rustix::fs::unlinkat(&self.fd, plain_name(name)?, AtFlags::empty()) {
            Ok(()) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }

    /// The names in the folder, sorted, without those that start with a dot and those that are no UTF-8.
    pub fn list(&self) -> io::Result<Vec<String>> {
        let mut names = self.names()?;
        names.retain(|name| !name.starts_with('.'));
        names.sort_unstable();
        Ok(names)
    }

    fn names(&self) -> io::Result<Vec<String>> {
        names(self.fd.as_fd())
    }

    /// Removes the temporary files of processes that were killed before they could; how many.
    pub fn remove_leftovers(&self, now: Timestamp) -> io::Result<usize> {
        remove_leftovers(&self.fd, now)
    }

    /// Opens the file `name` for a lock, made empty with mode 0600 where absent. It closes on exec.
    pub(crate) fn open_to_lock(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&self.fd, plain_name(name)?, flags, Mode::RUSR | Mode::WUSR)?;
        Ok(File::from(fd))
    }
}

const TEMPORARY_START: &str = ".rolo-";
const TEMPORARY_END: &str = ".tmp";

/// A new file of mode 0600 that goes when this is dropped, unless it was given its name by then.
pub(crate) struct Temporary<'d> {
    folder: BorrowedFd<'d>,
    /// `None` once it has its name.
    name: Option<String>,
    pub(crate) file: File,
}

impl<'d> Temporary<'d> {
    /// A file in `folder`.
    pub(crate) fn create(folder: BorrowedFd<'d>) -> io::Result<Self> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let pid = std::process::id();
        for turn in 0..TEMPORARY_NAMES {
            let name = format!("{TEMPORARY_START}{pid}-{turn}{TEMPORARY_END}");
            match rustix::fs::openat(folder, name.as_str(), flags, Mode::RUSR | Mode::WUSR) {
                Ok(fd) => return Ok(Self { folder, name: Some(name), file: File::from(fd) }),
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, "too many temporary files are left in the folder"))
    }

    /// Puts it in the place of the file `name`, if there is one.
    pub(crate) fn rename(mut self, name: &OsStr) -> io::Result<()> {
        if let Some(temporary) = &self.name {
            rustix::fs::renameat(self.folder, temporary.as_str(), self.folder, name)?;
        }
        self.name = None;
        Ok(())
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            // What cannot be removed now is a leftover for later.
            let _ = rustix::fs::unlinkat(self.folder, name.as_str(), AtFlags::empty());
        }
    }
}

fn names(folder: BorrowedFd<'_>) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        if let Ok(name) = entry?.file_name().to_str() {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// Removes the temporary files in `folder` of processes that were killed before they could; how many.
pub(crate) fn remove_leftovers(folder: &OwnedFd, now: Timestamp) -> io::Result<usize> {
    let mut removed = 0;
    for name in names(folder.as_fd())? {
        if !(name.starts_with(TEMPORARY_START) && name.ends_with(TEMPORARY_END)) {
            continue;
        }
        let Ok(stat) = rustix::fs::statat(folder, name.as_str(), AtFlags::SYMLINK_NOFOLLOW) else { continue };
        if now.as_second() - stat.st_mtime < LEFTOVER_SECONDS {
            continue;
        }
        match rustix::fs::unlinkat(folder, name.as_str(), AtFlags::empty()) {
            Ok(()) => removed += 1,
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(removed)
}

/// Puts `bytes` in place of the file at `path`, with mode 0600, as [`PrivateDir::replace`] does. Its folder is made with
/// mode 0700 where absent, and passes the same checks.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), ReplaceError> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Err(ReplaceError::Write {
            path: path.to_owned(),
            source: io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"),
        });
    };
    PrivateDir::open_or_create(parent)?
        .replace(name, bytes)
        .map_err(|source| ReplaceError::Write { path: path.to_owned(), source })
}

/// Why a file could not be replaced. The old one, if any, is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// Its folder is not used.
    #[error(transparent)]
    Folder(#[from] PrivateDirError),
    /// The file system refused (no space, read only, no permission).
    #[error("`{}` could not be written", path.display())]
    Write {
        /// The file as it was asked for.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn others_may_write(stat: &Stat) -> bool {
    Mode::from_raw_mode(stat.st_mode).intersects(OTHERS_MAY_WRITE)
}

fn not_private() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, "it is no private file of this user")
}

/// A name is one component: what comes from outside must not lead out of the folder.
fn plain_name(name: &str) -> io::Result<&str> {
    if name.is_empty() || name == "." || name == ".." || name.bytes().any(|byte| byte == b'/' || byte == 0) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file name"));
    }
    Ok(name)
}

/// A file is never written in place or made shorter: what it held when opened can be read.
fn read_exactly(fd: impl AsFd, size: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    while bytes.len() < size {
        let read = match rustix::io::read(&fd, rustix::buffer::spare_capacity(&mut bytes)) {
            Ok(read) => read,
            Err(Errno::INTR) => continue,
            Err(errno) => return Err(errno.into()),
        };
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(bytes)
}

/// `O_DIRECTORY` and `O_NOFOLLOW` together give one errno for a link and for a file; a person wants to know which.
fn explain_open_failure(path: &Path, errno: Errno) -> PrivateDirError {
    let reason = match errno {
        Errno::NOTDIR | Errno::LOOP => match rustix::fs::lstat(path) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode).is_symlink() => Refusal::Link,
            _ => Refusal::NotAFolder,
        },
        errno => Refusal::Io(errno.into()),
    };
    PrivateDirError::new(path, reason)
}

/// Makes a folder of mode 0700, and those above it.
pub(crate) fn create_with_parents(path: &Path) -> rustix::io::Result<()> {
    match rustix::fs::mkdir(path, Mode::RWXU) {
        Err(Errno::NOENT) => match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => {
                create_with_parents(parent)?;
                created(rustix::fs::mkdir(path, Mode::RWXU))
            }
            _ => Err(Errno::NOENT),
        },
        made => created(made),
    }
}

/// Another process may have been first.
fn created(made: rustix::io::Result<()>) -> rustix::io::Result<()> {
    match made {
        Err(Errno::EXIST) => Ok(()),
        made => made,
    }
}
