//! `rolo explain`: what a run would do and why, without a call and without a trace.

use std::{collections::BTreeMap, fs};

use serde_json::Value;

use crate::world::World;

/// Every file of the home with what is in it.
fn snapshot(world: &World) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    world.files(".").into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// `rolo explain ARGS…`, which must call nobody, write nothing, and show no secret.
fn explain(world: &World, args: &[&str]) -> crate::world::Ran {
    let before = snapshot(world);
    world.calls();
    let ran = world.rolo(&[&["explain"], args].concat());
    assert_eq!(world.calls(), [""; 0], "{args:?}");
    assert!(snapshot(world) == before, "{args:?} left something: {:?}", snapshot(world).keys());
    for user in ["ada", "bob"] {
        let secret = world.fake.user_keys(user).secret;
        assert!(!format!("{ran:?}").contains(&secret), "{args:?}");
    }
    ran
}

fn json(world: &World, args: &[&str]) -> Value {
    explain(world, &[args, &["--json"]].concat()).json()
}

/// The calls that are made now, as the fake logs them: action, key, region and parameters.
fn planned(explained: &Value) -> Vec<Value> {
    let calls = explained["calls"].as_array().unwrap().iter();
    calls.filter(|call| call["made_now"] == true).cloned().collect()
}

/// Runs `args` and holds what was planned against what was called.
fn agrees(world: &World, args: &[&str], secrets: &[(&str, &str)]) {
    let planned = planned(&json(world, args));
    world.fake.clear_calls();
    let code: Vec<&str> = secrets
        .iter()
        .filter(|(name, _)| *name == "TokenCode")
        .flat_map(|(_, code)| ["--mfa-code", code])
        .collect();
    world.rolo(&[&["process"], args, &code].concat()).keys();
    let made = world.fake.calls();
    assert_eq!(
        planned.iter().map(|call| call["action"].as_str().unwrap()).collect::<Vec<_>>(),
        made.iter().map(|call| call.action.as_str()).collect::<Vec<_>>(),
        "{args:?}"
    );
    let mut issued: Vec<String> = Vec::new();
    for (planned, made) in planned.iter().zip(&made) {
        let parameters: BTreeMap<&str, &str> = planned["parameters"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| {
                let value = value.as_str().unwrap();
                let secret = secrets.iter().find(|(secret, _)| secret == name).map(|(_, value)| *value);
                (name.as_str(), secret.filter(|_| value.starts_with('<')).unwrap_or(value))
            })
            .collect();
        let sent: BTreeMap<&str, &str> = made
            .params
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| !["Action", "Version"].contains(name))
            .collect();
        assert_eq!(parameters, sent, "{args:?} {}", made.action);
        assert_eq!(planned["signing_region"].as_str(), made.region.as_deref(), "{args:?}");
        let signed_by = &planned["signed_by"];
        let known = signed_by["access_key_id"].as_str().or(signed_by["cached_access_key_id"].as_str());
        let of_call = || issued.get(usize::try_from(signed_by["call"].as_u64()?).unwrap() - 1).cloned();
        let signer = known.map(str::to_owned).or_else(of_call);
        assert_eq!(signer, made.access_key_id, "{args:?} {}", made.action);
        issued.push(made.issued.clone().unwrap_or_default());
    }
}

#[test]
fn what_is_planned_is_what_is_called() {
    let world = World::new();
    let code = world.fake.mfa_code("ada");
    agrees(&world, &["audit"], &[]);
    agrees(
        &world,
        &["vendor", "--duration", "2h", "--tag", "team=a b", "--tag", "x=", "--region", "us-east-1"],
        &[],
    );
    agrees(
        &world,
        &[
            "plain",
            "--read-only",
            "--policy-arn",
            "arn:aws:iam::aws:policy/Other",
            "--source-identity",
            "ada",
            "--transitive-tag",
            "team",
            "--tag",
            "team=x",
        ],
        &[],
    );
    agrees(&world, &["prod"], &[("TokenCode", &code)]);
    // The session serves the second role.
    agrees(&world, &["dev", "--refresh"], &[]);
    agrees(
        &world,
        &["--role", "arn:aws:iam::222233334444:role/Plain", "--source-profile", "identity"],
        &[("RoleSessionName", "ada")],
    );
}

#[test]
fn a_profile_that_leads_nowhere_is_shown_as_far_as_it_goes() {
    let world = World::new();
    world.add_config(
        "[profile lost]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = nowhere\n",
    );
    let ran = explain(&world, &["lost"]);
    assert_eq!(ran.code, 3);
    insta::assert_snapshot!(ran.stdout, @r"
    lost
      now  fails before the first call: `source_profile` of profile `lost` names `nowhere`, which does not exist

    chain
      role Plain in 222233334444  profile `lost`  ~/.aws/config:40
        role_arn        arn:aws:iam::222233334444:role/Plain  ~/.aws/config:41
        source_profile  nowhere                               ~/.aws/config:42  <- the error
    ");
    insta::assert_snapshot!(ran.stderr, @r"
    error: `source_profile` of profile `lost` names `nowhere`, which does not exist
      at ~/.aws/config:42
    hint: run `rolo list` to see the profiles there are
    ");
    let ran = explain(&world, &["lost", "--json"]);
    assert_eq!(ran.code, 3);
    let told: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(told["chain"][0]["role_arn"], "arn:aws:iam::222233334444:role/Plain");
    assert!(told["error"]["text"].as_str().unwrap().contains("`nowhere`"), "{told}");
}

/// What differs from run to run and from machine to machine, told in words as long.
fn plain(world: &World, text: &str) -> String {
    let port = world.fake.url().replace(|c: char| c.is_ascii_digit(), "0");
    let mut text = text.replace(&world.fake.url(), &port);
    for user in ["ada", "bob"] {
        let id = world.fake.user_keys(user).id;
        text = text.replace(&id, &format!("{:-<width$}", format!("AKIA-{user}"), width = id.len()));
    }
    let host =
        String::from_utf8(std::process::Command::new("uname").arg("-n").output().unwrap().stdout).unwrap();
    let name = format!("ada@{}", host.trim().split('.').next().unwrap());
    let lines = text.lines().map(|line| {
        if line.contains(&name) {
            // Its length is the machine's, so the blanks behind it are too.
            let (before, after) = line.split_once(&name).unwrap();
            let gap = if after.trim().is_empty() { "" } else { "  " };
            return format!("{before}ada@HOST{gap}{}", after.trim_start());
        }
        if line.contains(" left") {
            line.split_inclusive(' ').map(settled).collect()
        } else {
            line.to_owned()
        }
    });
    let lines =
        lines.map(|line: String| line.split_inclusive(' ').map(without_ids).collect::<String>() + "\n");
    lines.collect()
}

/// A word without the time it tells.
fn settled(word: &str) -> String {
    let bare = word.trim_end_matches([' ', ',']);
    let is_length = bare.len() == 3 && bare.ends_with(['m', 'h']) && bare.as_bytes()[0].is_ascii_digit();
    if is_length || bare.starts_with("20") && bare.contains('Z') {
        return word.replace(|c: char| c.is_ascii_digit(), "0");
    }
    word.to_owned()
}

/// A word without names that are made up in each run.
fn without_ids(word: &str) -> String {
    match word.rsplit_once('/') {
        Some((folder, name)) if name.trim().len() == 45 && name.contains(".json") => {
            format!("{folder}/FILE.json")
        }
        _ if word.starts_with("ASIA") => "ASIA- ".to_owned(),
        _ => word.to_owned(),
    }
}

fn text(world: &World, args: &[&str]) -> String {
    plain(world, &explain(world, args).quiet())
}

/// The keys of all objects within, but for parameters: those are AWS's names.
fn keys_of(value: &Value, keys: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                keys.insert(key.clone());
                if !["parameters", "placeholders"].contains(&key.as_str()) {
                    keys_of(value, keys);
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| keys_of(value, keys)),
        _ => {}
    }
}

#[test]
fn every_key_of_the_json_is_documented() {
    let world = World::new();
    world.settings("cli_cache = \"write\"\n");
    world.add_config("[profile tool]\ncredential_process = x\n");
    let docs = include_str!("../../../../docs/explain.md");
    let mut keys = std::collections::BTreeSet::new();
    for profile in ["prod", "tool", "audit", "identity"] {
        keys_of(&json(&world, &[profile]), &mut keys);
    }
    keys_of(&world.rolo(&["explain", "identity", "--check", "--json"]).json(), &mut keys);
    keys_of(&json(&world, &["prod", "--diff", "dev"]), &mut keys);
    assert!(keys.len() > 40, "{keys:?}");
    for key in keys {
        assert!(docs.contains(&format!("`{key}`")), "{key} is not documented");
    }
}

#[test]
fn an_mfa_profile_before_its_code() {
    let world = World::new();
    insta::assert_snapshot!(text(&world, &["prod"]), @r"
    prod: role Admin in 333344445555, from key AKIA-ada------------ of `identity`
      now  2 calls, with a code, for which nobody can be asked here: give `--mfa-code CODE`

    chain
      key AKIA-ada------------  profile `identity`  ~/.aws/config:1
      │ aws_access_key_id      AKIA-ada------------  ~/.aws/credentials:2
      │ aws_secret_access_key  (secret)              ~/.aws/credentials:3
      └─ MFA session of arn:aws:iam::111122223333:mfa/ada, 12h
         │ code  nobody to ask here: run it at a terminal, or give `--mfa-code CODE`
         │ kept  rolo's cache: nothing
         └─ role Admin in 333344445555, 1h  profile `prod`  ~/.aws/config:7
              role_arn           arn:aws:iam::333344445555:role/Admin                   ~/.aws/config:8
              source_profile     identity                                               ~/.aws/config:9
              mfa_serial         arn:aws:iam::111122223333:mfa/ada                      ~/.aws/config:10
              role_session_name  ada@HOST  by default
              kept               nothing, neither in rolo's cache nor in the AWS CLI's
              limit              1h at most: it is taken on from an MFA session
                                   `duration_seconds` above 3600 lifts it: the code is then sent with the role

    settings
      region              eu-central-1            ~/.aws/config:11
      endpoint_url (sts)  http://000.0.0.0:00000  $AWS_ENDPOINT_URL

    calls
      1 sts GetSessionToken
        DurationSeconds  43200
        SerialNumber     arn:aws:iam::111122223333:mfa/ada
        TokenCode        would have to be asked, and there is no terminal
        at               http://000.0.0.0:00000, signed for eu-central-1
        signed by        key AKIA-ada------------                          ~/.aws/credentials:2
      2 sts AssumeRole
        RoleArn          arn:aws:iam::333344445555:role/Admin
        RoleSessionName  ada@HOST
        at               http://000.0.0.0:00000, signed for eu-central-1
        signed by        what call 1 gave

    good to know
      note R160: SDKs such as Rust's do not read `mfa_serial` and take on the role without MFA
        at ~/.aws/config:10 (`prod`)
        hint: start programs by `rolo exec PROFILE`, or give them a profile with `credential_process = rolo process PROFILE`
    ");
}

#[test]
fn an_mfa_profile_after_its_code() {
    let world = World::new();
    let code = world.fake.mfa_code("ada");
    world.rolo(&["process", "prod", "--mfa-code", &code]).keys();
    insta::assert_snapshot!(text(&world, &["prod"]), @r"
    prod: role Admin in 333344445555, from key AKIA-ada------------ of `identity`
      now  no call: rolo's cache has it, 00m left

    chain
      key AKIA-ada------------  profile `identity`  ~/.aws/config:1
      │ aws_access_key_id      AKIA-ada------------  ~/.aws/credentials:2
      │ aws_secret_access_key  (secret)              ~/.aws/credentials:3
      └─ MFA session of arn:aws:iam::111122223333:mfa/ada, 12h
         │ code  none now: what is taken on with it is cached
         │ kept  rolo's cache: good until 0000-00-00T00:00:00Z, 00h 00m left
         └─ role Admin in 333344445555, 1h  profile `prod`  ~/.aws/config:7
              role_arn           arn:aws:iam::333344445555:role/Admin                     ~/.aws/config:8
              source_profile     identity                                                 ~/.aws/config:9
              mfa_serial         arn:aws:iam::111122223333:mfa/ada                        ~/.aws/config:10
              role_session_name  ada@HOST  by default
              kept               rolo's cache: good until 0000-00-00T00:00:00Z, 00m left
                                   as arn:aws:sts::333344445555:assumed-role/Admin/ada@HOST
              kept               the AWS CLI's cache: good until 0000-00-00T00:00:00Z, 00m left
                                   ~/.aws/cli/cache/FILE.json
              limit              1h at most: it is taken on from an MFA session
                                   `duration_seconds` above 3600 lifts it: the code is then sent with the role

    settings
      region              eu-central-1            ~/.aws/config:11
      endpoint_url (sts)  http://000.0.0.0:00000  $AWS_ENDPOINT_URL

    calls, if nothing were cached
      1 sts GetSessionToken  not now: what it is for is cached
        DurationSeconds  43200
        SerialNumber     arn:aws:iam::111122223333:mfa/ada
        TokenCode        would have to be asked, and there is no terminal
        at               http://000.0.0.0:00000, signed for eu-central-1
        signed by        key AKIA-ada------------                          ~/.aws/credentials:2
      2 sts AssumeRole  not now: rolo's cache
        RoleArn          arn:aws:iam::333344445555:role/Admin
        RoleSessionName  ada@HOST
        at               http://000.0.0.0:00000, signed for eu-central-1
        signed by        what call 1 gave

    good to know
      note R160: SDKs such as Rust's do not read `mfa_serial` and take on the role without MFA
        at ~/.aws/config:10 (`prod`)
        hint: start programs by `rolo exec PROFILE`, or give them a profile with `credential_process = rolo process PROFILE`
    ");
    insta::assert_snapshot!(text(&world, &["dev"]), @r"
    dev: role Developer in 222233334444, from key AKIA-ada------------ of `identity`
      now  1 call

    chain
      key AKIA-ada------------  profile `identity`  ~/.aws/config:1
      │ aws_access_key_id      AKIA-ada------------  ~/.aws/credentials:2
      │ aws_secret_access_key  (secret)              ~/.aws/credentials:3
      └─ MFA session of arn:aws:iam::111122223333:mfa/ada, 12h
         │ code  none now: what is cached is good, 00h 00m left
         │ kept  rolo's cache: good until 0000-00-00T00:00:00Z, 00h 00m left
         └─ role Developer in 222233334444, 1h  profile `dev`  ~/.aws/config:13
              role_arn           arn:aws:iam::222233334444:role/Developer               ~/.aws/config:14
              source_profile     identity                                               ~/.aws/config:15
              mfa_serial         arn:aws:iam::111122223333:mfa/ada                      ~/.aws/config:16
              role_session_name  ada@HOST  by default
              kept               nothing, neither in rolo's cache nor in the AWS CLI's
              limit              1h at most: it is taken on from an MFA session
                                   `duration_seconds` above 3600 lifts it: the code is then sent with the role

    settings
      region              eu-west-1               ~/.aws/config:17
      endpoint_url (sts)  http://000.0.0.0:00000  $AWS_ENDPOINT_URL

    calls, if nothing were cached
      1 sts GetSessionToken  not now: rolo's cache
        DurationSeconds  43200
        SerialNumber     arn:aws:iam::111122223333:mfa/ada
        TokenCode        would have to be asked, and there is no terminal
        at               http://000.0.0.0:00000, signed for eu-west-1
        signed by        key AKIA-ada------------                          ~/.aws/credentials:2
      2 sts AssumeRole
        RoleArn          arn:aws:iam::222233334444:role/Developer
        RoleSessionName  ada@HOST
        at               http://000.0.0.0:00000, signed for eu-west-1
        signed by        what call 1 gave, now ASIA- of a cache

    good to know
      note R160: SDKs such as Rust's do not read `mfa_serial` and take on the role without MFA
        at ~/.aws/config:16 (`dev`)
        hint: start programs by `rolo exec PROFILE`, or give them a profile with `credential_process = rolo process PROFILE`
    ");
}

#[test]
fn a_chain_of_three() {
    let world = World::new();
    world.edit_config(
        "source_profile = hop\n",
        "source_profile = hop\nduration_seconds = 900\nexternal_id = partner\n",
    );
    insta::assert_snapshot!(text(&world, &["audit", "--tag", "team=core"]), @r"
    audit: role Audit in 333344445555, from key AKIA-ada------------ of `identity`
      now  2 calls

    chain
      key AKIA-ada------------  profile `identity`  ~/.aws/config:1
      │ aws_access_key_id      AKIA-ada------------  ~/.aws/credentials:2
      │ aws_secret_access_key  (secret)              ~/.aws/credentials:3
      └─ role Hop in 222233334444, 1h  profile `hop`  ~/.aws/config:24
         │ role_arn           arn:aws:iam::222233334444:role/Hop                     ~/.aws/config:25
         │ source_profile     identity                                               ~/.aws/config:26
         │ role_session_name  ada@HOST  by default
         │ kept               nothing, neither in rolo's cache nor in the AWS CLI's
         └─ role Audit in 333344445555, 15m  profile `audit`  ~/.aws/config:29
              role_arn           arn:aws:iam::333344445555:role/Audit                   ~/.aws/config:30
              source_profile     hop                                                    ~/.aws/config:31
              external_id        partner                                                ~/.aws/config:33
              role_session_name  ada@HOST  by default
              duration_seconds   900                                                    ~/.aws/config:32
              session_tags       team=core                                              --tag
              kept               rolo's cache: nothing
              kept               the AWS CLI's cache: not read: its key holds no session policy, tag or source identity
              limit              1h at most: it is taken on from temporary credentials
                                   only a role taken on with an IAM user's own key lasts longer

    settings
      region              eu-central-1            ~/.aws/config:34
      endpoint_url (sts)  http://000.0.0.0:00000  $AWS_ENDPOINT_URL

    calls
      1 sts AssumeRole
        RoleArn          arn:aws:iam::222233334444:role/Hop
        RoleSessionName  ada@HOST
        at               http://000.0.0.0:00000, signed for eu-central-1
        signed by        key AKIA-ada------------                         ~/.aws/credentials:2
      2 sts AssumeRole
        RoleArn              arn:aws:iam::333344445555:role/Audit
        RoleSessionName      ada@HOST
        DurationSeconds      900
        Tags.member.1.Key    team
        Tags.member.1.Value  core
        ExternalId           partner
        at                   http://000.0.0.0:00000, signed for eu-central-1
        signed by            what call 1 gave

    good to know
      note R162: SDKs such as Rust's do not read `duration_seconds`: their sessions last an hour
        at ~/.aws/config:32 (`audit`)
        hint: start programs by `rolo exec PROFILE`, or give them a profile with `credential_process = rolo process PROFILE`
    ");
}

#[test]
fn sources_of_other_kinds() {
    let world = World::new();
    world.add_config(
        "[profile reader]\nsso_session = corp\nsso_account_id = 222233334444\nsso_role_name = Reader\nregion = eu-west-1\n\
         [sso-session corp]\nsso_start_url = https://corp.example.com\nsso_region = us-east-1\n\
         [profile build]\nrole_arn = arn:aws:iam::222233334444:role/Build\nweb_identity_token_file = /run/token\nrole_session_name = build\n\
         [profile tool]\ncredential_process = /opt/get --token hunter2 --for dev\nregion = eu-west-1\n",
    );
    let failing = |profile: &str, code: i32| {
        let ran = explain(&world, &[profile]);
        assert_eq!(ran.code, code, "{ran:?}");
        plain(&world, &ran.stdout)
    };
    insta::assert_snapshot!(failing("reader", 4), @r"
    reader: role Reader in 222233334444, by the sign-in `corp`
      now  fails: nobody has signed in; sign in with `aws sso login --sso-session corp`

    chain
      role Reader in 222233334444, by the sign-in `corp`  profile `reader`  ~/.aws/config:40
        sso_session     corp                                                   ~/.aws/config:41
        sso_start_url   https://corp.example.com                               ~/.aws/config:46
        sso_region      us-east-1                                              ~/.aws/config:47
        sso_account_id  222233334444                                           ~/.aws/config:42
        sso_role_name   Reader                                                 ~/.aws/config:43
        kept            nothing, neither in rolo's cache nor in the AWS CLI's
        kept            the sign-in: none: nobody has signed in
                          ~/.aws/sso/cache/FILE.json

    settings
      region                   eu-west-1               ~/.aws/config:44
      endpoint_url (sso)       http://000.0.0.0:00000  $AWS_ENDPOINT_URL
      endpoint_url (sso_oidc)  http://000.0.0.0:00000  $AWS_ENDPOINT_URL

    calls
      1 sso GetRoleCredentials
        role_name    Reader
        account_id   222233334444
        accessToken  the sign-in of `corp`
        at           http://000.0.0.0:00000
        signed by    nobody: the token is the proof
    ");
    insta::assert_snapshot!(failing("build", 3), @r"
    build: role Build in 222233334444 by web identity
      now  1 call

    chain
      role Build in 222233334444 by web identity, 1h  profile `build`  ~/.aws/config:48
        web_identity_token_file  /run/token                                             ~/.aws/config:50
        role_arn                 arn:aws:iam::222233334444:role/Build                   ~/.aws/config:49
        role_session_name        build                                                  ~/.aws/config:51
        kept                     nothing, neither in rolo's cache nor in the AWS CLI's

    settings
      endpoint_url (sts)  http://000.0.0.0:00000  $AWS_ENDPOINT_URL

    calls
      1 sts AssumeRoleWithWebIdentity
        RoleArn           arn:aws:iam::222233334444:role/Build
        RoleSessionName   build
        WebIdentityToken  what stands in `/run/token`
        at                http://000.0.0.0:00000
        signed by         nobody: the token is the proof
    ");
    insta::assert_snapshot!(text(&world, &["tool"]), @r"
    tool: program `/opt/get --token … --for dev`
      now  a program is run

    chain
      program `/opt/get --token … --for dev`  profile `tool`  ~/.aws/config:52
        credential_process  /opt/get --token … --for dev  ~/.aws/config:53

    settings
      region              eu-west-1               ~/.aws/config:54
      endpoint_url (sts)  http://000.0.0.0:00000  $AWS_ENDPOINT_URL

    calls
      1 run `/opt/get --token … --for dev`
    ");
}

#[test]
fn keys_of_the_environment_beat_a_profile_that_only_a_variable_names() {
    let mut world = World::new();
    let keys = world.fake.user_keys("bob");
    world.set("AWS_PROFILE", "prod");
    world.set("AWS_DEFAULT_PROFILE", "dev");
    world.set("AWS_REGION", "us-east-1");
    world.set("AWS_ACCESS_KEY_ID", keys.id);
    world.set("AWS_SECRET_ACCESS_KEY", keys.secret);
    world.set("HTTPS_PROXY", "http://ada:hunter2@proxy.example.com:8080");
    let told = text(&world, &[]);
    assert!(!told.contains("hunter2"), "{told}");
    insta::assert_snapshot!(told, @r#"
    prod: key AKIA-bob------------
      profile  prod                                      $AWS_PROFILE
                 beats dev at $AWS_DEFAULT_PROFILE
      now      no call: the key is handed over as it is

    attention
      warning R080: `AWS_PROFILE` (`prod`) stands beside the access key, `AWS_ACCESS_KEY_ID`: AWS CLI and rolo take that, other tools the profile
        hint: run `unset AWS_PROFILE`, or, to use the profile, run `unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN`
      warning R081: `AWS_PROFILE` is `prod` and `AWS_DEFAULT_PROFILE` is `dev`: AWS CLI v1 and boto3 take the second, all others the first
        hint: run `unset AWS_DEFAULT_PROFILE`

    chain
      key AKIA-bob------------  $AWS_ACCESS_KEY_ID
        AWS_ACCESS_KEY_ID      AKIA-bob------------  $AWS_ACCESS_KEY_ID
                                 beats role_arn arn:aws:iam::333344445555:role/Admin at ~/.aws/config:8
        AWS_SECRET_ACCESS_KEY  (secret)              $AWS_SECRET_ACCESS_KEY

    settings
      region              us-east-1                            $AWS_REGION
                            beats eu-central-1 at ~/.aws/config:11
      endpoint_url (sts)  http://000.0.0.0:00000               $AWS_ENDPOINT_URL
      https_proxy         http://ada:…@proxy.example.com:8080  $HTTPS_PROXY

    good to know
      note R170: only `AWS_REGION` is set (`us-east-1`), which AWS CLI v1 and boto3 do not read: to them the profile's region counts
        hint: run `export AWS_DEFAULT_REGION="$AWS_REGION"`
      note R160: SDKs such as Rust's do not read `mfa_serial` and take on the role without MFA
        at ~/.aws/config:10 (`prod`)
        hint: start programs by `rolo exec PROFILE`, or give them a profile with `credential_process = rolo process PROFILE`
      note R096: `AWS_REGION` (`us-east-1`) replaces the `region` of profile `prod`
        at ~/.aws/config:11
        hint: to use theirs, run `unset AWS_REGION AWS_DEFAULT_REGION`
    "#);
    let named = json(&world, &["plain"]);
    let beaten: Vec<_> = named["profile"]["beats"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rival| rival["name"].as_str().unwrap())
        .collect();
    assert_eq!(beaten, ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID"]);
}

#[test]
fn a_role_without_a_profile() {
    let mut world = World::new();
    world.set("AWS_PROFILE", "identity");
    insta::assert_snapshot!(text(&world, &["222233334444:Plain"]), @r"
    222233334444:Plain: role Plain in 222233334444, from key AKIA-ada------------ of `identity`
      profile  identity  $AWS_PROFILE
      now      1 call

    chain
      key AKIA-ada------------  profile `identity`  ~/.aws/config:1
      │ aws_access_key_id      AKIA-ada------------  ~/.aws/credentials:2
      │ aws_secret_access_key  (secret)              ~/.aws/credentials:3
      └─ role Plain in 222233334444, 1h  the command line
           role_arn           arn:aws:iam::222233334444:role/Plain                   the command line
           role_session_name  ada@HOST  by default
           kept               nothing, neither in rolo's cache nor in the AWS CLI's

    settings
      region              eu-central-1            ~/.aws/config:2
      endpoint_url (sts)  http://000.0.0.0:00000  $AWS_ENDPOINT_URL

    calls
      1 sts AssumeRole
        RoleArn          arn:aws:iam::222233334444:role/Plain
        RoleSessionName  ada@HOST
        at               http://000.0.0.0:00000, signed for eu-central-1
        signed by        key AKIA-ada------------                         ~/.aws/credentials:2
    ");
    let role = ["--role", "arn:aws:iam::333344445555:role/Admin"];
    insta::assert_snapshot!(text(&world, &role), @r"
    arn:aws:iam::333344445555:role/Admin: role Admin in 333344445555, from key AKIA-ada------------ of `identity`
      profile  identity  $AWS_PROFILE
      now      2 calls, without MFA; if the role refuses, once more with the user's device

    chain
      key AKIA-ada------------  profile `identity`  ~/.aws/config:1
      │ aws_access_key_id      AKIA-ada------------  ~/.aws/credentials:2
      │ aws_secret_access_key  (secret)              ~/.aws/credentials:3
      └─ role Admin in 333344445555, 1h  --role
           role_arn           arn:aws:iam::333344445555:role/Admin                   --role
           role_session_name  the IAM user's name                                    by default
           kept               nothing, neither in rolo's cache nor in the AWS CLI's

    settings
      region              eu-central-1            ~/.aws/config:2
      endpoint_url (sts)  http://000.0.0.0:00000  $AWS_ENDPOINT_URL
      endpoint_url (iam)  http://000.0.0.0:00000  $AWS_ENDPOINT_URL

    calls
      1 iam GetUser
        at         http://000.0.0.0:00000, signed for eu-central-1
        signed by  key AKIA-ada------------                         ~/.aws/credentials:2
      2 sts AssumeRole
        RoleArn          arn:aws:iam::333344445555:role/Admin
        RoleSessionName  the user's name, as call 1 tells it
        at               http://000.0.0.0:00000, signed for eu-central-1
        signed by        key AKIA-ada------------                         ~/.aws/credentials:2
    ");
    let code = world.fake.mfa_code("ada");
    world.rolo(&["process", role[0], role[1], "--mfa-code", &code]).keys();
    let told = json(&world, &role);
    assert_eq!(told["chain"][1]["kind"], "mfa_session");
    assert_eq!(told["chain"][1]["code"]["found_out"], true);
    assert_eq!(told["chain"][2]["now"], "cached");
    assert_eq!(told["tried_without_mfa"], false);
}

#[test]
fn what_was_said_twice_is_told_with_both_lines() {
    let world = World::new();
    world.edit_config("[profile plain]\n", "[profile plain]\nexternal_id = first\nexternal_id = second\n");
    let told = json(&world, &["plain"]);
    let id = told["chain"][1]["settings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|said| said["name"] == "external_id")
        .unwrap()
        .clone();
    assert_eq!((&id["value"], &id["beats"][0]["value"]), (&Value::from("second"), &Value::from("first")));
    assert_eq!(
        id["origin"]["line"].as_u64().unwrap(),
        id["beats"][0]["origin"]["line"].as_u64().unwrap() + 1
    );
}

#[test]
fn what_lies_in_the_caches_is_told_and_no_secret_of_it() {
    let world = World::new();
    let keys = world.keys(&["plain"]);
    for args in [&["plain"][..], &["plain", "--json"], &["plain", "-vv"]] {
        let told = format!("{:?}", explain(&world, args));
        assert!(!told.contains(&keys.secret) && !told.contains(&keys.token.clone().unwrap()), "{told}");
    }
    let state = |args: &[&str]| {
        let told = json(&world, args);
        let kept = told["chain"][1]["kept"].as_array().unwrap().clone();
        kept.iter().map(|kept| kept["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(state(&["plain"]), ["good", "good"]);
    assert_eq!(state(&["plain", "--refresh"]), ["unused", "unused"]);
    assert_eq!(state(&["plain", "--duration", "30m"]), ["nothing", "nothing"]);
    assert_eq!(state(&["plain", "--read-only"]), ["nothing", "unused"]);
    // Another region is another plan, while the AWS CLI's key is the same.
    assert_eq!(state(&["plain", "--region", "us-east-1"]), ["nothing", "unusable"]);
    for file in world.files(".cache/rolo/credentials") {
        fs::write(file, "{}").unwrap();
    }
    assert_eq!(state(&["plain"])[0], "unusable");
}

#[test]
fn an_option_beats_what_is_set_once() {
    let world = World::new();
    world.settings("mfa_session = \"on\"\ncli_cache = \"off\"\n");
    let told = json(&world, &["prod", "--no-mfa-session"]);
    let options = told["options"].as_array().unwrap();
    assert_eq!(
        (&options[0]["name"], options[0]["origin"]["line"].as_u64()),
        (&Value::from("cli_cache"), Some(2))
    );
    assert_eq!(options[1]["origin"]["name"], "--no-mfa-session");
    assert_eq!(options[1]["beats"][0]["origin"]["line"], 1);
    let actions: Vec<_> =
        told["calls"].as_array().unwrap().iter().map(|call| call["action"].clone()).collect();
    assert_eq!(actions, ["AssumeRole"]);
    assert_eq!(told["calls"][0]["parameters"]["TokenCode"], "<code>");
    assert_eq!(told["chain"][1]["lasts"]["capped_by"], Value::Null);
}

#[test]
fn keys_that_are_over_are_the_error_of_the_run() {
    let mut world = World::new();
    world.set("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE");
    world.set("AWS_SECRET_ACCESS_KEY", "x");
    world.set("AWS_SESSION_TOKEN", "hunter2");
    world.set("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z");
    let (told, run) = (explain(&world, &[]), world.rolo(&["process"]));
    assert_eq!((told.code, told.stderr.as_str()), (run.code, run.stderr.as_str()));
    assert!(told.stdout.contains("now  fails before the first call: "), "{told:?}");
    assert!(!told.stdout.contains("hunter2"), "{told:?}");
}

#[test]
fn two_profiles_side_by_side() {
    let world = World::new();
    let told = plain(&world, &explain(&world, &["prod", "--diff", "dev"]).quiet());
    insta::assert_snapshot!(told, @r"
    prod and dev

    role
      role_arn        prod  arn:aws:iam::333344445555:role/Admin      ~/.aws/config:8
                      dev   arn:aws:iam::222233334444:role/Developer  ~/.aws/config:14

    settings
      region          prod  eu-central-1                              ~/.aws/config:11
                      dev   eu-west-1                                 ~/.aws/config:17

    calls
      signing region  prod  eu-central-1
                      dev   eu-west-1
    ");
    assert_eq!(explain(&world, &["prod", "--diff", "prod"]).quiet(), "prod and prod: no difference\n");
    let told = json(&world, &["prod", "--diff", "plain"]);
    let names: Vec<_> =
        told["differences"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["role_arn", "mfa_serial", "what", "lasts", "MFA code", "region", "signing region"]);
    assert_eq!(told["differences"][1]["right"], Value::Null);
}

#[test]
fn a_check_makes_the_calls_and_tells_how_each_went() {
    let world = World::new();
    let code = world.fake.mfa_code("ada");
    let told = plain(&world, &world.rolo(&["explain", "prod", "--check", "--mfa-code", &code]).quiet());
    assert_eq!(world.calls(), ["GetSessionToken", "AssumeRole", "GetCallerIdentity"]);
    insta::assert_snapshot!(told.split("\nchain\n").next().unwrap(), @r"
    prod: role Admin in 333344445555, from key AKIA-ada------------ of `identity`
      now  2 calls, with the code of `--mfa-code`

    check
      key AKIA-ada------------                          ok
      MFA session of arn:aws:iam::111122223333:mfa/ada  ok, good until 0000-00-00T00:00:00Z, 00h 00m left
      role Admin in 333344445555                        ok, good until 0000-00-00T00:00:00Z, 00m left
                                                          arn:aws:sts::333344445555:assumed-role/Admin/ada@HOST
    ");
    let again = world.rolo(&["explain", "prod", "--check", "--json"]).json();
    assert_eq!(world.calls(), ["GetCallerIdentity"]);
    let outcomes: Vec<_> = again["check"]["hops"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hop| hop["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["spared", "spared", "cached"]);
    assert!(again["check"]["arn"].as_str().unwrap().contains(":assumed-role/Admin/"), "{again}");
}

#[test]
fn a_check_tells_where_it_failed() {
    let world = World::new();
    world.edit_config("source_profile = hop", "source_profile = plain");
    let ran = world.rolo(&["explain", "audit", "--check"]);
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(
        ran.stderr.starts_with("error: AssumeRole of role `arn:aws:iam::333344445555:role/Audit`"),
        "{ran:?}"
    );
    let told = plain(&world, &ran.stdout);
    insta::assert_snapshot!(told.split("\nchain\n").next().unwrap(), @r"
    audit: role Audit in 333344445555, from key AKIA-ada------------ of `identity`
      now  2 calls

    check
      key AKIA-ada------------    ok
      role Plain in 222233334444  ok, good until 0000-00-00T00:00:00Z, 00m left
                                    arn:aws:sts::222233334444:assumed-role/Plain/ada@HOST
      role Audit in 333344445555  failed
    ");
    let told = world.rolo(&["explain", "prod", "--check", "--json"]);
    assert_eq!(told.code, 4, "{told:?}");
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    let outcomes: Vec<_> = told["check"]["hops"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hop| hop["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["ok", "failed", "not_reached"]);
}

#[test]
fn a_check_of_a_role_that_turns_out_to_want_mfa_tells_of_the_session_too() {
    let mut world = World::new();
    world.set("AWS_PROFILE", "identity");
    let code = world.fake.mfa_code("ada");
    let role = ["--role", "arn:aws:iam::333344445555:role/Admin"];
    let told = world.rolo(&["explain", role[0], role[1], "--check", "--json", "--mfa-code", &code]).json();
    let kinds: Vec<_> = told["chain"].as_array().unwrap().iter().map(|level| level["kind"].clone()).collect();
    assert_eq!(kinds, ["key", "mfa_session", "role"]);
    let hops = told["check"]["hops"].as_array().unwrap();
    let outcomes: Vec<_> = hops.iter().map(|hop| hop["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["ok", "ok", "ok"]);
    assert!(hops[2]["session_arn"].as_str().unwrap().ends_with(":assumed-role/Admin/ada"), "{told}");
    let settings = json(&world, &role)["chain"][2]["settings"].as_array().unwrap().clone();
    assert!(settings.iter().any(|said| said["name"] == "role_session_name" && said["value"] == "ada"));
}
