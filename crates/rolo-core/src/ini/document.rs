//! What a parsed file is made of: sections, their entries and nested entries, each with its line.
//!
//! Values may be secrets, so `Debug` shows keys and lines alone.

use std::{borrow::Cow, collections::HashSet, fmt, sync::Arc};

/// A section: every header of one name, taken together.
#[derive(Debug)]
pub struct Section<'t> {
    pub(super) name: &'t str,
    pub(super) line: u32,
    /// The lines of further headers of this name.
    pub(super) again: Vec<u32>,
    /// In the order of the file; a key may stand here more than once.
    pub(super) own: Vec<Entry<'t>>,
    /// The file's `[DEFAULT]`, where it has one.
    pub(super) defaults: Option<Arc<[Entry<'t>]>>,
}

/// One setting.
#[derive(Debug)]
pub struct Entry<'t> {
    /// In lower case, whatever the file has.
    pub key: Cow<'t, str>,
    /// What follows the separator.
    pub value: Value<'t>,
    /// The line of the key, counted from 1.
    pub line: u32,
}

/// What a setting is set to.
pub enum Value<'t> {
    /// A text, trimmed; continuation lines are joined by LF.
    Plain(Cow<'t, str>),
    /// A map of its own: an empty value with indented lines below.
    Nested {
        /// The lines as they stand in the file, from the end of the key's line on.
        raw: &'t str,
        /// In the order of the file; a key may stand here more than once.
        entries: Box<[NestedEntry<'t>]>,
    },
}

/// A setting within a nested value.
pub struct NestedEntry<'t> {
    /// As written, trimmed; may be empty.
    pub key: &'t str,
    /// As written, trimmed.
    pub value: &'t str,
    /// Counted from 1.
    pub line: u32,
}

impl<'t> Section<'t> {
    /// What stands between the brackets, blanks and quotes included.
    pub fn name(&self) -> &'t str {
        self.name
    }

    /// The line of the first header of this name, counted from 1.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The lines of further headers of this name, for which botocore refuses the whole file; mostly none.
    pub fn further_lines(&self) -> &[u32] {
        &self.again
    }

    /// The entry that counts for `key` (in lower case): the section's last one, else that of `[DEFAULT]`.
    pub fn get(&self, key: &str) -> Option<&Entry<'t>> {
        self.own(key).or_else(|| self.defaults().iter().rfind(|entry| entry.key == key))
    }

    /// Every entry for `key` (in lower case), the one that counts first and those that it hides behind it.
    pub fn all(&self, key: &str) -> impl Iterator<Item = &Entry<'t>> {
        self.own.iter().rev().chain(self.defaults().iter().rev()).filter(move |entry| entry.key == key)
    }

    /// Every entry that counts, in the order of the file.
    pub fn entries(&self) -> Vec<&Entry<'t>> {
        let mut seen = HashSet::new();
        let last_first = self.own.iter().rev().chain(self.defaults().iter().rev());
        let mut entries: Vec<_> = last_first.filter(|entry| seen.insert(&*entry.key)).collect();
        entries.sort_by_key(|entry| entry.line);
        entries
    }

    /// Every entry that stands in the section itself, those that do not count included.
    pub fn own_entries(&self) -> &[Entry<'t>] {
        &self.own
    }

    /// The entry that counts for `key`, `[DEFAULT]` left aside.
    pub(super) fn own(&self, key: &str) -> Option<&Entry<'t>> {
        self.own.iter().rfind(|entry| entry.key == key)
    }

    fn defaults(&self) -> &[Entry<'t>] {
        self.defaults.as_deref().unwrap_or_default()
    }
}

impl<'t> Value<'t> {
    /// The text; of a nested value the lines as they stand in the file.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Nested { raw, .. } => raw,
        }
    }

    /// The nested entry that counts for `key`, which is matched as written: the last one.
    pub fn get_nested(&self, key: &str) -> Option<&NestedEntry<'t>> {
        self.nested().iter().rfind(|entry| entry.key == key)
    }

    /// The nested entries as they stand in the file; none of a plain value.
    pub fn nested(&self) -> &[NestedEntry<'t>] {
        match self {
            Self::Plain(_) => &[],
            Self::Nested { entries, .. } => entries,
        }
    }

    /// Whether the value is a map.
    pub fn is_nested(&self) -> bool {
        matches!(self, Self::Nested { .. })
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(_) => f.write_str("[plain]"),
            Self::Nested { entries, .. } => entries.fmt(f),
        }
    }
}

impl fmt::Debug for NestedEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.key, self.line)
    }
}
