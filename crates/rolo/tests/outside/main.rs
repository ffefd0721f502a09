//! rolo as a program among programs: the AWS CLI and boto3, a terminal, a crowd of itself, and a hostile machine.
//!
//! Every test has a home of its own, an environment that begins empty, and a fake AWS (or moto) that logs what was
//! called. Programs that are not installed are skipped with a word, which on CI fails unless `ci/skips.txt` has it.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
#![expect(clippy::disallowed_methods, reason = "real programs are started and real files made for them")]

mod clients;
mod crowd;
mod damaged;
mod home;
mod hostile;
mod moto;
mod sequences;
mod terminal;
#[path = "../support/tools.rs"]
mod tools;
mod untouched;
