//! The only home of the AWS SDK: endpoint, TLS, proxy, timeouts, and AWS's codes as typed errors.
//!
//! Synchronous to the outside: a small runtime lives inside and is started by the first call, so that whoever is
//! served from a cache pays for none of it. The SDK reads neither the environment nor the config files here; all it
//! knows is in [`CallSettings`]. Must not know profiles, caches or people.

mod client;
mod clock;
mod endpoint;
mod error;
pub mod http;
mod iam;
mod obstacle;
mod parameters;
mod proxy;
mod sso;
mod sts;
mod time;
mod watch;

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use aws_smithy_runtime_api::client::http::SharedHttpConnector;

pub use clock::{AwsClock, render_skew};
pub use endpoint::{NoEndpoint, ResolvedEndpoint, Service};
pub use error::{AwsError, NoAnswer, Refusal, Signer, Words};
pub use iam::{AccessKey, IamUser};
pub use obstacle::{Obstacle, ProxyFault, TlsFault};
pub use parameters::Parameters;
pub use proxy::ProxySettings;
pub use sso::{RefreshToken, RefreshedToken, RoleCredentialsRequest};
pub use sts::{AssumeRole, AssumeRoleWithWebIdentity, CallerIdentity, GetSessionToken, RoleAnswer};
pub use watch::{SharedHear, shown_url};

/// How AWS is to be reached; everything the SDK would otherwise look up by itself.
#[derive(Debug, Clone, Default)]
pub struct CallSettings {
    /// The region of STS. `None`: the global endpoint <https://sts.amazonaws.com>, signed for `us-east-1`.
    pub region: Option<String>,
    /// Endpoints that replace AWS's own.
    pub endpoints: Endpoints,
    /// Use the FIPS 140 endpoints.
    pub use_fips: bool,
    /// Use the endpoints that answer over IPv6 too.
    pub use_dual_stack: bool,
    /// `sts_regional_endpoints = legacy`: the old regions use the global endpoint of STS.
    pub sts_legacy_global: bool,
    /// A PEM file that replaces the machine's trust store.
    pub ca_bundle: Option<PathBuf>,
    /// Proxies.
    pub proxy: ProxySettings,
    /// Tries per call, the first included; `None`: 3, or 5 in the `legacy` mode, as the AWS CLI.
    pub max_attempts: Option<u32>,
    /// `standard`, `adaptive` or `legacy`, in any case of letters; `None`: `standard`.
    pub retry_mode: Option<String>,
}

/// A custom endpoint URL for each service that is called; `None`: AWS's own for the region.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each is the URL of the service it is named after")]
pub struct Endpoints {
    pub sts: Option<String>,
    pub sso: Option<String>,
    pub sso_oidc: Option<String>,
    pub iam: Option<String>,
}

/// Calls AWS. Making one is cheap; threads, TLS and clients start with the first call.
pub struct Aws {
    settings: CallSettings,
    clock: AwsClock,
    hear: Option<SharedHear>,
    runtime: Runtime,
    connectors: Connectors,
}

impl std::fmt::Debug for Aws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aws").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The runtime that drives the calls. Dropped without waiting: a name lookup that hangs would hold up the exit.
#[derive(Debug, Default)]
struct Runtime(OnceLock<Arc<tokio::runtime::Runtime>>);

/// One connector for plain HTTP, which needs no trust store, and one for the rest.
#[derive(Debug, Default)]
struct Connectors {
    plain: OnceLock<SharedHttpConnector>,
    tls: OnceLock<SharedHttpConnector>,
}

impl Aws {
    /// Calls that follow `settings`.
    pub fn new(settings: CallSettings) -> Self {
        Self {
            settings,
            clock: AwsClock::default(),
            hear: None,
            runtime: Runtime::default(),
            connectors: Connectors::default(),
        }
    }

    /// The same, told to `hear` request by request, and by a clock that others may share.
    #[must_use]
    pub fn heard_by(self, hear: SharedHear, clock: AwsClock) -> Self {
        Self { hear: Some(hear), clock, ..self }
    }

    /// Who is told of requests.
    fn hear(&self) -> Option<&SharedHear> {
        self.hear.as_ref()
    }

    /// What the answers so far told about this machine's clock.
    pub fn clock(&self) -> &AwsClock {
        &self.clock
    }

    /// What this was made with.
    pub fn settings(&self) -> &CallSettings {
        &self.settings
    }
}
