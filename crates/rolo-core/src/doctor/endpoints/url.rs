//! As much of a URL as tells whom it calls. Must not show the rest: a password may stand in it.

/// A URL that can be called.
pub(super) struct Url {
    /// `http://`.
    pub(super) is_plain: bool,
    /// In lower case, without port and brackets.
    pub(super) host: String,
}

impl Url {
    /// Takes `http://` and `https://` URLs that name a host.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let is_plain = scheme.eq_ignore_ascii_case("http");
        if !is_plain && !scheme.eq_ignore_ascii_case("https")
            || text.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            return None;
        }
        let authority = rest.split(['/', '?', '#']).next()?;
        let host_and_port = authority.rsplit('@').next()?;
        let (host, port) = match host_and_port.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']')?;
                host.parse::<std::net::Ipv6Addr>().ok()?;
                (host, port.strip_prefix(':').unwrap_or(port))
            }
            None => host_and_port.split_once(':').unwrap_or((host_and_port, "")),
        };
        let is_host =
            !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:".contains(c));
        (is_host && (port.is_empty() || port.parse::<u16>().is_ok()))
            .then(|| Self { is_plain, host: host.to_ascii_lowercase() })
    }

    /// Whether AWS itself answers there.
    pub(super) fn is_aws(&self) -> bool {
        [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws", ".api.amazonwebservices.com.cn"]
            .iter()
            .any(|end| self.host.ends_with(end))
    }

    /// The region in the name of an endpoint of AWS; `None` for global ones and those of others.
    pub(super) fn region_of_aws(&self) -> Option<String> {
        self.host.split('.').find(|label| self.is_aws() && is_region(label)).map(str::to_owned)
    }
}

/// `eu-central-1`, `us-gov-west-1`: a short word, more words, a number.
fn is_region(label: &str) -> bool {
    let words: Vec<&str> = label.split('-').collect();
    let [first, middle @ .., last] = words.as_slice() else { return false };
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    !middle.is_empty()
        && middle.iter().all(is_word)
        && is_word(first)
        && (2..=4).contains(&first.len())
        && !last.is_empty()
        && last.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_called() {
        let host = |text: &str| Url::parse(text).map(|url| url.host);
        assert_eq!(
            host("https://user:pass@STS.eu-west-1.amazonaws.com:443/x?y").unwrap(),
            "sts.eu-west-1.amazonaws.com"
        );
        assert_eq!(host("http://[::1]:4566").unwrap(), "::1");
        assert_eq!(host("http://localhost:4566/").unwrap(), "localhost");
        for text in [
            "",
            "sts.amazonaws.com",
            "ftp://x",
            "https://",
            "http://a b",
            "http://x:y",
            "http://[x]",
            "https:/x",
        ] {
            assert_eq!(host(text), None, "{text}");
        }
    }

    #[test]
    fn regions_in_names() {
        let region = |text: &str| Url::parse(text).and_then(|url| url.region_of_aws());
        assert_eq!(region("https://sts.us-gov-west-1.amazonaws.com").unwrap(), "us-gov-west-1");
        assert_eq!(region("https://sts-fips.us-east-2.api.aws").unwrap(), "us-east-2");
        assert_eq!(region("https://sts.eusc-de-east-1.amazonaws.eu").unwrap(), "eusc-de-east-1");
        assert_eq!(region("https://vpce-0a1-b2.sts.eu-west-1.vpce.amazonaws.com").unwrap(), "eu-west-1");
        for text in ["https://sts.amazonaws.com", "https://sts.eu-west-1.example.com", "http://localhost"] {
            assert_eq!(region(text), None, "{text}");
        }
    }
}
