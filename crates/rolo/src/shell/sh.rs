//! bash, zsh, dash and every other POSIX shell.

use super::{Unfit, WriteStatements};

/// Evaluated as `eval "$(rolo export PROFILE)"`. Without the quotes all survives but a tab or a newline in a value,
/// which the shell itself turns into a blank.
#[derive(Debug, Clone, Copy)]
pub struct Sh;

impl WriteStatements for Sh {
    fn write_set(&self, name: &str, value: &str, out: &mut String) -> Result<(), Unfit> {
        out.push_str("export ");
        out.push_str(name);
        out.push('=');
        write_quoted(value, out);
        out.push_str(";\n");
        Ok(())
    }

    fn write_unset(&self, name: &str, out: &mut String) {
        out.push_str("unset ");
        out.push_str(name);
        out.push_str(";\n");
    }
}

/// Appends `value` as one word.
///
/// A quote becomes `'\''` and never `''`, which zsh's `RC_QUOTES` reads as a quote. The like is done for an unquoted
/// `eval $(…)`, which splits and expands the text before anybody looks at quotes: two blanks side by side would become
/// one, and `*` between blanks would become the names of files.
pub fn write_quoted(value: &str, out: &mut String) {
    out.push('\'');
    let mut rest = value;
    let mut after_blank = false;
    // Runs of plain characters are copied whole: a session token is a thousand of them, on the cached path.
    while let Some(at) =
        rest.bytes().position(|byte| matches!(byte, b'\'' | b'*' | b'?' | b'[' | b'(' | b' '))
    {
        let (plain, from) = rest.split_at(at);
        let (special, behind) = from.split_at(1);
        out.push_str(plain);
        let is_blank = special == " ";
        if is_blank && !(after_blank && plain.is_empty()) {
            out.push_str(special);
        } else {
            out.push_str(r"'\");
            out.push_str(special);
            out.push('\'');
        }
        after_blank = is_blank;
        rest = behind;
    }
    out.push_str(rest);
    out.push('\'');
}
