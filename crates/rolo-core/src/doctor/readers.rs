//! Where other tools read the same files and variables differently from rolo, which reads them as AWS CLI v2 does.
//!
//! The AWS CLI and boto3 share a parser, which takes more than AWS's specification allows; the SDKs that follow the
//! specification refuse a file or pass over a part of it. What the other families find on a line (repetitions, comments
//! behind values, sections nobody reads) is left to them. Must not know what is wrong for rolo itself; looks at no disk.

mod environment;
mod grammar;
mod names;
mod settings;

use super::{Check, Finding, Severity, Subject};

/// Every check of this family, in the order of their codes.
pub(super) static CHECKS: &[&Check] = &[
    &settings::MFA_SERIAL,
    &settings::MFA_OF_KEY,
    &settings::DURATION,
    &settings::OWN_KEYS,
    &settings::INHERITED,
    &settings::INHERITED_REGION,
    &settings::OLD_TOKEN,
    &settings::SHELL_SYNTAX,
    &settings::OLD_ENDPOINTS,
    &environment::DEFAULT_PROFILE,
    &environment::REGION,
    &environment::FILE_PATH,
    &grammar::COLON,
    &grammar::INDENTED,
    &grammar::CARRIAGE_RETURNS,
    &grammar::BEHIND_BRACKET,
    &grammar::INDENTED_COMMENT,
    &grammar::NO_INNER_KEY,
    &names::PREFIX,
    &names::PADDED,
    &names::DEFAULTS,
    &names::ODD_NAME,
];

/// Looks at both files and the environment.
pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    environment::examine(subject, findings);
    grammar::examine(subject, findings);
    names::examine(subject, findings);
    settings::examine(subject, findings);
}

const fn check(code: &'static str, severity: Severity, title: &'static str, why: &'static str) -> Check {
    Check { code, severity, title, why }
}
