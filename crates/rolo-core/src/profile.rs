//! Profiles: the AWS config and credentials files, found, read, parsed and merged.
//!
//! Must not know what a setting means; that is [`chain`](crate::chain)'s.

pub mod files;
mod header;
mod nearest;
pub mod path;
pub mod set;

pub use files::{ConfigFile, ConfigFiles, FileError, FileProblem};
pub use set::{Profile, ProfileSet, Section, Setting, SourceFile};
