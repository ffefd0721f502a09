//! The merged profiles.
