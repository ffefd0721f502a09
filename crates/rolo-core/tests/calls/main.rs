//! Calls to AWS and the sources of base credentials, each over a real connection, file or program.
#![expect(clippy::unwrap_used, reason = "a test says so by panicking")]

mod aws;
mod clock;
mod container;
mod failures;
mod imds;
mod process;
mod sso;
mod web_identity;
mod wire;

use std::{fs, path::PathBuf};

use rolo_core::{
    Credentials,
    aws::{Aws, CallSettings},
    provider::{Outcome, ProviderError},
};
use tempfile::TempDir;

/// For sources that never call AWS itself.
fn no_aws() -> Aws {
    Aws::new(CallSettings::default())
}

#[expect(clippy::disallowed_methods, reason = "a test's own file")]
fn put(folder: &TempDir, name: &str, content: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    path
}

fn found(outcome: Result<Outcome, ProviderError>) -> Credentials {
    match outcome.unwrap() {
        Outcome::Found(credentials) => credentials,
        Outcome::Absent(absence) => panic!("{absence}"),
    }
}
