//! The AWS CLI, versions 1 and 2, and boto3: what rolo caches serves them, and the other way round.

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

use fake_aws::Fault;
use serde_json::{Value, json};

use crate::{
    home::{ADMIN, DEVELOPER, Home, ROLO, Ran, beside, run, start},
    tools,
};

const CLIS: [&str; 2] = ["aws-v1", "aws-v2"];
const CLI_CACHE: &str = ".aws/cli/cache";

/// `aws WORDS sts get-caller-identity`.
fn identity(home: &Home, aws: &Command, words: &[&str]) -> Command {
    send_to_fake(home);
    // Version 2 of Debian is older than the variable.
    let url = home.fake.url();
    let call = ["--endpoint-url", &url, "--output", "json", "sts", "get-caller-identity"];
    home.tool(aws, &[words, &call].concat())
}

/// botocore takes rules for endpoints from the home before its own: so the calls that an old AWS CLI makes by itself
/// come to the fake too.
fn send_to_fake(home: &Home) {
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
            "endpoint": { "url": home.fake.url(), "properties": {}, "headers": {} },
            "type": "endpoint",
        }],
    });
    home.write(".aws/models/sts/2011-06-15/endpoint-rule-set-1.json", &rules.to_string());
}

fn assumed(ran: &Ran, role_arn: &str) -> bool {
    let role = role_arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/");
    ran.json()["Arn"].as_str().unwrap().starts_with(&role)
}

#[test]
fn a_role_cached_by_rolo_serves_the_aws_cli_without_a_code() {
    let home = Home::new();
    run(&mut home.rolo_with_code(&["process", "prod"])).ok();
    assert_eq!(home.new_calls(), ["GetSessionToken", "AssumeRole"]);
    for name in CLIS {
        let Some(aws) = tools::find(name) else { continue };
        let ran = run(&mut identity(&home, &aws, &["--profile", "prod"])).ok();
        assert!(assumed(&ran, ADMIN), "{name}: {ran:?}");
        assert_eq!(home.new_calls(), ["GetCallerIdentity"], "{name}");
    }
}

#[test]
fn a_role_assumed_by_the_aws_cli_serves_rolo_without_a_call() {
    for name in CLIS {
        let Some(aws) = tools::find(name) else { continue };
        let home = Home::new();
        // Without a terminal the CLI reads the code from standard input.
        let mut cli = start(identity(&home, &aws, &["--profile", "prod"]).stdin(Stdio::piped()));
        writeln!(cli.stdin.take().unwrap(), "{}", home.fake.mfa_code("ada")).unwrap();
        let ran = Ran::from(cli.wait_with_output().unwrap()).ok();
        assert!(assumed(&ran, ADMIN), "{name}: {ran:?}");
        let assume = home.fake.calls_of("AssumeRole");
        home.fake.clear_calls();

        let ran = run(&mut home.rolo(&["process", "prod"])).ok();
        assert_eq!(home.new_calls(), [""; 0], "{name}");
        assert_eq!(assume[0].issued, Some(ran.key()), "{name}: it is what the CLI got");
    }
}

#[test]
fn a_narrowed_role_never_meets_the_cache_of_the_aws_cli() {
    let home = Home::new();
    let narrowed = run(&mut home.rolo_with_code(&["process", "--read-only", "prod"])).ok();
    assert!(home.files(CLI_CACHE).is_empty(), "{:?}", home.files(CLI_CACHE));
    let calls = home.fake.calls_of("AssumeRole");
    assert_eq!(calls[0].param("PolicyArns.member.1.arn"), Some("arn:aws:iam::aws:policy/ReadOnlyAccess"));

    let full = run(&mut home.rolo(&["process", "prod"])).ok();
    assert_ne!(narrowed.key(), full.key());
    let shared = home.files(CLI_CACHE);
    assert_eq!(shared.len(), 1);
    assert!(String::from_utf8_lossy(&shared[0].1).contains(&full.key()));

    // Only the CLI's cache is left to answer.
    fs::remove_dir_all(home.path(".cache/rolo")).unwrap();
    home.fake.clear_calls();
    let words = ["process", "--no-mfa-session", "--read-only", "prod", "--mfa-code"];
    let again = run(&mut home.rolo(&[&words[..], &[&home.fake.next_mfa_code("ada")]].concat())).ok();
    assert_eq!(home.new_calls(), ["AssumeRole"]);
    assert_ne!(again.key(), full.key());
    assert_eq!(home.files(CLI_CACHE), shared, "the CLI's entry is as it was");
    assert_eq!(run(&mut home.rolo(&["process", "prod"])).ok().key(), full.key());
}

/// A config in which `via` has its credentials from `rolo process dev`, by a path with a blank in it.
fn through_credential_process(home: &Home) {
    let folder = home.path("my tools");
    fs::create_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink(ROLO, folder.join("rolo")).unwrap();
    let program = folder.join("rolo");
    home.configure(&format!(
        "\n[profile via]\ncredential_process = \"{}\" process --profile dev\nregion = eu-central-1\n",
        program.display()
    ));
}

#[test]
fn the_aws_cli_has_its_credentials_through_a_credential_process() {
    let home = Home::new();
    through_credential_process(&home);
    for name in CLIS {
        let Some(aws) = tools::find(name) else { continue };
        let ran = run(&mut identity(&home, &aws, &["--profile", "via"])).ok();
        assert!(assumed(&ran, DEVELOPER), "{name}: {ran:?}");
    }
    assert!(home.fake.calls_of("AssumeRole").len() <= 1, "the second had it from rolo's cache");
}

#[test]
fn a_credential_process_that_needs_a_person_tells_the_aws_cli_so() {
    let home = Home::new();
    home.configure(&format!(
        "\n[profile via]\ncredential_process = {ROLO} process prod\nregion = eu-central-1\n"
    ));
    for name in CLIS {
        let Some(aws) = tools::find(name) else { continue };
        let ran = run(&mut identity(&home, &aws, &["--profile", "via"]));
        assert_ne!(ran.code, Some(0), "{name}: {ran:?}");
        // botocore shows a failed process's standard error as the reason.
        assert!(ran.err.contains("an MFA code for") && ran.err.contains("hint:"), "{name}: {ran:?}");
    }
}

/// The lines of `who.py`, one for each time it asked.
fn boto3(home: &Home, words: &[&str]) -> Option<Vec<Value>> {
    let python = tools::find("python")?;
    let script = beside("python/who.py");
    let ran = run(&mut home.tool(&python, &[&[script.as_str()], words].concat())).ok();
    Some(ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn boto3_asks_the_credential_process_again_when_credentials_end() {
    let home = Home::new();
    through_credential_process(&home);
    let least = 3;
    home.fake.fault(Fault::lifetime(least).on("AssumeRole"));
    let Some(asked) = boto3(&home, &["via", "3.2", "0"]) else { return };
    let assumed = home.fake.calls_of("AssumeRole");
    let issued: Vec<_> = assumed.iter().map(|call| json!(call.issued)).collect();
    let used: Vec<_> = asked.iter().map(|line| line["key"].clone()).collect();
    assert_eq!(issued.len(), 2, "{asked:?}");
    assert_eq!(used, [issued[0].clone(), issued[1].clone(), issued[1].clone()]);
    assert!(asked.iter().all(|line| line["method"] == "custom-process"), "{asked:?}");
}

#[test]
fn the_aws_cli_runs_in_what_exec_hands_over() {
    let home = Home::new();
    for name in CLIS {
        let Some(aws) = tools::find(name) else { continue };
        let mut direct = identity(&home, &aws, &[]);
        let words: Vec<String> = direct.get_args().map(|word| word.to_str().unwrap().to_owned()).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ran = run(&mut home.rolo(&[&["exec", "dev", "--"], &words[..]].concat())).ok();
        assert!(assumed(&ran, DEVELOPER), "{name}: {ran:?}");
        // Without rolo there is nothing it could have used.
        assert_ne!(run(&mut direct).code, Some(0), "{name}");
    }
}

#[test]
fn boto3_knows_when_what_exec_hands_over_expires() {
    let Some(python) = tools::find("python") else { return };
    let home = Home::new();
    let expires = run(&mut home.rolo(&["process", "dev"])).ok().json()["Expiration"].clone();
    let expires: jiff::Timestamp = expires.as_str().unwrap().parse().unwrap();
    let script = beside("python/who.py");
    let program = python.get_program().to_str().unwrap();
    let who = |profile: &str| {
        let mut command = home.rolo(&["exec", profile, "--", program, &script, "-"]);
        // Beside new keys, an old expiry would make botocore fail.
        run(command.env("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z")).ok().json()
    };
    let dev = who("dev");
    assert_eq!((&dev["method"], &dev["expires"]), (&json!("env"), &json!(expires.as_second())));
    assert_eq!(who("base")["expires"], Value::Null, "an IAM user's keys do not expire");
}
