//! `dotenv`: a `.env` file.

use crate::shell::{Unfit, WriteStatements};

/// There is no one grammar of `.env` files, so a value is written only in a form that a POSIX shell, docker compose and
/// the libraries for Node, Python and Ruby read alike, and refused where there is none.
#[derive(Debug, Clone, Copy)]
pub struct Dotenv;

impl WriteStatements for Dotenv {
    fn write_set(&self, name: &str, value: &str, out: &mut String) -> Result<(), Unfit> {
        out.push_str(name);
        out.push('=');
        let quote = resolve_quote(value)?;
        out.push_str(quote);
        out.push_str(value);
        out.push_str(quote);
        out.push('\n');
        Ok(())
    }

    fn write_unset(&self, _name: &str, _out: &mut String) {}

    fn can_unset(&self) -> bool {
        false
    }
}

/// What to put round `value`, which itself is never changed: escapes are where the readers part ways.
fn resolve_quote(value: &str) -> Result<&'static str, Unfit> {
    if value.chars().any(|character| character.is_ascii_control() && !"\n\t".contains(character)) {
        return Err(Unfit("a control character"));
    }
    if value.contains("${") {
        return Err(Unfit("`${`, which some readers replace even between single quotes"));
    }
    // Python unescapes these two between single quotes, and all else nowhere.
    if value.contains(r"\\") || value.contains(r"\'") || value.ends_with('\\') {
        return Err(Unfit("a backslash that some readers take for an escape"));
    }
    if !value.is_empty() && value.chars().all(is_plain) {
        Ok("")
    } else if !value.contains('\'') {
        Ok("'")
    } else if !value.contains(['"', '\\', '$', '`', '!', '\n']) {
        Ok("\"")
    } else {
        Err(Unfit("a single quote beside other special characters"))
    }
}

fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_./+=:,@%-".contains(character)
}
