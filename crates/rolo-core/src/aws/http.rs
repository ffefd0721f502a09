//! A plain HTTP request to the metadata services of containers and instances.
//!
//! No retries, no redirects, no proxy: who calls decides what is worth another try. Must not know credentials.

use std::time::{Duration, Instant};

use aws_smithy_runtime_api::client::{http::HttpConnector, orchestrator::HttpRequest};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};

use super::{Aws, AwsError, client::new_connector, error::Words, watch::shown_url};
use crate::{
    Secret,
    talk::{Notice, RequestNotice, ResponseNotice},
};

/// In place of a name of AWS's.
const OPERATION: &str = "HTTP";

/// A request without a body.
#[derive(Debug)]
pub struct Request<'a> {
    /// `GET` or `PUT`.
    pub method: &'a str,
    /// `http://` or `https://`.
    pub url: &'a str,
    /// Header names and values; a value may be a secret.
    pub headers: &'a [(&'static str, Secret)],
    /// For the whole exchange.
    pub timeout: Duration,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body: may hold credentials. `None` where it is no UTF-8.
    pub body: Option<Secret>,
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The request could not be made: the URL or a header is malformed, TLS could not be set up.
    #[error("the request could not be made")]
    Request(#[source] Words),
    /// The answer did not come in time, though the connection stood.
    #[error("no answer came within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// No connection, or it broke.
    #[error("the connection failed")]
    Connection(#[source] Words),
    /// The runtime or the TLS setup failed.
    #[error(transparent)]
    Setup(#[from] AwsError),
}

impl Aws {
    /// Sends `request` once.
    pub fn fetch(&self, request: &Request<'_>) -> Result<Answer, HttpError> {
        let mut sent = HttpRequest::new(SdkBody::empty());
        let malformed =
            |error: aws_smithy_runtime_api::http::HttpError| HttpError::Request(Words::of(&error));
        sent.set_method(request.method).map_err(malformed)?;
        sent.set_uri(request.url.to_owned()).map_err(malformed)?;
        for (name, value) in request.headers {
            sent.headers_mut().try_insert(*name, value.expose().to_owned()).map_err(malformed)?;
        }
        let scheme = if request.url.starts_with("https:") { "https" } else { "http" };
        // A connection that fails to come up fails a little before the whole is given up: the two count differently.
        let connector = new_connector(self.settings(), scheme, None, request.timeout * 9 / 10, None)?;
        let told = |notice: Notice| self.hear().iter().for_each(|hear| hear.hear(&notice));
        told(Notice::Request(RequestNotice {
            operation: OPERATION,
            method: request.method.to_owned(),
            url: shown_url(request.url),
            parameters: Vec::new(),
            signer: None,
            attempt: 1,
        }));
        let started = Instant::now();
        let exchange = async {
            let answer = connector
                .call(sent)
                .await
                .map_err(|error| HttpError::Connection(Words::of_innermost(2, &error)))?;
            let status = answer.status().as_u16();
            let body = ByteStream::new(answer.into_body()).collect().await;
            let bytes = body.map_err(|error| HttpError::Connection(Words::of_innermost(2, &error)))?.to_vec();
            Ok(Answer { status, body: String::from_utf8(bytes).ok().map(Secret::new) })
        };
        let answer = self
            .block_on(async { tokio::time::timeout(request.timeout, exchange).await })?
            .unwrap_or(Err(HttpError::TimedOut(request.timeout)));
        told(Notice::Response(ResponseNotice {
            operation: OPERATION,
            status: answer.as_ref().ok().map(|answer| answer.status),
            request_id: None,
            took: started.elapsed(),
        }));
        answer
    }
}
