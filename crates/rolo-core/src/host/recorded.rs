//! A host that notes what was read through it.
//!
//! Whoever decides something by reading through it gets the same decision again as long as the notes hold. So it must
//! note everything, absences included, and must not know what was decided. Values of variables are noted as digests: they
//! may be secret.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};

use super::{Env, Files, Host, Stamp};
use crate::cache::key::{CacheKey, KeyBuilder};

/// A file system may give two changes within this time the same stamp (FAT counts in 2 s).
const STAMPS_TELL_AFTER: SignedDuration = SignedDuration::from_secs(2);

/// What a variable was: the digest of its value, or `None` where it was unset.
pub type VariableNote = Option<CacheKey>;

/// What a file was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileNote {
    /// There was none.
    Absent,
    /// There was one with this stamp before it was read.
    Present(Stamp),
    /// Neither can be said for sure, so nothing that depends on it can be foreseen.
    Unknown,
}

/// Everything that was read through a [`Recorded`] host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notes {
    /// By name, sorted.
    pub variables: Vec<(String, VariableNote)>,
    /// By path as it was asked for, sorted.
    pub files: Vec<(PathBuf, FileNote)>,
    /// Before the first of it was read.
    pub since: Timestamp,
}

impl Notes {
    /// Whether a later change of any file is sure to change its stamp: every file had been left alone for 2 s when reading
    /// began.
    pub fn are_settled(&self) -> bool {
        self.files.iter().all(|(_, note)| match note {
            FileNote::Absent => true,
            FileNote::Unknown => false,
            FileNote::Present(stamp) => {
                let changed = stamp.changed.max(stamp.modified);
                changed <= (self.since - STAMPS_TELL_AFTER).as_nanosecond()
            }
        })
    }
}

/// The digest of a variable's value. The name goes in too, so that equal values of two variables do not show.
pub fn digest_variable(name: &str, value: &str) -> CacheKey {
    KeyBuilder::new("variable").field(name, value).finish()
}

/// Whether the variable is what it was.
pub fn is_variable_same(name: &str, note: VariableNote, env: &dyn Env) -> bool {
    match (env.var(name), note) {
        (None, None) => true,
        (Some(value), Some(digest)) => digest_variable(name, &value) == digest,
        _ => false,
    }
}

/// Whether the file is what it was.
pub fn is_file_same(path: &Path, note: FileNote, files: &dyn Files) -> bool {
    match note {
        // A stamp is `None` for other reasons as well (a folder that cannot be searched), and then reading fails in
        // another way than it did.
        FileNote::Absent => is_absent(&files.read(path)),
        FileNote::Present(stamp) => files.stamp(path) == Some(stamp),
        FileNote::Unknown => false,
    }
}

fn is_absent(read: &io::Result<Vec<u8>>) -> bool {
    matches!(read, Err(error) if error.kind() == io::ErrorKind::NotFound)
}

/// A host whose environment and files are noted as they are read.
#[derive(Debug)]
pub struct Recorded<'a> {
    inner: Host<'a>,
    since: Timestamp,
    variables: RefCell<BTreeMap<String, VariableNote>>,
    files: RefCell<BTreeMap<PathBuf, FileNote>>,
}

impl<'a> Recorded<'a> {
    /// Starts noting what is read of `host`.
    pub fn new(host: Host<'a>) -> Self {
        Self {
            inner: host,
            since: host.clock.now(),
            variables: RefCell::default(),
            files: RefCell::default(),
        }
    }

    /// The host to read through. Time and other programs are not noted: who decides by them must not rely on the notes.
    pub fn host(&self) -> Host<'_> {
        Host { env: self, files: self, clock: self.inner.clock, spawn: self.inner.spawn }
    }

    /// What was read so far.
    pub fn notes(&self) -> Notes {
        let variables = self.variables.borrow();
        let files = self.files.borrow();
        Notes {
            variables: variables.iter().map(|(name, note)| (name.clone(), *note)).collect(),
            files: files.iter().map(|(path, note)| (path.clone(), *note)).collect(),
            since: self.since,
        }
    }

    /// Two different answers for one file mean that it changed while it was being read.
    fn note_file(&self, path: &Path, note: FileNote) {
        let mut files = self.files.borrow_mut();
        let noted = files.entry(path.to_owned()).or_insert(note);
        if *noted != note {
            *noted = FileNote::Unknown;
        }
    }
}

impl Env for Recorded<'_> {
    fn var(&self, name: &str) -> Option<String> {
        let value = self.inner.env.var(name);
        let note = value.as_deref().map(|value| digest_variable(name, value));
        self.variables.borrow_mut().insert(name.to_owned(), note);
        value
    }
}

impl Files for Recorded<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        // Before the content: a change in between then shows as a stamp that no longer holds.
        let stamp = self.inner.files.stamp(path);
        let read = self.inner.files.read(path);
        self.note_file(
            path,
            match stamp {
                Some(stamp) if read.is_ok() => FileNote::Present(stamp),
                None if is_absent(&read) => FileNote::Absent,
                _ => FileNote::Unknown,
            },
        );
        read
    }

    fn stamp(&self, path: &Path) -> Option<Stamp> {
        let stamp = self.inner.files.stamp(path);
        let note = match stamp {
            Some(stamp) => FileNote::Present(stamp),
            None if is_absent(&self.inner.files.read(path)) => FileNote::Absent,
            None => FileNote::Unknown,
        };
        self.note_file(path, note);
        stamp
    }
}
