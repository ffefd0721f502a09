//! Counts the instructions of a run with valgrind's callgrind: the same on every machine and under any load.

use std::process::Command;

use crate::program::{self, Failure};

/// Instructions of the program, in user space, the dynamic loader's included.
///
/// `command` is the program with its arguments and environment; its output is thrown away.
pub(crate) fn count_instructions(command: &Command) -> Result<u64, Failure> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--"]);
    valgrind.arg(command.get_program()).args(command.get_args()).env_clear();
    valgrind.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(dir) = command.get_current_dir() {
        valgrind.current_dir(dir);
    }
    let (_, report) = program::output_of(&mut valgrind)?;
    parse_collected(&report).ok_or_else(|| Failure::new(format!("callgrind named no count:\n{report}")))
}

/// The number of callgrind's line `==PID== Collected : N`.
fn parse_collected(report: &str) -> Option<u64> {
    report
        .lines()
        .find_map(|line| line.split_once("Collected :"))
        .and_then(|(_, count)| count.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_read_from_the_report() {
        let report = "==7== Callgrind, a profiler\n==7== Events    : Ir\n==7== Collected : 292116\n==7==\n";
        assert_eq!(parse_collected(report), Some(292_116));
        assert_eq!(parse_collected("==7== Events : Ir\n"), None);
    }
}
