//! Which files are read, and what happens to those that cannot be.

use std::{
    io,
    path::{Path, PathBuf},
};

use rolo_core::{
    host::{Files, Host, Stamp, real::RealHost},
    profile::{ConfigFiles, FileError, FileProblem, ProfileSet, path::expand},
};

use crate::world::World;

fn region(world: &World, profile: &str) -> Option<String> {
    let files = ConfigFiles::load(&world.host()).unwrap();
    let set = ProfileSet::parse(&files).unwrap();
    set.profile(profile)?.get("region").map(|region| region.value.to_owned())
}

#[test]
fn both_files_are_found_in_the_home_and_the_credentials_file_wins() {
    let world = World::new();
    world.write("config", b"[profile p]\nregion = a\n[profile q]\nregion = b\n");
    world.write("credentials", b"[p]\nregion = c\n");
    assert_eq!(region(&world, "p").as_deref(), Some("c"));
    assert_eq!(region(&world, "q").as_deref(), Some("b"));
}

#[test]
fn variables_name_other_files() {
    let mut world = World::new();
    world.write("config", b"[profile p]\nregion = wrong\n");
    world.write("elsewhere", b"[profile p]\nregion = right\n");
    world.set("DIR", ".aws");
    world.set("AWS_CONFIG_FILE", "~/${DIR}/elsewhere");
    assert_eq!(region(&world, "p").as_deref(), Some("right"));
    world.set("AWS_CONFIG_FILE", "$HOME/$DIR/elsewhere");
    assert_eq!(region(&world, "p").as_deref(), Some("right"));
    world.write("keys", b"[p]\nregion = keys\n");
    world.set("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/keys");
    assert_eq!(region(&world, "p").as_deref(), Some("keys"));
}

#[test]
fn what_is_no_file_is_as_good_as_empty() {
    let mut world = World::new();
    world.write("config", b"[profile p]\nregion = r\n");
    for path in ["~/.aws/absent", "~/.aws", "~/.aws/config/below", "", "$NOT_SET"] {
        world.set("AWS_CONFIG_FILE", path);
        let files = ConfigFiles::load(&world.host()).unwrap();
        assert!(!files.config.is_present(), "{path}");
        assert_eq!(ProfileSet::parse(&files).unwrap().profiles().len(), 0, "{path}");
    }
    world.unset("AWS_CONFIG_FILE");
    assert!(ConfigFiles::load(&world.host()).unwrap().config.is_present());
}

#[test]
fn paths_are_expanded_as_python_does() {
    let mut world = World::new();
    world.set("HOME", "/home/me/");
    world.set("A", "a");
    world.set("EMPTY", "");
    world.set("TILDE", "~");
    world.set("REF", "$A");
    for (text, expanded) in [
        ("~", "/home/me"),
        ("~/x", "/home/me/x"),
        ("x/~", "x/~"),
        ("$TILDE/x", "/home/me/x"),
        ("$A/${A}$A", "a/aa"),
        ("$Ab/$A-b", "$Ab/a-b"),
        ("${A", "${A"),
        ("${}$", "${}$"),
        ("$EMPTY/x", "/x"),
        ("$REF", "$A"),
        ("$ $$A", "$ $a"),
        ("$\u{e4}$A\u{e4}", "$\u{e4}a\u{e4}"),
        ("~root/x", "/root/x"),
        ("~no-such-user/x", "~no-such-user/x"),
    ] {
        assert_eq!(expand(&world.host(), text), PathBuf::from(expanded), "{text}");
    }
    world.set("HOME", "");
    assert_eq!(expand(&world.host(), "~/x"), PathBuf::from("/x"));
    assert_eq!(expand(&world.host(), "~"), PathBuf::from("/"));
}

/// Without `HOME` the password file tells the home of whoever runs this.
#[test]
fn a_home_is_found_without_its_variable() {
    let mut world = World::new();
    world.unset("HOME");
    let id = rustix::process::getuid().as_raw().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap();
    let own = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[2] == id);
    let expected =
        own.map_or_else(|| "~/x".to_owned(), |fields| format!("{}/x", fields[5].trim_end_matches('/')));
    assert_eq!(expand(&world.host(), "~/x"), PathBuf::from(expected));
}

/// The real files, but the system refuses to read one of them, as it would for another owner's.
struct Refusing {
    path: PathBuf,
    /// Whether not even the file's directory may be entered.
    hidden: bool,
}

impl Files for Refusing {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path == self.path { Err(io::ErrorKind::PermissionDenied.into()) } else { RealHost.read(path) }
    }

    fn stamp(&self, path: &Path) -> Option<Stamp> {
        RealHost.stamp(path).filter(|_| !self.hidden)
    }
}

#[test]
fn a_file_that_may_not_be_read_is_an_error_that_names_it() {
    let world = World::new();
    let path = world.write("credentials", b"[p]\n");
    let load = |hidden| {
        let files = Refusing { path: path.clone(), hidden };
        ConfigFiles::load(&Host { files: &files, ..world.host() })
    };
    let error = load(false).unwrap_err();
    assert_eq!(error.path(), path);
    assert_eq!(error.line(), None);
    assert!(matches!(error.problem(), FileProblem::Unreadable(_)));
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    assert!(!load(true).unwrap().credentials.is_present(), "nobody can say that it is there");
}

fn error_in(config: &[u8]) -> FileError {
    let world = World::new();
    world.write("config", config);
    // An error in one file counts although the other one is in order.
    world.write("credentials", b"[p]\nregion = r\n");
    let files = match ConfigFiles::load(&world.host()) {
        Ok(files) => files,
        Err(error) => return error,
    };
    ProfileSet::parse(&files).unwrap_err()
}

#[test]
fn a_file_that_is_not_understood_is_an_error_that_names_the_line() {
    for (text, line) in [
        (&b"\xef\xbb\xbf[profile p]\n"[..], 1),
        (b"\n\nregion = r\n", 3),
        (b"# c\n[profile p\n", 2),
        (b"[profile p]\r\n\r\n[]\r\n", 3),
        (b"[profile p]\rregion\r", 2),
        (b"[profile p]\n= r\n", 2),
        (b"[profile p]\ns3 =\n  a = b\n\n  oops\n", 5),
        (b"[DEFAULT]\ns3 =\n  oops\n[profile p]\n", 3),
        (b"[profile p]\nx = \xff\n", 2),
        (b"[profile p]\r\nx = 1\r\ny = \xc3", 3),
        (b"\r\xff", 2),
        (b"\r\n\xff", 2),
        (b"\xff", 1),
    ] {
        let error = error_in(text);
        assert_eq!(error.line(), Some(line), "{}: {error}", text.escape_ascii());
        assert_eq!(error.location().unwrap().line, line);
        assert!(error.path().ends_with(".aws/config"), "{error}");
        assert!(error.to_string().ends_with(&format!("line {line}")), "{error}");
    }
}
