//! The memo: it is written once the files are old enough, and never answers for another world than it was made in.

use std::{
    fs::{self, File, FileTimes},
    path::Path,
    thread,
    time::{Duration, SystemTime},
};

use fake_aws::{Role, Trust};

use crate::world::{IDENTITY, STAGING, World, aws};

const MEMOS: &str = ".cache/rolo/memo";

/// What a change is, and what must come of it.
type Change = (&'static str, fn(&mut World), fn(&World));

const CHANGES: [Change; 8] = [
    (
        "a line, at the same length and time",
        |world| {
            let config = world.path(".aws/config");
            let modified = fs::metadata(&config).unwrap().modified().unwrap();
            world.edit_config("role/Plain", "role/Spare");
            set_modified(&config, modified);
        },
        spare_is_had,
    ),
    (
        "a file replaced by an older one",
        |world| {
            let old = world.write("old", &fs::read_to_string(world.path(".aws/config")).unwrap());
            fs::write(&old, fs::read_to_string(&old).unwrap().replace("role/Plain", "role/Spare")).unwrap();
            set_modified(&old, SystemTime::UNIX_EPOCH);
            fs::rename(&old, world.path(".aws/config")).unwrap();
        },
        spare_is_had,
    ),
    (
        "a variable of the plan",
        |world| world.set("AWS_REGION", "ap-south-1"),
        |world| {
            assert!(world.rolo(&["export", "plain"]).quiet().contains("AWS_REGION='ap-south-1'"));
            assert_eq!(world.fake.calls()[0].region.as_deref(), Some("ap-south-1"));
        },
    ),
    (
        "another config file",
        |world| world.set("AWS_CONFIG_FILE", "/dev/null/none"),
        |world| {
            world.rolo(&["export", "plain"]).failed(3);
        },
    ),
    (
        "settings of rolo appear",
        |world| world.settings("cli_cache = \"on\"\nnonsense = 1\n"),
        |world| {
            world.rolo(&["export", "plain"]).failed(3);
        },
    ),
    (
        "keys that come first appear",
        |world| {
            let bob = world.fake.user_keys("bob");
            world.credentials(&format!(
                "[identity]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
                bob.id, bob.secret
            ));
        },
        |world| {
            world.keys(&["plain"]);
            assert_eq!(world.fake.calls()[0].access_key_id, Some(world.fake.user_keys("bob").id));
        },
    ),
    (
        "the file is gone",
        |world| fs::remove_file(world.path(".aws/config")).unwrap(),
        |world| {
            world.rolo(&["export", "plain"]).failed(3);
        },
    ),
    (
        "nothing",
        |_| {},
        |world| {
            world.keys(&["plain"]);
            world.rolo(&["exec", "plain", "true"]).quiet();
            assert_eq!(world.calls(), [""; 0]);
        },
    ),
];

fn spare_is_had(world: &World) {
    role_is_had(world, "Spare");
}

/// `whoami` would not do: it plans anew each time.
fn role_is_had(world: &World, role: &str) {
    world.keys(&["plain"]);
    let arn = format!("arn:aws:iam::{STAGING}:role/{role}");
    assert_eq!(
        world.fake.calls_of("AssumeRole").last().and_then(|call| call.param("RoleArn")),
        Some(arn.as_str())
    );
}

/// One wait for all of the changes, since no program can set a file's `ctime` back.
#[test]
fn nothing_that_was_read_changes_unnoticed() {
    let mut worlds: Vec<World> = CHANGES
        .iter()
        .map(|_| {
            let world = World::of(aws().role(Role::new(STAGING, "Spare").trusts(Trust::of(IDENTITY))));
            let ada = world.fake.user_keys("ada");
            world.edit_config(
                "[profile identity]\n",
                &format!(
                    "[profile identity]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
                    ada.id, ada.secret
                ),
            );
            fs::remove_file(world.path(".aws/credentials")).unwrap();
            world
        })
        .collect();
    thread::sleep(Duration::from_millis(2100));
    for world in &worlds {
        world.keys(&["plain"]);
        world.calls();
        assert_eq!(world.files(MEMOS).len(), 1);
    }
    for ((name, change, check), world) in CHANGES.iter().zip(&mut worlds) {
        change(world);
        println!("{name}");
        check(world);
    }
}

fn set_modified(path: &Path, at: SystemTime) {
    File::options().write(true).open(path).unwrap().set_times(FileTimes::new().set_modified(at)).unwrap();
}

#[test]
fn no_memo_is_made_of_files_that_may_change_unseen() {
    let world = World::new();
    // A change within the clock's grain would leave the same stamp.
    set_modified(&world.path(".aws/config"), SystemTime::now() + Duration::from_hours(1));
    world.keys(&["plain"]);
    world.keys(&["plain"]);
    assert_eq!(world.files(MEMOS).len(), 0);
    world.edit_config("role/Plain", "role/Hop");
    role_is_had(&world, "Hop");
}
