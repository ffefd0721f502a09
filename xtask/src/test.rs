//! `cargo xtask test`: sets up what the tests need, then runs every one of them, the conformance cases too.

use std::ffi::OsString;
use std::fs;
use std::process::Command;

use crate::program::{self, Failure};
use crate::repo;
use crate::skips;
use crate::tools::{self, Tools};

/// All tests; with arguments, `cargo test` with those.
pub(crate) fn run(args: &[OsString]) -> Result<(), Failure> {
    let tools = tools::set_up();
    skips::judge(&tools.missing)?;
    // A fresh home each time, so that no test lives on what another run left there.
    let home = repo::target().join("test-home");
    if home.exists() {
        fs::remove_dir_all(&home).map_err(Failure::at(home.display()))?;
    }
    if !args.is_empty() {
        return cargo_test(&tools, args);
    }
    cargo_test(&tools, &["--workspace".into()])?;
    conformance(&tools)
}

fn cargo_test(tools: &Tools, args: &[OsString]) -> Result<(), Failure> {
    let us = std::env::current_exe().map_err(Failure::at("this program's path"))?;
    let us = us.to_str().ok_or_else(|| Failure::new("the target folder's name is not UTF-8"))?;
    let runner = format!("target.'cfg(all())'.runner = [{us:?}, {:?}]", program::EMPTY_ENV);
    let mut cargo = program::cargo();
    cargo.arg("test").args(["--config", &runner]).args(args).current_dir(repo::root());
    program::run(cargo.envs(tools.variables.iter().map(|(name, path)| (name, path))))
}

/// The cases recorded from the AWS CLI, against the rolo that the tests were built with; what it explains before each has to
/// be what it then does.
fn conformance(tools: &Tools) -> Result<(), Failure> {
    let rolo = repo::built("debug", "rolo");
    let folder = repo::root().join("tests/conformance");
    for file in ["cases.json", "more_cases.json"] {
        let mut cases = Command::new(tools.python());
        program::empty_env(&mut cases)?;
        cases.arg(folder.join("run_cases.py")).arg("--cases").arg(folder.join(file));
        for (option, command) in [("--cmd", "process"), ("--explain", "explain --json")] {
            cases.arg(option).arg(format!("'{}' {command} --no-mfa-session {{profile}}", rolo.display()));
        }
        program::run(cases.args(["--as", "rolo", "--code-env", "ROLO_MFA_CODE"]))?;
    }
    Ok(())
}
