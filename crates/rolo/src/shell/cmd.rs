//! cmd.exe, the Windows command prompt.

use super::{Unfit, WriteStatements};

/// Evaluated at the prompt as `for /f "delims=" %i in ('rolo export PROFILE --format cmd') do @%i`, or from a batch
/// file with `%%i`, or written to a batch file and `call`ed.
///
/// These three read a line differently, so what means something in any of them is refused. Text beyond ASCII arrives
/// where the console's code page is UTF-8 (65001).
#[derive(Debug, Clone, Copy)]
pub struct Cmd;

/// Characters that cmd.exe takes in one line; it drops the rest without a word.
const LONGEST_LINE: usize = 8191;

impl WriteStatements for Cmd {
    fn write_set(&self, name: &str, value: &str, out: &mut String) -> Result<(), Unfit> {
        check(value)?;
        let statement = r#"set "=""#.len() + name.len() + value.len();
        if statement > LONGEST_LINE {
            return Err(Unfit("more than a line can hold"));
        }
        // The quotes keep `&`, `|`, `<`, `>`, `^` and trailing blanks as they are and do not become part of the value.
        out.push_str("set \"");
        out.push_str(name);
        out.push('=');
        out.push_str(value);
        out.push_str("\"\n");
        Ok(())
    }

    fn write_unset(&self, name: &str, out: &mut String) {
        out.push_str("set \"");
        out.push_str(name);
        out.push_str("=\"\n");
    }
}

fn check(value: &str) -> Result<(), Unfit> {
    if value.is_empty() {
        return Err(Unfit("no character, which unsets a variable"));
    }
    value.chars().try_for_each(|character| match character {
        '"' => Err(Unfit("a double quote")),
        '%' => Err(Unfit("a percent sign")),
        '!' => Err(Unfit("an exclamation mark")),
        '\n' | '\r' => Err(Unfit("a line end")),
        '\t' => Ok(()),
        control if control.is_control() => Err(Unfit("a control character")),
        _ => Ok(()),
    })
}
