//! Every environment variable that rolo reads or sets, declared once with its meaning.
//!
//! The reference page is generated from [`VARIABLES`]. Must not read the environment.

/// What rolo does with a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It changes what rolo does.
    Read,
    /// The hand-over sets it.
    Set,
    /// Both.
    ReadAndSet,
    /// The hand-over removes it.
    Removed,
}

/// One variable.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What rolo does with it.
    pub usage: Use,
    /// One sentence for the reference.
    pub about: &'static str,
}

macro_rules! variables {
    ($($constant:ident = $name:literal, $usage:ident, $about:literal;)*) => {
        $(#[doc = $about] pub const $constant: &str = $name;)*
        /// All of them, in the order of the reference page.
        pub const VARIABLES: &[Variable] = &[$(Variable { name: $name, usage: Use::$usage, about: $about }),*];
    };
}

variables! {
    AWS_ACCESS_KEY_ID = "AWS_ACCESS_KEY_ID", ReadAndSet, "Access key id of the environment's credentials.";
    AWS_SECRET_ACCESS_KEY = "AWS_SECRET_ACCESS_KEY", ReadAndSet, "Secret access key of the environment's credentials.";
    AWS_SESSION_TOKEN = "AWS_SESSION_TOKEN", ReadAndSet, "Session token of the environment's credentials.";
    AWS_CREDENTIAL_EXPIRATION = "AWS_CREDENTIAL_EXPIRATION", ReadAndSet, "When the environment's credentials expire, RFC 3339 with a zone.";
    AWS_ACCOUNT_ID = "AWS_ACCOUNT_ID", Read, "Account of the environment's credentials.";
    AWS_PROFILE = "AWS_PROFILE", Read, "The profile where none is named; removed by the hand-over.";
    AWS_DEFAULT_PROFILE = "AWS_DEFAULT_PROFILE", Read, "As `AWS_PROFILE`, which comes first; removed by the hand-over.";
    AWS_CONFIG_FILE = "AWS_CONFIG_FILE", Read, "The config file instead of `~/.aws/config`; `~` and `$VAR` are expanded.";
    AWS_SHARED_CREDENTIALS_FILE = "AWS_SHARED_CREDENTIALS_FILE", Read, "The credentials file instead of `~/.aws/credentials`; `~` and `$VAR` are expanded.";
    AWS_REGION = "AWS_REGION", ReadAndSet, "The region, before `AWS_DEFAULT_REGION` and the profile's `region`.";
    AWS_DEFAULT_REGION = "AWS_DEFAULT_REGION", ReadAndSet, "The region where `AWS_REGION` is unset; set together with it because AWS CLI v1 and boto3 read only this one.";
    AWS_ENDPOINT_URL = "AWS_ENDPOINT_URL", ReadAndSet, "Endpoint of every service.";
    AWS_ENDPOINT_URL_STS = "AWS_ENDPOINT_URL_STS", ReadAndSet, "Endpoint of STS. Other services' `AWS_ENDPOINT_URL_…` are set from the profile's `services` section.";
    AWS_ENDPOINT_URL_SSO = "AWS_ENDPOINT_URL_SSO", ReadAndSet, "Endpoint of IAM Identity Center's portal.";
    AWS_ENDPOINT_URL_SSO_OIDC = "AWS_ENDPOINT_URL_SSO_OIDC", ReadAndSet, "Endpoint of IAM Identity Center's token service.";
    AWS_ENDPOINT_URL_IAM = "AWS_ENDPOINT_URL_IAM", ReadAndSet, "Endpoint of IAM.";
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", ReadAndSet, "`true`: no configured endpoint counts.";
    AWS_USE_FIPS_ENDPOINT = "AWS_USE_FIPS_ENDPOINT", ReadAndSet, "`true`: FIPS endpoints.";
    AWS_USE_DUALSTACK_ENDPOINT = "AWS_USE_DUALSTACK_ENDPOINT", ReadAndSet, "`true`: endpoints that answer over IPv6 too.";
    AWS_STS_REGIONAL_ENDPOINTS = "AWS_STS_REGIONAL_ENDPOINTS", ReadAndSet, "`legacy`: the global STS endpoint for the older regions.";
    AWS_CA_BUNDLE = "AWS_CA_BUNDLE", ReadAndSet, "File of certificates to trust instead of the system's.";
    AWS_RETRY_MODE = "AWS_RETRY_MODE", ReadAndSet, "`standard`, `adaptive` or `legacy`.";
    AWS_MAX_ATTEMPTS = "AWS_MAX_ATTEMPTS", ReadAndSet, "How often a call is tried in all.";
    AWS_DEFAULT_OUTPUT = "AWS_DEFAULT_OUTPUT", Set, "The profile's `output`.";
    AWS_DEFAULTS_MODE = "AWS_DEFAULTS_MODE", Set, "The profile's `defaults_mode`.";
    AWS_SDK_UA_APP_ID = "AWS_SDK_UA_APP_ID", Set, "The profile's `sdk_ua_app_id`.";
    AWS_PAGER = "AWS_PAGER", Set, "The profile's `cli_pager`.";
    AWS_CLI_AUTO_PROMPT = "AWS_CLI_AUTO_PROMPT", Set, "The profile's `cli_auto_prompt`.";
    AWS_S3_DISABLE_EXPRESS_SESSION_AUTH = "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH", Set, "The profile's `s3_disable_express_session_auth`.";
    AWS_DISABLE_HOST_PREFIX_INJECTION = "AWS_DISABLE_HOST_PREFIX_INJECTION", Set, "The profile's `disable_host_prefix_injection`.";
    AWS_ACCOUNT_ID_ENDPOINT_MODE = "AWS_ACCOUNT_ID_ENDPOINT_MODE", Set, "The profile's `account_id_endpoint_mode`.";
    AWS_AUTH_SCHEME_PREFERENCE = "AWS_AUTH_SCHEME_PREFERENCE", Set, "The profile's `auth_scheme_preference`.";
    AWS_REQUEST_CHECKSUM_CALCULATION = "AWS_REQUEST_CHECKSUM_CALCULATION", Set, "The profile's `request_checksum_calculation`.";
    AWS_RESPONSE_CHECKSUM_VALIDATION = "AWS_RESPONSE_CHECKSUM_VALIDATION", Set, "The profile's `response_checksum_validation`.";
    AWS_DISABLE_REQUEST_COMPRESSION = "AWS_DISABLE_REQUEST_COMPRESSION", Set, "The profile's `disable_request_compression`.";
    AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES = "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", Set, "The profile's `request_min_compression_size_bytes`.";
    AWS_SIGV4A_SIGNING_REGION_SET = "AWS_SIGV4A_SIGNING_REGION_SET", Set, "The profile's `sigv4a_signing_region_set`.";
    AWS_ENDPOINT_DISCOVERY_ENABLED = "AWS_ENDPOINT_DISCOVERY_ENABLED", Set, "The profile's `endpoint_discovery_enabled`.";
    AWS_ROLE_ARN = "AWS_ROLE_ARN", Read, "Role for a web identity token; removed by the hand-over.";
    AWS_ROLE_SESSION_NAME = "AWS_ROLE_SESSION_NAME", Read, "Session name for a web identity token; removed by the hand-over.";
    AWS_WEB_IDENTITY_TOKEN_FILE = "AWS_WEB_IDENTITY_TOKEN_FILE", Read, "File of a web identity token; removed by the hand-over.";
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", Read, "Container credentials, under `http://169.254.170.2`; removed by the hand-over.";
    AWS_CONTAINER_CREDENTIALS_FULL_URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI", Read, "Container credentials, whole address; removed by the hand-over.";
    AWS_CONTAINER_AUTHORIZATION_TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN", Read, "What the container endpoint wants to see; removed by the hand-over.";
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", Read, "File of the same, before it; removed by the hand-over.";
    AWS_SDK_LOAD_CONFIG = "AWS_SDK_LOAD_CONFIG", Read, "Switch of AWS's older SDK for Go; `rolo doctor` says where it keeps the config from being read.";
    AWS_EC2_METADATA_DISABLED = "AWS_EC2_METADATA_DISABLED", Read, "`true`: EC2's metadata service is not asked.";
    AWS_EC2_METADATA_SERVICE_ENDPOINT = "AWS_EC2_METADATA_SERVICE_ENDPOINT", Read, "Address of EC2's metadata service.";
    AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", Read, "`ipv4` or `ipv6`.";
    AWS_EC2_METADATA_V1_DISABLED = "AWS_EC2_METADATA_V1_DISABLED", Read, "`true`: never without a session token (IMDSv1).";
    AWS_IMDS_USE_IPV6 = "AWS_IMDS_USE_IPV6", Read, "`true`: as mode `ipv6`.";
    AWS_METADATA_SERVICE_TIMEOUT = "AWS_METADATA_SERVICE_TIMEOUT", Read, "Seconds to wait for EC2's metadata service; 1 unless set.";
    AWS_METADATA_SERVICE_NUM_ATTEMPTS = "AWS_METADATA_SERVICE_NUM_ATTEMPTS", Read, "How often to ask EC2's metadata service; 1 unless set.";
    AWS_SECURITY_TOKEN = "AWS_SECURITY_TOKEN", Read, "The session token's older name, which wins, as in botocore; removed by the hand-over.";
    HTTPS_PROXY = "HTTPS_PROXY", Read, "Proxy for https endpoints (also `https_proxy`).";
    HTTP_PROXY = "HTTP_PROXY", Read, "Proxy for http endpoints (also `http_proxy`).";
    NO_PROXY = "NO_PROXY", Read, "Hosts that are reached without a proxy (also `no_proxy`).";
    REQUESTS_CA_BUNDLE = "REQUESTS_CA_BUNDLE", Read, "Certificates for AWS CLI v1 and boto3; `rolo doctor` says that rolo knows `AWS_CA_BUNDLE` alone.";
    PATH = "PATH", Read, "Where programs are looked for that are named without their folder.";
    HOME = "HOME", Read, "Where `~` is.";
    XDG_CACHE_HOME = "XDG_CACHE_HOME", Read, "Where the cache lives, in `rolo/`; `~/.cache` unless set to an absolute path.";
    XDG_CONFIG_HOME = "XDG_CONFIG_HOME", Read, "Where `rolo/config.toml` is; `~/.config` unless set to an absolute path.";
    XDG_STATE_HOME = "XDG_STATE_HOME", Read, "Where the history and the approvals of `rolo trust` are, in `rolo/`; `~/.local/state` unless set to an absolute path.";
    USER = "USER", Read, "Your name in generated session names (also `LOGNAME`).";
    SHELL = "SHELL", Read, "The shell that `rolo exec PROFILE` starts without a command.";
    NO_COLOR = "NO_COLOR", Read, "Set and not empty: no colours.";
    ROLO_ERROR_FORMAT = "ROLO_ERROR_FORMAT", Read, "`json`: a failure is one JSON object on standard error, as with `--error-format`.";
    ROLO_MFA_CODE = "ROLO_MFA_CODE", Read, "The MFA code, for scripts; sent once; removed by the hand-over.";
    ROLO_PICKER = "ROLO_PICKER", Read, "Program, with its arguments, that picks the profile of `rolo use` in place of rolo's own picker: `fzf`.";
    ROLO_PROFILE = "ROLO_PROFILE", ReadAndSet, "What the credentials of this environment are for.";
    ROLO_ACCOUNT = "ROLO_ACCOUNT", ReadAndSet, "The account of this environment's credentials, where it is known, for `rolo prompt`.";
    ROLO_SET = "ROLO_SET", ReadAndSet, "Which settings rolo set in this environment and to what, so that it can tell its own from yours.";
    ROLO_SHELL = "ROLO_SHELL", Read, "The shell whose statements `use` and `off` print; the function of `rolo init` sets it for them alone.";
    ROLO_BEFORE = "ROLO_BEFORE", ReadAndSet, "What stood in this shell before its first `use`, for `off`: your own keys too, where there were any.";
    ROLO_USE = "ROLO_USE", ReadAndSet, "The arguments of the last `use`, for `use .`; never a code. Removed by every other hand-over.";
    ROLO_USE_LAST = "ROLO_USE_LAST", ReadAndSet, "Those of the one before, for `use -`.";
    AWSUME_PROFILE = "AWSUME_PROFILE", ReadAndSet, "As `ROLO_PROFILE`; starship and powerlevel10k show it.";
    ROLO_PROFILE_CHAIN = "_ROLO_PROFILE_CHAIN", ReadAndSet, "Profiles whose `credential_process` is running, so that one that leads back to rolo is noticed.";
    AWS_CLI_PROFILE_CHAIN = "_AWS_CLI_PROFILE_CHAIN", Read, "The same of AWS CLI v2.";
    AWS_VAULT = "AWS_VAULT", Removed, "Leftover of aws-vault.";
    AWS_SESSION_EXPIRATION = "AWS_SESSION_EXPIRATION", Removed, "Leftover of granted and older aws-vault.";
    GRANTED_SSO = "GRANTED_SSO", Removed, "Leftover of granted.";
    AWSUME_EXPIRATION = "AWSUME_EXPIRATION", Removed, "Leftover of awsume.";
    AWSUME_COMMAND = "AWSUME_COMMAND", Removed, "Leftover of awsume.";
    ASSUMED_ROLE = "ASSUMED_ROLE", Removed, "Leftover of assume-role.";
    AWS_SSO_PROFILE = "AWS_SSO_PROFILE", Read, "Of aws-sso-cli; `rolo doctor` says where it is left over.";
    AWS_SSO_ROLE_ARN = "AWS_SSO_ROLE_ARN", Read, "Of aws-sso-cli; `rolo doctor` says where it is left over.";
    AWS_SSO_SESSION_EXPIRATION = "AWS_SSO_SESSION_EXPIRATION", Read, "Of aws-sso-cli; `rolo doctor` says where it is left over.";
    SAML2AWS_PROFILE = "SAML2AWS_PROFILE", Read, "Of saml2aws; `rolo doctor` says where it is left over.";
}

/// A profile setting that has a variable of its own: `(key in the file, variable)`. Region and endpoints are not here:
/// they are worked out, not copied.
pub const PROFILE_SETTINGS: &[(&str, &str)] = &[
    ("output", AWS_DEFAULT_OUTPUT),
    ("ca_bundle", AWS_CA_BUNDLE),
    ("use_fips_endpoint", AWS_USE_FIPS_ENDPOINT),
    ("use_dualstack_endpoint", AWS_USE_DUALSTACK_ENDPOINT),
    ("sts_regional_endpoints", AWS_STS_REGIONAL_ENDPOINTS),
    ("ignore_configured_endpoint_urls", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS),
    ("retry_mode", AWS_RETRY_MODE),
    ("max_attempts", AWS_MAX_ATTEMPTS),
    ("defaults_mode", AWS_DEFAULTS_MODE),
    ("sdk_ua_app_id", AWS_SDK_UA_APP_ID),
    ("cli_pager", AWS_PAGER),
    ("cli_auto_prompt", AWS_CLI_AUTO_PROMPT),
    ("s3_disable_express_session_auth", AWS_S3_DISABLE_EXPRESS_SESSION_AUTH),
    ("disable_host_prefix_injection", AWS_DISABLE_HOST_PREFIX_INJECTION),
    ("account_id_endpoint_mode", AWS_ACCOUNT_ID_ENDPOINT_MODE),
    ("auth_scheme_preference", AWS_AUTH_SCHEME_PREFERENCE),
    ("request_checksum_calculation", AWS_REQUEST_CHECKSUM_CALCULATION),
    ("response_checksum_validation", AWS_RESPONSE_CHECKSUM_VALIDATION),
    ("disable_request_compression", AWS_DISABLE_REQUEST_COMPRESSION),
    ("request_min_compression_size_bytes", AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES),
    ("sigv4a_signing_region_set", AWS_SIGV4A_SIGNING_REGION_SET),
    ("endpoint_discovery_enabled", AWS_ENDPOINT_DISCOVERY_ENABLED),
];

/// What a hand-over or a use sets, whatever the profile.
pub const HANDED: &[&str] = &[
    AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY,
    AWS_SESSION_TOKEN,
    AWS_CREDENTIAL_EXPIRATION,
    ROLO_PROFILE,
    AWSUME_PROFILE,
    ROLO_ACCOUNT,
    ROLO_SET,
    ROLO_BEFORE,
    ROLO_USE,
    ROLO_USE_LAST,
];

/// Variables that would lead a program past the credentials handed over, or to a wrong display of them.
pub const REMOVED: &[&str] = &[
    AWS_PROFILE,
    AWS_DEFAULT_PROFILE,
    AWS_SECURITY_TOKEN,
    AWS_ACCOUNT_ID,
    AWS_ROLE_ARN,
    AWS_ROLE_SESSION_NAME,
    AWS_WEB_IDENTITY_TOKEN_FILE,
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI,
    AWS_CONTAINER_CREDENTIALS_FULL_URI,
    AWS_CONTAINER_AUTHORIZATION_TOKEN,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE,
    ROLO_MFA_CODE,
    ROLO_USE,
    AWS_VAULT,
    AWS_SESSION_EXPIRATION,
    GRANTED_SSO,
    AWSUME_EXPIRATION,
    AWSUME_COMMAND,
    ASSUMED_ROLE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_is_declared_once() {
        let mut names: Vec<_> = VARIABLES.iter().map(|variable| variable.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
        for name in PROFILE_SETTINGS.iter().map(|(_, variable)| variable).chain(REMOVED) {
            assert!(names.binary_search(name).is_ok(), "{name} is used but not declared");
        }
    }
}
