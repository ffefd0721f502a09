//! What holds for every text, whatever stands in it.

use proptest::prelude::*;
use rolo_core::{
    ini,
    profile::{ConfigFile, ConfigFiles, ProfileSet},
};

/// The lines of a text, split in another way than the parser does it.
fn lines(text: &str) -> Vec<String> {
    text.replace("\r\n", "\n").replace('\r', "\n").split('\n').map(str::to_owned).collect()
}

/// Texts of pieces that mean something to the grammar, so that most of them get far.
fn texts() -> impl Strategy<Value = String> {
    let pieces = [
        "[profile p]\n",
        "[profile \"q r\"]\n",
        "[default]\n",
        "[DEFAULT]\n",
        "[services s]\n",
        "[",
        "]",
        "region = r",
        "S3 =",
        "\n",
        "\n  ",
        "\r\n",
        "\r",
        " ",
        "\t",
        "=",
        ":",
        "#",
        ";",
        "a = b",
        "\u{e4}",
        "\u{2028}",
        "\u{feff}",
        "\x0c",
        "\x1c",
        "\\",
        "'",
        "\"",
        "\0",
        "\u{3000}",
    ];
    let piece = prop_oneof![12 => prop::sample::select(pieces.to_vec()).prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(piece, 0..40)
        .prop_map(|pieces| pieces.concat())
        .prop_flat_map(|text| prop_oneof![Just(text.clone()), Just(format!("[profile p]\n{text}"))])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn whatever_is_reported_stands_on_its_line(text in texts()) {
        let lines = lines(&text);
        let on = |line: u32| lines[usize::try_from(line).unwrap() - 1].as_str();
        match ini::parse(&text) {
            Err(error) => prop_assert!(!on(error.line).is_empty()),
            Ok(sections) => for section in sections {
                let header = format!("[{}]", section.name());
                prop_assert!(on(section.line()).contains(&header));
                for entry in section.entries() {
                    let line = on(entry.line);
                    prop_assert!(line.to_lowercase().contains(&*entry.key));
                    prop_assert!(section.get(&entry.key).is_some_and(|got| got.line == entry.line));
                    let first = entry.value.as_str().split('\n').next().unwrap();
                    prop_assert!(entry.value.is_nested() || line.contains(first));
                    for nested in entry.value.nested() {
                        prop_assert!(on(nested.line).contains(nested.key));
                        prop_assert!(on(nested.line).contains(nested.value));
                        prop_assert!(nested.line > entry.line);
                    }
                }
            }
        }
    }

    #[test]
    fn every_profile_is_found_by_its_name_and_every_key_has_a_value(
        config in texts(), credentials in texts(), wanted in any::<String>(),
    ) {
        let files = ConfigFiles {
            config: ConfigFile::new("config", config),
            credentials: ConfigFile::new("credentials", credentials),
        };
        if let Ok(set) = ProfileSet::parse(&files) {
            for profile in set.profiles() {
                prop_assert!(set.profile(profile.name()).is_some_and(|found| std::ptr::eq(found, profile)));
                for key in profile.keys() {
                    prop_assert!(profile.get(key).is_some());
                }
                prop_assert_eq!(set.suggest(profile.name()), Some(profile.name()).filter(|name| !name.is_empty()));
            }
            set.suggest(&wanted);
        }
    }
}
