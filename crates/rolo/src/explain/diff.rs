//! `--diff`: two explanations side by side, of which only what differs is kept.
//!
//! Levels are held against each other from the last role down, since that is what a person compares. Must not know how it
//! is shown.

use rolo_core::{
    explain::{Explanation, Level, LevelKind, Said},
    origin::Origin,
};

use super::{Explained, words};

/// What differs between two.
#[derive(Debug)]
pub struct Diff {
    /// What was asked for, of both.
    pub labels: [String; 2],
    /// In the order in which an explanation has it, the last role first.
    pub differences: Vec<Difference>,
}

/// One thing that differs.
#[derive(Debug)]
pub struct Difference {
    /// The part of the explanation it is in.
    pub section: String,
    /// The setting.
    pub name: String,
    /// What the first says; `None`: nothing.
    pub left: Option<Side>,
    /// What the other says.
    pub right: Option<Side>,
}

/// What one side says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The value; several of one name are joined.
    pub value: String,
    /// Where it is said.
    pub origins: Vec<Origin>,
}

/// One line of an explanation.
struct Line {
    section: String,
    name: String,
    side: Side,
}

/// Holds two explanations against each other.
pub fn compare(left: &Explained, right: &Explained) -> Diff {
    let (lines, others) = (lines(left), lines(right));
    let side = |lines: &[Line], of: &Line| {
        lines
            .iter()
            .find(|line| (&line.section, &line.name) == (&of.section, &of.name))
            .map(|line| line.side.clone())
    };
    let mut differences: Vec<Difference> = Vec::new();
    for line in lines.iter().chain(&others) {
        let is_told = |told: &Difference| (&told.section, &told.name) == (&line.section, &line.name);
        if differences.iter().any(is_told) {
            continue;
        }
        let (one, other) = (side(&lines, line), side(&others, line));
        if one.as_ref().map(|side| &side.value) != other.as_ref().map(|side| &side.value) {
            let (section, name) = (line.section.clone(), line.name.clone());
            differences.push(Difference { section, name, left: one, right: other });
        }
    }
    // What only one side has came last; sections stay together.
    let mut order: Vec<String> = Vec::new();
    for line in lines.iter().chain(&others) {
        if !order.contains(&line.section) {
            order.push(line.section.clone());
        }
    }
    differences.sort_by_key(|one| order.iter().position(|section| *section == one.section));
    let label = |explained: &Explained| explained.explanation.label.clone();
    Diff { labels: [label(left), label(right)], differences }
}

fn lines(explained: &Explained) -> Vec<Line> {
    let explanation = &explained.explanation;
    let mut all = Gathered(Vec::new());
    let mut roles = 0;
    for level in explanation.levels.iter().rev() {
        let section = match &level.kind {
            LevelKind::Role { .. } => {
                roles += 1;
                if roles == 1 { "role".to_owned() } else { format!("role {} before it", roles - 1) }
            }
            LevelKind::MfaSession { .. } => "MFA session".to_owned(),
            _ => "source".to_owned(),
        };
        all.level(&section, level);
    }
    for said in explanation.settings.iter().chain(&explained.options) {
        all.said("settings", said);
    }
    all.endpoint(explanation);
    all.0
}

struct Gathered(Vec<Line>);

impl Gathered {
    fn add(&mut self, section: &str, name: &str, value: String, origin: Origin) {
        let same = |line: &&mut Line| line.section == section && line.name == name;
        if let Some(line) = self.0.iter_mut().find(same) {
            line.side.value = format!("{}, {value}", line.side.value);
            line.side.origins.push(origin);
            return;
        }
        let origins = vec![origin];
        self.0.push(Line {
            section: section.to_owned(),
            name: name.to_owned(),
            side: Side { value, origins },
        });
    }

    /// Secrets are not held against each other: whose they are, the key's id says.
    fn said(&mut self, section: &str, said: &Said) {
        if let Some(value) = &said.value {
            self.add(section, &said.name, value.clone(), said.origin.clone());
        }
    }

    fn level(&mut self, section: &str, level: &Level) {
        let has_setting = !level.settings.is_empty();
        if !has_setting || !matches!(level.kind, LevelKind::Role { .. } | LevelKind::Key { .. }) {
            self.add(section, "what", words::level(level), level.origin.clone());
        }
        for said in &level.settings {
            self.said(section, said);
        }
        if let Some(life) = &level.life {
            self.add(section, "lasts", words::length(life.seconds), Origin::Default);
        }
        if let Some(code) = &level.code {
            self.add(section, "MFA code", format!("of {}", code.serial), Origin::Default);
        }
    }

    /// Where STS is called: it follows from several settings together.
    fn endpoint(&mut self, explanation: &Explanation) {
        let found = explanation.calls.iter().rev().find_map(|call| call.endpoint.as_ref()?.as_ref().ok());
        if let Some(found) = found {
            self.add("calls", "endpoint", found.url.clone(), Origin::Default);
            self.add("calls", "signing region", found.signing_region.clone(), Origin::Default);
        }
    }
}
