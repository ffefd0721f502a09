//! Where tests find the programs they do not bring along, and what happens when one is not there.
//!
//! A test asks for its tool first and returns when there is none; on CI it fails instead, unless `ci/skips.txt` names
//! the tool, so that no test is silently left out where it counts. Must not know what a tool is used for.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The program called `name` (a shell, `nushell`, `python`, `aws-v1` …), or `None` after saying on standard error that
/// it is skipped. A Python package is found as the Python that can import it.
///
/// `$ROLO_TEST_NAME` comes first, then where `cargo xtask test` puts what it installs, then `PATH`. The command's
/// environment is empty but for `PATH` and a UTF-8 locale: whatever the machine has set stays out.
///
/// # Panics
/// On CI, when there is none and `ci/skips.txt` has no line for it.
pub(crate) fn find(name: &str) -> Option<Command> {
    let program = match name {
        "powershell" => "pwsh",
        "nushell" => "nu",
        TREE_SITTER => "python",
        _ => name,
    };
    let said = var(&format!("ROLO_TEST_{}", program.to_uppercase().replace('-', "_"))).map(PathBuf::from);
    let installed = match program {
        "nu" => Some(target().join("tools/node_modules/.bin/nu")),
        "python" => Some(target().join("venv/bin/python")),
        _ => None,
    };
    // Only the prepared Python has the packages that tests import.
    let on_path = if program == "python" { None } else { search_path(program) };
    let found = [said, installed, on_path].into_iter().flatten().find(|path| path.is_file());
    let Some(path) = found else { return skip(name, "is not installed") };
    if name == TREE_SITTER && !imports(command(&path), "tree_sitter_powershell") {
        return skip(name, "cannot be imported");
    }
    Some(command(&path))
}

const TREE_SITTER: &str = "tree-sitter-powershell";

#[expect(clippy::disallowed_methods, reason = "tests run real programs")]
fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", var("PATH").unwrap_or_default()).env("LC_ALL", "C.UTF-8");
    command
}

fn imports(mut python: Command, module: &str) -> bool {
    let import = format!("import {module}");
    python.args(["-c", &import]).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

#[expect(clippy::print_stderr, reason = "says what was not tested")]
pub(crate) fn skip(name: &str, reason: &str) -> Option<Command> {
    let listed = fs::read_to_string(repository().join("ci/skips.txt")).unwrap_or_default();
    let is_listed = listed.lines().any(|line| line.split(':').next() == Some(name));
    assert!(
        is_listed || var("CI").as_deref() != Some("true"),
        "`{name}` {reason}, and `ci/skips.txt` does not list it"
    );
    eprintln!("skipped: {name}: {reason}");
    None
}

fn search_path(program: &str) -> Option<PathBuf> {
    let path = var("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Cargo's target folder, wherever it was moved to.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("..")
}

#[expect(clippy::disallowed_methods, reason = "tests have no `Host`")]
fn var(name: &str) -> Option<String> {
    env::var(name).ok()
}
