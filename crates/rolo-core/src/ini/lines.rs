//! Lines and blanks as Python sees them, since AWS's grammar is what Python's `configparser` reads.
//!
//! Must not know what is on a line.

/// A line without its end.
#[derive(Clone, Copy)]
pub(super) struct Line<'t> {
    pub(super) text: &'t str,
    /// Counted from 1.
    pub(super) number: u32,
}

/// The lines of a text, ended by LF, CR LF or CR alone.
pub(super) struct Lines<'t> {
    rest: &'t str,
    number: u32,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { rest: text, number: 0 }
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr::memchr2(b'\n', b'\r', self.rest.as_bytes());
        let (text, after) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = match after.strip_prefix("\r\n") {
            Some(rest) => rest,
            None => after.get(1..).unwrap_or_default(),
        };
        self.number = self.number.saturating_add(1);
        Some(Line { text, number: self.number })
    }
}

/// Python's `str.isspace` for one character: Unicode's white space and four control characters.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}

/// The text without blanks at either end.
pub(super) fn trim(text: &str) -> &str {
    // Nearly every text starts and ends in ASCII, where a byte is a character.
    let bytes = text.as_bytes();
    let is_blank_byte = |byte: u8| matches!(byte, b'\t'..=b'\r' | b'\x1c'..=b' ');
    let start = bytes.iter().position(|&byte| !is_blank_byte(byte)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|&byte| !is_blank_byte(byte)).map_or(start, |last| last + 1);
    let trimmed = &text[start..end];
    match trimmed.as_bytes() {
        [first, .., last] if first.is_ascii() && last.is_ascii() => trimmed,
        _ => trimmed.trim_matches(is_blank),
    }
}

/// Where `part` starts in `text`, of which it is a slice, in bytes.
pub(super) fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}

/// How many characters of white space, a tab counted as one, stand before `trimmed`, which is [`trim`]'s of `line`.
pub(super) fn indent(line: &str, trimmed: &str) -> usize {
    match offset(line, trimmed) {
        0 => 0,
        bytes => line[..bytes].chars().count(),
    }
}

/// The pieces that Python's `str.splitlines` makes of a line: it also splits at characters that do not end a line of a
/// file. botocore reads nested values that way.
pub(super) fn pieces(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c| matches!(c, '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'))
}
