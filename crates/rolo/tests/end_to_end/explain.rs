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
    assert!(told["error"].as_str().unwrap().contains("`nowhere`"), "{told}");
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
    assert!(keys.len() > 40, "{keys:?}");
    for key in keys {
        assert!(docs.contains(&format!("`{key}`")), "{key} is not documented");
    }
}
