//! What botocore makes of odd files, recorded; rolo makes the same of them, through real files.

use crate::world::{World, render};
use rolo_core::profile::{ConfigFiles, ProfileSet, SourceFile};
use serde_json::Value;

/// Where rolo means to differ: botocore refuses a file for a duplicate, rolo merges as the SDKs do.
const MERGED: [&str; 2] = ["duplicate section", "duplicate key, other case"];

/// The data are JSON, which holds no bytes: in this case each character stands for the byte of its number.
const BYTES: &str = "bytes that are no UTF-8 in a comment";

#[test]
fn odd_files_are_read_as_botocore_reads_them() {
    let data: Value = serde_json::from_str(include_str!("../data/ini_quirks.json")).unwrap();
    let mut merged = 0;
    for case in data["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let world = World::new();
        for file in ["config", "credentials"] {
            if let Some(text) = case[file].as_str() {
                let bytes = match name {
                    BYTES => text.chars().map(|c| u8::try_from(c).unwrap()).collect(),
                    _ => text.as_bytes().to_vec(),
                };
                world.write(file, &bytes);
            }
        }
        let expected = if MERGED.contains(&name) {
            assert_eq!(case["botocore"]["error"], "ConfigParseError", "{name}");
            merged += 1;
            &case["rust_sdk"]
        } else {
            &case["botocore"]
        };
        let read = ConfigFiles::load(&world.host());
        let got = read.and_then(|files| ProfileSet::parse(&files).map(|set| render(&set)));
        match (got, expected.get("error")) {
            (Ok(got), None) => {
                for part in ["profiles", "sso_sessions", "services"] {
                    let none = Value::Object(serde_json::Map::new());
                    assert_eq!(&got[part], expected.get(part).unwrap_or(&none), "{part} of: {name}");
                }
            }
            (Err(error), Some(_)) => {
                assert!(error.line().is_some(), "{name}: {error}");
                assert!(error.path().starts_with(world.home()), "{name}: {error}");
            }
            (Ok(got), Some(_)) => panic!("{name}: accepted as {got}"),
            (Err(error), None) => panic!("{name}: {error}"),
        }
    }
    assert_eq!(merged, MERGED.len(), "an exception that no case needs");
}

/// The recorded runs of the AWS CLI: those whose files it could not parse, and those that are about parsing.
#[test]
fn files_are_refused_when_the_aws_cli_refuses_them() {
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/conformance/cases.json");
    let data: Value = serde_json::from_str(&std::fs::read_to_string(cases).unwrap()).unwrap();
    let mut about_parsing = 0;
    for case in data["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let world = World::new();
        for file in ["config", "credentials"] {
            if let Some(text) = case[file].as_str() {
                world.write(file, text.as_bytes());
            }
        }
        let files = ConfigFiles::load(&world.host()).unwrap();
        let expected = match &case["expect_for"]["rolo"] {
            Value::Null => &case["expect"],
            ours => ours,
        };
        let set = ProfileSet::parse(&files);
        assert_eq!(set.is_err(), expected["error"] == "ConfigParse", "{id}: {:?}", set.err());
        let Ok(set) = set else { continue };
        if id.starts_with("ini-") {
            about_parsing += 1;
            let name = case["profile"].as_str().unwrap_or("default");
            let profile = set.profile(name);
            assert_eq!(profile.is_none(), expected["error"] == "ProfileNotFound", "{id}");
            let key = profile.and_then(|profile| {
                let in_file = |file| profile.get_in(file, "aws_access_key_id");
                in_file(SourceFile::Credentials).or(in_file(SourceFile::Config))
            });
            assert_eq!(key.map(|key| key.value), expected["key"].as_str(), "{id}");
        }
    }
    assert!(about_parsing >= 7, "{about_parsing} cases");
}
