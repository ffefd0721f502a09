//! Profiles.

pub mod set;
