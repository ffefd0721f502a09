//! `credential_process`: a program that prints credentials.
//!
//! Run as botocore runs it: split into words without a shell, nothing expanded, standard error kept from view. Must
//! not know why the program is run.

use serde_json::Value;

use super::{Fields, ProviderError, not_expired};
use crate::{
    Credentials, Secret,
    host::{Command, Host},
};

/// A profile's `credential_process`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessSource {
    /// The command as it is written.
    pub command: String,
    /// `aws_account_id` of the profile: taken where the program does not name the account.
    pub account_id: Option<String>,
}

/// Runs the program with `env` over rolo's own environment and reads what it prints.
pub fn fetch_credentials(
    host: Host<'_>,
    source: &ProcessSource,
    env: &[(String, String)],
) -> Result<Credentials, ProviderError> {
    let mut words = split_command(&source.command)
        .map_err(|reason| ProviderError::ProcessCommand { reason })?
        .into_iter();
    let program = words.next().ok_or(ProviderError::ProcessCommand { reason: "is empty" })?;
    let command = Command {
        program: program.clone().into(),
        args: words.map(Into::into).collect(),
        env: env.to_vec(),
        timeout: None,
    };
    let name = format!("`{program}`");
    not_expired(
        || host.clock.now(),
        &name,
        || {
            let output = host
                .spawn
                .run(&command)
                .map_err(|error| ProviderError::ProcessNotRun { program: program.clone(), source: error })?;
            if !output.success {
                let (program, status, stderr) = (program.clone(), output.status, output.stderr);
                return Err(ProviderError::ProcessFailed { program, status, stderr });
            }
            parse_answer(&name, output.stdout.expose(), source)
        },
    )
}

fn parse_answer(name: &str, stdout: &str, source: &ProcessSource) -> Result<Credentials, ProviderError> {
    let bad = |reason: &str| ProviderError::BadCredentials {
        source_name: name.to_owned(),
        reason: reason.to_owned(),
    };
    let answer: Value = serde_json::from_str(stdout).map_err(|_| bad("its output is no JSON"))?;
    let map = answer.as_object().ok_or_else(|| bad("its output is no JSON object"))?;
    if map.get("Version").and_then(Value::as_f64) != Some(1.0) {
        return Err(bad("`Version` is not the number 1"));
    }
    let fields = Fields { map, source_name: name.to_owned() };
    Ok(Credentials {
        access_key_id: fields.required("AccessKeyId")?.to_owned(),
        secret_access_key: Secret::new(fields.required("SecretAccessKey")?),
        session_token: fields.optional("SessionToken")?.map(Secret::new),
        expiration: fields.expiration()?,
        account_id: fields
            .optional("AccountId")?
            .map(ToOwned::to_owned)
            .or_else(|| source.account_id.clone()),
    })
}

/// Splits a command into words as Python's `shlex.split` does: single quotes keep everything, in double quotes a
/// backslash escapes only itself and the quote, outside it escapes any character; `#` begins no comment, and no
/// operator, variable or pattern means anything.
pub fn split_command(text: &str) -> Result<Vec<String>, &'static str> {
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
    use super::split_command;

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
            assert_eq!(split_command(text).unwrap(), words, "{text:?}");
        }
        for text in ["'a", "\"a", "\"a\\", "a\\"] {
            assert!(split_command(text).is_err(), "{text:?}");
        }
    }
}
