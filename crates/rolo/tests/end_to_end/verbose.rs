//! What rolo says of its own accord: each decision with `-v`, each request with `-vv`, and by itself where less comes of it
//! than was asked for.

use fake_aws::Fault;

use crate::world::World;

const ADA: &str = "arn:aws:iam::111122223333:mfa/ada";

/// Standard error of a run that went well, with what differs from run to run made the same.
#[track_caller]
fn said(world: &World, args: &[&str]) -> String {
    let ran = world.rolo(args);
    assert_eq!(ran.code, 0, "{ran:?}");
    let home = world.path("");
    let text = ran.stderr.replace(&world.fake.url(), "http://aws").replace(home.to_str().unwrap(), "~/");
    let ada = world.fake.user_keys("ada").id;
    let lines: Vec<_> = text.replace(&ada, "AKIAADA").lines().map(same).collect();
    lines.join("\n")
}

/// The line with times, hashes, names of the machine and made keys replaced.
fn same(line: &str) -> String {
    let is_hex = |word: &str| word.len() >= 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut after = "";
    let mut words = Vec::new();
    for word in line.split(' ') {
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        words.push(if is_hex(bare.trim_end_matches(".json")) {
            word.replace(bare.trim_end_matches(".json"), "HASH")
        } else if bare.contains('-') && bare.ends_with('Z') && bare.contains(':') {
            word.replace(bare, "TIME")
        } else if bare.starts_with("ASIA") {
            word.replace(bare, "ASIA")
        } else if word.starts_with("RoleSessionName=") {
            format!("RoleSessionName=NAME{}", if word.ends_with(',') { "," } else { "" })
        } else if after == "after" {
            "N".to_owned()
        } else if after == "id" && word.starts_with('`') {
            "`ID`".to_owned()
        } else {
            word.to_owned()
        });
        after = word;
    }
    words.join(" ")
}

#[test]
fn each_decision_is_a_line() {
    let mut world = World::new();
    let code = world.fake.mfa_code("ada");
    insta::assert_snapshot!(said(&world, &["process", "-v", "--mfa-code", &code, "prod"]), @r"
    rolo: `prod` is asked for, by the command line
    rolo: it starts from an access key of profile `identity` (~/.aws/credentials:2)
    rolo: then role `arn:aws:iam::333344445555:role/Admin` of profile `prod` (~/.aws/config:8), by the MFA session of `arn:aws:iam::111122223333:mfa/ada`, which one code opens for all its roles
    rolo: region `eu-central-1` (~/.aws/config:11); STS is called at `http://aws` (`AWS_ENDPOINT_URL`)
    rolo: role `arn:aws:iam::333344445555:role/Admin` of profile `prod`: nothing is cached, so AWS is asked
    rolo: the MFA session of `arn:aws:iam::111122223333:mfa/ada`: nothing is cached, so AWS is asked
    rolo: the code of `arn:aws:iam::111122223333:mfa/ada` comes from `--mfa-code`
    rolo: kept in rolo's cache as `HASH`
    rolo: kept in rolo's cache as `HASH`
    rolo: kept in the AWS CLI's cache as `HASH.json`
    ");
    // From the caches, and by the environment.
    world.set("AWS_PROFILE", "prod");
    insta::assert_snapshot!(said(&world, &["process", "-v"]), @r"
    rolo: `prod` is asked for, by `AWS_PROFILE`
    rolo: it starts from an access key of profile `identity` (~/.aws/credentials:2)
    rolo: then role `arn:aws:iam::333344445555:role/Admin` of profile `prod` (~/.aws/config:8), by the MFA session of `arn:aws:iam::111122223333:mfa/ada`, which one code opens for all its roles
    rolo: region `eu-central-1` (~/.aws/config:11); STS is called at `http://aws` (`AWS_ENDPOINT_URL`)
    rolo: role `arn:aws:iam::333344445555:role/Admin` of profile `prod`: found in rolo's cache, good until TIME
    ");
    insta::assert_snapshot!(said(&world, &["process", "-v", "--refresh", "audit"]), @r"
    rolo: `audit` is asked for, by the command line
    rolo: it starts from an access key of profile `identity` (~/.aws/credentials:2)
    rolo: then role `arn:aws:iam::222233334444:role/Hop` of profile `hop` (~/.aws/config:25), without MFA
    rolo: then role `arn:aws:iam::333344445555:role/Audit` of profile `audit` (~/.aws/config:30), without MFA
    rolo: region `eu-central-1` (~/.aws/config:32); STS is called at `http://aws` (`AWS_ENDPOINT_URL`)
    rolo: role `arn:aws:iam::333344445555:role/Audit` of profile `audit`: nothing is cached, so AWS is asked
    rolo: role `arn:aws:iam::222233334444:role/Hop` of profile `hop`: nothing is cached, so AWS is asked
    rolo: kept in rolo's cache as `HASH`
    rolo: kept in the AWS CLI's cache as `HASH.json`
    rolo: kept in rolo's cache as `HASH`
    rolo: kept in the AWS CLI's cache as `HASH.json`
    ");
}

#[test]
fn why_a_code_goes_with_the_call() {
    for (args, config, why) in [
        (
            &["--duration", "2h"][..],
            "",
            "since a role from a session lasts 1 h at the most, and more is asked for",
        ),
        (&["--no-mfa-session"], "", "since `--no-mfa-session` is given"),
        (&[], "mfa_session = \"off\"\n", "since `mfa_session` is `off`"),
    ] {
        let world = World::new();
        world.settings(config);
        let code = world.fake.mfa_code("ada");
        let text = said(&world, &[&["process", "-v", "--mfa-code", &code], args, &["prod"]].concat());
        assert!(text.contains(&format!("with a code of `{ADA}` (~/.aws/config:")), "{text}");
        assert!(text.contains(why), "{text}");
    }
}

#[test]
fn each_request_is_two_lines() {
    let world = World::new();
    let code = world.fake.mfa_code("ada");
    world.fake.fault(Fault::throttling().on("AssumeRole"));
    let text = said(&world, &["process", "-vv", "--mfa-code", &code, "prod"]);
    let requests: Vec<_> = text.lines().filter(|line| line.starts_with(['-', '<'])).collect();
    insta::assert_snapshot!(requests.join("\n"), @r"
    -> GetSessionToken: POST http://aws/ DurationSeconds=43200 SerialNumber=arn:aws:iam::111122223333:mfa/ada TokenCode=***, signed by `AKIAADA` for `eu-central-1`
    <- GetSessionToken: HTTP 200 after N ms, request id `ID`
    -> AssumeRole: POST http://aws/ RoleArn=arn:aws:iam::333344445555:role/Admin RoleSessionName=NAME, signed by `ASIA` for `eu-central-1`
    <- AssumeRole: HTTP 400 after N ms, request id `ID`
    -> AssumeRole: POST http://aws/ RoleArn=arn:aws:iam::333344445555:role/Admin RoleSessionName=NAME, signed by `ASIA` for `eu-central-1`, try 2
    <- AssumeRole: HTTP 200 after N ms, request id `ID`
    ");
    assert!(!text.contains(&code), "{text}");
    // -v alone shows none, and neither does a run from the cache.
    for args in [&["process", "-v", "--refresh", "plain"][..], &["process", "-vv", "prod"]] {
        let text = said(&world, args);
        assert!(!text.lines().any(|line| line.starts_with(['-', '<'])), "{text}");
    }
}

#[test]
fn neither_tokens_nor_passwords_are_in_them() {
    let mut world = World::new();
    let token = world.write("token", "header.claims-hunter2.signature");
    world.write(
        ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
        r#"{"accessToken": "sso-access-token-1", "expiresAt": "2099-01-01T00:00:00Z"}"#,
    );
    world.config(&format!(
        "[profile web]\nrole_arn = arn:aws:iam::222233334444:role/CI\nweb_identity_token_file = {}\nregion = eu-west-1\n\
         [profile sso]\nsso_session = corp\nsso_account_id = 222233334444\nsso_role_name = Reader\nregion = eu-west-1\n\
         [sso-session corp]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n\
         [profile plain]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = identity\nregion = eu-west-1\n",
        token.display()
    ));
    let text = world.rolo(&["process", "-vv", "web"]).stderr;
    assert!(text.contains(" WebIdentityToken=***\n"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    let text = world.rolo(&["process", "-vv", "sso"]).stderr;
    assert!(text.contains("-> GetRoleCredentials: GET ") && text.contains(" role_name=Reader"), "{text}");
    assert!(!text.contains("sso-access-token-1"), "{text}");
    // To a proxy that nobody runs, and to a container that wants a token.
    world.unset("AWS_ENDPOINT_URL");
    world.set("AWS_MAX_ATTEMPTS", "1");
    world.set("HTTPS_PROXY", "http://ada:hunter2@127.0.0.1:9");
    let text = world.rolo(&["process", "-vv", "plain"]).stderr;
    assert!(text.contains("<- AssumeRole: no answer after ") && !text.contains("hunter2"), "{text}");
    // To an endpoint with a password, which each decision, hint and error names.
    world.unset("HTTPS_PROXY");
    world.set("AWS_ENDPOINT_URL", "http://ada:hunter2@127.0.0.1:9");
    for args in [&["process", "-vv", "plain"][..], &["explain", "plain"], &["explain", "--json", "plain"]] {
        let ran = format!("{:?}", world.rolo(args));
        assert!(ran.contains("127.0.0.1:9") && !ran.contains("hunter2"), "{ran}");
    }
    world.config(
        "[profile plain]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = identity\n",
    );
    let text = world.rolo(&["process", "plain"]).stderr;
    assert!(text.contains("127.0.0.1:9` needs a region") && !text.contains("hunter2"), "{text}");
    world.unset("AWS_ENDPOINT_URL");
    world.config("");
    world.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/keys?token=hunter2");
    world.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hunter2");
    let text = world.rolo(&["process", "-vv"]).stderr;
    assert!(text.contains("-> HTTP: GET http://127.0.0.1:9/keys\n") && !text.contains("hunter2"), "{text}");
}

#[test]
fn a_session_that_is_cut_is_said_once() {
    let world = World::new();
    world.fake.fault(Fault::lifetime(1800).on("AssumeRole"));
    let warned = world.rolo(&["process", "--duration", "1h", "plain"]).warned();
    assert!(
        warned.starts_with("warning: role `arn:aws:iam::222233334444:role/Plain` of profile `plain` lasts 1")
            && warned.ends_with(" s, and 3600 s were asked for\n"),
        "{warned}"
    );
    // From the cache there is nothing new to say, and with -q nothing at all.
    world.keys(&["--duration", "1h", "plain"]);
    world.fake.fault(Fault::lifetime(1800).on("AssumeRole"));
    world.rolo(&["process", "-q", "--refresh", "--duration", "1h", "plain"]).quiet();
    // Who asked for no time in particular gets what comes.
    world.fake.fault(Fault::lifetime(1800).on("AssumeRole"));
    world.rolo(&["process", "--refresh", "hop"]).quiet();
    world.fake.fault(Fault::lifetime(3600).on("GetSessionToken"));
    let warned = world.rolo(&["session", "--duration", "2h", "identity"]).warned();
    assert!(warned.contains("the session of `identity` lasts") && warned.contains("7200 s"), "{warned}");
}

#[test]
fn credentials_that_end_in_a_moment() {
    let world = World::new();
    let at = (jiff::Timestamp::now() + jiff::SignedDuration::from_secs(90)).strftime("%Y-%m-%dT%H:%M:%SZ");
    let keys = world.fake.user_keys("ada");
    let json = format!(
        r#"{{"Version": 1, "AccessKeyId": "{}", "SecretAccessKey": "{}", "Expiration": "{at}"}}"#,
        keys.id, keys.secret
    );
    world.write("keys.json", &json);
    world.config(&format!(
        "[profile a]\ncredential_process = cat {0}\nregion = eu-west-1\n\
         [profile b]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = a\nregion = eu-west-1\n",
        world.path("keys.json").display()
    ));
    let warned = world.rolo(&["process", "a"]).warned();
    assert!(warned.starts_with("warning: the credentials of a `credential_process` end in "), "{warned}");
    // For one more call they do.
    world.keys(&["b"]);
}

#[test]
fn what_is_left_out_or_merged_is_said() {
    let world = World::new();
    world.edit_config("[profile plain]\n", "[profile plain]\nmax_attempts = three\nretry_mode = quick\n");
    let warned = world.rolo(&["process", "plain"]).warned();
    let expected = [
        "warning: `max_attempts` is `three`, which is no whole number above 0, and is left out (at ~/.aws/config:20)",
        "warning: `retry_mode` is `quick`, which is none of `standard`, `adaptive`, `legacy`, and is left out (at ~/.aws/config:21)",
    ];
    let home = format!("{}/", world.path("").to_str().unwrap().trim_end_matches('/'));
    assert_eq!(warned.replace(&home, "~/").lines().collect::<Vec<_>>(), expected);
    world.rolo(&["process", "-q", "plain"]).quiet();

    for (more, what, line) in [
        ("[profile plain]\nexternal_id = xx\n", "section `[profile plain]`", 40),
        (
            "[profile new]\nregion = eu-west-1\nregion = eu-west-2\nsource_profile = identity\nrole_arn = arn:aws:iam::222233334444:role/Plain\n",
            "`region`",
            42,
        ),
    ] {
        let world = World::new();
        world.add_config(more);
        let profile = if what.starts_with('s') { "plain" } else { "new" };
        let warned = world.rolo(&["process", profile]).warned().replace(&home, "");
        assert!(
            warned.starts_with(&format!(
                "warning: {what} stands twice, and the last line of each key counts; the AWS CLI refuses the whole file (at "
            )),
            "{warned}"
        );
        assert!(warned.trim_end().ends_with(&format!(".aws/config:{line})")), "{warned}");
        // A profile that has nothing to do with it is none of its business: `rolo doctor` tells of it.
        world.keys(&["hop"]);
        world.rolo(&["process", "-q", profile]).quiet();
    }
}
