//! tcsh and csh.

use super::{Unfit, WriteStatements};

/// Evaluated as ``eval `rolo export PROFILE --format tcsh` ``.
///
/// That is read three times: backquotes split it at blanks, the words are expanded as file names, `eval` joins
/// and parses them. Only what survives all of it is written.
#[derive(Debug, Clone, Copy)]
pub struct Tcsh;

impl WriteStatements for Tcsh {
    fn write_set(&self, name: &str, value: &str, out: &mut String) -> Result<(), Unfit> {
        out.push_str("setenv ");
        out.push_str(name);
        out.push(' ');
        write_quoted(value, out)?;
        out.push_str(";\n");
        Ok(())
    }

    fn write_unset(&self, name: &str, out: &mut String) {
        out.push_str("unsetenv ");
        out.push_str(name);
        out.push_str(";\n");
    }
}

/// Appends `value` as one word, without quotes round it: inside them `!` would still call up history and
/// `backslash_quote` would change what a backslash means.
///
/// Braces are expanded as file names even behind a backslash, and tabs split words; both are written as `$'\173'`,
/// which tcsh knows since 6.23 and which older ones refuse aloud. A line end is refused: `eval` makes it a blank.
pub fn write_quoted(value: &str, out: &mut String) -> Result<(), Unfit> {
    if value.is_empty() {
        out.push_str("''");
    }
    for character in value.chars() {
        match character {
            '\n' | '\r' => return Err(Unfit("a line end")),
            '\t' => out.push_str(r"$'\011'"),
            '{' => out.push_str(r"$'\173'"),
            '}' => out.push_str(r"$'\175'"),
            control if control.is_ascii_control() => return Err(Unfit("a control character")),
            special if special.is_ascii() && !is_plain(special) => {
                out.push('\\');
                out.push(special);
            }
            _ => out.push(character),
        }
    }
    Ok(())
}

/// What means itself everywhere in a word. Not `=`, which names a directory of the stack where it stands first.
fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_./+:,@%-".contains(character)
}
