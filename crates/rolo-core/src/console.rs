//! Addresses of AWS's web console: the link that switches to a role.
//!
//! Pure. Must not know profiles, nor who opens the link.

use std::fmt::Write;

use crate::arn::RoleArn;

/// Characters that the console takes as a display name at most.
pub const MOST_NAME_CHARACTERS: usize = 64;

/// The colours that the console offers, and what its links call them.
pub const COLORS: [(&str, &str); 5] =
    [("red", "F2B0A9"), ("orange", "FBBF93"), ("yellow", "FAD791"), ("green", "B7CA9D"), ("blue", "99BCE3")];

/// How a role is shown in the console while it is switched to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// Its name there; `None`: the console makes one of role and account.
    pub display_name: Option<DisplayName>,
    /// The colour of that name; `None`: the console's choice.
    pub color: Option<Color>,
}

/// A name that the console takes: one line of at most [`MOST_NAME_CHARACTERS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

/// Six hexadecimal digits, in upper case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Color(String);

/// Why a name or a colour is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookError {
    /// The console would cut it off or refuse it.
    #[error("a display name has at most {MOST_NAME_CHARACTERS} characters, this one {count}")]
    LongName {
        /// How many it has.
        count: usize,
    },
    /// It cannot be shown in one line.
    #[error("a display name is one line of text")]
    OddName,
    /// It is no colour.
    #[error("a colour is `red`, `orange`, `yellow`, `green`, `blue` or six hexadecimal digits")]
    Color,
}

/// Why there is no link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The text names no account or no role.
    #[error("`{arn}` is no role's ARN")]
    NoRole {
        /// As it was written.
        arn: String,
    },
    /// Nothing is known of a console for it.
    #[error("the console's address for the partition `{partition}` is not known")]
    Partition {
        /// As the ARN has it.
        partition: String,
    },
}

impl DisplayName {
    /// Takes a name as it is, or not at all: cut off, two names might become one.
    pub fn parse(text: &str) -> Result<Self, LookError> {
        let count = text.chars().count();
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            return Err(LookError::OddName);
        }
        if count > MOST_NAME_CHARACTERS {
            return Err(LookError::LongName { count });
        }
        Ok(Self(text.to_owned()))
    }
}

impl Color {
    /// Reads one of [`COLORS`], or six hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, LookError> {
        if let Some((_, digits)) = COLORS.iter().find(|(name, _)| *name == text) {
            return Ok(Self((*digits).to_owned()));
        }
        let is_hex = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then(|| Self(text.to_ascii_uppercase())).ok_or(LookError::Color)
    }
}

/// The link that lets whoever is signed in to the console switch to `role`.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-console.html>
pub fn switch_role_link(role: &RoleArn, look: &Look) -> Result<String, LinkError> {
    let (Some(account), Some(name), true) = (role.account(), role.path_and_name(), role.is_well_formed())
    else {
        return Err(LinkError::NoRole { arn: role.to_string() });
    };
    let partition = role.partition().unwrap_or_default();
    let host =
        sign_in_host(partition).ok_or_else(|| LinkError::Partition { partition: partition.to_owned() })?;
    let mut link = format!("https://{host}/switchrole?account={account}&roleName={}", encode(name));
    if let Some(DisplayName(name)) = &look.display_name {
        link = link + "&displayName=" + &encode(name);
    }
    if let Some(Color(digits)) = &look.color {
        link = link + "&color=" + digits;
    }
    Ok(link)
}

fn sign_in_host(partition: &str) -> Option<&'static str> {
    match partition {
        "aws" => Some("signin.aws.amazon.com"),
        "aws-cn" => Some("signin.amazonaws.cn"),
        "aws-us-gov" => Some("signin.amazonaws-us-gov.com"),
        _ => None,
    }
}

/// Percent-encodes all but what RFC 3986 calls unreserved.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing into a `String` cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(arn: &str, name: Option<&str>, color: Option<&str>) -> Result<String, LinkError> {
        let look = Look {
            display_name: name.map(|name| DisplayName::parse(name).unwrap()),
            color: color.map(|color| Color::parse(color).unwrap()),
        };
        switch_role_link(&RoleArn::new(arn), &look)
    }

    #[test]
    fn a_link_says_account_role_name_and_colour() {
        assert_eq!(
            link("arn:aws:iam::333344445555:role/Admin", Some("prod"), Some("red")).unwrap(),
            "https://signin.aws.amazon.com/switchrole?account=333344445555&roleName=Admin&displayName=prod&color=F2B0A9"
        );
        assert_eq!(
            link(
                "arn:aws-cn:iam::333344445555:role/team a/b+c=d,e.f@g-h_i",
                Some("«p&q» #1"),
                Some("00ffAa")
            )
            .unwrap(),
            "https://signin.amazonaws.cn/switchrole?account=333344445555&roleName=team%20a%2Fb%2Bc%3Dd%2Ce.f%40g-h_i\
             &displayName=%C2%ABp%26q%C2%BB%20%231&color=00FFAA"
        );
        assert_eq!(
            link("arn:aws-us-gov:iam::333344445555:role/Admin", None, None).unwrap(),
            "https://signin.amazonaws-us-gov.com/switchrole?account=333344445555&roleName=Admin"
        );
    }

    #[test]
    fn without_a_role_or_a_known_console_there_is_no_link() {
        let arn = "arn:aws-iso:iam::333344445555:role/Admin";
        assert_eq!(link(arn, None, None), Err(LinkError::Partition { partition: "aws-iso".to_owned() }));
        for arn in ["Admin", "arn:aws:iam::1:role/Admin", "arn:aws:iam::333344445555:user/ada", ""] {
            assert_eq!(link(arn, None, None), Err(LinkError::NoRole { arn: arn.to_owned() }));
        }
    }

    #[test]
    fn names_and_colours_that_the_console_would_not_take() {
        assert!(DisplayName::parse(&"é".repeat(64)).is_ok());
        assert_eq!(DisplayName::parse(&"é".repeat(65)), Err(LookError::LongName { count: 65 }));
        for name in ["", " ", "a\nb", "\u{7}"] {
            assert_eq!(DisplayName::parse(name), Err(LookError::OddName), "{name:?}");
        }
        for color in ["", "Red", "purple", "#99BCE3", "99BCE", "99BCE33", "99BCEG", "９９BC"] {
            assert_eq!(Color::parse(color), Err(LookError::Color), "{color}");
        }
    }
}
