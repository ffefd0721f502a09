//! PowerShell, both Windows PowerShell 5 and PowerShell 7.

use std::fmt::Write;

use super::{Unfit, WriteStatements};

/// Evaluated as `rolo export PROFILE --format powershell | Invoke-Expression`.
///
/// `Invoke-Expression` gets one line at a time, so no statement spans two. An empty value exists since PowerShell
/// 7.5; before, setting one removes the variable.
#[derive(Debug, Clone, Copy)]
pub struct PowerShell;

impl WriteStatements for PowerShell {
    fn write_set(&self, name: &str, value: &str, out: &mut String) -> Result<(), Unfit> {
        out.push_str("$Env:");
        out.push_str(name);
        out.push_str(" = ");
        write_quoted(value, out);
        out.push_str(";\n");
        Ok(())
    }

    /// Not `$Env:X = ''`, which since 7.5 leaves an empty variable behind.
    fn write_unset(&self, name: &str, out: &mut String) {
        let _ = writeln!(out, "Remove-Item Env:{name} -ErrorAction SilentlyContinue;");
    }
}

/// Appends `value` as an expression on one line: single-quoted strings, with line ends added between them as
/// `"`n"`. PowerShell takes the typographic single quotes for `'`, so they are doubled as well.
pub fn write_quoted(value: &str, out: &mut String) {
    out.push('\'');
    for character in value.chars() {
        match character {
            '\'' | '\u{2018}'..='\u{201b}' => {
                out.push(character);
                out.push(character);
            }
            '\n' => out.push_str("' + \"`n\" + '"),
            '\r' => out.push_str("' + \"`r\" + '"),
            _ => out.push(character),
        }
    }
    out.push('\'');
}
