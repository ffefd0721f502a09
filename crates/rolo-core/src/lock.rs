//! One lock per key, across processes.
