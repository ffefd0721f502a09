//! Changes a section of a file's text and nothing else: comments, order, spacing and line ends stay byte for byte.
//!
//! The grammar is the parser's: the result is parsed again, and an edit that would show as anything but what was asked
//! for is an error. Must not know what a section or a setting means, nor where the text came from.

use std::{borrow::Cow, collections::HashSet, fmt, ops::Range};

use zeroize::Zeroizing;

use super::{
    Entry, ParseError, Section,
    layout::{Part, Row, rows},
    lines::{is_blank, offset, trim},
    parse::{lower_case, parse},
};
use crate::Secret;

/// What is to be changed in one section.
pub struct SectionEdit<'a> {
    /// What stands between the brackets where the section is new.
    pub header: &'a str,
    /// Which names of sections mean this one. Where several do, the last one counts, as it does for a reader.
    pub is_section: &'a dyn Fn(&str) -> bool,
    /// Lines of a comment, without `#`, right under the header where the section is new.
    pub comment: Option<&'a str>,
    /// Each key once.
    pub changes: &'a [Change<'a>],
}

/// A change of one setting. Its value may be a secret, so `Debug` leaves it out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Change<'a> {
    /// The key gets this value: where it stands last, in place, else behind the section's last setting.
    Set {
        /// In lower case.
        key: &'a str,
        /// One line of text, without blanks at its ends.
        value: &'a str,
    },
    /// The key goes, wherever it stands in the section.
    Remove {
        /// In lower case.
        key: &'a str,
    },
}

/// Why a text is not edited. Never holds a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The text is no such file, so nobody knows what a change of it would do.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// No file can have such a section.
    #[error("`{name}` cannot be the name of a section: it {problem}")]
    Header {
        /// As it came.
        name: String,
        /// In words.
        problem: &'static str,
    },
    /// No file can have such a key, or it is to be changed twice.
    #[error("`{key}` cannot be written: it is no key in lower case, or stands twice")]
    Key {
        /// As it came.
        key: String,
    },
    /// The value would be read back as another one, by some reader at least.
    #[error("the value of `{key}` cannot be written: it has {problem}")]
    Value {
        /// The key.
        key: String,
        /// In words.
        problem: &'static str,
    },
    /// Lines are indented so that one of them would mean something else after the change.
    #[error("the change would alter another setting, because of how the lines are indented")]
    Damage,
}

impl fmt::Debug for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = if self.value().is_some() { "set" } else { "remove" };
        write!(f, "{change} {}", self.key())
    }
}

impl<'a> Change<'a> {
    /// The key, in lower case.
    pub fn key(&self) -> &'a str {
        match self {
            Self::Set { key, .. } | Self::Remove { key } => key,
        }
    }

    fn value(&self) -> Option<&'a str> {
        match self {
            Self::Set { value, .. } => Some(value),
            Self::Remove { .. } => None,
        }
    }
}

/// The text with the changes in it; the same text where they are there already. A section that is not there is made at
/// the end, unless nothing is set.
pub fn edit_section(text: &str, edit: &SectionEdit<'_>) -> Result<Secret, EditError> {
    let before = parse(text)?;
    check(edit.changes)?;
    let rows = rows(text);
    let section = before.iter().rfind(|section| (edit.is_section)(section.name()));
    if let Some(section) = section {
        let edited = splice(text, change(&rows, section, edit.changes));
        let is_it = |other: &Section<'_>| other.name() == section.name();
        verify(&before, &edited, None, |section| {
            if is_it(section) { Expected::Changed(edit.changes) } else { Expected::Same }
        })?;
        return Ok(edited);
    }
    if edit.changes.iter().all(|change| change.value().is_none()) {
        return Ok(Secret::new(text));
    }
    check_header(edit.header)?;
    let edited = splice(text, vec![append(&rows, text.len(), edit)]);
    verify(&before, &edited, Some(edit), |_| Expected::Same)?;
    Ok(edited)
}

/// The text without the sections whose names are picked, comments between their lines included. What stands behind the
/// last setting stays, but of the blank lines around the hole one goes, which had kept the sections apart.
pub fn remove_sections(text: &str, is_section: &dyn Fn(&str) -> bool) -> Result<Secret, EditError> {
    let before = parse(text)?;
    let rows = rows(text);
    let mut splices = Vec::new();
    let mut at = 0;
    while let Some(row) = rows.get(at) {
        let next = match row.part {
            Part::Header(name) if is_section(name) => {
                let end = end_of_block(&rows, at);
                splices.push(Splice::cut(row.span.start..rows[end - 1].span.end));
                let is_apart = at == 0 || rows[at - 1].part == Part::Blank;
                if let Some(below) = rows.get(end).filter(|below| is_apart && below.part == Part::Blank) {
                    splices.push(Splice::cut(below.span.clone()));
                }
                end
            }
            _ => at + 1,
        };
        at = next;
    }
    let edited = splice(text, splices);
    verify(
        &before,
        &edited,
        None,
        |section| {
            if is_section(section.name()) { Expected::Gone } else { Expected::Same }
        },
    )?;
    Ok(edited)
}

/// A place where bytes go and others come.
struct Splice<'a> {
    cut: Range<usize>,
    /// Pieces, so that no copy is made of a secret.
    put: Vec<&'a str>,
}

impl Splice<'_> {
    fn cut(cut: Range<usize>) -> Self {
        Self { cut, put: Vec::new() }
    }
}

/// `splices` do not overlap.
fn splice(text: &str, mut splices: Vec<Splice<'_>>) -> Secret {
    splices.sort_by_key(|splice| (splice.cut.start, splice.cut.end));
    let more: usize = splices.iter().flat_map(|splice| &splice.put).map(|piece| piece.len()).sum();
    // Of the full size from the beginning: growing would leave copies of secrets behind.
    let mut edited = Zeroizing::new(String::with_capacity(text.len() + more));
    let mut at = 0;
    for splice in &splices {
        edited.push_str(&text[at..splice.cut.start]);
        edited.extend(splice.put.iter().copied());
        at = splice.cut.end;
    }
    edited.push_str(&text[at..]);
    Secret::new(std::mem::take(&mut *edited))
}

/// The row behind the last line of the section whose header is at `header`.
fn end_of_block(rows: &[Row<'_>], header: usize) -> usize {
    let block = rows[header + 1..].iter().take_while(|row| !matches!(row.part, Part::Header(_)));
    let contents =
        (header + 1..).zip(block).filter(|(_, row)| matches!(row.part, Part::Setting | Part::More));
    contents.last().map_or_else(|| end_of_head(rows, header), |(index, _)| index) + 1
}

/// A setting as it stands: the row of its key, and those that go on with its value.
struct Standing<'r, 't> {
    key: Cow<'t, str>,
    index: usize,
    row: &'r Row<'t>,
    more: Vec<usize>,
}

impl<'t> Standing<'_, 't> {
    fn last_row(&self) -> usize {
        self.more.last().copied().unwrap_or(self.index)
    }

    fn indent(&self) -> &'t str {
        leading_blanks(self.row.line)
    }
}

/// The settings of the section called `name`, in the order of the file.
fn settings<'r, 't>(rows: &'r [Row<'t>], name: &str) -> Vec<Standing<'r, 't>> {
    let mut settings: Vec<Standing<'r, 't>> = Vec::new();
    let mut is_here = false;
    for (index, row) in rows.iter().enumerate() {
        match row.part {
            Part::Header(header) => is_here = header == name,
            Part::Setting if is_here => {
                let key = lower_case(Spelling::of(row.line).key);
                settings.push(Standing { key, index, row, more: Vec::new() });
            }
            Part::More if is_here => settings.last_mut().into_iter().for_each(|last| last.more.push(index)),
            _ => {}
        }
    }
    settings
}

/// A setting's line in its parts.
struct Spelling<'t> {
    key: &'t str,
    /// What follows the separator, blanks included.
    rest: &'t str,
    value: &'t str,
    has_blank_before: bool,
}

impl<'t> Spelling<'t> {
    fn of(line: &'t str) -> Self {
        let at = memchr::memchr2(b'=', b':', line.as_bytes()).unwrap_or(line.len());
        let (key, rest) = line.split_at(at);
        let rest = rest.get(1..).unwrap_or_default();
        Self { key: trim(key), rest, value: trim(rest), has_blank_before: key.ends_with(is_blank) }
    }

    /// How a setting in the same style separates key and value. AWS's tools agree on `=` alone.
    fn separator(&self) -> &'static str {
        match (self.has_blank_before, self.rest.starts_with(is_blank)) {
            (true, true) => " = ",
            (true, false) => " =",
            (false, true) => "= ",
            (false, false) => "=",
        }
    }
}

/// The separator of the last of these rows that has key and value on one line.
fn separator<'r, 't: 'r>(rows: impl DoubleEndedIterator<Item = &'r Row<'t>>) -> Option<&'static str> {
    let spellings = rows.rev().filter(|row| row.part == Part::Setting).map(|row| Spelling::of(row.line));
    spellings.filter(|spelling| !spelling.value.is_empty()).map(|spelling| spelling.separator()).next()
}

fn leading_blanks(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches(is_blank).len()]
}

/// How a line behind `row` ends: as that one, or where it has no end as the file's first.
fn line_end<'t>(rows: &[Row<'t>], row: Option<&Row<'t>>) -> &'t str {
    row.into_iter().chain(rows).map(|row| row.end).find(|end| !end.is_empty()).unwrap_or("\n")
}

/// A section that is there.
fn change<'a>(rows: &[Row<'a>], section: &Section<'_>, changes: &[Change<'a>]) -> Vec<Splice<'a>> {
    let (mut splices, mut new) = (Vec::new(), Vec::new());
    let mut settings = settings(rows, section.name());
    for change in changes {
        match *change {
            Change::Set { key, value } => match settings.iter().rfind(|setting| setting.key == key) {
                Some(_) if section.own(key).is_some_and(|entry| is_plain(entry, value)) => {}
                Some(setting) => replace(rows, setting, value, &mut splices),
                None => new.push((key, value)),
            },
            Change::Remove { key } => settings.retain(|setting| {
                if setting.key == key {
                    let gone = setting.more.iter().chain([&setting.index]);
                    splices.extend(gone.map(|&index| Splice::cut(rows[index].span.clone())));
                }
                setting.key != key
            }),
        }
    }
    if !new.is_empty() {
        splices.extend(insert(rows, section.name(), &settings, &new));
    }
    splices
}

fn is_plain(entry: &Entry<'_>, value: &str) -> bool {
    !entry.value.is_nested() && entry.value.as_str() == value
}

/// Another value in the place of the old one, whose further lines go.
fn replace<'a>(rows: &[Row<'a>], setting: &Standing<'_, 'a>, value: &'a str, splices: &mut Vec<Splice<'a>>) {
    let spelling = Spelling::of(setting.row.line);
    let at = setting.row.span.start + offset(setting.row.line, spelling.value);
    let glue = if spelling.rest.is_empty() && spelling.has_blank_before { " " } else { "" };
    splices.push(Splice { cut: at..at + spelling.value.len(), put: vec![glue, value] });
    splices.extend(setting.more.iter().map(|&index| Splice::cut(rows[index].span.clone())));
}

/// New settings behind the last of `settings`, or where the section has none behind its header.
fn insert<'a>(
    rows: &[Row<'a>],
    name: &str,
    settings: &[Standing<'_, 'a>],
    new: &[(&'a str, &'a str)],
) -> Option<Splice<'a>> {
    let header = rows.iter().position(|row| row.part == Part::Header(name))?;
    let anchor = settings.last().map_or_else(|| end_of_head(rows, header), Standing::last_row);
    let indent = settings.last().map_or_else(
        || {
            // A header that is indented would go on with the value of a setting above that is not.
            let below = rows[header + 1..].iter().find(|row| matches!(row.part, Part::Header(_)));
            below.map_or("", |row| leading_blanks(row.line))
        },
        Standing::indent,
    );
    let row = &rows[anchor];
    let end = line_end(rows, Some(row));
    let separator = separator(settings.iter().map(|setting| setting.row))
        .or_else(|| separator(rows.iter()))
        .unwrap_or(" = ");
    let mut put = if row.end.is_empty() { vec![end] } else { Vec::new() };
    put.extend(new.iter().flat_map(|&(key, value)| [indent, key, separator, value, end]));
    Some(Splice { cut: row.span.end..row.span.end, put })
}

/// The last row that belongs to a header alone: itself, or the comments right below, unless another section follows
/// them at once.
fn end_of_head(rows: &[Row<'_>], header: usize) -> usize {
    let below = &rows[header + 1..];
    let comments = below.iter().take_while(|row| row.part == Part::Comment).count();
    let is_followed = below.get(comments).is_some_and(|row| matches!(row.part, Part::Header(_)));
    if is_followed { header } else { header + comments }
}

/// A section at the end, a blank line apart.
fn append<'a>(rows: &[Row<'a>], len: usize, edit: &SectionEdit<'a>) -> Splice<'a> {
    let end = line_end(rows, rows.last());
    let separator = separator(rows.iter()).unwrap_or(" = ");
    let mut put = Vec::new();
    if let Some(last) = rows.last() {
        put.extend(last.end.is_empty().then_some(end));
        put.extend((last.part != Part::Blank).then_some(end));
    }
    put.extend(["[", edit.header, "]", end]);
    put.extend(
        edit.comment.iter().flat_map(|comment| comment.split('\n')).flat_map(|line| ["# ", line, end]),
    );
    for change in edit.changes {
        if let Change::Set { key, value } = *change {
            put.extend([key, separator, value, end]);
        }
    }
    Splice { cut: len..len, put }
}

fn check(changes: &[Change<'_>]) -> Result<(), EditError> {
    let mut seen = HashSet::new();
    for change in changes {
        let key = change.key();
        let is_key_char =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.".contains(&byte);
        if key.is_empty() || !key.bytes().all(is_key_char) || !seen.insert(key) {
            return Err(EditError::Key { key: key.to_owned() });
        }
        if let Some(problem) = change.value().and_then(problem_of_value) {
            return Err(EditError::Value { key: key.to_owned(), problem });
        }
    }
    Ok(())
}

/// What would be read back as another value: every reader trims, and the SDKs take ` #` and ` ;` for a comment.
fn problem_of_value(value: &str) -> Option<&'static str> {
    if value.chars().any(|c| c.is_control() && c != '\t') {
        return Some("a line end or a control character");
    }
    if trim(value) != value {
        return Some("a blank at its end");
    }
    // The blank behind `=` counts, too.
    let mut after_blank = true;
    for c in value.chars() {
        if after_blank && matches!(c, '#' | ';') {
            return Some("the beginning of a comment");
        }
        after_blank = is_blank(c);
    }
    None
}

fn check_header(name: &str) -> Result<(), EditError> {
    let problem = if name.is_empty() {
        "is empty"
    } else if name.chars().any(char::is_control) {
        "has a line end or a control character"
    } else if name == "DEFAULT" {
        "means every section"
    } else {
        return Ok(());
    };
    Err(EditError::Header { name: name.to_owned(), problem })
}

/// What is to be seen of a section when the result is read.
enum Expected<'a> {
    Same,
    Changed(&'a [Change<'a>]),
    Gone,
}

/// Reads the result as everybody else will. Only lines that are indented oddly can make it differ from what is expected.
fn verify<'a>(
    before: &[Section<'_>],
    edited: &Secret,
    new: Option<&SectionEdit<'a>>,
    expected: impl Fn(&Section<'_>) -> Expected<'a>,
) -> Result<(), EditError> {
    let after = parse(edited.expose()).map_err(|_| EditError::Damage)?;
    let mut after = after.iter();
    let mut is_next = |name: &str, settings: &[Seen<'_>]| {
        after.next().is_some_and(|section| section.name() == name && seen(section) == settings)
    };
    for section in before {
        let mut settings = seen(section);
        match expected(section) {
            Expected::Gone => continue,
            Expected::Same => {}
            Expected::Changed(changes) => expect(&mut settings, changes),
        }
        if !is_next(section.name(), &settings) {
            return Err(EditError::Damage);
        }
    }
    if let Some(edit) = new {
        let mut settings = Vec::new();
        expect(&mut settings, edit.changes);
        if !is_next(edit.header, &settings) {
            return Err(EditError::Damage);
        }
    }
    if after.next().is_some() { Err(EditError::Damage) } else { Ok(()) }
}

/// Key, value, and whether that is nested.
type Seen<'s> = (&'s str, &'s str, bool);

fn seen<'s>(section: &'s Section<'_>) -> Vec<Seen<'s>> {
    section.own.iter().map(|entry| (&*entry.key, entry.value.as_str(), entry.value.is_nested())).collect()
}

fn expect<'s>(settings: &mut Vec<Seen<'s>>, changes: &[Change<'s>]) {
    for change in changes {
        match *change {
            Change::Remove { key } => settings.retain(|(known, ..)| *known != key),
            Change::Set { key, value } => match settings.iter().rposition(|(known, ..)| *known == key) {
                Some(at) => settings[at] = (key, value, false),
                None => settings.push((key, value, false)),
            },
        }
    }
}
