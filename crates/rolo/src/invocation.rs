//! What was asked of this process, whoever parsed it: the fast path's few words or clap's whole command line.
//!
//! Must not know how it is done.

use std::ffi::OsString;

use jiff::SignedDuration;
use rolo_core::{Secret, chain::request::Request};

use crate::{format::Format, ui::Verbosity};

/// A command that gets credentials and hands them over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Whose credentials.
    pub request: Request,
    /// What is done with them.
    pub output: Output,
    /// `--mfa-code`.
    pub mfa_code: Option<Secret>,
    /// `--refresh`.
    pub refresh: bool,
    /// How long before expiry the credentials are renewed, where a project says so; beats the person's own setting.
    pub refresh_before_expiry: Option<SignedDuration>,
    /// No question is put to a person: a shell's hook runs this, not they.
    pub asks_nothing: bool,
    /// `-q`, `-v`.
    pub verbosity: Verbosity,
}

/// What is done with credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// A program runs with them; none: a shell.
    Exec(Vec<OsString>),
    /// They are printed.
    Export(Format),
    /// They are printed for an SDK.
    Process,
}

impl Output {
    /// Whether rolo's own failures have exec's exit codes.
    pub fn is_exec(&self) -> bool {
        matches!(self, Self::Exec(_))
    }
}
