//! The AWS CLI, versions 1 and 2, and boto3: what rolo caches serves them, and the other way round.

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

use fake_aws::Fault;
use serde_json::{Value, json};

use crate::{
    programs::{ADMIN, PLAIN, ROLO, beside, start},
    tools,
    world::{Ran, World, run},
};

const CLIS: [&str; 2] = ["aws-v1", "aws-v2"];
const CLI_CACHE: &str = ".aws/cli/cache";

/// `aws WORDS sts get-caller-identity`.
fn identity(world: &World, aws: &Command, words: &[&str]) -> Command {
    send_to_fake(world);
    // Version 2 of Debian is older than the variable.
    let url = world.fake.url();
    let call = ["--endpoint-url", &url, "--output", "json", "sts", "get-caller-identity"];
    world.tool(aws, &[words, &call].concat())
}

/// botocore takes rules for endpoints from the home before its own: so the calls that an old AWS CLI makes by itself
/// come to the fake too.
fn send_to_fake(world: &World) {
    let rules = json!({
        "version": "1.0",
        "parameters": {
            "Region": { "builtIn": "AWS::Region", "required": false, "type": "String", "documentation": "" },
            "UseDualStack": { "builtIn": "AWS::UseDualStack", "required": true, "default": false, "type": "Boolean", "documentation": "" },
            "UseFIPS": { "builtIn": "AWS::UseFIPS", "required": true, "default": false, "type": "Boolean", "documentation": "" },
            "Endpoint": { "builtIn": "SDK::Endpoint", "required": false, "type": "String", "documentation": "" },
            "UseGlobalEndpoint": { "builtIn": "AWS::STS::UseGlobalEndpoint", "required": true, "default": false, "type": "Boolean", "documentation": "" },
        },
        "rules": [{
            "conditions": [],
            "endpoint": { "url": world.fake.url(), "properties": {}, "headers": {} },
            "type": "endpoint",
        }],
    });
    world.write(".aws/models/sts/2011-06-15/endpoint-rule-set-1.json", &rules.to_string());
}

fn assumed(ran: &Ran, role_arn: &str) -> bool {
    let role = role_arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/");
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    answer["Arn"].as_str().unwrap().starts_with(&role)
}

#[test]
fn a_role_cached_by_rolo_serves_the_aws_cli_without_a_code() {
    let world = World::new();
    run(&mut world.command_with_code(&["process", "prod"])).ok();
    assert_eq!(world.calls(), ["GetSessionToken", "AssumeRole"]);
    for name in CLIS {
        let Some(aws) = tools::find(name) else { continue };
        let ran = run(&mut identity(&world, &aws, &["--profile", "prod"])).ok();
        assert!(assumed(&ran, ADMIN), "{name}: {ran:?}");
        assert_eq!(world.calls(), ["GetCallerIdentity"], "{name}");
    }
}

#[test]
fn a_role_assumed_by_the_aws_cli_serves_rolo_without_a_call() {
    for name in CLIS {
        let Some(aws) = tools::find(name) else { continue };
        let world = World::new();
        // Without a terminal the CLI reads the code from standard input.
        let mut cli = start(identity(&world, &aws, &["--profile", "prod"]).stdin(Stdio::piped()));
        writeln!(cli.stdin.take().unwrap(), "{}", world.fake.mfa_code("ada")).unwrap();
        let ran = Ran::from(cli.wait_with_output().unwrap()).ok();
        assert!(assumed(&ran, ADMIN), "{name}: {ran:?}");
        let assume = world.fake.calls_of("AssumeRole");
        world.fake.clear_calls();

        let ran = run(&mut world.command(&["process", "prod"])).ok();
        assert_eq!(world.calls(), [""; 0], "{name}");
        assert_eq!(assume[0].issued, Some(ran.key()), "{name}: it is what the CLI got");
    }
}

#[test]
fn a_narrowed_role_never_meets_the_cache_of_the_aws_cli() {
    let world = World::new();
    let narrowed = run(&mut world.command_with_code(&["process", "--read-only", "prod"])).ok();
    assert!(world.contents(CLI_CACHE).is_empty(), "{:?}", world.contents(CLI_CACHE));
    let calls = world.fake.calls_of("AssumeRole");
    assert_eq!(calls[0].param("PolicyArns.member.1.arn"), Some("arn:aws:iam::aws:policy/ReadOnlyAccess"));

    let full = run(&mut world.command(&["process", "prod"])).ok();
    assert_ne!(narrowed.key(), full.key());
    let shared = world.contents(CLI_CACHE);
    assert_eq!(shared.len(), 1);
    assert!(String::from_utf8_lossy(&shared[0].1).contains(&full.key()));

    // Only the CLI's cache is left to answer.
    fs::remove_dir_all(world.path(".cache/rolo")).unwrap();
    world.fake.clear_calls();
    let words = ["process", "--no-mfa-session", "--read-only", "prod", "--mfa-code"];
    let again = run(&mut world.command(&[&words[..], &[&world.fake.next_mfa_code("ada")]].concat())).ok();
    assert_eq!(world.calls(), ["AssumeRole"]);
    assert_ne!(again.key(), full.key());
    assert_eq!(world.contents(CLI_CACHE), shared, "the CLI's entry is as it was");
    assert_eq!(run(&mut world.command(&["process", "prod"])).ok().key(), full.key());
}

/// A config in which `via` has its credentials from `rolo process plain`, by a path with a blank in it.
fn through_credential_process(world: &World) {
    let folder = world.path("my tools");
    fs::create_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink(ROLO, folder.join("rolo")).unwrap();
    let program = folder.join("rolo");
    world.add_config(&format!(
        "\n[profile via]\ncredential_process = \"{}\" process --profile plain\nregion = eu-central-1\n",
        program.display()
    ));
}

#[test]
fn the_aws_cli_has_its_credentials_through_a_credential_process() {
    let world = World::new();
    through_credential_process(&world);
    for name in CLIS {
        let Some(aws) = tools::find(name) else { continue };
        let ran = run(&mut identity(&world, &aws, &["--profile", "via"])).ok();
        assert!(assumed(&ran, PLAIN), "{name}: {ran:?}");
    }
    assert!(world.fake.calls_of("AssumeRole").len() <= 1, "the second had it from rolo's cache");
}

#[test]
fn a_credential_process_that_needs_a_person_tells_the_aws_cli_so() {
    let world = World::new();
    world.add_config(&format!(
        "\n[profile via]\ncredential_process = {ROLO} process prod\nregion = eu-central-1\n"
    ));
    for name in CLIS {
        let Some(aws) = tools::find(name) else { continue };
        let ran = run(&mut identity(&world, &aws, &["--profile", "via"]));
        assert_ne!(ran.code, 0, "{name}: {ran:?}");
        // botocore shows a failed process's standard error as the reason.
        assert!(ran.stderr.contains("an MFA code for") && ran.stderr.contains("hint:"), "{name}: {ran:?}");
    }
}

/// The lines of `who.py`, one for each time it asked.
fn boto3(world: &World, words: &[&str]) -> Option<Vec<Value>> {
    let python = tools::find("python")?;
    let script = beside("python/who.py");
    let ran = run(&mut world.tool(&python, &[&[script.as_str()], words].concat())).ok();
    Some(ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn boto3_asks_the_credential_process_again_when_credentials_end() {
    let world = World::new();
    through_credential_process(&world);
    world.fake.fault(Fault::lifetime(6).on("AssumeRole"));
    let Some(asked) = boto3(&world, &["via", "expired", "again"]) else { return };
    let assumed = world.fake.calls_of("AssumeRole");
    let issued: Vec<_> = assumed.iter().map(|call| json!(call.issued)).collect();
    let used: Vec<_> = asked.iter().map(|line| line["key"].clone()).collect();
    assert_eq!(issued.len(), 2, "{asked:?}");
    assert_eq!(used, [issued[0].clone(), issued[1].clone(), issued[1].clone()]);
    assert!(asked.iter().all(|line| line["method"] == "custom-process"), "{asked:?}");
}

#[test]
fn the_aws_cli_runs_in_what_exec_hands_over() {
    let world = World::new();
    for name in CLIS {
        let Some(aws) = tools::find(name) else { continue };
        let mut direct = identity(&world, &aws, &[]);
        let words: Vec<String> = direct.get_args().map(|word| word.to_str().unwrap().to_owned()).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ran = run(&mut world.command(&[&["exec", "plain", "--"], &words[..]].concat())).ok();
        assert!(assumed(&ran, PLAIN), "{name}: {ran:?}");
        // Without rolo there is nothing it could have used.
        assert_ne!(run(&mut direct).code, 0, "{name}");
    }
}

#[test]
fn boto3_knows_when_what_exec_hands_over_expires() {
    let Some(python) = tools::find("python") else { return };
    let world = World::new();
    let expires = run(&mut world.command(&["process", "plain"])).ok().json()["Expiration"].clone();
    let expires: jiff::Timestamp = expires.as_str().unwrap().parse().unwrap();
    let script = beside("python/who.py");
    let program = python.get_program().to_str().unwrap();
    let who = |profile: &str| {
        let mut command = world.command(&["exec", profile, "--", program, &script, "-"]);
        // Beside new keys, an old expiry would make botocore fail.
        run(command.env("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z")).ok().json()
    };
    let dev = who("plain");
    assert_eq!((&dev["method"], &dev["expires"]), (&json!("env"), &json!(expires.as_second())));
    assert_eq!(who("identity")["expires"], Value::Null, "an IAM user's keys do not expire");
}
