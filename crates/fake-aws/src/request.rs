//! A request as it came, and which action of which service it asks for.
//!
//! Must not know who sent it nor what it will get.

use hyper::{HeaderMap, Method, Uri, body::Bytes};

use crate::form::Params;

/// Method, address, headers and the whole body.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// The services that answer here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Sts,
    Iam,
    Sso,
    SsoOidc,
    /// A query-protocol request of another API version, or none of ours at all.
    Unknown,
}

impl Service {
    /// As in a signature's scope, and in the log.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Iam => "iam",
            Self::Sso => "sso",
            Self::SsoOidc => "sso-oauth",
            Self::Unknown => "unknown",
        }
    }
}

/// What a request asks for.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) service: Service,
    /// Such as `AssumeRole`; for an unknown service the path or whatever was said.
    pub(crate) action: String,
    /// Query and form parameters without `Action` and `Version`; for SSO-OIDC the JSON members that are texts.
    pub(crate) params: Params,
}

impl Asked {
    fn new(service: Service, action: &str, params: Params) -> Self {
        Self { service, action: action.to_owned(), params }
    }
}

impl Request {
    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn path(&self) -> &str {
        self.uri.path()
    }

    /// The query string, or an empty text.
    pub(crate) fn query(&self) -> &str {
        self.uri.query().unwrap_or_default()
    }

    /// The body as text; empty if it is none.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    /// Finds out which action is meant.
    pub(crate) fn asked(&self) -> Asked {
        match (self.method.as_str(), self.path()) {
            ("GET", "/federation/credentials") => {
                Asked::new(Service::Sso, "GetRoleCredentials", Params::parse(&[self.query()]))
            }
            ("POST", "/token") => Asked::new(Service::SsoOidc, "CreateToken", Params::from_json(self.text())),
            ("GET" | "POST", "/") => self.asked_by_query_protocol(),
            (_, path) => Asked::new(Service::Unknown, path, Params::default()),
        }
    }

    fn asked_by_query_protocol(&self) -> Asked {
        let mut params = Params::parse(&[self.query(), self.text()]);
        let action = params.take("Action").unwrap_or_default();
        let service = match params.take("Version").as_deref() {
            Some("2011-06-15") => Service::Sts,
            Some("2010-05-08") => Service::Iam,
            _ => Service::Unknown,
        };
        Asked::new(service, &action, params)
    }
}
