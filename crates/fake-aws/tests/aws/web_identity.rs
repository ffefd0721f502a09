//! AssumeRoleWithWebIdentity.

use std::time::Duration;

use aws_credential_types::Credentials;
use fake_aws::{FakeAws, Operator, Role, Trust, WebIdentity};

use crate::client::{Refused, TARGET, role_arn, sts, wait};

const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjaSJ9.c2ln";
const PROVIDER: &str = "arn:aws:iam::444455556666:oidc-provider/ci.example.com";

fn world(subject: &str) -> FakeAws {
    let identity = WebIdentity {
        token: TOKEN.to_owned(),
        issuer: "https://ci.example.com".to_owned(),
        audience: "sts.amazonaws.com".to_owned(),
        subject: subject.to_owned(),
        expires_in: 600,
    };
    let trust = Trust::federated(PROVIDER)
        .when(Operator::StringEquals, "ci.example.com:aud", "sts.amazonaws.com")
        .when(Operator::StringEquals, "ci.example.com:sub", "repo:main");
    FakeAws::builder().web_identity(identity).role(Role::new(TARGET, "Ci").trusts(trust)).start()
}

fn assume(fake: &FakeAws, token: &str) -> Result<(String, String), Refused> {
    let nobody = Credentials::new("unused", "unused", None, None, "test");
    let call = sts(fake, &nobody).assume_role_with_web_identity();
    let call = call.role_arn(role_arn("Ci")).role_session_name("run").web_identity_token(token);
    let answer = wait(call.send())?;
    Ok((answer.assumed_role_user().unwrap().arn().to_owned(), answer.provider().unwrap().to_owned()))
}

#[test]
fn a_known_token_of_a_trusted_subject_opens_the_role() {
    let fake = world("repo:main");
    let expected = ("arn:aws:sts::444455556666:assumed-role/Ci/run".to_owned(), PROVIDER.to_owned());
    assert_eq!(assume(&fake, TOKEN), Ok(expected.clone()));
    assert_eq!(assume(&fake, &format!("{TOKEN}\n")), Ok(expected), "as the CLI sends a file");
    let call = &fake.calls()[0];
    assert_eq!((call.access_key_id.as_deref(), call.status), (None, Some(200)));
    assert!(!format!("{call:?}").contains(TOKEN), "the log keeps no token");
}

#[test]
fn other_tokens_subjects_and_times_do_not() {
    let fake = world("repo:fork");
    assert_eq!(
        assume(&fake, TOKEN),
        Err(Refused::new("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"))
    );
    assert_eq!(assume(&fake, "a.b.c").unwrap_err().code, "InvalidIdentityToken");
    assert_eq!(assume(&fake, "opaque").unwrap_err().code, "InvalidIdentityToken");
    fake.advance(Duration::from_mins(10));
    assert_eq!(assume(&fake, TOKEN).unwrap_err().code, "ExpiredTokenException");
}
