//! Memos over real files: they hold exactly as long as nothing changes that was read.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    io::{ErrorKind, Write},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use rolo_core::{
    cache::{
        key::KeyBuilder,
        memo::{Memo, RequestKey},
    },
    host::{
        Clock, Env, Host,
        real::RealHost,
        recorded::{FileNote, Recorded},
    },
    private_file::PrivateDir,
    profile::ConfigFiles,
};

/// Real files, variables that can be set, and a clock that is ahead, so that files just written count as old.
struct World {
    home: tempfile::TempDir,
    variables: RefCell<BTreeMap<String, String>>,
    ahead: SignedDuration,
}

impl Env for World {
    fn var(&self, name: &str) -> Option<String> {
        self.variables.borrow().get(name).cloned()
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        RealHost.now() + self.ahead
    }

    fn sleep(&self, duration: Duration) {
        RealHost.sleep(duration);
    }
}

impl World {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { home, variables: RefCell::default(), ahead: SignedDuration::from_secs(10) }
    }

    fn host(&self) -> Host<'_> {
        Host { env: self, files: &RealHost, clock: self, spawn: &RealHost }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn cache(&self) -> PrivateDir {
        PrivateDir::open_or_create(&self.path("rolo")).unwrap()
    }

    fn set(&self, name: &str, value: Option<&str>) {
        let mut variables = self.variables.borrow_mut();
        match value {
            Some(value) => variables.insert(name.to_owned(), value.to_owned()),
            None => variables.remove(name),
        };
    }

    fn lookup(&self) -> Option<Memo> {
        Memo::lookup(&self.cache(), &request(), self.host())
    }

    /// Stores a memo of a plan that reads `variables` and `files`; whether it was kept.
    fn remember(&self, variables: &[&str], files: &[PathBuf]) -> bool {
        let recorded = Recorded::new(self.host());
        let host = recorded.host();
        for name in variables {
            assert_eq!(host.env.var(name), self.var(name));
        }
        for path in files {
            let _ = host.files.read(path);
        }
        memo().store(&self.cache(), &request(), &recorded.notes()).unwrap()
    }
}

#[expect(clippy::disallowed_methods, reason = "people and other programs write these files")]
fn write(path: &Path, content: &[u8]) {
    fs::write(path, content).unwrap();
}

fn request() -> RequestKey {
    RequestKey::new(&["export", "prod"])
}

fn memo() -> Memo {
    Memo {
        cache_key: KeyBuilder::new("role").field("role_arn", "arn").finish(),
        profile: "prod\n'ü".to_owned(),
        settings: vec![
            ("AWS_REGION".to_owned(), "eu-west-1".to_owned()),
            ("AWS_X".to_owned(), String::new()),
        ],
        refresh_before_expiry: SignedDuration::from_mins(15),
        history: Some("prod\t\tarn".to_owned()),
    }
}

/// File systems count time in ticks of some milliseconds; changes are told apart from the next tick on.
fn next_tick() {
    std::thread::sleep(Duration::from_millis(12));
}

#[test]
fn a_memo_is_of_its_request_alone() {
    let world = World::new();
    assert_eq!(world.lookup(), None);
    assert!(world.remember(&["A"], &[]));
    assert_eq!(world.lookup(), Some(memo()));
    for other in [&["export", "dev"][..], &["export"], &["exportprod"], &["export", "prod", ""]] {
        assert_eq!(Memo::lookup(&world.cache(), &RequestKey::new(other), world.host()), None);
    }
    let folder = world.path("rolo/memo");
    let stored = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let other = RequestKey::new(&["export", "dev"]);
    let dev = World::new();
    memo().store(&dev.cache(), &other, &Recorded::new(dev.host()).notes()).unwrap();
    let other_name = fs::read_dir(dev.path("rolo/memo")).unwrap().next().unwrap().unwrap().file_name();
    fs::copy(stored, folder.join(other_name)).unwrap();
    assert_eq!(Memo::lookup(&world.cache(), &other, world.host()), None, "moved to another name");
    assert_eq!(Memo::clear(&world.cache(), world.host()).unwrap(), 2);
    assert_eq!(world.lookup(), None);
}

#[test]
fn no_memo_while_a_stamp_is_young() {
    let mut world = World::new();
    let config = world.path("config");
    write(&config, b"[default]");
    world.ahead = SignedDuration::ZERO;
    assert!(!world.remember(&[], std::slice::from_ref(&config)));
    world.ahead = SignedDuration::from_millis(1_000);
    assert!(!world.remember(&[], std::slice::from_ref(&config)));
    assert_eq!(world.lookup(), None);
    world.ahead = SignedDuration::from_millis(2_100);
    assert!(world.remember(&[], std::slice::from_ref(&config)));
    assert_eq!(world.lookup(), Some(memo()));

    // What counts is when it was read, however long the run takes afterwards.
    world.ahead = SignedDuration::ZERO;
    write(&config, b"[profile]");
    let recorded = Recorded::new(world.host());
    let _ = recorded.host().files.read(&config);
    let notes = recorded.notes();
    std::thread::sleep(Duration::from_millis(2_100));
    assert!(!memo().store(&world.cache(), &request(), &notes).unwrap());
}

#[test]
fn what_cannot_be_told_is_never_remembered() {
    let world = World::new();
    write(&world.path("file"), b"");
    // Neither is there a file to read nor is it simply absent.
    for odd in [world.home.path().to_owned(), world.path("file/below")] {
        assert!(!world.remember(&[], std::slice::from_ref(&odd)), "{}", odd.display());
    }

    // A file that changes while the plan is being made.
    let changing = world.path("changing");
    write(&changing, b"1");
    let recorded = Recorded::new(world.host());
    let _ = recorded.host().files.read(&changing);
    next_tick();
    write(&changing, b"2");
    let _ = recorded.host().files.read(&changing);
    assert_eq!(recorded.notes().files, [(changing, FileNote::Unknown)]);
    assert!(!memo().store(&world.cache(), &request(), &recorded.notes()).unwrap());
}

#[test]
fn a_link_that_turns_is_a_change() {
    let world = World::new();
    for name in ["one", "two"] {
        write(&world.path(name), b"same size");
    }
    let link = world.path("link");
    symlink("one", &link).unwrap();
    assert!(world.remember(&[], std::slice::from_ref(&link)));
    assert_eq!(world.lookup(), Some(memo()));
    fs::remove_file(&link).unwrap();
    symlink("two", &link).unwrap();
    assert_eq!(world.lookup(), None);
    fs::remove_file(&link).unwrap();
    symlink("nowhere", &link).unwrap();
    assert_eq!(world.lookup(), None);
}

#[test]
fn the_config_as_it_is_really_read() {
    let world = World::new();
    world.set("HOME", world.home.path().to_str());
    fs::create_dir(world.path(".aws")).unwrap();
    write(&world.path(".aws/config"), b"[profile prod]\nregion = eu-west-1\n");
    let remember = || {
        let recorded = Recorded::new(world.host());
        ConfigFiles::load(&recorded.host()).unwrap();
        memo().store(&world.cache(), &request(), &recorded.notes()).unwrap()
    };
    assert!(remember());
    assert_eq!(world.lookup(), Some(memo()));

    write(&world.path(".aws/credentials"), b"");
    assert_eq!(world.lookup(), None, "a file that was absent");
    fs::remove_file(world.path(".aws/credentials")).unwrap();
    assert_eq!(world.lookup(), Some(memo()));
    world.set("AWS_CONFIG_FILE", Some("~/.aws/config"));
    assert_eq!(world.lookup(), None, "a variable that was unset, though it names the same file");
    world.set("AWS_CONFIG_FILE", None);
    assert_eq!(world.lookup(), Some(memo()));
    let mut config = fs::OpenOptions::new().append(true).open(world.path(".aws/config")).unwrap();
    config.write_all(b"\n").unwrap();
    assert_eq!(world.lookup(), None, "a byte more");
    assert!(remember());
    assert_eq!(world.lookup(), Some(memo()));
}

#[test]
fn values_of_variables_are_not_on_the_disk() {
    let world = World::new();
    world.set("AWS_SECRET_ACCESS_KEY", Some("hunter2-hunter2"));
    assert!(world.remember(&["AWS_SECRET_ACCESS_KEY"], &[]));
    assert_eq!(world.lookup(), Some(memo()));
    let stored = fs::read_dir(world.path("rolo/memo")).unwrap().next().unwrap().unwrap().path();
    let bytes = fs::read(stored).unwrap();
    assert!(!bytes.windows(7).any(|window| window == b"hunter2"));
}

#[test]
fn any_damage_is_a_miss() {
    let world = World::new();
    world.set("A", Some("a"));
    write(&world.path("file"), b"content");
    assert!(world.remember(&["A", "B"], &[world.path("file"), world.path("absent")]));
    let stored = fs::read_dir(world.path("rolo/memo")).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&stored).unwrap();
    for length in 0..whole.len() {
        write(&stored, &whole[..length]);
        assert_eq!(world.lookup(), None, "cut at {length}");
    }
    for index in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[index] ^= 1 << (index % 8);
        write(&stored, &flipped);
        assert_eq!(world.lookup(), None, "a bit of byte {index}");
    }
    write(&stored, &whole);
    assert_eq!(world.lookup(), Some(memo()));
}

const VARIABLES: [&str; 3] = ["A", "AB", "AWS_PROFILE"];
const FILES: [&str; 3] = ["config", "credentials", "config.toml"];

/// One change of one thing that was read. Each leaves something that differs from before.
#[derive(Debug, Clone)]
enum Change {
    Set(usize, String),
    Unset(usize),
    /// In place, with the old size, and the old time of change set again.
    Rewrite(usize, u8),
    Append(usize),
    /// By another file with the same content.
    Replace(usize),
    Remove(usize),
    Create(usize, Vec<u8>),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (0..3_usize, "[ab]{0,2}").prop_map(|(index, value)| Change::Set(index, value)),
        (0..3_usize).prop_map(Change::Unset),
        (0..3_usize, any::<u8>()).prop_map(|(index, byte)| Change::Rewrite(index, byte)),
        (0..3_usize).prop_map(Change::Append),
        (0..3_usize).prop_map(Change::Replace),
        (0..3_usize).prop_map(Change::Remove),
        (0..3_usize, prop::collection::vec(any::<u8>(), 0..3))
            .prop_map(|(index, bytes)| Change::Create(index, bytes)),
    ]
}

impl Change {
    /// Makes the change; `false` where it would change nothing.
    fn apply(&self, world: &World) -> bool {
        let path = |index: usize| world.path(FILES[index]);
        match self {
            Self::Set(index, value) => {
                let differs = world.var(VARIABLES[*index]).as_ref() != Some(value);
                world.set(VARIABLES[*index], Some(value));
                differs
            }
            Self::Unset(index) => {
                let differs = world.var(VARIABLES[*index]).is_some();
                world.set(VARIABLES[*index], None);
                differs
            }
            Self::Rewrite(index, byte) => rewrite(&path(*index), *byte),
            Self::Append(index) => match fs::OpenOptions::new().append(true).open(path(*index)) {
                Ok(mut file) => file.write_all(b"+").is_ok(),
                Err(_) => false,
            },
            Self::Replace(index) => match fs::read(path(*index)) {
                Ok(content) => {
                    write(&world.path("new"), &content);
                    fs::rename(world.path("new"), path(*index)).is_ok()
                }
                Err(_) => false,
            },
            Self::Remove(index) => fs::remove_file(path(*index)).is_ok(),
            Self::Create(index, content) => {
                let is_new =
                    fs::metadata(path(*index)).is_err_and(|error| error.kind() == ErrorKind::NotFound);
                if is_new {
                    write(&path(*index), content);
                }
                is_new
            }
        }
    }
}

fn rewrite(path: &Path, byte: u8) -> bool {
    let Ok(content) = fs::read(path) else { return false };
    let changed: Vec<u8> = content.iter().map(|old| old ^ byte).collect();
    if changed == content {
        return false;
    }
    let modified = fs::metadata(path).unwrap().modified().unwrap();
    write(path, &changed);
    fs::OpenOptions::new().append(true).open(path).unwrap().set_modified(modified).unwrap();
    true
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn one_change_of_what_was_read_ends_it(
        values in prop::array::uniform3(prop::option::of("[ab]{0,2}")),
        contents in prop::array::uniform3(prop::option::of(prop::collection::vec(any::<u8>(), 0..3))),
        noise in change(),
        change in change(),
    ) {
        let world = World::new();
        for (name, value) in VARIABLES.iter().zip(&values) {
            world.set(name, value.as_deref());
        }
        for (name, content) in FILES.iter().zip(&contents) {
            if let Some(content) = content {
                write(&world.path(name), content);
            }
        }
        let files = FILES.map(|name| world.path(name));
        // A plan that read nothing holds whatever changes.
        prop_assert!(world.remember(&[], &[]));
        noise.apply(&world);
        prop_assert_eq!(world.lookup(), Some(memo()));

        prop_assert!(world.remember(&VARIABLES, &files));
        prop_assert_eq!(world.lookup(), Some(memo()), "nothing changed");
        next_tick();
        let changed = change.apply(&world);
        prop_assert_eq!(world.lookup().is_none(), changed, "{:?}", change);
    }
}
