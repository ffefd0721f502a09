//! Another program as the picker: it reads the items, a line each, and prints the one that was chosen.
//!
//! Must not know what the items are.

use std::{
    io::{self, Write},
    os::unix::process::ExitStatusExt,
    process::{Child, Command, ExitStatus, Stdio},
};

use rolo_core::words::split_words;

use super::Item;
use crate::ui::escape::escape;

/// What fzf returns where nothing answers, and where it is left. Other programs of its kind return one of them too.
const NOTHING_FOUND: i32 = 1;
const LEFT: i32 = 130;
/// Ctrl-C in a program that takes no care of it.
const INTERRUPTED: i32 = 2;

/// Why another program's choice is not known.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// The words of the command are none.
    #[error("`{command}` {problem}")]
    Words {
        /// The command.
        command: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// It could not be started.
    #[error("`{program}` could not be started")]
    NotStarted {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// It did not end as such programs do.
    #[error("`{program}` ended with {status}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
    },
    /// It printed something else.
    #[error("`{program}` printed `{line}`, which is none of the lines it was given")]
    NoSuchItem {
        /// The program.
        program: String,
        /// What it printed first.
        line: String,
    },
}

/// Lets `command` choose. `None`: nothing was chosen.
pub(super) fn choose(command: &str, items: &[Item]) -> Result<Option<usize>, ProgramError> {
    let words = split_words(command)
        .map_err(|problem| ProgramError::Words { command: command.to_owned(), problem })?;
    let Some((program, args)) = words.split_first() else {
        return Err(ProgramError::Words { command: command.to_owned(), problem: "names no program" });
    };
    let lines = render_lines(items);
    let not_started = |source| ProgramError::NotStarted { program: program.clone(), source };
    let mut child = start(program, args).map_err(not_started)?;
    let (output, status) = talk(&mut child, &lines).map_err(not_started)?;
    match status.code() {
        Some(0) => {}
        Some(NOTHING_FOUND | LEFT) => return Ok(None),
        None if status.signal() == Some(INTERRUPTED) => return Ok(None),
        _ => return Err(ProgramError::Failed { program: program.clone(), status: in_words(status) }),
    }
    let printed = String::from_utf8_lossy(&output);
    let Some(line) = printed.lines().map(str::trim_end).find(|line| !line.is_empty()) else {
        return Ok(None);
    };
    let chosen = find(line, &lines);
    chosen
        .map(Some)
        .ok_or_else(|| ProgramError::NoSuchItem { program: program.clone(), line: line.to_owned() })
}

/// A line for each item, its cells apart by a tab and lined up.
fn render_lines(items: &[Item]) -> Vec<String> {
    let mut widths: Vec<usize> = Vec::new();
    let rows: Vec<Vec<_>> = items.iter().map(|item| item.cells().map(escape).collect()).collect();
    for row in &rows {
        for (column, cell) in row.iter().enumerate() {
            if column == widths.len() {
                widths.push(0);
            }
            widths[column] = widths[column].max(cell.chars().count());
        }
    }
    let pad = |(cell, width): (&std::borrow::Cow<'_, str>, &usize)| format!("{cell:width$}", width = *width);
    rows.iter()
        .map(|row| row.iter().zip(&widths).map(pad).collect::<Vec<_>>().join("\t").trim_end().to_owned())
        .collect()
}

/// The item whose line it is; else the one whose name it is, for programs that print the first column.
fn find(line: &str, lines: &[String]) -> Option<usize> {
    let name = |line: &str| line.split('\t').next().unwrap_or_default().trim_end().to_owned();
    lines.iter().position(|item| item == line).or_else(|| lines.iter().position(|item| name(item) == line))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a person's own picker has the terminal, which programs of `host::Spawn` do not"
)]
fn start(program: &str, args: &[String]) -> io::Result<Child> {
    Command::new(program).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()
}

/// Gives it the lines while it prints: whoever prints first and reads later is not waited for.
fn talk(child: &mut Child, lines: &[String]) -> io::Result<(Vec<u8>, ExitStatus)> {
    let mut input = child.stdin.take();
    let mut output = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if let Some(input) = &mut input {
                // Who has seen enough reads no further.
                let _ = input.write_all((lines.join("\n") + "\n").as_bytes());
            }
        });
        child.stdout.take().map_or(Ok(0), |mut pipe| io::Read::read_to_end(&mut pipe, &mut output))
    })?;
    Ok((output, child.wait()?))
}

fn in_words(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "an unknown status".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items() -> Vec<Item> {
        [["dev", "222233334444"], ["two words", ""], ["x\ty\u{1b}", "1"]]
            .map(|cells| Item { searched: cells.map(str::to_owned).to_vec(), noted: vec!["-".to_owned()] })
            .to_vec()
    }

    fn chosen(command: &str) -> Option<usize> {
        choose(command, &items()).unwrap()
    }

    fn refused(command: &str) -> String {
        choose(command, &items()).unwrap_err().to_string()
    }

    #[test]
    fn a_line_is_an_item_with_its_columns_lined_up() {
        let lines = render_lines(&items());
        assert_eq!(lines[0], "dev       \t222233334444\t-");
        assert_eq!(lines[1], "two words \t            \t-");
        assert_eq!(lines[2], "x\\ty\\u{1b}\t1           \t-");
    }

    #[test]
    fn what_it_prints_is_the_choice() {
        for (command, item) in [
            ("head -n 1", 0),
            ("tail -n 1", 2),
            ("grep 'two words'", 1),
            ("sh -c 'cat >/dev/null; echo; echo two words'", 1),
            ("sh -c 'echo dev'", 0),
        ] {
            assert_eq!(chosen(command), Some(item), "{command}");
        }
    }

    #[test]
    fn nothing_chosen_is_no_failure() {
        for command in ["grep none", "sh -c 'exit 130'", "true", "sh -c 'kill -INT $$'"] {
            assert_eq!(chosen(command), None, "{command}");
        }
    }

    #[test]
    fn what_fails_says_why() {
        assert_eq!(refused("sh -c 'exit 2'"), "`sh` ended with exit code 2");
        assert_eq!(refused("sh -c 'kill -KILL $$'"), "`sh` ended with signal 9");
        assert_eq!(refused("echo prod"), "`echo` printed `prod`, which is none of the lines it was given");
        assert_eq!(refused("no-such-picker"), "`no-such-picker` could not be started");
        assert_eq!(refused("fzf '"), "`fzf '` has an unclosed quote");
        assert_eq!(refused(" "), "` ` names no program");
    }

    #[test]
    fn many_items_reach_a_program_that_reads_late_or_never() {
        let item =
            |number| Item { searched: vec![format!("profile-{number}"), "x".repeat(60)], noted: Vec::new() };
        let items: Vec<_> = (0..3000).map(item).collect();
        assert_eq!(choose("sh -c 'cat; echo'", &items).unwrap(), Some(0));
        assert_eq!(choose("tail -n 1", &items).unwrap(), Some(2999));
        assert_eq!(choose("sh -c 'echo profile-7'", &items).unwrap(), Some(7));
    }
}
