//! The small language in which a setup is prepared and a remedy is written down: a step a line.
//!
//! Must not know how a step is taken.

use std::{fs, path::Path};

/// What is done to a home, its files, its variables or its AWS. Paths begin with `~/`, and lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// `set NAME=VALUE`: a variable for all runs to come.
    Set(String, String),
    /// `unset NAME`.
    Unset(String),
    /// `replace FILE:LINE TEXT`.
    Replace(String, usize, String),
    /// `insert FILE:LINE TEXT`: before that line.
    Insert(String, usize, String),
    /// `remove FILE:LINE`.
    Remove(String, usize),
    /// `append FILE TEXT`; the file need not be there yet.
    Append(String, String),
    /// `delete FILE`.
    Delete(String),
    /// `link FILE TARGET`: a symbolic link.
    Link(String, String),
    /// `mode OCTAL FILE`.
    Mode(u32, String),
    /// `cd FOLDER`, for all runs to come.
    Enter(String),
    /// `rolo ARGS`: it must end well.
    Rolo(String),
    /// `command ARGS`: what is asked of rolo from now on.
    Command(String),
    /// `aws fault JSON`, as `POST /_fake/fault` takes it.
    Fault(String),
    /// `aws skew SECONDS`: AWS's clock is so much ahead of this machine's.
    Skew(i64),
    /// `aws advance SECONDS`: so much time passes in AWS, and requests signed by this machine's clock are still taken.
    Advance(u64),
    /// `aws right`: no more faults, and the clock right.
    Right,
    /// `aws POINTER = JSON`: a part of AWS's state is another; it starts anew.
    State(String, String),
    /// `trust ROLE`: the role's trust policy gets the statement that rolo showed.
    Trust(String),
}

/// The file `remedy` of a setup.
#[derive(Debug, Default)]
pub(crate) struct Remedy {
    /// `blame TEXT`: must be told, mostly `FILE:LINE`.
    pub(crate) blames: Vec<String>,
    /// `hint TEXT`: must be told, for it is what is done here.
    pub(crate) hints: Vec<String>,
    /// What makes it work.
    pub(crate) steps: Vec<Step>,
}

impl Remedy {
    /// The remedy in the file at `path`.
    pub(crate) fn load(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (mut remedy, mut steps) = (Self::default(), String::new());
        for line in text.lines() {
            match line.split_once(' ') {
                Some(("blame", what)) => remedy.blames.push(what.to_owned()),
                Some(("hint", what)) => remedy.hints.push(what.to_owned()),
                _ => steps.extend([line, "\n"]),
            }
        }
        remedy.steps = parse_steps(&steps).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
        assert!(
            !remedy.blames.is_empty() && !remedy.hints.is_empty() && !remedy.steps.is_empty(),
            "{}: `blame`, `hint` and a step are needed",
            path.display()
        );
        remedy
    }
}

/// The steps in `text`; blank lines and those that begin with `#` are for the reader.
pub(crate) fn parse_steps(text: &str) -> Result<Vec<Step>, String> {
    text.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| parse_step(line).ok_or_else(|| format!("`{line}` is no step")))
        .collect()
}

fn parse_step(line: &str) -> Option<Step> {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let two = || rest.split_once(' ').map(|(first, second)| (first.to_owned(), second.to_owned()));
    let place = |text: &str| {
        let (file, line) = text.rsplit_once(':')?;
        Some((file.to_owned(), line.parse().ok()?))
    };
    Some(match verb {
        "set" => rest.split_once('=').map(|(name, value)| Step::Set(name.to_owned(), value.to_owned()))?,
        "unset" => Step::Unset(rest.to_owned()),
        "replace" | "insert" => {
            let (at, text) = two()?;
            let (file, line) = place(&at)?;
            if verb == "replace" { Step::Replace(file, line, text) } else { Step::Insert(file, line, text) }
        }
        "remove" => place(rest).map(|(file, line)| Step::Remove(file, line))?,
        "append" => two().map(|(file, text)| Step::Append(file, text))?,
        "delete" => Step::Delete(rest.to_owned()),
        "link" => two().map(|(file, target)| Step::Link(file, target))?,
        "mode" => {
            let (mode, file) = two()?;
            Step::Mode(u32::from_str_radix(&mode, 8).ok()?, file)
        }
        "cd" => Step::Enter(rest.to_owned()),
        "rolo" => Step::Rolo(rest.to_owned()),
        "command" => Step::Command(rest.to_owned()),
        "trust" => Step::Trust(rest.to_owned()),
        "aws" => parse_aws(rest)?,
        _ => return None,
    })
}

fn parse_aws(rest: &str) -> Option<Step> {
    if rest == "right" {
        return Some(Step::Right);
    }
    Some(match rest.split_once(' ')? {
        ("fault", json) => Step::Fault(json.to_owned()),
        ("advance", seconds) => Step::Advance(seconds.parse().ok()?),
        ("skew", seconds) => Step::Skew(seconds.parse().ok()?),
        (pointer, json) => Step::State(pointer.to_owned(), json.strip_prefix("= ")?.to_owned()),
    })
}
