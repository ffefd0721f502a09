//! An explanation for people: what would happen now, what is wrong, then the chain, the settings and the calls.
//!
//! Must not know how any of it was found.

use std::{borrow::Cow, fmt::Write as _, path::PathBuf};

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use rolo_core::{
    chain::resolve::ResolveError,
    credentials::render_expiration,
    doctor::{Finding, Severity},
    explain::{Call, CallKind, Explanation, Giver, Holds, Level, LevelKind, Now, Place, Said, Signer},
    host::Host,
    origin::Origin,
};

use super::{
    Explained,
    check::{Hop, Outcome},
    diff::{Diff, Difference, Side},
    signer_in_cache, words,
};
use crate::{
    error::{CliError, shorten_home},
    findings,
    ui::{ERROR_STYLE, HEADER_STYLE, WARNING_STYLE, escape::escape_to_one_line, paint, stdout_has_colour},
};

const PLACE_STYLE: Style = Style::new().dimmed();
const GOOD_STYLE: Style = AnsiColor::Green.on_default();

/// A column is not moved further to the right than this by a long value.
const WIDEST: usize = 56;

/// How it is to look.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// Shortened to `~`.
    pub home: Option<PathBuf>,
    /// Whether there are colours.
    pub colour: bool,
}

impl Look {
    /// What suits standard output.
    pub fn of_stdout(host: Host<'_>) -> Self {
        Self { home: host.home(), colour: stdout_has_colour() }
    }

    /// Text of files, AWS or a person, made harmless.
    fn clean(&self, text: &str) -> String {
        let home = self.home.as_deref().and_then(|home| home.to_str()).map(|home| home.trim_end_matches('/'));
        shorten_home(&escape_to_one_line(text), home.filter(|home| !home.is_empty()))
    }

    fn paint(&self, text: &str, style: Style) -> String {
        paint(text, style, self.colour)
    }

    fn place(&self, origin: &Origin) -> String {
        match origin {
            Origin::Flag("PROFILE") => "the command line".to_owned(),
            Origin::Default => "by default".to_owned(),
            origin => self.clean(&origin.to_string()),
        }
    }
}

/// The whole, each line with its end; `error` is why a run would fail before its first call.
pub fn render(explained: &Explained, error: Option<&CliError>, look: &Look) -> String {
    let mut page = Page { look, text: String::new() };
    page.head(explained, error);
    page.check(explained);
    page.attention(explained);
    page.chain(explained);
    page.settings(explained);
    page.calls(explained);
    page.notes(explained);
    page.text
}

/// A line of a block: a name, what it is, and where that is said.
struct Row {
    name: String,
    value: String,
    place: String,
    /// Below it, in lines of their own.
    notes: Vec<String>,
}

impl Row {
    fn new(name: &str, value: impl Into<String>) -> Self {
        Self { name: name.to_owned(), value: value.into(), place: String::new(), notes: Vec::new() }
    }
}

struct Page<'a> {
    look: &'a Look,
    text: String,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn title(&mut self, title: &str) {
        let title = self.look.paint(title, HEADER_STYLE);
        self.line("");
        self.line(&title);
    }

    /// Aligned rows behind `indent`.
    fn rows(&mut self, indent: &str, rows: &[Row]) {
        let width = |text: &str| text.chars().count();
        let names = rows.iter().map(|row| width(&row.name)).max().unwrap_or_default();
        let values = rows.iter().map(|row| width(&row.value)).filter(|width| *width <= WIDEST).max();
        let values = values.unwrap_or_default();
        for row in rows {
            let mut line = format!("{indent}{:names$}  {}", row.name, row.value);
            if !row.place.is_empty() {
                let gap = values.saturating_sub(width(&row.value)) + 2;
                let place = self.look.paint(&row.place, PLACE_STYLE);
                // Writing into a `String` cannot fail.
                let _ = write!(line, "{:gap$}{place}", "");
            }
            self.line(&line);
            for note in &row.notes {
                let note = self.look.paint(note, PLACE_STYLE);
                self.line(&format!("{indent}{:names$}    {note}", ""));
            }
        }
    }

    fn row(&self, said: &Said) -> Row {
        let look = self.look;
        let value = |value: &Option<String>| match value {
            Some(value) if value.is_empty() => "(empty)".to_owned(),
            Some(value) => look.clean(value),
            None => "(secret)".to_owned(),
        };
        let notes = said.beats.iter().map(|rival| {
            let place = look.place(&rival.origin);
            match &rival.origin {
                _ if rival.value.is_some() && rival.value == said.value => format!("also at {place}"),
                // A variable's name says what it is; a key of the same name needs no repetition.
                Origin::File(_) if rival.name != said.name => {
                    format!("beats {} {} at {place}", look.clean(&rival.name), value(&rival.value))
                }
                _ => format!("beats {} at {place}", value(&rival.value)),
            }
        });
        Row {
            name: look.clean(&said.name),
            value: value(&said.value),
            place: look.place(&said.origin),
            notes: notes.collect(),
        }
    }

    fn head(&mut self, explained: &Explained, error: Option<&CliError>) {
        let explanation = &explained.explanation;
        let look = self.look;
        let mut what = look.paint(&look.clean(&explanation.label), HEADER_STYLE);
        if let (Some(last), None) = (explanation.levels.last(), &explanation.error) {
            let _ = write!(what, ": {}", look.clean(&words::level(last)));
            let first = &explanation.levels[0];
            if explanation.levels.len() > 1 {
                let _ = write!(what, ", from {}", look.clean(&words::level(first)));
            }
            if let (Some(profile), LevelKind::Key { .. }) = (&first.profile, &first.kind) {
                let _ = write!(what, " of `{}`", look.clean(profile));
            }
        }
        self.line(&what);
        let mut rows = Vec::new();
        if let Some(asked) = &explanation.asked
            && (asked.origin != Origin::Flag("PROFILE") || !asked.beats.is_empty())
        {
            rows.push(self.row(asked));
        }
        let now = error.map_or_else(
            || now(explained),
            |error| format!("fails before the first call: {}", error.words()).into(),
        );
        rows.push(Row::new("now", look.clean(&now)));
        self.rows("  ", &rows);
    }

    fn attention(&mut self, explained: &Explained) {
        let explanation = &explained.explanation;
        let grave: Vec<Finding> =
            explanation.findings.iter().filter(|finding| !is_note(finding)).cloned().collect();
        if grave.is_empty() && explanation.warnings.is_empty() {
            return;
        }
        self.title("attention");
        for warning in &explanation.warnings {
            let label = self.look.paint("warning", WARNING_STYLE);
            self.line(&format!("  {label} {}", self.look.clean(&warning.text)));
            if let Some(place) = &warning.location {
                self.line(&format!("    at {}", self.look.clean(&place.to_string())));
            }
        }
        self.findings(&grave);
    }

    /// What is good to know, mostly how other tools read the same files.
    fn notes(&mut self, explained: &Explained) {
        let notes: Vec<Finding> =
            explained.explanation.findings.iter().filter(|finding| is_note(finding)).cloned().collect();
        if !notes.is_empty() {
            self.title("good to know");
            self.findings(&notes);
        }
    }

    fn findings(&mut self, findings: &[Finding]) {
        let text = findings::render(findings, self.look.home.as_deref(), self.look.colour);
        for line in text.lines().filter(|line| !line.is_empty()) {
            self.line(&format!("  {line}"));
        }
    }

    /// What came of the run.
    fn check(&mut self, explained: &Explained) {
        let Some(checked) = &explained.checked else { return };
        self.title("check");
        let rows: Vec<Row> = checked.hops.iter().map(|hop| self.hop(hop, explained, checked.now)).collect();
        self.rows("  ", &rows);
    }

    fn hop(&self, hop: &Hop, explained: &Explained, now: Timestamp) -> Row {
        let level = explained.levels().get(hop.level).map(words::level).unwrap_or_default();
        let (text, style) = match hop.outcome {
            Outcome::Had => ("ok", GOOD_STYLE),
            Outcome::Cached => ("ok, from a cache", GOOD_STYLE),
            Outcome::Failed => ("failed", ERROR_STYLE),
            Outcome::NotReached => ("not reached", PLACE_STYLE),
            Outcome::NotNeeded => ("not needed", PLACE_STYLE),
        };
        let mut value = self.look.paint(text, style);
        if let Some(until) = hop.until {
            let left = words::left(until, now);
            let _ = write!(value, ", good until {}, {left} left", render_expiration(until));
        }
        let mut row = Row::new(&self.look.clean(&level), value);
        row.notes.extend(hop.session_arn.as_ref().map(|arn| self.look.clean(arn)));
        row
    }

    fn chain(&mut self, explained: &Explained) {
        let explanation = &explained.explanation;
        if explanation.levels.is_empty() {
            return;
        }
        self.title("chain");
        let last = explanation.levels.len() - 1;
        for (depth, level) in explanation.levels.iter().enumerate() {
            let (head, below) = match depth {
                0 => ("  ".to_owned(), "  ".to_owned()),
                depth => {
                    let blanks = " ".repeat(3 * (depth - 1));
                    (format!("  {blanks}└─ "), format!("  {blanks}   "))
                }
            };
            let mut line = self.look.paint(&self.look.clean(&words::level(level)), HEADER_STYLE);
            if let Some(life) = &level.life {
                let _ = write!(line, ", {}", words::length(life.seconds));
            }
            if let Some(profile) = &level.profile {
                let _ = write!(line, "  profile `{}`", self.look.clean(profile));
            }
            if level.origin != Origin::Default {
                let _ = write!(line, "  {}", self.look.paint(&self.look.place(&level.origin), PLACE_STYLE));
            }
            self.line(&format!("{head}{line}"));
            let bar = if depth == last { "  " } else { "│ " };
            let blamed = explanation.error.as_ref().map(ResolveError::locations).unwrap_or_default();
            let row = |said: &Said| {
                let mut row = self.row(said);
                if said.origin.location().is_some_and(|place| blamed.contains(place)) {
                    row.place = format!("{}  <- the error", row.place);
                }
                row
            };
            let mut rows: Vec<Row> = level.settings.iter().map(row).collect();
            rows.extend(self.state_of(level, explained));
            self.rows(&format!("{below}{bar}"), &rows);
        }
    }

    /// What is true of a level now: code, caches, the hour.
    fn state_of(&self, level: &Level, explained: &Explained) -> Vec<Row> {
        let now = explained.explanation.now;
        let mut rows = Vec::new();
        if let Some(code) = &level.code {
            let none = words::no_code(level, now);
            let mut row = Row::new("code", self.look.clean(&none.unwrap_or_else(|| words::giver(code))));
            if code.is_found_out {
                row.notes.push("an earlier run found out that the role wants it".to_owned());
            }
            rows.push(row);
        }
        let is_nothing =
            |place| level.kept.iter().any(|kept| kept.place == place && kept.holds == Holds::Nothing);
        let neither = is_nothing(Place::Own) && is_nothing(Place::AwsCli);
        if neither {
            rows.push(Row::new("kept", "nothing, neither in rolo's cache nor in the AWS CLI's"));
        }
        for kept in level.kept.iter().filter(|kept| !neither || kept.place == Place::SignIn) {
            let mut row = Row::new(
                "kept",
                self.look.clean(&format!("{}: {}", words::place(kept.place), words::holds(kept, now))),
            );
            // Of rolo's own cache `rolo cache` shows more than its file does.
            if let (Some(path), true) = (&kept.path, kept.place != Place::Own) {
                row.notes.push(self.look.clean(&path.display().to_string()));
            }
            row.notes.extend(kept.session_arn.as_ref().map(|arn| format!("as {}", self.look.clean(arn))));
            rows.push(row);
        }
        if let Some(cap) = level.life.as_ref().and_then(|life| life.cap) {
            let (what, lift) = words::cap(cap);
            let mut row = Row::new("limit", what);
            row.notes.push(lift.to_owned());
            rows.push(row);
        }
        rows
    }

    fn settings(&mut self, explained: &Explained) {
        let explanation = &explained.explanation;
        let rows: Vec<Row> =
            explanation.settings.iter().chain(&explained.options).map(|said| self.row(said)).collect();
        if !rows.is_empty() {
            self.title("settings");
            self.rows("  ", &rows);
        }
    }

    fn calls(&mut self, explained: &Explained) {
        let explanation = &explained.explanation;
        if explanation.calls.is_empty() {
            return;
        }
        let all_made = explanation.calls.iter().all(|call| call.is_made(&explanation.levels));
        self.title(if all_made { "calls" } else { "calls, if nothing were cached" });
        for (index, call) in explanation.calls.iter().enumerate() {
            let head = format!("{} {}", index + 1, self.look.clean(&words::call(&call.kind)));
            let mut line = self.look.paint(&head, HEADER_STYLE);
            if !call.is_made(&explanation.levels) {
                line.push_str("  not now: ");
                line.push_str(match explanation.levels.get(call.level).map(|level| level.now) {
                    Some(Now::Cached(from)) => words::cache(from),
                    _ => "what it is for is cached",
                });
            }
            self.line(&format!("  {line}"));
            let rows = self.call_rows(call, explanation);
            self.rows("    ", &rows);
        }
    }

    fn call_rows(&self, call: &Call, explanation: &Explanation) -> Vec<Row> {
        let look = self.look;
        let mut rows: Vec<Row> = call
            .parameters
            .iter()
            .map(|(name, value)| Row::new(&look.clean(name), look.clean(value)))
            .collect();
        rows.extend(call.unsaid.iter().map(|unsaid| Row::new(unsaid.name, look.clean(&unsaid.what))));
        let is_signed = call.signer != Signer::Nobody;
        match &call.endpoint {
            Some(Ok(found)) if is_signed => {
                rows.push(Row::new(
                    "at",
                    look.clean(&format!("{}, signed for {}", found.url, found.signing_region)),
                ));
            }
            Some(Ok(found)) => rows.push(Row::new("at", look.clean(&found.url))),
            Some(Err(error)) => rows.push(Row::new("at", look.clean(&format!("no endpoint: {error}")))),
            None => {}
        }
        match &call.signer {
            Signer::Key { access_key_id, origin } => rows.push(Row {
                place: look.place(origin),
                ..Row::new("signed by", look.clean(&format!("key {access_key_id}")))
            }),
            Signer::Call(index) => {
                let cached = signer_in_cache(call, explanation).and_then(|level| level.cached_key.as_deref());
                let cached = cached.map(|id| format!(", now {} of a cache", look.clean(id)));
                let text = format!("what call {} gave{}", index + 1, cached.unwrap_or_default());
                rows.push(Row::new("signed by", text));
            }
            Signer::Nobody if call.endpoint.is_some() => {
                rows.push(Row::new("signed by", "nobody: the token is the proof"));
            }
            Signer::Nobody => {}
        }
        rows
    }
}

fn is_note(finding: &Finding) -> bool {
    finding.check.severity == Severity::Note
}

/// What a run would do now, in a line.
fn now(explained: &Explained) -> Cow<'static, str> {
    let explanation = &explained.explanation;
    let Some(last) = explanation.levels.last() else { return "nothing".into() };
    if let Now::Cached(from) = last.now {
        let until = last.kept.iter().find_map(|kept| match kept.holds {
            Holds::Good { until } => until,
            _ => None,
        });
        let left = until.map(|until| format!(", {} left", words::left(until, explanation.now)));
        return format!("no call: {} has it{}", words::cache(from), left.unwrap_or_default()).into();
    }
    let made: Vec<&Call> =
        explanation.calls.iter().filter(|call| call.is_made(&explanation.levels)).collect();
    let aws =
        made.iter().filter(|call| matches!(call.kind, CallKind::Aws { .. } | CallKind::Renewal)).count();
    let others = made.len() - aws;
    if made.is_empty() {
        let is_key = matches!(last.kind, LevelKind::Key { .. });
        return if is_key { "no call: the key is handed over as it is".into() } else { "no call".into() };
    }
    let mut parts = Vec::new();
    if others > 0 {
        parts.push(
            match made[0].kind {
                CallKind::Program { .. } => "a program is run",
                _ => "a local endpoint is asked",
            }
            .to_owned(),
        );
    }
    match aws {
        0 => {}
        1 => parts.push("1 call".to_owned()),
        aws => parts.push(format!("{aws} calls")),
    }
    let is_called = |level: &&Level| level.now == Now::Called;
    let code = explanation.levels.iter().filter(is_called).find_map(|level| level.code.as_ref());
    match code.map(|code| &code.giver) {
        Some(Giver::Person) => parts.push("with a code asked at the terminal".to_owned()),
        Some(Giver::Nobody) => {
            parts.push("with a code, for which nobody can be asked here: give `--mfa-code CODE`".to_owned());
        }
        Some(Giver::Given(from)) => parts.push(format!("with the code of {from}")),
        Some(Giver::Process(_)) => parts.push("with a code of `mfa_process`".to_owned()),
        None if explanation.is_tried_without_mfa => {
            parts.push("without MFA; if the role refuses, once more with the user's device".to_owned());
        }
        None => {}
    }
    parts.join(", ").into()
}

/// Two explanations, of which only what differs is shown.
pub fn render_diff(diff: &Diff, look: &Look) -> String {
    let mut page = Page { look, text: String::new() };
    let [left, right] = diff.labels.each_ref().map(|label| look.clean(label));
    if diff.differences.is_empty() {
        page.line(&format!("{left} and {right}: no difference"));
        return page.text;
    }
    page.line(&look.paint(&format!("{left} and {right}"), HEADER_STYLE));
    let mut section = "";
    let values = |one: &Difference| {
        [&one.left, &one.right]
            .map(|side| side.as_ref().map_or("-".to_owned(), |side| look.clean(&side.value)))
    };
    let widths = diff.differences.iter().flat_map(values).map(|value| value.chars().count());
    let widest = widths.filter(|width| *width <= WIDEST).max().unwrap_or_default();
    let labels = [left, right];
    let width = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default();
    let names = diff.differences.iter().map(|one| one.name.chars().count()).max().unwrap_or_default();
    for one in &diff.differences {
        if one.section != section {
            section = &one.section;
            page.title(section);
        }
        let sides = [&one.left, &one.right].into_iter().zip(values(one));
        for (index, (label, (side, value))) in labels.iter().zip(sides).enumerate() {
            let name = if index == 0 { one.name.as_str() } else { "" };
            let places = side.as_ref().map(|side| places(side, look)).unwrap_or_default();
            let places = look.paint(&places, PLACE_STYLE);
            page.line(&format!("  {name:names$}  {label:width$}  {value:widest$}  {places}"));
        }
    }
    page.text
}

fn places(side: &Side, look: &Look) -> String {
    let told: Vec<String> = side
        .origins
        .iter()
        .filter(|origin| **origin != Origin::Default)
        .map(|origin| look.place(origin))
        .collect();
    told.join(", ")
}
