//! cache own
