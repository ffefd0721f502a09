//! Calls to STS over a real connection: what is sent, what is tried again, what each failure becomes.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rolo_core::{
    Credentials, Secret,
    arn::{MfaSerial, RoleArn},
    aws::{
        AssumeRole, AssumeRoleWithWebIdentity, Aws, AwsError, CallSettings, Endpoints, GetSessionToken,
        ProxySettings,
    },
};

use crate::{
    put,
    wire::{Reply, Server, closed_port},
};

pub(crate) const ROLE: &str = "arn:aws:iam::210987654321:role/team/Deploy";

fn aws(url: &str) -> Aws {
    Aws::new(settings(url))
}

pub(crate) fn settings(url: &str) -> CallSettings {
    CallSettings {
        region: Some("eu-west-1".to_owned()),
        endpoints: Endpoints {
            sts: Some(url.to_owned()),
            iam: Some(url.to_owned()),
            sso: Some(url.to_owned()),
            sso_oidc: Some(url.to_owned()),
        },
        ..CallSettings::default()
    }
}

pub(crate) fn signer() -> Credentials {
    Credentials {
        access_key_id: "AKIASIGNER".to_owned(),
        secret_access_key: Secret::new("secret-signer"),
        session_token: Some(Secret::new("token-signer")),
        expiration: None,
        account_id: None,
    }
}

pub(crate) fn role_answer(operation: &str) -> Reply {
    Reply::ok(format!(
        "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result>\
         <AssumedRoleUser><AssumedRoleId>AROAX:me</AssumedRoleId>\
         <Arn>arn:aws:sts::210987654321:assumed-role/Deploy/me</Arn></AssumedRoleUser>\
         <Credentials><AccessKeyId>ASIADEPLOY</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
         <SessionToken>t</SessionToken><Expiration>2026-11-21T04:14:05Z</Expiration></Credentials>\
         <PackedPolicySize>7</PackedPolicySize></{operation}Result></{operation}Response>"
    ))
}

pub(crate) fn refusal(status: u16, code: &str, message: &str) -> Reply {
    Reply::Answer(
        status,
        format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>{message}</Message></Error><RequestId>req-1</RequestId></ErrorResponse>"
        ),
    )
}

pub(crate) fn plain_request() -> AssumeRole {
    AssumeRole::new(RoleArn::new(ROLE), "me")
}

fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn assume_role_sends_what_it_is_given_and_nothing_else() {
    let server = Server::start(vec![role_answer("AssumeRole")]);
    let answer = aws(&server.url).assume_role(&signer(), &plain_request()).unwrap();
    assert_eq!(answer.credentials.access_key_id, "ASIADEPLOY");
    assert_eq!(answer.credentials.account_id.as_deref(), Some("210987654321"));
    assert_eq!(answer.credentials.expiration, Some("2026-11-21T04:14:05Z".parse().unwrap()));
    assert_eq!(answer.assumed_role_id.as_deref(), Some("AROAX:me"));
    assert_eq!(answer.packed_policy_size, Some(7));
    let asked = &server.asked()[0];
    let sent =
        [("Action", "AssumeRole"), ("Version", "2011-06-15"), ("RoleArn", ROLE), ("RoleSessionName", "me")];
    assert_eq!(asked.form(), form(&sent));
    assert!(asked.headers["authorization"].contains("Credential=AKIASIGNER/"));
    assert!(asked.headers["authorization"].contains("/eu-west-1/sts/aws4_request"));
    assert_eq!(asked.headers["x-amz-security-token"], "token-signer");
}

#[test]
fn every_setting_of_a_role_is_sent() {
    let server = Server::start(vec![role_answer("AssumeRole")]);
    let mut request = plain_request();
    request.external_id = Some("a b&c".to_owned());
    request.mfa = Some((MfaSerial::new("arn:aws:iam::1:mfa/me"), Secret::new("123456")));
    request.duration_seconds = Some(7200);
    request.policy = Some("{\"é\": 1}".to_owned());
    request.policy_arns = vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()];
    request.tags = vec![("team".to_owned(), "a=b".to_owned()), ("empty".to_owned(), String::new())];
    request.transitive_tag_keys = vec!["team".to_owned()];
    request.source_identity = Some("me@example.com".to_owned());
    aws(&server.url).assume_role(&signer(), &request).unwrap();
    let mut sent = server.asked()[0].form();
    sent.sort();
    let mut expected = form(&[
        ("Action", "AssumeRole"),
        ("Version", "2011-06-15"),
        ("RoleArn", ROLE),
        ("RoleSessionName", "me"),
        ("ExternalId", "a b&c"),
        ("SerialNumber", "arn:aws:iam::1:mfa/me"),
        ("TokenCode", "123456"),
        ("DurationSeconds", "7200"),
        ("Policy", "{\"é\": 1}"),
        ("PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "a=b"),
        ("Tags.member.2.Key", "empty"),
        ("Tags.member.2.Value", ""),
        ("TransitiveTagKeys.member.1", "team"),
        ("SourceIdentity", "me@example.com"),
    ]);
    expected.sort();
    assert_eq!(sent, expected);
}

#[test]
fn web_identity_is_not_signed_and_its_token_is_sent_as_it_is() {
    let server = Server::start(vec![role_answer("AssumeRoleWithWebIdentity")]);
    let request = AssumeRoleWithWebIdentity {
        role_arn: RoleArn::new(ROLE),
        role_session_name: "me".to_owned(),
        token: Secret::new("a.token\n"),
        duration_seconds: None,
        policy: None,
        policy_arns: Vec::new(),
    };
    aws(&server.url).assume_role_with_web_identity(&request).unwrap();
    let asked = &server.asked()[0];
    assert!(!asked.headers.contains_key("authorization"));
    assert!(asked.form().contains(&("WebIdentityToken".to_owned(), "a.token\n".to_owned())));
    assert!(asked.form().iter().all(|(name, _)| name != "DurationSeconds"));
}

#[test]
fn a_session_carries_the_code() {
    let server = Server::start(vec![Reply::ok(
        "<GetSessionTokenResponse><GetSessionTokenResult><Credentials><AccessKeyId>ASIASESSION</AccessKeyId>\
         <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
         <Expiration>2026-11-21T04:14:05Z</Expiration></Credentials></GetSessionTokenResult>\
         </GetSessionTokenResponse>",
    )]);
    let request = GetSessionToken {
        mfa: Some((MfaSerial::new("GAHT12345678"), Secret::new("654321"))),
        duration_seconds: Some(43_200),
    };
    let session = aws(&server.url).get_session_token(&signer(), &request).unwrap();
    assert_eq!(session.access_key_id, "ASIASESSION");
    let form = server.asked()[0].form();
    for pair in [("SerialNumber", "GAHT12345678"), ("TokenCode", "654321"), ("DurationSeconds", "43200")] {
        assert!(form.contains(&(pair.0.to_owned(), pair.1.to_owned())), "{form:?}");
    }
}

#[test]
fn what_may_pass_is_tried_again() {
    for first in [
        refusal(400, "Throttling", "Rate exceeded"),
        refusal(503, "ServiceUnavailable", "later"),
        Reply::Answer(502, "<html>bad gateway</html>".to_owned()),
        Reply::Cut,
        Reply::CutInBody,
    ] {
        let server = Server::start(vec![first, role_answer("AssumeRole")]);
        let answer = aws(&server.url).assume_role(&signer(), &plain_request());
        assert!(answer.is_ok(), "{answer:?}");
        assert_eq!(server.asked().len(), 2);
    }
}

#[test]
fn a_refusal_is_final_and_keeps_awss_words() {
    let server = Server::start(vec![refusal(403, "AccessDenied", "User: x is not authorized")]);
    let error = aws(&server.url).assume_role(&signer(), &plain_request()).unwrap_err();
    assert_eq!(server.asked().len(), 1);
    let refusal = error.refusal().unwrap();
    assert_eq!((refusal.status, refusal.message.as_deref()), (403, Some("User: x is not authorized")));
    assert_eq!(refusal.request_id.as_deref(), Some("req-1"));
    assert!(error.is_access_denied() && !error.is_invalid_mfa_code() && !error.is_expired_token());
    assert_eq!(error.to_string(), "STS refused AssumeRole: AccessDenied: User: x is not authorized");

    let words = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
    let server = Server::start(vec![self::refusal(403, "AccessDenied", words)]);
    assert!(aws(&server.url).assume_role(&signer(), &plain_request()).unwrap_err().is_invalid_mfa_code());
    let server = Server::start(vec![self::refusal(403, "ExpiredToken", "expired")]);
    assert!(aws(&server.url).assume_role(&signer(), &plain_request()).unwrap_err().is_expired_token());
}

#[test]
fn the_number_of_tries_can_be_set() {
    for (max_attempts, retry_mode, tries) in
        [(None, None, 3), (Some(1), None, 1), (Some(2), Some("adaptive"), 2), (Some(0), None, 1)]
    {
        let server = Server::start(vec![Reply::Answer(500, String::new())]);
        let settings = CallSettings {
            max_attempts,
            retry_mode: retry_mode.map(ToOwned::to_owned),
            ..settings(&server.url)
        };
        let error = Aws::new(settings).assume_role(&signer(), &plain_request()).unwrap_err();
        assert_eq!(server.asked().len(), tries, "{max_attempts:?} {retry_mode:?}");
        assert_eq!(error.code(), Some("HTTP 500"));
    }
}

#[test]
fn nobody_there_is_told_soon_and_names_the_endpoint() {
    let (url, start) = (closed_port(), Instant::now());
    let error = aws(&url).assume_role(&signer(), &plain_request()).unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(matches!(&error, AwsError::Unreachable { endpoint, .. } if *endpoint == url), "{error:?}");
    assert_eq!(error.to_string(), format!("`{url}` could not be reached"));
    assert!(error.is_unreachable());
}

#[test]
fn a_connection_that_is_always_cut_is_no_answer() {
    let server = Server::start(vec![Reply::Cut]);
    let error = aws(&server.url).assume_role(&signer(), &plain_request()).unwrap_err();
    assert!(error.is_unreachable(), "{error:?}");
    let server = Server::start(vec![Reply::ok("{ this is no XML")]);
    let error = aws(&server.url).assume_role(&signer(), &plain_request()).unwrap_err();
    assert!(matches!(error, AwsError::BadAnswer { .. }), "{error:?}");
}

#[test]
fn a_proxy_gets_the_whole_url_unless_the_host_is_excepted() {
    let server = Server::start(vec![role_answer("AssumeRole")]);
    let settings = |no_proxy: Option<&str>| CallSettings {
        proxy: ProxySettings {
            http: Some(server.url.replacen("http://", "http://user:hunter2@", 1)),
            https: None,
            no_proxy: no_proxy.map(ToOwned::to_owned),
        },
        ..settings("http://sts.example.invalid/")
    };
    assert!(!format!("{:?}", settings(None)).contains("hunter2"));
    Aws::new(settings(None)).assume_role(&signer(), &plain_request()).unwrap();
    let asked = &server.asked()[0];
    assert_eq!(asked.target, "http://sts.example.invalid/");
    assert!(asked.headers["proxy-authorization"].starts_with("Basic "));
    let error = Aws::new(settings(Some("other,example.invalid")))
        .assume_role(&signer(), &plain_request())
        .unwrap_err();
    assert!(matches!(error, AwsError::Unreachable { .. }), "{error:?}");
    assert_eq!(server.asked().len(), 1);
}

pub(crate) fn authority() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tls/authority.pem")
}

#[test]
fn a_bundle_of_ones_own_is_trusted_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let odd = "Some words.\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\nMore words.\n";
    let mixed = put(&folder, "mixed.pem", &(odd.to_owned() + &fs::read_to_string(authority()).unwrap()));
    for (bundle, trusted) in [(Some(authority()), true), (Some(mixed), true), (None, false)] {
        let server = Server::start_tls(vec![role_answer("AssumeRole")]);
        let settings = CallSettings { ca_bundle: bundle, ..settings(&server.url) };
        let answer = Aws::new(settings).assume_role(&signer(), &plain_request());
        assert_eq!(answer.is_ok(), trusted, "{answer:?}");
        assert_eq!(server.asked().len(), usize::from(trusted));
        if let Err(error) = answer {
            assert!(format!("{error:?}").contains("UnknownIssuer"), "{error:?}");
        }
    }
}

#[test]
fn https_goes_through_a_proxy_by_connect() {
    let proxy = Server::start_proxy_to_tls(vec![role_answer("AssumeRole")]);
    let settings = CallSettings {
        ca_bundle: Some(authority()),
        proxy: ProxySettings {
            https: Some(proxy.url.replacen("http://", "", 1)),
            ..ProxySettings::default()
        },
        ..settings("https://sts.example.invalid")
    };
    Aws::new(settings).assume_role(&signer(), &plain_request()).unwrap();
    assert_eq!(proxy.lines(), ["CONNECT sts.example.invalid:443", "POST /"]);
    assert!(!proxy.asked()[0].headers.contains_key("authorization"));
}

#[test]
fn a_malformed_proxy_is_told_without_its_password() {
    let proxy = ProxySettings { https: Some("http://u:hunter2@[".to_owned()), ..ProxySettings::default() };
    let settings = CallSettings { proxy, ..settings("https://127.0.0.1:1") };
    let error = Aws::new(settings).assume_role(&signer(), &plain_request()).unwrap_err();
    assert!(matches!(error, AwsError::Proxy { scheme: "https" }), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("hunter2"));
}

#[test]
fn a_bundle_without_certificates_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = folder.path().join("garbage.pem");
    let cut = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for content in [None, Some("no PEM"), Some(cut)] {
        if let Some(content) = content {
            put(&folder, "garbage.pem", content);
        }
        let settings = CallSettings { ca_bundle: Some(garbage.clone()), ..settings("https://127.0.0.1:1") };
        let error = Aws::new(settings).assume_role(&signer(), &plain_request()).unwrap_err();
        assert!(matches!(&error, AwsError::CaBundle { path, .. } if *path == garbage), "{error:?}");
    }
}

#[test]
fn no_secret_is_seen_in_an_error() {
    let servers = [refusal(403, "AccessDenied", "no"), Reply::Cut, Reply::ok("<x")]
        .map(|reply| Server::start(vec![reply]));
    let urls = servers.iter().map(|server| server.url.as_str());
    for url in urls.chain(["no url", "http://[::1", "https://127.0.0.1:1"]) {
        let aws = aws(url);
        let mut request = plain_request();
        request.mfa = Some((MfaSerial::new("GAHT12345678"), Secret::new("918273")));
        let error = aws.assume_role(&signer(), &request).unwrap_err();
        let causes: Vec<_> =
            std::iter::successors(error.source(), |&above| above.source()).map(ToString::to_string).collect();
        let seen = format!("{error:?} {error:#?} {error} {causes:?} {aws:?} {request:?}");
        for secret in ["918273", "secret-signer", "token-signer"] {
            assert!(!seen.contains(secret), "{seen}");
        }
    }
}

#[test]
fn iam_answers_for_whoever_signed() {
    let server = Server::start(vec![
        Reply::ok(
            "<ListMFADevicesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ListMFADevicesResult>\
             <MFADevices><member><UserName>ann</UserName><SerialNumber>arn:aws:iam::1:mfa/ann</SerialNumber>\
             <EnableDate>2020-01-01T00:00:00Z</EnableDate></member></MFADevices><IsTruncated>false</IsTruncated>\
             </ListMFADevicesResult></ListMFADevicesResponse>",
        ),
        Reply::ok(
            "<GetUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetUserResult><User><Path>/</Path>\
             <UserName>ann</UserName><UserId>AIDAANN</UserId><Arn>arn:aws:iam::1:user/ann</Arn>\
             <CreateDate>2020-01-01T00:00:00Z</CreateDate></User></GetUserResult></GetUserResponse>",
        ),
    ]);
    let aws = aws(&server.url);
    assert_eq!(aws.list_mfa_devices(&signer()).unwrap(), [MfaSerial::new("arn:aws:iam::1:mfa/ann")]);
    assert_eq!(aws.get_user(&signer()).unwrap().name, "ann");
    assert_eq!(server.asked()[0].form(), form(&[("Action", "ListMFADevices"), ("Version", "2010-05-08")]));
}
