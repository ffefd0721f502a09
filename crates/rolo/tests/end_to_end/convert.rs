//! `rolo convert`: what the AWS CLI and endpoints print, turned into an environment; and what is none of it.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use expectrl::{ControlCode, Expect};
use fake_aws::{Role, Trust, WebIdentity};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    terminal::rest,
    tools,
    world::{Ran, STAGING, World, aws, run},
};

const SECRET: &str = "hunter2/hunter2+hunter2";
const TOKEN: &str = "FwoGZXIvYXdzEHUaDPtoken+with/everything==";

/// What AssumeRole answers, as the AWS CLI prints it.
fn assumed() -> Value {
    json!({
        "Credentials": {
            "AccessKeyId": "ASIAEXAMPLE",
            "SecretAccessKey": SECRET,
            "SessionToken": TOKEN,
            "Expiration": "2099-11-21T04:14:05+00:00",
        },
        "AssumedRoleUser": {
            "AssumedRoleId": "AROAEXAMPLE:ada",
            "Arn": "arn:aws:sts::333344445555:assumed-role/Admin/ada",
        },
    })
}

/// What a build system has in place of keys.
fn pipeline() -> WebIdentity {
    WebIdentity {
        token: "header.claims.signature".to_owned(),
        issuer: "https://build.example.com".to_owned(),
        audience: "sts.amazonaws.com".to_owned(),
        subject: "repo:main".to_owned(),
        expires_in: 3600,
    }
}

fn provider() -> String {
    format!("arn:aws:iam::{STAGING}:oidc-provider/build.example.com")
}

/// Runs a command of the program with `input` on its standard input.
fn fed(mut command: Command, input: &[u8]) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Whoever refuses its input need not read all of it.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap().into()
}

impl World {
    fn convert(&self, args: &[&str], input: &str) -> Ran {
        fed(self.command(&[&["convert"], args].concat()), input.as_bytes())
    }
}

#[track_caller]
fn refused(ran: Ran) -> String {
    let stderr = ran.failed(3);
    assert!(!stderr.contains("hunter2") && !stderr.contains("FwoG"), "{stderr}");
    stderr
}

#[test]
fn every_answer_of_sts_that_the_aws_cli_prints_becomes_an_environment() {
    for name in ["aws-v1", "aws-v2"] {
        let Some(cli) = tools::find(name) else { continue };
        let mut world = World::of(
            aws()
                .web_identity(pipeline())
                .role(Role::new(STAGING, "Ci").trusts(Trust::federated(&provider()))),
        );
        world.set("LC_ALL", "C.UTF-8");
        let code = world.fake.mfa_code("ada");
        for (words, who) in [
            (
                "assume-role --role-arn arn:aws:iam::222233334444:role/Plain --role-session-name ada".to_owned(),
                "arn:aws:sts::222233334444:assumed-role/Plain/ada",
            ),
            (
                format!("get-session-token --serial-number arn:aws:iam::111122223333:mfa/ada --token-code {code}"),
                "arn:aws:iam::111122223333:user/ada",
            ),
            (
                format!(
                    "assume-role-with-web-identity --role-arn arn:aws:iam::{STAGING}:role/Ci --role-session-name run \
                     --web-identity-token {}",
                    pipeline().token
                ),
                "arn:aws:sts::222233334444:assumed-role/Ci/run",
            ),
            (
                "get-federation-token --name guest".to_owned(),
                "arn:aws:sts::111122223333:federated-user/guest",
            ),
            (
                "assume-role --role-arn arn:aws:iam::222233334444:role/Plain --role-session-name ada --query Credentials"
                    .to_owned(),
                "arn:aws:sts::222233334444:assumed-role/Plain/ada",
            ),
        ] {
            let url = world.fake.url();
            let program = cli.get_program().to_str().unwrap();
            let line = format!(
                "export AWS_CREDENTIAL_EXPIRATION=2020-01-01T00:00:00Z AWS_REGION=eu-west-1
                eval \"$({program} --profile identity --endpoint-url {url} --output json sts {words} | rolo convert)\"
                rolo whoami --json"
            );
            assert_eq!(world.shell(&line).json()["Arn"], who, "{name}: {words}");
        }
    }
}

#[test]
fn the_output_of_rolo_and_of_endpoints_is_read_too() {
    let world = World::new();
    let printed = world.rolo(&["process", "plain"]).quiet();
    assert_eq!(world.convert(&["--format", "process"], &printed).quiet(), printed);
    let endpoint = json!({
        "Code": "Success",
        "LastUpdated": "2026-11-21T03:14:05Z",
        "Type": "AWS-HMAC",
        "AccessKeyId": "ASIAEXAMPLE",
        "SecretAccessKey": SECRET,
        "Token": TOKEN,
        "Expiration": "2099-11-21T04:14:05Z",
    });
    let expected = world.convert(&["--format", "env"], &assumed().to_string()).quiet();
    assert_eq!(world.convert(&["--format", "env"], &endpoint.to_string()).quiet(), expected);
    assert_eq!(
        expected,
        format!(
            "AWS_ACCESS_KEY_ID=ASIAEXAMPLE\nAWS_SECRET_ACCESS_KEY={SECRET}\nAWS_SESSION_TOKEN={TOKEN}\n\
             AWS_CREDENTIAL_EXPIRATION=2099-11-21T04:14:05Z\n"
        )
    );
}

#[test]
fn stale_variables_go_and_settings_stay() {
    let world = World::new();
    world.write("answer.json", &assumed().to_string());
    for eval in [r#"eval "$(rolo convert <answer.json)""#, "eval $(rolo convert <answer.json)"] {
        let ran = world.shell(&format!(
            "export AWS_PROFILE=prod AWS_SECURITY_TOKEN=old AWS_VAULT=x AWS_ACCOUNT_ID=1 AWS_SESSION_TOKEN=old
            export AWS_REGION=eu-west-1 AWS_DEFAULT_OUTPUT=text ROLO_PROFILE=dev AWSUME_PROFILE=dev
            {eval}
            env | grep -E '^(AWS|ROLO)' | grep -v ENDPOINT | sort"
        ));
        assert_eq!(
            ran.quiet(),
            format!(
                "AWS_ACCESS_KEY_ID=ASIAEXAMPLE\nAWS_CREDENTIAL_EXPIRATION=2099-11-21T04:14:05Z\n\
                 AWS_DEFAULT_OUTPUT=text\nAWS_EC2_METADATA_DISABLED=true\nAWS_REGION=eu-west-1\n\
                 AWS_SECRET_ACCESS_KEY={SECRET}\nAWS_SESSION_TOKEN={TOKEN}\n"
            ),
            "{eval}"
        );
    }
}

#[test]
fn what_cannot_be_unset_is_told_and_a_section_has_its_name() {
    let mut world = World::new();
    world.set("AWS_PROFILE", "prod");
    let input = assumed().to_string();
    let ran = world.convert(&["--format", "ini", "--as", "ci"], &input);
    assert!(ran.stdout.starts_with("[ci]\naws_access_key_id = ASIAEXAMPLE\n"), "{ran:?}");
    assert_eq!(ran.warned(), "warning: format `ini` cannot unset `AWS_PROFILE`: unset it yourself\n");
    let ran = world.convert(&["-q", "--format", "ini"], &input);
    assert!(ran.quiet().starts_with("[default]\n"));
}

#[test]
fn expired_credentials_are_converted_with_a_warning() {
    let world = World::new();
    let mut answer = assumed();
    answer["Credentials"]["Expiration"] = json!("2020-01-02T03:04:05Z");
    let ran = world.convert(&["--format", "env"], &answer.to_string());
    assert!(ran.stdout.contains("AWS_CREDENTIAL_EXPIRATION=2020-01-02T03:04:05Z\n"), "{ran:?}");
    assert_eq!(ran.warned(), "warning: these credentials expired at 2020-01-02T03:04:05Z\n");
}

#[test]
fn what_is_no_answer_is_refused_without_a_part_of_it() {
    let world = World::new();
    insta::assert_snapshot!(refused(world.convert(&[], "")), @r"
    error: standard input gave no usable credentials: it is empty
    hint: give it the JSON of `aws sts assume-role` or the like (`--output json`); if that command failed, it has said why
    ");
    for (input, said) in [
        (format!("Credentials\t{SECRET}"), "it is no JSON, from line 1 column 1 on"),
        (format!("{{\"SecretAccessKey\": {SECRET}}}"), "it is no JSON, from line 1 column 21 on"),
        (json!({ "Message": SECRET }).to_string(), "there are no credentials in it"),
        (json!({ "SecretAccessKey": SECRET }).to_string(), "`AccessKeyId` is missing"),
        (
            json!({ "Credentials": { "AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": SECRET } }).to_string(),
            "`SessionToken` is missing",
        ),
        (
            json!({ "Version": 2, "AccessKeyId": "AKIAEXAMPLE", "SecretAccessKey": SECRET }).to_string(),
            "`Version` is not the number 1",
        ),
        (assumed().to_string().replace("2099-11-21T04:14:05+00:00", SECRET), "`Expiration` is no time"),
        (assumed().to_string() + &assumed().to_string(), "it is no JSON"),
        (format!("{}{}", " ".repeat(1 << 20), assumed()), "more than 1048576 bytes"),
    ] {
        let stderr = refused(world.convert(&[], &input));
        assert!(stderr.contains(said), "{said}: {stderr}");
    }
    let utf16: Vec<u8> = assumed().to_string().encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(refused(fed(world.command(&["convert"]), b"\xff\xfe")).contains("no UTF-8 text"));
    refused(fed(world.command(&["convert"]), &utf16));
    // A folder can be opened and not read.
    let mut folder = world.command(&["convert"]);
    folder.stdin(std::fs::File::open(world.path("")).unwrap());
    assert!(run(folder).failed(1).contains("standard input could not be read"));
}

#[test]
fn an_answer_that_breaks_off_anywhere_gives_nothing() {
    let world = World::new();
    let whole = serde_json::to_string_pretty(&assumed()).unwrap();
    for end in 1..whole.len() {
        let stderr = refused(world.convert(&[], &whole[..end]));
        assert!(stderr.contains("the JSON breaks off before its end"), "{end}: {stderr}");
    }
    world.convert(&[], &whole).quiet();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// One byte of an answer is another: it may be an answer still, but it is never a half.
    #[test]
    fn a_damaged_answer_gives_all_or_nothing(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let world = &*WORLD;
        let mut input = assumed().to_string().into_bytes();
        let at = at.index(input.len());
        input[at] = byte;
        let ran = fed(world.command(&["convert", "--format", "env"]), &input);
        if ran.code == 0 {
            let names: Vec<_> = ran.stdout.lines().filter_map(|line| line.split('=').next()).collect();
            prop_assert!(names.starts_with(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]), "{:?}", ran);
        } else {
            prop_assert!(ran.stdout.is_empty() && !ran.stderr.contains("hunter2"), "{:?}", ran);
        }
    }
}

static WORLD: std::sync::LazyLock<World> = std::sync::LazyLock::new(World::new);

#[test]
fn at_a_terminal_it_says_what_it_waits_for() {
    let world = World::new();
    let mut session = world.in_terminal("rolo convert --format env; echo \"status $?\"");
    session.expect("waiting for JSON on standard input, which is the terminal; Ctrl-D ends it").unwrap();
    session.send_line(json!({ "AccessKeyId": "AKIAEXAMPLE", "SecretAccessKey": "x" }).to_string()).unwrap();
    session.send(ControlCode::EndOfTransmission).unwrap();
    session.expect("AWS_ACCESS_KEY_ID=AKIAEXAMPLE").unwrap();
    assert!(rest(&mut session).contains("status 0"));
}
