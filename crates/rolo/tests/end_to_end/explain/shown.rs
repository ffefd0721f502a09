//! What `rolo explain` looks like, for each kind of profile.

use serde_json::Value;

use super::{explain, json, plain, text};
use crate::world::World;

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
      now  fails before the first call: there is no sign-in for `corp`

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
      now  fails before the first call: the token file `/run/token` could not be read: No such file or directory (os error 2)

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
