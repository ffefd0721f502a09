//! rolo's own cache: what is kept, for whom, how long, and what makes it ask again.

use std::{fs, os::unix::fs::PermissionsExt};

use fake_aws::Fault;
use serde_json::Value;

use crate::world::World;

const ENTRIES: &str = ".cache/rolo/credentials";
const MEMOS: &str = ".cache/rolo/memo";
const NONE: [&str; 0] = [];

/// Makes all entries older by so many seconds, as if that time had passed.
pub(crate) fn age(world: &World, seconds: i64) {
    age_of(world, seconds, |_| true);
}

/// The same for those that `is_meant` picks by what they are about.
fn age_of(world: &World, seconds: i64, is_meant: impl Fn(&Value) -> bool) {
    let older = |value: &mut Value| {
        let at: jiff::Timestamp = value.as_str().unwrap().parse().unwrap();
        *value = (at - jiff::SignedDuration::from_secs(seconds)).to_string().into();
    };
    for file in world.files(ENTRIES) {
        let mut entry: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        if is_meant(&entry["about"]) {
            older(&mut entry["issued_at"]);
            older(&mut entry["credentials"]["expiration"]);
            fs::write(&file, entry.to_string()).unwrap();
        }
    }
}

fn uncached_by_the_cli() -> World {
    let world = World::new();
    world.settings("cli_cache = \"off\"\n");
    world
}

#[test]
fn the_second_run_makes_no_call() {
    let world = uncached_by_the_cli();
    let first = world.keys(&["plain"]);
    assert_eq!(world.calls(), ["AssumeRole"]);
    for args in [vec!["plain"], vec!["--profile", "plain"], vec!["-q", "plain"]] {
        assert_eq!(world.keys(&args), first);
    }
    let exported = world.rolo(&["export", "plain"]).quiet();
    assert!(exported.contains(&first.id));
    assert_eq!(world.calls(), NONE);
}

#[test]
fn what_decides_the_credentials_decides_the_entry() {
    let world = World::new();
    world.config(
        "[profile p]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = identity\nregion = eu-west-1\n\
         [profile identity]\n[profile other]\n",
    );
    world.keys(&["p"]);
    let [ada, bob] = ["ada", "bob"].map(|user| world.fake.user_keys(user));
    let config = fs::read_to_string(world.path(".aws/config")).unwrap();
    let credentials = fs::read_to_string(world.path(".aws/credentials")).unwrap();
    world.calls();
    for (from, to) in [
        ("role/Plain", "role/Hop"),
        ("region = eu-west-1", "region = eu-west-2"),
        ("[profile p]\n", "[profile p]\nduration_seconds = 1800\n"),
        ("[profile p]\n", "[profile p]\nexternal_id = anything\n"),
        ("[profile p]\n", "[profile p]\nrole_session_name = me\n"),
        ("[profile p]\n", "[profile p]\nsession_tags = team=blue\n"),
        ("[profile p]\n", "[profile p]\nsource_identity = ada\n"),
        ("source_profile = identity", "source_profile = other"),
    ] {
        world.edit_config(from, to);
        world.keys(&["p"]);
        assert_eq!(world.calls(), ["AssumeRole"], "{to}");
        world.config(&config);
    }
    // Another access key of the same profile.
    world.credentials(&credentials.replace(&ada.id, "AKIAX").replace(&ada.secret, "x"));
    world.rolo(&["process", "p"]).failed(5);
    world.credentials(&credentials.replace(&ada.id, &bob.id).replace(&ada.secret, &bob.secret));
    world.calls();
    world.keys(&["p", "--role-session-name", "bobs"]);
    assert_eq!(world.fake.calls()[0].access_key_id, Some(bob.id));
    world.calls();
    // Back to where it was, nothing has been forgotten.
    world.credentials(&credentials);
    world.keys(&["p"]);
    assert_eq!(world.calls(), NONE);
}

#[test]
fn a_profiles_name_decides_nothing() {
    let world = uncached_by_the_cli();
    let plain = world.keys(&["plain"]);
    world.edit_config("[profile plain]", "[profile renamed]");
    assert_eq!(world.keys(&["renamed"]), plain);
    assert_eq!(world.calls(), ["AssumeRole"]);
}

#[test]
fn options_of_the_command_line_have_entries_of_their_own() {
    let world = World::new();
    let plain = world.keys(&["plain"]);
    world.calls();
    let policy =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    for options in [
        vec!["--duration", "20m"],
        vec!["--region", "us-east-2"],
        vec!["--role-session-name", "job-7"],
        vec!["--external-id", "any"],
        vec!["--read-only"],
        vec![
            "--policy-arn",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "--policy-arn",
            "arn:aws:iam::aws:policy/X",
        ],
        vec!["--policy", policy],
        vec!["--tag", "team=blue"],
        vec!["--tag", "team=blue", "--transitive-tag", "team"],
        vec!["--tag", "team=red"],
        vec!["--source-identity", "ada"],
    ] {
        let args = [&["plain"], options.as_slice()].concat();
        let keys = world.keys(&args);
        assert_eq!(world.calls(), ["AssumeRole"], "{options:?}");
        assert_eq!(world.keys(&args), keys, "{options:?}");
        assert_ne!(keys, plain);
    }
    assert_eq!(world.keys(&["plain"]), plain);
    assert_eq!(world.calls(), NONE);
}

#[test]
fn refresh_replaces_the_asked_role_alone() {
    let world = uncached_by_the_cli();
    let first = world.keys(&["audit"]);
    assert_eq!(world.calls(), ["AssumeRole", "AssumeRole"]);
    let second = world.keys(&["audit", "--refresh"]);
    assert_ne!(first, second);
    assert_eq!(world.calls(), ["AssumeRole"]);
    assert_eq!(world.keys(&["audit"]), second);
    assert_eq!(world.calls(), NONE);
    // Refreshing is what was asked for, so old credentials are no answer when it fails.
    world.fake.fault(Fault::error(403, "AccessDenied", "no more"));
    world.rolo(&["process", "audit", "--refresh"]).failed(5);
}

#[test]
fn nobody_else_can_read_what_is_kept() {
    let mut world = World::new();
    world.set("CODE", world.fake.mfa_code("ada"));
    let ran = world.shell("umask 000; rolo process prod --mfa-code $CODE && rolo process audit");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let files: Vec<_> =
        [".cache/rolo", ".aws/cli/cache"].iter().flat_map(|folder| world.files(folder)).collect();
    assert!(files.len() >= 7, "{files:?}");
    for file in &files {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
        let folder = file.parent().unwrap();
        assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700, "{folder:?}");
    }
    let tag = fs::read_to_string(world.path(".cache/rolo/CACHEDIR.TAG")).unwrap();
    assert!(tag.starts_with("Signature: 8a477f597d28d172789f06886806bc55\n"), "{tag}");
}

#[test]
fn a_damaged_entry_is_as_good_as_none() {
    let world = uncached_by_the_cli();
    world.keys(&["plain"]);
    world.keys(&["hop"]);
    let entries = world.files(ENTRIES);
    let [first, second] = [&entries[0], &entries[1]].map(|file| fs::read_to_string(file).unwrap());
    world.calls();
    for damage in ["", "{}", "null", "\0", &first[..first.len() / 2], &second] {
        fs::write(&entries[0], damage).unwrap();
        let listed = world.rolo(&["cache", "list"]).quiet();
        assert!(listed.contains("damaged"), "{listed}");
        world.keys(&["plain"]);
        world.keys(&["hop"]);
        assert_eq!(world.calls(), ["AssumeRole"], "{damage}");
    }
}

#[test]
fn the_list_shows_no_secret() {
    let mut world = World::new();
    world.set("ROLO_MFA_CODE", world.fake.mfa_code("ada"));
    let keys = world.keys(&["prod"]);
    let table = world.rolo(&["cache", "list"]).quiet();
    let json = world.rolo(&["cache", "list", "--json"]).quiet();
    for text in [&table, &json] {
        assert!(text.contains("arn:aws:iam::333344445555:role/Admin"), "{text}");
        assert!(text.contains("arn:aws:iam::111122223333:mfa/ada"), "{text}");
        assert!(text.contains(keys.expiration.as_ref().unwrap()), "{text}");
        assert!(!text.contains(&keys.secret) && !text.contains(keys.token.as_ref().unwrap()), "{text}");
    }
    let rows: Value = serde_json::from_str(&json).unwrap();
    let role = rows.as_array().unwrap().iter().find(|row| row["kind"] == "role").unwrap();
    assert_eq!((&role["profile"], &role["state"]), (&"prod".into(), &"valid".into()));
}

#[test]
fn what_is_cleared_is_asked_for_again() {
    let mut world = World::new();
    let code = world.fake.mfa_code("ada");
    world.rolo(&["process", "prod", "--mfa-code", &code]).keys();
    world.keys(&["plain"]);
    assert_eq!(world.files(".aws/cli/cache").len(), 2);
    world.calls();

    world.rolo(&["cache", "clear", "prod"]).quiet();
    world.keys(&["plain"]);
    assert_eq!(world.calls(), NONE);
    world.keys(&["prod"]);
    assert_eq!(world.calls(), ["AssumeRole"], "the MFA session is not one role's");

    world.rolo(&["cache", "clear", "--expired"]).quiet();
    world.keys(&["plain"]);
    assert_eq!(world.calls(), NONE);
    age_of(&world, 7200, |about| about["profile"] == "plain");
    world.rolo(&["cache", "clear", "--expired"]).quiet();
    world.keys(&["plain"]);
    world.keys(&["prod"]);
    assert_eq!(world.calls(), ["AssumeRole"]);

    world.rolo(&["cache", "clear", "--all"]).quiet();
    assert_eq!((world.files(ENTRIES), world.files(MEMOS)), (vec![], vec![]));
    assert_eq!(world.files(".aws/cli/cache").len(), 0);
    world.keys(&["plain"]);
    assert_eq!(world.calls(), ["AssumeRole"]);
    world.set("ROLO_MFA_CODE", code);
    world.rolo(&["process", "prod"]).failed(4);
}

#[test]
fn a_profile_that_is_gone_can_be_cleared() {
    let world = World::new();
    world.keys(&["plain"]);
    world.edit_config("[profile plain]", "[profile renamed]");
    world.rolo(&["cache", "clear", "nobody"]).failed(3);
    world.rolo(&["cache", "clear", "plain"]).quiet();
    world.calls();
    world.keys(&["renamed"]);
    assert_eq!(world.calls(), ["AssumeRole"]);
}

#[test]
fn the_cache_is_where_xdg_says() {
    let mut world = World::new();
    world.set("XDG_CACHE_HOME", world.path("elsewhere").to_str().unwrap());
    world.keys(&["plain"]);
    assert!(!world.files("elsewhere/rolo").is_empty());
    assert!(!world.path(".cache").exists());
    // The specification has relative paths ignored.
    world.set("XDG_CACHE_HOME", "elsewhere");
    world.keys(&["hop"]);
    assert!(world.path(".cache/rolo").exists());
}

#[test]
fn a_quarter_of_the_life_or_a_quarter_of_an_hour_must_be_left() {
    for (life, needed, setting) in [
        (3600, 900, ""),
        (1200, 300, ""),
        (12 * 3600, 900, ""),
        (3600, 300, "refresh_before_expiry = \"5m\"\n"),
        (3600, 900, "refresh_before_expiry = \"1h\"\n"),
    ] {
        let world = World::new();
        world.settings(&format!("cli_cache = \"off\"\n{setting}"));
        world.fake.fault(Fault::lifetime(life));
        let first = world.keys(&["plain"]);
        world.calls();
        age(&world, i64::from(life - needed - 30));
        assert_eq!(world.keys(&["plain"]).id, first.id, "{life} {setting}");
        assert_eq!(world.calls(), NONE);
        age(&world, 60);
        assert_ne!(world.keys(&["plain"]).id, first.id, "{life} {setting}");
        assert_eq!(world.calls(), ["AssumeRole"]);
    }
}

#[test]
fn a_minute_is_enough_to_sign_the_next_call() {
    let world = uncached_by_the_cli();
    world.keys(&["audit"]);
    world.calls();
    age_of(&world, 3600 - 80, |about| about["role_arn"] == "arn:aws:iam::222233334444:role/Hop");
    world.keys(&["audit", "--refresh"]);
    assert_eq!(world.calls(), ["AssumeRole"]);
    age_of(&world, 30, |about| about["role_arn"] == "arn:aws:iam::222233334444:role/Hop");
    world.keys(&["audit", "--refresh"]);
    assert_eq!(world.calls(), ["AssumeRole", "AssumeRole"]);
}

#[test]
fn a_short_new_answer_is_handed_over_and_an_expired_one_is_not() {
    let world = uncached_by_the_cli();
    world.fake.fault(Fault::lifetime(20));
    world.keys(&["plain"]);
    world.fake.fault(Fault::lifetime(-5));
    let stderr = world.rolo(&["process", "hop"]).failed(5);
    assert!(stderr.contains("had expired when they came"), "{stderr}");
    assert_eq!(world.files(ENTRIES).len(), 1);
}

#[test]
fn where_renewal_fails_what_lives_is_handed_over() {
    let mut world = uncached_by_the_cli();
    world.set("AWS_MAX_ATTEMPTS", "1");
    let first = world.keys(&["plain"]);
    age(&world, 3005);
    for fault in [Fault::cut(), Fault::error(403, "AccessDenied", "no more"), Fault::internal()] {
        world.fake.fault(fault);
        let ran = world.rolo(&["process", "plain"]);
        assert!(ran.stdout.contains(&first.secret), "{ran:?}");
        let stderr = ran.warned();
        assert!(stderr.starts_with("warning: renewal failed ("), "{stderr}");
        assert!(stderr.contains("the cached credentials are used, 5"), "{stderr}");
    }
    age(&world, 540);
    world.fake.fault(Fault::cut());
    world.rolo(&["process", "plain"]).failed(6);
}

#[test]
fn where_nobody_can_be_asked_what_lives_is_handed_over() {
    let mut world = uncached_by_the_cli();
    let code = world.fake.mfa_code("ada");
    world.set("ROLO_MFA_CODE", code);
    let first = world.keys(&["prod"]);
    world.unset("ROLO_MFA_CODE");
    age_of(&world, 3000, |about| about["kind"] == "role");
    age_of(&world, 43_200, |about| about["kind"] == "mfa-session");
    let ran = world.rolo(&["exec", "prod", "printenv", "AWS_ACCESS_KEY_ID"]);
    assert_eq!(ran.stdout.trim(), first.id);
    assert!(ran.warned().contains("an MFA code for"));
}
