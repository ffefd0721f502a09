//! The checks of `rolo doctor`, each against a setup with the fault and one without.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a setup that cannot be made has failed the test")]

mod endpoints;
mod environment;
mod readers;
mod world;
