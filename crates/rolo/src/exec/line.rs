//! A command that came as one word, as `"make -C api deploy"`: the words that a shell would make of it.
//!
//! Must not know shells beyond their quotes: no variable, pattern or operator means anything here.

use std::ffi::{OsStr, OsString};

use rolo_core::words::split_words;

use super::ExecError;

/// Whether `command` is a single word that may be a whole line.
pub fn is_line(command: &[OsString]) -> bool {
    matches!(command, [word] if word.as_encoded_bytes().iter().any(u8::is_ascii_whitespace))
}

/// Splits a command that [is a line](is_line), unless there is a program of that very name; any other stays as it is.
pub fn split_line(command: Vec<OsString>) -> Result<Vec<OsString>, ExecError> {
    let line = command.first().filter(|_| is_line(&command)).filter(|word| !is_program(word));
    // What is no text is the name of no program either, which is told when it is run.
    let Some(line) = line.and_then(|word| word.to_str()) else { return Ok(command) };
    let words = split_words(line).map_err(|reason| ExecError::Line { reason })?;
    if words.is_empty() {
        return Err(ExecError::Line { reason: "is nothing but blanks" });
    }
    Ok(words.into_iter().map(OsString::from).collect())
}

fn is_program(word: &OsStr) -> bool {
    #[cfg(unix)]
    return super::unix::find_file(word).is_some();
    #[cfg(windows)]
    std::path::Path::new(word).is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(words: &[&str]) -> Result<Vec<String>, String> {
        let command = words.iter().map(OsString::from).collect();
        let words = split_line(command).map_err(|error| error.to_string())?;
        Ok(words.into_iter().map(|word| word.into_string().unwrap()).collect())
    }

    #[test]
    fn only_a_single_word_with_blanks_is_split() {
        for (words, expected) in [
            (&["sh -c 'exit 7'"][..], &["sh", "-c", "exit 7"][..]),
            (&[" a\t\"b  c\" d\\ e $HOME | x\n"], &["a", "b  c", "d e", "$HOME", "|", "x"]),
            (&["sh", "-c", "exit 7"], &["sh", "-c", "exit 7"]),
            (&["a b", "c"], &["a b", "c"]),
            (&["it's"], &["it's"]),
            (&[""], &[""]),
            (&[], &[]),
        ] {
            assert_eq!(split(words).unwrap(), expected, "{words:?}");
        }
        assert_eq!(split(&["echo 'a"]).unwrap_err(), "the command has an unclosed quote");
        assert_eq!(split(&["echo a\\"]).unwrap_err(), "the command ends in a backslash");
        assert_eq!(split(&[" \t"]).unwrap_err(), "the command is nothing but blanks");
    }
}
