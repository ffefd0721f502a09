//! The program as a person, a script or an SDK runs it, against a small AWS that keeps AWS's rules.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
#![expect(clippy::disallowed_methods, reason = "the real program is run, and real files are made for it")]

#[cfg(target_os = "linux")]
mod auto;
mod cache;
mod circles;
mod cli_cache;
#[cfg(target_os = "linux")]
mod clients;
#[cfg(target_os = "linux")]
mod completion;
#[cfg(target_os = "linux")]
mod configure;
#[cfg(target_os = "linux")]
mod console;
#[cfg(target_os = "linux")]
mod convert;
#[cfg(target_os = "linux")]
mod crowd;
#[cfg(target_os = "linux")]
mod damaged;
mod denied;
mod doctor;
mod doctor_machine;
mod error_format;
mod errors;
mod explain;
mod explain_errors;
mod failures;
mod hand_over;
mod history;
#[cfg(target_os = "linux")]
mod hostile;
#[cfg(target_os = "linux")]
mod in_shell;
#[cfg(target_os = "linux")]
mod init;
#[cfg(target_os = "linux")]
mod killed;
#[cfg(target_os = "linux")]
mod links;
mod list;
mod memo;
mod mfa;
#[cfg(target_os = "linux")]
mod migrating;
#[cfg(target_os = "linux")]
mod moto;
#[cfg(target_os = "linux")]
mod picker;
#[cfg(target_os = "linux")]
mod programs;
#[cfg(target_os = "linux")]
mod projects;
#[cfg(target_os = "linux")]
mod prompt;
#[cfg(target_os = "linux")]
mod roles;
#[cfg(target_os = "linux")]
mod save;
#[cfg(target_os = "linux")]
mod secrets;
#[cfg(target_os = "linux")]
mod sequences;
mod session;
mod targets;
#[cfg(target_os = "linux")]
mod terminal;
#[cfg(target_os = "linux")]
#[path = "../support/tools.rs"]
mod tools;
#[cfg(target_os = "linux")]
mod trust;
#[cfg(target_os = "linux")]
mod untouched;
mod verbose;
#[path = "../support/world.rs"]
mod world;
