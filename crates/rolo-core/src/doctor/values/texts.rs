//! What can be wrong with any value: comments, quotes, lines that belong to it, nothing at all.
//!
//! Must not know what a value means.

use super::{COMMENT, COMMENT_IN_COMMAND, EMPTY, GOES_ON, NOT_A_VALUE, NOT_EXPANDED, Odd, QUOTES, odd};

/// Settings that are command lines, in which quotes and signs have a meaning.
const COMMANDS: [&str; 3] = ["credential_process", "mfa_process", "cli_pager"];

/// Settings that are paths.
const PATHS: [&str; 2] = ["web_identity_token_file", "ca_bundle"];

/// Settings that are maps, or may be one.
const MAPS: [&str; 3] = ["s3", "s3api", "api_versions"];

/// Settings that AWS's tools want as a text; of others nothing is said.
const TEXTS: [&str; 24] = [
    "aws_access_key_id",
    "aws_account_id",
    "aws_secret_access_key",
    "aws_session_token",
    "ca_bundle",
    "credential_process",
    "credential_source",
    "duration_seconds",
    "endpoint_url",
    "external_id",
    "mfa_serial",
    "output",
    "region",
    "role_arn",
    "role_session_name",
    "services",
    "source_profile",
    "sso_account_id",
    "sso_region",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
    "mfa_process",
];

/// Lines in place of a text.
pub(super) fn nested(key: &str) -> Option<Odd> {
    if !TEXTS.contains(&key) {
        return None;
    }
    odd(
        &NOT_A_VALUE,
        format!("`{key}` has lines below it in place of a value"),
        format!("write the value behind `{key} =`, on the same line"),
    )
}

pub(super) fn examine(key: &str, value: &str) -> Option<Odd> {
    if MAPS.contains(&key) {
        return None;
    }
    let is_command = COMMANDS.contains(&key);
    if has_comment(value) {
        let (check, text) = if is_command {
            (&COMMENT_IN_COMMAND, format!("the comment behind `{key}` is part of the command"))
        } else {
            (&COMMENT, format!("the comment behind the value of `{key}` is part of the value"))
        };
        return odd(check, text, "put the comment on a line of its own, or remove it");
    }
    if !TEXTS.contains(&key) {
        return None;
    }
    if value.contains('\n') && !is_command {
        return odd(
            &GOES_ON,
            format!("the value of `{key}` goes on over the lines indented below it"),
            "let the lines below begin as far left as the setting",
        );
    }
    if !is_command && is_quoted(value) {
        return odd(
            &QUOTES,
            format!("the quotes around the value of `{key}` are part of it"),
            "remove the quotes",
        );
    }
    if value.is_empty() {
        return odd(&EMPTY, format!("`{key}` has no value"), "write its value, or remove the line");
    }
    let is_path = PATHS.contains(&key);
    if is_path && (value.starts_with('~') || value.contains('$')) {
        return odd(
            &NOT_EXPANDED,
            format!("`{key}` is `{value}`, of which nothing is expanded"),
            "write the whole path, from `/` on",
        );
    }
    None
}

/// `#` or `;` behind a blank: what begins a comment in other files.
fn has_comment(value: &str) -> bool {
    // In a value of several lines comments are lines, and those are none of it.
    let first = value.lines().next().unwrap_or_default();
    first.starts_with('#') || [" #", "\t#", " ;", "\t;"].iter().any(|begin| first.contains(begin))
}

fn is_quoted(value: &str) -> bool {
    value.len() > 1 && ['"', '\''].into_iter().any(|quote| value.starts_with(quote) && value.ends_with(quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_told_from_signs_in_a_value() {
        for value in ["eu-central-1 # Frankfurt", "eu-central-1\t;x", "# none"] {
            assert!(has_comment(value), "{value}");
        }
        for value in ["https://x.awsapps.com/start/#/", "a#b", "a;b", ""] {
            assert!(!has_comment(value), "{value}");
        }
    }
}
