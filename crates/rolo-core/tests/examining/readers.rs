//! Where other tools read the files differently: each check with the lines that show it, and what shows nothing.

use serde_json::Value;

use crate::world::{World, codes, render};

const CONFIG: &str = "/home/ada/.aws/config";
const CREDENTIALS: &str = "/home/ada/.aws/credentials";

/// Recorded inputs whose difference another family tells: comments behind values, sections nobody reads, one name in two
/// spellings.
const OF_OTHERS: [&str; 3] =
    ["inline # comment after a blank", "[ default ] with blanks", "profile p and profile \"p\""];

/// Healthy, and the same to every tool.
const PLAIN: &str = "\
# mine

[default]
region = eu-west-1

[profile dev]
role_arn = arn:aws:iam::222233334444:role/Dev
source_profile = base
region = eu-central-1
s3 =
  max_concurrent_requests = 20

; not indented
[profile base] # keys
[sso-session corp]
sso_region = eu-west-1
[services local]
sts =
  endpoint_url = http://127.0.0.1:4566
";

fn told(config: &str) -> String {
    let findings = World::new(config).findings("R160", "R189");
    assert!(findings.iter().all(|finding| !finding.remedy.is_empty()));
    render(&findings)
}

/// Code and line of each finding in the config file.
fn lines(config: &str) -> Vec<String> {
    places(&World::new(config), CONFIG)
}

fn places(world: &World, file: &str) -> Vec<String> {
    let findings = world.findings("R160", "R189");
    let place = |finding: &rolo_core::doctor::Finding| {
        let lines = finding.locations.iter().filter(|at| at.path.as_os_str() == file);
        let lines: Vec<String> = lines.map(|at| at.line.to_string()).collect();
        format!("{} {}", finding.check.code, lines.join(","))
    };
    findings.iter().map(place).collect()
}

#[test]
fn what_all_tools_read_alike_shows_nothing() {
    assert_eq!(told(PLAIN), "");
    let keys = "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n[a.b-c/d@e+f:g%h_1]\nregion = x\n";
    assert_eq!(places(&World::new(PLAIN).file(CREDENTIALS, keys), CREDENTIALS), Vec::<String>::new());
    assert_eq!(told(&PLAIN.replace('\n', "\r\n")), "");
    assert_eq!(told(""), "");
}

#[test]
fn settings_of_roles_that_sdks_do_not_read() {
    let config = "\
[profile p]
role_arn = arn:aws:iam::222233334444:role/P
source_profile = base
mfa_serial = arn:aws:iam::111122223333:mfa/ada
duration_seconds = 7200
session_tags = Team=blue
source_identity = ada
";
    assert_eq!(
        told(config),
        "R160 SDKs such as Rust's do not read `mfa_serial` and take on the role without MFA\n  \
           at /home/ada/.aws/config:4\n  \
           -> start programs by `rolo exec PROFILE`, or give them a profile with `credential_process = rolo process PROFILE`\n\
         R162 SDKs such as Rust's do not read `duration_seconds`: their sessions last an hour\n  \
           at /home/ada/.aws/config:5\n  \
           -> start programs by `rolo exec PROFILE`, or give them a profile with `credential_process = rolo process PROFILE`\n\
         R163 `session_tags` is read by rolo and aws-vault alone; other tools take on the role without it\n  \
           at /home/ada/.aws/config:6\n  \
           -> start programs by `rolo exec PROFILE`, or give them a profile with `credential_process = rolo process PROFILE`\n\
         R163 `source_identity` is read by rolo and aws-vault alone; other tools take on the role without it\n  \
           at /home/ada/.aws/config:7\n  \
           -> start programs by `rolo exec PROFILE`, or give them a profile with `credential_process = rolo process PROFILE`\n"
    );
    let key = "[profile k]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\nmfa_serial = GAHT12345678\n";
    assert_eq!(lines(key), ["R161 4"]);
    assert_eq!(
        lines("[profile k]\nmfa_serial = GAHT12345678\nduration_seconds = 900\n"),
        Vec::<String>::new()
    );
    assert_eq!(lines("[profile k]\nrole_arn = x\nsource_profile = k\nmfa_serial =\n"), Vec::<String>::new());
}

#[test]
fn what_only_aws_vault_inherits() {
    let config = "[profile base]\nregion = r\n[profile p]\ninclude_profile = base\n[profile q]\nparent_profile = nobody\n";
    assert_eq!(
        told(config),
        "R164 `include_profile` is read by aws-vault alone: no setting of `base` counts here\n  \
           at /home/ada/.aws/config:4\n  \
           -> copy the settings that are wanted from profile `base`\n\
         R164 `parent_profile` is read by aws-vault alone: no setting of `nobody` counts here\n  \
           at /home/ada/.aws/config:6\n  \
           -> remove the line: there is no such profile\n"
    );
    let region = "[default]\nregion = eu-west-1\n[profile p]\nrole_arn = x\nsource_profile = default\n[profile k]\noutput = json\n";
    assert_eq!(
        told(region),
        "R165 the profile has no region, and that of `[default]` does not count for it but in aws-vault\n  \
           at /home/ada/.aws/config:3\n  \
           at /home/ada/.aws/config:2\n  \
           -> add `region = eu-west-1` to the profile, if that is meant\n"
    );
    let with_variable = World::new(region).vars(&[("AWS_REGION", "x"), ("AWS_DEFAULT_REGION", "x")]);
    assert_eq!(codes(&with_variable.findings("R160", "R189")), "", "the variable counts for all");
}

#[test]
fn old_names_of_settings() {
    let key = "[profile p]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\naws_security_token = old-secret\n";
    assert!(told(key).starts_with("R166 SDKs do not read `aws_security_token`"), "{}", told(key));
    let both = format!("{key}aws_session_token = new-secret\n");
    assert!(told(&both).contains("differ"), "{}", told(&both));
    assert!(!told(&both).contains("secret`") && !told(&both).contains("-secret"), "{}", told(&both));
    assert_eq!(told(&format!("{key}aws_session_token = old-secret\n")), "");
    assert_eq!(lines("[profile p]\nsts_regional_endpoints = legacy\n"), ["R168 2"]);
    assert_eq!(lines("[profile p]\nsts_regional_endpoints = regional\n"), Vec::<String>::new());
}

#[test]
fn commands_for_a_shell() {
    assert_eq!(
        told("[profile p]\ncredential_process = ~/bin/keys p\n"),
        "R167 the command has a `~`, which only a shell understands; the AWS CLI and rolo start it without one\n  \
           at /home/ada/.aws/config:2\n  \
           -> write the path in full, or `sh -c '…'` around the command\n"
    );
    assert_eq!(lines("[profile p]\ncredential_process = sh -c 'keys | jq .'\n"), Vec::<String>::new());
}

#[test]
fn variables_that_only_some_read() {
    let of = |pairs: &[(&'static str, &str)]| {
        let world = World::new(PLAIN).file("/home/ada/other", PLAIN).vars(pairs);
        render(&world.findings("R160", "R189"))
    };
    assert_eq!(
        of(&[("AWS_DEFAULT_PROFILE", "dev")]),
        "R169 only `AWS_DEFAULT_PROFILE` is set (`dev`), which SDKs other than boto3 do not read: they use `default`\n  \
           -> run `export AWS_PROFILE=\"$AWS_DEFAULT_PROFILE\"; unset AWS_DEFAULT_PROFILE`\n"
    );
    assert_eq!(of(&[("AWS_DEFAULT_PROFILE", "dev"), ("AWS_PROFILE", "dev")]), "");
    assert_eq!(
        of(&[("AWS_REGION", "us-east-1")]),
        "R170 only `AWS_REGION` is set (`us-east-1`), which AWS CLI v1 and boto3 do not read: to them the profile's region counts\n  \
           -> run `export AWS_DEFAULT_REGION=\"$AWS_REGION\"`\n"
    );
    assert_eq!(of(&[("AWS_REGION", "us-east-1"), ("ROLO_SET", "AWS_REGION=us-east-1")]), "", "rolo set it");
    assert_eq!(of(&[("AWS_DEFAULT_REGION", "us-east-1")]), "", "all read it");
    assert_eq!(
        of(&[("AWS_CONFIG_FILE", "$HOME/other")]),
        "R171 `AWS_CONFIG_FILE` is `$HOME/other`, which SDKs other than boto3 do not expand: they find no such file\n  \
           -> run `export AWS_CONFIG_FILE='/home/ada/other'`\n"
    );
    assert_eq!(of(&[("AWS_CONFIG_FILE", "~/other"), ("AWS_SHARED_CREDENTIALS_FILE", "/x$")]), "");
}

#[test]
fn lines_for_which_sdks_refuse_the_file() {
    for (config, expected) in [
        ("[profile p]\nregion: r\n", "R172 2"),
        ("[profile p]\nregion : a = b\n", "R172 2"),
        ("  [profile p]\nregion = r\n", "R173 1"),
        ("[profile p]\n  region = r\n  output = json\n[profile q]\n  region = r\n", "R173 2"),
        ("[profile p]\rregion = r\r", "R174 1"),
        ("[profile p] extra\nregion = r\n", "R175 1"),
        ("[profile p]\n  # c\nregion = r\n", "R176 2"),
        ("  # c\n[profile p]\nregion = r\n", "R176 1"),
        ("[profile p]\nregion = a\n  # c\n  b\n", "R176 3"),
        ("[profile p]\ns3 =\n  # c\n  a = b\n", "R176 3"),
        ("[profile p]\ns3 =\n  = b\n", "R177 3"),
        ("[profile p]\na: 1\nb: 2\nc: 3\nd: 4\ne: 5\n", "R172 2,3,4"),
    ] {
        assert_eq!(lines(config), [expected], "{config:?}");
    }
    for config in [
        "[profile p]#c\nregion = r\n",
        "[profile p]\nurl = http://a:1\n",
        "[profile p]\ns3 =\n  a = b # c\n  # x = y\n",
    ] {
        assert_eq!(lines(config), Vec::<String>::new(), "{config:?}");
    }
    assert_eq!(
        told("[profile p]\na: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf : 1 = 2\n"),
        "R172 a setting has `:` for its separator, for which SDKs such as Rust's refuse the whole file (2 more such lines)\n  \
           at /home/ada/.aws/config:2\n  at /home/ada/.aws/config:3\n  at /home/ada/.aws/config:4\n  \
           -> write `KEY = VALUE`\n\
         R172 a setting has `:` for its separator, so SDKs such as Rust's pass over it\n  \
           at /home/ada/.aws/config:7\n  \
           -> write `KEY = VALUE`\n"
    );
}

#[test]
fn headers_that_only_some_take() {
    for (config, expected) in [
        (
            "[profiles p]\n",
            "R178 `[profiles p]` is `[profile p]` to the AWS CLI, boto3 and rolo; other SDKs pass over it",
        ),
        (
            "[sso-sessions s]\n",
            "R178 `[sso-sessions s]` is `[sso-session s]` to the AWS CLI, boto3 and rolo; other SDKs pass over it",
        ),
        (
            "[DEFAULT]\nregion = r\n",
            "R180 the settings of `[DEFAULT]` count in every section to the AWS CLI, boto3 and rolo, and nowhere to other SDKs",
        ),
        ("[profile \"p\"]\n", "R181 the name is quoted, so SDKs such as Rust's pass over the section"),
        ("[profile 'a b']\n", "R181 the name is quoted, so SDKs such as Rust's pass over the section"),
        ("[profile a!]\n", "R181 the name has `!` in it, so SDKs such as Rust's pass over the section"),
        ("[profile zoë]\n", "R181 the name has `ë` in it, so SDKs such as Rust's pass over the section"),
        (
            "[profile a#b]\n",
            "R175 the header has text behind its bracket, or `#` or `;` in it, for which SDKs such as Rust's refuse the whole file",
        ),
    ] {
        let told = told(config);
        assert_eq!(told.lines().next(), Some(expected), "{config}");
        assert!(told.contains("config:1\n"), "{told}");
    }
    for (credentials, expected) in
        [("[ p ]\n", "R179 1"), ("[\"p\"]\n", "R179 1"), ("[a b]\n", "R181 1"), ("[DEFAULT]\n", "R180 1")]
    {
        let world = World::new("").file(CREDENTIALS, credentials);
        assert_eq!(places(&world, CREDENTIALS), [expected], "{credentials}");
    }
}

/// What botocore and the SDK for Rust were seen to make of odd inputs.
#[test]
fn every_recorded_difference_is_told_and_nothing_else() {
    let data: Value = serde_json::from_str(include_str!("../data/ini_quirks.json")).unwrap();
    for case in data["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let text = |file: &str| case[file].as_str().unwrap_or_default();
        let (botocore, sdk) = (&case["botocore"]["profiles"], &case["rust_sdk"]["profiles"]);
        // What botocore refuses is told as damage or as repeated.
        if botocore.is_null() || OF_OTHERS.contains(&name) {
            continue;
        }
        let findings =
            World::new(text("config")).file(CREDENTIALS, text("credentials")).findings("R172", "R181");
        assert_eq!(findings.is_empty(), botocore == sdk, "{name}: {}", render(&findings));
    }
}
