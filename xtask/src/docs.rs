//! `cargo xtask docs`: builds and runs `examples/docs`, which makes the reference pages from the code.

use std::ffi::OsString;

use crate::program::{self, Failure};
use crate::repo;

/// Writes `docs/reference`; with `--check` compares only.
pub(crate) fn run(args: &[OsString]) -> Result<(), Failure> {
    let mut cargo = program::cargo();
    cargo.args(["run", "--quiet", "--package", "xtask", "--example", "docs", "--"]).args(args);
    program::run(cargo.current_dir(repo::root()))
}
