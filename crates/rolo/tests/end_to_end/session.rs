//! `rolo session`: what GetSessionToken is sent, who may ask, and how the session is shared with roles.

use crate::world::{STAGING, World};

const ADA: &str = "arn:aws:iam::111122223333:mfa/ada";

/// `rolo session` with the code that ada's device shows now; `words` follow the options.
fn with_code<'a>(code: &'a str, words: &[&'a str]) -> Vec<&'a str> {
    [&["session", "--mfa-code", code], words].concat()
}

impl World {
    /// A parameter of the last GetSessionToken.
    fn session_param(&self, name: &str) -> Option<String> {
        self.fake.calls_of("GetSessionToken").pop().unwrap().param(name).map(str::to_owned)
    }
}

#[test]
fn it_is_the_session_that_opens_the_roles() {
    let world = World::new();
    let code = world.fake.mfa_code("ada");
    let session = world.rolo(&with_code(&code, &["--format", "process", "prod"])).keys();
    assert_eq!(world.session_param("SerialNumber").as_deref(), Some(ADA));
    assert_eq!(world.session_param("DurationSeconds").as_deref(), Some("43200"));
    assert_eq!(world.calls(), ["GetSessionToken"]);
    // No role has another code.
    world.keys(&["prod"]);
    world.keys(&["dev"]);
    let signed: Vec<_> = world.fake.calls().into_iter().map(|call| call.access_key_id).collect();
    assert_eq!(signed, [Some(session.id.clone()), Some(session.id.clone())]);
    assert_eq!(world.calls(), ["AssumeRole", "AssumeRole"]);
    // Whichever profile leads to the key and the device, it is the same one, cached.
    for words in [
        &["session", "--format", "process", "dev"][..],
        &["session", "--mfa-serial", ADA, "--format", "process", "identity"],
    ] {
        assert_eq!(world.rolo(words).keys(), session);
    }
    assert_eq!(world.calls(), [""; 0]);

    // The other way round: the session that a role brought.
    let world = World::new();
    let code = world.fake.mfa_code("ada");
    world.rolo(&["process", "--mfa-code", &code, "prod"]).keys();
    let issued = world.fake.calls_of("GetSessionToken")[0].issued.clone();
    world.calls();
    assert_eq!(Some(world.rolo(&["session", "--format", "process", "prod"]).keys().id), issued);
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn the_device_is_the_keys_own_else_that_of_the_first_role() {
    let world = World::new();
    world.edit_config("[profile identity]\n", &format!("[profile identity]\nmfa_serial = {ADA}\n"));
    world.edit_config(
        "identity\nmfa_serial = arn:aws:iam::111122223333:mfa/ada\nregion = eu-central-1\n",
        "identity\nmfa_serial = arn:aws:iam::111122223333:mfa/lost\nregion = eu-central-1\n",
    );
    let code = world.fake.mfa_code("ada");
    world.rolo(&with_code(&code, &["prod"])).quiet();
    assert_eq!(world.session_param("SerialNumber").as_deref(), Some(ADA));
    // Asked for by an option it is that one.
    let said = world
        .rolo(&with_code("123456", &["--mfa-serial", "arn:aws:iam::111122223333:mfa/lost", "prod"]))
        .failed(5);
    assert!(said.contains("mfa/lost") && said.contains("aws iam list-mfa-devices"), "{said}");
    // Without any, no code is asked for or sent.
    let other = World::new();
    let keys = other.rolo(&["session", "--format", "process", "plain"]).keys();
    assert!(keys.token.is_some());
    assert_eq!((other.session_param("SerialNumber"), other.session_param("TokenCode")), (None, None));
    assert_eq!(other.rolo(&["session", "--format", "process", "identity"]).keys(), keys);
    assert_eq!(other.calls(), ["GetSessionToken"]);
    let listed = other.rolo(&["cache", "list", "--json"]).json();
    assert_eq!(
        (&listed[0]["kind"], &listed[0]["mfa_serial"]),
        (&"mfa-session".into(), &serde_json::Value::Null)
    );
}

#[test]
fn it_lasts_as_long_as_asked() {
    let world = World::new();
    for (given, sent) in [("15m", "900"), ("1h", "3600"), ("36h", "129600"), ("1000", "1000")] {
        let words = ["session", "--duration", given, "--format", "process", "identity"];
        let keys = world.rolo(&words).keys();
        assert_eq!(world.session_param("DurationSeconds").as_deref(), Some(sent), "{given}");
        assert_eq!(world.rolo(&words).keys(), keys);
        assert_eq!(world.calls(), ["GetSessionToken"], "{given}");
    }
    for given in ["14m", "37h", "0", "soon"] {
        let said = world.rolo(&["session", "--duration", given, "identity"]).failed(2);
        assert!(said.contains("--duration"), "{said}");
    }
    // What a person has set is what is not said; and no setting stops a session that is asked for as such.
    world.settings("mfa_session_duration = \"2h\"\nmfa_session = \"off\"\n");
    let keys = world.rolo(&["session", "--format", "process", "identity"]).keys();
    assert_eq!(world.session_param("DurationSeconds").as_deref(), Some("7200"));
    assert_eq!(world.rolo(&["session", "--format", "process", "identity"]).keys(), keys);
    assert_eq!(world.calls(), ["GetSessionToken"]);
}

#[test]
fn a_new_one_takes_the_place_of_the_old() {
    let world = World::new();
    let code = world.fake.mfa_code("ada");
    let first = world.rolo(&with_code(&code, &["--format", "process", "prod"])).keys();
    let next = world.fake.mfa_code_in_steps("ada", 1);
    let second = world.rolo(&with_code(&next, &["--refresh", "--format", "process", "prod"])).keys();
    assert_ne!(first.id, second.id);
    world.calls();
    world.keys(&["prod"]);
    assert_eq!(world.fake.calls()[0].access_key_id, Some(second.id));
    assert_eq!(world.calls(), ["AssumeRole"]);
}

#[test]
fn temporary_credentials_make_no_session() {
    let mut world = World::new();
    let session = world.rolo(&["session", "--format", "process", "identity"]).keys();
    world.calls();
    let token = session.token.unwrap();
    world.script("bin/keys", "echo");
    world.add_config(&format!(
        "[profile temporary]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {token}\n\
         [profile sso]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n\
         sso_account_id = {STAGING}\nsso_role_name = Reader\n\
         [profile above]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = sso\n\
         [profile program]\ncredential_process = {}\n\
         [profile web]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nweb_identity_token_file = /tmp/none\n",
        session.id,
        session.secret,
        world.path("bin/keys").display(),
    ));
    for (profile, source) in [
        ("temporary", "temporary credentials"),
        ("sso", "IAM Identity Center"),
        ("above", "IAM Identity Center"),
        ("program", "a `credential_process`"),
        ("web", "web identity"),
    ] {
        let said = world.rolo(&["session", profile]).failed(3);
        let problem = format!(
            "a session is made of an IAM user's own access key, and `{profile}` starts from {source}"
        );
        assert!(said.contains(&problem) && said.contains("hint: "), "{said}");
    }
    world.set("AWS_ACCESS_KEY_ID", session.id.clone());
    world.set("AWS_SECRET_ACCESS_KEY", session.secret.clone());
    world.set("AWS_SESSION_TOKEN", token);
    assert!(world.rolo(&["session"]).failed(3).contains("`default` starts from temporary credentials"));
    // And where there is no key at all.
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        world.unset(name);
    }
    world.rolo(&["session"]).failed(3);
    world.rolo(&["session", "nowhere"]).failed(3);
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn any_format_and_any_command_takes_it() {
    let world = World::new();
    let code = world.fake.mfa_code("ada");
    let keys = world.rolo(&with_code(&code, &["--format", "process", "prod"])).keys();
    let printed = |words: &[&str]| world.rolo(&[&["session"], words, &["prod"]].concat()).quiet();
    assert!(printed(&[]).contains(&format!("export AWS_ACCESS_KEY_ID='{}';", keys.id)));
    assert!(printed(&["--format", "env"]).contains(&format!("AWS_ACCESS_KEY_ID={}\n", keys.id)));
    assert!(printed(&["--format", "fish"]).contains(&format!("set -gx AWS_ACCESS_KEY_ID '{}'", keys.id)));
    let behind = world.rolo(&["session", "prod", "--duration", "12h", "--format", "env"]).quiet();
    assert_eq!(behind, printed(&["--format", "env"]), "options may stand behind PROFILE too");
    let json: serde_json::Value = serde_json::from_str(&printed(&["--format", "json"])).unwrap();
    assert_eq!(json["AWS_ACCESS_KEY_ID"], keys.id);
    assert_eq!(json["ROLO_PROFILE"], "identity", "it is the user's, not the role's");
    assert_eq!(json["AWS_REGION"], "eu-central-1", "as the profile that was asked for has it");

    let ran = |words: &[&str]| world.rolo(&[&["session"], words].concat());
    assert_eq!(ran(&["prod", "printenv", "AWS_ACCESS_KEY_ID"]).quiet(), format!("{}\n", keys.id));
    assert_eq!(
        ran(&["prod", "--", "printenv", "AWS_SESSION_TOKEN"]).quiet(),
        format!("{}\n", keys.token.unwrap())
    );
    assert_eq!(ran(&["prod", "-q", "printenv", "ROLO_PROFILE"]).quiet(), "identity\n");
    assert_eq!(ran(&["--profile", "prod", "printenv ROLO_PROFILE"]).quiet(), "identity\n");
    assert_eq!(ran(&["--profile", "prod", "--", "sh", "-c", "exit 9"]).code, 9);
    // The command's words are its own; rolo's failures are exec's where there is a command.
    assert_eq!(ran(&["prod", "echo", "--format", "json"]).quiet(), "--format json\n");
    assert!(ran(&["--format", "json", "prod", "true"]).failed(125).contains("`--format`"));
    ran(&["prod", "no-such-program"]).failed(127);
    ran(&["nowhere", "true"]).failed(125);
    ran(&["--nonsense", "prod"]).failed(2);
    // The role's options are none of a session's.
    ran(&["--role-arn=arn:aws:iam::222233334444:role/Plain", "prod"]).failed(2);
}

#[test]
fn nobody_to_ask_is_told() {
    let world = World::new();
    assert!(world.rolo(&["session", "prod"]).failed(4).contains("hint: "));
    world.rolo(&["session", "prod", "true"]).failed(125);
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn the_environments_key_is_enough() {
    for home in [true, false] {
        let mut world = World::new();
        std::fs::remove_dir_all(world.path(".aws")).unwrap();
        let ada = world.fake.user_keys("ada");
        world.set("AWS_ACCESS_KEY_ID", ada.id);
        world.set("AWS_SECRET_ACCESS_KEY", ada.secret);
        world.set("AWS_REGION", "eu-west-1");
        if !home {
            world.unset("HOME");
        }
        let check = |words: &[&str], calls: &[&str]| {
            let ran = world.rolo(words);
            let keys: serde_json::Value =
                serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"));
            assert!(keys["AccessKeyId"].as_str().unwrap().starts_with("ASIA"));
            let warned = ran.stderr.lines().count();
            assert_eq!((ran.code, warned), (0, usize::from(!home)), "{}", ran.stderr);
            assert_eq!(world.calls(), calls);
        };
        let code = world.fake.mfa_code("ada");
        let mfa = ["--mfa-serial", ADA, "--mfa-code", &code, "--format", "process"];
        check(&[&["session", "--duration", "1h"], &mfa[..]].concat(), &["GetSessionToken"]);
        let code = world.fake.mfa_code_in_steps("ada", 1);
        let mfa = ["--mfa-serial", ADA, "--mfa-code", &code, "--format", "process"];
        let role = ["export", "--role-arn", "arn:aws:iam::333344445555:role/Admin"];
        check(&[&role, &mfa[..]].concat(), &["GetSessionToken", "AssumeRole"]);
        check(&["session", "--format", "process"], &["GetSessionToken"]);
        if home {
            assert!(!world.path(".aws/config").exists() && !world.path(".aws/credentials").exists());
        }
    }
}

#[test]
fn it_is_noted_and_no_role() {
    let world = World::new();
    world.rolo(&["export", "plain"]).quiet();
    world.rolo(&["session", "hop"]).quiet();
    world.rolo(&["session", "hop", "true"]).quiet();
    let rows = world.rolo(&["history", "--json"]).json();
    for (row, program) in [(0, Some("true")), (1, None)] {
        let row = &rows[row];
        assert_eq!((row["command"].as_str(), row["program"].as_str()), (Some("session"), program));
        assert_eq!((row["profile"].as_str(), row["role_arn"].as_str()), (Some("hop"), None));
    }
    assert_eq!(world.rolo(&["exec", "-", "printenv", "ROLO_PROFILE"]).quiet(), "plain\n");
    // The session of the key that the last role started from.
    assert_eq!(world.rolo(&["session", "-", "printenv", "ROLO_PROFILE"]).quiet(), "identity\n");
}

#[cfg(target_os = "linux")]
#[test]
fn at_a_terminal_the_code_is_asked_for() {
    use expectrl::Expect;

    let world = World::new();
    let mut shell = world.in_terminal(
        r#"eval "$(rolo session prod)"; echo "profile=$ROLO_PROFILE key=$AWS_ACCESS_KEY_ID."
        rolo exec dev -- sh -c 'echo profile=$ROLO_PROFILE.'"#,
    );
    shell.expect(format!("MFA code for {ADA}: ")).unwrap();
    shell.send_line(world.fake.mfa_code("ada")).unwrap();
    let said = crate::terminal::rest(&mut shell);
    assert!(said.contains("profile=identity key=ASIA"), "{said}");
    assert!(said.contains("profile=dev."), "{said}");
}
