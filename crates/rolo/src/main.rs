//! The `rolo` program; everything is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(rolo::run(std::env::args_os().collect()))
}
