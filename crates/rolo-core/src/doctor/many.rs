//! One fault of the environment that many profiles share, told once.

use crate::{origin::Location, profile::Profile};

/// Lines shown of all that are to blame.
const LINES: usize = 3;

/// The profiles that share it.
#[derive(Debug, Default)]
pub(super) struct Many<'a> {
    first: Option<&'a str>,
    more: usize,
    locations: Vec<Location>,
}

impl<'a> Many<'a> {
    /// Adds a profile with the line of it that has a part in the fault.
    pub(super) fn add(&mut self, profile: &'a Profile<'_>, location: Option<Location>) {
        match self.first {
            None => self.first = Some(profile.name()),
            Some(_) => self.more += 1,
        }
        if self.locations.len() < LINES {
            self.locations.extend(location);
        }
    }

    /// The profiles in words and the first lines; `None` where there are none.
    pub(super) fn told(self) -> Option<(String, Vec<Location>)> {
        let first = self.first?;
        let whose = match self.more {
            0 => format!("profile `{first}`"),
            1 => format!("`{first}` and another profile"),
            more => format!("`{first}` and {more} more profiles"),
        };
        Some((whose, self.locations))
    }
}
