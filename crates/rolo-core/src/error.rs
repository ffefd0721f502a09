//! The core's errors under one roof: what can go wrong between a profile's name and credentials. And what the name of an
//! error is.

pub mod names;

use std::fmt;

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

/// The name of a kind of error: kebab case, stable, for scripts and for the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ErrorName(&'static (&'static str, &'static str));

/// An error that has a name.
pub trait HaveName {
    /// Its name.
    fn name(&self) -> ErrorName;
}

impl ErrorName {
    /// For [`error_names`](crate::error_names) alone, which puts every name into a list.
    pub const fn new(name_and_meaning: &'static (&'static str, &'static str)) -> Self {
        Self(name_and_meaning)
    }

    /// The name.
    pub fn as_str(self) -> &'static str {
        self.0.0
    }

    /// What went wrong, in general: lower case, without a full stop.
    pub fn meaning(self) -> &'static str {
        self.0.1
    }
}

impl fmt::Display for ErrorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.0)
    }
}

/// Declares names of errors, and the list `ALL` of them, for the reference and for tests.
#[macro_export]
macro_rules! error_names {
    ($($constant:ident = $name:literal : $meaning:literal;)*) => {
        $(
            #[doc = $meaning]
            pub const $constant: $crate::error::ErrorName = $crate::error::ErrorName::new(&($name, $meaning));
        )*
        /// Every name of this module, in the order of their declaration.
        pub const ALL: &[$crate::error::ErrorName] = &[$($constant),*];
    };
}
