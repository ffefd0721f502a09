//! A throw-away home with real files, and a set as JSON.

use std::{
    collections::HashMap,
    io::Write,
    path::{Path, PathBuf},
};

use rolo_core::{
    host::{Env, Host, real::RealHost},
    profile::{Profile, ProfileSet, Section, SourceFile},
};
use serde_json::{Map, Value};
use tempfile::TempDir;

/// A home directory of its own, and an environment that holds nothing but what a test puts there.
pub(crate) struct World {
    home: TempDir,
    variables: HashMap<String, String>,
}

impl World {
    pub(crate) fn new() -> Self {
        let home = TempDir::new().unwrap();
        std::fs::create_dir(home.path().join(".aws")).unwrap();
        let variables = HashMap::from([("HOME".to_owned(), home.path().to_str().unwrap().to_owned())]);
        Self { home, variables }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Writes `~/.aws/NAME`.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.home().join(".aws").join(name);
        let mut file =
            std::fs::OpenOptions::new().write(true).create(true).truncate(true).open(&path).unwrap();
        file.write_all(bytes).unwrap();
        path
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.variables.remove(name);
    }

    pub(crate) fn host(&self) -> Host<'_> {
        Host { env: self, files: &RealHost, clock: &RealHost, spawn: &RealHost }
    }
}

impl Env for World {
    fn var(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

/// A set in the form of botocore's `full_config`.
pub(crate) fn render(set: &ProfileSet<'_>) -> Value {
    let profiles = set.profiles().map(|profile| (profile.name().to_owned(), render_profile(profile)));
    let sections = |sections: Vec<(&str, &Section<'_>)>| {
        sections.into_iter().map(|(name, section)| (name.to_owned(), render_section(section))).collect()
    };
    Value::Object(Map::from_iter([
        ("profiles".to_owned(), Value::Object(profiles.collect())),
        ("sso_sessions".to_owned(), Value::Object(sections(set.sso_sessions().collect()))),
        ("services".to_owned(), Value::Object(sections(set.all_services().collect()))),
        (
            "others".to_owned(),
            Value::Object(sections(
                set.other_sections().map(|section| (section.header(), section)).collect(),
            )),
        ),
    ]))
}

fn render_profile(profile: &Profile<'_>) -> Value {
    let value = |key: &str| {
        let in_file = |file| profile.section(file).filter(|section| section.get(key).is_some());
        let section = in_file(SourceFile::Credentials).or(in_file(SourceFile::Config)).unwrap();
        let value = render_value(section, key);
        assert_eq!(profile.get(key).unwrap().is_nested, value.is_object());
        value
    };
    Value::Object(profile.keys().into_iter().map(|key| (key.to_owned(), value(key))).collect())
}

fn render_section(section: &Section<'_>) -> Value {
    Value::Object(
        section.keys().into_iter().map(|key| (key.to_owned(), render_value(section, key))).collect(),
    )
}

fn render_value(section: &Section<'_>, key: &str) -> Value {
    let setting = section.get(key).unwrap();
    if !setting.is_nested {
        return Value::String(setting.value.to_owned());
    }
    let inner = |inner: &str| {
        let setting = section.get_nested(key, inner).unwrap();
        (inner.to_owned(), Value::String(setting.value.to_owned()))
    };
    Value::Object(section.nested_keys(key).into_iter().map(inner).collect())
}
