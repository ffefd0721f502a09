//! `ini`: a profile section for `~/.aws/credentials`.

use super::{Change, Format, FormatError, Unfit, WriteDocument, needed, value_of};

/// The section holds those settings that every reader of AWS's files knows. Variables without a setting of their own
/// are left out: the expiration, rolo's own ones, and the endpoints of single services, which would need a `services`
/// section of the config file.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>
#[derive(Debug, Clone, Copy)]
pub struct Ini;

/// Setting, and the variables it may stand in; the first that is set counts.
const SETTINGS: [(&str, &[&str]); 13] = [
    ("aws_access_key_id", &["AWS_ACCESS_KEY_ID"]),
    ("aws_secret_access_key", &["AWS_SECRET_ACCESS_KEY"]),
    ("aws_session_token", &["AWS_SESSION_TOKEN"]),
    ("region", &["AWS_REGION", "AWS_DEFAULT_REGION"]),
    ("output", &["AWS_DEFAULT_OUTPUT"]),
    ("endpoint_url", &["AWS_ENDPOINT_URL"]),
    ("ca_bundle", &["AWS_CA_BUNDLE"]),
    ("use_fips_endpoint", &["AWS_USE_FIPS_ENDPOINT"]),
    ("use_dualstack_endpoint", &["AWS_USE_DUALSTACK_ENDPOINT"]),
    ("sts_regional_endpoints", &["AWS_STS_REGIONAL_ENDPOINTS"]),
    ("retry_mode", &["AWS_RETRY_MODE"]),
    ("max_attempts", &["AWS_MAX_ATTEMPTS"]),
    ("defaults_mode", &["AWS_DEFAULTS_MODE"]),
];

impl WriteDocument for Ini {
    fn write(&self, changes: &[Change<'_>], section: &str, out: &mut String) -> Result<(), FormatError> {
        check_section(section).map_err(|Unfit(what)| FormatError::Section {
            format: Format::Ini,
            section: section.to_owned(),
            what,
        })?;
        needed(Format::Ini, changes, "AWS_ACCESS_KEY_ID")?;
        needed(Format::Ini, changes, "AWS_SECRET_ACCESS_KEY")?;
        out.push('[');
        out.push_str(section);
        out.push_str("]\n");
        for (setting, names) in SETTINGS {
            let found = names.iter().find_map(|name| value_of(changes, name).map(|value| (name, value)));
            let Some((name, value)) = found else { continue };
            check_value(value).map_err(|unfit| Format::Ini.unfit(name, unfit))?;
            out.push_str(setting);
            out.push_str(" = ");
            out.push_str(value);
            out.push('\n');
        }
        Ok(())
    }

    fn can_unset(&self) -> bool {
        false
    }
}

/// Refuses what would be read back as another name, or as no section.
fn check_section(section: &str) -> Result<(), Unfit> {
    if section.is_empty() {
        Err(Unfit("no character"))
    } else if section.chars().any(char::is_control) {
        Err(Unfit("a control character"))
    } else if section.contains(']') {
        Err(Unfit("a closing bracket"))
    } else if section.trim() != section {
        Err(Unfit("a blank at its end"))
    } else {
        Ok(())
    }
}

/// Refuses what the AWS CLI or an SDK would read back as another value: they trim, and the SDKs take ` #` and ` ;` for
/// the beginning of a comment.
fn check_value(value: &str) -> Result<(), Unfit> {
    if value.chars().any(|character| character.is_control() && character != '\t') {
        return Err(Unfit("a control character"));
    }
    if value.trim() != value {
        return Err(Unfit("a blank at its end"));
    }
    // The blank behind `=` counts, too.
    let mut after_blank = true;
    for character in value.chars() {
        if after_blank && matches!(character, '#' | ';') {
            return Err(Unfit("the beginning of a comment"));
        }
        after_blank = character.is_whitespace();
    }
    Ok(())
}
