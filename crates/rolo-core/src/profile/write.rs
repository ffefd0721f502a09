//! Writes the two files, which belong to the user and to every AWS tool: whole or not at all, and never over what
//! somebody else wrote meanwhile.
//!
//! The new text is written beside the real file and renamed over it, so that whoever reads, and whatever kills the
//! writer, finds the old file or the new one. Must not know what is changed.

use std::{
    fs::{File, OpenOptions, Permissions},
    io::{self, ErrorKind, Read, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    },
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::SignedDuration;
use rustix::fs::{Gid, Mode, OFlags, Uid};

use super::{ConfigFiles, FileError, FileProblem, SourceFile, edit::edit_profile, files::parse_text};
use crate::{
    Secret,
    cache::{key::KeyBuilder, open_or_create_root, resolve_root},
    host::{Host, Stamp, real::stamp_of},
    ini::{Change, EditError},
    lock::{LockError, LockGuard, Locks},
    private_file::{Temporary, create_with_parents, remove_leftovers},
    talk::{Hear, Notice, in_one_line},
};

/// Other programs that write all the time are waited for this often.
const ATTEMPTS: u32 = 50;
const PAUSE: Duration = Duration::from_millis(20);
/// A file that was emptied this recently is one that another program is about to fill: the AWS CLI writes in place.
const EMPTY_FOR: SignedDuration = SignedDuration::from_secs(1);
/// As many as Linux follows.
const LINKS: u32 = 40;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It has the new text.
    Changed,
    /// The text was there already; nothing was written.
    Unchanged,
}

/// Why a file was not written. It is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// It cannot be read, so a change of it might lose something.
    #[error(transparent)]
    File(#[from] FileError),
    /// The change cannot be made.
    #[error("`{}` was not changed", path.display())]
    Edit {
        /// The file as it was asked for.
        path: PathBuf,
        /// Why not.
        source: EditError,
    },
    /// The name is empty, or a folder, a pipe or a device stands there.
    #[error("`{}` is no file that could be written", path.display())]
    NotAFile {
        /// The file as it was asked for.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("`{}` could not be written", path.display())]
    Io {
        /// The file as it was asked for.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another rolo did not come to an end with it.
    #[error("`{}` was not written", path.display())]
    Locked {
        /// The file as it was asked for.
        path: PathBuf,
        /// Who holds it.
        source: LockError,
    },
    /// Another program changes it faster than it can be read and written.
    #[error("`{}` was not written: another program keeps writing to it", path.display())]
    Busy {
        /// The file as it was asked for.
        path: PathBuf,
    },
}

impl WriteError {
    /// What kept `edit` from changing the file at `path`.
    pub fn edit(path: &Path, error: EditError) -> Self {
        match error {
            EditError::Parse(error) => {
                let problem = FileProblem::Grammar(error.problem);
                FileError::new(path.to_owned().into(), Some(error.line), problem).into()
            }
            source => Self::Edit { path: path.to_owned(), source },
        }
    }
}

/// Makes these changes of the profile `name` in `file`; see [`edit_profile`] and [`write_file`].
pub fn write_profile(
    host: Host<'_>,
    hear: &dyn Hear,
    file: SourceFile,
    name: &str,
    changes: &[Change<'_>],
) -> Result<Written, WriteError> {
    let path = ConfigFiles::path(&host, file);
    write_file(&path, host, hear, |text| {
        edit_profile(text, file, name, None, changes).map_err(|error| WriteError::edit(&path, error))
    })
}

/// Puts what `edit` makes of the file's text in the file's place, links followed. An absent file is an empty text; it is
/// made with mode 0600, in a folder of mode 0700 where that is absent too. A file that is there keeps its mode, and its
/// owner as far as the system lets it.
///
/// `edit` is asked again where another program wrote meanwhile. Processes of rolo wait for one another.
pub fn write_file<E: From<WriteError>>(
    path: &Path,
    host: Host<'_>,
    hear: &dyn Hear,
    mut edit: impl FnMut(&str) -> Result<Secret, E>,
) -> Result<Written, E> {
    let target = Target::find(path)?;
    // Mostly there is nothing to change, which takes no lock. What fails now is tried again under the lock.
    if let Ok(old) = target.read()
        && edit(text_of(old.as_ref())).is_ok_and(|new| new.expose() == text_of(old.as_ref()))
    {
        return Ok(Written::Unchanged);
    }
    let folder = target.open_folder()?;
    let _lock = target.lock(host, hear)?;
    for _ in 0..ATTEMPTS {
        let old = target.read()?;
        if !old.as_ref().is_some_and(|old| old.is_about_to_be_filled(host)) {
            let new = edit(text_of(old.as_ref()))?;
            if new.expose() == text_of(old.as_ref()) {
                return Ok(Written::Unchanged);
            }
            if target.replace(&folder, old.as_ref(), &new, host)? {
                return Ok(Written::Changed);
            }
        }
        host.clock.sleep(PAUSE);
    }
    Err(WriteError::Busy { path: path.to_owned() }.into())
}

/// The file as it was read.
struct Old {
    text: Secret,
    stamp: Stamp,
    mode: u32,
    uid: u32,
    gid: u32,
}

fn text_of(old: Option<&Old>) -> &str {
    old.map_or("", |old| old.text.expose())
}

impl Old {
    fn is_about_to_be_filled(&self, host: Host<'_>) -> bool {
        let age = host.clock.now().as_nanosecond() - self.stamp.modified;
        self.text.is_empty() && (0..EMPTY_FOR.as_nanos()).contains(&age)
    }

    fn identity(&self) -> (Stamp, &str) {
        (self.stamp, self.text.expose())
    }

    /// Gives the new file the mode and, where the system lets it, the owner of the old one.
    fn hand_down(&self, new: &File) -> io::Result<()> {
        let fresh = new.metadata()?;
        let mut mode = self.mode;
        if fresh.gid() != self.gid && rustix::fs::fchown(new, None, Some(Gid::from_raw(self.gid))).is_err() {
            // It has another group than the one that was let in.
            mode &= !Mode::RWXG.bits();
        }
        if fresh.uid() != self.uid {
            // Who may write the folder and not give the file back is let write it all the same, as by other programs.
            let _ = rustix::fs::fchown(new, Some(Uid::from_raw(self.uid)), None);
        }
        new.set_permissions(Permissions::from_mode(mode))
    }
}

/// Where the bytes lie.
struct Target<'p> {
    asked: &'p Path,
    /// With all links of the last component followed.
    real: PathBuf,
}

impl<'p> Target<'p> {
    fn find(asked: &'p Path) -> Result<Self, WriteError> {
        let mut real = asked.to_owned();
        for _ in 0..LINKS {
            match std::fs::read_link(&real) {
                Ok(to) => real = real.parent().unwrap_or(Path::new("")).join(to),
                Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::NotFound) => {
                    return match real.file_name() {
                        Some(_) => Ok(Self { asked, real }),
                        None => Err(WriteError::NotAFile { path: asked.to_owned() }),
                    };
                }
                Err(source) => return Err(WriteError::Io { path: asked.to_owned(), source }),
            }
        }
        let source = io::Error::from(rustix::io::Errno::LOOP);
        Err(WriteError::Io { path: asked.to_owned(), source })
    }

    fn io(&self, error: impl Into<io::Error>) -> WriteError {
        WriteError::Io { path: self.asked.to_owned(), source: error.into() }
    }

    fn folder(&self) -> &Path {
        self.real.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// The folder of the file, made where absent.
    fn open_folder(&self) -> Result<OwnedFd, WriteError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let open = || rustix::fs::open(self.folder(), flags, Mode::empty());
        open()
            .or_else(|errno| match errno {
                rustix::io::Errno::NOENT => create_with_parents(self.folder()).and_then(|()| open()),
                errno => Err(errno),
            })
            .map_err(|errno| self.io(errno))
    }

    /// Under one name for all paths that lead to the file.
    fn lock(&self, host: Host<'_>, hear: &dyn Hear) -> Result<Option<LockGuard>, WriteError> {
        let warn = |why: String| {
            let path = self.asked.display();
            hear.hear(&Notice::Warning(format!("`{path}` is written without a lock: {why}")));
        };
        let Some(root) = resolve_root(host) else {
            warn("there is no folder for the cache".to_owned());
            return Ok(None);
        };
        let root = match open_or_create_root(&root) {
            Ok(root) => root,
            Err(error) => {
                warn(in_one_line(&error));
                return Ok(None);
            }
        };
        let folder = std::fs::canonicalize(self.folder()).map_err(|error| self.io(error))?;
        let real = folder.join(self.real.file_name().unwrap_or_default());
        let name = KeyBuilder::new("written file").field("path", &real.to_string_lossy()).finish().to_hex();
        let what = format!("new text of `{}` into place", self.asked.display());
        Locks::new(&root, hear)
            .acquire(&name, &what, host, hear)
            .map(Some)
            .map_err(|source| WriteError::Locked { path: self.asked.to_owned(), source })
    }

    /// The file; `None` where there is none.
    fn read(&self) -> Result<Option<Old>, WriteError> {
        // `NONBLOCK` so that a pipe is refused, not waited for.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        let flags = flags.bits().cast_signed();
        let mut file = match OpenOptions::new().read(true).custom_flags(flags).open(&self.real) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.io(error)),
        };
        let meta = file.metadata().map_err(|error| self.io(error))?;
        if !meta.is_file() {
            return Err(WriteError::NotAFile { path: self.asked.to_owned() });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or_default() + 1);
        file.read_to_end(&mut bytes).map_err(|error| self.io(error))?;
        Ok(Some(Old {
            text: parse_text(self.asked, bytes)?,
            stamp: stamp_of(&meta),
            mode: meta.mode() & 0o777,
            uid: meta.uid(),
            gid: meta.gid(),
        }))
    }

    /// Puts the new text in the place of `old`; `false` where that is no longer what is there.
    fn replace(
        &self,
        folder: &OwnedFd,
        old: Option<&Old>,
        new: &Secret,
        host: Host<'_>,
    ) -> Result<bool, WriteError> {
        // What killed writers left is a nuisance and no more; what cannot be removed is for another time.
        let _ = remove_leftovers(folder, host.clock.now());
        let temporary = Self::write_beside(folder, old, new).map_err(|error| self.io(error))?;
        // The stamp alone would miss what is written within one tick of the file system's clock.
        if self.read()?.as_ref().map(Old::identity) != old.map(Old::identity) {
            return Ok(false);
        }
        temporary.rename(self.real.file_name().unwrap_or_default()).map_err(|error| self.io(error))?;
        // Some file systems cannot sync a folder; then a power cut may bring the old file back.
        let _ = rustix::fs::fsync(folder);
        Ok(true)
    }

    fn write_beside<'f>(folder: &'f OwnedFd, old: Option<&Old>, new: &Secret) -> io::Result<Temporary<'f>> {
        let mut temporary = Temporary::create(folder.as_fd())?;
        temporary.file.write_all(new.expose().as_bytes())?;
        if let Some(old) = old {
            old.hand_down(&temporary.file)?;
        }
        temporary.file.sync_all()?;
        Ok(temporary)
    }
}
