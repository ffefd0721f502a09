//! The core's error.
