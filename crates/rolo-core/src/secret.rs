//! A string that must not be seen: redacted in `Debug`, wiped when dropped.
//!
//! Must not know what kind of secret it holds, and must never gain a `Display`.

use std::fmt;

use zeroize::Zeroizing;

/// A secret string: a secret access key, a session token, an MFA code, an SSO access token.
///
/// It has no `Display` and no `Serialize`, so whoever hands one over writes [`expose`](Self::expose), which is easy to
/// find in review.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps `value`; the only copy from here on is the wrapped one.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The secret itself, for a signature, a child's environment or a private file.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the secret is the empty string.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_it() {
        let text = format!("{:?} {:#?}", Secret::new("hunter2"), Some(Secret::new("hunter2")));
        assert!(!text.contains("hunter2"), "{text}");
        assert!(text.contains("[redacted]"));
    }
}
