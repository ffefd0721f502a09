//! cache memo
