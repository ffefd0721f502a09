//! Makes the pages of `docs/reference` from the code, so that they cannot say anything else than it does.
//!
//! `cargo xtask docs` runs it. A page is one function and one line of [`PAGES`].
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a developer's tool: it writes files and reports"
)]

mod checks;
mod cli;
mod env_vars;
mod errors;
mod exit_codes;
mod formats;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// A page's file name and what makes its text.
type Page = (&'static str, fn() -> String);

const PAGES: [Page; 6] = [
    ("checks.md", checks::page),
    ("commands.md", cli::page),
    ("environment.md", env_vars::page),
    ("errors.md", errors::page),
    ("exit-codes.md", exit_codes::page),
    ("formats.md", formats::page),
];

/// How every page opens.
const HEADER: &str = "<!-- Made by `cargo xtask docs`. Change the code, not this page. -->\n";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let check = std::env::args().any(|arg| arg == "--check");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("docs").join("reference");
    let mut stale = Vec::new();
    for (name, render) in PAGES {
        let (path, text) = (folder.join(name), render());
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        stale.push(name.to_owned());
        if !check {
            fs::create_dir_all(&folder)?;
            fs::write(&path, text)?;
        }
    }
    stale.extend(strangers(&folder)?);
    match (check, stale.as_slice()) {
        (_, []) => println!("docs/reference: {} pages, all as the code says", PAGES.len()),
        (true, stale) => {
            println!("docs/reference: {} differ from the code; run `cargo xtask docs`", stale.join(", "));
            return Ok(ExitCode::FAILURE);
        }
        (false, stale) => println!("docs/reference: wrote {}", stale.join(", ")),
    }
    Ok(ExitCode::SUCCESS)
}

/// Files in the folder that no page makes: what a page that was renamed or removed leaves behind.
fn strangers(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if PAGES.iter().all(|(page, _)| *page != name) {
            names.push(format!("{name} (no page of that name)"));
        }
    }
    Ok(names)
}
