//! What can go wrong with a call, by what can be done about it.
//!
//! Must not know which profile or hop made the call: whoever calls adds that.

use std::{error::Error, fmt, path::PathBuf};

use aws_smithy_runtime_api::{client::result::SdkError, http::Response};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

/// Why a call to AWS gave nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AwsError {
    /// AWS answered, and the answer is no.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// No answer came: no route, no name, a refused or cut connection, a failed TLS handshake, a timeout.
    #[error("`{endpoint}` could not be reached")]
    Unreachable {
        /// The URL that was called.
        endpoint: String,
        /// Why, in the words of the layers below.
        #[source]
        source: Words,
    },
    /// An answer came that is none of AWS's.
    #[error("the answer of `{endpoint}` to {operation} could not be read")]
    BadAnswer {
        /// The URL that was called.
        endpoint: String,
        /// AWS's name of the call.
        operation: &'static str,
        /// What is wrong with it.
        #[source]
        source: Words,
    },
    /// A value that AWS's own clients refuse to send.
    #[error("{operation} cannot be called: `{parameter}` {reason}")]
    Unsendable {
        /// AWS's name of the call.
        operation: &'static str,
        /// AWS's name of the parameter.
        parameter: &'static str,
        /// What is wrong with it, without the value.
        reason: String,
    },
    /// The file of trusted certificates is of no use.
    #[error("the CA bundle `{}` cannot be used", path.display())]
    CaBundle {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Words,
    },
    /// The proxy's URL is of no use. The URL is not shown, for it may hold a password.
    #[error("the proxy for {scheme} cannot be used: its URL is malformed")]
    Proxy {
        /// `http` or `https`: the traffic the proxy was meant for.
        scheme: &'static str,
    },
    /// The call could not be made at all: an endpoint URL that is none, an impossible combination of settings.
    #[error("{operation} of {service} could not be prepared")]
    Setup {
        /// `STS`, `SSO`, `SSO-OIDC` or `IAM`.
        service: &'static str,
        /// AWS's name of the call.
        operation: &'static str,
        /// Why.
        #[source]
        source: Words,
    },
    /// The operating system gave no thread, timer or socket.
    #[error("the network could not be set up")]
    Runtime(#[source] std::io::Error),
}

/// AWS's answer to a call it refused.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{service} refused {operation}: {code}{}", Tail(message.as_deref()))]
pub struct Refusal {
    /// `STS`, `SSO`, `SSO-OIDC` or `IAM`.
    pub service: &'static str,
    /// AWS's name of the call.
    pub operation: &'static str,
    /// AWS's error code; `HTTP 502` and the like where the answer had none.
    pub code: String,
    /// AWS's message as it came: whoever shows it escapes control characters.
    pub message: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// What AWS's support asks for.
    pub request_id: Option<String>,
}

/// A message after a colon, or nothing.
struct Tail<'a>(Option<&'a str>);

impl fmt::Display for Tail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |text| write!(f, ": {text}"))
    }
}

/// An error of a layer below in words, outermost first. The error itself is not kept: its `Debug`, and some layers'
/// `Display`, show the request with its body and headers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Words {
    text: String,
    source: Option<Box<Words>>,
}

impl Words {
    /// One sentence with nothing beneath.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), source: None }
    }

    /// The same words with `text` beneath them.
    #[must_use]
    pub fn and(mut self, text: impl Into<String>) -> Self {
        self.source = Some(Box::new(match self.source {
            Some(below) => below.and(text),
            None => Self::new(text),
        }));
        self
    }

    /// The words of the innermost `layers` of `error` and its sources: those above say what is known already.
    pub fn of_innermost(layers: usize, error: &(dyn Error + 'static)) -> Self {
        let mut texts: Vec<_> =
            std::iter::successors(Some(error), |&above| above.source()).map(ToString::to_string).collect();
        texts.dedup();
        texts.drain(..texts.len().saturating_sub(layers));
        let join = |below: Option<Box<Self>>, text| Some(Box::new(Self { text, source: below }));
        let joined = texts.into_iter().rev().fold(None, join);
        joined.map_or_else(|| Self::new("no reason was given"), |words| *words)
    }

    /// The words of the innermost cause of `error`.
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        Self::of_innermost(1, error)
    }
}

/// Which call of which service.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    pub(super) service: &'static str,
    pub(super) operation: &'static str,
}

impl Call {
    /// Sorts what the SDK reports. `endpoint` is where the request went, where it went at all.
    pub(super) fn error<E, B>(self, error: &SdkError<E, Response<B>>, endpoint: Option<String>) -> AwsError
    where
        E: Error + ProvideErrorMetadata + 'static,
        B: fmt::Debug + 'static,
    {
        let Self { service, operation } = self;
        let Some(endpoint) = endpoint else {
            return AwsError::Setup { service, operation, source: Words::of(error) };
        };
        match error {
            // What cannot be read is an error of the operation to the SDK.
            SdkError::ServiceError(unread) if unread.raw().status().is_success() => {
                let source = Words::new("it is not in AWS's form");
                AwsError::BadAnswer { endpoint, operation, source }
            }
            SdkError::ServiceError(refused) => {
                let (meta, status) = (refused.err().meta(), refused.raw().status().as_u16());
                AwsError::Refused(Box::new(Refusal {
                    service,
                    operation,
                    code: meta.code().map_or_else(|| format!("HTTP {status}"), ToOwned::to_owned),
                    message: meta.message().map(ToOwned::to_owned),
                    status,
                    request_id: meta.request_id().map(ToOwned::to_owned),
                }))
            }
            SdkError::ResponseError(_) => {
                AwsError::BadAnswer { endpoint, operation, source: Words::of(error) }
            }
            SdkError::TimeoutError(_) => {
                AwsError::Unreachable { endpoint, source: Words::new("no answer came in time") }
            }
            _ => AwsError::Unreachable { endpoint, source: Words::of_innermost(2, error) },
        }
    }

    /// An answer that lacks what AWS always gives.
    pub(super) fn lacks(self, what: &str, endpoint: Option<String>) -> AwsError {
        AwsError::BadAnswer {
            endpoint: endpoint.unwrap_or_default(),
            operation: self.operation,
            source: Words::new(format!("it holds no `{what}`")),
        }
    }
}

impl AwsError {
    /// AWS's answer, where it refused.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// AWS's error code, where it refused.
    pub fn code(&self) -> Option<&str> {
        self.refusal().map(|refusal| refusal.code.as_str())
    }

    /// Not allowed; also STS's answer where an MFA code was needed and not given, and where it was wrong.
    pub fn is_access_denied(&self) -> bool {
        matches!(self.code(), Some("AccessDenied" | "AccessDeniedException"))
    }

    /// The MFA code was wrong or spent. STS says so in words only.
    pub fn is_invalid_mfa_code(&self) -> bool {
        self.is_access_denied()
            && self.refusal().and_then(|refusal| refusal.message.as_deref()).is_some_and(|text| {
                text.contains("MultiFactorAuthentication failed with invalid MFA one time pass code")
            })
    }

    /// The credentials or the token that asked are past their time.
    pub fn is_expired_token(&self) -> bool {
        matches!(self.code(), Some("ExpiredToken" | "ExpiredTokenException"))
    }

    /// IAM Identity Center does not take the access token: somebody must sign in again.
    pub fn is_unauthorized(&self) -> bool {
        self.code() == Some("UnauthorizedException")
    }

    /// No answer came, or none of AWS's.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::BadAnswer { .. })
    }
}
