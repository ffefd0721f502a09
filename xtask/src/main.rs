//! rolo's chores: `cargo xtask test | bench | docs | demo | tools`.
//!
//! No dependencies, so that it starts in seconds. It knows rolo as a program only; the chores that call rolo's crates are
//! examples of this package (`examples/docs`, `examples/demo`), which it builds and runs.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer's tool: it starts programs, writes reports and talks to the terminal"
)]

mod bench;
mod callgrind;
mod demo;
mod docs;
mod program;
mod repo;
mod skips;
mod test;
mod tools;

use std::ffi::OsString;
use std::process::ExitCode;

use program::Failure;

const USAGE: &str = "\
usage: cargo xtask <chore>

  test [CARGO TEST ARGS]   set up what the tests need, run them all; with arguments: `cargo test ARGS` in the same world
  tools                    set up what the tests need and say what is there
  bench [--gate] [--wall] [--static]
                           instructions of the cached path against a trivial program; --gate fails above the limits,
                           --wall adds wall-clock ratios, --static a second pair of static builds
  docs [--check]           write docs/reference from the code; --check: fail if a page would change
  demo [--interactive] [--release]
                           the main job against a simulated AWS, as a person would do it
";

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let chore = args.next().unwrap_or_default();
    let rest: Vec<OsString> = args.collect();
    let result = match chore.to_str() {
        Some("test") => test::run(&rest),
        Some("tools") => skips::judge(&tools::set_up().missing),
        Some("bench") => bench::run(&rest),
        Some("docs") => docs::run(&rest),
        Some("demo") => demo::run(&rest),
        Some(program::EMPTY_ENV) => program::run_in_empty_env(&rest),
        Some("help" | "-h" | "--help") => {
            print!("{USAGE}");
            Ok(())
        }
        _ => Err(Failure::new(USAGE)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
