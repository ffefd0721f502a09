//! Resolving and planning: pure, so these tests need no machine but files' texts and variables.
#![expect(clippy::unwrap_used, reason = "a plan that cannot be made has failed the test")]

mod chains;
mod denials;
mod keys;
mod world;
