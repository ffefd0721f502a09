//! The few kinds of ARN that matter here: roles, MFA devices, and account ids.
//!
//! Lenient on purpose: what botocore would send, rolo sends. So parsing takes parts out of a text for display and for
//! partition rules; it does not gatekeep. Must not know profiles.

use std::fmt;

/// A role's ARN as it was written, with a look into its parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RoleArn(String);

impl RoleArn {
    /// Takes the text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn part(&self, index: usize) -> Option<&str> {
        self.0.splitn(6, ':').nth(index).filter(|part| !part.is_empty())
    }

    /// `aws`, `aws-cn`, `aws-us-gov` …; `None` where the text is no ARN.
    pub fn partition(&self) -> Option<&str> {
        self.0.starts_with("arn:").then(|| self.part(1)).flatten()
    }

    /// The account's 12 digits; `None` where the text is no ARN.
    pub fn account(&self) -> Option<&str> {
        self.0.starts_with("arn:").then(|| self.part(4)).flatten()
    }

    /// The role's name without its path, as it stands in an assumed role's ARN.
    pub fn role_name(&self) -> Option<&str> {
        self.part(5)?.strip_prefix("role/")?.rsplit('/').next().filter(|name| !name.is_empty())
    }

    /// The role's name with its path, as the console wants it.
    pub fn path_and_name(&self) -> Option<&str> {
        self.part(5)?.strip_prefix("role/")
    }

    /// Whether the text has the form of a role's ARN.
    pub fn is_well_formed(&self) -> bool {
        self.0.starts_with("arn:") && self.account().is_some_and(is_account_id) && self.role_name().is_some()
    }
}

/// Twelve digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An MFA device: `arn:…:mfa/NAME` for a virtual one, a plain serial such as `GAHT12345678` for a hardware token.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MfaSerial(String);

impl MfaSerial {
    /// Takes the text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a FIDO key or passkey, which gives no codes.
    pub fn is_passkey(&self) -> bool {
        self.0.splitn(6, ':').nth(5).is_some_and(|resource| resource.starts_with("u2f/"))
    }
}

impl fmt::Display for MfaSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_role_arn() {
        let arn = RoleArn::new("arn:aws-cn:iam::123456789012:role/team/a/Deploy");
        assert_eq!(arn.partition(), Some("aws-cn"));
        assert_eq!(arn.account(), Some("123456789012"));
        assert_eq!(arn.role_name(), Some("Deploy"));
        assert_eq!(arn.path_and_name(), Some("team/a/Deploy"));
        assert!(arn.is_well_formed());
    }

    #[test]
    fn a_passkey_is_known_by_its_arn() {
        assert!(MfaSerial::new("arn:aws:iam::111122223333:u2f/user/ada/key-ABC").is_passkey());
        for serial in ["arn:aws:iam::111122223333:mfa/u2f/ada", "GAHT12345678", "u2f/x"] {
            assert!(!MfaSerial::new(serial).is_passkey(), "{serial}");
        }
    }

    #[test]
    fn odd_texts_have_no_parts_but_stay_themselves() {
        for text in [
            "",
            "Deploy",
            "arn:aws:iam::1:user/x",
            "arn:aws:iam::12345678901:role/x",
            "a:b:c:d:123456789012:role/x",
        ] {
            assert!(!RoleArn::new(text).is_well_formed(), "{text}");
            assert_eq!(RoleArn::new(text).as_str(), text);
        }
    }
}
