//! What the doctor finds, of texts and variables alone.
#![expect(clippy::unwrap_used, reason = "a setup that cannot be read has failed the test")]

mod chains;
mod files;
mod keys;
mod values;
mod world;
