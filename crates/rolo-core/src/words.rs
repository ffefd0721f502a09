//! Texts that botocore splits as a shell would split words, without a shell: command lines and quoted names; and the way
//! back, for commands that a person is to type.
//!
//! Must not know what the words mean.

use std::borrow::Cow;

/// Splits a text into words as Python's `shlex.split` does: single quotes keep everything, in double quotes a
/// backslash escapes only itself and the quote, outside it escapes any character; `#` begins no comment, and no
/// operator, variable or pattern means anything.
pub fn split_words(text: &str) -> Result<Vec<String>, &'static str> {
    let (mut words, mut word): (Vec<String>, Option<String>) = (Vec::new(), None);
    let mut rest = text.chars();
    while let Some(next) = rest.next() {
        match next {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\\' => word.get_or_insert_default().push(rest.next().ok_or("ends in a backslash")?),
            '\'' | '"' => quoted(next, &mut rest, word.get_or_insert_default())?,
            plain => word.get_or_insert_default().push(plain),
        }
    }
    words.extend(word);
    Ok(words)
}

/// `text` as one word of a command line, to a shell as to [`split_words`]; in quotes only where it needs them.
pub fn shell_word(text: &str) -> Cow<'_, str> {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+@%:,=".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_bare) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}

fn quoted(quote: char, rest: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), &'static str> {
    const OPEN: &str = "has an unclosed quote";
    loop {
        match rest.next().ok_or(OPEN)? {
            end if end == quote => return Ok(()),
            '\\' if quote == '"' => match rest.next().ok_or(OPEN)? {
                escaped @ ('"' | '\\') => word.push(escaped),
                other => word.extend(['\\', other]),
            },
            plain => word.push(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{shell_word, split_words};

    #[test]
    fn a_word_is_quoted_where_it_has_to_be() {
        for (text, word) in [
            ("prod", "prod"),
            ("/home/ada/.aws/config", "/home/ada/.aws/config"),
            ("with blank", "'with blank'"),
            ("a'b", r"'a'\''b'"),
            ("$(id)", "'$(id)'"),
            ("~x", "'~x'"),
            ("", "''"),
        ] {
            assert_eq!(shell_word(text), word);
            assert_eq!(split_words(word).unwrap(), [text]);
        }
    }

    #[test]
    fn words_are_those_of_python() {
        // Each answer is what Python 3.11's `shlex.split` gives.
        for (text, words) in [
            ("", vec![]),
            (" \t\r\n", vec![]),
            (r#"a "one arg" two\ words $HOME | cat"#, vec!["a", "one arg", "two words", "$HOME", "|", "cat"]),
            ("a # b", vec!["a", "#", "b"]),
            (r#""\$x \" \\ \n""#, vec![r#"\$x " \ \n"#]),
            (r"'a\b'", vec![r"a\b"]),
            (r#"x'y'"z"''"#, vec!["xyz"]),
            ("'' \"\"", vec!["", ""]),
            ("a\\\nb", vec!["a\nb"]),
            ("~/p é*", vec!["~/p", "é*"]),
        ] {
            assert_eq!(split_words(text).unwrap(), words, "{text:?}");
        }
        for text in ["'a", "\"a", "\"a\\", "a\\"] {
            assert!(split_words(text).is_err(), "{text:?}");
        }
    }
}
