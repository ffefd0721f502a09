//! Changes of one profile in both files: tried out first, then written.
//!
//! Must not know what a setting means.

use std::path::PathBuf;

use super::{
    ConfigFile, ConfigFiles, SourceFile,
    edit::edit_profile,
    write::{WriteError, Written, write_profile},
};
use crate::{host::Host, ini::Change, talk::Hear};

/// What is to be changed in the sections of one profile. Values may be secrets, so `Debug` shows keys alone.
#[derive(Debug)]
pub struct Draft<'a> {
    name: &'a str,
    config: Vec<Change<'a>>,
    credentials: Vec<Change<'a>>,
}

impl<'a> Draft<'a> {
    /// No change of the profile `name` yet.
    pub fn new(name: &'a str) -> Self {
        Self { name, config: Vec::new(), credentials: Vec::new() }
    }

    /// `key`, in lower case, gets this value in `file`.
    pub fn set(&mut self, file: SourceFile, key: &'a str, value: &'a str) {
        self.changes_mut(file).push(Change::Set { key, value });
    }

    /// `key`, in lower case, goes from `file`.
    pub fn remove(&mut self, file: SourceFile, key: &'a str) {
        self.changes_mut(file).push(Change::Remove { key });
    }

    /// What is to be changed in `file`.
    pub fn changes(&self, file: SourceFile) -> &[Change<'a>] {
        match file {
            SourceFile::Config => &self.config,
            SourceFile::Credentials => &self.credentials,
        }
    }

    fn changes_mut(&mut self, file: SourceFile) -> &mut Vec<Change<'a>> {
        match file {
            SourceFile::Config => &mut self.config,
            SourceFile::Credentials => &mut self.credentials,
        }
    }

    /// The files as they would be with the changes in them.
    pub fn apply(&self, files: &ConfigFiles) -> Result<ConfigFiles, WriteError> {
        let edited = |file: SourceFile, old: &ConfigFile| -> Result<ConfigFile, WriteError> {
            let text = edit_profile(old.text(), file, self.name, None, self.changes(file))
                .map_err(|error| WriteError::edit(old.path(), error))?;
            Ok(old.with_text(text))
        };
        Ok(ConfigFiles {
            config: edited(SourceFile::Config, &files.config)?,
            credentials: edited(SourceFile::Credentials, &files.credentials)?,
        })
    }

    /// Writes the changes, the credentials file first, so that a profile never names keys that are not there yet. The
    /// files that were changed, as they were asked for.
    pub fn write(&self, host: Host<'_>, hear: &dyn Hear) -> Result<Vec<PathBuf>, WriteError> {
        let mut written = Vec::new();
        for file in [SourceFile::Credentials, SourceFile::Config] {
            let changes = self.changes(file);
            if !changes.is_empty() && write_profile(host, hear, file, self.name, changes)? == Written::Changed
            {
                written.push(ConfigFiles::path(&host, file));
            }
        }
        Ok(written)
    }
}
