//! The config and credentials files: from real files to profiles.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod loading;
mod places;
mod property;
mod quirks;
mod recorded;
mod world;
