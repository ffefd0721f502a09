//! What a program printed in place of credentials: which kind of thing it is, without any of it.
//!
//! Must not know which program it was.

use serde_json::{Map, Value, error::Category};

/// What is wrong with a program's standard output.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutputProblem {
    /// Nothing.
    #[error("it printed nothing")]
    Empty,
    /// HTML or XML, as proxies and sign-in pages are.
    #[error("it printed a web page")]
    Page,
    /// Lines that a shell would evaluate.
    #[error("it printed statements for a shell")]
    Shell,
    /// A section of a credentials file.
    #[error("it printed a section of a credentials file")]
    Ini,
    /// Columns for people.
    #[error("it printed a table")]
    Table,
    /// Words for people before or behind the JSON.
    #[error("it printed words beside the JSON")]
    Words,
    /// The JSON ends before it is complete.
    #[error("the JSON that it printed breaks off")]
    Cut,
    /// Something else.
    #[error("its output is no JSON")]
    NotJson,
    /// JSON, but a list or a single value.
    #[error("its output is no JSON object")]
    NotObject,
    /// An answer of STS or of Identity Center as it comes.
    #[error("it printed the answer of a call, with the credentials in `{0}`")]
    Answer(&'static str),
    /// No version.
    #[error("`Version` is missing")]
    NoVersion,
    /// Another version, or one that is no number.
    #[error("`Version` is {0}, and not the number 1")]
    Version(&'static str),
    /// A key in another spelling than all readers take.
    #[error("`{wanted}` is missing, and there is `{found}`")]
    Spelling {
        /// As it has to be.
        wanted: &'static str,
        /// As it is.
        found: String,
    },
}

const KEYS: [&str; 4] = ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"];

/// The JSON object of a `credential_process` with its version checked.
pub(super) fn parse_object(stdout: &str) -> Result<Map<String, Value>, OutputProblem> {
    let value: Value = serde_json::from_str(stdout).map_err(|error| kind_of(stdout, error.classify()))?;
    let Value::Object(map) = value else { return Err(OutputProblem::NotObject) };
    match map.get("Version") {
        Some(version) if version.as_f64() == Some(1.0) => {}
        None => {
            let wrapped = ["Credentials", "roleCredentials"].into_iter().find(|key| map.contains_key(*key));
            return Err(wrapped.map_or(OutputProblem::NoVersion, OutputProblem::Answer));
        }
        Some(Value::String(_)) => return Err(OutputProblem::Version("a text")),
        Some(Value::Number(_)) => return Err(OutputProblem::Version("another number")),
        Some(_) => return Err(OutputProblem::Version("no number")),
    }
    for wanted in KEYS.iter().filter(|key| !map.contains_key(**key)) {
        let same = |key: &&String| key.replace('_', "").eq_ignore_ascii_case(wanted);
        if let Some(found) = map.keys().find(same) {
            return Err(OutputProblem::Spelling { wanted, found: found.clone() });
        }
    }
    Ok(map)
}

fn kind_of(stdout: &str, category: Category) -> OutputProblem {
    let text = stdout.trim_start_matches('\u{feff}').trim();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let Some(first) = lines.next() else { return OutputProblem::Empty };
    let is_shell = |line: &str| {
        ["export ", "set ", "setenv ", "$Env:", "$env:", "declare "]
            .iter()
            .any(|start| line.starts_with(start))
            || line.starts_with("AWS_") && line.contains('=')
    };
    if text.starts_with('<') {
        OutputProblem::Page
    } else if first.starts_with(['{', '[']) && category == Category::Eof {
        OutputProblem::Cut
    } else if first.starts_with('[') && first.ends_with(']') {
        OutputProblem::Ini
    } else if text.lines().any(|line| is_shell(line.trim())) {
        OutputProblem::Shell
    } else if first.starts_with(['+', '|', '╭', '┌', '│', '─']) || first.starts_with("---") {
        OutputProblem::Table
    } else if text.contains('{') && text.contains('}') {
        OutputProblem::Words
    } else {
        OutputProblem::NotJson
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_thing_is_told() {
        use OutputProblem::*;
        for (stdout, problem) in [
            ("", Empty),
            (" \n\n", Empty),
            ("<!doctype html><title>Sign in</title>", Page),
            ("export AWS_ACCESS_KEY_ID=A\nexport AWS_SECRET_ACCESS_KEY=hunter2\n", Shell),
            ("AWS_SECRET_ACCESS_KEY=hunter2", Shell),
            ("$Env:AWS_SECRET_ACCESS_KEY=\"hunter2\"", Shell),
            ("[default]\naws_secret_access_key = hunter2\n", Ini),
            ("-----------------\n| GetSessionToken |\n", Table),
            ("+------+\n| hunter2 |", Table),
            ("Opening the browser…\n{\"Version\": 1}", Words),
            ("{\"Version\": 1}\nBye!", Words),
            ("{\"Version\": 1, \"SecretAcc", Cut),
            ("hunter2", NotJson),
            ("[\"hunter2\"]", NotObject),
            ("\"hunter2\"", NotObject),
            ("{\"Credentials\": {\"SecretAccessKey\": \"hunter2\"}}", Answer("Credentials")),
            ("{\"SecretAccessKey\": \"hunter2\"}", NoVersion),
            ("{\"Version\": \"1\"}", Version("a text")),
            ("{\"Version\": 2}", Version("another number")),
            ("{\"Version\": null}", Version("no number")),
            (
                "{\"Version\": 1, \"accessKeyId\": \"A\"}",
                Spelling { wanted: "AccessKeyId", found: "accessKeyId".to_owned() },
            ),
            (
                "{\"Version\": 1, \"AccessKeyId\": \"A\", \"secret_access_key\": \"hunter2\"}",
                Spelling { wanted: "SecretAccessKey", found: "secret_access_key".to_owned() },
            ),
        ] {
            let found = parse_object(stdout).unwrap_err();
            assert!(!found.to_string().contains("hunter2"));
            assert_eq!(found, problem, "{stdout}");
        }
        assert!(parse_object("{\"Version\": 1.0, \"AccessKeyId\": \"A\"}").is_ok());
    }
}
