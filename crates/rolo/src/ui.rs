//! The person's side: the terminal, prompts, notices and tables, and what they share.
//!
//! Must not know AWS: what is said comes in as text, through [`rolo_core::talk`], or as cells.

pub mod escape;
pub mod left;
pub mod prompt;
pub mod question;
pub mod table;
pub mod talker;
pub mod terminal;

use std::io;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

/// `error:` and its like.
pub const ERROR_STYLE: Style = AnsiColor::Red.on_default().bold();
/// `warning:`.
pub const WARNING_STYLE: Style = AnsiColor::Yellow.on_default().bold();
/// `hint:`.
pub const HINT_STYLE: Style = AnsiColor::Cyan.on_default().bold();
/// A table's header, `caused by:`.
pub const HEADER_STYLE: Style = Style::new().bold();

/// How much is said besides what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Verbosity {
    /// Errors alone: a question is put without a word. For those who take rolo for roly.
    Silent,
    /// `-q`: errors and prompts alone.
    Quiet,
    /// Warnings, and why something takes long.
    #[default]
    Normal,
    /// `-v`: every decision too.
    Verbose,
    /// `-vv` and more: every request too.
    Requests,
}

impl Verbosity {
    /// The level of `-q` and of `-v`, given any number of times. `-q` wins, so that a script can silence an alias.
    pub fn from_flags(quiet: bool, verbose: u8) -> Self {
        match (quiet, verbose) {
            (true, _) => Self::Quiet,
            (false, 0) => Self::Normal,
            (false, 1) => Self::Verbose,
            (false, _) => Self::Requests,
        }
    }
}

/// Whether standard error takes colours: a terminal other than `TERM=dumb`, unless `NO_COLOR`, `CLICOLOR` or
/// `CLICOLOR_FORCE` say otherwise.
pub fn stderr_has_colour() -> bool {
    AutoStream::choice(&io::stderr()) != ColorChoice::Never
}

/// The same for standard output.
pub fn stdout_has_colour() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// `text` in `style`, or as it is.
pub fn paint(text: &str, style: Style, colour: bool) -> String {
    if colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
}
