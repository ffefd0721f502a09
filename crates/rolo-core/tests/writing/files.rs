//! The writer on a real file system: links, modes, and others who write too.

use std::{
    cell::RefCell,
    collections::HashMap,
    fs::{self, OpenOptions, Permissions},
    io::Write,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use rolo_core::{
    Secret,
    host::{Env, Host, real::RealHost},
    ini::{Change, Problem},
    profile::{FileProblem, SourceFile, WriteError, Written, edit_profile, write_file, write_profile},
    talk::{Hear, Notice},
};
use tempfile::TempDir;

/// A home of its own, whose writer hears itself warn.
struct Home {
    folder: TempDir,
    variables: HashMap<&'static str, String>,
    heard: RefCell<Vec<Notice>>,
}

impl Env for Home {
    fn var(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

impl Hear for Home {
    fn hear(&self, notice: &Notice) {
        self.heard.borrow_mut().push(notice.clone());
    }
}

impl Home {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let variables = HashMap::from([("HOME", folder.path().to_str().unwrap().to_owned())]);
        Self { folder, variables, heard: RefCell::default() }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn host(&self) -> Host<'_> {
        Host { env: self, files: &RealHost, clock: &RealHost, spawn: &RealHost }
    }

    fn plant(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        plant(&path, text);
        path
    }

    /// Sets `x` of `[p]` in the credentials file.
    fn set(&self, value: &str) -> Result<Written, WriteError> {
        let changes = [Change::Set { key: "x", value }];
        write_profile(self.host(), self, SourceFile::Credentials, "p", &changes)
    }

    #[track_caller]
    fn changes(&self, value: &str) {
        assert_eq!(self.set(value).unwrap(), Written::Changed);
        assert_eq!(self.heard.borrow()[..], []);
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// The names in a folder.
    fn names(&self, path: &str) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.path(path))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn plant(path: &Path, text: impl AsRef<[u8]>) {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
        .unwrap()
        .write_all(text.as_ref())
        .unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

const FILE: &str = ".aws/credentials";

#[test]
fn what_is_absent_is_made_private() {
    let home = Home::new();
    home.changes("1");
    assert_eq!(home.read(FILE), "[p]\nx = 1\n");
    assert_eq!((mode(&home.path(".aws")), mode(&home.path(FILE))), (0o700, 0o600));
    assert_eq!(home.names(".aws"), ["credentials"]);
}

#[test]
fn a_file_keeps_its_mode() {
    for bits in [0o400, 0o600, 0o640, 0o644] {
        let home = Home::new();
        let path = home.plant(FILE, "[p]\nx = 1\n");
        fs::set_permissions(&path, Permissions::from_mode(bits)).unwrap();
        home.changes("2");
        assert_eq!((home.read(FILE).as_str(), mode(&path)), ("[p]\nx = 2\n", bits));
    }
}

#[test]
fn a_file_keeps_its_owner() {
    let home = Home::new();
    let path = home.plant(FILE, "");
    if std::os::unix::fs::chown(&path, Some(12345), Some(54321)).is_err() {
        println!("skipped: only root can give a file to somebody else");
        return;
    }
    home.plant(FILE, "[p]\n");
    home.changes("1");
    let meta = fs::metadata(&path).unwrap();
    assert_eq!((meta.uid(), meta.gid()), (12345, 54321));
}

#[test]
fn links_stay_links() {
    let home = Home::new();
    home.plant("dotfiles/aws", "[p]\nx = 1\n");
    fs::create_dir(home.path(".aws")).unwrap();
    symlink("../dotfiles/link", home.path(FILE)).unwrap();
    symlink(home.path("dotfiles/aws"), home.path("dotfiles/link")).unwrap();
    home.changes("2");
    assert_eq!(home.read("dotfiles/aws"), "[p]\nx = 2\n");
    for link in [FILE, "dotfiles/link"] {
        assert!(fs::symlink_metadata(home.path(link)).unwrap().is_symlink());
    }
    assert_eq!(home.names(".aws"), ["credentials"]);

    fs::remove_file(home.path("dotfiles/aws")).unwrap();
    home.changes("3");
    assert_eq!(home.read("dotfiles/aws"), "[p]\nx = 3\n", "a link that led nowhere");
    assert_eq!(mode(&home.path("dotfiles/aws")), 0o600);

    fs::remove_file(home.path("dotfiles/link")).unwrap();
    symlink("link", home.path("dotfiles/link")).unwrap();
    assert!(matches!(home.set("4").unwrap_err(), WriteError::Io { .. }));
}

#[test]
fn another_name_of_the_same_file_keeps_the_old_text() {
    let home = Home::new();
    let path = home.plant(FILE, "[p]\nx = 1\n");
    fs::hard_link(&path, home.path("backup")).unwrap();
    home.changes("2");
    assert_eq!((home.read(FILE).as_str(), home.read("backup").as_str()), ("[p]\nx = 2\n", "[p]\nx = 1\n"));
}

#[test]
fn nothing_changed_is_nothing_written() {
    let home = Home::new();
    let path = home.plant(FILE, "[p]\nx = 1");
    let before = fs::metadata(&path).unwrap();
    assert_eq!(home.set("1").unwrap(), Written::Unchanged);
    let after = fs::metadata(&path).unwrap();
    assert_eq!((before.ino(), before.ctime_nsec()), (after.ino(), after.ctime_nsec()));
    assert!(!home.path(".cache").exists(), "no lock was taken");

    let home = Home::new();
    let removed = [Change::Remove { key: "x" }];
    let written = write_profile(home.host(), &home, SourceFile::Config, "p", &removed).unwrap();
    assert_eq!(written, Written::Unchanged);
    assert_eq!(home.names(""), [""; 0]);
}

#[test]
fn the_variables_say_which_file() {
    let mut home = Home::new();
    home.variables.insert("AWS_SHARED_CREDENTIALS_FILE", "~/a/b".to_owned());
    home.changes("1");
    assert_eq!(home.read("a/b"), "[p]\nx = 1\n");

    home.variables.insert("AWS_SHARED_CREDENTIALS_FILE", String::new());
    assert!(matches!(home.set("1").unwrap_err(), WriteError::NotAFile { .. }));
}

#[test]
fn what_cannot_be_understood_is_left_alone() {
    let home = Home::new();
    for (bytes, line) in [(&b"[p]\nx = \xff\n"[..], 2), (b"[p]\n\nnonsense\n", 3), (b"\xef\xbb\xbf[p]\n", 1)]
    {
        home.plant(FILE, bytes);
        let WriteError::File(error) = home.set("1").unwrap_err() else { panic!() };
        assert_eq!((error.path(), error.line()), (home.path(FILE).as_path(), Some(line)));
        assert_eq!(fs::read(home.path(FILE)).unwrap(), bytes);
    }
    let WriteError::File(error) = home.set("1").unwrap_err() else { panic!() };
    assert!(matches!(error.problem(), FileProblem::Grammar(Problem::ByteOrderMark)));
    assert_eq!(home.names(".aws"), ["credentials"]);
}

#[test]
fn what_is_no_regular_file_is_left_alone() {
    let mut home = Home::new();
    fs::create_dir_all(home.path(FILE)).unwrap();
    assert!(matches!(home.set("1").unwrap_err(), WriteError::NotAFile { .. }));
    home.variables.insert("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".to_owned());
    assert!(matches!(home.set("1").unwrap_err(), WriteError::NotAFile { .. }));
    let pipe = home.path("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)
        .unwrap();
    home.variables.insert("AWS_SHARED_CREDENTIALS_FILE", pipe.to_str().unwrap().to_owned());
    assert!(matches!(home.set("1").unwrap_err(), WriteError::NotAFile { .. }));
}

#[test]
fn leftovers_of_killed_writers_go_with_the_next() {
    let home = Home::new();
    let now = SystemTime::from(home.host().clock.now());
    for (name, age) in [(".rolo-1-0.tmp", 61), (".rolo-2-0.tmp", 10), (".mine.tmp", 61)] {
        let path = home.plant(&format!(".aws/{name}"), "");
        let file = OpenOptions::new().write(true).open(path).unwrap();
        file.set_modified(now - Duration::from_secs(age)).unwrap();
    }
    home.changes("1");
    assert_eq!(home.names(".aws"), [".mine.tmp", ".rolo-2-0.tmp", "credentials"]);
}

#[test]
fn what_another_program_writes_meanwhile_is_not_lost() {
    let home = Home::new();
    let path = home.plant(FILE, "[p]\nx = 1\n");
    let mut asked = 0;
    let written = write_file(&path, home.host(), &home, |text| {
        asked += 1;
        // The first look is the one without a lock.
        if asked == 2 {
            plant(&path, "[q]\ny = 1\n");
        }
        edit_profile(text, SourceFile::Credentials, "p", None, &[Change::Set { key: "x", value: "2" }])
            .map_err(|error| WriteError::edit(&path, error))
    });
    assert_eq!((written.unwrap(), asked), (Written::Changed, 3));
    assert_eq!(home.read(FILE), "[q]\ny = 1\n\n[p]\nx = 2\n");
    assert_eq!(home.names(".aws"), ["credentials"]);
}

#[test]
fn a_file_that_was_just_emptied_is_waited_for() {
    let home = Home::new();
    let path = home.plant(FILE, "");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(200));
            plant(&path, "[q]\ny = 1\n");
        });
        home.changes("1");
    });
    assert_eq!(home.read(FILE), "[q]\ny = 1\n\n[p]\nx = 1\n");
}

#[test]
fn a_program_that_never_stops_writing_is_told() {
    let home = Home::new();
    let path = home.plant(FILE, "[q]\n");
    let mut turn = 0;
    let error = write_file(&path, home.host(), &home, |text| {
        turn += 1;
        plant(&path, format!("[q]\ny = {turn}\n"));
        Ok::<_, WriteError>(Secret::new(format!("{text}#")))
    });
    assert!(matches!(error.unwrap_err(), WriteError::Busy { .. }));
    assert_eq!(home.read(FILE), format!("[q]\ny = {turn}\n"));
    assert_eq!(home.names(".aws"), ["credentials"]);
}

#[test]
fn without_a_cache_folder_it_is_written_all_the_same() {
    let mut home = Home::new();
    home.variables.insert("HOME", "relative".to_owned());
    home.variables.insert("AWS_SHARED_CREDENTIALS_FILE", home.path("file").to_str().unwrap().to_owned());
    assert_eq!(home.set("1").unwrap(), Written::Changed);
    assert_eq!(home.read("file"), "[p]\nx = 1\n");
    let heard = home.heard.borrow();
    let [Notice::Warning(text)] = &heard[..] else { panic!("{heard:?}") };
    assert!(text.contains("without a lock"), "{text}");
}

#[test]
fn writers_at_once_lose_nothing() {
    let home = Home::new();
    home.plant(FILE, "# mine\n[p]\nx = 1");
    let root = home.path("");
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let root = &root;
            scope.spawn(move || {
                let home = Home {
                    variables: HashMap::from([("HOME", root.to_str().unwrap().to_owned())]),
                    ..Home::new()
                };
                for turn in 0..10 {
                    let changes = [Change::Set { key: "x", value: &turn.to_string() }];
                    let name = format!("w{writer}-{turn}");
                    write_profile(home.host(), &home, SourceFile::Credentials, &name, &changes).unwrap();
                }
            });
        }
    });
    let text = home.read(FILE);
    assert!(text.starts_with("# mine\n[p]\nx = 1\n\n["));
    for writer in 0..8 {
        for turn in 0..10 {
            assert!(text.contains(&format!("[w{writer}-{turn}]\nx = {turn}\n")));
        }
    }
    assert_eq!(home.names(".aws"), ["credentials"]);
}
