//! `rolo completions`, and `rolo complete`, which its scripts call at each Tab: no network, no cache, no question.

use rolo_core::{Secret, host::Host};
use serde_json::json;

use super::hand_over::print;
use crate::{
    cli::{CompleteArgs, CompletionsArgs},
    completions::{
        Candidate, Shell,
        bash_line::Line,
        grammar::{Kind, Wanted, find_wanted},
        script,
        values::load_values,
    },
    error::CliError,
};

/// Prints a shell's script.
pub fn run(args: &CompletionsArgs) -> Result<u8, CliError> {
    print(&Secret::new(script(args.shell, &args.name)))
}

/// Prints what may stand at the cursor: on the first line `values`, `files`, `nothing` or `command N`, then the values,
/// each with a tab and what it is.
pub fn complete(args: &CompleteArgs, host: Host<'_>) -> Result<u8, CliError> {
    let mut words: Vec<String> = args.words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let text = match args.shell {
        Shell::Bash => {
            let [line, breaks] = [0, 1].map(|index| words.get(index).map_or("", String::as_str));
            answer_bash(&Line::parse(line, breaks), host)
        }
        Shell::Nushell => {
            let current = words.pop().unwrap_or_default();
            answer_nushell(&words, current.trim_matches(['"', '\'', '`']), host)
        }
        // Older PowerShells drop an empty argument, so the last one has a sign before it.
        Shell::PowerShell => {
            let current = words.pop().unwrap_or_default();
            let current = current.strip_prefix('=').unwrap_or(&current);
            let answer = Answer::load(&words, current, host);
            render_lines(&answer.with_prefix(current), |candidate| Some(candidate.value.clone()))
        }
        // These three choose among the values themselves, by their own rules.
        Shell::Zsh | Shell::Fish | Shell::Elvish => {
            let current = words.pop().unwrap_or_default();
            let answer = Answer::load(&words, &current, host);
            render_lines(&answer, |candidate| Some(candidate.value.clone()))
        }
    };
    print(&Secret::new(text))
}

enum Answer {
    Values(Vec<Candidate>),
    Files,
    Command(usize),
    Nothing,
}

impl Answer {
    fn load(words: &[String], current: &str, host: Host<'_>) -> Self {
        match find_wanted(words, current) {
            Wanted::Nothing => Self::Nothing,
            Wanted::Command { at } => Self::Command(at),
            Wanted::Value { kind: Kind::File, .. } => Self::Files,
            Wanted::Words(candidates) => Self::Values(candidates),
            Wanted::Value { before, kind } => {
                let begun = current.strip_prefix(before.as_str()).unwrap_or_default();
                let mut candidates = load_values(kind, begun, host);
                // No shell shows such a name as it is, and the answer is read by lines.
                candidates.retain(|candidate| !candidate.value.contains(char::is_control));
                for candidate in &mut candidates {
                    candidate.value.insert_str(0, &before);
                }
                Self::Values(candidates)
            }
        }
    }

    fn with_prefix(mut self, current: &str) -> Self {
        if let Self::Values(candidates) = &mut self {
            candidates.retain(|candidate| candidate.value.starts_with(current));
        }
        self
    }
}

fn answer_bash(line: &Line, host: Host<'_>) -> String {
    let words: Vec<String> = line.words.iter().map(|(_, word)| word.clone()).collect();
    match Answer::load(&words, &line.current.text, host) {
        Answer::Command(at) => {
            let offset = line.words.get(at).map_or(line.current.start, |(start, _)| *start);
            format!("command {offset}\n")
        }
        answer => render_lines(&answer, |candidate| line.current.reply(&candidate.value)),
    }
}

fn answer_nushell(words: &[String], current: &str, host: Host<'_>) -> String {
    let (kind, at, values) = match Answer::load(words, current, host).with_prefix(current) {
        Answer::Values(candidates) => ("values", 0, candidates),
        Answer::Files => ("files", 0, Vec::new()),
        Answer::Command(at) => ("command", at, Vec::new()),
        Answer::Nothing => ("values", 0, Vec::new()),
    };
    let values: Vec<_> = values
        .iter()
        .map(|candidate| {
            let value = quote_for_nushell(&candidate.value);
            json!({ "value": value, "description": one_line(&candidate.about) })
        })
        .collect();
    json!({ "kind": kind, "at": at, "values": values }).to_string()
}

/// A word of nushell's that it reads as this text.
fn quote_for_nushell(value: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:=@+".contains(c);
    if !value.is_empty() && value.chars().all(is_plain) {
        value.to_owned()
    } else if value.contains('\'') {
        format!("\"{}\"", value.replace('\\', r"\\").replace('"', "\\\""))
    } else {
        format!("'{value}'")
    }
}

fn render_lines(answer: &Answer, value: impl Fn(&Candidate) -> Option<String>) -> String {
    match answer {
        Answer::Files => "files\n".to_owned(),
        Answer::Command(at) => format!("command {at}\n"),
        Answer::Nothing => "nothing\n".to_owned(),
        Answer::Values(candidates) => {
            let mut text = "values\n".to_owned();
            for candidate in candidates {
                let Some(value) = value(candidate) else { continue };
                text.push_str(&value);
                if !candidate.about.is_empty() {
                    text.push('\t');
                    text.push_str(&one_line(&candidate.about));
                }
                text.push('\n');
            }
            text
        }
    }
}

fn one_line(about: &str) -> String {
    crate::ui::escape::escape_to_one_line(about)
}
