//! What a program, a shell and an SDK get: the environment to the last variable, the words of the command, its exit code.

use std::{collections::BTreeMap, os::unix::process::ExitStatusExt};

use crate::world::{Ran, World};

type Environment = BTreeMap<String, String>;

/// What is left of earlier sessions and of other tools, all of it to go.
const STALE: [(&str, &str); 17] = [
    ("AWS_PROFILE", "identity"),
    ("AWS_DEFAULT_PROFILE", "identity"),
    ("AWS_SECURITY_TOKEN", "old"),
    ("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z"),
    ("AWS_ROLE_ARN", "arn:aws:iam::222233334444:role/Old"),
    ("AWS_ROLE_SESSION_NAME", "old"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", "/old"),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/old"),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/old"),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "old"),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/old"),
    ("ROLO_MFA_CODE", "123456"),
    ("AWS_VAULT", "old"),
    ("AWS_SESSION_EXPIRATION", "2020-01-01T00:00:00Z"),
    ("AWSUME_EXPIRATION", "2020-01-01T00:00:00Z"),
    ("AWS_ACCOUNT_ID", "999999999999"),
    ("AWS_SESSION_TOKEN", "old"),
];

#[track_caller]
fn environment(ran: Ran) -> Environment {
    let text = ran.quiet();
    // What the shell itself sets in passing is no part of a hand-over.
    let lines = text.lines().filter_map(|line| line.split_once('='));
    let own = |name: &str| ["PWD", "OLDPWD", "SHLVL", "_"].contains(&name);
    lines.filter(|(name, _)| !own(name)).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn of(pairs: &[(&str, &str)]) -> Environment {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_program_gets_exactly_this() {
    let mut world = World::new();
    let before = environment(world.shell("env"));
    let keys = world.keys(&["plain"]);
    for (name, value) in STALE {
        world.set(name, value);
    }
    world.set("MINE", "stays");
    let mut expected = before;
    expected.remove("PATH");
    expected.extend(of(&[
        ("MINE", "stays"),
        ("AWS_ACCESS_KEY_ID", &keys.id),
        ("AWS_SECRET_ACCESS_KEY", &keys.secret),
        ("AWS_SESSION_TOKEN", &keys.token.unwrap()),
        ("AWS_CREDENTIAL_EXPIRATION", &keys.expiration.unwrap()),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("ROLO_PROFILE", "plain"),
        ("AWSUME_PROFILE", "plain"),
        ("ROLO_ACCOUNT", "222233334444"),
        ("ROLO_SET", "AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1"),
    ]));
    let mut executed = environment(world.rolo(&["exec", "plain", "env"]));
    executed.remove("PATH");
    assert_eq!(executed, expected);
    for line in ["eval \"$(rolo export plain)\"; env", "eval $(rolo export plain); env"] {
        let mut evaluated = environment(world.shell(line));
        evaluated.remove("PATH");
        assert_eq!(evaluated, expected, "{line}");
    }
}

#[test]
fn long_term_keys_leave_no_token_beside_them() {
    let mut world = World::new();
    world.set("AWS_SESSION_TOKEN", "old");
    world.set("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z");
    let got = environment(world.rolo(&["exec", "identity", "env"]));
    assert_eq!(got["AWS_ACCESS_KEY_ID"], world.fake.user_keys("ada").id);
    assert!(!got.contains_key("AWS_SESSION_TOKEN") && !got.contains_key("AWS_CREDENTIAL_EXPIRATION"));
    assert_eq!(world.calls(), [""; 0]);
}

/// Two profiles with settings of every kind, the second with fewer.
fn world_of_settings() -> World {
    let mut world = World::new();
    world.unset("AWS_ENDPOINT_URL");
    world.config(&format!(
        "[profile a]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = keys\nregion = eu-west-1\n\
         endpoint_url = {url}\nservices = locals\noutput = text\nretry_mode = adaptive\nmax_attempts = 7\n\
         use_fips_endpoint = false\ncli_pager =\n\
         [services locals]\ns3 =\n  endpoint_url = http://127.0.0.1:9/s3\napi_gateway =\n  endpoint_url = http://127.0.0.1:9/gw\n\
         [profile b]\nregion = us-east-2\n[profile c]\n",
        url = world.fake.url()
    ));
    let ada = world.fake.user_keys("ada");
    let section = |name: &str| {
        format!("[{name}]\naws_access_key_id = {}\naws_secret_access_key = {}\n", ada.id, ada.secret)
    };
    world.credentials(&["keys", "b", "c"].map(section).concat());
    world
}

#[test]
fn nothing_of_the_first_profile_is_left_in_the_second() {
    let world = world_of_settings();
    let a = environment(world.shell("eval \"$(rolo export a)\"; env"));
    for (name, value) in [
        ("AWS_ENDPOINT_URL", world.fake.url().as_str()),
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9/s3"),
        ("AWS_ENDPOINT_URL_API_GATEWAY", "http://127.0.0.1:9/gw"),
        ("AWS_DEFAULT_OUTPUT", "text"),
        ("AWS_RETRY_MODE", "adaptive"),
        ("AWS_MAX_ATTEMPTS", "7"),
        ("AWS_USE_FIPS_ENDPOINT", "false"),
        ("AWS_PAGER", ""),
        ("AWS_REGION", "eu-west-1"),
    ] {
        assert_eq!(a.get(name).map(String::as_str), Some(value), "{name}");
    }
    for (line, only) in [
        ("eval \"$(rolo export b)\"; env", "eval \"$(rolo export a)\"; eval \"$(rolo export b)\"; env"),
        (
            "eval \"$(rolo export c)\"; env",
            "eval $(rolo export a); eval $(rolo export b); eval $(rolo export c); env",
        ),
        ("env", "eval \"$(rolo export a)\"; eval \"$(rolo unset)\"; env"),
        ("env", "eval $(rolo export b); eval $(rolo export a); eval $(rolo unset); env"),
        ("eval \"$(rolo export c)\"; env", "eval \"$(rolo export a)\"; rolo exec -q c env"),
    ] {
        assert_eq!(environment(world.shell(only)), environment(world.shell(line)), "{only}");
    }
}

#[test]
fn a_region_that_the_user_set_stays_the_users() {
    let mut world = world_of_settings();
    world.set("AWS_REGION", "ap-south-1");
    let got = environment(world.shell("eval \"$(rolo export a)\"; env"));
    assert_eq!(
        (got["AWS_REGION"].as_str(), got["AWS_DEFAULT_REGION"].as_str()),
        ("ap-south-1", "ap-south-1")
    );
    assert_eq!(world.fake.calls()[0].region.as_deref(), Some("ap-south-1"));
    let line = "eval \"$(rolo export a)\"; eval \"$(rolo export b)\"; eval \"$(rolo unset)\"; env";
    assert_eq!(environment(world.shell(line)), environment(world.shell("env")));
    // What they change afterwards is theirs as well.
    world.unset("AWS_REGION");
    let line = "eval \"$(rolo export a)\"; AWS_REGION=us-west-1; eval \"$(rolo export b)\"; env";
    assert_eq!(environment(world.shell(line))["AWS_REGION"], "us-west-1");
    // An option is for the one time.
    let got = environment(
        world.shell("eval \"$(rolo export b --region us-west-1)\"; eval \"$(rolo export b)\"; env"),
    );
    assert_eq!(got["AWS_REGION"], "us-east-2");
}

#[test]
fn unset_all_leaves_no_variable_of_aws() {
    let mut world = World::new();
    world.set("AWS_SOMETHING_NEW", "x");
    let got = environment(world.shell("eval \"$(rolo export plain)\"; eval \"$(rolo unset --all)\"; env"));
    assert!(got.keys().all(|name| !name.starts_with("AWS") && !name.starts_with("ROLO")), "{got:?}");
    assert!(world.rolo(&["unset", "--format", "ini"]).failed(2).contains("cannot unset"));
}

#[test]
fn a_nested_exec_warns_and_replaces() {
    let world = World::new();
    let ran = world.shell("rolo exec plain rolo exec identity env");
    assert_eq!(ran.stderr, "warning: this environment has the credentials of `plain`, which are replaced\n");
    let got = environment(Ran { stderr: String::new(), ..ran });
    assert_eq!(
        got,
        environment(world.rolo(&["exec", "identity", "env"]))
            .into_iter()
            .chain([("PATH".to_owned(), got["PATH"].clone())])
            .collect()
    );
    assert_eq!(world.shell("rolo exec -q plain rolo exec -q identity true").quiet(), "");
}

#[test]
fn options_end_at_the_profile() {
    let mut world = World::new();
    let script = world.script("bin/show", "printf '%s|' \"$ROLO_PROFILE\" \"$AWS_REGION\" \"$@\"");
    let show = script.to_str().unwrap();
    let shown = |args: &[&str]| world.rolo(args).quiet();
    assert_eq!(shown(&["exec", "plain", show, "-la"]), "plain|eu-west-1|-la|");
    assert_eq!(shown(&["exec", "plain", "--", show, "-la"]), "plain|eu-west-1|-la|");
    assert_eq!(shown(&["exec", "--profile", "plain", show, "-v"]), "plain|eu-west-1|-v|");
    assert_eq!(shown(&["exec", "--profile=plain", "--", show]), "plain|eu-west-1|");
    assert_eq!(shown(&["exec", "--region", "us-east-1", "plain", show]), "plain|us-east-1|");
    assert_eq!(
        shown(&["exec", "-q", "--region=us-east-1", "plain", show, "--region", "x"]),
        "plain|us-east-1|--region|x|"
    );
    let options = ["--refresh", "--help", "--mfa-code", "1", "-q", "--", "--profile", "x", ""];
    assert_eq!(
        shown(&[&["exec", "plain", show], options.as_slice()].concat()),
        "plain|eu-west-1|--refresh|--help|--mfa-code|1|-q|--|--profile|x||"
    );
    assert_eq!(shown(&["exec", "plain", "--", show, "--", "x"]), "plain|eu-west-1|--|x|");
    assert_eq!(world.calls(), ["AssumeRole", "AssumeRole"], "the second region is another plan");

    world.set("AWS_PROFILE", "identity");
    assert_eq!(world.rolo(&["exec", "--", show, "plain"]).quiet(), "identity|eu-central-1|plain|");
    // A word that looks like an option is the program behind PROFILE.
    assert!(world.rolo(&["exec", "plain", "--refresh"]).failed(127).contains("`--refresh` was not found"));
}

#[test]
fn the_exit_code_is_the_programs() {
    let world = World::new();
    for code in [0, 1, 2, 7, 125, 255] {
        assert_eq!(world.rolo(&["exec", "plain", "sh", "-c", &format!("exit {code}")]).code, code);
    }
    let status = world.command(&["exec", "plain", "sh", "-c", "kill -TERM $$"]).status().unwrap();
    assert_eq!(status.signal(), Some(15));
    world.rolo(&["exec", "plain", "rolo-no-such-program"]).failed(127);
    world.write("text", "no program");
    world.rolo(&["exec", "plain", "./text"]).failed(126);
    // Of rolo's own failures the program's codes tell nothing.
    for args in [
        vec!["exec", "nobody", "true"],
        vec!["exec", "--nonsense", "plain", "true"],
        vec!["exec", "--duration", "5x", "plain", "true"],
    ] {
        world.rolo(&args).failed(125);
    }
    assert_eq!(world.rolo(&["exec", "--help"]).code, 0);
    world.rolo(&["export", "--nonsense"]).failed(2);
}

#[test]
fn without_a_command_it_is_the_persons_shell() {
    let mut world = World::new();
    let shell = world.script("bin/my shell", "printf '%s|' \"$ROLO_PROFILE\" \"$AWS_ACCESS_KEY_ID\" $#");
    world.set("SHELL", shell.to_str().unwrap());
    let keys = world.keys(&["plain"]);
    for args in [vec!["exec", "plain"], vec!["exec", "plain", "--"], vec!["exec", "--profile", "plain"]] {
        assert_eq!(world.rolo(&args).quiet(), format!("plain|{}|0|", keys.id), "{args:?}");
    }
}

#[test]
fn formats_that_cannot_unset_say_what_stays() {
    let mut world = World::new();
    world.keys(&["plain"]);
    for format in ["env", "dotenv", "ini"] {
        world.rolo(&["export", "plain", "--format", format]).quiet();
    }
    world.set("AWS_VAULT", "old");
    world.set("AWS_PROFILE", "identity");
    for format in ["env", "dotenv", "ini"] {
        let ran = world.rolo(&["export", "plain", "--format", format]);
        assert!(ran.stdout.contains("ASIA"), "{ran:?}");
        assert_eq!(
            ran.warned(),
            format!(
                "warning: format `{format}` cannot unset `AWS_PROFILE`, `AWS_VAULT`: unset it yourself\n"
            )
        );
        world.rolo(&["export", "plain", "-q", "--format", format]).quiet();
    }
    for format in ["sh", "fish", "json", "powershell", "nu"] {
        world.rolo(&["export", "plain", "--format", format]).quiet();
    }
}

#[test]
fn an_sdk_gets_what_it_expects() {
    let world = World::new();
    let text = world.rolo(&["process", "plain"]).quiet();
    let keys: Vec<_> =
        text.lines().filter_map(|line| line.trim().split_once(':')).map(|(key, _)| key).collect();
    assert_eq!(
        keys,
        ["\"Version\"", "\"AccessKeyId\"", "\"SecretAccessKey\"", "\"SessionToken\"", "\"Expiration\""]
    );
    let json = world.rolo(&["process", "plain"]).json();
    assert_eq!(json["Version"], 1);
    let left = json["Expiration"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap() - world.fake.now();
    assert!((3500..=3600).contains(&left.get_seconds()), "{left}");
    let json = world.rolo(&["process", "identity"]).json();
    assert_eq!(
        json.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["AccessKeyId", "SecretAccessKey", "Version"]
    );
}

#[test]
fn whoami_asks_aws() {
    let mut world = World::new();
    let text = world.rolo(&["whoami", "plain", "--role-session-name", "job-7"]).quiet();
    assert_eq!(
        text,
        "role Plain, session job-7 in account 222233334444\narn:aws:sts::222233334444:assumed-role/Plain/job-7\n"
    );
    assert_eq!(world.calls(), ["AssumeRole", "GetCallerIdentity"]);
    let json = world.rolo(&["whoami", "identity", "--json"]).json();
    assert_eq!(json["Arn"], "arn:aws:iam::111122223333:user/ada");
    assert_eq!(json["Account"], "111122223333");
    assert!(json["UserId"].as_str().unwrap().starts_with("AIDA"));
    // Without a name: whoever this environment is.
    let got = world.shell("eval \"$(rolo export plain)\"; rolo whoami").quiet();
    assert!(got.starts_with("role Plain, session "), "{got}");
    world.set("AWS_PROFILE", "other");
    assert!(world.rolo(&["whoami"]).quiet().starts_with("user bob in account 111122223333\n"));
}

#[test]
fn a_session_tells_who_it_is() {
    let world = World::new();
    world.keys(&["plain"]);
    let name = world.fake.calls()[0].param("RoleSessionName").unwrap().to_owned();
    assert!(name.starts_with("ada@"), "{name}");
}
