//! fish.

use std::fmt::Write;

use super::{Unfit, WriteStatements};

/// Evaluated as `rolo export PROFILE --format fish | source`, or with `eval (…)`.
///
/// Setting is global, so a function that evaluates it changes the shell and not itself alone.
#[derive(Debug, Clone, Copy)]
pub struct Fish;

impl WriteStatements for Fish {
    fn write_set(&self, name: &str, value: &str, out: &mut String) -> Result<(), Unfit> {
        out.push_str("set -gx ");
        out.push_str(name);
        out.push(' ');
        write_quoted(value, out);
        out.push_str(";\n");
        Ok(())
    }

    /// Both scopes: with the global variable gone, an exported universal one of that name would come to light and
    /// go on to every child; fish has no way to hide it for one shell. `or true`, for erasing what is not there
    /// counts as a failure.
    fn write_unset(&self, name: &str, out: &mut String) {
        // Two commands, because fish before 3.4 takes one scope only. A `String` takes whatever is written.
        let _ = writeln!(out, "set -e -g {name}; set -e -U {name}; or true;");
    }
}

/// Appends `value` as one word on one line: fish splits `(…)` at line ends, so control characters stand outside the
/// quotes as escapes.
pub fn write_quoted(value: &str, out: &mut String) {
    out.push('\'');
    for character in value.chars() {
        match character {
            '\'' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            control if control.is_ascii_control() => {
                let _ = write!(out, r"'\x{:02x}'", u32::from(control));
            }
            _ => out.push(character),
        }
    }
    out.push('\'');
}
