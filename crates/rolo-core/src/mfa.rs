//! MFA codes: where they come from, and that none is sent twice.
//!
//! Must not know what a code is for.

pub mod code;
pub mod spent;
