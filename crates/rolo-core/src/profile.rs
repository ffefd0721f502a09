//! Profiles: the AWS config and credentials files, found, read, parsed, merged and written.
//!
//! Must not know what a setting means; that is [`chain`](crate::chain)'s.

mod draft;
mod edit;
pub mod files;
pub(crate) mod header;
pub(crate) mod nearest;
pub mod path;
pub mod set;
pub mod write;

pub use draft::Draft;
pub use edit::{edit_profile, is_profile, remove_profile};
pub use files::{ConfigFile, ConfigFiles, FileError, FileProblem};
pub use nearest::nearest;
pub(crate) use nearest::typing_errors;
pub use set::{Profile, ProfileSet, Repeated, Section, Setting, SourceFile};
pub use write::{WriteError, Written, write_file, write_profile};
