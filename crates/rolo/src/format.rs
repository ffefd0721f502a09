//! The twelve forms in which a hand-over is printed: statements for a shell, or a document.
//!
//! Must not know AWS's types, where the pairs come from or where the text goes. A new format is a file and a line in
//! the table below.

pub mod dotenv;
pub mod env;
pub mod ini;
pub mod json;
pub mod process;

use std::{fmt, str::FromStr};

use rolo_core::Secret;

use crate::shell::{
    Unfit, WriteStatements, cmd::Cmd, elvish::Elvish, fish::Fish, nushell::Nushell, powershell::PowerShell,
    sh::Sh, tcsh::Tcsh,
};

/// One variable of a hand-over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Change<'a> {
    /// `[A-Za-z_][A-Za-z0-9_]*`; anything else is refused.
    pub name: &'a str,
    /// The value to set; `None`: unset it.
    pub value: Option<&'a str>,
}

impl fmt::Debug for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = if self.value.is_some() { "set" } else { "unset" };
        write!(f, "{change} {}", self.name)
    }
}

/// Why nothing was written. Names the variable and the format, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// No shell takes the name, and some would run it.
    #[error("`{name}` cannot be the name of an environment variable")]
    Name {
        /// As it came.
        name: String,
    },
    /// There is no way to write this value so that the target reads the same.
    #[error("format `{format}` cannot hold the value of `{name}`: it has {what}")]
    Value {
        /// What was asked for.
        format: Format,
        /// The variable.
        name: String,
        /// What stands in the way, in words.
        what: &'static str,
    },
    /// The document makes no sense without this variable.
    #[error("format `{format}` needs `{name}`, which is not set")]
    Missing {
        /// What was asked for.
        format: Format,
        /// The variable.
        name: &'static str,
    },
    /// The name would not be read back as it is written.
    #[error("format `{format}` cannot hold the section name `{section}`: it has {what}")]
    Section {
        /// What was asked for.
        format: Format,
        /// As it came.
        section: String,
        /// What stands in the way, in words.
        what: &'static str,
    },
}

/// No format has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no format `{name}`")]
pub struct UnknownFormat {
    /// As it came.
    pub name: String,
}

/// How a format is written.
enum Writer {
    /// Statement by statement, all unsets before the first set.
    Statements(&'static dyn WriteStatements),
    /// As a whole.
    Document(&'static dyn WriteDocument),
}

/// Writes all pairs as one document, appending to the caller's buffer alone, for the values are secrets.
trait WriteDocument: Sync {
    /// `section` is for those documents that have sections. On a refusal the buffer holds a part and is to be dropped.
    fn write(&self, changes: &[Change<'_>], section: &str, out: &mut String) -> Result<(), FormatError>;

    /// Whether the document tells that a variable is to go.
    fn can_unset(&self) -> bool;
}

/// Makes the enum and all that is said about each format from one line per format.
macro_rules! formats {
    ($($variant:ident [$name:literal $(, $alias:literal)*] $description:literal => $writer:expr;)+) => {
        /// What a hand-over is printed as.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Format {
            $(#[doc = $description] $variant,)+
        }

        impl Format {
            /// Every format, in the order in which help lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name that `--format` takes.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Other names that `--format` takes.
            pub fn aliases(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($alias),*],)+ }
            }

            /// What it is for, in a few words.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => $description,)+ }
            }

            fn writer(self) -> Writer {
                use Writer::{Document, Statements};
                match self { $(Self::$variant => $writer,)+ }
            }
        }
    };
}

formats! {
    Sh ["sh", "bash", "zsh", "posix"] "bash, zsh and every POSIX shell" => Statements(&Sh);
    Fish ["fish"] "fish" => Statements(&Fish);
    PowerShell ["powershell", "pwsh"] "Windows PowerShell and PowerShell 7" => Statements(&PowerShell);
    Cmd ["cmd", "windows-cmd"] "the Windows command prompt" => Statements(&Cmd);
    Nushell ["nushell", "nu"] "Nushell" => Statements(&Nushell);
    Elvish ["elvish"] "Elvish" => Statements(&Elvish);
    Tcsh ["tcsh", "csh"] "tcsh and csh" => Statements(&Tcsh);
    Json ["json"] "one JSON object of all variables, `null` for those to unset" => Document(&json::Json);
    Process ["process"] "the JSON of a `credential_process`" => Document(&process::Process);
    Env ["env", "env-no-export"] "plain `KEY=VALUE` lines without any quoting" => Statements(&env::Env);
    Dotenv ["dotenv"] "a `.env` file, quoted where needed" => Statements(&dotenv::Dotenv);
    Ini ["ini"] "a profile for `~/.aws/credentials`" => Document(&ini::Ini);
}

impl Format {
    /// Whether it can tell that a variable is to go. Where it cannot, `None`s are left out and it is for the caller to
    /// warn of variables that stay.
    pub fn can_unset(self) -> bool {
        match self.writer() {
            Writer::Statements(writer) => writer.can_unset(),
            Writer::Document(writer) => writer.can_unset(),
        }
    }

    /// Writes `changes`: first all that unset, then all that set. `section` is the name of the section that `ini`
    /// makes; no other format looks at it.
    ///
    /// All or nothing, so that no half of a hand-over is ever printed.
    pub fn render(self, changes: &[Change<'_>], section: &str) -> Result<Secret, FormatError> {
        let mut out = String::with_capacity(room_for(changes));
        let result = check(self, changes).and_then(|()| self.write(changes, section, &mut out));
        // Before the question mark, so that what a refusal leaves behind is wiped too.
        let text = Secret::new(out);
        result.map(|()| text)
    }

    fn write(self, changes: &[Change<'_>], section: &str, out: &mut String) -> Result<(), FormatError> {
        let writer = match self.writer() {
            Writer::Statements(writer) => writer,
            Writer::Document(writer) => return writer.write(changes, section, out),
        };
        for change in changes.iter().filter(|change| change.value.is_none()) {
            writer.write_unset(change.name, out);
        }
        for Change { name, value } in changes {
            let Some(value) = value else { continue };
            writer.write_set(name, value, out).map_err(|unfit| self.unfit(name, unfit))?;
        }
        Ok(())
    }

    fn unfit(self, name: &str, unfit: Unfit) -> FormatError {
        FormatError::Value { format: self, name: name.to_owned(), what: unfit.0 }
    }
}

/// Enough bytes for the longest escape of every character, so that the buffer never grows: growing would leave copies
/// of secrets behind in freed memory.
fn room_for(changes: &[Change<'_>]) -> usize {
    const LONGEST_ESCAPE: usize = 13;
    // Without names and values: PowerShell's removal; and any assignment, of which none names the variable twice.
    const LONGEST_REMOVAL: usize = 48;
    const LONGEST_ASSIGNMENT: usize = 32;
    // No format escapes a letter or digit, and most of a secret is such; the rest is wiped in the end, byte by byte.
    let room_for_value = |value: &str| {
        let odd = value.bytes().filter(|byte| !byte.is_ascii_alphanumeric()).count();
        value.len() + (LONGEST_ESCAPE - 1) * odd
    };
    let room = |change: &Change<'_>| match change.value {
        Some(value) => LONGEST_ASSIGNMENT + change.name.len() + room_for_value(value),
        None => LONGEST_REMOVAL + 2 * change.name.len(),
    };
    LONGEST_REMOVAL + changes.iter().map(room).sum::<usize>()
}

/// What no format can hold, because no environment can.
fn check(format: Format, changes: &[Change<'_>]) -> Result<(), FormatError> {
    for Change { name, value } in changes {
        if !is_name(name) {
            return Err(FormatError::Name { name: (*name).to_owned() });
        }
        if value.is_some_and(|value| value.contains('\0')) {
            return Err(format.unfit(name, Unfit("a NUL character")));
        }
    }
    Ok(())
}

fn is_name(text: &str) -> bool {
    !text.starts_with(|first: char| first.is_ascii_digit())
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The value that `changes` sets `name` to; the last one counts, as in a shell.
fn value_of<'a>(changes: &[Change<'a>], name: &str) -> Option<&'a str> {
    changes.iter().rev().filter(|change| change.name == name).find_map(|change| change.value)
}

/// As [`value_of`], for what the document must have.
fn needed<'a>(format: Format, changes: &[Change<'a>], name: &'static str) -> Result<&'a str, FormatError> {
    value_of(changes, name).ok_or(FormatError::Missing { format, name })
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let has_name = |format: &&Self| format.name() == name || format.aliases().contains(&name);
        Self::ALL.iter().find(has_name).copied().ok_or_else(|| UnknownFormat { name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_buffer_never_grows() {
        let set = |name, value| Change { name, value: Some(value) };
        let long = "a'b \"\\$".repeat(100);
        let keys = |token| {
            [
                set("AWS_ACCESS_KEY_ID", "A"),
                set("AWS_SECRET_ACCESS_KEY", "s"),
                set("AWS_SESSION_TOKEN", token),
                set("AWS_CREDENTIAL_EXPIRATION", "2026-11-21T04:14:05Z"),
            ]
        };
        let removed = ["AWS_PROFILE", "X"].map(|name| Change { name, value: None });
        for (format, token) in Format::ALL.iter().flat_map(|format| [(*format, ""), (*format, long.as_str())])
        {
            for changes in [keys(token).to_vec(), [&keys(token)[..], &removed[..]].concat()] {
                let mut out = String::with_capacity(room_for(&changes));
                let room = out.capacity();
                if format.write(&changes, "a-section", &mut out).is_ok() {
                    assert_eq!(out.capacity(), room, "{}", format.name());
                }
            }
        }
    }
}
