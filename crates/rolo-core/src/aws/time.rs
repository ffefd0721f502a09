//! AWS's time without a signature: whoever answers a request says when it did.
//!
//! Must not know what the time is for.

use std::time::Instant;

use aws_smithy_runtime_api::client::{http::HttpConnector, orchestrator::HttpRequest};
use aws_smithy_types::body::SdkBody;
use jiff::SignedDuration;

use super::{
    Aws, AwsError, NoAnswer,
    client::{ATTEMPT_TIMEOUT, check_endpoint},
    clock::{AwsClock, measure_date},
    obstacle::{Obstacle, Way},
    proxy::host_of,
    watch::shown_url,
};

impl Aws {
    /// How far the clock of whoever answers at `url` is ahead of this machine's, by one request that nobody signs;
    /// `None` where the answer does not say.
    pub fn measure_skew(&self, url: &str) -> Result<Option<SignedDuration>, AwsError> {
        check_endpoint(url).map_err(|reason| AwsError::Endpoint {
            service: "STS",
            url: shown_url(url),
            reason,
        })?;
        let endpoint = shown_url(url);
        let unreachable = |obstacle, words| AwsError::Unreachable {
            endpoint: endpoint.clone(),
            tries: 1,
            source: Box::new(NoAnswer { obstacle, words }),
        };
        let mut request = HttpRequest::new(SdkBody::empty());
        let set = request
            .set_method("GET")
            .and_then(|()| request.set_uri(format!("{}/", url.trim_end_matches('/'))));
        set.map_err(|_| AwsError::Endpoint {
            service: "STS",
            url: endpoint.clone(),
            reason: "no request can be made of it",
        })?;
        let connector = self.connector(Some(url))?;
        let (sent_at, started) = (AwsClock::machine_time(), Instant::now());
        let exchange = async { tokio::time::timeout(ATTEMPT_TIMEOUT, connector.call(request)).await };
        let answer = match self.block_on(exchange)? {
            Err(_) => return Err(unreachable(Obstacle::ReadTimeout, None)),
            Ok(Err(error)) => {
                let proxy = self.settings().proxy.address_for(url);
                let host = host_of(url.split_once("://").map_or(url, |(_, rest)| rest));
                let (obstacle, words) = Obstacle::sort(&error, Way { host, proxy: proxy.as_deref() });
                return Err(unreachable(obstacle, words));
            }
            Ok(Ok(answer)) => answer,
        };
        let headers = answer.headers();
        // A cache's answer is as old as it is.
        let date = headers.get("date").filter(|_| headers.get("age").is_none());
        Ok(date.and_then(|date| measure_date(date, sent_at + started.elapsed() / 2)))
    }
}
