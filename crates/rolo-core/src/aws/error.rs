//! What can go wrong with a call, by what can be done about it.
//!
//! Must not know which profile or hop made the call: whoever calls adds that.

use std::{error::Error, fmt, path::PathBuf};

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use jiff::SignedDuration;

use super::{
    obstacle::{Obstacle, ProxyFault, Way},
    proxy::{ProxySettings, host_of},
    watch::Seen,
};

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
        /// How often.
        tries: u32,
        /// Why.
        #[source]
        source: Box<NoAnswer>,
    },
    /// Something answered that is not AWS: the page of a network that wants a sign-in first, or of a proxy.
    #[error("`{endpoint}` answered {operation} with {}, and not as AWS does", render_foreign(*status, *is_page))]
    NotAws {
        /// The URL that was called.
        endpoint: String,
        /// AWS's name of the call.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
        /// It is HTML.
        is_page: bool,
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
    /// The endpoint's URL is of no use. User and password are left out.
    #[error("the endpoint `{url}` of {service} is no URL: {reason}")]
    Endpoint {
        /// `STS`, `SSO`, `SSO-OIDC` or `IAM`.
        service: &'static str,
        /// As it was set.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The call could not be made at all: a region that is none, an impossible combination of settings.
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
    /// Whose key signed; `None` where the call is not signed.
    pub signer: Option<Signer>,
    /// The URL that was called.
    pub endpoint: String,
    /// How often it was tried.
    pub tries: u32,
    /// How far this machine's clock is behind AWS's; negative where it is ahead, zero below a minute.
    pub clock_behind: SignedDuration,
}

impl Refusal {
    /// The call came too often.
    pub fn is_throttling(&self) -> bool {
        matches!(
            self.code.strip_suffix("Exception").unwrap_or(&self.code),
            "Throttling"
                | "Throttled"
                | "RequestLimitExceeded"
                | "TooManyRequests"
                | "RequestThrottled"
                | "SlowDown"
        )
    }
}

/// Whose key signed a request, and for which region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// `AKIA…` or `ASIA…`.
    pub access_key_id: String,
    /// The region in the signature, which is not always the endpoint's.
    pub region: String,
}

impl Signer {
    /// Reads the header `Authorization` of a signed request.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let scope = header.split_once("Credential=")?.1.split(',').next()?;
        let mut parts = scope.split('/');
        let access_key_id = parts.next()?.to_owned();
        let region = parts.nth(1)?.to_owned();
        Some(Self { access_key_id, region })
    }
}

/// That no answer came, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{obstacle}")]
pub struct NoAnswer {
    /// What stood in the way.
    pub obstacle: Obstacle,
    /// The same in the words of the layers below, where these say more.
    #[source]
    pub words: Option<Words>,
}

fn render_foreign(status: u16, is_page: bool) -> String {
    if is_page { format!("a web page (HTTP {status})") } else { format!("HTTP {status}") }
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

/// What tells how a call went, beside what the SDK reports.
#[derive(Debug, Clone, Copy)]
pub(super) struct Went<'a> {
    pub(super) seen: &'a Seen,
    pub(super) proxy: &'a ProxySettings,
    pub(super) clock_behind: SignedDuration,
}

impl Call {
    /// Sorts what the SDK reports.
    pub(super) fn error<E>(self, error: &SdkError<E, HttpResponse>, went: Went<'_>) -> AwsError
    where
        E: Error + ProvideErrorMetadata + 'static,
    {
        let Self { service, operation } = self;
        let Some(endpoint) = went.seen.endpoint.clone() else {
            return AwsError::Setup { service, operation, source: Words::of(error) };
        };
        let proxy = went.proxy.address_for(&endpoint);
        let tries = went.seen.tries;
        let no_answer = |obstacle, words| AwsError::Unreachable {
            endpoint: endpoint.clone(),
            tries,
            source: Box::new(NoAnswer { obstacle, words }),
        };
        match error {
            SdkError::ServiceError(refused) => {
                let (meta, status) = (refused.err().meta(), refused.raw().status().as_u16());
                let is_page = is_page(refused.raw());
                match meta.code() {
                    // What cannot be read is an error of the operation to the SDK.
                    None if (200..300).contains(&status) && !is_page => AwsError::BadAnswer {
                        endpoint,
                        operation,
                        source: Words::new("it is not in AWS's form"),
                    },
                    None if status == 407 => no_answer(
                        Obstacle::Proxy {
                            proxy: proxy.unwrap_or_else(|| endpoint.clone()),
                            fault: ProxyFault::WantsCredentials,
                        },
                        None,
                    ),
                    None if is_page || status < 400 => {
                        AwsError::NotAws { endpoint, operation, status, is_page }
                    }
                    code => AwsError::Refused(Box::new(Refusal {
                        service,
                        operation,
                        code: code.map_or_else(|| format!("HTTP {status}"), ToOwned::to_owned),
                        message: meta.message().map(ToOwned::to_owned),
                        status,
                        request_id: meta.request_id().map(ToOwned::to_owned),
                        signer: went.seen.signer.clone(),
                        endpoint,
                        tries,
                        clock_behind: went.clock_behind,
                    })),
                }
            }
            SdkError::ResponseError(unread) if is_page(unread.raw()) => {
                let status = unread.raw().status().as_u16();
                AwsError::NotAws { endpoint, operation, status, is_page: true }
            }
            SdkError::ResponseError(_) => {
                AwsError::BadAnswer { endpoint, operation, source: Words::of(error) }
            }
            SdkError::TimeoutError(_) => no_answer(Obstacle::ReadTimeout, None),
            _ => {
                let host = host_of(endpoint.split_once("://").map_or(&*endpoint, |(_, rest)| rest));
                let (obstacle, words) = Obstacle::sort(error, Way { host, proxy: proxy.as_deref() });
                no_answer(obstacle, words)
            }
        }
    }

    /// An answer that lacks what AWS always gives.
    pub(super) fn lacks(self, what: &str, endpoint: &str) -> AwsError {
        AwsError::BadAnswer {
            endpoint: endpoint.to_owned(),
            operation: self.operation,
            source: Words::new(format!("it holds no `{what}`")),
        }
    }
}

/// Whether an answer is HTML. Some servers call XML so too.
fn is_page(response: &HttpResponse) -> bool {
    let start = response.body().bytes().unwrap_or_default().trim_ascii_start();
    let begins =
        |text: &str| start.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()));
    let is_html = |kind: &str| kind.to_ascii_lowercase().contains("text/html");
    let is_called_html = response.headers().get("content-type").is_some_and(is_html);
    begins("<!doctype html") || begins("<html") || is_called_html && !begins("<") && !begins("{")
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

    /// The caller is known and may not do this, in the code of whichever service.
    pub fn is_not_allowed(&self) -> bool {
        self.is_access_denied() || self.code() == Some("ForbiddenException")
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

    /// AWS refused what was signed at a time that is not its own.
    pub(super) fn may_be_clock(code: Option<&str>) -> bool {
        matches!(
            code,
            Some(
                "SignatureDoesNotMatch"
                    | "InvalidSignatureException"
                    | "RequestExpired"
                    | "RequestTimeTooSkewed"
                    | "RequestInTheFuture"
                    | "AuthFailure"
            )
        )
    }

    /// The call came too often.
    pub fn is_throttling(&self) -> bool {
        self.refusal().is_some_and(Refusal::is_throttling)
    }

    /// No answer came, or none of AWS's.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::BadAnswer { .. } | Self::NotAws { .. })
    }
}
