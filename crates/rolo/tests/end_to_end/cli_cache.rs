//! The AWS CLI's own cache: what rolo leaves there for `aws`, what it takes from there, and what it never does.

use std::fs;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::world::{Keys, World};

const FOLDER: &str = ".aws/cli/cache";

// SHA-1 of the CLI's own text, by a tool of its own:
// {"RoleArn": "arn:aws:iam::333344445555:role/Admin", "SerialNumber": "arn:aws:iam::111122223333:mfa/ada"}
const PROD: &str = "227676935870d54e895d41b04113699ce8cbe10f.json";
// {"RoleArn": "arn:aws:iam::222233334444:role/Plain"}
const PLAIN: &str = "204437f3fc64b5b28b6a4b4e934b03fd46cc5a62.json";
// {"RoleArn": "arn:aws:iam::333344445555:role/Audit"}
const AUDIT: &str = "5534eadd9570037a96acb79f8c372edc1d77b08a.json";

fn names(world: &World) -> Vec<String> {
    let name = |file: &std::path::PathBuf| file.file_name().unwrap().to_str().unwrap().to_owned();
    world.files(FOLDER).iter().map(name).collect()
}

fn forget_own(world: &World) {
    fs::remove_dir_all(world.path(".cache/rolo")).unwrap();
}

/// What `aws` would have left for the role, good for so many seconds.
fn entry(seconds: i64, assumed_role: Option<&str>) -> Value {
    let expiration =
        (Timestamp::now() + SignedDuration::from_secs(seconds)).strftime("%Y-%m-%dT%H:%M:%S+00:00");
    let mut entry = json!({ "Credentials": {
        "AccessKeyId": "ASIAFROMTHECLI", "SecretAccessKey": "s", "SessionToken": "t",
        "Expiration": expiration.to_string(),
    }});
    if let Some(role) = assumed_role {
        entry["AssumedRoleUser"] = json!({ "AssumedRoleId": "AROA:me", "Arn": role });
    }
    entry
}

fn plant(world: &World, name: &str, entry: &Value) {
    world.write(&format!("{FOLDER}/{name}"), &entry.to_string());
}

#[test]
fn aws_finds_every_role_under_its_own_key() {
    let mut world = World::new();
    world.set("ROLO_MFA_CODE", world.fake.mfa_code("ada"));
    let keys = world.keys(&["prod"]);
    // The serial is in the name although the code went into an MFA session.
    assert_eq!(names(&world), [PROD]);
    let entry: Value = serde_json::from_slice(&fs::read(world.path(FOLDER).join(PROD)).unwrap()).unwrap();
    let written = &entry["Credentials"];
    assert_eq!(written["AccessKeyId"], keys.id);
    assert_eq!(written["SecretAccessKey"], keys.secret);
    assert_eq!(written["SessionToken"], keys.token.unwrap());
    assert_eq!(written["Expiration"], keys.expiration.unwrap());
    let arn = entry["AssumedRoleUser"]["Arn"].as_str().unwrap();
    assert!(arn.starts_with("arn:aws:sts::333344445555:assumed-role/Admin/"), "{arn}");
    // Each hop of a chain has its own.
    world.keys(&["audit"]);
    assert_eq!(names(&world).len(), 3);
    assert!(names(&world).contains(&AUDIT.to_owned()));
}

#[test]
fn what_aws_has_left_is_used() {
    let world = World::new();
    let assumed = "arn:aws:sts::222233334444:assumed-role/Plain/botocore-session-1";
    // Nobody but the CLI wrote it, in whatever way; only the four fields are needed.
    for entry in [entry(3000, Some(assumed)), entry(3000, None), entry(905, None)] {
        plant(&world, PLAIN, &entry);
        assert_eq!(world.keys(&["plain"]).id, "ASIAFROMTHECLI");
    }
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn what_is_not_surely_right_is_a_miss() {
    let other_role = "arn:aws:sts::222233334444:assumed-role/Other/x";
    let other_account = "arn:aws:sts::333344445555:assumed-role/Plain/x";
    let whole = entry(3000, None);
    let mut without_token = whole.clone();
    without_token["Credentials"].as_object_mut().unwrap().remove("SessionToken");
    for entry in [
        entry(890, None),
        entry(-10, None),
        entry(3000, Some(other_role)),
        entry(3000, Some(other_account)),
        entry(3000, Some("arn:aws:iam::222233334444:user/ada")),
        without_token,
        json!({}),
        json!([]),
        json!("{"),
    ] {
        let world = World::new();
        plant(&world, PLAIN, &entry);
        let keys = world.keys(&["plain"]);
        assert_eq!(world.calls(), ["AssumeRole"], "{entry}");
        // `aws` gets the good ones from now on.
        let left = fs::read_to_string(world.path(FOLDER).join(PLAIN)).unwrap();
        assert!(left.contains(&keys.id), "{entry}");
    }
    let world = World::new();
    world.write(&format!("{FOLDER}/{PLAIN}"), "{\"Credentials\": {\"Access");
    world.keys(&["plain"]);
}

#[test]
fn a_narrowed_session_neither_reaches_it_nor_comes_from_it() {
    let policy =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let world = World::new();
    plant(&world, PLAIN, &entry(3000, None));
    let before = fs::read_to_string(world.path(FOLDER).join(PLAIN)).unwrap();
    for options in [
        ["--read-only", "-q"],
        ["--policy", policy],
        ["--policy-arn", "arn:aws:iam::aws:policy/SecurityAudit"],
        ["--tag", "team=blue"],
        ["--source-identity", "ada"],
    ] {
        let keys = world.keys(&[&["plain"], options.as_slice()].concat());
        assert_ne!(keys.id, "ASIAFROMTHECLI", "{options:?}");
        assert_eq!(world.calls(), ["AssumeRole"]);
    }
    assert_eq!(names(&world), [PLAIN]);
    assert_eq!(fs::read_to_string(world.path(FOLDER).join(PLAIN)).unwrap(), before);
}

#[test]
fn tags_of_an_inner_role_count_for_those_beyond_it() {
    for setting in ["session_tags = team=blue\ntransitive_session_tags = team", "source_identity = ada"] {
        let world = World::new();
        world.edit_config("role/Hop\n", &format!("role/Hop\n{setting}\n"));
        plant(&world, AUDIT, &entry(3000, None));
        assert_ne!(world.keys(&["audit"]).id, "ASIAFROMTHECLI");
        assert_eq!(names(&world), [AUDIT]);
    }
}

#[test]
fn a_key_that_two_sources_share_is_left_alone() {
    let world = World::new();
    let twin = "[profile twin]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = other\nregion = eu-west-1\n";
    world.add_config(twin);
    plant(&world, PLAIN, &entry(3000, None));
    let [plain, twins]: [Keys; 2] = ["plain", "twin"].map(|profile| world.keys(&[profile]));
    assert_ne!(plain.id, twins.id);
    let signed: Vec<_> = world.fake.calls().into_iter().map(|call| call.access_key_id.unwrap()).collect();
    assert_eq!(signed, ["ada", "bob"].map(|user| world.fake.user_keys(user).id));
    assert!(fs::read_to_string(world.path(FOLDER).join(PLAIN)).unwrap().contains("ASIAFROMTHECLI"));

    // With another key, or the same source, nothing is in doubt.
    world.edit_config("source_profile = other", "source_profile = other\nexternal_id = x1");
    forget_own(&world);
    assert_eq!(world.keys(&["plain"]).id, "ASIAFROMTHECLI");
    world.edit_config("source_profile = other\nexternal_id = x1", "source_profile = identity");
    assert_eq!(world.keys(&["twin"]).id, "ASIAFROMTHECLI");
}

#[test]
fn what_rolo_left_for_another_plan_is_not_taken_back() {
    let world = World::new();
    let plain = world.keys(&["plain"]);
    world.edit_config(
        "role/Plain\nsource_profile = identity\nregion = eu-west-1",
        "role/Plain\nsource_profile = identity\nregion = eu-west-2",
    );
    assert_ne!(world.keys(&["plain"]).id, plain.id);
    assert_eq!(world.calls(), ["AssumeRole", "AssumeRole"]);
}

#[test]
fn sharing_can_be_switched_off_or_made_one_way() {
    let world = World::new();
    world.settings("cli_cache = \"off\"\n");
    plant(&world, PLAIN, &entry(3000, None));
    assert_ne!(world.keys(&["plain"]).id, "ASIAFROMTHECLI");
    world.keys(&["hop"]);
    assert_eq!(names(&world), [PLAIN]);
    assert!(fs::read_to_string(world.path(FOLDER).join(PLAIN)).unwrap().contains("ASIAFROMTHECLI"));

    world.settings("cli_cache = \"write\"\n");
    forget_own(&world);
    let keys = world.keys(&["plain"]);
    assert_ne!(keys.id, "ASIAFROMTHECLI");
    assert!(fs::read_to_string(world.path(FOLDER).join(PLAIN)).unwrap().contains(&keys.id));
}

#[test]
fn refresh_does_not_read_it() {
    let world = World::new();
    plant(&world, PLAIN, &entry(3000, None));
    let keys = world.keys(&["plain", "--refresh"]);
    assert_eq!(world.calls(), ["AssumeRole"]);
    assert!(fs::read_to_string(world.path(FOLDER).join(PLAIN)).unwrap().contains(&keys.id));
}
