//! What formats promise beyond quoting: names, the documents' bytes as foreign parsers read them, and refusals.
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use proptest::prelude::*;
use rolo::format::{Change, Format, FormatError};

mod support {
    pub(crate) mod tools;
}
use support::tools;

const CREDENTIALS: [Change<'_>; 9] = [
    unset("AWS_PROFILE"),
    set("AWS_ACCESS_KEY_ID", "ASIAROLEA00000000000"),
    set("AWS_SECRET_ACCESS_KEY", "secret-ASIAROLEA00000000000"),
    set("AWS_SESSION_TOKEN", "token-ASIAROLEA00000000000"),
    set("AWS_CREDENTIAL_EXPIRATION", "2026-11-21T04:14:05+00:00"),
    set("AWS_REGION", "eu-west-1"),
    set("AWS_DEFAULT_REGION", "eu-west-2"),
    set("AWS_ENDPOINT_URL_STS", "https://sts.example.com"),
    set("ROLO_PROFILE", "prod"),
];

const fn set<'a>(name: &'a str, value: &'a str) -> Change<'a> {
    Change { name, value: Some(value) }
}

const fn unset(name: &str) -> Change<'_> {
    Change { name, value: None }
}

fn render(format: Format, changes: &[Change<'_>]) -> String {
    format.render(changes, "prod").unwrap().expose().to_owned()
}

fn refusal(format: Format, changes: &[Change<'_>]) -> String {
    format.render(changes, "prod").unwrap_err().to_string()
}

#[test]
fn every_name_and_alias_leads_to_one_format() {
    let mut seen = BTreeMap::new();
    for &format in Format::ALL {
        for name in [format.name()].iter().chain(format.aliases()) {
            assert_eq!(name.parse(), Ok(format));
            assert_eq!(seen.insert(*name, format), None, "{name} twice");
        }
    }
    assert_eq!("Bash".parse::<Format>().unwrap_err().to_string(), "there is no format `Bash`");
}

/// The vectors are what AWS CLI v2 printed; the values of the hand-over are taken from their neighbours in the file.
#[test]
fn process_is_byte_for_byte_the_aws_clis() {
    assert_eq!(render(Format::Process, &CREDENTIALS), read("export_credentials/role.process.txt"));
    let long_term = [
        set("AWS_SECRET_ACCESS_KEY", "secret-AKIDB"),
        set("AWS_ACCESS_KEY_ID", "AKIDB"),
        unset("AWS_SESSION_TOKEN"),
    ];
    assert_eq!(render(Format::Process, &long_term), read("export_credentials/static.process.txt"));
}

#[test]
fn documents_of_credentials_need_credentials() {
    for format in [Format::Process, Format::Ini] {
        assert_eq!(
            refusal(format, &[unset("AWS_ACCESS_KEY_ID")]),
            format!("format `{format}` needs `AWS_ACCESS_KEY_ID`, which is not set")
        );
        assert_eq!(
            refusal(format, &[set("AWS_ACCESS_KEY_ID", "AKIDB")]),
            format!("format `{format}` needs `AWS_SECRET_ACCESS_KEY`, which is not set")
        );
    }
}

#[test]
fn ini_is_read_back_by_the_parser_of_the_aws_cli() {
    let text = render(Format::Ini, &CREDENTIALS);
    let Some(python) = tools::find("python") else { return };
    let read: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_str(&feed(python, "read_ini.py", &text)).unwrap();
    let expected = [
        ("aws_access_key_id", "ASIAROLEA00000000000"),
        ("aws_secret_access_key", "secret-ASIAROLEA00000000000"),
        ("aws_session_token", "token-ASIAROLEA00000000000"),
        ("region", "eu-west-1"),
    ];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    assert_eq!(read, [("prod".to_owned(), expected)].into());
}

/// Whatever `ini` does not refuse must come back as it was, and most must not be refused.
#[test]
fn any_value_survives_ini() {
    if tools::find("python").is_none() {
        return;
    }
    let hazards =
        prop::sample::select("'\"$\\% \t\n\r;#[]=:\u{85}\u{a0}\u{2028}ab".chars().collect::<Vec<_>>());
    let character = prop_oneof![hazards, any::<char>()];
    let values =
        prop::collection::vec(prop::collection::vec(character, 0..6).prop_map(String::from_iter), 200);
    let config = ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(values in values)| {
        let mut text = String::new();
        let mut expected = BTreeMap::new();
        for (index, value) in values.iter().enumerate() {
            let changes =
                [set("AWS_ACCESS_KEY_ID", "a"), set("AWS_SECRET_ACCESS_KEY", "s"), set("AWS_CA_BUNDLE", value)];
            let section = format!("{index} {value}");
            if let Ok(rendered) = Format::Ini.render(&changes, &section) {
                text += rendered.expose();
                expected.insert(section, value.clone());
            }
        }
        prop_assert!(expected.len() > 20, "{} of 200", expected.len());
        let python = tools::find("python").unwrap();
        let read: BTreeMap<String, BTreeMap<String, String>> =
            serde_json::from_str(&feed(python, "read_ini.py", &text)).unwrap();
        let read: BTreeMap<_, _> =
            read.into_iter().map(|(section, settings)| (section, settings["ca_bundle"].clone())).collect();
        prop_assert_eq!(read, expected);
    });
}

#[test]
fn ini_refuses_names_that_would_not_be_read_back() {
    for section in ["", " prod", "prod ", "a]b", "a\nb", "\u{1b}[2J"] {
        let error = Format::Ini.render(&CREDENTIALS, section).unwrap_err();
        assert!(matches!(error, FormatError::Section { .. }), "{section:?}: {error}");
    }
}

#[test]
fn json_says_null_for_what_is_to_be_unset() {
    let text = render(Format::Json, &[unset("A"), set("B", "")]);
    assert_eq!(text, "{\n  \"A\": null,\n  \"B\": \"\"\n}\n");
    assert_eq!(render(Format::Json, &[]), "{}\n");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_survives_json(value in "[^\0]*") {
        let text = render(Format::Json, &[set("VALUE", &value)]);
        let read: BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read["VALUE"], &value);
    }

    /// All or nothing, and nothing of the value in what is said about it.
    #[test]
    fn refusals_never_show_the_value(value in "[a-zäö\0\n\r\t\"'%!\\\\]{12}") {
        for &format in Format::ALL {
            let changes =
                [set("AWS_ACCESS_KEY_ID", "AKIDB"), set("AWS_SECRET_ACCESS_KEY", &value), set("X", "x")];
            if let Err(error) = format.render(&changes, "prod") {
                let told = format!("{error} {error:?} {changes:?}");
                prop_assert!(!told.contains(&value) && !told.contains(&value.escape_debug().to_string()));
                prop_assert!(told.contains(format.name()) && told.contains("AWS_SECRET_ACCESS_KEY"));
            }
        }
    }
}

#[test]
fn no_format_takes_what_no_environment_holds() {
    for &format in Format::ALL {
        for name in ["", "1A", "A B", "A=B", "A;id", "$(id)", "A\n", "Ä", "A-B"] {
            let mut changes = CREDENTIALS.to_vec();
            changes.push(set(name, "x"));
            assert!(
                matches!(format.render(&changes, "prod"), Err(FormatError::Name { .. })),
                "{format} {name}"
            );
            changes.pop();
            changes.push(unset(name));
            assert!(
                matches!(format.render(&changes, "prod"), Err(FormatError::Name { .. })),
                "{format} {name}"
            );
        }
        let mut changes = CREDENTIALS.to_vec();
        changes.push(set("X", "a\0b"));
        assert_eq!(
            refusal(format, &changes),
            format!("format `{format}` cannot hold the value of `X`: it has a NUL character")
        );
    }
}

#[test]
fn formats_refuse_what_they_cannot_hold() {
    let unfit: [(Format, &[&str]); 5] = [
        (Format::Tcsh, &["a\nb", "a\rb", "a\u{7}b"]),
        (Format::Cmd, &["", "a\"b", "a%b", "a!b", "a\nb", "a\rb", "a\u{1a}b"]),
        (Format::Env, &["a\nb", "a\rb"]),
        (Format::Dotenv, &["a\rb", "${HOME}", "a\\\\b", "a\\", "a'b\"c", "a'b$c", "it's\nme"]),
        (Format::Ini, &["a\nb", " a", "a ", "a #b", "a\t;b", "#a"]),
    ];
    for (format, values) in unfit {
        for value in values {
            let mut changes = CREDENTIALS.to_vec();
            changes[1] = set("AWS_ACCESS_KEY_ID", value);
            let said = refusal(format, &changes);
            assert!(
                said.starts_with(&format!(
                    "format `{format}` cannot hold the value of `AWS_ACCESS_KEY_ID`: it has "
                )),
                "{said}"
            );
        }
    }
    assert!(Format::Cmd.render(&[set("X", &"x".repeat(8192))], "").is_err(), "cmd cuts long lines");
}

/// There is no cmd.exe where tests run; these are its documented forms.
#[test]
fn cmd_is_written_in_quotes() {
    let changes = [set("A", "a&b ^c|d "), unset("GONE")];
    assert_eq!(render(Format::Cmd, &changes), "set \"GONE=\"\nset \"A=a&b ^c|d \"\n");
}

/// Also what `rolo unset` prints.
#[test]
fn formats_that_cannot_unset_say_so_and_write_nothing() {
    let nothing: Vec<_> = Format::ALL.iter().filter(|format| !format.can_unset()).collect();
    assert_eq!(nothing, [&Format::Process, &Format::Env, &Format::Dotenv, &Format::Ini]);
    for &format in Format::ALL {
        match format.render(&[unset("A_STALE_ONE")], "prod") {
            Ok(text) => assert_eq!(text.expose().contains("A_STALE_ONE"), format.can_unset(), "{format}"),
            Err(error) => assert!(matches!(error, FormatError::Missing { .. }), "{error}"),
        }
    }
}

fn feed(mut python: Command, script: &str, input: &str) -> String {
    let script = tests().join("python").join(script);
    let mut child = python.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

fn read(name: &str) -> String {
    fs::read_to_string(tests().join("data").join(name)).unwrap()
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}
