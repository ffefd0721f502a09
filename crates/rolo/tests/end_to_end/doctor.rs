//! `rolo doctor`: what is told of a broken setup, in words and as JSON, and with which exit code.

use std::{fmt::Write, fs, os::unix::fs::PermissionsExt};

use serde_json::Value;

use crate::world::{Ran, World};

/// A home whose files others cannot read, with this config and no credentials.
fn world(config: &str) -> World {
    let world = World::new();
    world.config(config);
    world.credentials("");
    for file in [".aws/config", ".aws/credentials"] {
        fs::set_permissions(world.path(file), fs::Permissions::from_mode(0o600)).unwrap();
    }
    world
}

fn told(ran: &Ran) -> &str {
    assert_eq!(ran.stderr, "", "{ran:?}");
    &ran.stdout
}

const BROKEN: &str = "\
[profile a]
region = eu-central-1
[profile a]
output = json
[profile b]
nonsense
[profile c]
[profile d]
";

#[test]
fn the_worst_comes_first_with_place_and_remedy() {
    let ran = world(BROKEN).rolo(&["doctor"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    insta::assert_snapshot!(told(&ran), @r"
    fault R006: the line has neither `=` nor `:`, so no tool reads anything of the file
      at ~/.aws/config:6
      hint: write `KEY = VALUE`, or begin the line with `#`

    warning R009: section `[profile a]` stands twice, for which the AWS CLI and boto3 refuse the whole file
      at ~/.aws/config:3, ~/.aws/config:1
      hint: put all settings below one of the headers, and remove the other

    note R015: the profile holds no settings
      at ~/.aws/config:5 (`b`), ~/.aws/config:7 (`c`), ~/.aws/config:8 (`d`)
      hint: give it settings, or remove its header

    1 fault, 1 warning, 3 notes in 4 profiles
    ");
}

#[test]
fn the_exit_code_tells_the_worst() {
    let code = |config: &str| world(config).rolo(&["doctor"]).code;
    assert_eq!(code("[profile a]\nregion = eu-central-1\n[profile a]\noutput = json\n"), 1);
    assert_eq!(code("[profile a]\n"), 0);
    assert_eq!(code("[profile a]\nnonsense\n"), 3);
}

#[test]
fn json_has_all_of_it_and_every_key_is_documented() {
    let world = world(BROKEN);
    let ran = world.rolo(&["doctor", "--json"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let json: Value = serde_json::from_str(told(&ran)).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!((&json["faults"], &json["warnings"], &json["notes"]), (&1.into(), &1.into(), &3.into()));
    let first = &json["findings"][0];
    assert_eq!(
        (&first["code"], &first["severity"], &first["profile"]),
        (&"R006".into(), &"fault".into(), &Value::Null)
    );
    assert_eq!(first["locations"][0]["file"], world.path(".aws/config").to_str().unwrap());
    assert_eq!(first["locations"][0]["line"], 6);
    assert_eq!(json["findings"][4]["profile"], "d");

    let docs = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/doctor.md")).unwrap();
    for key in keys(&json) {
        assert!(docs.contains(&format!("| `{key}` |")), "{key} is not in docs/doctor.md");
    }
}

/// Every key of every object in it.
fn keys(json: &Value) -> Vec<String> {
    match json {
        Value::Object(map) => {
            map.iter().flat_map(|(key, value)| [vec![key.clone()], keys(value)].concat()).collect()
        }
        Value::Array(items) => items.iter().flat_map(keys).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn the_same_fault_of_many_profiles_is_told_once() {
    let config: String = (1..=50).map(|number| ["[profile p", &number.to_string(), "]\n"].concat()).collect();
    let world = world(&config);
    let text = world.rolo(&["doctor"]).quiet();
    assert_eq!(text.matches("note R015").count(), 1, "{text}");
    assert!(text.contains("~/.aws/config:5 (`p5`) and 45 more\n"), "{text}");
    assert_eq!(world.rolo(&["doctor", "--json"]).json()["findings"].as_array().unwrap().len(), 50);
}

#[test]
fn what_is_allowed_is_not_told_and_makes_no_exit_code() {
    let world = world(BROKEN);
    let codes = |world: &World| -> Vec<String> {
        let ran = world.rolo(&["doctor", "--json"]);
        let json: Value = serde_json::from_str(&ran.stdout).unwrap();
        let found = json["findings"].as_array().unwrap().iter();
        found.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
    };
    world.settings("[doctor]\nallow = [\"R006\", \"R015:?\"]\n");
    assert_eq!(codes(&world), ["R009"]);
    world.settings("[doctor]\nallow = [\"R006\", \"R009\", \"R015:b\"]\n");
    let ran = world.rolo(&["doctor", "-v"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout.ends_with("2 notes in 4 profiles; 3 not told, for `config.toml` allows it\n"),
        "{ran:?}"
    );

    world.settings("[doctor]\nallow = [\n  \"R009\",\n  \"R999\",\n]\n");
    let stderr = world.rolo(&["list"]).failed(3);
    assert!(
        stderr.contains("`allow` is `R999`") && stderr.contains("at ~/.config/rolo/config.toml:4"),
        "{stderr}"
    );
}

#[test]
fn profiles_can_be_asked_for_by_name() {
    let world = world("[profile a]\n[profile b]\noutput = json\nsource_profile = a\n[profile c]\n");
    world.settings("[doctor]\nallow = [\"R033\"]\n");
    let of = |args: &[&str]| world.rolo(&[&["doctor"], args].concat()).quiet();
    assert!(of(&["b"]).contains("(`a`)\n"), "{}", of(&["b"]));
    assert!(of(&["b"]).ends_with("1 note in 2 profiles\n"), "{}", of(&["b"]));
    assert!(of(&["--profile", "c"]).ends_with("1 note in 1 profile\n"));
    let stderr = world.rolo(&["doctor", "a", "nosuch"]).failed(3);
    assert!(stderr.contains("profile `nosuch` was not found"), "{stderr}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_cannot_be_read_hides_nothing_of_the_other() {
    let mut world = world("");
    world.credentials("[b]\n[b]\n");
    // A file that is there and that not even the superuser can read from its start.
    world.set("AWS_CONFIG_FILE", "/proc/self/mem");
    let ran = world.rolo(&["doctor"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stdout.contains("fault R001: `/proc/self/mem` cannot be read: "), "{ran:?}");
    assert!(ran.stdout.contains("warning R009"), "{ran:?}");
}

#[test]
fn own_settings_that_cannot_be_used_are_a_finding_among_others() {
    let world = world(BROKEN);
    world.settings("mfa_session = \"maybe\"\n");
    world.write("assume-role.yaml", "role_prefx: x\n");
    let ran = world.rolo(&["doctor"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let faults: Vec<_> = ran.stdout.lines().filter(|line| line.starts_with("fault")).collect();
    assert_eq!(faults.len(), 2, "{ran:?}");
    assert!(ran.stdout.contains("fault R016: `mfa_session` is `maybe`"), "{ran:?}");
    assert!(ran.stdout.contains("at ~/.config/rolo/config.toml:1"), "{ran:?}");
    // A project's file counts when it is approved; until then nothing of it is read.
    assert!(ran.stdout.contains("note R017: `~/assume-role.yaml` does not count"), "{ran:?}");
}

#[test]
fn without_any_file_there_is_nothing_wrong() {
    let world = World::new();
    for file in [".aws/config", ".aws/credentials"] {
        fs::remove_file(world.path(file)).unwrap();
    }
    assert_eq!(world.rolo(&["doctor"]).quiet(), "nothing wrong in 0 profiles\n");
    assert_eq!(world.rolo(&["doctor", "-q"]).quiet(), "");
}

#[test]
fn two_thousand_profiles_are_examined_at_once() {
    let mut config = String::from("[profile base]\nregion = eu-central-1\n");
    for number in 0..2000 {
        let source = if number % 10 == 0 { "nosuch" } else { "base" };
        let _ = write!(
            config,
            "[profile p{number}]\nrole_arn = arn:aws:iam::222233334444:role/R{number}\nsource_profile = {source}\n\
             region = eu-central-1\nmfa_serail = arn:aws:iam::111122223333:mfa/ada\n"
        );
    }
    let world = world(&config);
    world.credentials("[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n");
    let began = std::time::Instant::now();
    let ran = world.rolo(&["doctor"]);
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(ran.code, 3, "{ran:?}");
    let count = |text: &str| ran.stdout.matches(text).count();
    assert_eq!((count("fault R020: "), count("fault R040: ")), (1, 1), "{}", ran.stdout);
    assert!(
        ran.stdout.contains(" and 195 more\n") && ran.stdout.contains(" and 1995 more\n"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.ends_with(" in 2001 profiles\n"), "{}", ran.stdout);
}
