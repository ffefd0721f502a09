//! From a profile to credentials.
