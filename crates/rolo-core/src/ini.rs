//! AWS's INI grammar: what stands in a file, on which line, and how it is changed there.
//!
//! Must not know what a section or a setting means, nor where the text came from.

mod document;
pub mod edit;
mod layout;
mod lines;
mod mend;
pub mod parse;

pub use document::{Entry, NestedEntry, Section, Value};
pub use edit::{Change, EditError, SectionEdit, edit_section, remove_sections};
pub use layout::{Header, headers};
pub(crate) use layout::{Part, Row, rows};
pub use mend::mend;
pub use parse::{ParseError, Problem, parse};
