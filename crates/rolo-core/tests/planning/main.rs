//! Resolving and planning: pure, so these tests need no machine but files' texts and variables.

mod chains;
mod keys;
mod world;
