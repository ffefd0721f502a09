//! `--error-format json`: a failure as one JSON object on the last line of standard error, for scripts.

use std::borrow::Borrow;

use serde_json::{Value, json};

use crate::world::{Ran, World};

/// The object of a run that failed, which holds all that it may hold and nothing else.
#[track_caller]
fn object(ran: impl Borrow<Ran>) -> Value {
    let ran = ran.borrow();
    assert_eq!(ran.stdout, "", "{ran:?}");
    let line = ran.stderr.strip_suffix('\n').unwrap();
    assert!(!line.contains('\n'), "{line}");
    let object: Value = serde_json::from_str(line).unwrap();
    let keys: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["causes", "exit_code", "hints", "kind", "locations", "message", "name", "notes"]);
    assert_eq!(object["exit_code"], ran.code);
    for list in ["causes", "hints", "notes"] {
        assert!(object[list].as_array().unwrap().iter().all(Value::is_string), "{object}");
    }
    object
}

#[test]
fn all_of_an_error_is_in_the_object() {
    let world = World::new();
    world.edit_config("source_profile = identity\n", "source_profile = identiy\n");
    let object = object(world.rolo(&["process", "prod", "--error-format", "json"]));
    assert_eq!(
        object,
        json!({
            "name": "source-profile-not-found",
            "kind": "configuration",
            "exit_code": 3,
            "message": "`source_profile` of profile `prod` names `identiy`, which does not exist",
            "locations": [{ "path": world.path(".aws/config").to_str().unwrap(), "line": 9 }],
            "causes": [],
            "notes": [],
            "hints": ["did you mean `identity`? run `rolo list` to see the profiles there are"],
        })
    );
}

#[test]
fn the_example_of_the_docs_is_what_is_said() {
    let world = World::new();
    let ran = world.rolo(&["process", "pord", "--error-format", "json"]);
    let said = ran.stderr.replace(world.path("").to_str().unwrap(), "/home/ada/");
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md")).unwrap();
    assert!(page.contains(&said), "{said}");
}

#[test]
fn causes_notes_and_snippets_are_there_whole() {
    let world = World::new();
    let object = object(world.rolo(&["process", "vendor", "--external-id", "wrong", "--error-format=json"]));
    assert_eq!(object["name"], "access-denied");
    assert_eq!(object["kind"], "refused");
    assert!(object["causes"][0].as_str().unwrap().starts_with("STS refused AssumeRole: AccessDenied: "));
    assert!(
        object["notes"][0].as_str().unwrap().contains("the caller is `arn:aws:iam::111122223333:user/ada`")
    );
    let hint = object["hints"].as_array().unwrap().last().unwrap().as_str().unwrap();
    let (_, statement) = hint.split_once('\n').unwrap();
    let statement: Value = serde_json::from_str(statement).unwrap();
    assert_eq!(statement["Action"], "sts:AssumeRole");
}

#[test]
fn every_command_takes_it_wherever_it_stands() {
    let mut world = World::new();
    for args in [
        "process --error-format json nosuch",
        "--error-format json process nosuch",
        "--error-format=json export nosuch",
        "whoami nosuch --error-format=json",
        "session --error-format json nosuch",
    ] {
        let args: Vec<_> = args.split(' ').collect();
        assert_eq!(object(world.rolo(&args))["name"], "profile-not-found", "{args:?}");
    }
    world.set("ROLO_ERROR_FORMAT", "json");
    assert_eq!(object(world.rolo(&["process", "nosuch"]))["name"], "profile-not-found");
    assert!(world.rolo(&["process", "nosuch", "--error-format", "text"]).failed(3).starts_with("error: "));
    world.set("ROLO_ERROR_FORMAT", "");
    assert!(world.rolo(&["process", "nosuch"]).failed(3).starts_with("error: "));
}

#[test]
fn exec_has_its_own_codes_and_the_commands_words_are_its_own() {
    let world = World::new();
    world.keys(&["plain"]);
    let failed = |args: &[&str]| object(world.rolo(&[&["exec", "--error-format", "json"], args].concat()));
    assert_eq!(failed(&["nosuch", "true"])["exit_code"], 125);
    let absent = failed(&["plain", "rolo-no-such-program"]);
    assert_eq!((&absent["exit_code"], &absent["kind"]), (&json!(127), &json!("not-found")));
    let ran = world.rolo(&["exec", "plain", "echo", "--error-format", "json"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "--error-format json\n"));
    let before = world.rolo(&["--error-format", "json", "exec", "plain", "rolo-no-such-program"]);
    assert_eq!(object(before)["name"], "program-not-found");
}

#[test]
fn a_cached_run_tells_it_too() {
    let mut world = World::new();
    world.keys(&["plain"]);
    world.set("ROLO_ERROR_FORMAT", "json");
    let absent = object(world.rolo(&["exec", "plain", "rolo-no-such-program"]));
    assert_eq!(absent["name"], "program-not-found");
}

#[test]
fn so_does_a_wrong_command_line() {
    let mut world = World::new();
    let object_of = |world: &World, args: &[&str]| object(world.rolo(args));
    let wrong = object_of(&world, &["process", "--error-format", "json", "--profil", "x"]);
    assert_eq!((&wrong["name"], &wrong["kind"]), (&json!("usage"), &json!("usage")));
    assert_eq!(wrong["message"], "unexpected argument `--profil` found");
    assert_eq!(wrong["hints"][0], "a similar argument exists: `--profile`");
    assert!(wrong["notes"][0].as_str().unwrap().starts_with("usage: `rolo process"), "{wrong}");
    assert_eq!(object_of(&world, &["exec", "--error-format", "json", "--nosuch"])["exit_code"], 125);
    world.set("ROLO_ERROR_FORMAT", "json");
    assert_eq!(object_of(&world, &["nosuch"])["exit_code"], 2);
    assert_eq!(
        world.rolo(&["--version"]).quiet().split(' ').next(),
        Some("rolo"),
        "help and version stay text"
    );
    // Another wrong value is one that clap tells as it is told without it.
    world.unset("ROLO_ERROR_FORMAT");
    assert!(world.rolo(&["process", "--error-format", "yaml"]).failed(2).contains("yaml"));
}

#[test]
fn warnings_stay_text_and_the_object_is_the_last_line() {
    let world = World::new();
    world.edit_config("role/Vendor\n", "role/Vendor\nduration_seconds = soon\n");
    let stderr =
        world.rolo(&["process", "vendor", "--external-id", "wrong", "--error-format", "json"]).failed(5);
    let lines: Vec<_> = stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{stderr}");
    assert!(lines[0].starts_with("warning: "));
    serde_json::from_str::<Value>(lines[1]).unwrap();
    let quiet = world.rolo(&["process", "vendor", "--external-id", "wrong", "--error-format", "json", "-q"]);
    object(quiet);
}

#[test]
fn nothing_in_it_reaches_the_terminal_as_a_sequence() {
    let world = World::new();
    let ran = world.rolo(&["process", "\u{9b}2J\u{202e}", "--error-format", "json"]);
    assert!(ran.stderr.is_ascii(), "{}", ran.stderr);
    let object = object(ran);
    assert!(object["message"].as_str().unwrap().contains("\u{9b}2J\u{202e}"));
}

#[test]
fn a_rolo_within_is_told_as_ever() {
    let mut world = World::new();
    let rolo = env!("CARGO_BIN_EXE_rolo");
    world.add_config(&format!("[profile outer]\ncredential_process = {rolo} process nosuch\n"));
    world.set("ROLO_ERROR_FORMAT", "json");
    let object = object(world.rolo(&["process", "outer"]));
    assert_eq!(object["exit_code"], 3);
    let cause = object["causes"][0].as_str().unwrap();
    assert!(cause.starts_with("profile `nosuch` was not found"), "{object}");
}
