//! What was found wrong, as a person and as a script see it: blocks of lines, the same fault of many profiles told once,
//! or JSON.
//!
//! Must not know what is looked for, nor who shows it.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
    path::Path,
};

use anstyle::{AnsiColor, Style};
use rolo_core::doctor::{Finding, Severity, all_checks};
use serde_json::{Value, json};

use crate::{
    error::shorten_home,
    prompt::colours::fits,
    ui::{ERROR_STYLE, HINT_STYLE, WARNING_STYLE, escape::escape_to_one_line, paint},
};

const NOTE_STYLE: Style = AnsiColor::Blue.on_default().bold();

/// So many places are told of one fault; the rest is counted.
const PLACES: usize = 5;

/// A finding that is not to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// A check's code.
    pub code: &'static str,
    /// A pattern of profiles' names; `None`: wherever it is found.
    pub profiles: Option<String>,
}

impl Allowed {
    /// Reads `CODE` or `CODE:PROFILE`; `None` where there is no such check.
    pub fn parse(text: &str) -> Option<Self> {
        let (code, profiles) = match text.split_once(':') {
            Some((_, "")) => return None,
            Some((code, profiles)) => (code, Some(profiles.to_owned())),
            None => (text, None),
        };
        all_checks().find(|check| check.code == code).map(|check| Self { code: check.code, profiles })
    }

    /// Whether `finding` is one of these.
    pub fn covers(&self, finding: &Finding) -> bool {
        let is_wanted = || match (&self.profiles, &finding.profile) {
            (None, _) => true,
            (Some(pattern), Some(name)) => fits(pattern, name),
            (Some(_), None) => false,
        };
        self.code == finding.check.code && is_wanted()
    }
}

/// The worst first, then by file and line; what has no place before what has.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let place = |finding: &Finding| finding.locations.first().map(|at| (at.path.clone(), at.line));
        a.check
            .severity
            .cmp(&b.check.severity)
            .then_with(|| place(a).cmp(&place(b)))
            .then_with(|| a.check.code.cmp(b.check.code))
    });
}

/// The findings in blocks, in the order given; what is said in the same words of several profiles is one block. `home` is
/// shortened to `~`; whatever comes from files is escaped.
pub fn render(findings: &[Finding], home: Option<&Path>, colour: bool) -> String {
    let home =
        home.and_then(Path::to_str).map(|home| home.trim_end_matches('/')).filter(|home| !home.is_empty());
    let mut text = String::new();
    for group in groups(findings) {
        if !text.is_empty() {
            text.push('\n');
        }
        write_group(&mut text, &group, home, colour);
    }
    text
}

/// Those that are the same but for profile and place, in the order of the first of each.
fn groups(findings: &[Finding]) -> Vec<Vec<&Finding>> {
    let mut index: HashMap<_, usize> = HashMap::new();
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        let at = *index.entry((finding.check.code, &finding.text, &finding.remedy)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

fn write_group(text: &mut String, group: &[&Finding], home: Option<&str>, colour: bool) {
    let Some(first) = group.first() else { return };
    let mut say = |label: &str, style, words: &str| {
        // Writing into a `String` cannot fail.
        let _ = writeln!(
            text,
            "{} {}",
            paint(label, style, colour),
            shorten_home(&escape_to_one_line(words), home)
        );
    };
    let (word, style) = in_words(first.check.severity);
    say(&format!("{word} {}:", first.check.code), style, &first.text);
    let places = each_once(group.iter().flat_map(|finding| render_places(finding, home)));
    if !places.is_empty() {
        say("  at", Style::new(), &some_of(&places));
    }
    let breaks = each_once(group.iter().flat_map(|finding| &finding.breaks).map(|name| format!("`{name}`")));
    if !breaks.is_empty() {
        say("  and so", Style::new(), &format!("in {}", some_of(&breaks)));
    }
    say("  hint:", HINT_STYLE, &first.remedy);
}

fn in_words(severity: Severity) -> (&'static str, Style) {
    match severity {
        Severity::Fault => ("fault", ERROR_STYLE),
        Severity::Warning => ("warning", WARNING_STYLE),
        Severity::Note => ("note", NOTE_STYLE),
    }
}

/// The lines of a finding, its profile behind the first of them unless the text has it.
fn render_places(finding: &Finding, home: Option<&str>) -> Vec<String> {
    let profile = finding.profile.as_ref().filter(|name| !finding.text.contains(&format!("`{name}`")));
    let mut places: Vec<String> =
        finding.locations.iter().map(|at| shorten_home(&at.to_string(), home)).collect();
    match (places.first_mut(), profile) {
        (Some(place), Some(name)) => *place = format!("{place} (`{name}`)"),
        (None, Some(name)) => places.push(format!("profile `{name}`")),
        (_, None) => {}
    }
    places
}

fn each_once(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut told = HashSet::new();
    texts.filter(|text| told.insert(text.clone())).collect()
}

fn some_of(texts: &[String]) -> String {
    let more = texts.len().saturating_sub(PLACES);
    // To count a single one takes as much room as to tell it.
    if more <= 1 {
        return texts.join(", ");
    }
    format!("{} and {more} more", texts[..PLACES].join(", "))
}

/// How many there are of each severity, in words; `None` for none.
pub fn render_count(findings: &[Finding]) -> Option<String> {
    let parts: Vec<String> = [Severity::Fault, Severity::Warning, Severity::Note]
        .into_iter()
        .filter_map(|severity| {
            let count = count(findings, severity);
            let (word, _) = in_words(severity);
            match count {
                0 => None,
                1 => Some(format!("1 {word}")),
                _ => Some(format!("{count} {word}s")),
            }
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// How many of one severity there are.
pub fn count(findings: &[Finding], severity: Severity) -> usize {
    findings.iter().filter(|finding| finding.check.severity == severity).count()
}

/// A finding in JSON; the keys are documented in `docs/doctor.md`.
pub fn to_json(finding: &Finding) -> Value {
    let locations: Vec<Value> = finding
        .locations
        .iter()
        .map(|at| json!({ "file": at.path.display().to_string(), "line": at.line }))
        .collect();
    json!({
        "code": finding.check.code,
        "severity": in_words(finding.check.severity).0,
        "profile": finding.profile,
        "breaks": finding.breaks,
        "text": finding.text,
        "locations": locations,
        "remedy": finding.remedy,
    })
}
