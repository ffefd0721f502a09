//! Writers of `~/.aws/credentials` and `~/.aws/config` that are killed, or that meet: the file is the old one or the new one, and no
//! writer's work is lost.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Stdio},
    time::Instant,
};

use crate::{
    programs::{ROLO, start},
    tools,
    world::{Ran, World, run},
};

const FILE: &str = ".aws/credentials";
const SAVE: [&str; 4] = ["save", "plain", "--as", "saved"];
const CONFIG: &str = ".aws/config";
const CONFIGURE: [&str; 6] = ["configure", "-q", "plain", "--region", "eu-west-3", "--no-verify"];
const CLEAN: [&str; 2] = ["save", "--clean"];

/// The calls by which a file comes into being, and those between them. Before any other nothing is changed that the next
/// of these would not show.
const CALLS: [&str; 12] = [
    "openat",
    "write",
    "fchmod",
    "fchown",
    "fsync",
    "read",
    "close",
    "?rename",
    "renameat",
    "?renameat2",
    "unlinkat",
    "flock",
];

/// A home in which a command writes, and the two texts that may be found.
struct Written {
    world: World,
    file: &'static str,
    words: &'static [&'static str],
    old: String,
    new: String,
}

impl Written {
    /// `words` in a home where all is cached, which write `file`; `prepare` changes it first.
    fn by(words: &'static [&'static str], file: &'static str, prepare: impl FnOnce(&World)) -> Self {
        let world = World::new();
        world.keys(&["plain"]);
        prepare(&world);
        let path = world.path(file);
        let old = fs::read_to_string(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        world.rolo(words).quiet();
        let new = fs::read_to_string(&path).unwrap();
        assert_ne!(old, new);
        let written = Self { world, file, words, old, new };
        written.reset();
        written
    }

    fn file(&self) -> PathBuf {
        self.world.path(self.file)
    }

    fn reset(&self) {
        fs::write(self.file(), &self.old).unwrap();
        fs::set_permissions(self.file(), Permissions::from_mode(0o640)).unwrap();
    }

    /// Whether the new text is in place.
    ///
    /// # Panics
    /// If the file is neither the old one nor the new one, with the mode that both have.
    #[track_caller]
    fn is_new(&self, what: &str) -> bool {
        let text = fs::read_to_string(self.file()).unwrap();
        assert!(text == self.old || text == self.new, "{what}: {text}");
        assert_eq!(fs::metadata(self.file()).unwrap().permissions().mode() & 0o7777, 0o640, "{what}");
        for entry in fs::read_dir(self.world.path(".aws")).unwrap() {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode();
            let is_left = entry.file_name().to_str().unwrap().starts_with(".rolo-");
            assert!(!is_left || mode % 0o10 == 0, "{what}: others may read what is left behind");
        }
        text == self.new
    }

    fn traced(&self, strace: &Command, inject: &str) -> Ran {
        let options = ["-f", "-qq", "-o", "/dev/null", "-e", inject, ROLO];
        run(&mut self.world.tool(strace, &[&options, self.words].concat()))
    }

    /// Kills the command at each call of each kind in turn, until a run comes to its end.
    fn kill_at_each_call(&self, strace: &Command) {
        let (mut old, mut new) = (0, 0);
        for call in CALLS {
            for number in 1.. {
                let inject = format!("inject={call}:signal=KILL:when={number}");
                let ran = self.traced(strace, &inject);
                let is_new = self.is_new(&inject);
                if ran.code == 0 {
                    assert!(is_new, "{inject}: {ran:?}");
                    self.reset();
                    break;
                }
                assert_eq!(ran.code, -1, "{inject}: {ran:?}");
                if is_new {
                    new += 1;
                    self.reset();
                } else {
                    old += 1;
                }
            }
        }
        // Behind the rename the folder is synced and closed, at the least.
        assert!(old >= 20 && new >= 2, "killed {old} times before and {new} times after the change");
        run(self.world.command(self.words)).quiet();
        assert!(self.is_new("nothing of the killed ones is in the way"));
    }
}

fn may_trace(strace: &Command) -> bool {
    let mut probe = Command::new(strace.get_program());
    let may = probe
        .args(["-f", "-qq", "-o", "/dev/null", "true"])
        .stderr(Stdio::null())
        .status()
        .unwrap()
        .success();
    if !may {
        tools::skip("strace", "may not trace here");
    }
    may
}

fn expired(world: &World) {
    world.rolo(&["save", "plain", "--as", "saved"]).quiet();
    world.rolo(&["save", "plain", "--as", "kept"]).quiet();
    let text = fs::read_to_string(world.path(FILE)).unwrap();
    let at = text.find("rolo_expiration = 20").unwrap() + "rolo_expiration = 20".len();
    world.credentials(&format!("# mine\r\n{}00{}", &text[..at], &text[at + 2..]));
}

#[test]
fn save_killed_at_any_call_leaves_the_old_file_or_the_new() {
    let Some(strace) = tools::find("strace").filter(may_trace) else { return };
    Written::by(&SAVE, FILE, |_| ()).kill_at_each_call(&strace);
}

#[test]
fn clean_killed_at_any_call_leaves_the_old_file_or_the_new() {
    let Some(strace) = tools::find("strace").filter(may_trace) else { return };
    Written::by(&CLEAN, FILE, expired).kill_at_each_call(&strace);
}

#[test]
fn configure_killed_at_any_call_leaves_the_old_file_or_the_new() {
    let Some(strace) = tools::find("strace").filter(may_trace) else { return };
    Written::by(&CONFIGURE, CONFIG, |_| ()).kill_at_each_call(&strace);
}

#[test]
fn save_killed_a_hundred_times_leaves_the_old_file_or_the_new() {
    let written = Written::by(&SAVE, FILE, |_| ());
    let begin = Instant::now();
    written.world.rolo(&SAVE).quiet();
    let whole = begin.elapsed();
    written.reset();
    let (mut seed, mut killed) = (0x2545_f491_u32, 0);
    for turn in 0..100 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let pause = whole.mul_f64(1.2 * f64::from(seed >> 8) / f64::from(1 << 24));
        let mut child = start(&mut written.world.command(&SAVE));
        std::thread::sleep(pause);
        child.kill().unwrap();
        killed += i32::from(!child.wait().unwrap().success());
        if written.is_new(&format!("turn {turn}, after {pause:?}")) {
            written.reset();
        }
    }
    assert!(killed > 10, "{killed} of 100 were killed in time");
}

#[test]
fn processes_that_save_at_once_lose_nothing() {
    let world = World::new();
    world.keys(&["plain"]);
    let old = fs::read_to_string(world.path(FILE)).unwrap();
    let names: Vec<String> = (0..12).map(|number| format!("saved-{number}")).collect();
    let children: Vec<_> =
        names.iter().map(|name| start(&mut world.command(&["save", "plain", "--as", name]))).collect();
    for (child, name) in children.into_iter().zip(&names) {
        assert_eq!(Ran::from(child.wait_with_output().unwrap()).quiet(), format!("{name}\n"));
    }
    let text = fs::read_to_string(world.path(FILE)).unwrap();
    assert!(text.starts_with(&old));
    for name in &names {
        assert_eq!(text.matches(&format!("\n[{name}]\n# written by rolo")).count(), 1, "{text}");
    }
    assert_eq!(text.matches("aws_session_token = ").count(), names.len());
}

#[test]
fn the_aws_cli_killed_at_its_first_write_leaves_nothing() {
    let (Some(strace), Some(aws)) = (tools::find("strace").filter(may_trace), tools::find("aws-v1")) else {
        return;
    };
    let world = World::new();
    let config = world.path(".aws/config");
    let (path, aws) = (config.to_str().unwrap(), aws.get_program().to_str().unwrap().to_owned());
    let options = ["-f", "-qq", "-o", "/dev/null", "-P", path, "-e", "inject=write:signal=KILL:when=1"];
    let set = [&aws, "configure", "set", "region", "eu-west-3", "--profile", "plain"];
    let ran = run(&mut world.tool(&strace, &[&options[..], &set].concat()));
    assert_eq!(
        (ran.code, fs::read(&config).unwrap().len()),
        (-1, 0),
        "why rolo does not write in place: {ran:?}"
    );
}
