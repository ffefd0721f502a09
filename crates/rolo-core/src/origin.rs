//! Where a setting comes from: which file and line, variable or flag.
//!
//! Must not know what the setting means.

use std::{fmt, path::PathBuf, sync::Arc};

/// A place in a file that a person can open.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Location {
    /// The file as it was asked for, before links are followed.
    pub path: Arc<PathBuf>,
    /// Counted from 1.
    pub line: u32,
}

/// Where a value was said.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A line of one of the files.
    File(Location),
    /// An environment variable, by name.
    Env(&'static str),
    /// A command-line option, with its dashes.
    Flag(&'static str),
    /// Nobody said it: rolo's or AWS's default.
    Default,
}

impl Origin {
    /// The place in a file, where the value has one.
    pub fn location(&self) -> Option<&Location> {
        match self {
            Self::File(location) => Some(location),
            Self::Env(_) | Self::Flag(_) | Self::Default => None,
        }
    }
}

/// A value together with where it was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// A value said at `origin`.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path.display(), self.line)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(location) => location.fmt(f),
            Self::Env(name) => write!(f, "${name}"),
            Self::Flag(name) => f.write_str(name),
            Self::Default => f.write_str("default"),
        }
    }
}
