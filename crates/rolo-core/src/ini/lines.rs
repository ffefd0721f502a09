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
        let bytes = self.rest.as_bytes();
        let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(bytes.len());
        let (text, after) = self.rest.split_at(end);
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
    text.trim_matches(is_blank)
}

/// How many characters of white space, a tab counted as one, come before the first other one.
pub(super) fn indent(line: &str) -> usize {
    line.chars().take_while(|&c| is_blank(c)).count()
}

/// The pieces that Python's `str.splitlines` makes of a line: it also splits at characters that do not end a line of a
/// file. botocore reads nested values that way.
pub(super) fn pieces(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c| matches!(c, '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'))
}
