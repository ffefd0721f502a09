//! What a check is. The checks themselves stand beside the code that looks.

/// One thing that is looked for. Its code is documented and never given to another check, so a person may allow it in
/// `config.toml`.
#[derive(Debug, PartialEq, Eq)]
pub struct Check {
    /// `R` and three digits.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in general: lower case, without a full stop. For the reference.
    pub title: &'static str,
    /// Why it matters, in a sentence or two. For the reference.
    pub why: &'static str,
}

/// How bad it is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something does not work.
    Fault,
    /// Something works and is probably not what was meant, or works only here.
    Warning,
    /// Worth knowing; by itself it makes no exit code.
    Note,
}
