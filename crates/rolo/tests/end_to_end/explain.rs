//! `rolo explain`: what a run would do and why, without a call and without a trace.

mod shown;

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

#[cfg(target_os = "linux")]
#[test]
fn at_a_terminal_nothing_is_asked_unless_it_is_checked() {
    use crate::terminal::rest;
    use expectrl::Expect;
    let world = World::new();
    let mut session = world.in_terminal("rolo explain prod; echo \"status $?\"");
    let told = rest(&mut session);
    assert!(told.contains("2 calls, with a code asked at the terminal"), "{told}");
    assert!(told.contains("status 0") && told.contains("\u{1b}[1m"), "{told}");
    assert_eq!(world.calls(), [""; 0]);
    let mut session = world.in_terminal("rolo explain prod --check; echo \"status $?\"");
    session.expect("MFA code for arn:aws:iam::111122223333:mfa/ada: ").unwrap();
    session.send_line(world.fake.mfa_code("ada")).unwrap();
    let told = rest(&mut session);
    assert!(told.contains("status 0"), "{told}");
    assert!(told.contains(":assumed-role/Admin/ada@"), "{told}");
    assert_eq!(world.calls(), ["GetSessionToken", "AssumeRole", "GetCallerIdentity"]);
}
