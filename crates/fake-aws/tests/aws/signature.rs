//! Signatures, session tokens, clocks.

use aws_credential_types::Credentials;
use jiff::SignedDuration;

use crate::client::{Refused, assumed, keys_of, raw, small_world, sts_with_attempts, wait, whoami};

const INVALID: &str = "The security token included in the request is invalid.";

fn with_secret(credentials: &Credentials, secret: &str) -> Credentials {
    let token = credentials.session_token().map(str::to_owned);
    Credentials::new(credentials.access_key_id(), secret, token, None, "test")
}

fn with_token(credentials: &Credentials, token: Option<&str>) -> Credentials {
    let token = token.map(str::to_owned);
    Credentials::new(credentials.access_key_id(), credentials.secret_access_key(), token, None, "test")
}

#[test]
fn good_keys_are_told_who_they_are() {
    let fake = small_world().start();
    let ada = keys_of(&fake, "ada");
    assert_eq!(whoami(&fake, &ada).unwrap(), "arn:aws:iam::111122223333:user/ada");
    let call = &fake.calls()[0];
    assert!(call.is_ok());
    assert_eq!(call.access_key_id.as_deref(), Some(ada.access_key_id()));
    assert_eq!(call.region.as_deref(), Some("eu-central-1"));
    assert_eq!(call.principal.as_deref(), Some("arn:aws:iam::111122223333:user/ada"));
}

#[test]
fn a_wrong_secret_does_not_match() {
    let fake = small_world().start();
    let refused = whoami(&fake, &with_secret(&keys_of(&fake, "ada"), "wrong")).unwrap_err();
    assert_eq!(refused.code, "SignatureDoesNotMatch");
    assert!(refused.message.starts_with("The request signature we calculated does not match"), "{refused:?}");
    assert_eq!(fake.calls()[0].status, Some(403));
    assert_eq!(fake.calls()[0].principal, None, "nobody proved to be anybody");
}

#[test]
fn an_unknown_key_is_invalid() {
    let fake = small_world().start();
    let nobody = Credentials::new("AKIAUNKNOWN", "secret", None, None, "test");
    assert_eq!(whoami(&fake, &nobody), Err(Refused::new("InvalidClientTokenId", INVALID)));
    assert_eq!(fake.calls()[0].status, Some(403));
}

#[test]
fn the_session_token_must_be_the_one_that_was_issued() {
    let fake = small_world().start();
    let ada = keys_of(&fake, "ada");
    let role = assumed(&fake, &ada, "Open");
    assert_eq!(whoami(&fake, &role).unwrap(), "arn:aws:sts::444455556666:assumed-role/Open/test");
    let wrong = Err(Refused::new("InvalidClientTokenId", INVALID));
    assert_eq!(whoami(&fake, &with_token(&role, Some("wrong"))), wrong);
    assert_eq!(whoami(&fake, &with_token(&role, None)), wrong);
    assert_eq!(whoami(&fake, &with_token(&ada, role.session_token())), wrong, "long-term keys have none");
}

#[test]
fn credentials_expire() {
    let fake = small_world().start();
    let role = assumed(&fake, &keys_of(&fake, "ada"), "Open");
    fake.advance(std::time::Duration::from_secs(3590));
    assert!(whoami(&fake, &role).is_ok());
    fake.advance(std::time::Duration::from_secs(10));
    let expired = Err(Refused::new("ExpiredToken", "The security token included in the request is expired"));
    assert_eq!(whoami(&fake, &role), expired);
    assert_eq!(fake.calls().last().unwrap().status, Some(403));

    let role = assumed(&fake, &keys_of(&fake, "ada"), "Open");
    assert!(whoami(&fake, &role).is_ok());
    fake.expire_credentials();
    assert_eq!(whoami(&fake, &role), expired);
    assert!(whoami(&fake, &keys_of(&fake, "ada")).is_ok(), "long-term keys stay");
}

#[test]
fn a_clock_that_is_off_is_refused_in_words_that_say_so() {
    let fake = small_world().start();
    let ada = keys_of(&fake, "ada");
    fake.skew(SignedDuration::from_mins(14));
    assert!(whoami(&fake, &ada).is_ok());
    fake.skew(SignedDuration::from_mins(16));
    let refused = whoami(&fake, &ada).unwrap_err();
    assert_eq!(refused.code, "SignatureDoesNotMatch");
    assert!(refused.message.starts_with("Signature expired: ") && refused.message.ends_with(" - 15 min.)"));
    fake.skew(SignedDuration::from_mins(-16));
    let refused = whoami(&fake, &ada).unwrap_err();
    assert!(refused.message.starts_with("Signature not yet current: "), "{refused:?}");
}

#[test]
fn the_sdk_sets_its_clock_right_by_our_date_header() {
    let fake = small_world().start();
    let ada = keys_of(&fake, "ada");
    fake.skew(SignedDuration::from_hours(2));
    let client = sts_with_attempts(&fake, &ada, 3);
    assert!(wait(client.get_caller_identity().send()).is_ok());
    assert_eq!(fake.calls().iter().map(fake_aws::Call::is_ok).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn an_unsigned_request_misses_its_token() {
    let fake = small_world().start();
    let form = "Content-Type: application/x-www-form-urlencoded";
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let answer = raw(&fake, "POST /", &[form], body);
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(answer.contains("<Code>MissingAuthenticationToken</Code>"), "{answer}");
    let answer = raw(&fake, "POST /", &[form, "Authorization: AWS4-HMAC-SHA256 Credential=x"], body);
    assert!(answer.contains("<Code>IncompleteSignature</Code>"), "{answer}");
    let other_service = "Authorization: AWS4-HMAC-SHA256 Credential=KEY/20261121/us-east-1/s3/aws4_request, \
                         SignedHeaders=host, Signature=00"
        .replace("KEY", &fake.user_keys("ada").id);
    let answer = raw(&fake, "POST /", &[form, &other_service], body);
    assert!(answer.contains("scoped to correct service: 'sts'"), "{answer}");
}

#[test]
fn a_changed_body_does_not_match() {
    // The same Authorization header, taken from a good request, over another body.
    let fake = small_world().start();
    let ada = fake.user_keys("ada");
    let at = fake.now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let authorization =
        sign(&ada, &at, &format!("127.0.0.1:{}", fake.port()), "Action=GetCallerIdentity&Version=2011-06-15");
    let date = format!("X-Amz-Date: {at}");
    let answer =
        raw(&fake, "POST /", &[&date, &authorization], "Action=GetCallerIdentity&Version=2011-06-15");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = raw(&fake, "POST /", &[&date, &authorization], "Action=GetSessionToken&Version=2011-06-15");
    assert!(answer.contains("<Code>SignatureDoesNotMatch</Code>"), "{answer}");
}

fn sign(key: &fake_aws::AccessKey, at: &str, host: &str, body: &str) -> String {
    use aws_sigv4::{
        http_request::{SignableBody, SignableRequest, SigningSettings, sign},
        sign::v4,
    };
    let identity = Credentials::new(&key.id, &key.secret, None, None, "test").into();
    let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", at).unwrap();
    let time = time.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-central-1")
        .name("sts")
        .time(time.into())
        .settings(SigningSettings::default())
        .build()
        .unwrap();
    let request = SignableRequest::new(
        "POST",
        format!("http://{host}/"),
        [].into_iter(),
        SignableBody::Bytes(body.as_bytes()),
    );
    let (instructions, _) = sign(request.unwrap(), &params.into()).unwrap().into_parts();
    let header = instructions.headers().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    format!("Authorization: {}", header.unwrap().1)
}
