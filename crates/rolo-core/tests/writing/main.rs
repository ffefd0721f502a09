//! The config and credentials files: changed without the loss of a byte.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, or says why it is skipped"
)]

mod edits;
mod files;
mod property;
