//! `json`: one object of all variables.

use std::fmt::Write;

use super::{Change, FormatError, WriteDocument};

/// Each variable under its own name, a string where it is set and `null` where it is to be unset, in the order given.
///
/// `null` and not absence, so that a reader can clear what is stale: Nushell's `from json | load-env` does.
#[derive(Debug, Clone, Copy)]
pub struct Json;

impl WriteDocument for Json {
    fn write(&self, changes: &[Change<'_>], _section: &str, out: &mut String) -> Result<(), FormatError> {
        let mut object = Object::begin(out);
        for Change { name, value } in changes {
            match value {
                Some(value) => object.string(name, value),
                None => object.literal(name, "null"),
            }
        }
        object.end();
        Ok(())
    }

    fn can_unset(&self) -> bool {
        true
    }
}

/// Writes an object into the caller's buffer, one member a line, indented by two as the AWS CLI does.
pub(super) struct Object<'a> {
    out: &'a mut String,
    is_empty: bool,
}

impl<'a> Object<'a> {
    pub(super) fn begin(out: &'a mut String) -> Self {
        out.push('{');
        Self { out, is_empty: true }
    }

    /// A member whose value is JSON already.
    pub(super) fn literal(&mut self, key: &str, json: &str) {
        self.key(key);
        self.out.push_str(json);
    }

    /// A member whose value is a string.
    pub(super) fn string(&mut self, key: &str, value: &str) {
        self.key(key);
        write_quoted(value, self.out);
    }

    pub(super) fn end(self) {
        self.out.push_str(if self.is_empty { "}\n" } else { "\n}\n" });
    }

    fn key(&mut self, key: &str) {
        self.out.push_str(if self.is_empty { "\n  " } else { ",\n  " });
        self.is_empty = false;
        write_quoted(key, self.out);
        self.out.push_str(": ");
    }
}

/// Appends `text` as a JSON string. Not `serde_json`, which would make a copy of the secret that nobody wipes.
fn write_quoted(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            '\n' => out.push_str("\\n"),
            control if control.is_ascii_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}
