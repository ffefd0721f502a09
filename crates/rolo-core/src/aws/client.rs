//! What every call has in common: the runtime, the connection, the timeouts, the retries.
//!
//! Must not know any operation.

use std::{
    future::Future,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_credential_types::{Credentials as SdkCredentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::{
    Connector,
    proxy::ProxyConfig,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::{HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn},
        interceptors::{Intercept, context::BeforeTransmitInterceptorContextRef, dyn_dispatch_hint},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{config_bag::ConfigBag, retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, app_name::AppName, region::Region};

use super::{
    Aws, CallSettings, Runtime,
    error::{AwsError, Words},
};
use crate::Credentials;

/// What a person takes for «no connection».
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Silence on an open connection.
const READ_TIMEOUT: Duration = Duration::from_secs(20);
/// One try.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
/// All tries and the waits between them.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(75);

/// The pseudo region of the SDK's rules for «no region».
pub(super) const NO_REGION: &str = "aws-global";

/// Proxies, as `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name them.
///
/// `Debug` shows which are set and not what they are: a proxy's URL may hold a password.
#[derive(Clone, Default)]
pub struct ProxySettings {
    /// For `http://` endpoints; a URL without a scheme is taken as `http://`.
    pub http: Option<String>,
    /// For `https://` endpoints.
    pub https: Option<String>,
    /// Hosts that are reached directly, comma-separated.
    pub no_proxy: Option<String>,
}

impl std::fmt::Debug for ProxySettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProxySettings")
            .field("http", &self.http.is_some())
            .field("https", &self.https.is_some())
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

impl ProxySettings {
    /// The proxy for a request by `scheme`.
    fn config_for(&self, scheme: &'static str) -> Result<Option<ProxyConfig>, AwsError> {
        let url = if scheme == "https" { &self.https } else { &self.http };
        let Some(url) = url.as_deref().filter(|url| !url.is_empty()) else { return Ok(None) };
        let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let made = if scheme == "https" { ProxyConfig::https(url) } else { ProxyConfig::http(url) };
        let config = made.map_err(|_| AwsError::Proxy { scheme })?;
        Ok(Some(match &self.no_proxy {
            Some(hosts) => config.no_proxy(hosts),
            None => config,
        }))
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
    /// Drives `call` to its end on this thread.
    pub(super) fn block_on<T>(&self, call: impl Future<Output = T>) -> Result<T, AwsError> {
        Ok(self.runtime.get()?.block_on(call))
    }

    /// The connector for `url`, made once for each scheme; its timeouts are those of a call to AWS.
    fn connector(&self, url: Option<&str>) -> Result<SharedHttpConnector, AwsError> {
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

    /// Everything a service client needs, told and not looked up.
    pub(super) fn sdk_config(
        &self,
        region: Option<&str>,
        endpoint: Option<&str>,
        signer: Option<&Credentials>,
    ) -> Result<SdkConfig, AwsError> {
        let connector = self.connector(endpoint)?;
        let client: SharedHttpClient = http_client_fn(move |_, _| connector.clone());
        let mut config = SdkConfig::builder()
            .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
            .http_client(client)
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
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

/// Notes where a request goes, for messages: the SDK's errors do not say it.
#[derive(Debug, Clone, Default)]
pub(super) struct SentTo(Arc<Mutex<Option<String>>>);

impl SentTo {
    /// The endpoint without path and query; `None` where no request was sent.
    pub(super) fn endpoint(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[dyn_dispatch_hint]
impl Intercept for SentTo {
    fn name(&self) -> &'static str {
        "SentTo"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let uri = context.request().uri();
        let end = uri.find("://").map_or(0, |at| at + 3);
        let end = uri[end..].find(['/', '?']).map_or(uri.len(), |at| at + end);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(uri[..end].to_owned());
        Ok(())
    }
}
