//! Nushell.

use std::fmt::Write;

use super::{Unfit, WriteStatements};

/// Evaluated from a file, as Nushell has no `eval`: `rolo export PROFILE --format nushell | save -f FILE`, then
/// `source FILE` as a line of its own. Without a file: `rolo export PROFILE --format json | from json | load-env`,
/// where a `null` hides a variable from children.
#[derive(Debug, Clone, Copy)]
pub struct Nushell;

impl WriteStatements for Nushell {
    fn write_set(&self, name: &str, value: &str, out: &mut String) -> Result<(), Unfit> {
        out.push_str("$env.");
        out.push_str(name);
        out.push_str(" = ");
        write_quoted(value, out);
        out.push_str(";\n");
        Ok(())
    }

    /// Named twice: within one script the first takes away what the script set, and the second what Nushell
    /// inherited below it.
    fn write_unset(&self, name: &str, out: &mut String) {
        let _ = writeln!(out, "hide-env -i {name} {name};");
    }
}

/// Appends `value` as one double-quoted string on one line. Nushell's single quotes have no way to hold a quote.
pub fn write_quoted(value: &str, out: &mut String) {
    out.push('"');
    for character in value.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            control if control.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(control));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}
