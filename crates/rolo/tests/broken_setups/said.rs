//! What a run said, as it is kept: without what differs from run to run.
//!
//! Must not know what was asked.

use std::{fs, path::Path};

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Said {
    /// Exit code; -1 where a signal ended it.
    pub(crate) code: i32,
    /// As it was.
    pub(crate) stderr: String,
    /// The command, both outputs and the exit code, as a person at a terminal sees them.
    pub(crate) text: String,
}

impl Said {
    /// `words` is what was typed behind `rolo`; `same` are texts that differ from run to run, and what is kept for them.
    pub(crate) fn new(words: &str, code: i32, outputs: [String; 2], same: &[(String, String)]) -> Self {
        let [stdout, stderr] = outputs;
        let has_secret = stdout.contains("\"SecretAccessKey\"") || stdout.contains("SECRET_ACCESS_KEY=");
        let shown = if has_secret { "[credentials]\n" } else { &stdout };
        let text = format!("$ rolo {words}\n{shown}{stderr}[exit code {code}]\n");
        Self { code, text: normalise(text, same), stderr }
    }

    /// Adds the name of the error to the exit code.
    pub(crate) fn add_name(&mut self, name: &str) {
        let code = format!("[exit code {}", self.code);
        self.text = self.text.replace(&code, &format!("{code}, {name}"));
    }

    /// Compares with what the file holds, or writes it there.
    pub(crate) fn compare(&self, file: &Path, record: bool) -> Option<String> {
        let before = fs::read_to_string(file).ok();
        if before.as_deref() == Some(&self.text) {
            return None;
        }
        if record {
            fs::write(file, &self.text).unwrap();
            return None;
        }
        let name = file.file_name().unwrap().to_string_lossy();
        let before = before.unwrap_or_else(|| "(not recorded yet)\n".to_owned());
        Some(format!("{name} says\n{before}--- and now is said\n{}", self.text))
    }
}

fn normalise(mut text: String, same: &[(String, String)]) -> String {
    for (differs, kept) in same {
        text = replace_in_columns(&text, differs, kept);
    }
    text = replace_words(&text, is_issued_key, "ASIA-KEY");
    text = replace_words(&text, is_request_id, "REQUEST-ID");
    text = replace_words(&text, is_encoded, "ENCODED");
    text = replace_seconds(&text);
    replace_times(&text)
}

/// Replaces a text that may stand in a column: what is right of the column stays where it would be.
fn replace_in_columns(text: &str, differs: &str, kept: &str) -> String {
    let mut parts = text.split(differs);
    let mut replaced = parts.next().unwrap_or_default().to_owned();
    for after in parts {
        replaced.push_str(kept);
        let rest = after.trim_start_matches(' ');
        let blanks = after.len() - rest.len();
        let wanted =
            if blanks < 2 { blanks } else { (blanks + differs.len()).saturating_sub(kept.len()).max(2) };
        replaced.extend(std::iter::repeat_n(' ', wanted));
        replaced.push_str(rest);
    }
    replaced
}

/// `in 12 s`, `3s old` and `2h 5m left`, where it depends on the second when something is said, become `in N s`, `Ns old`
/// and `N left`.
fn replace_seconds(text: &str) -> String {
    let mut words: Vec<_> = text.split(' ').collect();
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_span = |word: &str| word.strip_suffix(['d', 'h', 'm', 's']).is_some_and(is_number);
    for index in (1..words.len()).rev() {
        if words[index].starts_with("left") && is_span(words[index - 1]) {
            words[index - 1] = "N";
            if index > 1 && is_span(words[index - 2]) {
                words.remove(index - 2);
            }
        }
    }
    for index in 1..words.len().saturating_sub(1) {
        let is_count = is_number(words[index]);
        if words[index].strip_suffix('s').is_some_and(is_number) && words[index + 1].starts_with("old") {
            words[index] = "Ns";
        }
        if words[index - 1] == "in" && is_count && words[index + 1].starts_with('s') {
            words[index] = "N";
        }
    }
    words.join(" ")
}

/// Replaces whole words of letters, digits, hyphens and underscores.
fn replace_words(text: &str, is_it: fn(&str) -> bool, by: &str) -> String {
    let is_inner = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_inner) {
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(from.find(|c| !is_inner(c)).unwrap_or(from.len()));
        kept.push_str(before);
        kept.push_str(if is_it(word) { by } else { word });
        rest = after;
    }
    kept + rest
}

fn is_issued_key(word: &str) -> bool {
    word.len() == 20 && word.starts_with("ASIA")
}

/// What DecodeAuthorizationMessage takes.
fn is_encoded(word: &str) -> bool {
    word.len() >= 100
}

fn is_request_id(word: &str) -> bool {
    let lengths: Vec<_> = word.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && word.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// `2026-01-02T03:04:05Z` and its like become `TIME`, where the year is one in which tests run: times in a setup's own
/// files are of other years and stay.
fn replace_times(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("20") {
        let from = &rest[start..];
        let length = time_length(from);
        kept.push_str(&rest[..start]);
        let now =
            from.get(..4).and_then(|year| year.parse().ok()).is_some_and(|year| (2026..2090).contains(&year));
        match length {
            Some(length) if now => {
                kept.push_str("TIME");
                rest = &from[length..];
            }
            _ => {
                kept.push_str("20");
                rest = &from[2..];
            }
        }
    }
    kept + rest
}

/// How long the time is with which `text` begins, with its zone.
fn time_length(text: &str) -> Option<usize> {
    let pattern = "dddd-dd-ddTdd:dd:dd";
    let fits = |(byte, wanted): (u8, u8)| match wanted {
        b'd' => byte.is_ascii_digit(),
        b'T' => byte == b'T' || byte == b' ',
        other => byte == other,
    };
    let head = text.as_bytes().get(..pattern.len())?;
    if !head.iter().copied().zip(pattern.bytes()).all(fits) {
        return None;
    }
    let tail = &text[pattern.len()..];
    let digits = |after: &str| after.bytes().take_while(u8::is_ascii_digit).count();
    let fraction = tail.strip_prefix('.').map_or(0, |after| 1 + digits(after));
    let zone = match tail.as_bytes().get(fraction) {
        Some(b'Z') => 1,
        Some(b'+') => "+00:00".len(),
        _ => 0,
    };
    Some(pattern.len() + fraction + zone)
}

#[test]
fn what_differs_is_made_the_same() {
    let same = [("http://127.0.0.1:4711".to_owned(), "http://aws".to_owned())];
    let column = "at  http://127.0.0.1:4711  here\nat  http://example.com     here";
    assert_eq!(
        normalise(column.to_owned(), &same),
        "at  http://aws             here\nat  http://example.com     here"
    );
    let text = "key ASIA0123456789ABCDEF at 2026-11-21T14:00:01Z, until 2026-11-21 14:00:01.5+00:00, \
                not 2020-01-01T00:00:00Z nor AKIAADAEXAMPLE000001 (http://127.0.0.1:4711, \
                request 01234567-89ab-cdef-0123-456789abcdef)";
    assert_eq!(
        normalise(text.to_owned(), &same),
        "key ASIA-KEY at TIME, until TIME, not 2020-01-01T00:00:00Z nor AKIAADAEXAMPLE000001 \
         (http://aws, request REQUEST-ID)"
    );
}
