//! Files of the caches that were cut off, spoilt or left half written: never an error, never a torn entry.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use serde_json::Value;

use crate::{
    programs::ROLO,
    tools,
    world::{World, run},
};

const CREDENTIALS: &str = ".cache/rolo/credentials";
const MEMO: &str = ".cache/rolo/memo";
const CLI_CACHE: &str = ".aws/cli/cache";

/// A home in which `plain` is cached everywhere: the entry of each of the three stores.
fn cached() -> (World, [PathBuf; 3]) {
    let world = World::new();
    // A memo is kept once the config's stamp is old enough to tell a later change.
    std::thread::sleep(Duration::from_millis(2100));
    run(&mut world.command(&["process", "plain"])).ok();
    let only = |folder: &str| {
        let files = world.files(folder);
        assert_eq!(files.len(), 1, "{folder}: {files:?}");
        files.into_iter().next().unwrap()
    };
    let files = [only(CREDENTIALS), only(MEMO), only(CLI_CACHE)];
    world.fake.clear_calls();
    (world, files)
}

/// What `path` held, cut off at some twenty places, the last byte among them. (The core's tests cut at each.)
fn cuts(path: &Path) -> Vec<Vec<u8>> {
    let whole = fs::read(path).unwrap();
    let ends = (0..whole.len()).rev().step_by(whole.len() / 20);
    ends.map(|end| whole[..end].to_vec()).collect()
}

/// Other damage: zeros as after a power cut, another file's bytes, JSON of another kind, and more than it should be.
fn spoilt(path: &Path) -> Vec<Vec<u8>> {
    let whole = fs::read(path).unwrap();
    vec![
        vec![0; whole.len()],
        b"[]".to_vec(),
        b"null".to_vec(),
        b"{\"Credentials\": null}".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        [&whole[..], &whole[..]].concat(),
        vec![b'{'; 1 << 21],
    ]
}

#[test]
fn a_cut_off_entry_of_ours_is_a_miss() {
    let (world, [entry, memo, _]) = cached();
    let before = run(&mut world.command(&["process", "plain"])).ok().stdout;
    for file in [entry, memo] {
        let whole = fs::read(&file).unwrap();
        for damage in cuts(&file).into_iter().chain(spoilt(&file)) {
            fs::write(&file, &damage).unwrap();
            let ran = run(&mut world.command(&["process", "plain"])).ok();
            // Another store still holds what the damaged one held.
            assert_eq!(
                (ran.stdout.as_str(), ran.stderr.as_str()),
                (before.as_str(), ""),
                "{} bytes",
                damage.len()
            );
        }
        fs::write(&file, &whole).unwrap();
    }
    assert!(world.calls().is_empty());
}

#[test]
fn a_cut_off_entry_of_the_aws_cli_is_a_miss_and_is_made_good() {
    let (world, [_, _, shared]) = cached();
    for damage in cuts(&shared).into_iter().chain(spoilt(&shared)) {
        fs::remove_dir_all(world.path(".cache")).unwrap();
        fs::write(&shared, &damage).unwrap();
        let ran = run(&mut world.command(&["process", "plain"])).ok();
        assert_eq!(ran.stderr, "", "{} bytes", damage.len());
        // With what rolo leaves there the AWS CLI would otherwise fail until somebody deletes it.
        let made_good: Value = serde_json::from_slice(&fs::read(&shared).unwrap()).unwrap();
        assert_eq!(made_good["Credentials"]["AccessKeyId"], ran.key());
    }
}

/// The calls that bring a file into being; a process that is killed at the n-th of a kind has done all before it.
const STORING: [&str; 4] = ["write", "fsync", "renameat", "ftruncate"];

/// rolo below strace, which kills it as `injected` says, or notes its calls.
fn traced(world: &World, strace: &Command, options: &[&str]) -> Command {
    let note = world.path("trace");
    let trace = format!("trace={}", STORING.join(","));
    let common = ["-qq", "-o", note.to_str().unwrap(), "-e", &trace];
    world.tool(strace, &[&common[..], options, &[ROLO, "process", "--refresh", "plain"]].concat())
}

/// How often each of [`STORING`] is called in a whole run.
fn points(world: &World, strace: &Command) -> Option<Vec<(&'static str, usize)>> {
    if run(&mut traced(world, strace, &[])).code != 0 {
        tools::skip("strace", "may not trace here");
        return None;
    }
    let notes = fs::read_to_string(world.path("trace")).unwrap();
    let count = |call: &str| notes.lines().filter(|line| line.starts_with(&format!("{call}("))).count();
    Some(STORING.into_iter().map(|call| (call, count(call))).collect())
}

/// The access key id of an entry of either cache.
///
/// # Panics
/// If it is torn.
fn key_in(entry: &Path) -> String {
    let json: Value = serde_json::from_slice(&fs::read(entry).unwrap()).unwrap();
    let credentials = json.get("Credentials").or(json.get("credentials")).unwrap();
    let key = credentials.get("AccessKeyId").or(credentials.get("access_key_id")).unwrap();
    key.as_str().unwrap().to_owned()
}

#[test]
fn a_process_killed_while_it_stores_leaves_the_old_entry_or_the_new() {
    let Some(strace) = tools::find("strace") else { return };
    let (world, [own, memo, shared]) = cached();
    let Some(points) = points(&world, &strace) else { return };
    let stored = points.iter().map(|(_, count)| count).sum::<usize>();
    assert!(points.iter().all(|(call, count)| *call == "ftruncate" || *count >= 3), "{points:?}");
    let mut was_old = 0;
    for (call, count) in points {
        for number in 1..=count {
            let old = (key_in(&own), key_in(&shared));
            world.fake.clear_calls();
            let inject = format!("inject={call}:signal=KILL:when={number}");
            let killed = run(&mut traced(&world, &strace, &["-e", &inject]));
            assert_eq!(killed.code, -1, "{inject}: it was killed: {killed:?}");
            let new = world.fake.calls_of("AssumeRole").pop().and_then(|call| call.issued);
            for (key, old) in [(key_in(&own), &old.0), (key_in(&shared), &old.1)] {
                assert!(key == *old || Some(&key) == new.as_ref(), "{inject}: {key}, {old}, {new:?}");
                was_old += usize::from(key == *old);
            }
            let next = run(&mut world.command(&["process", "plain"])).ok();
            assert_eq!((next.key(), next.stderr.as_str()), (key_in(&own), ""), "{inject}");
            for path in [&own, &memo, &shared].map(|path| files_beside(path)).into_iter().flatten() {
                let mode = fs::metadata(&path).unwrap().permissions().mode();
                assert_eq!(mode & 0o077, 0, "{inject}: {}", path.display());
            }
        }
    }
    assert!((1..2 * stored).contains(&was_old), "some were killed before and some after: {was_old}");
}

/// All files in the folder of `path`, what was left behind included.
fn files_beside(path: &Path) -> Vec<PathBuf> {
    fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path()).collect()
}
