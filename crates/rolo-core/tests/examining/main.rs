//! The checks of `rolo doctor`, each against a setup with the fault and one without.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a setup that cannot be made has failed the test")]
#![expect(clippy::disallowed_methods, reason = "real files are made for the checks")]

mod endpoints;
mod environment;
mod leftovers;
mod machine;
mod readers;
mod stored;
mod world;
