//! The names in the config file's headers: `[profile NAME]` and its kin.
//!
//! Must not know what a section holds.

use std::borrow::Cow;

use crate::words::split_words;

/// What a section of the config file is about. The words are matched as prefixes, as botocore does: `[profiles p]`
/// and `[profile-x p]` are profile `p` too.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) enum Header<'t> {
    /// `[default]` or `[profile NAME]`.
    Profile(Cow<'t, str>),
    /// `[sso-session NAME]`.
    SsoSession(Cow<'t, str>),
    /// `[services NAME]`.
    Services(Cow<'t, str>),
    /// One of these words without exactly one name: botocore passes over it.
    Nameless,
    /// Any other section, such as `[plugins]`.
    Other,
}

/// Reads what stands between the brackets of a section of the config file.
pub(crate) fn parse_header(text: &str) -> Header<'_> {
    type Kind<'t> = fn(Cow<'t, str>) -> Header<'t>;
    let kinds: [(&str, Kind<'_>); 3] =
        [("profile", Header::Profile), ("sso-session", Header::SsoSession), ("services", Header::Services)];
    match kinds.into_iter().find(|(word, _)| text.starts_with(word)) {
        Some((_, kind)) => second_of_two(text).map_or(Header::Nameless, kind),
        None if text == "default" => Header::Profile(Cow::Borrowed(text)),
        None => Header::Other,
    }
}

/// What stands between the brackets of a new profile's section in the config file. As the AWS CLI it quotes names with
/// blanks; quotes and backslashes too, for the CLI would not find such a profile again.
pub(crate) fn render_header(name: &str) -> Cow<'_, str> {
    if name == "default" {
        return Cow::Borrowed(name);
    }
    let needs_quotes = name.is_empty() || name.contains(|c| is_gap(c) || matches!(c, '\'' | '"' | '\\'));
    Cow::Owned(if needs_quotes {
        format!("profile '{}'", name.replace('\'', r#"'"'"'"#))
    } else {
        format!("profile {name}")
    })
}

/// The second word of a text that has exactly two, split as Python's `shlex.split` does.
fn second_of_two(text: &str) -> Option<Cow<'_, str>> {
    if memchr::memchr3(b'\'', b'"', b'\\', text.as_bytes()).is_some() {
        let mut words = split_words(text).ok()?;
        return if words.len() == 2 { words.pop().map(Cow::Owned) } else { None };
    }
    let mut words = text.split(is_gap).filter(|word| !word.is_empty());
    match (words.next(), words.next(), words.next()) {
        (Some(_), Some(name), None) => Some(Cow::Borrowed(name)),
        _ => None,
    }
}

fn is_gap(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(name: &str) -> Header<'_> {
        Header::Profile(Cow::Borrowed(name))
    }

    #[test]
    fn names_are_split_as_a_shell_would() {
        for (text, name) in [
            ("profile p", "p"),
            ("profile \t p  ", "p"),
            ("profiles p", "p"),
            ("profile 'a b'", "a b"),
            ("profile \"a b\"", "a b"),
            (r"profile a\ b", "a b"),
            (r#"profile "a\"\\\c""#, r#"a"\\c"#),
            (r"profile 'a\'", r"a\"),
            ("profile a'b'\"c\"", "abc"),
            ("profile ''", ""),
            ("profile #a", "#a"),
            ("profile \u{a0}", "\u{a0}"),
        ] {
            assert_eq!(parse_header(text), profile(name), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_the_same_name() {
        for (name, text) in [
            ("p", "profile p"),
            ("default", "default"),
            ("a b", "profile 'a b'"),
            ("", "profile ''"),
            ("o'neil", r#"profile 'o'"'"'neil'"#),
            (r"a\b", r"profile 'a\b'"),
            ("a]#b", "profile a]#b"),
        ] {
            assert_eq!(render_header(name), text);
            assert_eq!(parse_header(text), profile(name));
        }
    }

    #[test]
    fn anything_but_two_words_names_nothing() {
        for text in
            ["profile", "profile ", "profile a b", "profile 'a", r"profile a\", "services", "profilep"]
        {
            assert_eq!(parse_header(text), Header::Nameless, "{text}");
        }
    }

    #[test]
    fn the_first_word_decides() {
        assert_eq!(parse_header("default"), profile("default"));
        assert_eq!(parse_header("sso-session s"), Header::SsoSession(Cow::Borrowed("s")));
        assert_eq!(parse_header("services s"), Header::Services(Cow::Borrowed("s")));
        for text in [" default ", "Default", "PROFILE p", " profile p", "p", "\"profile\" p", "plugins"] {
            assert_eq!(parse_header(text), Header::Other, "{text}");
        }
    }
}
