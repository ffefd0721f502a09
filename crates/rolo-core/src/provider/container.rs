//! The container credentials endpoint: ECS, EKS Pod Identity, and whoever else speaks its protocol.
//!
//! As botocore: three tries a second apart for anything but a 200 with JSON, no proxy, no redirect. Must not know
//! which of these it talks to.

use std::{io, net::IpAddr, path::PathBuf, time::Duration};

use serde_json::Value;

use super::{Absence, ContainerAnswer, Fields, Outcome, ProviderError, not_expired};
use crate::{
    Credentials, Secret,
    aws::{
        Aws,
        http::{HttpError, Request},
    },
    host::Host,
};

/// Path on [`RELATIVE_HOST`]; wins over the full URI. Being set counts, even if empty.
pub const RELATIVE_URI: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
/// Whole URL. Being set counts, even if empty.
pub const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
/// File whose content is sent as `Authorization`; wins over the token itself.
pub const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
/// What is sent as `Authorization`.
pub const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

/// The address of ECS's endpoint.
const RELATIVE_HOST: &str = "http://169.254.170.2";
/// What plain HTTP may go to besides loopback addresses: ECS, EKS over IPv4 and IPv6, and this machine by name.
pub const ALLOWED_HOSTS: [&str; 4] = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost"];

const TRIES: u32 = 3;
const TIMEOUT: Duration = Duration::from_secs(2);
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

/// The URL that the environment names, if any.
pub fn resolve_url(host: Host<'_>) -> Option<String> {
    match host.env.var(RELATIVE_URI) {
        Some(path) => Some(format!("{RELATIVE_HOST}{path}")),
        None => host.env.var(FULL_URI),
    }
}

/// Asks the endpoint that the environment names.
pub fn fetch_credentials(host: Host<'_>, aws: &Aws) -> Result<Outcome, ProviderError> {
    let Some(url) = resolve_url(host) else { return Ok(Outcome::Absent(Absence::NoContainer)) };
    let shown = url.split(['?', '#']).next().unwrap_or_default().to_owned();
    let name = format!("the container endpoint `{shown}`");
    let found = not_expired(
        || host.clock.now(),
        &name,
        || {
            let token = check_request(host, &url)?;
            let answer = fetch_json(host, aws, &url, token)
                .map_err(|error| ProviderError::Container { url: shown.clone(), source: error })?;
            parse_answer(&name, &answer)
        },
    )?;
    Ok(Outcome::Found(found))
}

/// Whether [`fetch_credentials`] could ask the endpoint that the environment names; where none is, it would not.
pub fn check(host: Host<'_>) -> Result<(), ProviderError> {
    resolve_url(host).map_or(Ok(()), |url| check_request(host, &url).map(drop))
}

/// The token, if it may be sent there.
fn check_request(host: Host<'_>, url: &str) -> Result<Option<Secret>, ProviderError> {
    let token = load_token(host)?;
    check_host(url).map(|()| token)
}

fn load_token(host: Host<'_>) -> Result<Option<Secret>, ProviderError> {
    let token = match host.env.var(TOKEN_FILE).map(PathBuf::from) {
        None => host.env.var(TOKEN).map(Secret::new),
        Some(path) => {
            let unreadable = |source| ProviderError::TokenFile { path: path.clone(), source };
            let bytes = host.files.read(&path).map_err(unreadable)?;
            let text = String::from_utf8(bytes).map_err(|_| unreadable(io::ErrorKind::InvalidData.into()))?;
            Some(Secret::new(text))
        }
    };
    match token {
        Some(token) if token.expose().contains(['\r', '\n']) => Err(ProviderError::ContainerToken),
        token => Ok(token),
    }
}

/// Whether the container endpoint `url` may be asked at all.
pub fn is_allowed(url: &str) -> bool {
    check_host(url).is_ok()
}

/// Whether the token may go there: anywhere by HTTPS, else to this machine or AWS's own addresses. Names are not looked
/// up, and spellings that a resolver might take for a loopback address are no such.
fn check_host(url: &str) -> Result<(), ProviderError> {
    let host = host_of(url);
    let refuse = || ProviderError::ContainerHost { host: host.clone().unwrap_or_default() };
    let Some(host) = &host else { return Err(refuse()) };
    let loopback = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if scheme_of(url) == "https" || loopback || ALLOWED_HOSTS.contains(&host.as_str()) {
        return Ok(());
    }
    Err(refuse())
}

fn scheme_of(url: &str) -> String {
    url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase()).unwrap_or_default()
}

/// The host in lower case, without brackets and port. `None` where there is none, and for what two parsers might read
/// as two hosts: user names, backslashes, blanks.
fn host_of(url: &str) -> Option<String> {
    let authority = url.split_once("://")?.1.split(['/', '?', '#']).next()?;
    if authority.contains(|c: char| matches!(c, '@' | '\\' | '%') || c.is_whitespace() || c.is_control()) {
        return None;
    }
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => authority.split(':').next()?,
    };
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

fn fetch_json(host: Host<'_>, aws: &Aws, url: &str, token: Option<Secret>) -> Result<Value, ContainerAnswer> {
    let mut headers = vec![("accept", Secret::new("application/json"))];
    headers.extend(token.map(|token| ("authorization", token)));
    let request = Request { method: "GET", url, headers: &headers, timeout: TIMEOUT };
    let mut tried = 0;
    loop {
        tried += 1;
        match fetch_once(aws, &request) {
            Err(error) if tried < TRIES && is_worth_another_try(&error) => host.clock.sleep(BETWEEN_TRIES),
            done => return done,
        }
    }
}

fn fetch_once(aws: &Aws, request: &Request<'_>) -> Result<Value, ContainerAnswer> {
    let answer = aws.fetch(request)?;
    if answer.status != 200 {
        return Err(ContainerAnswer::Status(answer.status));
    }
    let body = answer.body.ok_or(ContainerAnswer::NotJson)?;
    serde_json::from_str(body.expose()).map_err(|_| ContainerAnswer::NotJson)
}

/// A request that could not even be made fails the same way again.
fn is_worth_another_try(error: &ContainerAnswer) -> bool {
    !matches!(error, ContainerAnswer::Http(HttpError::Request(_) | HttpError::Setup(_)))
}

fn parse_answer(name: &str, answer: &Value) -> Result<Credentials, ProviderError> {
    let bad = |reason: &str| ProviderError::BadCredentials {
        source_name: name.to_owned(),
        reason: reason.to_owned(),
    };
    let map = answer.as_object().ok_or_else(|| bad("its answer is no JSON object"))?;
    let fields = Fields { map, source_name: name.to_owned() };
    Ok(Credentials {
        access_key_id: fields.required("AccessKeyId")?.to_owned(),
        secret_access_key: Secret::new(fields.required("SecretAccessKey")?),
        session_token: Some(Secret::new(fields.required("Token")?)),
        expiration: Some(fields.expiration("Expiration")?.ok_or_else(|| bad("`Expiration` is missing"))?),
        account_id: fields.optional("AccountId")?.map(ToOwned::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_and_awss_own_addresses_are_asked_in_the_clear() {
        for url in [
            "http://127.0.0.1/x",
            "http://127.9.8.7:80/x",
            "http://[::1]:1234/x",
            "http://LocalHost/x",
            "http://169.254.170.2/x",
            "http://169.254.170.23/v1/credentials",
            "http://[fd00:ec2::23]/v1",
            "https://example.com/x",
        ] {
            assert!(check_host(url).is_ok(), "{url}");
        }
        for url in [
            "",
            "/x",
            "127.0.0.1/x",
            "http://",
            "http:///x",
            "http://169.254.169.254/x",
            "http://example.com/x",
            "http://localhost.example.com/x",
            "http://[::ffff:127.0.0.1]/x",
            "http://0x7f000001/x",
            "http://2130706433/x",
            "http://127.1/x",
            "http://169.254.170.2@example.com/x",
            "http://127.0.0.1\\@example.com/x",
            "http://example.com#@127.0.0.1/",
            "http://169.254.170.2.example.com/x",
            "https:///x",
        ] {
            assert!(matches!(check_host(url), Err(ProviderError::ContainerHost { .. })), "{url}");
        }
    }
}
