//! What yields base credentials at run time: a program, a token, a sign-in, a container, an instance.
//!
//! Each module has a plain description of its source (what planning says) and one function that asks it. Whether a
//! source is asked, and in which order, is decided elsewhere. Must not know profiles or caches.

pub mod container;
pub mod imds;
pub mod json;
mod output;
pub mod process;
pub(crate) mod quote;
pub mod sso;
pub mod web_identity;

use std::{io, path::PathBuf};

use jiff::Timestamp;
use serde_json::{Map, Value};

pub use self::output::OutputProblem;
use crate::{
    Credentials, Secret,
    aws::{AwsError, Words, http::HttpError},
    credentials::parse_expiration,
};

/// What came of asking a source that may not be there at all.
#[derive(Debug)]
pub enum Outcome {
    /// It gave credentials.
    Found(Credentials),
    /// It is not there, and the next source may be asked.
    Absent(Absence),
}

/// Why a source is taken as not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Absence {
    /// No variable names a container endpoint.
    #[error("no container endpoint is set")]
    NoContainer,
    /// `AWS_EC2_METADATA_DISABLED`.
    #[error("the instance metadata service is switched off by `AWS_EC2_METADATA_DISABLED`")]
    ImdsDisabled,
    /// Nothing that behaves like the instance metadata service answered.
    #[error("no instance metadata service answered at `{endpoint}`")]
    ImdsSilent {
        /// Its base URL.
        endpoint: String,
    },
    /// The service answered without credentials: the instance has no role, or the role no credentials.
    #[error("the instance metadata service at `{endpoint}` gave no credentials{}", code.as_deref().map(|code| format!(": {code}")).unwrap_or_default())]
    ImdsNoCredentials {
        /// Its base URL.
        endpoint: String,
        /// What it said in place of credentials.
        code: Option<String>,
    },
}

/// Why a source that is there gave no credentials. None of these lets the next source be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// The command of `credential_process` cannot be split into words.
    #[error("the command of `credential_process` {reason}")]
    ProcessCommand {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The program did not start.
    #[error("`{program}` could not be run")]
    ProcessNotRun {
        /// The first word of the command: its arguments may hold secrets.
        program: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The program ended badly.
    #[error("`{program}` ended with {status}")]
    ProcessFailed {
        /// The first word of the command.
        program: String,
        /// Exit code; `None`: a signal.
        code: Option<i32>,
        /// Exit code or signal in words.
        status: String,
        /// What it wrote to standard error. AWS warns that secrets are found there: show it to its owner only.
        stderr: Secret,
        /// The line of it that says what is wrong, without secrets.
        #[source]
        said: Option<Words>,
    },
    /// The program printed something that is not credentials.
    #[error("`{program}` gave no usable credentials: {problem}")]
    ProcessAnswer {
        /// The first word of the command.
        program: String,
        /// Which kind of thing it printed.
        problem: OutputProblem,
    },
    /// The program, endpoint or service answered something that is not credentials.
    #[error("{source_name} gave no usable credentials: {reason}")]
    BadCredentials {
        /// Which program or endpoint, in words.
        source_name: String,
        /// What is wrong, without any of the values.
        reason: String,
    },
    /// The credentials were past their time twice in a row.
    #[error("{source_name} gives expired credentials")]
    StillExpired {
        /// Which program or endpoint, in words.
        source_name: String,
    },
    /// A token file could not be read.
    #[error("the token file `{}` could not be read", path.display())]
    TokenFile {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Nobody signed in.
    #[error("there is no sign-in for `{name}`")]
    SsoTokenMissing {
        /// The session's name, or the start URL where there is no session.
        name: String,
    },
    /// The token's file is there and of no use.
    #[error("the sign-in of `{name}` in `{}` is unusable: {reason}", path.display())]
    SsoTokenUnreadable {
        /// The session's name, or the start URL.
        name: String,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The token is past its time and could not be renewed.
    #[error("the sign-in of `{name}` has expired")]
    SsoTokenExpired {
        /// The session's name, or the start URL.
        name: String,
        /// Why it was not renewed, where that was tried.
        #[source]
        source: Option<AwsError>,
    },
    /// Identity Center does not take the token.
    #[error("the sign-in of `{name}` is no longer accepted")]
    SsoTokenRefused {
        /// The session's name, or the start URL.
        name: String,
        /// AWS's answer.
        #[source]
        source: AwsError,
    },
    /// The container endpoint is not one of those that may be given a token.
    #[error("`{host}` is no container endpoint: plain HTTP goes to a loopback address or to {} only", container::ALLOWED_HOSTS.join(", "))]
    ContainerHost {
        /// The host as the URL names it; empty where it names none.
        host: String,
    },
    /// The container's authorization token cannot be sent.
    #[error("the container's authorization token cannot be a header: it holds a line break")]
    ContainerToken,
    /// The container endpoint did not answer as it should, however often it was asked.
    #[error("the container endpoint `{url}` did not answer with credentials")]
    Container {
        /// The URL without query.
        url: String,
        /// The last try's reason.
        #[source]
        source: ContainerAnswer,
    },
    /// IMDSv1 would be needed and is switched off.
    #[error(
        "the instance metadata service gave no token, and `ec2_metadata_v1_disabled` forbids to go on without"
    )]
    ImdsV1Disabled,
    /// The instance metadata service failed in a way that is not «not there».
    #[error("the instance metadata service at `{endpoint}` failed")]
    Imds {
        /// Its base URL.
        endpoint: String,
        /// Why.
        #[source]
        source: HttpError,
    },
    /// AWS was called and gave nothing.
    #[error(transparent)]
    Aws(#[from] AwsError),
}

/// What a container endpoint did instead of answering.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContainerAnswer {
    /// Another status than 200.
    #[error("it answered HTTP {0}")]
    Status(u16),
    /// No JSON.
    #[error("its answer is no JSON")]
    NotJson,
    /// No answer.
    #[error(transparent)]
    Http(#[from] HttpError),
}

impl ProviderError {
    /// Whether a person has to sign in (`aws sso login`) before this can work.
    pub fn needs_sign_in(&self) -> bool {
        matches!(
            self,
            Self::SsoTokenMissing { .. }
                | Self::SsoTokenUnreadable { .. }
                | Self::SsoTokenExpired { .. }
                | Self::SsoTokenRefused { .. }
        )
    }
}

/// A JSON answer read field by field, exact in case as botocore reads it.
struct Fields<'a> {
    map: &'a Map<String, Value>,
    /// Who answered, for messages.
    source_name: String,
}

impl Fields<'_> {
    fn bad(&self, reason: String) -> ProviderError {
        ProviderError::BadCredentials { source_name: self.source_name.clone(), reason }
    }

    /// A text that must be there and not be empty.
    fn required(&self, key: &str) -> Result<&str, ProviderError> {
        match self.map.get(key) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text),
            Some(_) => Err(self.bad(format!("`{key}` is no text, or empty"))),
            None => Err(self.bad(format!("`{key}` is missing"))),
        }
    }

    /// A text that may be missing, null or empty, which are the same.
    fn optional(&self, key: &str) -> Result<Option<&str>, ProviderError> {
        match self.map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty()).map(String::as_str)),
            Some(_) => Err(self.bad(format!("`{key}` is no text"))),
        }
    }

    /// A time that may be missing or null.
    fn expiration(&self, key: &str) -> Result<Option<Timestamp>, ProviderError> {
        match self.map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => parse_expiration(text)
                .map(Some)
                .ok_or_else(|| self.bad(format!("`{key}` is no time that can be read"))),
            Some(_) => Err(self.bad(format!("`{key}` is no text"))),
        }
    }
}

/// Asks once, and once more when the answer is past its time already, as botocore does.
fn not_expired(
    now: impl Fn() -> Timestamp,
    source_name: &str,
    ask: impl Fn() -> Result<Credentials, ProviderError>,
) -> Result<Credentials, ProviderError> {
    for _ in 0..2 {
        let found = ask()?;
        if found.left(now()).is_none_or(|left| left.is_positive()) {
            return Ok(found);
        }
    }
    Err(ProviderError::StillExpired { source_name: source_name.to_owned() })
}
