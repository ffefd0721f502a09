//! The names of other tools, under which rolo is called through a link and takes that tool's arguments.
//!
//! Must not know how credentials are had: a link makes an invocation of another tool's words.

mod assume_role;

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use rolo_core::host::Host;

/// A tool that rolo stands in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// uber's assume-role-cli.
    AssumeRole,
}

impl Link {
    /// The tool that the program was called as, by the file name of its first argument.
    pub fn of(program: &OsStr) -> Option<Self> {
        match Path::new(program).file_name()?.to_str()? {
            "assume-role" => Some(Self::AssumeRole),
            _ => None,
        }
    }
}

/// Runs what `args`, without the program's name, mean to the tool; returns the exit code.
pub fn run(link: Link, args: &[OsString], host: Host<'_>) -> u8 {
    match link {
        Link::AssumeRole => assume_role::run(args, host),
    }
}
