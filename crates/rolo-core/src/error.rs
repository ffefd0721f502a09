//! The core's errors under one roof: what can go wrong between a profile's name and credentials.

use crate::{
    chain::{resolve::ResolveError, run::RunError},
    profile::FileError,
};

/// Any failure of the core.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file that is there cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The configuration does not lead anywhere.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// The calls failed.
    #[error(transparent)]
    Run(#[from] RunError),
}
