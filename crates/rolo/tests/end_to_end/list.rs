//! `rolo list`: what every profile leads to, without a call.

use serde_json::Value;

use crate::world::World;

fn row(world: &World, profile: &str) -> Value {
    let rows = world.rolo(&["list", "--json"]).json();
    rows.as_array().unwrap().iter().find(|row| row["profile"] == profile).unwrap().clone()
}

/// The line of a table that begins with a profile.
fn line(world: &World, profile: &str) -> String {
    let table = world.rolo(&["list"]).quiet();
    let is_it = |line: &&str| line.split_whitespace().next() == Some(profile);
    table.lines().find(is_it).unwrap_or_else(|| panic!("{profile}: {table}")).to_owned()
}

#[test]
fn every_profile_is_a_row() {
    let mut world = World::new();
    world.set("CODE", world.fake.mfa_code("ada"));
    let table = world.rolo(&["list"]).quiet();
    let first = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    let names: Vec<_> = table.lines().map(first).collect();
    assert_eq!(names, ["PROFILE", "identity", "other", "prod", "dev", "plain", "hop", "audit", "vendor"]);
    let prod = row(&world, "prod");
    assert_eq!(prod["account"], "333344445555");
    assert_eq!(prod["role_arn"], "arn:aws:iam::333344445555:role/Admin");
    assert_eq!(prod["source"], "identity");
    assert_eq!(prod["mfa_serial"], "arn:aws:iam::111122223333:mfa/ada");
    assert_eq!(prod["region"], "eu-central-1");
    assert_eq!((&prod["cached_until"], &prod["error"]), (&Value::Null, &Value::Null));
    assert_eq!(world.calls(), [""; 0]);

    let code = world.fake.mfa_code("ada");
    let keys = world.rolo(&["process", "prod", "--mfa-code", &code]).keys();
    assert_eq!(row(&world, "prod")["cached_until"], keys.expiration.unwrap());
    assert!(line(&world, "prod").ends_with("59m left"), "{}", line(&world, "prod"));
    assert_eq!(row(&world, "dev")["cached_until"], Value::Null);
}

#[test]
fn a_broken_profile_breaks_its_own_row() {
    let world = World::new();
    world.add_config(
        "[profile lost]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = nowhere\n\
         [profile ring]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = ring\n\
         [profile later]\nlogin_session = arn:aws:iam::111122223333:user/ada\n",
    );
    assert_eq!(
        row(&world, "lost")["error"],
        "`source_profile` of profile `lost` names `nowhere`, which does not exist"
    );
    assert_eq!(row(&world, "ring")["error"], "`source_profile` loops: `ring` -> `ring`");
    assert_eq!(
        row(&world, "later")["error"],
        "profile `later` has a `login_session`, which is not yet supported"
    );
    assert!(line(&world, "lost").contains("which does not exist"));
    assert!(line(&world, "plain").contains("222233334444"));
}

#[test]
fn nothing_in_a_name_reaches_the_terminal() {
    let world = World::new();
    world.add_config(
        "[profile \u{1b}[2Jcleared]\nrole_arn = arn:aws:iam::222233334444:role/\u{1b}]0;x\u{7}\nsource_profile = \u{9b}1A\n",
    );
    let table = world.rolo(&["list"]).quiet();
    assert!(table.chars().all(|c| c == '\n' || !c.is_control()), "{table:?}");
    assert!(table.contains(r"\u{1b}[2Jcleared"), "{table}");
    let json = world.rolo(&["list", "--json"]).quiet();
    assert!(json.chars().all(|c| c == '\n' || !c.is_control()), "{json:?}");
    let stderr = world.rolo(&["process", "\u{1b}[2Jcleared"]).failed(3);
    assert!(stderr.chars().all(|c| c == '\n' || !c.is_control()), "{stderr:?}");
}

#[test]
fn without_profiles_there_is_nothing_to_list() {
    let world = World::new();
    for file in [".aws/config", ".aws/credentials"] {
        std::fs::remove_file(world.path(file)).unwrap();
    }
    assert_eq!(world.rolo(&["list", "--json"]).quiet(), "[]\n");
    world.rolo(&["list"]).quiet();
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_with_its_line() {
    let world = World::new();
    world.config("[profile a]\nregion\n");
    for args in [["list", "--json"], ["process", "a"]] {
        let stderr = world.rolo(&args).failed(3);
        assert!(stderr.contains("at ~/.aws/config:2"), "{stderr}");
    }
}
