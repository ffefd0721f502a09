//! The config and credentials files: changed without the loss of a byte.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod edits;
mod files;
mod property;
