//! What lies on the disk beside the settings: who may read and write the two files, and whether the programs, tokens and
//! certificates that profiles name are there.
//!
//! Must not know what the files say besides, and runs no program.

mod files;
mod programs;

use super::{Check, Finding, Severity, Subject};

/// Every check of this family, in the order of their codes.
pub(super) static CHECKS: &[&Check] = &[
    &files::READABLE,
    &files::WRITABLE,
    &files::OF_ANOTHER,
    &files::OUT_OF_REACH,
    &programs::PROGRAM,
    &programs::TOKEN_FILE,
    &programs::CA_BUNDLE,
    &programs::MFA_PROGRAM,
];

/// Looks at the two files, then at what profiles name.
pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    files::examine(subject, findings);
    programs::examine(subject, findings);
}

const fn check(code: &'static str, severity: Severity, title: &'static str, why: &'static str) -> Check {
    Check { code, severity, title, why }
}
