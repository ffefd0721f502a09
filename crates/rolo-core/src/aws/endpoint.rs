//! Where a call would go and for which region it would be signed, found by the rules that the call itself follows and
//! without sending anything.
//!
//! No runtime and no connection is made for it. Must not know operations.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use aws_sdk_sts::config::endpoint::{Endpoint, EndpointFuture};
use aws_smithy_types::Document;

use super::{CallSettings, client::NO_REGION, sts, watch::shown_url};

/// A service that rolo calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Security Token Service.
    Sts,
    /// Identity and Access Management.
    Iam,
    /// IAM Identity Center's portal.
    Sso,
    /// IAM Identity Center's token service.
    SsoOidc,
}

/// Where a call goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedEndpoint {
    /// Without the operation's own path, and without user and password.
    pub url: String,
    /// The region in the signature; whoever does not sign has no use for it.
    pub signing_region: String,
}

/// No endpoint follows from the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoEndpoint(String);

impl Service {
    /// Its name in endpoints and in `AWS_ENDPOINT_URL_…`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Iam => "iam",
            Self::Sso => "sso",
            Self::SsoOidc => "sso-oidc",
        }
    }
}

impl CallSettings {
    /// The endpoint of `service`; `region` is Identity Center's, which has its own.
    pub fn resolve_endpoint(
        &self,
        service: Service,
        region: Option<&str>,
    ) -> Result<ResolvedEndpoint, NoEndpoint> {
        let region = region.or(self.region.as_deref()).unwrap_or(NO_REGION).to_owned();
        let found = match service {
            Service::Sts => sts::resolve_endpoint(self, &region)?,
            Service::Iam => {
                use aws_sdk_iam::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
                let params = Params::builder()
                    .region(region.clone())
                    .set_endpoint(self.endpoints.iam.clone())
                    .use_fips(self.use_fips)
                    .use_dual_stack(self.use_dual_stack)
                    .build();
                at_once(DefaultResolver::new().resolve_endpoint(&params.map_err(in_words)?))?
            }
            Service::Sso => {
                use aws_sdk_sso::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
                let params = Params::builder()
                    .region(region.clone())
                    .set_endpoint(self.endpoints.sso.clone())
                    .use_fips(self.use_fips)
                    .use_dual_stack(self.use_dual_stack)
                    .build();
                at_once(DefaultResolver::new().resolve_endpoint(&params.map_err(in_words)?))?
            }
            Service::SsoOidc => {
                use aws_sdk_ssooidc::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
                let params = Params::builder()
                    .region(region.clone())
                    .set_endpoint(self.endpoints.sso_oidc.clone())
                    .use_fips(self.use_fips)
                    .use_dual_stack(self.use_dual_stack)
                    .build();
                at_once(DefaultResolver::new().resolve_endpoint(&params.map_err(in_words)?))?
            }
        };
        let signing_region = signing_region(&found).unwrap_or(region);
        Ok(ResolvedEndpoint { url: shown_url(found.url().trim_end_matches('/')), signing_region })
    }
}

/// The answer of a resolver, none of which waits for anything.
pub(super) fn at_once(found: EndpointFuture<'_>) -> Result<Endpoint, NoEndpoint> {
    match pin!(found).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(found) => found.map_err(in_words),
        Poll::Pending => Err(NoEndpoint("the endpoint is not known before the call".to_owned())),
    }
}

pub(super) fn in_words(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> NoEndpoint {
    NoEndpoint(crate::talk::in_one_line(error.into().as_ref()))
}

/// What the rules say of the signature, in either of the forms in which they say it.
fn signing_region(endpoint: &Endpoint) -> Option<String> {
    let text = |document: &Document| document.as_string().map(str::to_owned);
    let typed = || text(endpoint.auth_schemes().first()?.get("signingRegion")?);
    let listed = || {
        let schemes = endpoint.properties().get("authSchemes")?.as_array()?;
        text(schemes.first()?.as_object()?.get("signingRegion")?)
    };
    typed().or_else(listed)
}
