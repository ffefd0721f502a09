//! Setups that do not work, a folder each below `tests/broken`: what rolo says about each, and that the remedy it names
//! makes it work.
//!
//! `ROLO_BROKEN=NAME` runs the folders whose name holds NAME. `ROLO_RECORD=1` writes what was said into them, for a person
//! who reads it afterwards; see CONTRIBUTING.md.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
#![expect(clippy::disallowed_methods, reason = "the real program is run, and real files are made for it")]

mod home;
mod said;
mod steps;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use home::Home;
use steps::{Remedy, parse_steps};

/// What the folders' names begin with, and how many there are at least.
const GROUPS: [(&str, usize); 12] = [
    ("files", 8),
    ("chains", 12),
    ("keys", 6),
    ("values", 10),
    ("env", 8),
    ("mfa", 6),
    ("denied", 8),
    ("time", 6),
    ("program", 8),
    ("net", 4),
    ("cache", 4),
    ("command", 20),
];

/// So many setups at once; each has an AWS of its own.
const AT_ONCE: usize = 4;

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut folders: Vec<_> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn name_of(folder: &Path) -> &str {
    folder.file_name().unwrap().to_str().unwrap()
}

#[test]
fn each_is_told_and_its_remedy_mends_it() {
    let wanted = std::env::var("ROLO_BROKEN").unwrap_or_default();
    let record = std::env::var("ROLO_RECORD").is_ok_and(|value| value == "1");
    let folders: Vec<_> = folders().into_iter().filter(|folder| name_of(folder).contains(&wanted)).collect();
    let (next, problems) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(folder) = folders.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let of_folder = std::panic::catch_unwind(|| examine(folder, record))
                        .unwrap_or_else(|_| vec!["panicked, see above".to_owned()]);
                    let named =
                        of_folder.into_iter().map(|problem| format!("{}: {problem}", name_of(folder)));
                    problems.lock().unwrap().extend(named);
                }
            });
        }
    });
    let mut problems = problems.into_inner().unwrap();
    problems.sort();
    assert!(problems.is_empty(), "{} problems\n\n{}", problems.len(), problems.join("\n\n"));
}

#[test]
fn every_kind_of_trouble_is_there() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for folder in folders() {
        let group = name_of(&folder).split('-').next().unwrap_or_default().to_owned();
        *counts.entry(group).or_default() += 1;
    }
    for (group, least) in GROUPS {
        let count = counts.remove(group).unwrap_or_default();
        assert!(count >= least, "{count} folders begin with `{group}-`, and {least} should");
    }
    assert!(counts.is_empty(), "folders of no group: {counts:?}");
}

/// All that is wrong with what rolo says about one folder.
fn examine(folder: &Path, record: bool) -> Vec<String> {
    let mut problems = Vec::new();
    let remedy = Remedy::load(&folder.join("remedy"));
    let mut home = Home::of(folder);
    // The run comes last: it may mend a cache, and spend a code.
    let doctor = home.run("doctor");
    let explain = explain_words(folder, &home.command()).map(|words| home.run(&words));
    let mut run = home.run(&home.command());
    if run.code != 0 {
        // In a home of its own: a code is good once, and a fault of AWS may be over.
        match Home::of(folder).name_of_error() {
            Some(name) => run.add_name(&name),
            None => problems.push(format!("the error has no name:\n{}", run.text)),
        }
    }
    for (file, said) in
        [("run.txt", Some(&run)), ("explain.txt", explain.as_ref()), ("doctor.txt", Some(&doctor))]
    {
        let Some(said) = said else { continue };
        problems.extend(home.secrets_in(said).map(|secret| format!("{file} shows the secret {secret}")));
        problems.extend(said.compare(&folder.join(file), record));
    }

    if run.code != 0 && !run.stderr.lines().any(|line| line.trim_start().starts_with("hint: ")) {
        problems.push(format!("the run does not say what to type next:\n{}", run.text));
    }
    let told = format!("{}{}", run.text, doctor.text);
    for blamed in &remedy.blames {
        if !told.contains(blamed.as_str()) {
            problems.push(format!("nothing names what is to blame, `{blamed}`:\n{told}"));
        }
    }
    for hint in &remedy.hints {
        if !told.contains(hint.as_str()) {
            problems.push(format!("nothing names the remedy, `{hint}`:\n{told}"));
        }
    }
    if run.code == 0 && run.stderr.is_empty() && doctor.code == 0 {
        problems.push("nothing is broken".to_owned());
    }

    for step in &remedy.steps {
        if let Err(problem) = home.take(step, &run) {
            problems.push(format!("remedy: {problem}"));
            return problems;
        }
    }
    let mended = home.run(&home.command());
    if mended.code != 0 {
        problems.push(format!("after the remedy:\n{}", mended.text));
    } else if !run.stderr.is_empty() && mended.stderr == run.stderr {
        problems.push(format!("after the remedy the same is said:\n{}", mended.text));
    }
    problems
}

/// `explain` of the profile that the command is for. Commands that are wrong by themselves have nothing to explain.
fn explain_words(folder: &Path, command: &str) -> Option<String> {
    if name_of(folder).starts_with("command-") {
        return None;
    }
    let profile = command.split(' ').nth(1).filter(|word| !word.starts_with('-'));
    Some(profile.map_or_else(|| "explain".to_owned(), |profile| format!("explain {profile}")))
}

#[test]
fn a_step_that_is_none_is_not_passed_over() {
    assert!(parse_steps("mend everything\n").is_err());
    assert!(parse_steps("# a remark\n\nset A=b c\nreplace ~/.aws/config:3 region = eu-west-1\n").is_ok());
    assert!(parse_steps("replace ~/.aws/config region\n").is_err(), "a line number is missing");
}
