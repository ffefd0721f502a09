//! Starting other programs: shown, checked, and for whatever is under test, in an environment of its own.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Why a chore failed, in words for the terminal.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// A failure with this text.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// For `map_err`: what was being done, then the system's word.
    pub(crate) fn at<E: fmt::Display>(what: impl fmt::Display) -> impl FnOnce(E) -> Self {
        move |error| Self(format!("{what}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The Cargo that runs us, so that no other toolchain is met.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Shows the command, runs it with our own output, and fails if it does.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let shown = render(command);
    eprintln!("$ {shown}");
    let status = command.status().map_err(Failure::at(&shown))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{shown}` ended with {status}"))) }
}

/// Runs the command without input and gives back its stdout and stderr; fails, with what it said, if it does.
pub(crate) fn output_of(command: &mut Command) -> Result<(String, String), Failure> {
    let shown = render(command);
    let output = command.stdin(Stdio::null()).output().map_err(Failure::at(&shown))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    if output.status.success() {
        Ok((out, err))
    } else {
        Err(Failure::new(format!("`{shown}` ended with {}\n{err}", output.status)))
    }
}

fn render(command: &Command) -> String {
    let root = crate::repo::root();
    let short = |word: &OsStr| {
        let path = Path::new(word);
        let word = path.strip_prefix(&root).unwrap_or(path).to_string_lossy().into_owned();
        if word.contains(' ') { format!("'{word}'") } else { word }
    };
    let program = Path::new(command.get_program());
    let name = if program.starts_with(&root) {
        program.as_os_str()
    } else {
        program.file_name().unwrap_or_default()
    };
    std::iter::once(name).chain(command.get_args()).map(short).collect::<Vec<_>>().join(" ")
}

/// The first folder of PATH that holds this program.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    find_all(name).next()
}

/// All programs of this name along PATH.
pub(crate) fn find_all(name: &str) -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&path)
        .map(move |dir| dir.join(&file))
        .filter(|p| p.is_file())
        .collect::<Vec<_>>()
        .into_iter()
}

/// The inner chore that [`run_in_empty_env`] is called by, as Cargo's runner.
pub(crate) const EMPTY_ENV: &str = "in-empty-env";

/// Starts the program with only those variables that a test may see: who and where we are, what Cargo says of the test, and
/// what `cargo xtask test` set up. Proxies, certificates, `AWS_*` and the person's home stay outside.
///
/// Cargo calls this as the runner of each test program, so that Cargo itself keeps the environment it builds and downloads with.
pub(crate) fn run_in_empty_env(args: &[OsString]) -> Result<(), Failure> {
    let [program, args @ ..] = args else { return Err(Failure::new("no program was named")) };
    let mut command = with_default_signals(program);
    command.args(args);
    empty_env(&mut command)?;
    become_program(command)
}

/// A shell starts what it puts into the background with SIGINT ignored, and no child of it can tell; the tests that press
/// Ctrl-C would wait for ever. GNU's `env` puts that right; elsewhere the program starts as it is.
fn with_default_signals(program: &OsStr) -> Command {
    const DEFAULTS: &str = "--default-signal";
    let knows_it = || {
        let tried = Command::new("env").args([DEFAULTS, "true"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    if cfg!(target_os = "linux") && knows_it() {
        let mut command = Command::new("env");
        command.arg(DEFAULTS).arg(program);
        return command;
    }
    Command::new(program)
}

/// Gives the command the environment of [`run_in_empty_env`].
pub(crate) fn empty_env(command: &mut Command) -> Result<(), Failure> {
    let home = crate::repo::target().join("test-home");
    std::fs::create_dir_all(&home).map_err(Failure::at(home.display()))?;
    command.env_clear().envs(env::vars_os().filter(|(name, _)| is_kept(name)));
    command.env("HOME", home).env("LANG", "C.UTF-8").env("INSTA_WORKSPACE_ROOT", crate::repo::root());
    Ok(())
}

fn is_kept(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    let kept = ["PATH", "TMPDIR", "TERM", "USER", "LOGNAME", "CI", "CARGO", "SYSTEMROOT", "TEMP", "TMP"]
        .contains(&name)
        || ["CARGO_", "RUST", "ROLO_TEST_", "PROPTEST_"].iter().any(|prefix| name.starts_with(prefix));
    kept && !name.ends_with("_TOKEN")
}

#[cfg(unix)]
fn become_program(mut command: Command) -> Result<(), Failure> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(Failure::new(format!("{}: {error}", render(&command))))
}

#[cfg(not(unix))]
fn become_program(mut command: Command) -> Result<(), Failure> {
    let status = command.status().map_err(Failure::at(render(&command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("{} ended with {status}", render(&command))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_test_may_see_is_kept() {
        for name in ["PATH", "CI", "CARGO_MANIFEST_DIR", "RUST_BACKTRACE", "ROLO_TEST_PYTHON"] {
            assert!(is_kept(name.as_ref()), "{name}");
        }
        for name in [
            "HOME",
            "AWS_CA_BUNDLE",
            "AWS_PROFILE",
            "https_proxy",
            "SSL_CERT_FILE",
            "XDG_CACHE_HOME",
            "CARGO_REGISTRY_TOKEN",
            "ROLO_MFA_CODE",
        ] {
            assert!(!is_kept(name.as_ref()), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_program_in_the_empty_env_sees_nothing_of_ours() {
        let mut command = Command::new("/usr/bin/env");
        empty_env(&mut command).unwrap();
        let (seen, _) = output_of(&mut command).unwrap();
        let names: Vec<&str> =
            seen.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
        assert!(names.contains(&"PATH"), "{names:?}");
        assert!(names.iter().all(|name| ["HOME", "LANG", "INSTA_WORKSPACE_ROOT"].contains(name) || is_kept(name.as_ref())), "{names:?}");
    }

    #[test]
    fn a_failing_program_is_a_failure_with_its_words() {
        let failure = output_of(cargo().arg("no-such-command")).unwrap_err().to_string();
        assert!(failure.contains("no-such-command"), "{failure}");
    }
}
