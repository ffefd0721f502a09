//! Why no answer came: the layers below say it in their own words, here it becomes one of a few kinds.
//!
//! Must not know what was called or what can be done about it.

use std::{error::Error, io};

use rustls::CertificateError;

use super::error::Words;

/// What stood between this machine and the endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Obstacle {
    /// The name is in no register.
    #[error("the name `{host}` was not found")]
    NameNotFound {
        /// The host of the URL.
        host: String,
    },
    /// No name server answered.
    #[error("no name server answered for `{host}`")]
    NoNameServer {
        /// The host of the URL.
        host: String,
    },
    /// Nothing listens there.
    #[error("the connection was refused: nothing listens there")]
    ConnectionRefused,
    /// No way leads there.
    #[error("there is no route to it")]
    NoRoute,
    /// The connection did not come up in time.
    #[error("no connection came about in time")]
    ConnectTimeout,
    /// The connection stood, and nothing came.
    #[error("no answer came in time")]
    ReadTimeout,
    /// The connection ended before the answer did.
    #[error("the connection was cut before the answer was whole")]
    Cut,
    /// The way leads through a proxy, which did not let it pass.
    #[error("the proxy `{proxy}` {fault}")]
    Proxy {
        /// Host and port.
        proxy: String,
        /// What it did.
        fault: ProxyFault,
    },
    /// The connection stands, and cannot be trusted.
    #[error("{0}")]
    Tls(TlsFault),
    /// Anything else.
    #[error("the connection failed")]
    Other,
}

/// What a proxy did instead of passing a request on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyFault {
    /// No connection to the proxy itself.
    #[error("could not be reached")]
    Unreached,
    /// HTTP 407.
    #[error("asks for a user name and a password")]
    WantsCredentials,
    /// Another status than 200 to CONNECT, or no HTTP at all.
    #[error("did not let the call through")]
    Refused,
    /// It hung up.
    #[error("ended the connection without an answer")]
    Cut,
}

/// Why the other end is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsFault {
    /// Self-signed, or signed by an authority that this machine does not know.
    #[error("its certificate is signed by nobody who is trusted here")]
    UnknownIssuer,
    /// Past its time, or this machine's clock is ahead.
    #[error("its certificate has expired, by this machine's clock")]
    Expired,
    /// Before its time, or this machine's clock is behind.
    #[error("its certificate is not valid yet, by this machine's clock")]
    NotValidYet,
    /// Somebody else's.
    #[error("its certificate is for another host")]
    WrongName,
    /// Plain HTTP, or nothing known.
    #[error("it does not speak TLS")]
    NotTls,
    /// Anything else.
    #[error("the TLS handshake failed")]
    Other,
}

/// The way that a request took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way<'a> {
    /// The URL's host.
    pub(super) host: &'a str,
    /// Host and port of the proxy that a request to it goes through.
    pub(super) proxy: Option<&'a str>,
}

impl Obstacle {
    /// Sorts what the layers below report, and tells it in their words where these say more.
    pub(super) fn sort(error: &(dyn Error + 'static), way: Way<'_>) -> (Self, Option<Words>) {
        let layers: Vec<_> = layers(error).collect();
        let obstacle = Self::of(&layers, way);
        let words = match obstacle {
            Self::ReadTimeout | Self::ConnectTimeout | Self::Cut | Self::Tls(TlsFault::WrongName) => None,
            Self::Other => Some(Words::of_innermost(2, error)),
            // The innermost layer is the system's or the TLS library's.
            _ => layers.last().map(|innermost| Words::new(innermost.to_string())),
        };
        (obstacle, words)
    }

    fn of(layers: &[&(dyn Error + 'static)], way: Way<'_>) -> Self {
        let said = |text: &str| layers.iter().any(|layer| layer.to_string().contains(text));
        let proxy = way.proxy.map(ToOwned::to_owned);
        let of_proxy = |fault| Self::Proxy { proxy: proxy.clone().unwrap_or_default(), fault };
        // The types of these two layers are private to their crate.
        if said("tunnel error: proxy authorization required") {
            return of_proxy(ProxyFault::WantsCredentials);
        }
        if said("tunnel error: failed to create underlying connection") {
            return of_proxy(ProxyFault::Unreached);
        }
        if said("tunnel error: unexpected end of file") || said("tunnel error: io error") {
            return of_proxy(ProxyFault::Cut);
        }
        if said("tunnel error") {
            return of_proxy(ProxyFault::Refused);
        }
        let found = if let Some(error) = find::<rustls::Error>(layers) {
            Self::Tls(TlsFault::of(error))
        } else if said("dns error") {
            let host = way.host.to_owned();
            if said("emporary failure") { Self::NoNameServer { host } } else { Self::NameNotFound { host } }
        } else if said("HTTP connect timeout") {
            Self::ConnectTimeout
        } else if said("timeout") {
            Self::ReadTimeout
        } else {
            // The outer ones only carry the inner.
            let mut kinds =
                layers.iter().filter_map(|layer| layer.downcast_ref::<io::Error>()).map(io::Error::kind);
            let closed = said("connection closed").then_some(Self::Cut);
            kinds.find_map(Self::of_io).or(closed).unwrap_or(Self::Other)
        };
        // A request for plain HTTP goes to the proxy itself, so there it is the proxy that was not reached.
        match found {
            Self::NameNotFound { .. }
            | Self::NoNameServer { .. }
            | Self::ConnectionRefused
            | Self::NoRoute
            | Self::ConnectTimeout
                if proxy.is_some() =>
            {
                of_proxy(ProxyFault::Unreached)
            }
            found => found,
        }
    }

    fn of_io(kind: io::ErrorKind) -> Option<Self> {
        use io::ErrorKind;
        Some(match kind {
            ErrorKind::ConnectionRefused => Self::ConnectionRefused,
            ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::AddrNotAvailable => Self::NoRoute,
            ErrorKind::TimedOut => Self::ConnectTimeout,
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof => Self::Cut,
            _ => return None,
        })
    }
}

impl TlsFault {
    fn of(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(reason) => match reason {
                CertificateError::UnknownIssuer => Self::UnknownIssuer,
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    Self::NotValidYet
                }
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                    Self::WrongName
                }
                _ => Self::Other,
            },
            rustls::Error::InvalidMessage(_) => Self::NotTls,
            _ => Self::Other,
        }
    }
}

fn find<'a, E: Error + 'static>(layers: &[&'a (dyn Error + 'static)]) -> Option<&'a E> {
    layers.iter().find_map(|layer| layer.downcast_ref::<E>())
}

/// `error` and what lies below it. An [`io::Error`]'s own source leaves out the error that it carries.
fn layers<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&above| match above.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => above.source(),
    })
}
