//! The profiles of both files, each setting with its place.
//!
//! In the config file a profile is `[default]` or `[profile NAME]`; in the credentials file every section is one, named
//! as it stands between the brackets. The two are merged by key and the credentials file wins. Must not know what a
//! setting means.

use std::{
    borrow::Cow,
    cell::{Cell, OnceCell, RefCell},
    collections::{HashMap, HashSet},
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    files::{ConfigFile, ConfigFiles, FileError, FileProblem},
    header::{Header, parse_header},
    nearest::nearest,
};
use crate::{
    ini,
    origin::{Location, Origin, Sourced},
};

/// Everything that stands in the two files.
#[derive(Debug)]
pub struct ProfileSet<'t> {
    profiles: Vec<Profile<'t>>,
    by_name: HashMap<Cow<'t, str>, usize>,
    /// Made when it is wanted for the second time.
    by_role: OnceCell<HashMap<String, Vec<usize>>>,
    is_role_asked: Cell<bool>,
    sso_sessions: HashMap<Cow<'t, str>, Section<'t>>,
    services: HashMap<Cow<'t, str>, Section<'t>>,
    others: Vec<Section<'t>>,
    /// Sections of profiles that a later header of the same name replaces.
    replaced: Vec<(Cow<'t, str>, Section<'t>)>,
    config_path: &'t Path,
    /// What [`Self::suggest`] found, by the name that is not there: whoever resolves every profile asks for the same again.
    suggested: RefCell<HashMap<String, Option<usize>>>,
}

/// A profile: its section in either file or in both.
#[derive(Debug)]
pub struct Profile<'t> {
    name: Cow<'t, str>,
    /// At least one of the two is there.
    config: Option<Section<'t>>,
    credentials: Option<Section<'t>>,
}

/// One section of one file.
#[derive(Debug)]
pub struct Section<'t> {
    parsed: ini::Section<'t>,
    path: &'t Arc<PathBuf>,
}

/// A section or a key that stands twice: rolo merges them, and the AWS CLI refuses the whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeated {
    /// `section [x]` or the key, in backticks.
    pub what: String,
    /// The second one.
    pub location: Location,
}

/// One of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceFile {
    /// `~/.aws/config`.
    Config,
    /// `~/.aws/credentials`.
    Credentials,
}

/// A value and where it stands. It may be a secret, so `Debug` leaves it out.
#[derive(Clone, Copy)]
pub struct Setting<'s> {
    /// The text, trimmed; continuation lines are joined by LF. Of a nested value (`is_nested`) the lines as they stand
    /// in the file.
    pub value: &'s str,
    /// Whether the value is a map of its own, with which AWS's tools fail where they want a text.
    pub is_nested: bool,
    /// The line of its key, counted from 1.
    pub line: u32,
    path: &'s Arc<PathBuf>,
}

impl<'t> ProfileSet<'t> {
    /// Parses and merges both files. An error in either is an error, whichever profile is wanted.
    pub fn parse(files: &'t ConfigFiles) -> Result<Self, FileError> {
        let (config, credentials) = (sections(&files.config)?, sections(&files.credentials)?);
        let upper_bound = config.len() + credentials.len();
        let mut set = Self {
            profiles: Vec::with_capacity(upper_bound),
            by_name: HashMap::with_capacity(upper_bound),
            by_role: OnceCell::new(),
            is_role_asked: Cell::new(false),
            sso_sessions: HashMap::new(),
            services: HashMap::new(),
            others: Vec::new(),
            replaced: Vec::new(),
            config_path: files.config.path(),
            suggested: RefCell::default(),
        };
        for section in config {
            match parse_header(section.parsed.name()) {
                // A later header with the same name in another spelling replaces the earlier one with all it holds.
                Header::Profile(name) => {
                    if let Some(earlier) = set.entry(name.clone()).config.replace(section) {
                        set.replaced.push((name, earlier));
                    }
                }
                Header::SsoSession(name) => drop(set.sso_sessions.insert(name, section)),
                Header::Services(name) => drop(set.services.insert(name, section)),
                Header::Nameless => {}
                Header::Other => set.others.push(section),
            }
        }
        for section in credentials {
            let name = Cow::Borrowed(section.parsed.name());
            set.entry(name).credentials = Some(section);
        }
        Ok(set)
    }

    /// The config file as it was asked for, whether or not it is there: where a profile is written.
    pub fn config_path(&self) -> &'t Path {
        self.config_path
    }

    fn entry(&mut self, name: Cow<'t, str>) -> &mut Profile<'t> {
        let index = *self.by_name.entry(name.clone()).or_insert(self.profiles.len());
        if index == self.profiles.len() {
            self.profiles.push(Profile { name, config: None, credentials: None });
        }
        &mut self.profiles[index]
    }

    /// The profile of exactly this name.
    pub fn profile(&self, name: &str) -> Option<&Profile<'t>> {
        self.by_name.get(name).and_then(|&index| self.profiles.get(index))
    }

    /// Every profile in the order of the files, config file first.
    pub fn profiles(&self) -> impl ExactSizeIterator<Item = &Profile<'t>> {
        self.profiles.iter()
    }

    /// The profiles whose `role_arn` is exactly this text.
    pub fn profiles_of_role(&self, role_arn: &str) -> Vec<&Profile<'t>> {
        // One plan asks once, and a search is cheaper than the table. Whoever plans every profile asks for each of them.
        if !self.is_role_asked.replace(true) {
            let has_role = |profile: &&Profile<'t>| {
                profile.get("role_arn").is_some_and(|setting| setting.value == role_arn)
            };
            return self.profiles.iter().filter(has_role).collect();
        }
        let by_role = self.by_role.get_or_init(|| {
            let mut by_role: HashMap<String, Vec<usize>> = HashMap::new();
            for (index, profile) in self.profiles.iter().enumerate() {
                if let Some(arn) = profile.get("role_arn") {
                    by_role.entry(arn.value.to_owned()).or_default().push(index);
                }
            }
            by_role
        });
        by_role.get(role_arn).into_iter().flatten().map(|&index| &self.profiles[index]).collect()
    }

    /// The config file's `[sso-session NAME]`.
    pub fn sso_session(&self, name: &str) -> Option<&Section<'t>> {
        self.sso_sessions.get(name)
    }

    /// Every `[sso-session NAME]`, by name, in no order.
    pub fn sso_sessions(&self) -> impl Iterator<Item = (&str, &Section<'t>)> {
        self.sso_sessions.iter().map(|(name, section)| (&**name, section))
    }

    /// The config file's `[services NAME]`.
    pub fn services(&self, name: &str) -> Option<&Section<'t>> {
        self.services.get(name)
    }

    /// Every `[services NAME]`, by name, in no order.
    pub fn all_services(&self) -> impl Iterator<Item = (&str, &Section<'t>)> {
        self.services.iter().map(|(name, section)| (&**name, section))
    }

    /// The config file's sections of other kinds, such as `[plugins]`, in its order.
    pub fn other_sections(&self) -> impl Iterator<Item = &Section<'t>> {
        self.others.iter()
    }

    /// Everything that is said about `key` (in lower case) of a profile: what counts first, then what it hides, in either
    /// file, down to sections that a later header of the same name replaces.
    pub fn all_settings<'s>(&'s self, profile: &'s Profile<'t>, key: &str) -> Vec<Setting<'s>> {
        let replaced = self.replaced.iter().rev().filter(|(name, _)| *name == profile.name);
        let sections = profile.by_rank().chain(replaced.map(|(_, section)| section));
        sections.flat_map(|section| section.all(key)).collect()
    }

    /// The profile that somebody who wrote `name` probably meant.
    pub fn suggest(&self, name: &str) -> Option<&str> {
        let find = || {
            let near = nearest(name, self.profiles.iter().map(Profile::name))?;
            self.by_name.get(near).copied()
        };
        let found = *self.suggested.borrow_mut().entry(name.to_owned()).or_insert_with(find);
        self.profiles.get(found?).map(Profile::name)
    }
}

fn sections(file: &ConfigFile) -> Result<impl ExactSizeIterator<Item = Section<'_>>, FileError> {
    let path = &file.path;
    let parsed = ini::parse(file.text()).map_err(|error| {
        FileError::new(Arc::clone(path), Some(error.line), FileProblem::Grammar(error.problem))
    })?;
    Ok(parsed.into_iter().map(move |parsed| Section { parsed, path }))
}

impl<'t> Profile<'t> {
    /// Its name, without the word `profile`, quotes and escapes.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The setting that counts for `key` (in lower case): the credentials file's, else the config file's.
    pub fn get(&self, key: &str) -> Option<Setting<'_>> {
        self.by_rank().find_map(|section| section.get(key))
    }

    /// The setting in one file alone.
    pub fn get_in(&self, file: SourceFile, key: &str) -> Option<Setting<'_>> {
        self.section(file)?.get(key)
    }

    /// A setting within a nested value, such as `max_concurrent_requests` in `s3`. Nested values are not merged: that
    /// of the file that wins `key` counts.
    pub fn get_nested(&self, key: &str, inner: &str) -> Option<Setting<'_>> {
        self.by_rank().find(|section| section.get(key).is_some())?.get_nested(key, inner)
    }

    /// Every key that is set, once: the config file's, then those only in the credentials file.
    pub fn keys(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let sections = self.config.iter().chain(&self.credentials);
        sections.flat_map(Section::keys).filter(|key| seen.insert(*key)).collect()
    }

    /// Its section in one file.
    pub fn section(&self, file: SourceFile) -> Option<&Section<'t>> {
        match file {
            SourceFile::Config => self.config.as_ref(),
            SourceFile::Credentials => self.credentials.as_ref(),
        }
    }

    /// Where its header stands, in the config file if there is one.
    pub fn header_origin(&self) -> Origin {
        self.config.as_ref().or(self.credentials.as_ref()).map_or(Origin::Default, Section::header_origin)
    }

    /// What stands twice of it, if anything.
    pub fn repeated(&self) -> Option<Repeated> {
        self.config.iter().chain(&self.credentials).find_map(Section::repeated)
    }

    fn by_rank(&self) -> impl Iterator<Item = &Section<'t>> {
        self.credentials.iter().chain(&self.config)
    }
}

impl<'t> Section<'t> {
    /// What stands between the brackets, blanks and quotes included.
    pub fn header(&self) -> &'t str {
        self.parsed.name()
    }

    /// The setting that counts for `key` (in lower case): the last one, else that of the file's `[DEFAULT]`.
    pub fn get(&self, key: &str) -> Option<Setting<'_>> {
        Some(self.setting(self.parsed.get(key)?))
    }

    /// The same with every setting that it hides, the one that counts first.
    fn all(&self, key: &str) -> Vec<Setting<'_>> {
        self.parsed.all(key).map(|entry| self.setting(entry)).collect()
    }

    fn setting<'s>(&'s self, entry: &'s ini::Entry<'t>) -> Setting<'s> {
        let value = &entry.value;
        Setting { value: value.as_str(), is_nested: value.is_nested(), line: entry.line, path: self.path }
    }

    /// A setting within a nested value, such as `endpoint_url` in `sts`; `inner` is matched as written. `None` also
    /// where the value is not nested.
    pub fn get_nested(&self, key: &str, inner: &str) -> Option<Setting<'_>> {
        let entry = self.parsed.get(key)?.value.get_nested(inner)?;
        Some(Setting { value: entry.value, is_nested: false, line: entry.line, path: self.path })
    }

    /// Every key that is set, once, in the order of the file.
    pub fn keys(&self) -> Vec<&str> {
        self.parsed.entries().into_iter().map(|entry| &*entry.key).collect()
    }

    /// Every key within a nested value, once, in the order of the file; none where the value is not nested.
    pub fn nested_keys(&self, key: &str) -> Vec<&str> {
        let nested = self.parsed.get(key).map_or(&[][..], |entry| entry.value.nested());
        let mut seen = HashSet::new();
        nested.iter().map(|entry| entry.key).filter(|key| seen.insert(*key)).collect()
    }

    /// Where its first header stands.
    pub fn header_origin(&self) -> Origin {
        Origin::File(self.location(self.parsed.line()))
    }

    fn repeated(&self) -> Option<Repeated> {
        let repeated = |what, line| Repeated { what, location: self.location(line) };
        if let Some(&line) = self.parsed.further_lines().first() {
            return Some(repeated(format!("section `[{}]`", self.header()), line));
        }
        let mut seen = HashSet::new();
        let again = self.parsed.own_entries().iter().find(|entry| !seen.insert(&*entry.key))?;
        Some(repeated(format!("`{}`", again.key), again.line))
    }

    fn location(&self, line: u32) -> Location {
        Location { path: Arc::clone(self.path), line }
    }
}

impl Setting<'_> {
    /// Where it stands.
    pub fn origin(&self) -> Origin {
        Origin::File(self.location())
    }

    /// Where it stands, for a message.
    pub fn location(&self) -> Location {
        Location { path: Arc::clone(self.path), line: self.line }
    }

    /// A copy that outlives the files.
    pub fn sourced(&self) -> Sourced<String> {
        Sourced::new(self.value.to_owned(), self.origin())
    }
}

impl fmt::Debug for Setting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setting").field("path", self.path).field("line", &self.line).finish_non_exhaustive()
    }
}
