//! Programs, token files and certificates that profiles and variables name. Runs no program.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use super::{Check, Finding, Severity, Subject, check};
use crate::{
    env_vars::{AWS_CA_BUNDLE, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, AWS_WEB_IDENTITY_TOKEN_FILE, PATH},
    handed::UserEnv,
    host::Env,
    profile::Setting,
    words::{shell_word, split_words},
};

pub(in crate::doctor) static PROGRAM: Check = check(
    "R114",
    Severity::Fault,
    "the program of a `credential_process` cannot be run",
    "The profile has no credentials without it.",
);
pub(in crate::doctor) static TOKEN_FILE: Check = check(
    "R115",
    Severity::Warning,
    "a token file is not there",
    "Without the token there is nothing to be exchanged for credentials. A profile that is meant for a pod or a pipeline has its token there \
     alone.",
);
pub(in crate::doctor) static CA_BUNDLE: Check = check(
    "R116",
    Severity::Fault,
    "a file of certificates is not there or holds none",
    "No connection by TLS is trusted without one, so no call can be made.",
);
pub(in crate::doctor) static MFA_PROGRAM: Check = check(
    "R117",
    Severity::Fault,
    "the program of an `mfa_process` cannot be run",
    "No MFA code can be had from it.",
);

pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let env = UserEnv::new(subject.host.env);
    let set = |name: &str| env.var(name).filter(|value| !value.is_empty());
    let mut disk = Disk { home: subject.host.home(), path: set(PATH), programs: HashMap::new() };
    for name in [AWS_WEB_IDENTITY_TOKEN_FILE, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE] {
        if let Some(problem) = set(name).and_then(|file| token_problem(&file)) {
            let remedy = format!("run `unset {name}`, or put the token there");
            findings.push(Finding::new(&TOKEN_FILE, format!("`{name}` names {problem}"), remedy));
        }
    }
    let bundle = set(AWS_CA_BUNDLE);
    if let Some(problem) = bundle.as_deref().and_then(bundle_problem) {
        let remedy = format!("run `unset {AWS_CA_BUNDLE}`, or name a file of certificates in PEM");
        findings.push(Finding::new(&CA_BUNDLE, format!("`{AWS_CA_BUNDLE}` names {problem}"), remedy));
    }
    for profile in subject.profiles() {
        let mut found = |finding: Finding, setting: &Setting<'_>| {
            findings.push(finding.of_profile(profile.name()).at([setting.location()]));
        };
        if let Some(command) = profile.get("credential_process")
            && let Some(finding) = disk.command("credential_process", &PROGRAM, command.value)
        {
            found(finding, &command);
        }
        if let Some(command) = profile.get("mfa_process").filter(|command| !command.value.trim().is_empty())
            && let Some(finding) = disk.command("mfa_process", &MFA_PROGRAM, command.value)
        {
            found(finding, &command);
        }
        if let Some(file) = profile.get("web_identity_token_file")
            && let Some(problem) = token_problem(file.value)
        {
            let text = format!("`web_identity_token_file` names {problem}");
            let remedy = "name the file that holds the token; whoever runs this machine puts it there";
            found(Finding::new(&TOKEN_FILE, text, remedy), &file);
        }
        if let Some(file) = profile.get("ca_bundle").filter(|file| bundle.is_none() && !file.value.is_empty())
            && let Some(problem) = bundle_problem(file.value)
        {
            let text = format!("`ca_bundle` names {problem}");
            found(
                Finding::new(&CA_BUNDLE, text, "name a file of certificates in PEM, or remove the line"),
                &file,
            );
        }
    }
}

/// What was found out of programs, which many profiles share.
struct Disk {
    home: Option<PathBuf>,
    path: Option<String>,
    programs: HashMap<String, Option<&'static str>>,
}

impl Disk {
    /// What is wrong with the program of a command line.
    fn command(&mut self, key: &str, check: &'static Check, line: &str) -> Option<Finding> {
        let program = match split_words(line) {
            Ok(words) => words.into_iter().next(),
            Err(reason) => {
                let remedy = format!("close it, or put what `{key}` is to run into a script");
                return Some(Finding::new(check, format!("`{key}` {reason}"), remedy));
            }
        };
        let Some(program) = program else {
            return Some(Finding::new(
                check,
                format!("`{key}` is empty"),
                "name a program, or remove the line",
            ));
        };
        if let Some(rest) = program.strip_prefix("~/").or_else(|| program.strip_prefix("$HOME/")) {
            let whole =
                self.home.as_ref().map_or_else(|| Path::new("/home/YOU").join(rest), |home| home.join(rest));
            return Some(Finding::new(
                check,
                format!(
                    "`{key}` names `{program}`, which is not found: there is no shell that would put the home in its place"
                ),
                // In quotes, for what stands in backticks is shown with a `~` again.
                format!("write the whole path, \"{}\"", whole.display()),
            ));
        }
        let problem = if let Some(known) = self.programs.get(&program) {
            *known
        } else {
            let problem = self.problem(&program);
            self.programs.insert(program.clone(), problem);
            problem
        };
        problem.map(|problem| {
            let remedy = if problem == NOT_EXECUTABLE {
                format!("run `chmod u+x {}`", shell_word(&program))
            } else if program.contains('/') {
                "install it, or correct the path".to_owned()
            } else {
                "install it, or write its whole path".to_owned()
            };
            Finding::new(check, format!("the program `{program}` of `{key}` {problem}"), remedy)
        })
    }

    fn problem(&self, program: &str) -> Option<&'static str> {
        if program.contains('/') {
            return match state(Path::new(program)) {
                State::Executable => None,
                State::File => Some(NOT_EXECUTABLE),
                State::Nothing => Some("is not there"),
            };
        }
        let path = self.path.as_deref()?;
        let is_there = |folder: &str| state(&Path::new(folder).join(program)) == State::Executable;
        (!path.split(':').any(is_there)).then_some("is in no folder of `PATH`")
    }
}

const NOT_EXECUTABLE: &str = "may not be executed";

#[derive(PartialEq, Eq)]
enum State {
    Executable,
    File,
    Nothing,
}

fn state(path: &Path) -> State {
    if !std::fs::metadata(path).is_ok_and(|meta| meta.is_file()) {
        return State::Nothing;
    }
    match rustix::fs::access(path, rustix::fs::Access::EXEC_OK) {
        Ok(()) => State::Executable,
        Err(_) => State::File,
    }
}

fn token_problem(file: &str) -> Option<String> {
    let problem = match std::fs::metadata(file) {
        Ok(meta) if meta.is_file() && meta.len() == 0 => "which is empty",
        Ok(_) => return None,
        Err(_) if file.starts_with("~/") => {
            "which is not there: no tool puts the home in the place of `~` here"
        }
        Err(_) => "which is not there",
    };
    Some(format!("`{file}`, {problem}"))
}

fn bundle_problem(file: &str) -> Option<String> {
    let problem = match std::fs::read(file) {
        Err(error) => match error.kind() {
            std::io::ErrorKind::NotFound => "which is not there".to_owned(),
            // AWS CLI and boto3 take a folder of certificates.
            std::io::ErrorKind::IsADirectory => "which is a folder, and rolo wants a file".to_owned(),
            kind => format!("which cannot be read ({kind})"),
        },
        Ok(bytes) if memchr::memmem::find(&bytes, b"-----BEGIN CERTIFICATE-----").is_none() => {
            "which holds no certificate".to_owned()
        }
        Ok(_) => return None,
    };
    Some(format!("`{file}`, {problem}"))
}
