//! Sections and keys that stand twice: rolo merges them, and the AWS CLI refuses the whole file.
//!
//! Must not know which profiles matter: whoever asks names them.

use std::collections::HashSet;

use super::{ConfigFile, ConfigFiles, ProfileSet, set::SourceFile};
use crate::{ini, origin::Location};

/// Something that stands twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeated {
    /// `section [x]` or the key, in backticks.
    pub what: String,
    /// The second one.
    pub location: Location,
}

/// The first section or key that stands twice in a section of one of these profiles.
pub fn find_repeated<'n>(
    files: &ConfigFiles,
    set: &ProfileSet<'_>,
    profiles: impl Iterator<Item = &'n str>,
) -> Option<Repeated> {
    let sections: Vec<_> = profiles
        .filter_map(|name| set.profile(name))
        .flat_map(|profile| {
            [(&files.config, SourceFile::Config), (&files.credentials, SourceFile::Credentials)]
                .into_iter()
                .filter_map(|(file, kind)| Some((file, profile.section(kind)?)))
        })
        .collect();
    sections.into_iter().find_map(|(file, section)| {
        let repeated = |what: String, line| Repeated { what, location: file.location(line) };
        second_header(file, section.header())
            .map(|line| repeated(format!("section `[{}]`", section.header()), line))
            .or_else(|| {
                second_key(file, section.header()).map(|(key, line)| repeated(format!("`{key}`"), line))
            })
    })
}

fn second_header(file: &ConfigFile, name: &str) -> Option<u32> {
    let headers = ini::headers(file.text()).unwrap_or_default();
    headers.iter().filter(|header| header.name == name).nth(1).map(|header| header.line)
}

fn second_key(file: &ConfigFile, name: &str) -> Option<(String, u32)> {
    let sections = ini::parse(file.text()).ok()?;
    let section = sections.iter().find(|section| section.name() == name)?;
    let mut seen = HashSet::new();
    let again = section.own_entries().iter().find(|entry| !seen.insert(&*entry.key))?;
    Some((again.key.to_string(), again.line))
}
