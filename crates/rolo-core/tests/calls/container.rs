//! Container endpoints.

use std::time::Duration;

use rolo_core::provider::{Absence, ContainerAnswer, Outcome, ProviderError, container};

use crate::{
    found, no_aws, put,
    wire::{Asked, Reply, Server, World, in_secs},
};

fn container_answer(expiration: &str) -> Reply {
    Reply::ok(format!(
        "{{\"RoleArn\": \"x\", \"AccessKeyId\": \"ASIAC\", \"SecretAccessKey\": \"s3cret\", \"Token\": \"t0ken\", \
         \"Expiration\": \"{expiration}\", \"AccountId\": \"123456789012\"}}"
    ))
}

fn ask_container(vars: &[(&str, &str)]) -> (Result<Outcome, ProviderError>, Vec<Duration>) {
    let world = World::new(vars);
    let outcome = container::fetch_credentials(world.host(), &no_aws());
    (outcome, world.slept.into_inner().unwrap())
}

#[test]
fn a_container_gives_credentials() {
    let server = Server::start(vec![container_answer(&in_secs(3600))]);
    let url = format!("{}/creds?x=1", server.url);
    let credentials = found(ask_container(&[(container::FULL_URI, &url)]).0);
    assert_eq!(credentials.access_key_id, "ASIAC");
    assert_eq!(credentials.session_token.unwrap().expose(), "t0ken");
    assert_eq!(credentials.account_id.as_deref(), Some("123456789012"));
    let asked = server.asked();
    assert_eq!(asked.iter().map(Asked::line).collect::<Vec<_>>(), ["GET /creds?x=1"]);
    assert_eq!(asked[0].headers["accept"], "application/json");
    assert!(!asked[0].headers.contains_key("authorization"));
}

#[test]
fn the_token_file_beats_the_token_and_an_empty_one_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    for (content, sent) in [("from-file ", "from-file"), ("", "")] {
        let server = Server::start(vec![container_answer(&in_secs(3600))]);
        let path = put(&folder, "token", content);
        found(
            ask_container(&[
                (container::FULL_URI, &server.url),
                (container::TOKEN, "from-variable"),
                (container::TOKEN_FILE, path.to_str().unwrap()),
            ])
            .0,
        );
        assert_eq!(server.asked()[0].headers["authorization"].trim_end(), sent);
    }
    let server = Server::start(vec![container_answer(&in_secs(3600))]);
    found(ask_container(&[(container::FULL_URI, &server.url), (container::TOKEN, "Basic from-variable")]).0);
    assert_eq!(server.asked()[0].headers["authorization"], "Basic from-variable");
}

#[test]
fn a_token_that_cannot_be_sent_stops_before_the_call() {
    let server = Server::start(vec![container_answer(&in_secs(3600))]);
    let folder = tempfile::tempdir().unwrap();
    let path = put(&folder, "token", "from-file\n");
    let (outcome, _) =
        ask_container(&[(container::FULL_URI, &server.url), (container::TOKEN_FILE, path.to_str().unwrap())]);
    assert!(matches!(outcome, Err(ProviderError::ContainerToken)), "{outcome:?}");
    let (outcome, _) = ask_container(&[(container::FULL_URI, &server.url), (container::TOKEN, "a\rb")]);
    assert!(matches!(outcome, Err(ProviderError::ContainerToken)), "{outcome:?}");
    let (outcome, _) =
        ask_container(&[(container::FULL_URI, &server.url), (container::TOKEN_FILE, "/nowhere")]);
    assert!(matches!(outcome, Err(ProviderError::TokenFile { .. })), "{outcome:?}");
    assert!(server.asked().is_empty());
}

#[test]
fn a_container_is_asked_three_times_a_second_apart() {
    for reply in [
        Reply::Answer(500, "x".to_owned()),
        Reply::Answer(404, "{}".to_owned()),
        Reply::ok("{"),
        Reply::Redirect("/creds".to_owned()),
        Reply::Cut,
        Reply::CutInBody,
    ] {
        let server = Server::start(vec![reply]);
        let (outcome, slept) = ask_container(&[(container::FULL_URI, &server.url)]);
        assert!(matches!(outcome, Err(ProviderError::Container { .. })), "{outcome:?}");
        assert_eq!(server.asked().len(), 3);
        assert_eq!(slept, [Duration::from_secs(1); 2]);
    }
    let server = Server::start(vec![Reply::Answer(500, String::new()), container_answer(&in_secs(3600))]);
    found(ask_container(&[(container::FULL_URI, &server.url)]).0);
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn a_silent_container_is_given_up_after_two_seconds_each() {
    let server = Server::start(vec![Reply::Silent(Duration::from_secs(30))]);
    let start = std::time::Instant::now();
    let (outcome, _) = ask_container(&[(container::FULL_URI, &server.url)]);
    let Err(ProviderError::Container { source: ContainerAnswer::Http(error), .. }) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(error.to_string(), "no answer came within 2 s");
    assert!((6..8).contains(&start.elapsed().as_secs()));
}

#[test]
fn an_incomplete_answer_is_final() {
    for body in [
        "{}",
        "[]",
        r#"{"AccessKeyId": "A", "SecretAccessKey": "s", "Token": "t"}"#,
        r#"{"AccessKeyId": "A", "SecretAccessKey": "s", "Expiration": "2099-01-01T00:00:00Z"}"#,
        r#"{"AccessKeyId": "A", "SecretAccessKey": "s", "Token": "t", "Expiration": "soon"}"#,
        r#"{"accesskeyid": "A", "SecretAccessKey": "s", "Token": "t", "Expiration": "2099-01-01T00:00:00Z"}"#,
    ] {
        let server = Server::start(vec![Reply::ok(body)]);
        let (outcome, _) = ask_container(&[(container::FULL_URI, &server.url)]);
        assert!(matches!(outcome, Err(ProviderError::BadCredentials { .. })), "{body}: {outcome:?}");
        assert_eq!(server.asked().len(), 1, "{body}");
    }
}

#[test]
fn expired_container_credentials_are_asked_for_once_more() {
    let server = Server::start(vec![container_answer(&in_secs(-60)), container_answer(&in_secs(600))]);
    found(ask_container(&[(container::FULL_URI, &server.url)]).0);
    assert_eq!(server.asked().len(), 2);
    let server = Server::start(vec![container_answer(&in_secs(-60))]);
    let (outcome, _) = ask_container(&[(container::FULL_URI, &server.url)]);
    assert!(matches!(outcome, Err(ProviderError::StillExpired { .. })), "{outcome:?}");
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn which_container_variable_counts() {
    assert!(matches!(ask_container(&[]).0, Ok(Outcome::Absent(Absence::NoContainer))));
    let (outcome, _) = ask_container(&[(container::FULL_URI, "")]);
    assert!(matches!(outcome, Err(ProviderError::ContainerHost { .. })), "{outcome:?}");
    let world =
        World::new(&[(container::RELATIVE_URI, "/v2/x"), (container::FULL_URI, "http://127.0.0.1/full")]);
    assert_eq!(container::resolve_url(world.host()).as_deref(), Some("http://169.254.170.2/v2/x"));
    let (outcome, _) = ask_container(&[(container::RELATIVE_URI, "@example.com/x")]);
    assert!(matches!(outcome, Err(ProviderError::ContainerHost { .. })), "{outcome:?}");
}
