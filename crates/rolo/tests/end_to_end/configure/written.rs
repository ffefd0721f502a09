//! What becomes of the two files: where a setting goes, what stays, and what the AWS CLI makes of it.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use super::DEVICE;
use crate::{
    programs::start,
    tools,
    world::{Ran, World, run},
};

#[test]
fn everything_else_stays_to_the_byte() {
    let world = World::new();
    let config = "# mine\r\n[profile a]\r\nregion=eu-west-1 \r\n  # why\r\ns3 =\r\n  max_queue_size = 1\r\n\r\n; end\r\n[profile b]\r\nregion = x";
    let credentials = "[a]\n# old key\naws_access_key_id: OLD\naws_secret_access_key = OLD\naws_session_token = OLD\n\n[b]\n";
    world.config(config);
    world.credentials(credentials);
    let ada = world.fake.user_keys("ada");
    let words = [
        "a",
        "--region",
        "eu-central-1",
        "--output",
        "text",
        "--access-key-id",
        &ada.id,
        "--secret-access-key-stdin",
    ];
    world.configure(&words, &ada.secret).wrote();
    let [new_config, new_credentials] = world.both_files();
    assert_eq!(
        new_config,
        config
            .replace("region=eu-west-1 ", "region=eu-central-1 ")
            .replace("size = 1\r\n", "size = 1\r\noutput=text\r\n")
    );
    assert_eq!(
        new_credentials,
        format!(
            "[a]\n# old key\naws_access_key_id: {}\naws_secret_access_key = {}\n\n[b]\n",
            ada.id, ada.secret
        )
    );
}

#[test]
fn a_setting_is_changed_where_it_counts() {
    let world = World::new();
    let ada = world.fake.user_keys("ada");
    world.config("[profile a]\naws_access_key_id = OLD\naws_secret_access_key = OLD\nregion = eu-west-1\n");
    world.credentials("[a]\nregion = eu-west-2\n");
    let words = ["a", "--region", "eu-west-3", "--access-key-id", &ada.id, "--secret-access-key-stdin"];
    world.configure(&words, &ada.secret).wrote();
    assert_eq!(
        world.both_files(),
        [
            format!(
                "[profile a]\naws_access_key_id = {}\naws_secret_access_key = {}\nregion = eu-west-1\n",
                ada.id, ada.secret
            ),
            "[a]\nregion = eu-west-3\n".to_owned()
        ]
    );
    assert_eq!(world.keys(&["a"]).id, ada.id);
}

#[test]
fn a_lone_dash_removes() {
    let world = World::new();
    world.config("[profile a]\nregion = eu-west-1\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = identity\noutput = json\n");
    world.credentials(
        "[a]\nregion = x\naws_access_key_id = A\naws_secret_access_key = a\naws_session_token = t\n",
    );
    world.configure(&["a", "--region", "-", "--role-arn", "-", "--access-key-id", "-"], "").wrote();
    assert_eq!(world.both_files(), ["[profile a]\noutput = json\n", "[a]\n"]);
    assert_eq!(world.configure(&["a", "--mfa-serial", "-"], "").wrote(), "profile `a` stays as it is\n");
}

#[test]
fn keys_that_the_profile_does_not_use_are_warned_of() {
    let world = World::new();
    let bob = world.fake.user_keys("bob");
    let words = ["plain", "--access-key-id", &bob.id, "--secret-access-key-stdin"];
    let said = world.configure(&words, &bob.secret).wrote();
    assert!(
        said.contains("warning: profile `plain` does not use its access key: `role_arn` comes first"),
        "{said}"
    );
    // What comes before keys of the config file does not come before those of the credentials file.
    world.add_config("[profile program]\nregion = eu-west-1\ncredential_process = false\n");
    let words = ["program", "--access-key-id", &bob.id, "--secret-access-key-stdin"];
    let said = world.configure(&words, &bob.secret).wrote();
    assert!(!said.contains("warning"), "{said}");
    assert_eq!(world.keys(&["program"]).id, bob.id);
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn new_files_are_private_and_old_ones_keep_their_mode() {
    let world = World::fresh();
    let ada = world.fake.user_keys("ada");
    let words = ["a", "--region", "eu-west-1", "--access-key-id", &ada.id, "--secret-access-key-stdin"];
    world.configure(&words, &ada.secret).wrote();
    let files = [".aws/config", ".aws/credentials"].map(|file| world.path(file));
    assert_eq!(files.each_ref().map(|file| mode(file)), [0o600; 2]);
    assert_eq!(mode(&world.path(".aws")), 0o700);
    for file in &files {
        fs::set_permissions(file, fs::Permissions::from_mode(0o640)).unwrap();
    }
    let words = ["b", "--region", "eu-west-1", "--access-key-id", &ada.id, "--secret-access-key-stdin"];
    world.configure(&words, &ada.secret).wrote();
    assert_eq!(files.each_ref().map(|file| mode(file)), [0o640; 2]);
}

#[test]
fn a_profile_that_rolo_saves_is_not_for_long_term_keys() {
    let world = World::new();
    world.rolo(&["save", "plain", "--as", "kept"]).ok();
    let before = world.both_files();
    let said = world.configure(&["kept", "--region", "eu-west-1"], "").failed(3);
    assert!(said.contains("kept by `rolo save`") && said.contains("  at ~/.aws/credentials:"), "{said}");
    assert_eq!(world.both_files(), before);
}

#[test]
fn many_at_once_lose_nothing() {
    let world = World::fresh();
    let names: Vec<String> = (0..16).map(|number| format!("p{number}")).collect();
    let running: Vec<_> = names
        .iter()
        .map(|name| start(&mut world.command(&["configure", name, "--region", "eu-west-1"])))
        .collect();
    for child in running {
        Ran::from(child.wait_with_output().unwrap()).wrote();
    }
    let [config, _] = world.both_files();
    for name in &names {
        assert!(config.contains(&format!("[profile {name}]\nregion = eu-west-1\n")), "{name}: {config}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_left_alone() {
    let world = World::new();
    world.config("[profile a]\nno separator\n");
    let before = world.both_files();
    let said = world.configure(&["a", "--region", "eu-west-1"], "").failed(3);
    assert!(said.contains("~/.aws/config:2"), "{said}");
    assert_eq!(world.both_files(), before);
}

/// `aws configure set` for each of these, in a fresh home.
fn set_by_cli(world: &World, aws: &Command, profile: &str, settings: &[(&str, &str)]) {
    for (key, value) in settings {
        run(&mut world.tool(aws, &["configure", "set", key, value, "--profile", profile])).ok();
    }
}

#[test]
fn a_fresh_home_is_written_as_by_the_aws_cli() {
    let Some(aws) = tools::find("aws-v1") else { return };
    for profile in ["default", "work", "a b"] {
        let (ours, theirs) = (World::fresh(), World::fresh());
        let id = "AKIAIOSFODNN7EXAMPLE";
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let words = [
            profile,
            "--no-verify",
            "--access-key-id",
            id,
            "--secret-access-key-stdin",
            "--region",
            "eu-west-1",
            "--output",
            "json",
        ];
        ours.configure(&words, secret).wrote();
        let keys = [("aws_access_key_id", id), ("aws_secret_access_key", secret)];
        set_by_cli(
            &theirs,
            &aws,
            profile,
            &[&keys[..], &[("region", "eu-west-1"), ("output", "json")]].concat(),
        );
        assert_eq!(ours.both_files(), theirs.both_files(), "{profile}");
        let get =
            |key: &str| run(&mut ours.tool(&aws, &["configure", "get", key, "--profile", profile])).quiet();
        assert_eq!(get("aws_secret_access_key"), format!("{secret}\n"));
        assert_eq!(get("region"), "eu-west-1\n");
    }
}

#[test]
fn a_role_is_written_as_by_the_aws_cli() {
    let Some(aws) = tools::find("aws-v1") else { return };
    let (ours, theirs) = (World::new(), World::new());
    theirs.credentials(&ours.both_files()[1]);
    let role = "arn:aws:iam::333344445555:role/Admin";
    let words = ["new", "--role-arn", role, "--source-profile", "identity", "--mfa-serial", DEVICE];
    ours.configure(&[&words[..], &["--region", "eu-west-1"]].concat(), "").wrote();
    let settings =
        [("region", "eu-west-1"), ("role_arn", role), ("source_profile", "identity"), ("mfa_serial", DEVICE)];
    set_by_cli(&theirs, &aws, "new", &settings);
    // The AWS CLI leaves no blank line before a new section.
    let [config, credentials] = ours.both_files();
    assert_eq!([config.replace("\n\n[profile new]", "\n[profile new]"), credentials], theirs.both_files());
}

#[test]
fn the_aws_cli_uses_what_was_written() {
    let Some(aws) = tools::find("aws-v1") else { return };
    let world = World::fresh();
    let ada = world.fake.user_keys("ada");
    let base = ["base", "--region", "eu-west-1", "--access-key-id", &ada.id, "--secret-access-key-stdin"];
    world.configure(&base, &ada.secret).wrote();
    let role =
        ["role", "--region", "eu-west-1", "--role-arn", "222233334444:Plain", "--source-profile", "base"];
    world.configure(&role, "").wrote();
    world.calls();
    let call = [
        "sts",
        "get-caller-identity",
        "--query",
        "Arn",
        "--output",
        "text",
        "--endpoint-url",
        &world.fake.url(),
    ];
    let arn = run(&mut world.tool(&aws, &[&["--profile", "role"], &call[..]].concat())).ok().stdout;
    assert!(arn.starts_with("arn:aws:sts::222233334444:assumed-role/Plain/"), "{arn}");
    assert_eq!(world.calls(), ["AssumeRole", "GetCallerIdentity"]);
}
