//! The forms of the values that AWS looks at: ARNs, serials, regions, lengths of time, names, account ids, words.
//!
//! Must not know where a value stands.

use super::{
    ACCOUNT, DURATION, EXTERNAL_ID, NO_NUMBER, Odd, REGION, ROLE_ARN, SERIAL, SESSION_NAME, START_URL,
    SWITCH, UNKNOWN_REGION, WORD, odd,
};
use crate::{
    arn::{MfaSerial, RoleArn, is_account_id},
    cache::aws_cli::name::parse_python_int,
    profile::nearest::nearest,
    regions::REGIONS,
};

/// The shortest and the longest session of a role, in seconds.
const DURATIONS: std::ops::RangeInclusive<i64> = 900..=43_200;

const SWITCHES: [&str; 14] = [
    "csm_enabled",
    "disable_host_prefix_injection",
    "disable_request_compression",
    "ec2_metadata_v1_disabled",
    "ignore_configured_endpoint_urls",
    "imds_use_ipv6",
    "parameter_validation",
    "s3_disable_express_session_auth",
    "s3_disable_multiregion_access_points",
    "s3_use_arn_region",
    "tcp_keepalive",
    "cli_follow_urlparam",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
];

/// Settings that take certain words alone.
const WORDS: [(&str, &[&str]); 3] = [
    ("credential_source", &["Environment", "EcsContainer", "Ec2InstanceMetadata"]),
    ("output", &["json", "text", "table", "yaml", "yaml-stream", "off"]),
    ("cli_timestamp_format", &["wire", "iso8601", "none"]),
];

pub(super) fn examine(key: &str, value: &str) -> Option<Odd> {
    match key {
        "role_arn" => role_arn(value),
        "mfa_serial" => serial(value),
        "region" | "sso_region" => region(key, value),
        "duration_seconds" => duration(value),
        "role_session_name" => session_name(value),
        "external_id" => identifier(key, value, 1224, "_+=,.@:/-"),
        "source_identity" => identifier(key, value, 64, "_+=,.@-"),
        "sso_account_id" | "aws_account_id" => account(key, value),
        "sso_start_url" => start_url(value),
        _ => word(key, value).or_else(|| switch(key, value)),
    }
}

fn role_arn(value: &str) -> Option<Odd> {
    let arn = RoleArn::new(value);
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    let is_iam = parts.get(2) == Some(&"iam");
    if arn.is_well_formed() && is_iam && !value.contains(char::is_whitespace) {
        return None;
    }
    let text = |what: &str| format!("`role_arn` is `{value}`, {what}");
    let wanted = "write `arn:aws:iam::ACCOUNT:role/NAME`, as the role's page in the console shows it";
    let (what, remedy) = match parts[..] {
        ["arn", partition, "sts", _, account, resource] if resource.starts_with("assumed-role/") => {
            let role = resource.split('/').nth(1).unwrap_or("NAME");
            (
                "which is a session of a role, not the role",
                format!(
                    "write `arn:{partition}:iam::{account}:role/{role}`, with the role's path where it has one"
                ),
            )
        }
        ["arn", _, "iam", _, _, resource] if resource.starts_with("user/") => {
            ("which is a user: nobody can take on a user", wanted.to_owned())
        }
        ["arn", _, "iam", _, _, resource] if resource.starts_with("policy/") => {
            ("which is a policy, not a role", wanted.to_owned())
        }
        ["arn", _, "iam", _, _, resource] if resource.starts_with("instance-profile/") => (
            "which is an instance profile, not a role",
            "write the ARN of the role in the instance profile".to_owned(),
        ),
        ["arn", partition, "iam", "", account, resource] if !is_account_id(account) => (
            "whose account has not 12 digits",
            match with_zeros(account) {
                Some(whole) => format!("did you mean `arn:{partition}:iam::{whole}:{resource}`?"),
                None => wanted.to_owned(),
            },
        ),
        _ => ("which is no role's ARN", wanted.to_owned()),
    };
    odd(&ROLE_ARN, text(what), remedy)
}

fn serial(value: &str) -> Option<Odd> {
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    let text = |what: &str| format!("`mfa_serial` is `{value}`, {what}");
    let (what, remedy) = match parts[..] {
        _ if MfaSerial::new(value).is_passkey() => (
            "which is a passkey or FIDO key: it gives no codes, so STS does not take it",
            "add a device that shows codes to the user, and write its ARN: `aws iam list-mfa-devices --user-name NAME`".to_owned(),
        ),
        ["arn", partition, "iam", _, account, resource] if resource.starts_with("user/") => {
            let name = resource.rsplit('/').next().unwrap_or("NAME");
            (
                "which is the user, not the user's device",
                format!("did you mean `arn:{partition}:iam::{account}:mfa/{name}`? `aws iam list-mfa-devices` tells"),
            )
        }
        ["arn", partition, "iam", "", account, resource] if resource.starts_with("mfa/") && !is_account_id(account) => {
            ("whose account has not 12 digits", match with_zeros(account) {
                Some(whole) => format!("did you mean `arn:{partition}:iam::{whole}:{resource}`?"),
                None => "write the ARN as `aws iam list-mfa-devices` tells it".to_owned(),
            })
        }
        ["arn", _, "iam", "", _, resource] if resource.strip_prefix("mfa/").is_some_and(|name| !name.is_empty()) => {
            return None;
        }
        // A hardware token's serial number.
        [number] if number.len() >= 9 && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) => {
            return None;
        }
        _ => (
            "which is neither a device's ARN nor a token's serial number",
            "write the ARN as `aws iam list-mfa-devices` tells it".to_owned(),
        ),
    };
    odd(&SERIAL, text(what), remedy)
}

fn region(key: &str, value: &str) -> Option<Odd> {
    // A name that is in no list may be a region that is not open to all.
    if REGIONS.contains(&value)
        || ["us-iso", "eu-iso", "eusc-"].iter().any(|begin| value.starts_with(begin))
        || value.ends_with("-global")
    {
        return None;
    }
    let lower = value.trim().to_lowercase();
    let zone = lower.strip_suffix(|c: char| c.is_ascii_lowercase());
    if let Some(region) = zone.filter(|region| REGIONS.contains(region)) {
        let text = format!("`{key}` is `{value}`, which is an availability zone");
        return odd(&REGION, text, format!("did you mean `{region}`?"));
    }
    let is_label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let has_form = value.chars().all(is_label)
        && value.split('-').count() >= 3
        && value.ends_with(|c: char| c.is_ascii_digit())
        && value.starts_with(|c: char| c.is_ascii_lowercase());
    let joined: String = lower.split_whitespace().collect::<Vec<_>>().join("-").replace('_', "-");
    let meant = nearest(&joined, REGIONS.into_iter());
    let remedy = match meant {
        Some(region) => format!("did you mean `{region}`?"),
        None => "write a region as `eu-central-1`".to_owned(),
    };
    if has_form {
        // A new region has a known one's name with another number, so its name cannot be told from a typing error.
        odd(&UNKNOWN_REGION, format!("`{key}` is `{value}`, which is no region that rolo knows"), remedy)
    } else {
        odd(&REGION, format!("`{key}` is `{value}`, which is no region"), remedy)
    }
}

fn duration(value: &str) -> Option<Odd> {
    match parse_python_int(value) {
        None => odd(
            &NO_NUMBER,
            format!("`duration_seconds` is `{value}`, which is no whole number and is passed over"),
            "write it in seconds: `duration_seconds = 3600`",
        ),
        Some(seconds) if seconds < *DURATIONS.start() => odd(
            &DURATION,
            format!("`duration_seconds` is `{value}`, and STS gives 900 s at the least"),
            "write `duration_seconds = 900` or more",
        ),
        Some(seconds) if seconds > *DURATIONS.end() => odd(
            &DURATION,
            format!("`duration_seconds` is `{value}`, and STS gives 12 h at the most"),
            "write `duration_seconds = 43200` or less",
        ),
        Some(_) => None,
    }
}

fn session_name(value: &str) -> Option<Odd> {
    let is_fit = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let stray = value.chars().find(|c| !is_fit(*c));
    let length = value.chars().count();
    let what = match stray {
        Some(' ') => "in which a blank is not allowed".to_owned(),
        Some(c) => format!("in which `{c}` is not allowed"),
        None if length < 2 => "which is shorter than 2 characters".to_owned(),
        None if length > 64 => "which is longer than 64 characters".to_owned(),
        None => return None,
    };
    odd(
        &SESSION_NAME,
        format!("`role_session_name` is `{value}`, {what}"),
        "write 2 to 64 letters, digits or `_+=,.@-`",
    )
}

fn identifier(key: &str, value: &str, longest: usize, signs: &str) -> Option<Odd> {
    let is_fit = |c: char| c.is_ascii_alphanumeric() || signs.contains(c);
    let stray = value.chars().find(|c| !is_fit(*c));
    let length = value.chars().count();
    // The external id itself is not told: some treat it as a secret.
    let what = match stray {
        Some(' ') => "has a blank, which is not allowed".to_owned(),
        Some(c) => format!("has `{c}`, which is not allowed"),
        None if length < 2 => "is shorter than 2 characters".to_owned(),
        None if length > longest => format!("is longer than {longest} characters"),
        None => return None,
    };
    odd(
        &EXTERNAL_ID,
        format!("`{key}` {what}"),
        format!("write 2 to {longest} letters, digits or `{signs}`, as the role's owner gave it"),
    )
}

fn account(key: &str, value: &str) -> Option<Odd> {
    if is_account_id(value) {
        return None;
    }
    let remedy = match with_zeros(value) {
        Some(whole) => format!("did you mean `{whole}`? a zero at its beginning is easily lost"),
        None => "write the account's 12 digits, without signs between them".to_owned(),
    };
    odd(&ACCOUNT, format!("`{key}` is `{value}`, which is no account id of 12 digits"), remedy)
}

/// An account's number whose zeros at the beginning were lost; two are rare, more are another mistake.
fn with_zeros(digits: &str) -> Option<String> {
    let is_short = (10..12).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_short.then(|| format!("{digits:0>12}"))
}

fn start_url(value: &str) -> Option<Odd> {
    let host = value.strip_prefix("https://").map(|rest| rest.split('/').next().unwrap_or_default());
    match host {
        Some(host) if host.contains('.') && !value.contains(char::is_whitespace) => None,
        _ => odd(
            &START_URL,
            format!("`sso_start_url` is `{value}`, which is no `https://` address"),
            "write the address of the access portal, such as `https://d-1234567890.awsapps.com/start`",
        ),
    }
}

fn word(key: &str, value: &str) -> Option<Odd> {
    let (_, allowed) = WORDS.into_iter().find(|(known, _)| *known == key)?;
    if allowed.contains(&value) {
        return None;
    }
    let list = allowed.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let remedy = match nearest(value, allowed.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("write one of {list}"),
    };
    odd(&WORD, format!("`{key}` is `{value}`, which is none of {list}"), remedy)
}

fn switch(key: &str, value: &str) -> Option<Odd> {
    let is_fit = ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word));
    if is_fit || !SWITCHES.contains(&key) {
        return None;
    }
    let meant = match value.to_lowercase().as_str() {
        "yes" | "on" | "1" | "y" | "enabled" => "write `true`",
        "no" | "off" | "0" | "n" | "disabled" => "write `false`",
        _ => "write `true` or `false`",
    };
    odd(&SWITCH, format!("`{key}` is `{value}`, which is neither `true` nor `false`"), meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(key: &str, value: &str) -> Option<&'static str> {
        examine(key, value).map(|(check, ..)| check.code)
    }

    #[test]
    fn what_aws_takes_is_in_order() {
        for (key, value) in [
            ("role_arn", "arn:aws:iam::123456789012:role/team/Deploy"),
            ("role_arn", "arn:aws-us-gov:iam::123456789012:role/Deploy"),
            ("mfa_serial", "arn:aws:iam::123456789012:mfa/ada"),
            ("mfa_serial", "arn:aws-cn:iam::123456789012:mfa/team/ada@example.com"),
            ("mfa_serial", "GAHT12345678"),
            ("region", "eu-central-1"),
            ("region", "us-isob-east-1"),
            ("region", "aws-global"),
            ("duration_seconds", "900"),
            ("duration_seconds", "43_200"),
            ("role_session_name", "ada@example.com"),
            ("external_id", "a:b/c-1"),
            ("sso_account_id", "012345678901"),
            ("sso_start_url", "https://d-1234567890.awsapps.com/start#/"),
            ("sso_start_url", "https://ssoins-1234.portal.eu-central-1.app.aws"),
            ("output", "yaml-stream"),
            ("credential_source", "Ec2InstanceMetadata"),
            ("use_fips_endpoint", "True"),
            ("color", "anything"),
        ] {
            assert_eq!(code(key, value), None, "{key} = {value}");
        }
    }

    #[test]
    fn what_aws_refuses_is_told() {
        for (key, value, expected) in [
            ("role_arn", "arn:aws:iam::12345678901:role/Deploy", "R067"),
            ("role_arn", "Deploy", "R067"),
            ("role_arn", "arn:aws:iam::123456789012:Deploy", "R067"),
            ("role_arn", "arn:aws:sts::123456789012:role/Deploy", "R067"),
            ("mfa_serial", "ada", "R068"),
            ("mfa_serial", "123456", "R068"),
            ("region", "Frankfurt", "R069"),
            ("region", "eu central 1", "R069"),
            ("region", "eu-centrla-1", "R070"),
            ("sso_region", "eu-central-9", "R070"),
            ("duration_seconds", "899", "R071"),
            ("duration_seconds", "43201", "R071"),
            ("duration_seconds", "1h", "R072"),
            ("role_session_name", "ada lovelace", "R073"),
            ("role_session_name", "a", "R073"),
            ("external_id", "x", "R074"),
            ("source_identity", "a/b", "R074"),
            ("sso_account_id", "1234-5678-9012", "R075"),
            ("sso_start_url", "d-1234567890", "R076"),
            ("credential_source", "environment", "R077"),
            ("output", "jsn", "R077"),
            ("use_fips_endpoint", "yes", "R078"),
        ] {
            assert_eq!(code(key, value), Some(expected), "{key} = {value}");
        }
    }

    #[test]
    fn the_remedy_says_what_was_probably_meant() {
        for (key, value, meant) in [
            (
                "role_arn",
                "arn:aws:sts::123456789012:assumed-role/Deploy/ada",
                "arn:aws:iam::123456789012:role/Deploy",
            ),
            ("role_arn", "arn:aws:iam::12345678901:role/Deploy", "arn:aws:iam::012345678901:role/Deploy"),
            ("mfa_serial", "arn:aws:iam::123456789012:user/team/ada", "arn:aws:iam::123456789012:mfa/ada"),
            ("mfa_serial", "arn:aws:iam::123456789012:u2f/user/ada/key-1", "list-mfa-devices"),
            ("region", "eu-central-1a", "`eu-central-1`"),
            ("region", "EU_CENTRAL_1", "`eu-central-1`"),
            ("region", "us-esat-1", "`us-east-1`"),
            ("sso_account_id", "12345678901", "`012345678901`"),
            ("credential_source", "ec2instancemetadata", "`Ec2InstanceMetadata`"),
            ("use_fips_endpoint", "1", "`true`"),
        ] {
            let (_, _, remedy) = examine(key, value).unwrap();
            assert!(remedy.contains(meant), "{key} = {value}: {remedy}");
        }
    }
}
