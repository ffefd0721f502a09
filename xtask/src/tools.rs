//! What the tests run against: shells, the AWS CLI, Python packages. Installs what it may, says what is missing.
//!
//! All of it is skipped when it is there already: a second run looks, and touches no network.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::program::{self, Failure};
use crate::repo;
use crate::skips::Missing;

/// Debian's package and the program in it. `awscli` is looked for by its version, in [`aws_v2`].
const SYSTEM: [(&str, &str); 10] = [
    ("dash", "dash"),
    ("elvish", "elvish"),
    ("fish", "fish"),
    ("jq", "jq"),
    ("shellcheck", "shellcheck"),
    ("strace", "strace"),
    ("tcsh", "tcsh"),
    ("tmux", "tmux"),
    ("valgrind", "valgrind"),
    ("zsh", "zsh"),
];

/// Shells that can be had nowhere by us, but may be there.
const FOUND_ONLY: [(&str, &str); 2] = [("powershell", "pwsh"), ("cmd", "cmd")];

const NUSHELL: &str = "nushell@0.115.1";

/// What is there, as the variables by which the tests find it, and what is not.
pub(crate) struct Tools {
    /// `ROLO_TEST_…` and an absolute path each.
    pub(crate) variables: Vec<(&'static str, PathBuf)>,
    /// What could not be had.
    pub(crate) missing: Vec<Missing>,
}

impl Tools {
    /// The Python with the packages of `ci/requirements.txt`, or whichever there is.
    pub(crate) fn python(&self) -> PathBuf {
        let ours = self.variables.iter().find(|(name, _)| *name == "ROLO_TEST_PYTHON");
        ours.map_or_else(|| "python3".into(), |(_, path)| path.clone())
    }

    fn note<T: Into<PathBuf>>(&mut self, name: &str, variable: &'static str, found: Result<T, Failure>) {
        match found {
            Ok(path) => self.variables.push((variable, path.into())),
            Err(failure) => self.miss(name, failure.to_string()),
        }
    }

    fn miss(&mut self, name: &str, why: String) {
        self.missing.push(Missing { name: name.to_owned(), why });
    }
}

/// Installs what is missing where it may, and says what is there.
pub(crate) fn set_up() -> Tools {
    let mut tools = Tools { variables: Vec::new(), missing: Vec::new() };
    install_system_packages();
    for (_, program) in SYSTEM {
        if program::find(program).is_none() {
            tools.miss(program, "not on PATH, and not to be installed by us here".to_owned());
        }
    }
    for (name, program) in FOUND_ONLY {
        if program::find(program).is_none() {
            tools.miss(name, format!("`{program}` is not on PATH"));
        }
    }
    tools.note(
        "aws-v2",
        "ROLO_TEST_AWS_V2",
        aws_v2().ok_or_else(|| Failure::new("no `aws` of version 2 on PATH")),
    );
    let venv = python_packages();
    tools.note("aws-v1", "ROLO_TEST_AWS_V1", venv.as_ref().map(|bin| bin.join("aws")).map_err(same));
    tools.note("python", "ROLO_TEST_PYTHON", venv.map(|bin| bin.join("python")));
    tools.note("nushell", "ROLO_TEST_NU", nushell());
    for (variable, path) in &tools.variables {
        println!("{variable}={}", path.display());
    }
    tools
}

fn same(failure: &Failure) -> Failure {
    Failure::new(failure.to_string())
}

/// Best effort: whoever wants a package that did not come says so by its program.
fn install_system_packages() {
    let mut wanted: Vec<&str> = SYSTEM
        .into_iter()
        .filter(|(_, program)| program::find(program).is_none())
        .map(|(package, _)| package)
        .collect();
    if aws_v2().is_none() {
        wanted.push("awscli");
    }
    if !has_venv_module() {
        wanted.push("python3-venv");
    }
    if wanted.is_empty() || program::find("apt-get").is_none() {
        return;
    }
    let Some(become_root) = root_prefix() else { return };
    let apt = |args: &[&str]| {
        let mut command = Command::new(become_root.first().unwrap_or(&"apt-get"));
        command.args(become_root.get(1..).unwrap_or_default());
        if !become_root.is_empty() {
            command.arg("apt-get");
        }
        // Another run may hold dpkg's lock for a while.
        command.args(["-qq", "-o", "DPkg::Lock::Timeout=120"]).args(args);
        program::run(command.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()))
    };
    let install = ["install", "-y", "--no-install-recommends"];
    let together = apt(&["update"]).and_then(|()| apt(&[&install, wanted.as_slice()].concat()));
    if together.is_err() {
        // One package that this release does not have must not cost us the others.
        for package in wanted {
            if let Err(failure) = apt(&[&install[..], &[package]].concat()) {
                eprintln!("{failure}");
            }
        }
    }
}

/// What stands before a command that installs: nothing for root, else `sudo` where it asks for no password.
fn root_prefix() -> Option<&'static [&'static str]> {
    let user = program::output_of(Command::new("id").arg("-u")).map(|(out, _)| out).unwrap_or_default();
    if user.trim() == "0" {
        return Some(&[]);
    }
    let passwordless = program::output_of(Command::new("sudo").args(["-n", "true"])).is_ok();
    passwordless.then_some(&["sudo", "-n", "DEBIAN_FRONTEND=noninteractive"])
}

/// The first AWS CLI of version 2, also behind one of version 1 on PATH.
fn aws_v2() -> Option<PathBuf> {
    let usual = ["/usr/bin/aws", "/usr/local/bin/aws"].into_iter().map(PathBuf::from).filter(|p| p.is_file());
    usual.chain(program::find_all("aws")).find(|aws| version_of(aws).starts_with("aws-cli/2"))
}

fn version_of(program: &Path) -> String {
    let mut command = Command::new(program);
    command.arg("--version");
    program::empty_env(&mut command)
        .and_then(|()| program::output_of(&mut command))
        .map(|(out, _)| out)
        .unwrap_or_default()
}

fn has_venv_module() -> bool {
    program::output_of(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_ok()
}

/// `target/venv/bin` with the packages of `ci/requirements.txt`. Its stamp is a copy of that file.
fn python_packages() -> Result<PathBuf, Failure> {
    let list = repo::root().join("ci/requirements.txt");
    let venv = repo::target().join("venv");
    let bin = venv.join("bin");
    once(&venv.join("rolo-requirements.txt"), &read(&list)?, &bin.join("python"), || {
        program::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        program::run(Command::new(bin.join("python")).args(pip).arg(&list))
    })?;
    Ok(bin)
}

/// The real binary out of npm's package, not its JavaScript wrapper; without npm, the one on PATH.
fn nushell() -> Result<PathBuf, Failure> {
    if program::find("npm").is_none() {
        return program::find("nu").ok_or_else(|| Failure::new("neither `npm` nor `nu` is on PATH"));
    }
    let folder = repo::target().join("tools");
    let modules = folder.join("node_modules/@nushell");
    once(&folder.join("rolo-nushell.txt"), NUSHELL, &modules, || {
        fs::create_dir_all(&folder).map_err(Failure::at(folder.display()))?;
        let install = ["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"];
        program::run(Command::new("npm").args(install).arg(&folder).arg(NUSHELL))
    })?;
    let packages = fs::read_dir(&modules).map_err(Failure::at(modules.display()))?;
    let mut programs = packages.flatten().map(|entry| entry.path().join("bin/nu"));
    programs
        .find(|nu| nu.is_file())
        .ok_or_else(|| Failure::new("npm's nushell holds no program for this machine"))
}

/// Does the work unless the stamp holds these very words and its result is there; stamps it when it is done.
fn once(
    stamp: &Path,
    words: &str,
    result: &Path,
    work: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    if result.exists() && fs::read_to_string(stamp).is_ok_and(|old| old == words) {
        return Ok(());
    }
    work()?;
    fs::write(stamp, words).map_err(Failure::at(stamp.display()))
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(Failure::at(path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn work_is_done_once_for_the_same_words() {
        let folder = std::env::temp_dir().join(format!("rolo-xtask-once-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (stamp, result) = (folder.join("stamp"), folder.join("result"));
        let runs = Cell::new(0);
        let work = || {
            runs.set(runs.get() + 1);
            fs::write(&result, "").map_err(Failure::at("result"))
        };
        for (words, expected) in [("a", 1), ("a", 1), ("b", 2)] {
            once(&stamp, words, &result, work).unwrap();
            assert_eq!(runs.get(), expected, "{words}");
        }
        fs::remove_file(&result).unwrap();
        once(&stamp, "b", &result, work).unwrap();
        assert_eq!(runs.get(), 3, "the result was lost");
        let refused = once(&stamp, "c", &result, || Err(Failure::new("no")));
        assert!(refused.is_err());
        assert_eq!(fs::read_to_string(&stamp).unwrap(), "b", "a failure leaves no stamp");
        fs::remove_dir_all(&folder).unwrap();
    }
}
