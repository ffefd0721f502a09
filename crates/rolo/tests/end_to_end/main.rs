//! The program as a person, a script or an SDK runs it, against a small AWS that keeps AWS's rules.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
#![expect(clippy::disallowed_methods, reason = "the real program is run, and real files are made for it")]

mod cache;
mod circles;
mod cli_cache;
mod hand_over;
mod list;
mod memo;
mod mfa;
mod targets;
#[path = "../support/world.rs"]
mod world;
