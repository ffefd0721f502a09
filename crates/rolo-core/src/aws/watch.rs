//! Watches one call while the SDK makes it: where it goes, how often, who signs, what comes back; and tells it, without
//! secrets, to whoever listens.
//!
//! Must not know what a call is for.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef},
            dyn_dispatch_hint,
        },
        orchestrator::{HttpRequest, HttpResponse},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use jiff::SignedDuration;

use super::{
    clock::{AwsClock, measure_date},
    error::Signer,
};
use crate::talk::{Hear, Notice, RequestNotice, ResponseNotice};

/// Whoever listens, from wherever the SDK runs.
pub type SharedHear = Arc<dyn Hear + Send + Sync>;

/// Parameters that are shown as they are. Whatever else there is may be a secret and is not.
const SHOWN: [&str; 16] = [
    "Action",
    "Version",
    "RoleArn",
    "RoleSessionName",
    "ExternalId",
    "SerialNumber",
    "DurationSeconds",
    "Policy",
    "PolicyArns",
    "Tags",
    "TransitiveTagKeys",
    "SourceIdentity",
    "UserName",
    "MaxItems",
    "role_name",
    "account_id",
];
/// What stands in place of the others.
const HIDDEN: &str = "***";

/// What is known of a call so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The endpoint without path and query; `None` where no request was sent.
    pub(super) endpoint: Option<String>,
    /// How often it was sent.
    pub(super) tries: u32,
    /// Whose key signed it, for which region.
    pub(super) signer: Option<Signer>,
    /// How far the last answer's `Date` was ahead of this machine's clock.
    pub(super) skew: Option<SignedDuration>,
    /// When the last request went out, by this machine's clock.
    pub(super) sent_at: Option<SystemTime>,
    started: Option<Instant>,
}

/// The watcher of one call. Clones watch the same one.
#[derive(Clone)]
pub(super) struct Watch {
    operation: &'static str,
    seen: Arc<Mutex<Seen>>,
    hear: Option<SharedHear>,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("operation", &self.operation).finish_non_exhaustive()
    }
}

impl Watch {
    pub(super) fn new(operation: &'static str, hear: Option<SharedHear>) -> Self {
        Self { operation, seen: Arc::default(), hear }
    }

    /// What is known so far.
    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sent(&self, request: &HttpRequest) {
        let mut seen = self.seen();
        seen.endpoint = Some(shown_url(endpoint_of(request.uri())));
        seen.tries += 1;
        seen.signer = request.headers().get("authorization").and_then(Signer::parse);
        seen.sent_at = Some(AwsClock::machine_time());
        seen.started = Some(Instant::now());
        if let Some(hear) = &self.hear {
            hear.hear(&Notice::Request(RequestNotice {
                operation: self.operation,
                method: request.method().to_owned(),
                url: shown_url(request.uri()),
                parameters: shown_parameters(request),
                signer: seen.signer.clone(),
                attempt: seen.tries,
            }));
        }
    }

    fn answered(&self, response: &HttpResponse) {
        let mut seen = self.seen();
        let headers = response.headers();
        seen.skew = None;
        // A cache's answer is as old as it is.
        if let (None, Some(date), Some(sent)) = (headers.get("age"), headers.get("date"), seen.sent_at) {
            let half = seen.took() / 2;
            seen.skew = measure_date(date, sent + half);
        }
        let request_id = headers.get("x-amzn-requestid").or_else(|| headers.get("x-amz-request-id"));
        self.tell(ResponseNotice {
            operation: self.operation,
            status: Some(response.status().as_u16()),
            request_id: request_id.map(ToOwned::to_owned),
            took: seen.took(),
        });
    }

    fn unanswered(&self) {
        let took = self.seen().took();
        self.tell(ResponseNotice { operation: self.operation, status: None, request_id: None, took });
    }

    fn tell(&self, notice: ResponseNotice) {
        if let Some(hear) = &self.hear {
            hear.hear(&Notice::Response(notice));
        }
    }
}

impl Seen {
    fn took(&self) -> Duration {
        self.started.map(|started| started.elapsed()).unwrap_or_default()
    }
}

#[dyn_dispatch_hint]
impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "Watch"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.sent(context.request());
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match context.response() {
            Some(response) => self.answered(response),
            None => self.unanswered(),
        }
        Ok(())
    }
}

/// A URL without path and query.
fn endpoint_of(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find(['/', '?']).map_or(url.len(), |at| at + start);
    &url[..end]
}

/// A URL without its query and without user and password.
pub fn shown_url(url: &str) -> String {
    let url = url.split('?').next().unwrap_or_default();
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| at + start);
    let host = url[start..end].rsplit('@').next().unwrap_or_default();
    format!("{}{host}{}", &url[..start], &url[end..])
}

/// The parameters of a form or a query in their order; those that may be secret by name alone.
fn shown_parameters(request: &HttpRequest) -> Vec<(String, String)> {
    let query = request.uri().split_once('?').map_or("", |(_, query)| query);
    let body = request.body().bytes().and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    let is_form = !body.starts_with('{');
    query
        .split('&')
        .chain(if is_form { body } else { "" }.split('&'))
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, _)| !matches!(*name, "Action" | "Version"))
        .map(|(name, value)| {
            let name = percent_decode(name);
            let stem = name.split('.').next().unwrap_or_default();
            let value = if SHOWN.contains(&stem) { percent_decode(value) } else { HIDDEN.to_owned() };
            (name, value)
        })
        .collect()
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(if *first == b'+' { b' ' } else { *first });
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    #[test]
    fn only_what_is_known_to_be_no_secret_is_shown() {
        let mut request = HttpRequest::new(SdkBody::from(
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2FA&Tags.member.1.Key=a+b\
             &TokenCode=123456&WebIdentityToken=ey.J&NewThing=x",
        ));
        request.set_uri("https://ada:pw@sts.example.com/path?role_name=R&access_token=t".to_owned()).unwrap();
        let shown: Vec<_> =
            shown_parameters(&request).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            shown,
            [
                "role_name=R",
                "access_token=***",
                "RoleArn=arn:aws:iam::1:role/A",
                "Tags.member.1.Key=a b",
                "TokenCode=***",
                "WebIdentityToken=***",
                "NewThing=***"
            ]
        );
        assert_eq!(shown_url(request.uri()), "https://sts.example.com/path");
        assert_eq!(endpoint_of("http://h:1?x"), "http://h:1");
        let json = HttpRequest::new(SdkBody::from("{\"clientSecret\":\"a=b&RoleArn=c\"}"));
        assert!(shown_parameters(&json).is_empty());
    }
}
