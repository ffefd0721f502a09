//! What each setting must look like, so that a slip is seen before it is written.
//!
//! A form gives the value back as it is to be written, or says in words why it is none. Must not know profiles.

use rolo_core::{
    Secret,
    arn::{RoleArn, is_account_id},
    chain::target::{DirectRole, parse_direct_role, partition_of_region},
};

/// Formats that the AWS CLI knows.
const OUTPUTS: [&str; 6] = ["json", "yaml", "yaml-stream", "text", "table", "off"];

/// The keys of an IAM user: AWS's rule for ids is 16 to 128 word characters.
pub(super) fn access_key_id(text: &str) -> Result<String, String> {
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_word || !(16..=128).contains(&text.len()) {
        // What was typed may be the secret.
        return Err(
            "that is no access key id: they have 16 to 128 letters and digits, as in `AKIAIOSFODNN7EXAMPLE`"
                .to_owned(),
        );
    }
    if text.starts_with("ASIA") {
        return Err("that is a temporary access key, which is of no use without its session token".to_owned());
    }
    Ok(text.to_owned())
}

/// Some characters, and no blanks among them.
pub(super) fn secret_access_key(secret: Secret) -> Result<Secret, String> {
    let is_one_word = secret.expose().chars().all(|c| !c.is_whitespace() && !c.is_control());
    if secret.is_empty() || secret.expose() == "-" || !is_one_word {
        return Err("that is no secret access key: it has no blanks and is not empty".to_owned());
    }
    Ok(secret)
}

/// A label of a host's name, for that is what a region becomes.
pub(super) fn region(text: &str) -> Result<String, String> {
    let is_label = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let has_letter = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    if is_label && has_letter && text.len() <= 63 && !text.starts_with('-') && !text.ends_with('-') {
        return Ok(text.to_owned());
    }
    Err(format!("`{text}` is no region: they are named as `eu-central-1`"))
}

/// One of the AWS CLI's formats.
pub(super) fn output(text: &str) -> Result<String, String> {
    if OUTPUTS.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(format!("`{text}` is none of `{}`", OUTPUTS.join("`, `")))
}

/// A role's ARN. `ACCOUNT:ROLE` becomes one, in the partition of `region`.
pub(super) fn role_arn(text: &str, region: Option<&str>) -> Result<String, String> {
    match parse_direct_role(text) {
        Some(DirectRole::Arn(arn)) => Ok(arn.to_owned()),
        Some(role) => Ok(role.arn(region.map_or("aws", partition_of_region)).to_string()),
        None => Err(format!(
            "`{text}` is no role: give its ARN, as in `arn:aws:iam::111122223333:role/Admin`, or ACCOUNT:ROLE"
        )),
    }
}

/// The ARN of a virtual device or the serial number of a hardware one. Security keys are no use to STS.
pub(super) fn mfa_serial(text: &str) -> Result<String, String> {
    let arn = RoleArn::new(text);
    let is_good = if text.starts_with("arn:") {
        if text.contains(":u2f/") {
            return Err(format!("`{text}` is a security key: STS takes codes of six digits only"));
        }
        let name = text.splitn(6, ':').nth(5).and_then(|resource| resource.strip_prefix("mfa/"));
        arn.account().is_some_and(is_account_id) && name.is_some_and(|name| !name.is_empty())
    } else {
        let is_serial = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=/:,.@-".contains(&byte);
        text.len() >= 9 && text.bytes().all(is_serial)
    };
    if is_good {
        return Ok(text.to_owned());
    }
    Err(format!(
        "`{text}` is no MFA device: give its ARN, as in `arn:aws:iam::111122223333:mfa/ada`, or its serial number"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_keys() {
        assert!(access_key_id("AKIAIOSFODNN7EXAMPLE").is_ok());
        for text in [
            "",
            "AKIA",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "ASIAIOSFODNN7EXAMPLE",
            "AKIAIOSFODNN7EXÄMPLE",
        ] {
            let problem = access_key_id(text).unwrap_err();
            assert!(text.len() < 5 || !problem.contains(text), "{problem}");
        }
        assert!(secret_access_key(Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")).is_ok());
        for text in ["", "-", "a b", "a\u{7}"] {
            assert!(secret_access_key(Secret::new(text)).is_err(), "{text:?}");
        }
    }

    #[test]
    fn regions_and_formats() {
        for text in ["eu-central-1", "us-gov-west-1", "aws-global", "eusc-de-east-1"] {
            assert_eq!(region(text).as_deref(), Ok(text));
        }
        for text in ["", "eu central 1", "-eu", "eu-", "1", "eu.central", "eu-central-1/"] {
            assert!(region(text).is_err(), "{text:?}");
        }
        assert!(output("yaml-stream").is_ok());
        assert!(output("JSON").is_err());
    }

    #[test]
    fn roles() {
        let arn = "arn:aws-cn:iam::111122223333:role/team/Admin";
        assert_eq!(role_arn(arn, None).as_deref(), Ok(arn));
        let role = |region| role_arn("111122223333:team/Admin", region);
        assert_eq!(role(None).as_deref(), Ok("arn:aws:iam::111122223333:role/team/Admin"));
        assert_eq!(role(Some("cn-north-1")).as_deref(), Ok(arn));
        for text in
            ["", "Admin", "arn:aws:iam::111122223333:user/ada", "arn:aws:iam::1:role/Admin", "1:Admin"]
        {
            assert!(role_arn(text, None).is_err(), "{text:?}");
        }
    }

    #[test]
    fn devices() {
        for text in
            ["arn:aws:iam::111122223333:mfa/ada", "arn:aws-cn:iam::111122223333:mfa/team/ada", "GAHT12345678"]
        {
            assert_eq!(mfa_serial(text).as_deref(), Ok(text));
        }
        for text in [
            "",
            "ada",
            "123456",
            "arn:aws:iam::111122223333:user/ada",
            "arn:aws:iam::1:mfa/a",
            "arn:aws:iam::111122223333:mfa/",
            "GAHT 12345678",
        ] {
            assert!(mfa_serial(text).is_err(), "{text:?}");
        }
        let problem = mfa_serial("arn:aws:iam::111122223333:u2f/user/ada/key").unwrap_err();
        assert!(problem.contains("security key"), "{problem}");
    }
}
