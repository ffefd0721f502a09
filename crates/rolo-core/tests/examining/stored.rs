//! Keys in the two files: those that last, are over, do not fit together, or stand elsewhere.

use rolo_core::doctor::Fix;

use crate::world::{Machine, World, codes, render};

const LONG_TERM: &str = "[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = hunter2\n";
const TEMPORARY: &str = "[base]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = hunter2\naws_session_token = hunter2\n";
const MARK: &str = "# written by rolo: `rolo save` replaces these keys\n";

fn seen(world: &World) -> String {
    codes(&world.findings("R100", "R109"))
}

fn with(credentials: &str) -> World {
    World::new("").credentials(credentials)
}

#[test]
fn keys_that_are_good_show_nothing() {
    for credentials in [
        LONG_TERM.to_owned(),
        TEMPORARY.to_owned(),
        format!("{TEMPORARY}expiration = 2026-11-21T13:00:00Z\n"),
        format!("{TEMPORARY}expiration = some day\n"),
        // Without a token it says nothing of this key.
        format!("{LONG_TERM}expiration = 2026-11-21T11:00:00Z\n"),
    ] {
        assert_eq!(seen(&with(&credentials)), "", "{credentials}");
    }
}

#[test]
fn a_long_term_key_is_noted_with_the_age_of_its_file() {
    let machine = Machine::new("");
    machine.write(".aws/credentials", LONG_TERM);
    machine.age(".aws/credentials", 214 * 24 + 5);
    let told = machine.told("R100", "R109");
    assert_eq!(
        told,
        "R100 a long-term key stands in plain text, for at least 214 days\n  at ~/.aws/credentials:2\n  \
         -> replace it from time to time, or let a `credential_process` ask a keyring for it\n"
    );
    machine.age(".aws/credentials", 1);
    assert!(machine.told("R100", "R109").starts_with("R100 a long-term key stands in plain text\n"));
}

#[test]
fn temporary_credentials_older_than_any_session_are_over() {
    let machine = Machine::new("");
    machine.write(".aws/credentials", TEMPORARY);
    machine.age(".aws/credentials", 35);
    assert_eq!(machine.told("R100", "R109"), "");
    machine.age(".aws/credentials", 49);
    assert!(
        machine
            .told("R100", "R109")
            .starts_with("R102 temporary credentials have stood here for at least 2 days")
    );
}

#[test]
fn tokens_that_do_not_fit() {
    let no_token = TEMPORARY.replace("aws_session_token", "another_key");
    assert_eq!(seen(&with(&no_token)), "R101");
    let world = with(&format!("{LONG_TERM}aws_session_token = hunter2\n"));
    assert_eq!(
        render(&world.findings("R100", "R109")),
        "R101 a session token stands beside a long-term key (`AKIA…`), to which it cannot belong\n  \
         at /home/ada/.aws/credentials:4\n  at /home/ada/.aws/credentials:2\n  -> remove the session token\n"
    );
}

#[test]
fn credentials_that_are_over() {
    for key in [
        "x_security_token_expires",
        "aws_session_expiration",
        "aws_expiration",
        "expiration",
        "rolo_expiration",
    ] {
        assert_eq!(seen(&with(&format!("{TEMPORARY}{key} = 2026-11-21T12:00:00+01:00\n"))), "R102", "{key}");
    }
    let ours = TEMPORARY.replacen('\n', &format!("\n{MARK}"), 1)
        + "rolo_expiration = 2026-11-21T11:00:00Z\nrolo_profile = dev\n";
    let findings = with(&ours).findings("R100", "R109");
    assert_eq!(
        render(&findings),
        "R103 the credentials here expired at 2026-11-21T11:00:00Z\n  at /home/ada/.aws/credentials:3\n  \
         -> run `rolo save dev --as base`, or `rolo save --clean` to remove them\n"
    );
    let path = "/home/ada/.aws/credentials".into();
    assert_eq!(findings[0].fixes, [Fix::SavedProfile { path, name: "base".into() }]);
    // A second header from another hand makes the section nobody's to remove.
    assert_eq!(seen(&with(&format!("{ours}[base]\nregion = eu-west-1\n"))), "R102");
}

#[test]
fn keys_in_both_files() {
    let config = LONG_TERM.replace("[base]", "[profile base]");
    assert_eq!(seen(&World::new(&config).credentials(LONG_TERM)), "R104");
    assert_eq!(seen(&World::new(&config).credentials("[base]\nregion = eu-west-1\n")), "");
}

#[test]
fn keys_in_aws_vault() {
    let config = "[profile base]\nregion = eu-west-1\n[profile dev]\nsource_profile = base\nrole_arn = arn:aws:iam::222233334444:role/Dev\n";
    assert_eq!(seen(&World::new(config)), "", "nothing points to aws-vault");
    let here = World::new(config).file("/home/ada/.awsvault", "");
    assert_eq!(
        render(&here.findings("R100", "R109")),
        "R105 profile `base` holds no credentials; its keys may stand in aws-vault's keyring, where no other tool finds them\n  \
         at /home/ada/.aws/config:1\n  -> add `credential_process = aws-vault export --format=json base` to it\n"
    );
    let on_path = World::new(config).var("PATH", "/bin:/opt/bin").file("/opt/bin/aws-vault", "");
    assert_eq!(seen(&on_path), "R105");
    assert_eq!(seen(&World::new(&format!("{config}include_profile = base\n"))), "R105");
    assert_eq!(seen(&here.credentials(LONG_TERM)), "");
}
