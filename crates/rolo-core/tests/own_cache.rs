//! rolo's own cache on a real file system.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::{cell::RefCell, collections::BTreeSet, os::unix::fs::PermissionsExt, path::Path};

use jiff::{SignedDuration, Timestamp};
use rolo_core::{
    Credentials, Secret,
    cache::{
        self,
        key::{CacheKey, KeyBuilder},
        own::{About, Entry, Kind, OwnCache},
    },
    host::{Env, Host, real::RealHost},
    private_file::PrivateDir,
};

/// An environment of its own: the one of this process may hold anything.
struct Variables(RefCell<Vec<(&'static str, String)>>);

impl Env for Variables {
    fn var(&self, name: &str) -> Option<String> {
        self.0.borrow().iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }
}

fn key(role: &str) -> CacheKey {
    KeyBuilder::new("role").field("role_arn", role).finish()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn entry(token: &str) -> Entry {
    Entry {
        credentials: Credentials {
            access_key_id: "ASIAEXAMPLE".to_owned(),
            secret_access_key: Secret::new("s/e+c\\r\"e t="),
            session_token: Some(Secret::new(token)),
            expiration: Some(at("2026-11-21T05:00:00Z")),
            account_id: Some("123456789012".to_owned()),
        },
        issued_at: at("2026-11-21T04:00:00Z"),
        about: About {
            kind: Kind::Role,
            role_arn: Some("arn:aws:iam::123456789012:role/Admin".to_owned()),
            profile: Some("pröd \"one\"".to_owned()),
            ..About::default()
        },
    }
}

fn cache_in(home: &Path) -> (PrivateDir, OwnCache) {
    let root = cache::open_or_create_root(&home.join("rolo")).unwrap();
    let own = OwnCache::open(&root).unwrap();
    (root, own)
}

#[expect(clippy::disallowed_methods, reason = "damage is done by others")]
fn overwrite(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
}

fn path_of(root: &PrivateDir, key: &CacheKey) -> std::path::PathBuf {
    root.path().join("credentials").join(format!("{key}.json"))
}

#[test]
fn what_is_stored_is_loaded() {
    let home = tempfile::tempdir().unwrap();
    let (root, own) = cache_in(home.path());
    let (a, b) = (key("a"), key("b"));
    assert_eq!(own.load(&a), None);
    let long_term =
        Credentials { session_token: None, expiration: None, account_id: None, ..entry("").credentials };
    let second = Entry {
        credentials: long_term,
        about: About { kind: Kind::MfaSession, ..About::default() },
        ..entry("")
    };
    own.store(&a, &entry("first")).unwrap();
    own.store(&b, &second).unwrap();
    assert_eq!((own.load(&a), own.load(&b)), (Some(entry("first")), Some(second.clone())));
    own.store(&a, &entry("second")).unwrap();
    assert_eq!(own.load(&a), Some(entry("second")));
    assert_eq!(path_of(&root, &a).metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(own.remove(&a).unwrap());
    assert_eq!((own.load(&a), own.load(&b)), (None, Some(second)));
}

#[test]
fn an_entry_under_another_name_is_a_miss() {
    let home = tempfile::tempdir().unwrap();
    let (root, own) = cache_in(home.path());
    own.store(&key("a"), &entry("t")).unwrap();
    std::fs::copy(path_of(&root, &key("a")), path_of(&root, &key("b"))).unwrap();
    assert_eq!(own.load(&key("b")), None);
}

#[test]
fn damage_is_a_miss_and_the_next_store_mends_it() {
    let home = tempfile::tempdir().unwrap();
    let (root, own) = cache_in(home.path());
    let key = key("a");
    own.store(&key, &entry("token")).unwrap();
    let path = path_of(&root, &key);
    let whole = std::fs::read_to_string(&path).unwrap();
    let damaged = (0..whole.trim_end().len()).map(|length| whole.as_bytes()[..length].to_vec()).chain([
        vec![0; whole.len()],
        b"[]".to_vec(),
        b"{}".to_vec(),
        b"\xff\xfe".to_vec(),
        whole.replace("\"version\":1", "\"version\":2").into_bytes(),
        whole.replace("2026-11-21T05:00:00Z", "soon").into_bytes(),
        whole.replace("\"secret_access_key\"", "\"SecretAccessKey\"").into_bytes(),
    ]);
    for bytes in damaged {
        assert_ne!(bytes, whole.as_bytes());
        overwrite(&path, &bytes);
        assert_eq!(own.load(&key), None, "{}", String::from_utf8_lossy(&bytes));
    }
    assert_eq!(own.list().unwrap().iter().filter(|listed| listed.entry.is_none()).count(), 1);
    own.store(&key, &entry("token")).unwrap();
    assert_eq!(own.load(&key), Some(entry("token")));
}

#[test]
fn list_and_clear_take_what_is_meant() {
    let home = tempfile::tempdir().unwrap();
    let (root, own) = cache_in(home.path());
    let mut late = entry("late");
    late.credentials.expiration = Some(at("2026-11-21T12:00:00Z"));
    own.store(&key("early"), &entry("early")).unwrap();
    own.store(&key("late"), &late).unwrap();
    own.store(&key("damaged"), &entry("x")).unwrap();
    overwrite(&path_of(&root, &key("damaged")), b"{");
    overwrite(&root.path().join("credentials/README"), b"not an entry");

    let listed: BTreeSet<_> = own.list().unwrap().iter().map(|listed| listed.key).collect();
    assert_eq!(listed, BTreeSet::from([key("early"), key("late"), key("damaged")]));

    let now = at("2026-11-21T06:00:00Z");
    let removed = own.clear(now, |listed| {
        listed.entry.as_ref().is_none_or(|entry| !entry.credentials.has_left(SignedDuration::ZERO, now))
    });
    assert_eq!(removed.unwrap(), 2);
    let left: Vec<_> = own.list().unwrap().into_iter().map(|listed| listed.key).collect();
    assert_eq!(left, [key("late")]);
    assert!(root.path().join("credentials/README").exists());
}

#[test]
fn no_secret_is_in_what_is_shown() {
    let shown = format!("{:?}", entry("the-token"));
    assert!(!shown.contains("the-token") && !shown.contains("s/e+c"), "{shown}");
}

#[test]
fn the_root_is_where_xdg_says_and_keeps_backups_out() {
    let real = RealHost;
    let variables = Variables(RefCell::new(Vec::new()));
    let root = |set: &[(&'static str, &str)]| {
        *variables.0.borrow_mut() = set.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        cache::resolve_root(Host { env: &variables, ..real.host() })
            .map(|path| path.to_str().unwrap().to_owned())
    };
    assert_eq!(root(&[]), None);
    assert_eq!(root(&[("HOME", "/h")]).unwrap(), "/h/.cache/rolo");
    assert_eq!(root(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x")]).unwrap(), "/x/rolo");
    assert_eq!(root(&[("XDG_CACHE_HOME", "/x")]).unwrap(), "/x/rolo");
    for relative in ["", "x", "./x"] {
        assert_eq!(root(&[("HOME", "/h"), ("XDG_CACHE_HOME", relative)]).unwrap(), "/h/.cache/rolo");
    }

    let home = tempfile::tempdir().unwrap();
    let (root, _) = cache_in(home.path());
    let tag = std::fs::read(root.path().join("CACHEDIR.TAG")).unwrap();
    assert!(tag.starts_with(b"Signature: 8a477f597d28d172789f06886806bc55"));
    overwrite(&root.path().join("CACHEDIR.TAG"), b"Signature: 8a477f597d28d172789f06886806bc55 mine");
    cache_in(home.path());
    assert!(std::fs::read(root.path().join("CACHEDIR.TAG")).unwrap().ends_with(b"mine"), "written once");
}
