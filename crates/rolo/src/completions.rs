//! Completion: the scripts that shells load, and what may stand at the cursor, which the scripts ask `rolo complete` for.
//!
//! A script knows no command and no option: all of that is read from [`crate::cli`], so that it cannot fall behind. Must
//! not know how a profile leads to credentials.

pub mod bash_line;
pub mod grammar;
pub mod values;

use clap::ValueEnum;

use crate::init;

/// A shell that completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// bash 4 and newer
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
    /// Elvish
    Elvish,
    /// PowerShell
    #[value(name = "powershell", alias = "pwsh")]
    PowerShell,
    /// Nushell
    #[value(alias = "nu")]
    Nushell,
}

/// Stands in a script for the name of the function over rolo.
const NAME: &str = "__ROLO_NAME__";

/// The script that makes `shell` complete rolo, the links `assume-role` and `roly`, and a function called `command`.
///
/// `command` must be a plain name: letters, digits, `-` and `_` ([`parse_name`]).
pub fn script(shell: Shell, command: &str) -> String {
    let template = match shell {
        Shell::Bash => include_str!("completions/scripts/rolo.bash"),
        Shell::Zsh => include_str!("completions/scripts/rolo.zsh"),
        Shell::Fish => include_str!("completions/scripts/rolo.fish"),
        Shell::Elvish => include_str!("completions/scripts/rolo.elv"),
        Shell::PowerShell => include_str!("completions/scripts/rolo.ps1"),
        Shell::Nushell => include_str!("completions/scripts/rolo.nu"),
    };
    template.replace(NAME, command)
}

/// The script as `rolo init` has it, which scripts without a line editor read too; none for a shell that does not
/// complete.
pub fn script_for_init(shell: init::Shell, command: &str) -> Option<String> {
    let shell = match shell {
        init::Shell::Bash => Shell::Bash,
        init::Shell::Zsh => Shell::Zsh,
        init::Shell::Fish => Shell::Fish,
        init::Shell::PowerShell => Shell::PowerShell,
        init::Shell::Elvish => {
            // Without the editor, `edit:` would be a mistake in the whole of what is evaluated.
            let code = script(Shell::Elvish, command).replace('\'', "''");
            return Some(format!("try {{ eval '{code}' }} catch _ {{ }}\n"));
        }
        init::Shell::Nushell => Shell::Nushell,
        init::Shell::Tcsh => return None,
    };
    Some(script(shell, command))
}

/// Takes a command's name that every shell takes as it is.
pub fn parse_name(text: &str) -> Result<String, String> {
    if init::is_function_name(text) {
        Ok(text.to_owned())
    } else {
        Err("a name begins with a letter and goes on with letters, digits, `-` and `_`".to_owned())
    }
}

/// Something that may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The whole word.
    pub value: String,
    /// What it is, on one line; empty where there is nothing to say.
    pub about: String,
}

impl Candidate {
    /// A word and what it is.
    pub fn new(value: impl Into<String>, about: impl Into<String>) -> Self {
        Self { value: value.into(), about: about.into() }
    }
}
