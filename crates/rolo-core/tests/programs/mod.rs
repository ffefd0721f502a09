//! Programs that a test needs and a machine may lack.

#![expect(clippy::print_stdout, reason = "a test that is skipped says why")]

use std::process::{Command, Stdio};

/// Whether a test that needs `program` can run; where not, the reason is printed.
#[expect(clippy::disallowed_methods, reason = "tests start real processes")]
pub(crate) fn can_run(program: &[&str]) -> bool {
    let ran = Command::new(program[0]).args(&program[1..]).stdin(Stdio::null()).output();
    let can = ran.as_ref().is_ok_and(|output| output.status.success());
    if !can {
        println!("skipped: `{}` cannot be run here: {ran:?}", program.join(" "));
    }
    can
}
