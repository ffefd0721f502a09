//! The fake, asked by the official SDK: each rule of AWS's that it claims to keep.

#![expect(clippy::unwrap_used, reason = "in a test, also in its helpers, an unwrap is an assertion")]

mod client;
mod conditions;
mod durations;
mod faults;
mod identity;
mod mfa;
mod program;
mod refusals;
mod signature;
mod sso;
mod trust;
mod web_identity;
