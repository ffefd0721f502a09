//! From a profile to credentials: [`resolve`] finds the chain, [`plan`] the calls it takes, [`run`] makes them.
//!
//! `resolve` and `plan` are pure: they see parsed files and the environment, never a cache, a network or a clock.

pub mod attempt;
pub mod denial;
pub mod endpoints;
pub mod error;
pub mod find_mfa;
pub mod leaf;
pub mod overrides;
pub mod plan;
mod process_chain;
pub mod remedy;
pub mod request;
pub mod requests;
pub mod resolve;
pub mod run;
pub mod session_name;
pub mod settings;
pub mod source;
pub mod target;
