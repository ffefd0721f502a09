//! The page of what `rolo doctor` looks for, from the checks themselves.

use std::fmt::Write as _;

use rolo_core::doctor::{Check, Severity, all_checks};

/// `docs/reference/checks.md`.
pub(crate) fn page() -> String {
    let mut text = String::from(super::HEADER);
    text.push_str(
        "# Checks\n\nWhat `rolo doctor` looks for ([doctor.md](../doctor.md)). A fault is something that does not work, a warning \
         something that works and is probably not what was meant, or works only here; a note is worth knowing and makes no exit \
         code.\n\n| code | | what | why it matters |\n|---|---|---|---|\n",
    );
    for Check { code, severity, title, why } in all_checks() {
        let severity = match severity {
            Severity::Fault => "fault",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let _ = writeln!(text, "| {code} | {severity} | {} | {} |", cell(title), cell(why));
    }
    text
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
