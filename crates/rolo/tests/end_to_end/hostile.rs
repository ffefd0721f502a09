//! A machine that means ill or is broken: folders of others, links, read-only and full disks, no home.
//!
//! The rule for all of them: credentials are handed over, one warning says what is not cached, and nothing is written
//! where it should not be.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::Command,
};

use crate::{
    programs::ROLO,
    tools,
    world::{Ran, World, run},
};

/// Bound by every user, owned by none of these tests' (in a user namespace of ours, by nobody at all).
const FOREIGN: &str = "/usr/share";
const OWN_CACHE: &str = ".cache/rolo";
const CLI_CACHE: &str = ".aws/cli/cache";

impl World {
    /// A shell script that may mount: in a mount namespace of its own, and where we are not root in a user namespace too.
    fn mounting(&self, script: &str) -> Option<Command> {
        let mut words = vec!["unshare", "--mount"];
        if !is_root() {
            words.push("--map-root-user");
        }
        let probe = [&words[..], &["true"]].concat();
        if run(&mut self.detached(&probe)).code != 0 {
            tools::skip("unshare", "may not make a namespace here");
            return None;
        }
        Some(self.detached(&[&words[..], &["sh", "-ec", script]].concat()))
    }

    fn folder(&self, below: &str, mode: u32) {
        fs::create_dir_all(self.path(below)).unwrap();
        self.mode(below, mode);
    }

    fn mode(&self, below: &str, mode: u32) {
        fs::set_permissions(self.path(below), fs::Permissions::from_mode(mode)).unwrap();
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Credentials came, with one warning that tells the reason.
fn check(what: &str, ran: &Ran, warning: &str) {
    assert_eq!(ran.code, 0, "{what}: {ran:#?}");
    assert!(ran.key().starts_with("ASIA"), "{what}: {ran:#?}");
    let lines: Vec<_> = ran.stderr.lines().collect();
    assert!(
        matches!(lines[..], [line] if line.starts_with("warning: ") && line.contains(warning)),
        "{what}: {ran:#?}"
    );
}

/// Everything below `path`: names, modes, times and contents of files.
fn state(path: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        let meta = fs::symlink_metadata(&path).unwrap();
        let content = if meta.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
        lines.push(format!(
            "{} {:?} {:?} {content:?}",
            path.display(),
            meta.permissions(),
            meta.modified().unwrap()
        ));
        if meta.is_dir() {
            lines.extend(state(&path));
        }
    }
    lines.sort();
    lines
}

#[test]
fn a_cache_folder_that_others_may_write_to_is_not_used() {
    for (below, says) in [(OWN_CACHE, "nothing is cached"), (CLI_CACHE, "the AWS CLI's cache is not shared")]
    {
        for mode in [0o777, 0o770, 0o1777] {
            let world = World::new();
            world.folder(below, mode);
            let ran = run(&mut world.command(&["process", "plain"]));
            check(below, &ran, says);
            assert!(ran.stderr.contains("others may write to it"), "{ran:#?}");
            assert_eq!(state(&world.path(below)), [""; 0], "nothing was put there");
        }
    }
}

#[test]
fn a_cache_folder_that_is_a_link_is_not_followed() {
    for (below, says) in [(OWN_CACHE, "nothing is cached"), (CLI_CACHE, "the AWS CLI's cache is not shared")]
    {
        let world = World::new();
        world.folder("elsewhere", 0o700);
        world.folder(Path::new(below).parent().unwrap().to_str().unwrap(), 0o700);
        symlink(world.path("elsewhere"), world.path(below)).unwrap();
        let ran = run(&mut world.command(&["process", "plain"]));
        check(below, &ran, says);
        assert!(ran.stderr.contains("symbolic link"), "{ran:#?}");
        assert_eq!(state(&world.path("elsewhere")), [""; 0], "nothing was written through the link");
    }
}

#[test]
fn links_inside_the_caches_are_not_followed() {
    let world = World::new();
    world.folder("elsewhere", 0o700);
    let first = run(&mut world.command(&["process", "plain"])).ok().key();
    // Each file of both caches becomes a link to what it was, and each folder of rolo's own too.
    let victims: Vec<_> = world.contents(CLI_CACHE).into_iter().map(|(path, _)| path).collect();
    for (number, path) in victims.iter().enumerate() {
        let target = world.path(&format!("elsewhere/{number}"));
        fs::rename(path, &target).unwrap();
        symlink(&target, path).unwrap();
    }
    for entry in fs::read_dir(world.path(OWN_CACHE)).unwrap() {
        let path = entry.unwrap().path();
        let target = world.path("elsewhere").join(path.file_name().unwrap());
        fs::rename(&path, &target).unwrap();
        symlink(&target, &path).unwrap();
    }
    let before = state(&world.path("elsewhere"));
    let ran = run(&mut world.command(&["process", "plain"]));
    assert_eq!(ran.code, 0, "{ran:#?}");
    assert_ne!(ran.key(), first, "what a link leads to is not used");
    assert_eq!(state(&world.path("elsewhere")), before, "nothing was written through a link");
}

#[test]
fn a_cache_folder_of_somebody_else_is_not_used() {
    for (below, says) in [(OWN_CACHE, "nothing is cached"), (CLI_CACHE, "the AWS CLI's cache is not shared")]
    {
        let world = World::new();
        world.folder(below, 0o755);
        let ran = if is_root() {
            std::os::unix::fs::chown(world.path(below), Some(65534), None).unwrap();
            run(&mut world.command(&["process", "plain"]))
        } else {
            let Some(mut mounting) = world.mounting(&format!(
                "mount --bind {FOREIGN} \"$HOME/{below}\"; exec \"{ROLO}\" process plain"
            )) else {
                return;
            };
            run(&mut mounting)
        };
        check(below, &ran, says);
        assert!(ran.stderr.contains("belongs to another user"), "{ran:#?}");
        assert_eq!(state(&world.path(below)), [""; 0]);
    }
}

#[test]
fn a_read_only_home_fails_nothing() {
    let world = World::new();
    let read_only = |words: &str| {
        world.mounting(&format!(
            "mount --bind \"$HOME\" \"$HOME\"; mount -o remount,bind,ro \"$HOME\"; cd \"$HOME\"; exec \"{ROLO}\" {words}"
        ))
    };
    let Some(mut cold) = read_only("process plain") else { return };
    check("cold", &run(&mut cold), "Read-only file system");
    // The second trouble has the same cause, and is for those who want to know all.
    let verbose = run(&mut read_only("process -v plain").unwrap()).ok();
    assert!(verbose.stderr.contains("rolo: the AWS CLI's cache is not shared: "), "{verbose:#?}");

    // What is cached already is used, silently.
    let cached = run(&mut world.command(&["process", "plain"])).ok().key();
    world.fake.clear_calls();
    let ran = run(&mut read_only("process plain").unwrap()).ok();
    assert_eq!((ran.key(), ran.stderr.as_str()), (cached.clone(), ""));
    assert!(world.calls().is_empty());
    let ran = run(&mut read_only("process --refresh plain").unwrap());
    check("refresh", &ran, "Read-only file system");
    assert_ne!(ran.key(), cached);
}

#[test]
fn a_full_disk_fails_nothing() {
    for (below, says) in
        [(".cache", "the credentials could not be cached"), (".aws/cli", "the AWS CLI's cache")]
    {
        // So many free pages as the files that are written one after the other need, and none.
        for pages in 0..6 {
            let world = World::new();
            world.folder(below, 0o700);
            let Some(mut mounting) = world.mounting(&format!(
                "cd \"$HOME\"; mount -t tmpfs -o size=256k,mode=700 tmpfs {below}
                dd if=/dev/zero of={below}/filler bs=4k count=64 2>/dev/null || :
                truncate -s -$(({pages} * 4096)) {below}/filler
                \"{ROLO}\" process plain; find {below} -name '.rolo-*' >&2"
            )) else {
                return;
            };
            let ran = run(&mut mounting);
            if pages == 0 || !ran.stderr.is_empty() {
                check(&format!("{pages} pages in {below}"), &ran, says);
                assert!(ran.stderr.contains("No space left on device"), "{ran:#?}");
            }
            assert!(ran.ok().key().starts_with("ASIA"));
        }
    }
}

#[test]
fn no_home_fails_nothing() {
    for odd in [None, Some(""), Some("relative")] {
        let world = World::new();
        let mut rolo = world.command(&["process", "plain"]);
        rolo.env_remove("HOME").envs(odd.map(|odd| ("HOME", odd)));
        rolo.env("AWS_CONFIG_FILE", world.path(".aws/config"));
        rolo.env("AWS_SHARED_CREDENTIALS_FILE", world.path(".aws/credentials"));
        let before = state(&world.path(""));
        check("no home", &run(&mut rolo), "neither `HOME` nor `XDG_CACHE_HOME` is an absolute path");
        assert_eq!(state(&world.path("")), before, "nothing was written into the working directory");
    }
}
