//! The names that AWS's tools know, and those of tools beside them.
//!
//! Must not know where a name stands.

use crate::{doctor::stored::EXPIRATIONS, profile::nearest::typing_errors};

/// Settings of a profile: the AWS SDKs and Tools Reference Guide, the AWS CLI's «Configuration and credential file
/// settings», and botocore's `configprovider`.
const PROFILE: &[&str] = &[
    "account_id_endpoint_mode",
    "api_versions",
    "auth_scheme_preference",
    "aws_access_key_id",
    "aws_account_id",
    "aws_secret_access_key",
    "aws_security_token",
    "aws_session_token",
    "ca_bundle",
    "cli_auto_prompt",
    "cli_binary_format",
    "cli_error_format",
    "cli_follow_urlparam",
    "cli_history",
    "cli_pager",
    "cli_timestamp_format",
    "credential_process",
    "credential_source",
    "csm_client_id",
    "csm_enabled",
    "csm_host",
    "csm_port",
    "data_path",
    "defaults_mode",
    "disable_host_prefix_injection",
    "disable_request_compression",
    "duration_seconds",
    "ec2_metadata_service_endpoint",
    "ec2_metadata_service_endpoint_mode",
    "ec2_metadata_v1_disabled",
    "endpoint_discovery_enabled",
    "endpoint_url",
    "external_id",
    "ignore_configured_endpoint_urls",
    "imds_use_ipv6",
    "login_session",
    "max_attempts",
    "metadata_service_num_attempts",
    "metadata_service_timeout",
    "mfa_serial",
    "output",
    "parameter_validation",
    "region",
    "request_checksum_calculation",
    "request_min_compression_size_bytes",
    "response_checksum_validation",
    "retry_mode",
    "role_arn",
    "role_session_name",
    "s3",
    "s3_disable_express_session_auth",
    "s3_disable_multiregion_access_points",
    "s3_us_east_1_regional_endpoint",
    "s3_use_arn_region",
    "s3api",
    "sdk_ua_app_id",
    "services",
    "sigv4a_signing_region_set",
    "source_profile",
    "sso_account_id",
    "sso_auto_populated",
    "sso_region",
    "sso_registration_scopes",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    "sts_regional_endpoints",
    "tcp_keepalive",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
    "web_identity_token_file",
];

/// Settings of an `[sso-session]`.
pub(super) const IN_SSO_SESSION: [&str; 3] = ["sso_region", "sso_registration_scopes", "sso_start_url"];

/// Names that other tools write into AWS's files.
const OTHER_TOOLS: &[&str] = &[
    // aws-vault
    "chained_from_keychain",
    "include_profile",
    "mfa_process",
    "parent_profile",
    "session_tags",
    "source_identity",
    "transitive_session_tags",
    // aws-extend-switch-roles
    "color",
    "image",
    "role_name",
    "target_region",
    "target_role_name",
    // aws-mfa, awsume
    "assumed_role",
    "assumed_role_arn",
    "autoawsume",
    "aws_mfa_device",
    "awsumepy_command",
    "expiration",
    "long_term_suffix",
    "manager",
    "profilename",
    // aws-sso-util
    "sso_account_name",
    "sso_interactive_auth",
    // AWS Toolkits
    "toolkit_artifact_guid",
];

/// How all names of some other tools begin: granted, saml2aws, aws-azure-login, okta's and Google's tools, aws-adfs, awsume,
/// aws-vault, rolo.
const PREFIXES: [&str; 10] = [
    "granted_",
    "common_fate_",
    "x_",
    "azure_",
    "okta_",
    "google_config.",
    "adfs_config.",
    "awsume",
    "aws_vault_",
    "rolo_",
];

pub(super) fn is_known(key: &str) -> bool {
    PROFILE.binary_search(&key).is_ok()
}

pub(super) fn is_of_another_tool(key: &str) -> bool {
    OTHER_TOOLS.contains(&key)
        || EXPIRATIONS.contains(&key)
        || PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}

/// Names that are none, and what they are written for.
const MEANT: [(&str, &str); 18] = [
    ("access_key_id", "aws_access_key_id"),
    ("aws_access_key", "aws_access_key_id"),
    ("aws_default_region", "region"),
    ("aws_region", "region"),
    ("aws_secret_key", "aws_secret_access_key"),
    ("aws_token", "aws_session_token"),
    ("default_region", "region"),
    ("duration", "duration_seconds"),
    ("iam_role", "role_arn"),
    ("mfa_arn", "mfa_serial"),
    ("mfa_device", "mfa_serial"),
    ("mfa_serial_number", "mfa_serial"),
    ("secret_access_key", "aws_secret_access_key"),
    ("session_name", "role_session_name"),
    ("session_token", "aws_session_token"),
    ("sso_account", "sso_account_id"),
    ("sso_role", "sso_role_name"),
    ("sso_url", "sso_start_url"),
];

/// The name that somebody who wrote `key` probably meant: the same letters with other signs between them, else the one
/// with the fewest typing errors.
pub(super) fn nearest_known(key: &str) -> Option<&'static str> {
    fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
        text.chars().filter(|c| c.is_alphanumeric())
    }
    let meant = MEANT.iter().find(|(written, _)| *written == key).map(|(_, meant)| *meant);
    let same = || PROFILE.iter().copied().find(|known| letters(known).eq(letters(key)));
    meant.or_else(same).or_else(|| {
        // A third of the letters, as for profiles, would make one of AWS's names of many words.
        let length = key.chars().count();
        let bound = 1.max(length / 5);
        let near = |known: &&&str| known.len() > 3 && known.len().abs_diff(length) <= bound;
        PROFILE
            .iter()
            .filter(near)
            .map(|known| (typing_errors(key, known), *known))
            .filter(|(errors, _)| *errors <= bound)
            .min_by_key(|(errors, _)| *errors)
            .map(|(_, known)| known)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(PROFILE.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn typing_errors_lead_to_the_name_and_other_words_do_not() {
        for (typed, meant) in [
            ("mfa_serail", "mfa_serial"),
            ("source_profle", "source_profile"),
            ("rolearn", "role_arn"),
            ("role-arn", "role_arn"),
            ("mfaserial", "mfa_serial"),
            ("aws_acces_key_id", "aws_access_key_id"),
            ("sso_start_ulr", "sso_start_url"),
            ("sso_acount_id", "sso_account_id"),
            ("externalid", "external_id"),
            ("duration_second", "duration_seconds"),
            ("regoin", "region"),
            ("credentials_process", "credential_process"),
            ("credential_proces", "credential_process"),
            ("aws_access_key", "aws_access_key_id"),
            ("web_identity_token_files", "web_identity_token_file"),
        ] {
            assert_eq!(nearest_known(typed), Some(meant), "{typed}");
        }
        for typed in
            ["team", "owner", "reason", "s4", "account_name", "account", "profile", "role", "aws_vault"]
        {
            assert_eq!(nearest_known(typed), None, "{typed}");
        }
    }

    #[test]
    fn what_rolo_and_other_tools_read_is_no_typing_error() {
        for key in
            ["rolo_expiration", "granted_sso_start_url", "mfa_process", "x_principal_arn", "aws_expiration"]
        {
            assert!(is_of_another_tool(key), "{key}");
        }
        for (key, _) in crate::env_vars::PROFILE_SETTINGS {
            assert!(is_known(key), "{key}");
        }
    }
}
