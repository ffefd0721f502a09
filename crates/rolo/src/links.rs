//! The names of other tools, under which rolo is called through a link and takes that tool's arguments.
//!
//! Must not know how credentials are had: a link makes an invocation of another tool's words, or words of rolo's own.

mod assume_role;
mod roly;

use std::ffi::{OsStr, OsString};

use rolo_core::host::Host;

use crate::run_parsed;

/// A tool that rolo stands in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// uber's assume-role-cli.
    AssumeRole,
    /// roly.
    Roly,
    /// JSON of STS on standard input, statements for `eval` on standard output: `rolo convert`.
    Sts2env,
}

impl Link {
    /// The tool that the program was called as, by the file name of its first argument. Every run asks, so no path is
    /// taken apart.
    pub fn of(program: &OsStr) -> Option<Self> {
        let is_separator = |byte: &u8| *byte == b'/' || (cfg!(windows) && matches!(*byte, b'\\' | b':'));
        let name = program.as_encoded_bytes().rsplit(is_separator).next()?;
        match name.strip_suffix(b".exe").unwrap_or(name) {
            b"assume-role" => Some(Self::AssumeRole),
            b"roly" => Some(Self::Roly),
            b"sts2env" => Some(Self::Sts2env),
            _ => None,
        }
    }
}

/// Runs what `args`, without the program's name, mean to the tool; returns the exit code.
pub fn run(link: Link, args: &[OsString], host: Host<'_>) -> u8 {
    match link {
        Link::AssumeRole => assume_role::run(args, host),
        Link::Roly => roly::run(args, host),
        Link::Sts2env => run_as_rolo(&["convert".into()], args, host),
    }
}

/// Runs rolo's own command line of these words.
fn run_as_rolo(first: &[OsString], rest: &[OsString], host: Host<'_>) -> u8 {
    run_parsed([&["rolo".into()], first, rest].concat(), host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides_however_the_link_is_reached() {
        for name in ["roly", "./roly", "/usr/local/bin/roly", "roly.exe"] {
            assert_eq!(Link::of(OsStr::new(name)), Some(Link::Roly), "{name}");
        }
        assert_eq!(Link::of(OsStr::new("bin/sts2env")), Some(Link::Sts2env));
        assert_eq!(Link::of(OsStr::new("assume-role")), Some(Link::AssumeRole));
        for name in ["", "rolo", "/opt/roly/rolo", "roly/", "roly2", "xroly", "Roly", ".exe"] {
            assert_eq!(Link::of(OsStr::new(name)), None, "{name}");
        }
    }
}
