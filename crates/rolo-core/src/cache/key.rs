//! cache key
