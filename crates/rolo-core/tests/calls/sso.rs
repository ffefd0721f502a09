//! IAM Identity Center.

use std::{cell::RefCell, fs, path::PathBuf};

use rolo_core::{
    Credentials,
    aws::{Aws, CallSettings, Endpoints},
    provider::{
        ProviderError,
        sso::{self, SsoSource},
    },
    talk::{Hear, Notice},
};
use tempfile::TempDir;

use crate::{
    put,
    wire::{Reply, Server, World, in_secs},
};

fn sso_source(session: Option<&str>) -> SsoSource {
    SsoSource {
        session: session.map(ToOwned::to_owned),
        start_url: "https://test.url/start".to_owned(),
        region: "eu-central-1".to_owned(),
        account_id: "1234567890".to_owned(),
        role_name: "SSORole".to_owned(),
    }
}

#[derive(Default)]
struct Ear(RefCell<Vec<Notice>>);

impl Hear for Ear {
    fn hear(&self, notice: &Notice) {
        self.0.borrow_mut().push(notice.clone());
    }
}

struct SignedIn {
    home: TempDir,
    server: Server,
    source: SsoSource,
}

impl SignedIn {
    fn new(source: SsoSource, token: &str, script: Vec<Reply>) -> Self {
        let signed_in = Self { home: tempfile::tempdir().unwrap(), server: Server::start(script), source };
        put(&signed_in.home, ".x", "");
        let path = signed_in.path();
        put(&signed_in.home, path.strip_prefix(signed_in.home.path()).unwrap().to_str().unwrap(), token);
        signed_in
    }

    fn world(&self) -> World {
        World::new(&[("HOME", self.home.path().to_str().unwrap())])
    }

    fn path(&self) -> PathBuf {
        self.source.token_path(self.world().host()).unwrap()
    }

    fn ask(&self) -> Result<Credentials, ProviderError> {
        self.ask_hearing().0
    }

    /// The answer, and what was said on the way.
    fn ask_hearing(&self) -> (Result<Credentials, ProviderError>, Vec<Notice>) {
        let endpoints = Endpoints {
            sso: Some(self.server.url.clone()),
            sso_oidc: Some(self.server.url.clone()),
            ..Endpoints::default()
        };
        let aws = Aws::new(CallSettings { endpoints, ..CallSettings::default() });
        let ear = Ear::default();
        let answer = sso::fetch_credentials(self.world().host(), &aws, &ear, &self.source);
        (answer, ear.0.into_inner())
    }
}

fn role_credentials() -> Reply {
    Reply::ok(
        r#"{"roleCredentials": {"accessKeyId": "ASIAS", "secretAccessKey": "s", "sessionToken": "t", "expiration": 1795234445999}}"#,
    )
}

fn new_token() -> Reply {
    Reply::ok(
        r#"{"accessToken": "new", "expiresIn": 28800, "refreshToken": "refresh-2", "tokenType": "Bearer"}"#,
    )
}

fn token(expires_in: i64, registered_for: i64) -> String {
    format!(
        r#"{{"startUrl": "https://test.url/start", "accessToken": "old", "expiresAt": "{}", "clientId": "cid",
            "clientSecret": "csecret", "registrationExpiresAt": "{}", "refreshToken": "refresh-1", "more": [1]}}"#,
        in_secs(expires_in),
        in_secs(registered_for)
    )
}

#[test]
fn tokens_lie_where_the_aws_cli_puts_them() {
    let world = World::new(&[("HOME", "/home/me")]);
    for (session, name) in [
        (Some("C"), "32096c2e0eff33d844ee6d675407ace18289357d"),
        (None, "f395038c92f1828cbb3991d2d6152d326b895606"),
    ] {
        let path = sso_source(session).token_path(world.host()).unwrap();
        assert_eq!(path, PathBuf::from(format!("/home/me/.aws/sso/cache/{name}.json")));
    }
}

#[test]
fn a_sign_in_gives_a_role() {
    for session in [Some("C"), None] {
        let signed_in = SignedIn::new(sso_source(session), &token(3600, 7200), vec![role_credentials()]);
        let credentials = signed_in.ask().unwrap();
        assert_eq!(credentials.access_key_id, "ASIAS");
        assert_eq!(credentials.account_id.as_deref(), Some("1234567890"));
        assert_eq!(credentials.expiration, Some("2026-11-21T04:14:05Z".parse().unwrap()));
        let asked = signed_in.server.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].line(), "GET /federation/credentials?role_name=SSORole&account_id=1234567890");
        assert_eq!(asked[0].headers["x-amz-sso_bearer_token"], "old");
        assert!(!asked[0].headers.contains_key("authorization"));
    }
}

#[test]
fn a_sign_in_that_ends_soon_is_renewed_and_kept() {
    use std::os::unix::fs::PermissionsExt;

    let script = vec![new_token(), role_credentials(), role_credentials()];
    let signed_in = SignedIn::new(sso_source(Some("C")), &token(800, 7200), script);
    signed_in.ask().unwrap();
    let asked = signed_in.server.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].line(), "POST /token");
    let sent: serde_json::Value = serde_json::from_str(&asked[0].body).unwrap();
    let expected = serde_json::json!({
        "clientId": "cid", "clientSecret": "csecret", "grantType": "refresh_token", "refreshToken": "refresh-1"
    });
    assert_eq!(sent, expected);
    assert!(!asked[0].headers.contains_key("authorization"));
    assert_eq!(asked[1].headers["x-amz-sso_bearer_token"], "new");
    let kept: serde_json::Value = serde_json::from_slice(&fs::read(signed_in.path()).unwrap()).unwrap();
    assert_eq!((&kept["accessToken"], &kept["refreshToken"]), (&"new".into(), &"refresh-2".into()));
    assert_eq!((&kept["more"][0], &kept["clientSecret"]), (&1.into(), &"csecret".into()));
    assert!(kept["expiresAt"].as_str().unwrap() > in_secs(28_700).as_str());
    assert_eq!(fs::metadata(signed_in.path()).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        fs::read_dir(signed_in.path().parent().unwrap()).unwrap().count(),
        1,
        "nothing is left behind"
    );
    signed_in.ask().unwrap();
    assert_eq!(signed_in.server.asked().len(), 3, "the kept token is used");
}

#[test]
fn a_renewal_that_cannot_be_kept_is_used_and_said() {
    use std::os::unix::fs::PermissionsExt;

    let script = vec![new_token(), role_credentials()];
    let signed_in = SignedIn::new(sso_source(Some("C")), &token(800, 7200), script);
    let folder = signed_in.path().parent().unwrap().to_owned();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let (answer, heard) = signed_in.ask_hearing();
    answer.unwrap();
    assert!(matches!(&heard[..], [Notice::Warning(text)] if text.contains("was not kept")), "{heard:?}");
    assert!(fs::read_to_string(signed_in.path()).unwrap().contains("\"old\""));
}

#[test]
fn a_renewal_that_fails_does_no_harm_while_the_token_lives() {
    let refusal = Reply::Answer(400, r#"{"error": "invalid_grant", "error_description": "bad"}"#.to_owned());
    let signed_in =
        SignedIn::new(sso_source(Some("C")), &token(800, 7200), vec![refusal.clone(), role_credentials()]);
    signed_in.ask().unwrap();
    assert_eq!(signed_in.server.asked()[1].headers["x-amz-sso_bearer_token"], "old");
    let signed_in = SignedIn::new(sso_source(Some("C")), &token(-60, 7200), vec![refusal]);
    let error = signed_in.ask().unwrap_err();
    assert!(matches!(error, ProviderError::SsoTokenExpired { source: Some(_), .. }), "{error:?}");
    assert_eq!(signed_in.server.asked().len(), 1);
    assert!(error.needs_sign_in());
}

#[test]
fn a_sign_in_that_cannot_be_renewed_is_used_to_its_end() {
    let bare = format!(r#"{{"accessToken": "old", "expiresAt": "{}"}}"#, in_secs(800));
    for (session, token) in
        [(Some("C"), bare.clone()), (Some("C"), token(800, -60)), (None, token(800, 7200))]
    {
        let signed_in = SignedIn::new(sso_source(session), &token, vec![role_credentials()]);
        signed_in.ask().unwrap();
        assert_eq!(signed_in.server.asked().len(), 1);
    }
}

#[test]
fn without_a_usable_sign_in_nothing_is_called() {
    let bare = format!(r#"{{"accessToken": "s3cret", "expiresAt": "{}"}}"#, in_secs(-60));
    for (session, token) in [
        (None, token(-60, 7200)),
        (Some("C"), bare),
        (Some("C"), token(-60, -60)),
        (Some("C"), r#"{"accessToken": "s3cret"}"#.to_owned()),
        (Some("C"), r#"{"accessToken": "s3cret", "expiresAt": "soon"}"#.to_owned()),
        (None, r#"{"expiresAt": "2099-01-01T00:00:00Z"}"#.to_owned()),
        (None, "{\"accessToken\": \"s3cret".to_owned()),
        (None, "[]".to_owned()),
    ] {
        let signed_in = SignedIn::new(sso_source(session), &token, vec![role_credentials()]);
        let error = signed_in.ask().unwrap_err();
        assert!(error.needs_sign_in(), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("s3cret"));
        assert!(signed_in.server.asked().is_empty());
    }
    let signed_in = SignedIn::new(sso_source(None), "{}", vec![role_credentials()]);
    fs::remove_file(signed_in.path()).unwrap();
    assert!(matches!(signed_in.ask().unwrap_err(), ProviderError::SsoTokenMissing { .. }));
}

#[test]
fn a_token_that_aws_refuses_asks_for_a_sign_in() {
    let no = Reply::Answer(
        401,
        r#"{"__type": "UnauthorizedException", "message": "Session token not found or invalid"}"#.to_owned(),
    );
    let signed_in = SignedIn::new(sso_source(None), &token(3600, 7200), vec![no]);
    let error = signed_in.ask().unwrap_err();
    assert!(matches!(error, ProviderError::SsoTokenRefused { .. }), "{error:?}");
    assert_eq!(signed_in.server.asked().len(), 1);
    let no = Reply::Answer(403, r#"{"__type": "ForbiddenException", "message": "No access"}"#.to_owned());
    let signed_in = SignedIn::new(sso_source(None), &token(3600, 7200), vec![no]);
    let error = signed_in.ask().unwrap_err();
    assert!(
        matches!(&error, ProviderError::Aws(refused) if refused.code() == Some("ForbiddenException")),
        "{error:?}"
    );
}
