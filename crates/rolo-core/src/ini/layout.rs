//! Which part each line of a file plays: blank, comment, header, setting, or more of the setting above.
//!
//! One rule for the parser, which reads what the lines say, and for the editor, which moves them. Must not know keys and
//! values.

use std::ops::Range;

use super::{
    ParseError,
    lines::{Lines, indent, offset, trim},
    parse,
};

/// The part a line plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'t> {
    /// Nothing but blanks.
    Blank,
    /// From `#` or `;` on, indented or not.
    Comment,
    /// Indented deeper than the setting above, with whose value it goes on.
    More,
    /// `[NAME]`.
    Header(&'t str),
    /// Any other line: a setting, or a fault.
    Setting,
}

/// Tells the part of each line in the light of those before it.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Of the last header or setting: what is indented deeper goes on with the value.
    indent: usize,
    /// Whether there is a setting to go on with.
    is_open: bool,
}

impl Parts {
    /// The part of the next line; `trimmed` is [`trim`]'s of `line`.
    #[inline]
    pub(super) fn next<'t>(&mut self, line: &'t str, trimmed: &'t str) -> Part<'t> {
        match trimmed.as_bytes().first() {
            None => return Part::Blank,
            Some(b'#' | b';') => return Part::Comment,
            Some(_) => {}
        }
        let indent = indent(line, trimmed);
        if self.is_open && indent > self.indent {
            return Part::More;
        }
        self.indent = indent;
        let header = header(trimmed);
        self.is_open = header.is_none();
        header.map_or(Part::Setting, Part::Header)
    }
}

/// The name in `[NAME]`, up to the last bracket of the line; what follows that does not count.
fn header(line: &str) -> Option<&str> {
    let inner = line.strip_prefix('[')?;
    inner.get(..inner.rfind(']')?).filter(|name| !name.is_empty())
}

/// A line with its place in the text.
#[derive(Debug, Clone)]
pub(crate) struct Row<'t> {
    pub(crate) part: Part<'t>,
    /// Without its end.
    pub(crate) line: &'t str,
    /// With its end, in bytes of the text.
    pub(crate) span: Range<usize>,
    /// How the line ends: LF, CR LF, CR, or at the end of the file nothing.
    pub(crate) end: &'t str,
}

/// Every line of a text.
pub(crate) fn rows(text: &str) -> Vec<Row<'_>> {
    let mut parts = Parts::default();
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut lines = Lines::new(text).peekable();
    while let Some(line) = lines.next() {
        let start = offset(text, line.text);
        let next = lines.peek().map_or(text.len(), |next| offset(text, next.text));
        rows.push(Row {
            part: parts.next(line.text, trim(line.text)),
            line: line.text,
            span: start..next,
            end: &text[start + line.text.len()..next],
        });
    }
    rows
}

/// A header of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'t> {
    /// What stands between the brackets.
    pub name: &'t str,
    /// Counted from 1.
    pub line: u32,
    /// The comment on the very next line, from its `#` or `;` on.
    pub comment: Option<&'t str>,
}

/// Every header of a text, `[DEFAULT]` and repeated ones included, in the order of the file.
pub fn headers(text: &str) -> Result<Vec<Header<'_>>, ParseError> {
    parse(text)?;
    let rows = rows(text);
    let below = rows.iter().skip(1).map(Some).chain([None]);
    let headers = (1..).zip(rows.iter().zip(below)).filter_map(|(line, (row, below))| {
        let Part::Header(name) = row.part else { return None };
        let comment = below.filter(|below| below.part == Part::Comment).map(|below| trim(below.line));
        Some(Header { name, line, comment })
    });
    Ok(headers.collect())
}
