//! The official SDK as a client, without retries, blocking.

use std::{
    future::Future,
    io::{Read, Write},
    net::TcpStream,
};

use aws_credential_types::Credentials;
use aws_sdk_sts::{
    config::{Region, retry::RetryConfig},
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::assume_role::builders::AssumeRoleFluentBuilder,
};
use fake_aws::{FakeAws, Role, Trust, User};

pub(crate) const IDENTITY: &str = "111122223333";
pub(crate) const TARGET: &str = "444455556666";
pub(crate) const TOTP: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// Ada with a device, and `Open`, a role that trusts her account.
pub(crate) fn small_world() -> fake_aws::Builder {
    FakeAws::builder()
        .user(User::new(IDENTITY, "ada").mfa(TOTP))
        .role(Role::new(TARGET, "Open").trusts(Trust::of(IDENTITY)))
}

pub(crate) fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{TARGET}:role/{name}")
}

pub(crate) fn keys_of(fake: &FakeAws, user: &str) -> Credentials {
    let key = fake.user_keys(user);
    Credentials::new(key.id, key.secret, None, None, "test")
}

/// What AWS said: its code and its words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Refused {
    pub(crate) fn new(code: &str, message: &str) -> Self {
        Self { code: code.to_owned(), message: message.to_owned() }
    }
}

/// Runs one call to its end.
pub(crate) fn wait<T, E, R>(call: impl Future<Output = Result<T, SdkError<E, R>>>) -> Result<T, Refused>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(call).map_err(|error| match error.code() {
        Some(code) => Refused::new(code, error.message().unwrap_or_default()),
        None => Refused::new("", &DisplayErrorContext(&error).to_string()),
    })
}

/// An STS client that signs with `credentials`.
pub(crate) fn sts(fake: &FakeAws, credentials: &Credentials) -> aws_sdk_sts::Client {
    sts_with_attempts(fake, credentials, 1)
}

pub(crate) fn sts_with_attempts(
    fake: &FakeAws,
    credentials: &Credentials,
    attempts: u32,
) -> aws_sdk_sts::Client {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version_latest()
        .region(Region::new("eu-central-1"))
        .endpoint_url(fake.url())
        .retry_config(RetryConfig::standard().with_max_attempts(attempts))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .credentials_provider(credentials.clone())
        .build();
    aws_sdk_sts::Client::from_conf(config)
}

pub(crate) fn iam(fake: &FakeAws, credentials: &Credentials) -> aws_sdk_iam::Client {
    let config = aws_sdk_iam::Config::builder()
        .behavior_version_latest()
        .region(aws_sdk_iam::config::Region::new("us-east-1"))
        .endpoint_url(fake.url())
        .retry_config(aws_sdk_iam::config::retry::RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .credentials_provider(credentials.clone())
        .build();
    aws_sdk_iam::Client::from_conf(config)
}

/// AssumeRole of `role` with the session name `test`, to be completed.
pub(crate) fn assume(fake: &FakeAws, credentials: &Credentials, role: &str) -> AssumeRoleFluentBuilder {
    sts(fake, credentials).assume_role().role_arn(role_arn(role)).role_session_name("test")
}

pub(crate) fn issued(credentials: Option<&aws_sdk_sts::types::Credentials>) -> Credentials {
    let credentials = credentials.unwrap();
    Credentials::new(
        credentials.access_key_id(),
        credentials.secret_access_key(),
        Some(credentials.session_token().to_owned()),
        None,
        "test",
    )
}

/// The credentials of a role, which must be had.
pub(crate) fn assumed(fake: &FakeAws, credentials: &Credentials, role: &str) -> Credentials {
    issued(wait(assume(fake, credentials, role).send()).unwrap().credentials())
}

/// GetSessionToken, with MFA where a code is given.
pub(crate) fn session(fake: &FakeAws, user: &str, code: Option<String>) -> Credentials {
    let call = sts(fake, &keys_of(fake, user)).get_session_token();
    let serial = code.as_ref().map(|_| fake.mfa_serial(user));
    let answer = wait(call.set_serial_number(serial).set_token_code(code).send());
    issued(answer.unwrap().credentials())
}

/// The ARN that GetCallerIdentity tells.
pub(crate) fn whoami(fake: &FakeAws, credentials: &Credentials) -> Result<String, Refused> {
    wait(sts(fake, credentials).get_caller_identity().send()).map(|answer| answer.arn().unwrap().to_owned())
}

/// A request as it is, and the whole answer up to the end of the connection.
pub(crate) fn raw(fake: &FakeAws, method_and_path: &str, headers: &[&str], body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", fake.port())).unwrap();
    let length = body.len();
    let headers: String = headers.iter().flat_map(|header| [*header, "\r\n"]).collect();
    let request = format!(
        "{method_and_path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}",
        fake.port()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
