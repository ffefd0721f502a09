//! `credential_process` that leads back to rolo.

use std::time::{Duration, Instant};

use crate::world::World;

const ROLO: &str = env!("CARGO_BIN_EXE_rolo");

#[test]
fn a_profile_that_asks_for_itself_is_found() {
    let world = World::new();
    world.add_config(&format!("[profile me]\ncredential_process = {ROLO} process me\n"));
    let start = Instant::now();
    let stderr = world.rolo(&["process", "me"]).failed(3);
    assert!(stderr.contains("`credential_process` goes in a circle: `me` -> `me`"), "{stderr}");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_circle_through_other_profiles_and_roles_is_found() {
    let world = World::new();
    world.add_config(&format!(
        "[profile a]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = a-base\nregion = eu-west-1\n\
         [profile a-base]\ncredential_process = {ROLO} process b\n\
         [profile b]\ncredential_process = {ROLO} process a\n"
    ));
    let stderr = world.rolo(&["process", "a"]).failed(3);
    assert!(stderr.contains("goes in a circle: `a-base` -> `b` -> `a-base`"), "{stderr}");
    assert_eq!(world.rolo(&["exec", "b", "true"]).code, 125);
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn a_circle_through_the_aws_cli_is_found() {
    let mut world = World::new();
    world.add_config(&format!(
        "[profile x]\ncredential_process = {ROLO} process plain\n\
         [profile y]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = x\nregion = eu-west-1\n"
    ));
    world.set("_AWS_CLI_PROFILE_CHAIN", "z,x");
    for profile in ["x", "y"] {
        let stderr = world.rolo(&["process", profile]).failed(3);
        assert!(stderr.contains("goes in a circle: `z` -> `x` -> `x`"), "{stderr}");
        assert!(stderr.contains("at ~/.aws/config:"), "{stderr}");
    }
    world.set("_AWS_CLI_PROFILE_CHAIN", "y");
    world.rolo(&["process", "y"]).failed(3);
    // A profile that runs no program cannot go in a circle.
    world.set("_AWS_CLI_PROFILE_CHAIN", "plain,identity");
    world.keys(&["plain"]);
}

#[test]
fn rolo_as_a_credential_process_of_rolo_works_and_fails_as_itself() {
    let world = World::new();
    world.add_config(&format!(
        "[profile outer]\ncredential_process = {ROLO} process plain\nregion = eu-west-1\n\
         [profile locked]\ncredential_process = {ROLO} process prod\n"
    ));
    assert_eq!(world.keys(&["outer"]), world.keys(&["plain"]));
    assert_eq!(world.calls(), ["AssumeRole"]);
    // What the inner one said is not lost.
    let stderr = world.rolo(&["process", "locked"]).failed(4);
    assert!(stderr.contains("an MFA code for `arn:aws:iam::111122223333:mfa/ada` is needed"), "{stderr}");
}
