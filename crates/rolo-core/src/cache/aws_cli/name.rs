//! The names of the files in the AWS CLI's caches: digests of JSON as Python writes it.
//!
//! One byte that differs is another file, so this follows botocore to the letter, oddities included. Must not touch a disk.

use std::fmt::Write as _;

use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::cache::key::render_hex;

/// What names an entry of AssumeRole or AssumeRoleWithWebIdentity, for both share their names.
///
/// Not in it, and so the same entry for all: the source of the first credentials, the region, the endpoint, the MFA code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CliRoleKey<'a> {
    /// As it is written in the profile.
    pub role_arn: &'a str,
    /// As it is written in the profile, never a made-up one; an empty one counts as none.
    pub role_session_name: Option<&'a str>,
    /// As it is written in the profile, empty or not.
    pub external_id: Option<&'a str>,
    /// The profile's `mfa_serial`, empty or not. Web identity has none.
    pub serial_number: Option<&'a str>,
    /// The profile's `duration_seconds` as [`parse_python_int`] reads it. Web identity has none.
    pub duration_seconds: Option<i64>,
}

impl CliRoleKey<'_> {
    /// The file's name without `.json`: 40 hex digits.
    pub fn file_stem(&self) -> String {
        let session_name = self.role_session_name.filter(|name| !name.is_empty());
        let texts = [
            ("DurationSeconds", self.duration_seconds.map(|seconds| seconds.to_string())),
            ("ExternalId", self.external_id.map(render_string)),
            ("RoleArn", Some(render_string(self.role_arn))),
            ("RoleSessionName", session_name.map(render_string)),
            ("SerialNumber", self.serial_number.map(render_string)),
        ];
        let fields = texts.into_iter().filter_map(|(name, value)| Some((name, value?)));
        sha1_hex(&render_object(fields, Spacing::Default))
    }
}

/// By what a profile names its IAM Identity Center.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SsoName<'a> {
    /// `sso_session`, the section's name.
    Session(&'a str),
    /// `sso_start_url` of a profile without a section, exactly as it is written.
    StartUrl(&'a str),
}

impl<'a> SsoName<'a> {
    /// The name without `.json` of the file in `~/.aws/sso/cache` that holds the access token.
    pub fn token_file_stem(self) -> String {
        sha1_hex(self.text())
    }

    /// The name without `.json` of the file in `~/.aws/cli/cache` that holds a role's credentials (v2 alone keeps them).
    pub fn role_file_stem(self, account_id: &str, role_name: &str) -> String {
        let name = match self {
            Self::Session(_) => "sessionName",
            Self::StartUrl(_) => "startUrl",
        };
        let fields = [("accountId", account_id), ("roleName", role_name), (name, self.text())];
        sha1_hex(&render_object(fields.map(|(name, value)| (name, render_string(value))), Spacing::None))
    }

    fn text(self) -> &'a str {
        match self {
            Self::Session(text) | Self::StartUrl(text) => text,
        }
    }
}

/// What names the file in `~/.aws/sso/cache` that holds the CLI's registration as a client of IAM Identity Center.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SsoClientKey<'a> {
    /// `sso_region`.
    pub region: &'a str,
    /// `sso_start_url`.
    pub start_url: &'a str,
    /// `sso_registration_scopes`, split; `None` where there are none.
    pub scopes: Option<&'a [&'a str]>,
    /// The `sso_session` section's name.
    pub session_name: Option<&'a str>,
}

impl SsoClientKey<'_> {
    /// The file's name without `.json`: 40 hex digits.
    pub fn file_stem(&self) -> String {
        let null = || "null".to_owned();
        let scopes = self.scopes.map_or_else(null, |scopes| {
            let scopes: Vec<_> = scopes.iter().map(|scope| render_string(scope)).collect();
            format!("[{}]", scopes.join(", "))
        });
        let fields = [
            ("region", render_string(self.region)),
            ("scopes", scopes),
            ("session_name", self.session_name.map_or_else(null, render_string)),
            ("startUrl", render_string(self.start_url)),
            ("tool", render_string("botocore")),
        ];
        sha1_hex(&render_object(fields, Spacing::Default))
    }
}

/// The name without `.json` of the file in `~/.aws/login/cache` of a profile's `login_session`: 64 hex digits.
pub fn login_file_stem(login_session: &str) -> String {
    render_hex(&Sha256::digest(login_session.as_bytes()))
}

/// Reads a whole number as Python's `int()` does: blanks around it, a sign, single underscores between digits, leading
/// zeros. `None` for all else, which botocore drops without a word.
///
/// A number too large for 64 bits is the largest there is: AWS refuses either. Digits of other scripts, which Python takes,
/// are `None`.
pub fn parse_python_int(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    if !digits.split('_').all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let size = digits
        .bytes()
        .filter(u8::is_ascii_digit)
        .fold(0_i64, |size, digit| size.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    Some(if negative { -size } else { size })
}

fn sha1_hex(text: &str) -> String {
    render_hex(&Sha1::digest(text.as_bytes()))
}

/// Between the parts of a JSON object.
#[derive(Clone, Copy)]
enum Spacing {
    /// `", "` and `": "`, Python's habit.
    Default,
    /// `,` and `:`.
    None,
}

/// The names must come sorted, and their values rendered.
fn render_object(fields: impl IntoIterator<Item = (&'static str, String)>, spacing: Spacing) -> String {
    let (comma, colon) = match spacing {
        Spacing::Default => (", ", ": "),
        Spacing::None => (",", ":"),
    };
    let fields: Vec<_> =
        fields.into_iter().map(|(name, value)| format!("\"{name}\"{colon}{value}")).collect();
    format!("{{{}}}", fields.join(comma))
}

/// A JSON string in ASCII alone, as Python's `json.dumps` writes it.
fn render_string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            ' '..='~' => json.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(json, "\\u{unit:04x}");
                }
            }
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each number as Python 3.11 prints `int(text)`.
    #[test]
    fn numbers_are_read_as_python_reads_them() {
        for (text, number) in [
            ("3600", Some(3600)),
            ("+3_600", Some(3600)),
            (" 900 ", Some(900)),
            ("\u{a0}900\u{2003}\n", Some(900)),
            ("\x1f900", None),
            ("0900", Some(900)),
            ("-1", Some(-1)),
            ("-0", Some(0)),
            ("1_2_3", Some(123)),
            ("", None),
            ("+", None),
            ("--1", None),
            ("+ 1", None),
            ("_1", None),
            ("1_", None),
            ("1__2", None),
            ("1h", None),
            ("3600.0", None),
            ("0x10", None),
            ("1e3", None),
            ("99999999999999999999", Some(i64::MAX)),
        ] {
            assert_eq!(parse_python_int(text), number, "{text:?}");
        }
    }

    /// Each form as Python 3.11 prints `json.dumps(text)`.
    #[test]
    fn strings_are_written_as_python_writes_them() {
        for (text, json) in [
            ("a/b ~", r#""a/b ~""#),
            ("q\"b\\s", r#""q\"b\\s""#),
            ("é€", r#""\u00e9\u20ac""#),
            ("😀", r#""\ud83d\ude00""#),
            ("\u{7f}\u{1f}\0", r#""\u007f\u001f\u0000""#),
            ("\n\r\t\u{8}\u{c}", r#""\n\r\t\b\f""#),
        ] {
            assert_eq!(render_string(text), json);
        }
    }
}
