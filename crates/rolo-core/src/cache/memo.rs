//! From what was asked to the cache key, without parsing or planning again, as long as nothing changed that was read.
//!
//! A memo can never give an answer that a full parse would not: it holds the notes of everything the plan read, and is
//! taken only if every one of them still holds. It contains no secret. Must not know how a plan is made.
//!
//! The file is private to this program and read on every cached hit, so its form is the cheapest there is: numbers in
//! eight bytes, texts with their length before them, in a fixed order, and a checksum at the end.

use std::{ffi::OsStr, io, os::unix::ffi::OsStrExt, path::Path};

use jiff::SignedDuration;

use super::key::{CacheKey, KeyBuilder};
use crate::{
    host::{
        Host, Stamp,
        recorded::{FileNote, Notes, is_file_same, is_variable_same},
    },
    private_file::{PrivateDir, PrivateDirError, ReplaceError},
};

/// Of this file's form and of what a plan puts into it; counted up with each change of either.
const FORMAT: u64 = 2;
/// Another release may plan otherwise.
const VERSION: &str = env!("CARGO_PKG_VERSION");
const FOLDER: &str = "memo";

/// What was asked: the words of the command line that decide the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestKey(CacheKey);

impl RequestKey {
    /// Of `words`, each of which counts, in this order.
    pub fn new(words: &[&str]) -> Self {
        Self(KeyBuilder::new("request").list("words", words.iter().copied()).finish())
    }
}

/// What a plan came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memo {
    /// The own cache's key of what is handed over.
    pub cache_key: CacheKey,
    /// The profile's name, for the hand-over and for messages.
    pub profile: String,
    /// Variables to hand over that are no secret, such as `AWS_REGION`.
    pub settings: Vec<(String, String)>,
    /// The freshness asked for; whole seconds.
    pub refresh_before_expiry: SignedDuration,
    /// What the history is to say of it, as [`Subject::render`](crate::history::Subject::render) gives it; `None` where
    /// none is kept.
    pub history: Option<String>,
}

impl Memo {
    /// The memo of `request`, if nothing changed since; in every other case `None`, without a reason: planning again
    /// finds out.
    pub fn lookup(cache: &PrivateDir, request: &RequestKey, host: Host<'_>) -> Option<Self> {
        let bytes = cache.open_subdir(FOLDER).ok()?.read(&request.0.to_hex()).ok()?;
        let (content, checksum) = bytes.split_last_chunk::<8>()?;
        if checksum_of(content) != u64::from_le_bytes(*checksum) {
            return None;
        }
        let mut reader = Reader(content);
        let same_form = reader.number()? == FORMAT && reader.text()? == VERSION && reader.key()? == request.0;
        if !same_form {
            return None;
        }
        let memo = Self {
            cache_key: reader.key()?,
            profile: reader.text()?.to_owned(),
            refresh_before_expiry: SignedDuration::from_secs(i64::try_from(reader.number()?).ok()?),
            settings: reader.settings()?,
            history: reader.text().map(|text| (!text.is_empty()).then(|| text.to_owned()))?,
        };
        (reader.notes_hold(host)? && reader.0.is_empty()).then_some(memo)
    }

    /// Keeps the memo for the next run that asks the same; `Ok(false)` where it may not be kept, because a file was
    /// changed too lately for its stamp to tell a next change.
    pub fn store(
        &self,
        cache: &PrivateDir,
        request: &RequestKey,
        notes: &Notes,
    ) -> Result<bool, ReplaceError> {
        if !notes.are_settled() {
            return Ok(false);
        }
        let mut writer = Writer::default();
        writer.number(FORMAT);
        writer.text(VERSION);
        writer.key(&request.0);
        writer.key(&self.cache_key);
        writer.text(&self.profile);
        writer.number(u64::try_from(self.refresh_before_expiry.as_secs()).unwrap_or_default());
        writer.number(self.settings.len() as u64);
        for (name, value) in &self.settings {
            writer.text(name);
            writer.text(value);
        }
        writer.text(self.history.as_deref().unwrap_or_default());
        writer.notes(notes);
        let checksum = checksum_of(&writer.0);
        writer.number(checksum);
        let folder = cache.open_or_create_subdir(FOLDER)?;
        let name = request.0.to_hex();
        folder
            .replace(&name, &writer.0)
            .map_err(|source| ReplaceError::Write { path: folder.path().join(name), source })?;
        Ok(true)
    }

    /// Removes every memo; how many. They come back by themselves.
    pub fn clear(cache: &PrivateDir, host: Host<'_>) -> Result<usize, PrivateDirError> {
        let folder = match cache.open_subdir(FOLDER) {
            Err(error) if error.is_absent() => return Ok(0),
            folder => folder?,
        };
        let clear = || -> io::Result<usize> {
            let mut removed = folder.remove_leftovers(host.clock.now())?;
            for name in folder.list()? {
                removed += usize::from(folder.remove(&name)?);
            }
            Ok(removed)
        };
        clear().map_err(|error| PrivateDirError::failed(folder.path(), error))
    }
}

const VARIABLE_UNSET: u64 = 0;
const VARIABLE_SET: u64 = 1;
const FILE_ABSENT: u64 = 0;
const FILE_PRESENT: u64 = 1;
/// Never the same again, so no reader takes it.
const FILE_UNKNOWN: u64 = 2;

#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn key(&mut self, key: &CacheKey) {
        self.0.extend_from_slice(key.as_bytes());
    }

    fn stamp(&mut self, stamp: &Stamp) {
        self.number(stamp.size);
        self.0.extend_from_slice(&stamp.modified.to_le_bytes());
        self.0.extend_from_slice(&stamp.changed.to_le_bytes());
        self.number(stamp.file.0);
        self.number(stamp.file.1);
    }

    fn notes(&mut self, notes: &Notes) {
        self.number(notes.variables.len() as u64);
        for (name, note) in &notes.variables {
            self.text(name);
            match note {
                None => self.number(VARIABLE_UNSET),
                Some(digest) => {
                    self.number(VARIABLE_SET);
                    self.key(digest);
                }
            }
        }
        self.number(notes.files.len() as u64);
        for (path, note) in &notes.files {
            self.bytes(path.as_os_str().as_bytes());
            match note {
                FileNote::Absent => self.number(FILE_ABSENT),
                FileNote::Unknown => self.number(FILE_UNKNOWN),
                FileNote::Present(stamp) => {
                    self.number(FILE_PRESENT);
                    self.stamp(stamp);
                }
            }
        }
    }
}

/// Every method is `None` at the end of the bytes, and for bytes that no [`Writer`] wrote.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        self.array().map(|bytes| u64::from_le_bytes(*bytes))
    }

    fn wide(&mut self) -> Option<i128> {
        self.array().map(|bytes| i128::from_le_bytes(*bytes))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    fn key(&mut self) -> Option<CacheKey> {
        self.array().map(|bytes| CacheKey::from_bytes(*bytes))
    }

    fn settings(&mut self) -> Option<Vec<(String, String)>> {
        let mut settings = Vec::new();
        for _ in 0..self.number()? {
            settings.push((self.text()?.to_owned(), self.text()?.to_owned()));
        }
        Some(settings)
    }

    fn stamp(&mut self) -> Option<Stamp> {
        Some(Stamp {
            size: self.number()?,
            modified: self.wide()?,
            changed: self.wide()?,
            file: (self.number()?, self.number()?),
        })
    }

    /// Compares as it reads, so that the first difference ends it and nothing is copied.
    fn notes_hold(&mut self, host: Host<'_>) -> Option<bool> {
        for _ in 0..self.number()? {
            let name = self.text()?;
            let note = match self.number()? {
                VARIABLE_UNSET => None,
                VARIABLE_SET => Some(self.key()?),
                _ => return None,
            };
            if !is_variable_same(name, note, host.env) {
                return Some(false);
            }
        }
        for _ in 0..self.number()? {
            let path = Path::new(OsStr::from_bytes(self.bytes()?));
            let note = match self.number()? {
                FILE_ABSENT => FileNote::Absent,
                FILE_PRESENT => FileNote::Present(self.stamp()?),
                _ => return None,
            };
            if !is_file_same(path, note, host.files) {
                return Some(false);
            }
        }
        Some(true)
    }
}

/// FNV-1a over eight bytes at a time: against damage, not against people, who cannot write here.
fn checksum_of(bytes: &[u8]) -> u64 {
    const START: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    words
        .iter()
        .chain(std::iter::once(&last))
        .fold(START, |sum, word| (sum ^ u64::from_le_bytes(*word)).wrapping_mul(PRIME).rotate_left(29))
        ^ bytes.len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{real::RealHost, recorded::Recorded};

    #[test]
    fn another_release_plans_again() {
        let home = tempfile::tempdir().unwrap();
        let cache = PrivateDir::open_or_create(&home.path().join("rolo")).unwrap();
        let request = RequestKey::new(&["export"]);
        let memo = Memo {
            cache_key: request.0,
            profile: "prod".to_owned(),
            settings: Vec::new(),
            refresh_before_expiry: SignedDuration::from_mins(15),
            history: None,
        };
        let host = RealHost.host();
        assert!(memo.store(&cache, &request, &Recorded::new(host).notes()).unwrap());
        assert_eq!(Memo::lookup(&cache, &request, host), Some(memo));

        let (folder, name) = (cache.open_subdir(FOLDER).unwrap(), request.0.to_hex());
        let stored = folder.read(&name).unwrap();
        let rewritten = |from: &[u8], to: &[u8]| {
            let content = &stored[..stored.len() - 8];
            let at = content.windows(from.len()).position(|window| window == from).unwrap();
            let mut bytes = [&content[..at], to, &content[at + from.len()..]].concat();
            bytes.extend(checksum_of(&bytes).to_le_bytes());
            folder.replace(&name, &bytes).unwrap();
            Memo::lookup(&cache, &request, host).is_some()
        };
        assert!(rewritten(b"prod", b"dev2"), "the checksum is made as in a stored one");
        assert!(!rewritten(VERSION.as_bytes(), VERSION.replace('0', "7").as_bytes()));
        assert!(!rewritten(&FORMAT.to_le_bytes(), &(FORMAT + 1).to_le_bytes()));
    }
}
