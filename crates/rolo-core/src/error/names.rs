//! The names of the core's errors: for scripts, which must not read sentences, and for the reference.
//!
//! A name is never given to another error. Every match here is over all variants, so that a new one cannot be without a
//! name. Must not know exit codes, nor what to do about an error.

use super::{ErrorName, HaveName};
use crate::{
    Error,
    aws::{AwsError, Obstacle, Refusal},
    chain::{find_mfa::FindDeviceError, resolve::ResolveError, run::RunError},
    console::{LinkError, LookError},
    history::HistoryError,
    lock::LockError,
    mfa::code::CodeError,
    private_file::PrivateDirError,
    profile::{FileError, WriteError},
    provider::ProviderError,
};

crate::error_names! {
    // The files.
    FILE_DAMAGED = "file-damaged": "a line of a file of profiles cannot be understood";
    FILE_UNREADABLE = "file-unreadable": "a file of profiles is there and cannot be read";
    FILE_NOT_WRITTEN = "file-not-written": "a file of profiles could not be changed, and is as it was";
    FOLDER_NOT_USED = "folder-not-used": "a folder of rolo's own is not private enough, or is no folder";
    HISTORY_NOT_USED = "history-not-used": "the history cannot be read or written";
    LOCK_TIMED_OUT = "lock-timed-out": "another process did not come to an end with what this one waits for";
    // The chain.
    PROFILE_NOT_FOUND = "profile-not-found": "the profile asked for is in neither file";
    NO_CREDENTIALS = "no-credentials": "nothing gives credentials to begin with";
    SOURCE_PROFILE_LOOP = "source-profile-loop": "a chain of `source_profile`s leads back to itself";
    SOURCE_PROFILE_NOT_FOUND = "source-profile-not-found": "`source_profile` names a profile that is in neither file";
    SOURCE_WITHOUT_CREDENTIALS = "source-without-credentials": "the source profile holds nothing to begin with";
    TWO_SOURCES = "two-sources": "a profile has both `source_profile` and `credential_source`";
    NO_SOURCE = "no-source": "a profile has a `role_arn` and no way to it";
    CREDENTIAL_SOURCE_UNKNOWN = "credential-source-unknown": "`credential_source` is none of the three names";
    CREDENTIAL_SOURCE_ABSENT = "credential-source-absent": "what `credential_source` names is not on this machine";
    CREDENTIAL_PROCESS_LOOP = "credential-process-loop": "a `credential_process` leads back to the profile it is for";
    WEB_IDENTITY_WITHOUT_ROLE = "web-identity-without-role": "a web identity token stands without a role for it";
    SSO_INCOMPLETE = "sso-incomplete": "a profile lacks settings of IAM Identity Center";
    SSO_SESSION_NOT_FOUND = "sso-session-not-found": "`sso_session` names no section";
    SSO_SESSION_INCOMPLETE = "sso-session-incomplete": "the section of a sign-in lacks settings";
    SSO_INCONSISTENT = "sso-inconsistent": "a profile and its `sso-session` say different things";
    LOGIN_NOT_SUPPORTED = "login-not-supported": "the profile wants credentials of `aws login`";
    SERVICES_NOT_FOUND = "services-not-found": "`services` names no section";
    NO_REGION = "no-region": "a custom endpoint is set and no region to sign for";
    // Values.
    NO_VALUE = "no-value": "a setting has lines below it, or nothing, in place of a value";
    HALF_CREDENTIALS = "half-credentials": "an access key stands without its other half";
    VALUE_TOO_SHORT = "value-too-short": "a value is shorter than STS takes";
    DURATION_TOO_SHORT = "duration-too-short": "a session of less than 15 minutes is asked for";
    CHAINED_DURATION_TOO_LONG = "chained-duration-too-long": "more than 1 h is asked of a role that is taken on from a role";
    IMDS_SETTING = "imds-setting": "a setting of EC2's metadata service is malformed";
    ENVIRONMENT_EXPIRED = "environment-expired": "the credentials in the environment are over";
    EXPIRATION_MALFORMED = "expiration-malformed": "`AWS_CREDENTIAL_EXPIRATION` is no time";
    SAVED_EXPIRED = "saved-expired": "the credentials of a saved profile are over";
    // What was asked.
    TWO_ROLES = "two-roles": "a role is named twice";
    NO_ROLE = "no-role": "an option or command wants a role, and the profile leads to none";
    SESSION_NAME_NEEDED = "session-name-needed": "the session is to be named, and no user's name is there to name it after";
    NO_KEY_FOR_SESSION = "no-key-for-session": "a session is asked for, and no IAM user's key is there to make it of";
    CONSOLE_LOOK = "console-look": "the console would not take this name or colour";
    CONSOLE_LINK = "console-link": "there is no link for this role";
    // MFA.
    MFA_CODE_NEEDED = "mfa-code-needed": "an MFA code is needed, and nobody and nothing gives one";
    MFA_CODE_MALFORMED = "mfa-code-malformed": "the MFA code that was given is not six digits";
    MFA_CODE_SPENT = "mfa-code-spent": "the MFA code that was given has been used";
    MFA_CODE_REFUSED = "mfa-code-refused": "AWS does not take the MFA code";
    MFA_PROCESS_FAILED = "mfa-process-failed": "`mfa_process` gives no code";
    MFA_DEVICE_UNKNOWN = "mfa-device-unknown": "the role may want MFA, and no device is known to try it with";
    // Where credentials come from.
    PROCESS_COMMAND = "process-command": "the command of a `credential_process` cannot be split into words";
    PROCESS_NOT_RUN = "process-not-run": "the program of a `credential_process` does not start";
    PROCESS_FAILED = "process-failed": "the program of a `credential_process` ends with a failure";
    CREDENTIALS_MALFORMED = "credentials-malformed": "what a program or an endpoint gives is not credentials";
    SOURCE_EXPIRED = "source-expired": "what a program or an endpoint gives is over already";
    TOKEN_FILE_UNREADABLE = "token-file-unreadable": "a token file cannot be read";
    SIGN_IN_NEEDED = "sign-in-needed": "nobody has signed in to IAM Identity Center, or the sign-in is over";
    CONTAINER_ENDPOINT = "container-endpoint": "the container's endpoint may not be asked, or does not answer with credentials";
    INSTANCE_METADATA = "instance-metadata": "EC2's metadata service may not be asked, or fails";
    // AWS.
    ACCESS_DENIED = "access-denied": "AWS does not allow the call";
    CREDENTIALS_EXPIRED = "credentials-expired": "the credentials that signed the call are over";
    EXPIRED_ON_ARRIVAL = "expired-on-arrival": "what AWS gave was over when it came: a clock is wrong";
    KEY_UNKNOWN = "key-unknown": "AWS does not know the access key, or its token is another's";
    SIGNATURE_REFUSED = "signature-refused": "the secret access key, the region or the clock is not what AWS expects";
    CLOCK_SKEWED = "clock-skewed": "this machine's clock is too far from AWS's";
    REGION_DISABLED = "region-disabled": "STS is not active in this region of the account";
    REQUEST_INVALID = "request-invalid": "AWS finds fault with a parameter";
    POLICY_REFUSED = "policy-refused": "the session policy or the tags are too large or malformed";
    WEB_IDENTITY_REFUSED = "web-identity-refused": "AWS does not take the web identity token";
    THROTTLED = "throttled": "AWS was asked too often";
    AWS_FAILED = "aws-failed": "AWS has a failure of its own";
    AWS_REFUSED = "aws-refused": "AWS refused, in a code of its own";
    UNREACHABLE = "unreachable": "no connection, or it was cut";
    HOST_NOT_FOUND = "host-not-found": "the endpoint's name leads nowhere";
    TIMED_OUT = "timed-out": "no connection or no answer in time";
    PROXY_FAILED = "proxy-failed": "the proxy was not reached, or did not let the call through";
    TLS_FAILED = "tls-failed": "the endpoint's certificate is not to be trusted, or it speaks no TLS";
    NOT_AWS = "not-aws": "something answered that is not AWS, such as the sign-in page of a network";
    BAD_ANSWER = "bad-answer": "AWS's answer lacks something or cannot be read";
    ENDPOINT_MALFORMED = "endpoint-malformed": "the endpoint's URL is none";
    VALUE_NOT_SENT = "value-not-sent": "a value is one that AWS's own clients refuse to send";
    CA_BUNDLE = "ca-bundle": "the file of trusted certificates is of no use";
    PROXY = "proxy": "the proxy's URL is of no use";
    CALL_NOT_PREPARED = "call-not-prepared": "the settings make no call: an endpoint or a region is malformed";
    NETWORK_NOT_SET_UP = "network-not-set-up": "the operating system gave no thread, timer or socket";
}

impl HaveName for Error {
    fn name(&self) -> ErrorName {
        match self {
            Self::File(error) => error.name(),
            Self::Resolve(error) => error.name(),
            Self::Run(error) => error.name(),
        }
    }
}

impl HaveName for FileError {
    fn name(&self) -> ErrorName {
        if self.location().is_some() { FILE_DAMAGED } else { FILE_UNREADABLE }
    }
}

impl HaveName for WriteError {
    fn name(&self) -> ErrorName {
        match self {
            Self::File(error) => error.name(),
            Self::Edit { .. } | Self::NotAFile { .. } | Self::Io { .. } | Self::Busy { .. } => {
                FILE_NOT_WRITTEN
            }
            Self::Locked { source, .. } => source.name(),
        }
    }
}

impl HaveName for PrivateDirError {
    fn name(&self) -> ErrorName {
        FOLDER_NOT_USED
    }
}

impl HaveName for HistoryError {
    fn name(&self) -> ErrorName {
        match self {
            Self::NoPlace | Self::Folder(_) | Self::File { .. } => HISTORY_NOT_USED,
        }
    }
}

impl HaveName for LockError {
    fn name(&self) -> ErrorName {
        match self {
            Self::TimedOut { .. } => LOCK_TIMED_OUT,
        }
    }
}

impl HaveName for LookError {
    fn name(&self) -> ErrorName {
        match self {
            Self::LongName { .. } | Self::OddName | Self::Color => CONSOLE_LOOK,
        }
    }
}

impl HaveName for LinkError {
    fn name(&self) -> ErrorName {
        match self {
            Self::NoRole { .. } | Self::Partition { .. } => CONSOLE_LINK,
        }
    }
}

impl HaveName for ResolveError {
    fn name(&self) -> ErrorName {
        match self {
            Self::ProfileNotFound { .. } => PROFILE_NOT_FOUND,
            Self::Loop { .. } => SOURCE_PROFILE_LOOP,
            Self::SourceProfileMissing { .. } => SOURCE_PROFILE_NOT_FOUND,
            Self::BothSources { .. } => TWO_SOURCES,
            Self::NoSource { .. } => NO_SOURCE,
            Self::UnknownCredentialSource { .. } => CREDENTIAL_SOURCE_UNKNOWN,
            Self::CredentialSourceEmpty { .. } => CREDENTIAL_SOURCE_ABSENT,
            Self::SourceHasNoCredentials { .. } => SOURCE_WITHOUT_CREDENTIALS,
            Self::NotAValue { .. } | Self::EmptyKey { .. } => NO_VALUE,
            Self::HalfCredentials { .. } => HALF_CREDENTIALS,
            Self::BadExpiration { .. } => EXPIRATION_MALFORMED,
            Self::EnvironmentExpired { .. } => ENVIRONMENT_EXPIRED,
            Self::SavedExpired { .. } => SAVED_EXPIRED,
            Self::WebIdentityWithoutRole { .. } => WEB_IDENTITY_WITHOUT_ROLE,
            Self::SsoIncomplete { .. } => SSO_INCOMPLETE,
            Self::SsoSessionMissing { .. } => SSO_SESSION_NOT_FOUND,
            Self::SsoSessionIncomplete { .. } => SSO_SESSION_INCOMPLETE,
            Self::SsoInconsistent { .. } => SSO_INCONSISTENT,
            Self::LoginNotSupported { .. } => LOGIN_NOT_SUPPORTED,
            Self::ServicesMissing { .. } => SERVICES_NOT_FOUND,
            Self::NoRegion { .. } => NO_REGION,
            Self::TooShort { .. } => VALUE_TOO_SHORT,
            Self::TooBrief { .. } => DURATION_TOO_SHORT,
            Self::ChainedTooLong { .. } => CHAINED_DURATION_TOO_LONG,
            Self::NoCredentials { .. } => NO_CREDENTIALS,
            Self::ProcessLoop { .. } => CREDENTIAL_PROCESS_LOOP,
            Self::Imds(_) => IMDS_SETTING,
            Self::TwoRoles { .. } => TWO_ROLES,
            Self::SessionNameNeeded { .. } => SESSION_NAME_NEEDED,
            Self::NoKeyForSession { .. } => NO_KEY_FOR_SESSION,
            Self::NoRole { .. } => NO_ROLE,
        }
    }
}

impl HaveName for RunError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Resolve(error) => error.name(),
            Self::Absent { .. } => NO_CREDENTIALS,
            Self::Provider(error) => error.name(),
            Self::Call { source, .. } => source.name(),
            Self::SessionNameNeeded { .. } => SESSION_NAME_NEEDED,
            Self::Code { source, .. } => source.name(),
            Self::Lock(error) => error.name(),
            Self::Expired { .. } => EXPIRED_ON_ARRIVAL,
        }
    }
}

impl HaveName for CodeError {
    fn name(&self) -> ErrorName {
        match self {
            Self::NoCode { .. } => MFA_CODE_NEEDED,
            Self::BadForm { .. } => MFA_CODE_MALFORMED,
            Self::Spent { .. } => MFA_CODE_SPENT,
            Self::Refused { .. } => MFA_CODE_REFUSED,
            Self::Process { .. } => MFA_PROCESS_FAILED,
            Self::Call(error) => error.name(),
        }
    }
}

impl HaveName for FindDeviceError {
    fn name(&self) -> ErrorName {
        match self {
            Self::NoDevice | Self::Passkeys | Self::Call(_) | Self::NotChosen(_) => MFA_DEVICE_UNKNOWN,
        }
    }
}

impl HaveName for ProviderError {
    fn name(&self) -> ErrorName {
        match self {
            Self::ProcessCommand { .. } => PROCESS_COMMAND,
            Self::ProcessNotRun { .. } => PROCESS_NOT_RUN,
            Self::ProcessFailed { .. } => PROCESS_FAILED,
            Self::BadCredentials { .. } | Self::ProcessAnswer { .. } => CREDENTIALS_MALFORMED,
            Self::StillExpired { .. } => SOURCE_EXPIRED,
            Self::TokenFile { .. } => TOKEN_FILE_UNREADABLE,
            Self::SsoTokenMissing { .. }
            | Self::SsoTokenUnreadable { .. }
            | Self::SsoTokenExpired { .. }
            | Self::SsoTokenRefused { .. } => SIGN_IN_NEEDED,
            Self::ContainerHost { .. } | Self::ContainerToken | Self::Container { .. } => CONTAINER_ENDPOINT,
            Self::ImdsV1Disabled | Self::Imds { .. } => INSTANCE_METADATA,
            Self::Aws(error) => error.name(),
        }
    }
}

impl HaveName for AwsError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Refused(refusal) => name_of_refusal(refusal),
            Self::Unreachable { source, .. } => match source.obstacle {
                Obstacle::NameNotFound { .. } | Obstacle::NoNameServer { .. } => HOST_NOT_FOUND,
                Obstacle::Proxy { .. } => PROXY_FAILED,
                Obstacle::Tls(_) => TLS_FAILED,
                Obstacle::ConnectTimeout | Obstacle::ReadTimeout => TIMED_OUT,
                _ => UNREACHABLE,
            },
            Self::BadAnswer { .. } => BAD_ANSWER,
            Self::NotAws { .. } => NOT_AWS,
            Self::Endpoint { .. } => ENDPOINT_MALFORMED,
            Self::Unsendable { .. } => VALUE_NOT_SENT,
            Self::CaBundle { .. } => CA_BUNDLE,
            Self::Proxy { .. } => PROXY,
            Self::Setup { .. } => CALL_NOT_PREPARED,
            Self::Runtime(_) => NETWORK_NOT_SET_UP,
        }
    }
}

/// By AWS's code, which some services end in `Exception`. A skewed clock has the code of a wrong secret, and other words.
fn name_of_refusal(refusal: &Refusal) -> ErrorName {
    let message = refusal.message.as_deref().unwrap_or_default();
    match refusal.code.strip_suffix("Exception").unwrap_or(&refusal.code) {
        "AccessDenied" | "Forbidden" => ACCESS_DENIED,
        "ExpiredToken" => CREDENTIALS_EXPIRED,
        "InvalidClientTokenId" | "UnrecognizedClient" => KEY_UNKNOWN,
        "RequestExpired" | "RequestTimeTooSkewed" => CLOCK_SKEWED,
        "SignatureDoesNotMatch" if message.starts_with("Signature ") || !refusal.clock_behind.is_zero() => {
            CLOCK_SKEWED
        }
        "SignatureDoesNotMatch" => SIGNATURE_REFUSED,
        "RegionDisabled" => REGION_DISABLED,
        "ValidationError" => REQUEST_INVALID,
        "PackedPolicyTooLarge" | "MalformedPolicyDocument" => POLICY_REFUSED,
        "InvalidIdentityToken" | "IDPRejectedClaim" | "IDPCommunicationError" => WEB_IDENTITY_REFUSED,
        "Throttling" | "TooManyRequests" | "RequestLimitExceeded" => THROTTLED,
        _ if refusal.status >= 500 => AWS_FAILED,
        _ => AWS_REFUSED,
    }
}
