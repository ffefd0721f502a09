//! The instance metadata service.

use std::time::Duration;

use rolo_core::provider::{
    Absence, Outcome, ProviderError,
    imds::{self, ImdsSettings},
};

use crate::{
    found, no_aws,
    wire::{Reply, Server, World, in_secs},
};

const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

fn imds_answer(expiration: &str) -> Reply {
    Reply::ok(format!(
        "{{\"Code\": \"Success\", \"AccessKeyId\": \"ASIAI\", \"SecretAccessKey\": \"s3cret\", \"Token\": \"t0ken\", \
         \"Expiration\": \"{expiration}\"}}"
    ))
}

fn ask_imds(server: &Server, more: &[(&str, &str)]) -> Result<Outcome, ProviderError> {
    let mut vars = vec![("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url.as_str())];
    vars.extend(more);
    let world = World::new(&vars);
    let settings = ImdsSettings::resolve(world.host(), &|_| None).unwrap();
    imds::fetch_credentials(world.host(), &no_aws(), &settings)
}

#[test]
fn an_instance_gives_credentials_for_a_token() {
    let server =
        Server::start(vec![Reply::ok("imds-token"), Reply::ok("MyRole"), imds_answer(&in_secs(3600))]);
    assert_eq!(found(ask_imds(&server, &[])).access_key_id, "ASIAI");
    let role = format!("GET {ROLES}MyRole");
    assert_eq!(server.lines(), ["PUT /latest/api/token", &format!("GET {ROLES}"), &role]);
    let asked = server.asked();
    assert_eq!(asked[0].headers["x-aws-ec2-metadata-token-ttl-seconds"], "21600");
    assert_eq!(asked[1].headers["x-aws-ec2-metadata-token"], "imds-token");
    assert_eq!(asked[2].headers["x-aws-ec2-metadata-token"], "imds-token");
}

#[test]
fn an_instance_without_tokens_is_asked_without() {
    for first in [
        Reply::Answer(403, String::new()),
        Reply::Answer(404, String::new()),
        Reply::Answer(405, String::new()),
        Reply::Answer(500, String::new()),
        Reply::Cut,
        Reply::Silent(Duration::from_secs(5)),
    ] {
        let script = vec![first, Reply::ok("MyRole"), imds_answer(&in_secs(3600))];
        let server = Server::start(script.clone());
        found(ask_imds(&server, &[]));
        let asked = server.asked();
        assert_eq!(asked.len(), 3);
        assert!(!asked[1].headers.contains_key("x-aws-ec2-metadata-token"));
        let server = Server::start(script);
        let outcome = ask_imds(&server, &[("AWS_EC2_METADATA_V1_DISABLED", "true")]);
        assert!(matches!(outcome, Err(ProviderError::ImdsV1Disabled)), "{outcome:?}");
        assert_eq!(server.asked().len(), 1);
    }
}

#[test]
fn an_instance_that_refuses_the_token_request_is_left_alone() {
    let server = Server::start(vec![Reply::Answer(400, String::new())]);
    assert!(matches!(ask_imds(&server, &[]), Ok(Outcome::Absent(Absence::ImdsSilent { .. }))));
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn every_step_is_tried_as_often_as_is_set() {
    let server = Server::start(vec![Reply::Answer(500, String::new())]);
    let outcome = ask_imds(&server, &[("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "3")]);
    assert!(matches!(outcome, Ok(Outcome::Absent(Absence::ImdsSilent { .. }))), "{outcome:?}");
    let lines = server.lines();
    assert_eq!(lines.iter().filter(|line| line.starts_with("PUT")).count(), 3);
    assert_eq!(lines.iter().filter(|line| line.starts_with("GET")).count(), 3);
    let server = Server::start(vec![Reply::Answer(500, String::new())]);
    assert!(matches!(
        ask_imds(&server, &[("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "0")]),
        Ok(Outcome::Absent(Absence::ImdsSilent { .. }))
    ));
    assert!(server.asked().is_empty());
    let script =
        vec![Reply::ok("t"), Reply::ok(""), Reply::ok("R"), Reply::ok("{"), imds_answer(&in_secs(3600))];
    let server = Server::start(script);
    found(ask_imds(&server, &[("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "2")]));
    assert_eq!(server.asked().len(), 5);
}

#[test]
fn an_instance_without_a_usable_role_is_as_good_as_none() {
    let refusal = r#"{"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume the role"}"#;
    let server = Server::start(vec![Reply::ok("t"), Reply::ok("R"), Reply::ok(refusal)]);
    match ask_imds(&server, &[]).unwrap() {
        Outcome::Absent(Absence::ImdsNoCredentials { code, .. }) => {
            assert_eq!(code.as_deref(), Some("AssumeRoleUnauthorizedAccess"));
        }
        other => panic!("{other:?}"),
    }
    let server = Server::start(vec![Reply::ok("t"), Reply::Answer(404, String::new())]);
    assert!(matches!(ask_imds(&server, &[]), Ok(Outcome::Absent(Absence::ImdsSilent { .. }))));
    let server = Server::start(vec![Reply::ok("t")]);
    let off = ask_imds(&server, &[("AWS_EC2_METADATA_DISABLED", "True")]);
    assert!(matches!(off, Ok(Outcome::Absent(Absence::ImdsDisabled))));
    assert!(server.asked().is_empty());
}

#[test]
fn credentials_that_the_instance_failed_to_renew_are_used_on() {
    let server = Server::start(vec![Reply::ok("t"), Reply::ok("R"), imds_answer(&in_secs(-60))]);
    let credentials = found(ask_imds(&server, &[]));
    let world = World::new(&[]);
    let left = credentials.left(world.host().clock.now()).unwrap().as_secs();
    assert!((850..=900).contains(&left), "{left}");
}

#[test]
fn imds_settings_come_from_variables_before_the_profile() {
    let resolve = |vars: &[(&str, &str)], profile: &[(&str, &str)]| {
        let world = World::new(vars);
        let read =
            |key: &str| profile.iter().find(|(name, _)| *name == key).map(|(_, value)| (*value).to_owned());
        ImdsSettings::resolve(world.host(), &read)
    };
    let plain = resolve(&[], &[]).unwrap();
    assert_eq!(plain.endpoint, "http://169.254.169.254/");
    assert_eq!((plain.timeout, plain.attempts), (Duration::from_secs(1), 1));
    assert!(!plain.disabled && !plain.v1_disabled);
    let profile = [
        ("ec2_metadata_service_endpoint_mode", "IPv6"),
        ("metadata_service_timeout", "4"),
        ("metadata_service_num_attempts", "5"),
        ("ec2_metadata_v1_disabled", "TRUE"),
    ];
    let told = resolve(&[], &profile).unwrap();
    assert_eq!(told.endpoint, "http://[fd00:ec2::254]/");
    assert_eq!((told.timeout, told.attempts, told.v1_disabled), (Duration::from_secs(4), 5, true));
    let vars = [("AWS_METADATA_SERVICE_TIMEOUT", "7"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv4")];
    let both = resolve(&vars, &profile).unwrap();
    assert_eq!((both.timeout, both.endpoint.as_str()), (Duration::from_secs(7), "http://169.254.169.254/"));
    for (name, value) in [
        ("AWS_METADATA_SERVICE_TIMEOUT", "soon"),
        ("AWS_METADATA_SERVICE_TIMEOUT", ""),
        ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "1.5"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv5"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "169.254.169.254"),
    ] {
        assert_eq!(resolve(&[(name, value)], &[]).unwrap_err().name, name, "{value:?}");
    }
}
