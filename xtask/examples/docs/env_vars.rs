//! The page of environment variables, from the core's own list.

use std::fmt::Write as _;

use rolo_core::env_vars::{Use, VARIABLES, Variable};

/// `docs/reference/environment.md`.
pub(crate) fn page() -> String {
    let mut text = String::from(super::HEADER);
    text.push_str("# Environment variables\n");
    section(
        &mut text,
        "Read",
        "What changes rolo's doing; read and set means that a program started by rolo is given it too.",
        |usage| matches!(usage, Use::Read | Use::ReadAndSet),
    );
    section(
        &mut text,
        "Set",
        "What the hand-over sets for a program or a shell, and rolo itself does not read.",
        |usage| usage == Use::Set,
    );
    section(
        &mut text,
        "Removed",
        "What the hand-over takes away, so that nothing old stands beside the new credentials.",
        |usage| usage == Use::Removed,
    );
    text
}

fn section(text: &mut String, title: &str, intro: &str, belongs: impl Fn(Use) -> bool) {
    let rows: Vec<&Variable> = VARIABLES.iter().filter(|variable| belongs(variable.usage)).collect();
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n## {title}\n\n{intro}\n\n| variable | | meaning |\n|---|---|---|");
    for Variable { name, usage, about } in rows {
        let usage = match usage {
            Use::Read => "read",
            Use::Set => "set",
            Use::ReadAndSet => "read, set",
            Use::Removed => "removed",
        };
        let _ = writeln!(text, "| `{name}` | {usage} | {} |", about.replace('|', "\\|"));
    }
}
