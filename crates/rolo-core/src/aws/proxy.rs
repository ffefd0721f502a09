//! Proxies: which one a request goes through, and what may be shown of it.
//!
//! Must not know which variables they come from.

use aws_smithy_http_client::proxy::ProxyConfig;

use super::error::AwsError;

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
    fn url_for(&self, scheme: &str) -> Option<&str> {
        let url = if scheme == "https" { &self.https } else { &self.http };
        url.as_deref().filter(|url| !url.is_empty())
    }

    /// The proxy for a request by `scheme`.
    pub(super) fn config_for(&self, scheme: &'static str) -> Result<Option<ProxyConfig>, AwsError> {
        let Some(url) = self.url_for(scheme) else { return Ok(None) };
        let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let made = if scheme == "https" { ProxyConfig::https(url) } else { ProxyConfig::http(url) };
        let config = made.map_err(|_| AwsError::Proxy { scheme })?;
        Ok(Some(match &self.no_proxy {
            Some(hosts) => config.no_proxy(hosts),
            None => config,
        }))
    }

    /// Host and port of the proxy that a request to `endpoint` goes through; its user and password are left out.
    pub fn address_for(&self, endpoint: &str) -> Option<String> {
        let (scheme, rest) = endpoint.split_once("://")?;
        if self.is_excepted(host_of(rest)) {
            return None;
        }
        let url = self.url_for(scheme)?;
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        Some(authority.rsplit('@').next().unwrap_or_default().to_owned())
    }

    /// Whether `no_proxy` names the host, by name, by a domain above it or by address. Networks (`10.0.0.0/8`) count only
    /// as the SDK counts them, when it connects: here they merely decide about words.
    fn is_excepted(&self, host: &str) -> bool {
        let listed = self.no_proxy.as_deref().unwrap_or_default();
        listed.split(',').map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
            let entry = entry.strip_prefix('.').unwrap_or(entry);
            let above = host.len().checked_sub(entry.len() + 1);
            entry == "*"
                || host.eq_ignore_ascii_case(entry)
                || above.is_some_and(|at| {
                    host.get(at..)
                        .and_then(|end| end.strip_prefix('.'))
                        .is_some_and(|end| end.eq_ignore_ascii_case(entry))
                })
        })
    }
}

/// The host of a URL's part behind `://`, without user, port and brackets.
pub(super) fn host_of(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((address, _)) => address,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxy_is_named_without_its_password_and_not_for_excepted_hosts() {
        let proxy = ProxySettings {
            http: Some("proxy.example.com:3128".to_owned()),
            https: Some("http://ada:hun@ter2@[::1]:8080/path".to_owned()),
            no_proxy: Some("localhost, .internal,169.254.169.254,example.org".to_owned()),
        };
        let address = |endpoint: &str| proxy.address_for(endpoint);
        assert_eq!(address("https://sts.amazonaws.com").as_deref(), Some("[::1]:8080"));
        assert_eq!(address("http://sts.amazonaws.com:8080/x").as_deref(), Some("proxy.example.com:3128"));
        for excepted in
            ["https://localhost:1", "http://a.internal", "https://www.Example.org/", "http://169.254.169.254"]
        {
            assert_eq!(address(excepted), None, "{excepted}");
        }
        assert_eq!(address("https://notexample.org").as_deref(), Some("[::1]:8080"));
        assert_eq!(ProxySettings::default().address_for("https://sts.amazonaws.com"), None);
        assert_eq!(host_of("ada:pw@[::1]:443/x"), "::1");
    }
}
