//! AWS's INI grammar: what stands in a file, and on which line.
//!
//! Must not know what a section or a setting means, nor where the text came from.

mod document;
mod lines;
pub mod parse;

pub use document::{Entry, NestedEntry, Section, Value};
pub use parse::{ParseError, Problem, parse};
