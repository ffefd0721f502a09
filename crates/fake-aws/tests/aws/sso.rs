//! IAM Identity Center.

use std::time::Duration;

use aws_credential_types::Credentials;
use fake_aws::{FakeAws, SsoClient, SsoToken};

use crate::client::{Refused, wait, whoami};

fn world() -> FakeAws {
    let client = SsoClient {
        client_id: "client".to_owned(),
        client_secret: "client-secret".to_owned(),
        refresh_token: "refresh-1".to_owned(),
        access_token: "access-1".to_owned(),
    };
    FakeAws::builder()
        .sso_token(SsoToken::new("access-1", "ada@example.com").role("222233334444", "Developer"))
        .sso_client(client)
        .start()
}

fn credentials(fake: &FakeAws, token: &str, account: &str, role: &str) -> Result<Credentials, Refused> {
    let config = aws_sdk_sso::Config::builder()
        .behavior_version_latest()
        .region(aws_sdk_sso::config::Region::new("eu-central-1"))
        .endpoint_url(fake.url())
        .retry_config(aws_sdk_sso::config::retry::RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let call = aws_sdk_sso::Client::from_conf(config).get_role_credentials();
    let answer = wait(call.access_token(token).account_id(account).role_name(role).send())?;
    let given = answer.role_credentials().unwrap();
    let left = given.expiration() / 1000 - fake.now().as_second();
    assert!((3590..=3600).contains(&left), "milliseconds since 1970, an hour from now: {left}");
    Ok(Credentials::new(
        given.access_key_id().unwrap(),
        given.secret_access_key().unwrap(),
        given.session_token().map(str::to_owned),
        None,
        "test",
    ))
}

fn refresh(fake: &FakeAws, secret: &str, token: &str) -> Result<(String, String), Refused> {
    let config = aws_sdk_ssooidc::Config::builder()
        .behavior_version_latest()
        .region(aws_sdk_ssooidc::config::Region::new("eu-central-1"))
        .endpoint_url(fake.url())
        .retry_config(aws_sdk_ssooidc::config::retry::RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let call = aws_sdk_ssooidc::Client::from_conf(config).create_token().grant_type("refresh_token");
    let answer = wait(call.client_id("client").client_secret(secret).refresh_token(token).send())?;
    Ok((answer.access_token().unwrap().to_owned(), answer.refresh_token().unwrap().to_owned()))
}

#[test]
fn an_assigned_role_is_given() {
    let fake = world();
    let role = credentials(&fake, "access-1", "222233334444", "Developer").unwrap();
    let arn = whoami(&fake, &role).unwrap();
    assert!(arn.starts_with("arn:aws:sts::222233334444:assumed-role/AWSReservedSSO_Developer_"), "{arn}");
    assert!(arn.ends_with("/ada@example.com"), "{arn}");
    assert_eq!(fake.calls()[0].param("role_name"), Some("Developer"));
    assert!(!format!("{:?}", fake.calls()).contains("access-1"), "the log keeps no token");
}

#[test]
fn others_are_not() {
    let fake = world();
    let unknown = credentials(&fake, "other", "222233334444", "Developer").unwrap_err();
    assert_eq!(unknown, Refused::new("UnauthorizedException", "Session token not found or invalid"));
    assert_eq!(fake.calls()[0].status, Some(401));
    let not_mine = credentials(&fake, "access-1", "222233334444", "Admin").unwrap_err();
    assert_eq!(not_mine, Refused::new("ForbiddenException", "No access"));
    fake.advance(Duration::from_hours(8));
    let expired = credentials(&fake, "access-1", "222233334444", "Developer").unwrap_err();
    assert_eq!(expired.code, "UnauthorizedException");
}

#[test]
fn a_refresh_token_is_good_once() {
    let fake = world();
    fake.advance(Duration::from_hours(9));
    let (access, next) = refresh(&fake, "client-secret", "refresh-1").unwrap();
    assert!(credentials(&fake, &access, "222233334444", "Developer").is_ok());
    assert_eq!(refresh(&fake, "client-secret", "refresh-1").unwrap_err().code, "InvalidGrantException");
    assert_eq!(refresh(&fake, "wrong", &next).unwrap_err().code, "InvalidClientException");
    assert!(refresh(&fake, "client-secret", &next).is_ok());
    let log = format!("{:?}", fake.calls());
    assert!(!log.contains("client-secret") && !log.contains("refresh-1") && !log.contains(&next), "{log}");
}
