//! AWS's INI grammar.

pub mod parse;
