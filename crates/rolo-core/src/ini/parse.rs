//! A file's text becomes sections, as botocore reads them through Python's `configparser`: in one pass, borrowing from
//! the text.
//!
//! Where botocore refuses a file for a section or a key that stands there twice, the two are merged and the last key
//! wins, as in the SDKs. Must not know profiles: names of sections are kept as they stand between the brackets.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map},
    sync::Arc,
};

use super::{
    Entry, NestedEntry, Section, Value,
    layout::{Part, Parts},
    lines::{Line, Lines, offset, pieces, trim},
};

/// Why a text is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ParseError {
    /// Counted from 1.
    pub line: u32,
    /// What is wrong with the line. The line itself is not kept: it may hold a secret.
    pub problem: Problem,
}

/// What can be wrong with a line. botocore refuses the whole file for each of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Some Windows editors write one; Python takes it for text.
    #[error("the file starts with a byte order mark")]
    ByteOrderMark,
    /// A setting that belongs to nothing.
    #[error("a setting stands before the first section")]
    NoSection,
    /// `[` without `]`, or with nothing in between.
    #[error("the section's name is not closed by `]`, or is empty")]
    BadHeader,
    /// A line that is no setting, no header and no comment.
    #[error("the line has neither `=` nor `:`")]
    NoSeparator,
    /// A line that starts with the separator.
    #[error("there is no key before the separator")]
    NoKey,
    /// An indented line under an empty value.
    #[error("the indented line under an empty value has no `=`")]
    NestedNoEquals,
}

/// The sections of a text, in the order of their first headers.
pub fn parse(text: &str) -> Result<Vec<Section<'_>>, ParseError> {
    if text.starts_with('\u{feff}') {
        return Err(ParseError { line: 1, problem: Problem::ByteOrderMark });
    }
    let mut parser = Parser::new(text);
    for line in Lines::new(text) {
        parser.line(line)?;
    }
    parser.finish()
}

/// Everything for which the text is not read, in the order of the lines: what [`parse`] would meet if each line were
/// corrected in turn. A header without its bracket is taken to begin its section all the same.
pub fn problems(text: &str) -> Vec<ParseError> {
    let whole = text.strip_prefix('\u{feff}');
    let mark = whole.map(|_| ParseError { line: 1, problem: Problem::ByteOrderMark });
    let text = whole.unwrap_or(text);
    let mut problems: Vec<_> = mark.into_iter().collect();
    let mut parser = Parser::new(text);
    for line in Lines::new(text) {
        if let Err(error) = parser.line(line) {
            problems.push(error);
            if error.problem == Problem::BadHeader {
                parser.open_section(trim(line.text).trim_start_matches('['), line.number);
            }
        }
    }
    parser.close_setting();
    parser.close_section();
    let in_nested = parser.faults.iter().filter(|fault| parser.counts(fault)).map(|fault| fault.error);
    problems.extend(in_nested);
    problems.sort_by_key(|error| error.line);
    problems
}

/// What the lines below a header belong to.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    BeforeAnySection,
    /// `[DEFAULT]`, whose settings every section has.
    Defaults,
    Section(usize),
}

/// A setting that the next line may go on with.
struct Open<'t> {
    key: &'t str,
    value: &'t str,
    line: u32,
}

/// A nested value that cannot be read.
struct Fault<'t> {
    place: Place,
    key: Cow<'t, str>,
    /// The line of the key.
    at: u32,
    error: ParseError,
}

struct Parser<'t> {
    text: &'t str,
    sections: Vec<Section<'t>>,
    by_name: HashMap<&'t str, usize>,
    defaults: Vec<Entry<'t>>,
    /// Nested values that cannot be read. They matter only where they count: not when the same key comes again, nor in
    /// `[DEFAULT]` when every section has its own.
    faults: Vec<Fault<'t>>,
    place: Place,
    parts: Parts,
    open: Option<Open<'t>>,
    /// The lines that go on with `open`, trimmed; blank ones are empty.
    more: Vec<Line<'t>>,
    /// Settings of the section being read; moved there at its end, so that it allocates once.
    entries: Vec<Entry<'t>>,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Self {
        // Sections of a usual length: growing the table would hash every name again.
        let sections = text.len() / 200;
        Self {
            text,
            sections: Vec::with_capacity(sections),
            by_name: HashMap::with_capacity(sections),
            defaults: Vec::new(),
            faults: Vec::new(),
            place: Place::BeforeAnySection,
            parts: Parts::default(),
            open: None,
            more: Vec::new(),
            entries: Vec::new(),
        }
    }

    fn line(&mut self, line: Line<'t>) -> Result<(), ParseError> {
        let trimmed = Line { text: trim(line.text), ..line };
        match self.parts.next(line.text, trimmed.text) {
            Part::Comment => {}
            Part::Blank | Part::More => {
                if self.open.is_some() {
                    self.more.push(trimmed);
                }
            }
            Part::Header(name) => {
                self.close_setting();
                self.open_section(name, line.number);
            }
            Part::Setting => {
                self.close_setting();
                self.open_setting(trimmed)?;
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Section<'t>>, ParseError> {
        self.close_setting();
        self.close_section();
        if let Some(fault) = self.faults.iter().find(|fault| self.counts(fault)) {
            return Err(fault.error);
        }
        if !self.defaults.is_empty() {
            let defaults: Arc<[_]> = self.defaults.into();
            for section in &mut self.sections {
                section.defaults = Some(Arc::clone(&defaults));
            }
        }
        Ok(self.sections)
    }

    /// Whether the value with the fault is one that a section has.
    fn counts(&self, fault: &Fault<'t>) -> bool {
        let is_last = |entry: Option<&Entry<'t>>| entry.is_some_and(|entry| entry.line == fault.at);
        let key = &*fault.key;
        match fault.place {
            Place::BeforeAnySection => false,
            Place::Section(index) => is_last(self.sections.get(index).and_then(|section| section.own(key))),
            Place::Defaults => {
                is_last(self.defaults.iter().rfind(|entry| entry.key == key))
                    && self.sections.iter().any(|section| section.own(key).is_none())
            }
        }
    }

    fn open_section(&mut self, name: &'t str, line: u32) {
        self.close_section();
        self.place = if name == "DEFAULT" {
            Place::Defaults
        } else {
            Place::Section(match self.by_name.entry(name) {
                hash_map::Entry::Occupied(known) => {
                    let index = *known.get();
                    self.sections[index].again.push(line);
                    index
                }
                hash_map::Entry::Vacant(free) => {
                    self.sections.push(Section {
                        name,
                        line,
                        again: Vec::new(),
                        own: Vec::new(),
                        defaults: None,
                    });
                    *free.insert(self.sections.len() - 1)
                }
            })
        };
    }

    fn close_section(&mut self) {
        let into = match self.place {
            Place::BeforeAnySection => None,
            Place::Defaults => Some(&mut self.defaults),
            Place::Section(index) => self.sections.get_mut(index).map(|section| &mut section.own),
        };
        if let Some(into) = into {
            into.append(&mut self.entries);
        }
    }

    fn open_setting(&mut self, line: Line<'t>) -> Result<(), ParseError> {
        let fails = |problem| Err(ParseError { line: line.number, problem });
        if self.place == Place::BeforeAnySection {
            let is_header = line.text.starts_with('[');
            return fails(if is_header { Problem::BadHeader } else { Problem::NoSection });
        }
        let Some(at) = memchr::memchr2(b'=', b':', line.text.as_bytes()) else {
            let is_header = line.text.starts_with('[');
            return fails(if is_header { Problem::BadHeader } else { Problem::NoSeparator });
        };
        if at == 0 {
            return fails(Problem::NoKey);
        }
        let (key, rest) = line.text.split_at(at);
        self.open = Some(Open { key: trim(key), value: trim(&rest[1..]), line: line.number });
        Ok(())
    }

    fn close_setting(&mut self) {
        let Some(open) = self.open.take() else { return };
        let key = lower_case(open.key);
        while self.more.last().is_some_and(|line| line.text.is_empty()) {
            self.more.pop();
        }
        let value = if self.more.is_empty() {
            Value::Plain(Cow::Borrowed(open.value))
        } else if open.value.is_empty() {
            let (entries, errors) = nested(&self.more);
            let fault = |error| Fault { place: self.place, key: key.clone(), at: open.line, error };
            self.faults.extend(errors.into_iter().map(fault));
            Value::Nested { raw: self.raw(open.value), entries }
        } else {
            let lines = std::iter::once(open.value).chain(self.more.iter().map(|line| line.text));
            Value::Plain(Cow::Owned(lines.collect::<Vec<_>>().join("\n")))
        };
        self.more.clear();
        self.entries.push(Entry { key, value, line: open.line });
    }

    /// The text from where `value` stands to the end of the lines that go on with it.
    fn raw(&self, value: &'t str) -> &'t str {
        let last = self.more.last().map_or(value, |line| line.text);
        &self.text[offset(self.text, value)..offset(self.text, last) + last.len()]
    }
}

pub(super) fn lower_case(key: &str) -> Cow<'_, str> {
    // Without a branch for each byte the loop is made of wide instructions.
    let is_other = |byte: u8| !byte.is_ascii() | byte.is_ascii_uppercase();
    if key.bytes().fold(false, |found, byte| found | is_other(byte)) {
        Cow::Owned(key.to_lowercase())
    } else {
        Cow::Borrowed(key)
    }
}

/// The settings on the indented lines below an empty value, and the lines that are none.
fn nested<'t>(lines: &[Line<'t>]) -> (Box<[NestedEntry<'t>]>, Vec<ParseError>) {
    let mut entries = Vec::with_capacity(lines.len());
    let mut errors = Vec::new();
    for line in lines {
        for piece in pieces(line.text).map(trim).filter(|piece| !piece.is_empty()) {
            match piece.split_once('=') {
                Some((key, value)) => {
                    entries.push(NestedEntry { key: trim(key), value: trim(value), line: line.number });
                }
                None => errors.push(ParseError { line: line.number, problem: Problem::NestedNoEquals }),
            }
        }
    }
    (entries.into(), errors)
}
