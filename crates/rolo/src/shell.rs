//! How a shell is told to set and to unset a variable, one module per shell.
//!
//! A shell is text to this module: it never runs one. Must not know AWS, which variables there are, or what for.
//!
//! Statements end with `;` and a line end wherever the shell has such a separator, because the words of an
//! unquoted `eval $(…)` are joined by blanks: without it the first `export` would swallow all that follows.

pub mod cmd;
pub mod elvish;
pub mod fish;
pub mod nushell;
pub mod powershell;
pub mod sh;
pub mod tcsh;

/// Writes statements that one shell, or one reader of `KEY=VALUE` lines, evaluates.
///
/// Everything is appended to the caller's buffer and never held elsewhere, for the values are secrets. Names are
/// already checked to be `[A-Za-z_][A-Za-z0-9_]*`, values to be without NUL.
pub trait WriteStatements: Sync {
    /// Appends what sets and exports `name`. On a refusal the buffer holds half a statement and is to be dropped.
    fn write_set(&self, name: &str, value: &str, out: &mut String) -> Result<(), Unfit>;

    /// Appends what removes `name`, whether or not it is set, so that neither the shell nor its children see it.
    fn write_unset(&self, name: &str, out: &mut String);

    /// Whether [`write_unset`](Self::write_unset) writes anything.
    fn can_unset(&self) -> bool {
        true
    }
}

/// What a value has that a target cannot hold, to follow «it has …»; never any of the value itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfit(pub &'static str);
