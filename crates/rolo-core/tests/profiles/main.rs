//! The config and credentials files: from real files to profiles.

mod quirks;
mod world;
