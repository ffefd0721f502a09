//! `cargo xtask demo`: builds rolo and `examples/demo`, and shows the main job against a simulated AWS.

use std::ffi::OsString;
use std::process::Command;

use crate::program::{self, Failure};
use crate::repo;

/// Builds, then hands over to the example; `--release` is ours, all else is its own.
pub(crate) fn run(args: &[OsString]) -> Result<(), Failure> {
    let (release, rest): (Vec<&OsString>, Vec<&OsString>) = args.iter().partition(|arg| *arg == "--release");
    let mut build = program::cargo();
    build.args(["build", "--package", "rolo", "--package", "xtask", "--bin", "rolo", "--example", "demo"]);
    program::run(build.args(&release).current_dir(repo::root()))?;
    let profile = if release.is_empty() { "debug" } else { "release" };
    let mut demo = Command::new(repo::built(&format!("{profile}/examples"), "demo"));
    program::empty_env(&mut demo)?;
    program::run(demo.arg(repo::built(profile, "rolo")).args(rest))
}
