//! What every call has in common: the runtime, the connection, the timeouts, the retries.
//!
//! Must not know any operation.

use std::{error::Error, future::Future, path::Path, sync::Arc, time::Duration};

use aws_credential_types::{Credentials as SdkCredentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::{
    Connector,
    proxy::ProxyConfig,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn},
    orchestrator::HttpResponse,
    result::SdkError,
};
use aws_smithy_types::{error::metadata::ProvideErrorMetadata, retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, app_name::AppName, region::Region};

use super::{
    Aws, CallSettings, Runtime,
    clock::{measure_message, render_skew},
    error::{AwsError, Call, Went, Words},
    watch::{Watch, shown_url},
};
use crate::{Credentials, talk::Notice};

/// What a person takes for «no connection».
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Silence on an open connection.
const READ_TIMEOUT: Duration = Duration::from_secs(20);
/// One try.
pub(super) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
/// All tries and the waits between them.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(75);

/// The pseudo region of the SDK's rules for «no region».
pub(super) const NO_REGION: &str = "aws-global";

/// An answer, and what errors about it say.
#[derive(Debug)]
pub(super) struct Sent<T> {
    pub(super) answer: T,
    call: Call,
    pub(super) endpoint: String,
}

impl<T> Sent<T> {
    /// The error of an answer that lacks what AWS always gives.
    pub(super) fn lacks(&self, what: &str) -> AwsError {
        self.call.lacks(what, &self.endpoint)
    }

    /// The error of an answer that has something in a form that cannot be read.
    pub(super) fn unreadable(&self, error: &(dyn Error + 'static)) -> AwsError {
        AwsError::BadAnswer {
            endpoint: self.endpoint.clone(),
            operation: self.call.operation,
            source: Words::of(error),
        }
    }

    /// Takes the answer out.
    pub(super) fn take<R>(self, part: impl FnOnce(T) -> R) -> (R, Sent<()>) {
        let Self { answer, call, endpoint } = self;
        (part(answer), Sent { answer: (), call, endpoint })
    }
}

impl Runtime {
    fn get(&self) -> Result<&tokio::runtime::Runtime, AwsError> {
        if self.0.get().is_none() {
            let made = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .enable_time()
                .build()
                .map_err(AwsError::Runtime)?;
            // Of two threads that come here at once one wins, and the other's runtime has done nothing yet.
            let _ = self.0.set(Arc::new(made));
        }
        self.0.get().map(AsRef::as_ref).ok_or_else(|| AwsError::Runtime(std::io::ErrorKind::Other.into()))
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take().and_then(Arc::into_inner) {
            runtime.shutdown_background();
        }
    }
}

impl Aws {
    /// Makes `call`, as often as the SDK sees fit, and once more by AWS's clock where this machine's is the reason that it
    /// was refused.
    pub(super) fn send<T, E, F>(&self, call: Call, make: impl Fn(Watch) -> F) -> Result<Sent<T>, AwsError>
    where
        E: Error + ProvideErrorMetadata + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let watch = Watch::new(call.operation, self.hear.clone());
        let mut outcome = self.block_on(make(watch.clone()))?;
        let code = outcome.as_ref().err().and_then(ProvideErrorMetadata::code).map(ToOwned::to_owned);
        if self.learn_time(&outcome, &watch) && AwsError::may_be_clock(code.as_deref()) {
            outcome = self.block_on(make(watch.clone()))?;
        }
        let seen = watch.seen();
        let went = Went { seen: &seen, proxy: &self.settings.proxy, clock_behind: self.clock.behind() };
        match outcome {
            Ok(answer) => Ok(Sent { answer, call, endpoint: seen.endpoint.clone().unwrap_or_default() }),
            Err(error) => Err(call.error(&error, went)),
        }
    }

    /// Compares the clocks by an answer of AWS's, and says it where they differ by more than was known.
    fn learn_time<T, E>(&self, outcome: &Result<T, SdkError<E, HttpResponse>>, watch: &Watch) -> bool
    where
        E: Error + ProvideErrorMetadata + 'static,
    {
        let seen = watch.seen();
        let told = match outcome {
            Ok(_) => None,
            // Not AWS's, and so is its clock.
            Err(error) if error.code().is_none() => return false,
            Err(error) => {
                error.message().zip(seen.sent_at).and_then(|(message, sent)| measure_message(message, sent))
            }
        };
        let Some(skew) = told.or(seen.skew) else { return false };
        let is_new = self.clock.learn(skew);
        drop(seen);
        let behind = self.clock.behind();
        if is_new
            && !behind.is_zero()
            && let Some(hear) = &self.hear
        {
            let set_right = if cfg!(target_os = "macos") {
                "sudo sntp -sS time.apple.com"
            } else {
                "sudo timedatectl set-ntp true"
            };
            hear.hear(&Notice::Warning(format!(
                "this machine's clock is {} {} AWS's, and calls are signed by AWS's; set it right: `{set_right}`",
                render_skew(behind),
                if behind.is_negative() { "ahead of" } else { "behind" },
            )));
        }
        is_new
    }

    /// Drives `call` to its end on this thread.
    pub(super) fn block_on<T>(&self, call: impl Future<Output = T>) -> Result<T, AwsError> {
        Ok(self.runtime.get()?.block_on(call))
    }

    /// The connector for `url`, made once for each scheme; its timeouts are those of a call to AWS.
    pub(super) fn connector(&self, url: Option<&str>) -> Result<SharedHttpConnector, AwsError> {
        let plain = url.is_some_and(|url| url.starts_with("http:"));
        let (kept, scheme) =
            if plain { (&self.connectors.plain, "http") } else { (&self.connectors.tls, "https") };
        if let Some(connector) = kept.get() {
            return Ok(connector.clone());
        }
        let made = new_connector(
            &self.settings,
            scheme,
            self.settings.proxy.config_for(scheme)?,
            CONNECT_TIMEOUT,
            Some(READ_TIMEOUT),
        )?;
        Ok(kept.get_or_init(|| made).clone())
    }

    /// Everything that a client of `service` needs, told and not looked up.
    pub(super) fn sdk_config(
        &self,
        service: &'static str,
        region: Option<&str>,
        endpoint: Option<&str>,
        signer: Option<&Credentials>,
    ) -> Result<SdkConfig, AwsError> {
        if let Some(url) = endpoint
            && let Err(reason) = check_endpoint(url)
        {
            return Err(AwsError::Endpoint { service, url: shown_url(url), reason });
        }
        let connector = self.connector(endpoint)?;
        let client: SharedHttpClient = http_client_fn(move |_, _| connector.clone());
        let mut config = SdkConfig::builder()
            .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
            .http_client(client)
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .time_source(self.clock.clone())
            // What it corrects for one call, `send` corrects for all.
            .disable_clock_skew_correction(true)
            .region(Region::new(region.unwrap_or(NO_REGION).to_owned()))
            .retry_config(retry_config(&self.settings))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT_TIMEOUT)
                    .read_timeout(READ_TIMEOUT)
                    .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                    .operation_timeout(OPERATION_TIMEOUT)
                    .build(),
            )
            .use_fips(self.settings.use_fips)
            .use_dual_stack(self.settings.use_dual_stack);
        config.set_app_name(AppName::new("rolo").ok());
        config.set_endpoint_url(endpoint.map(ToOwned::to_owned));
        config.set_credentials_provider(signer.map(sdk_credentials));
        Ok(config.build())
    }
}

/// What the SDK would say no to in words of its own, or take for a path.
pub(super) fn check_endpoint(url: &str) -> Result<(), &'static str> {
    let rest = match url.split_once("://") {
        Some(("http" | "https", rest)) => rest,
        Some(_) => return Err("it begins with neither `https://` nor `http://`"),
        None => return Err("it does not begin with `https://`"),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if url.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("it holds a blank");
    }
    let (name, port) = match host.strip_prefix('[') {
        Some(address) => match address.split_once(']') {
            Some((address, port)) => (address, port),
            None => return Err("its address has no `]`"),
        },
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let port = port.strip_prefix(':').unwrap_or(port);
    match (name.is_empty(), port.is_empty() || port.parse::<u16>().is_ok()) {
        (true, _) => Err("it names no host"),
        (false, false) => Err("its port is no number"),
        (false, true) => Ok(()),
    }
}

fn sdk_credentials(signer: &Credentials) -> SharedCredentialsProvider {
    // Their expiry is not told to the SDK, which would refuse to sign: AWS, whose clock counts, is to judge.
    SharedCredentialsProvider::new(SdkCredentials::new(
        signer.access_key_id.clone(),
        signer.secret_access_key.expose(),
        signer.session_token.as_ref().map(|token| token.expose().to_owned()),
        None,
        "rolo",
    ))
}

fn retry_config(settings: &CallSettings) -> RetryConfig {
    let mode = settings.retry_mode.as_deref().unwrap_or("standard");
    let config =
        if mode.eq_ignore_ascii_case("adaptive") { RetryConfig::adaptive() } else { RetryConfig::standard() };
    let usual = if mode.eq_ignore_ascii_case("legacy") { 5 } else { 3 };
    config.with_max_attempts(settings.max_attempts.unwrap_or(usual).max(1))
}

/// A connector for requests by `scheme` alone.
pub(super) fn new_connector(
    settings: &CallSettings,
    scheme: &str,
    proxy: Option<ProxyConfig>,
    connect_timeout: Duration,
    read_timeout: Option<Duration>,
) -> Result<SharedHttpConnector, AwsError> {
    let trust = match &settings.ca_bundle {
        // No trust store is loaded for plain HTTP: the machine's own takes 8 ms.
        _ if scheme == "http" && proxy.is_none() => TrustStore::empty(),
        Some(path) => load_ca_bundle(path)?,
        None => TrustStore::default(),
    };
    let context = TlsContext::builder().with_trust_store(trust).build().map_err(|error| AwsError::Setup {
        service: "TLS",
        operation: "the trust store",
        source: Words::of(&error),
    })?;
    let mut timeouts = HttpConnectorSettings::builder().connect_timeout(connect_timeout);
    timeouts.set_read_timeout(read_timeout);
    let mut builder = Connector::builder()
        .connector_settings(timeouts.build())
        .sleep_impl(TokioSleep::new())
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context);
    builder.set_proxy_config(proxy);
    Ok(SharedHttpConnector::new(builder.build()))
}

/// Reads a bundle and keeps the certificates that can be used, as OpenSSL does. The SDK would panic at the others.
fn load_ca_bundle(path: &Path) -> Result<TrustStore, AwsError> {
    use rustls::pki_types::{CertificateDer, pem::PemObject};

    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";

    let unusable = |source| AwsError::CaBundle { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(|error| unusable(Words::of(&error)))?;
    let text = String::from_utf8_lossy(&bytes);
    let mut store = TrustStore::empty();
    let (mut kept, mut refused) = (0, None);
    for block in text.split(BEGIN).skip(1).filter_map(|rest| rest.split_once(END)) {
        let pem = format!("{BEGIN}{}{END}\n", block.0);
        let added = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|error| error.to_string())
            .and_then(|der| rustls::RootCertStore::empty().add(der).map_err(|error| error.to_string()));
        match added {
            Ok(()) => {
                store.add_pem_certificate(pem);
                kept += 1;
            }
            Err(reason) => refused = Some(reason),
        }
    }
    if kept == 0 {
        return Err(unusable(Words::new(refused.unwrap_or_else(|| "it holds no certificate".to_owned()))));
    }
    Ok(store)
}
