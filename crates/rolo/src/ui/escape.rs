//! Makes text from AWS or from files harmless on a terminal.
//!
//! An account alias, a role's name or an error message can hold sequences that move the cursor, set the window's title
//! or turn the writing direction, and so make a terminal show what is not there. Must not know where the text goes.

use std::{borrow::Cow, fmt::Write};

/// Whether a terminal would act on `c` instead of showing it: control characters (C0, DEL, C1), the marks that turn the
/// writing direction, and Unicode's own line and paragraph ends.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `text` with every harmful character spelled out: `\n`, `\t`, `\u{1b}`.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_harmful(c) {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// `text` on one line: each run of blanks and line ends is one blank, the rest as [`escape`].
pub fn escape_to_one_line(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().map(escape).collect();
    words.join(" ")
}

/// The lines of `text`, each escaped and without blanks at its end; empty ones are left out. Blanks at the start stay,
/// for some parsers point into a line below it.
pub fn escape_lines(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines()
        .map(|line| escape(&line.replace('\t', " ")).trim_end().to_owned())
        .filter(|line| !line.is_empty())
}

/// JSON as it is printed, a line end behind it: what [`escape`] would spell out is spelled as JSON spells it, so that it
/// reads the same and a terminal acts on none of it.
pub fn render_json(value: &serde_json::Value) -> String {
    without_harm(&format!("{value:#}\n"))
}

/// The same on one line.
pub fn render_json_line(value: &serde_json::Value) -> String {
    without_harm(&format!("{value}\n"))
}

fn without_harm(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        // All that is harmful and left as it is by JSON itself lies in the basic plane, and inside a string.
        if c != '\n' && is_harmful(c) {
            // Writing into a `String` cannot fail.
            let _ = write!(text, "\\u{:04x}", u32::from(c));
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sequences_are_spelled_out() {
        assert_eq!(escape("a\u{1b}]0;title\u{7}b"), r"a\u{1b}]0;title\u{7}b");
        assert_eq!(escape("\u{9b}2J\u{7f}"), r"\u{9b}2J\u{7f}");
        assert_eq!(escape("admin\u{202e}nimda\u{2069}"), r"admin\u{202e}nimda\u{2069}");
        assert_eq!(escape("one\r\ntwo\tthree"), r"one\r\ntwo\tthree");
    }

    #[test]
    fn json_reads_the_same_and_does_nothing() {
        let value = serde_json::json!({ "a\u{9b}": ["\u{1b}[2J\n\u{7f}", "é\u{202e}\u{2028}"] });
        let text = render_json(&value);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        assert!(text.chars().all(|c| c == '\n' || !is_harmful(c)), "{text:?}");
    }

    #[test]
    fn other_scripts_are_left_alone() {
        for text in ["Überprüfung", "本番", "מפתח", "👩‍💻", "`prod-admin`", r"\n"] {
            assert!(matches!(escape(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn many_lines_become_one_or_stay_apart() {
        let text = "expected `=`\r\n\n  key value\n\t ^\u{1b}[1m\n";
        assert_eq!(escape_to_one_line(text), r"expected `=` key value ^\u{1b}[1m");
        assert_eq!(escape_lines(text).collect::<Vec<_>>(), ["expected `=`", "  key value", r"  ^\u{1b}[1m"]);
    }

    proptest! {
        #[test]
        fn nothing_harmful_is_left(text in "\\PC*|(.|\n)*") {
            prop_assert!(!escape(&text).contains(is_harmful));
            prop_assert!(!escape_to_one_line(&text).contains(is_harmful));
            prop_assert!(escape_lines(&text).all(|line| !line.contains(is_harmful)));
        }
    }
}
