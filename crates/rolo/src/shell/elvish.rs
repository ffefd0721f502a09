//! Elvish.

use super::{Unfit, WriteStatements};

/// Evaluated as `eval (rolo export PROFILE --format elvish | slurp)`.
#[derive(Debug, Clone, Copy)]
pub struct Elvish;

impl WriteStatements for Elvish {
    fn write_set(&self, name: &str, value: &str, out: &mut String) -> Result<(), Unfit> {
        out.push_str("set-env ");
        out.push_str(name);
        out.push(' ');
        write_quoted(value, out);
        out.push_str(";\n");
        Ok(())
    }

    fn write_unset(&self, name: &str, out: &mut String) {
        out.push_str("unset-env ");
        out.push_str(name);
        out.push_str(";\n");
    }
}

/// Appends `value` as one word: between single quotes a doubled quote is the only escape.
pub fn write_quoted(value: &str, out: &mut String) {
    out.push('\'');
    for character in value.chars() {
        if character == '\'' {
            out.push('\'');
        }
        out.push(character);
    }
    out.push('\'');
}
