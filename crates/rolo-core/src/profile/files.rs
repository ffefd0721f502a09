//! The two files: where they are and what is in them.
//!
//! Must not know the grammar.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{SourceFile, path::expand};
use crate::{Secret, host::Host, ini, origin::Location};

/// The config and the credentials file as they were read.
#[derive(Debug)]
pub struct ConfigFiles {
    /// `AWS_CONFIG_FILE`, else `~/.aws/config`.
    pub config: ConfigFile,
    /// `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`.
    pub credentials: ConfigFile,
}

/// One file: its path and its text.
#[derive(Debug)]
pub struct ConfigFile {
    pub(super) path: Arc<PathBuf>,
    /// Either file may hold secret keys.
    text: Secret,
    is_present: bool,
}

/// A file that is there and is not understood.
#[derive(Debug, thiserror::Error)]
pub struct FileError {
    path: Arc<PathBuf>,
    line: Option<u32>,
    #[source]
    problem: FileProblem,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileProblem {
    /// The system refuses. botocore passes over such a file in silence; here it is an error, for what stands in the
    /// file would be missed later under a misleading name.
    #[error(transparent)]
    Unreadable(io::Error),
    /// Some bytes are no UTF-8.
    #[error("the line is not UTF-8")]
    NotUtf8,
    /// A line breaks the grammar.
    #[error(transparent)]
    Grammar(ini::Problem),
}

impl ConfigFiles {
    /// Finds and reads both files. A file that is absent is as good as empty, as is whatever is no file, such as a
    /// directory; a variable that is set but empty names no file.
    pub fn load(host: &Host<'_>) -> Result<Self, FileError> {
        Ok(Self {
            config: ConfigFile::load(host, Self::path(host, SourceFile::Config))?,
            credentials: ConfigFile::load(host, Self::path(host, SourceFile::Credentials))?,
        })
    }

    /// Where a file is, whether it is there or not.
    pub fn path(host: &Host<'_>, file: SourceFile) -> PathBuf {
        let (variable, default) = match file {
            SourceFile::Config => ("AWS_CONFIG_FILE", "~/.aws/config"),
            SourceFile::Credentials => ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
        };
        expand(host, host.env.var(variable).as_deref().unwrap_or(default))
    }
}

impl ConfigFile {
    /// A file that is there.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self { path: Arc::new(path.into()), text: Secret::new(text), is_present: true }
    }

    /// The file as it was asked for.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is such a file.
    pub fn is_present(&self) -> bool {
        self.is_present
    }

    /// The same file with another text in it, as if it were there.
    pub(super) fn with_text(&self, text: Secret) -> Self {
        Self { path: Arc::clone(&self.path), text, is_present: true }
    }

    /// What is in it, which may be secret; nothing where there is no such file.
    pub fn text(&self) -> &str {
        self.text.expose()
    }

    /// A file that is not there.
    pub(crate) fn absent(path: PathBuf) -> Self {
        Self { is_present: false, ..Self::new(path, String::new()) }
    }

    /// The place of a line in it, counted from 1.
    pub fn location(&self, line: u32) -> Location {
        Location { path: Arc::clone(&self.path), line }
    }

    fn load(host: &Host<'_>, path: PathBuf) -> Result<Self, FileError> {
        match read_bytes(host, &path) {
            Ok(Some(bytes)) => {
                let text = parse_text(&path, bytes)?;
                Ok(Self { text, ..Self::new(path, String::new()) })
            }
            Ok(None) => Ok(Self::absent(path)),
            Err(error) => Err(FileError::new(Arc::new(path), None, FileProblem::Unreadable(error))),
        }
    }
}

/// What stands in the file at `path`; `None` where there is none.
pub(crate) fn read_bytes(host: &Host<'_>, path: &Path) -> io::Result<Option<Vec<u8>>> {
    match host.files.read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if is_absence(host, path, &error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The bytes of the file at `path` as a text.
pub(super) fn parse_text(path: &Path, bytes: Vec<u8>) -> Result<Secret, FileError> {
    String::from_utf8(bytes).map(Secret::new).map_err(|error| {
        let line = line_at(error.as_bytes(), error.utf8_error().valid_up_to());
        FileError::new(Arc::new(path.to_owned()), Some(line), FileProblem::NotUtf8)
    })
}

/// Whether reading failed because there is no file to read. Below a directory that may not be entered nobody can say
/// whether there is one; botocore takes it that there is none.
fn is_absence(host: &Host<'_>, path: &Path, error: &io::Error) -> bool {
    use io::ErrorKind::{IsADirectory, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | IsADirectory) || host.files.stamp(path).is_none()
}

/// The line, counted from 1, of the byte at `offset`.
fn line_at(bytes: &[u8], offset: usize) -> u32 {
    let before = bytes.get(..offset).unwrap_or(bytes);
    let ends = before
        .iter()
        .zip(before.iter().skip(1).map(Some).chain([bytes.get(offset)]))
        .filter(|&(&byte, next)| byte == b'\n' || (byte == b'\r' && next != Some(&b'\n')))
        .count();
    u32::try_from(ends).unwrap_or(u32::MAX).saturating_add(1)
}

impl FileError {
    pub(super) fn new(path: Arc<PathBuf>, line: Option<u32>, problem: FileProblem) -> Self {
        Self { path, line, problem }
    }

    /// The file as it was asked for.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line to blame, counted from 1; `None` where the whole file cannot be read.
    pub fn line(&self) -> Option<u32> {
        self.line
    }

    /// The line to blame together with its file.
    pub fn location(&self) -> Option<Location> {
        self.line.map(|line| Location { path: Arc::clone(&self.path), line })
    }

    /// What is wrong.
    pub fn problem(&self) -> &FileProblem {
        &self.problem
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "`{}` cannot be read at line {line}", self.path.display()),
            None => write!(f, "`{}` cannot be read", self.path.display()),
        }
    }
}
