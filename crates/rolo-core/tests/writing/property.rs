//! What holds for every file: the bytes that are not meant survive, and what is meant is read back.

use proptest::{prelude::*, sample::select};
use rolo_core::{
    ini::{self, Change, EditError, headers},
    profile::{ConfigFile, ConfigFiles, ProfileSet, SourceFile, edit_profile, is_profile, remove_profile},
};

/// A file as a person writes it, in pieces whose meaning is known without a parser.
#[derive(Debug, Clone)]
struct Model {
    /// Before the first header.
    head: Vec<String>,
    sections: Vec<(String, Vec<Item>)>,
    end: &'static str,
    has_final_end: bool,
}

#[derive(Debug, Clone)]
enum Item {
    /// A comment or a blank line.
    Idle(String),
    Setting {
        key: &'static str,
        before: String,
        value: String,
        after: &'static str,
        more: Vec<More>,
    },
}

#[derive(Debug, Clone)]
enum More {
    Idle(String),
    Value(String),
}

const KEYS: [&str; 4] = ["region", "s3", "role_arn", "x"];
const NAMES: [&str; 4] = ["p", "a b", "q", "default"];

fn idle() -> impl Strategy<Value = String> {
    select(vec!["", "  ", "\t", "# c", "; c = 1", "   # [q]", "\u{3000}# ä", "#", "# region = no"])
        .prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = String> {
    select(vec!["v", "a = b", "eu-west-1", "[q]", "ä:#;", "100%", "\"a b\"", "x\u{2028}y"])
        .prop_map(str::to_owned)
}

fn setting() -> impl Strategy<Value = Item> {
    let separator = select(vec![" = ", "=", ": ", ":", " =", "\t=\t", "= "]);
    let more = prop_oneof![
        idle().prop_map(More::Idle),
        select(vec!["  a = 1", "\t  b=2", "    c ="]).prop_map(|line| More::Value(line.to_owned())),
    ];
    let spelled = (select(KEYS.to_vec()), any::<bool>(), separator);
    (spelled, prop::option::of(value()), select(vec!["", " ", "\t "]), prop::collection::vec(more, 0..4))
        .prop_map(|((key, is_loud, separator), value, after, more)| Item::Setting {
            key,
            before: format!("{}{separator}", if is_loud { key.to_uppercase() } else { key.to_owned() }),
            value: value.unwrap_or_default(),
            after,
            more,
        })
}

fn models() -> impl Strategy<Value = Model> {
    let item = prop_oneof![idle().prop_map(Item::Idle), setting()];
    let header = prop_oneof![
        4 => select(NAMES.to_vec()).prop_map(|name| match name {
            "default" => "[default]".to_owned(),
            "a b" => "[profile \"a b\"] ; c".to_owned(),
            name => format!("[profile {name}]"),
        }),
        1 => select(vec!["[DEFAULT]", "[services s]", "[plugins] x"]).prop_map(str::to_owned),
    ];
    let section = (header, prop::collection::vec(item, 0..6));
    let sections = prop::collection::vec(section, 0..5);
    let head = prop::collection::vec(idle(), 0..3);
    (head, sections, select(vec!["\n", "\r\n", "\r"]), any::<bool>())
        .prop_map(|(head, sections, end, has_final_end)| Model { head, sections, end, has_final_end })
}

impl Model {
    fn lines(&self) -> Vec<String> {
        let mut lines = self.head.clone();
        for (header, items) in &self.sections {
            lines.push(header.clone());
            for item in items {
                match item {
                    Item::Idle(line) => lines.push(line.clone()),
                    Item::Setting { before, value, after, more, .. } => {
                        lines.push(format!("{before}{value}{after}"));
                        lines.extend(more.iter().map(|(More::Idle(line) | More::Value(line))| line.clone()));
                    }
                }
            }
        }
        lines
    }

    fn text(&self) -> String {
        let mut text = self.lines().join(self.end);
        if self.has_final_end && !text.is_empty() {
            text.push_str(self.end);
        }
        text
    }

    /// The items of the profile `name`, section by section.
    fn items(&mut self, name: &str) -> impl DoubleEndedIterator<Item = &mut Vec<Item>> {
        let headers = [format!("[profile {name}]"), format!("[profile \"{name}\"] ; c"), format!("[{name}]")];
        let is_it =
            move |header: &String| headers[..if header == "[default]" { 3 } else { 2 }].contains(header);
        self.sections.iter_mut().filter(move |(header, _)| is_it(header)).map(|(_, items)| items)
    }

    fn last_setting(&mut self, name: &str, key: Option<&str>) -> Option<&mut Item> {
        let is_wanted = |item: &&mut Item| match &**item {
            Item::Setting { key: known, .. } => key.is_none_or(|key| *known == key),
            Item::Idle(_) => false,
        };
        self.items(name).flatten().rfind(is_wanted)
    }

    /// The text without the lines that were marked.
    fn unmarked_text(&self) -> String {
        self.text().split_inclusive(self.end).filter(|line| !line.starts_with(MARK)).collect()
    }

    fn is_readable(&self) -> bool {
        ini::parse(&self.text()).is_ok()
    }
}

/// Marks a line for the oracle; no generated line has it.
const MARK: char = '\u{1}';

/// Marks the lines of a value but the first.
fn mark_values(more: &mut [More]) {
    for more in more {
        if let More::Value(line) = more {
            line.insert(0, MARK);
        }
    }
}

/// The value of `key` in the profile `name`, as every other part of rolo reads it.
fn read(text: &str, name: &str, key: &str) -> Option<String> {
    let files = ConfigFiles {
        config: ConfigFile::new("config", text),
        credentials: ConfigFile::new("credentials", ""),
    };
    let set = ProfileSet::parse(&files).unwrap();
    let setting = set.profile(name)?.get(key)?;
    Some(setting.value.to_owned())
}

/// Texts of pieces that mean something to the grammar, in any order and with any indentation.
fn odd_texts() -> impl Strategy<Value = String> {
    let pieces = [
        "[profile p]\n",
        "\n[profile p]",
        "  [profile q]\n",
        "[DEFAULT]\n",
        "[profile 'p']\r",
        "x = 1\n",
        "  x = 2\n",
        "\tX:3\r\n",
        "x",
        "s3 =\n",
        "   a = 1\n",
        "\n",
        "\r\n",
        "\r",
        "  ",
        "#",
        " ; c\n",
        "=",
        "]",
        "[",
        "ä",
        "\u{3000}",
        "\u{2028}",
        "\x0c",
        "'",
        "y=",
    ];
    let piece = select(pieces.to_vec());
    prop::collection::vec(piece, 0..25).prop_map(|pieces| format!("[profile p]\n{}", pieces.concat()))
}

/// The text of each header's block, and of what stands before the first.
fn blocks(text: &str) -> Vec<(Option<&str>, String)> {
    let heads = headers(text).unwrap();
    let mut blocks = vec![(None, String::new())];
    let mut heads = heads.iter().peekable();
    for (number, line) in (1..).zip(text.replace("\r\n", "\n").replace('\r', "\n").split_inclusive('\n')) {
        if let Some(head) = heads.next_if(|head| head.line == number) {
            blocks.push((Some(head.name), String::new()));
        }
        blocks.last_mut().unwrap().1.push_str(line);
    }
    blocks
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn a_value_that_stands_is_replaced_and_nothing_else(
        mut model in models(), name in select(NAMES.to_vec()), key in select(KEYS.to_vec()), new in value(),
    ) {
        prop_assume!(model.is_readable());
        let text = model.text();
        let Some(Item::Setting { before, value, after, more, .. }) = model.last_setting(name, Some(key)) else {
            return Ok(());
        };
        if *value != new || more.iter().any(|more| matches!(more, More::Value(_))) {
            if value.is_empty() {
                // The blanks behind the separator stand before the value from now on; there is one where the other
                // side has one.
                before.push_str(after);
                *after = "";
                before.push_str(if before.ends_with(" =") { " " } else { "" });
            }
            value.clone_from(&new);
            mark_values(more);
        }
        let edited = edit(&text, name, Change::Set { key, value: &new }).unwrap();
        prop_assert_eq!(&edited, &model.unmarked_text());
        prop_assert_eq!(read(&edited, name, key), Some(new));
    }

    #[test]
    fn what_is_removed_leaves_every_other_line(
        mut model in models(), name in select(NAMES.to_vec()), key in select(KEYS.to_vec()),
    ) {
        prop_assume!(model.is_readable());
        let edited = edit(&model.text(), name, Change::Remove { key }).unwrap();
        for item in model.items(name).flatten() {
            if let Item::Setting { key: known, before, more, .. } = item && *known == key {
                before.insert(0, MARK);
                mark_values(more);
            }
        }
        prop_assert_eq!(edited, model.unmarked_text());
    }

    #[test]
    fn a_new_setting_is_one_line_behind_the_last(mut model in models(), name in select(NAMES.to_vec()), new in value()) {
        prop_assume!(model.is_readable());
        let text = model.text();
        // A file of one line without an end does not show how its lines end.
        let end = if text.contains(model.end) { model.end } else { "\n" };
        let edited = edit(&text, name, Change::Set { key: "new", value: &new }).unwrap();
        prop_assert_eq!(read(&edited, name, "new"), Some(new));
        let is_there = model.items(name).next().is_some();
        if !is_there {
            prop_assert!(edited.starts_with(&text), "{edited:?}");
            let undone = remove_profile(&edited, SourceFile::Config, name).unwrap();
            let left = undone.expose().strip_prefix(&text).unwrap().replace(['\r', '\n'], "");
            prop_assert_eq!(left, "");
            return Ok(());
        }
        let added = edited.split_inclusive(end).position(|line| line.starts_with("new")).unwrap();
        let without: String = edited.split_inclusive(end).enumerate().filter(|(at, _)| *at != added).map(|(_, line)| line).collect();
        prop_assert_eq!(without.trim_end_matches(['\r', '\n']), text.trim_end_matches(['\r', '\n']));
        if let Some(Item::Setting { before, more, .. }) = model.last_setting(name, None) {
            let last = more.iter_mut().rev().find_map(|more| match more { More::Value(line) => Some(line), More::Idle(_) => None });
            last.unwrap_or(before).insert(0, MARK);
            let marked = model.text();
            prop_assert_eq!(marked.split_inclusive(model.end).position(|line| line.starts_with(MARK)), Some(added - 1));
        }
    }

    #[test]
    fn odd_files_are_changed_in_the_meant_section_or_not_at_all(text in odd_texts(), is_set in any::<bool>()) {
        let change = if is_set { Change::Set { key: "x", value: "new" } } else { Change::Remove { key: "x" } };
        match edit(&text, "p", change) {
            Err(EditError::Parse(_)) => prop_assert!(ini::parse(&text).is_err()),
            Err(error) => prop_assert_eq!(error, EditError::Damage),
            Ok(edited) => {
                prop_assert!(!is_set || read(&edited, "p", "x").as_deref() == Some("new"));
                let (before, after) = (blocks(&text), blocks(&edited));
                prop_assert_eq!(before.len(), after.len());
                for (before, after) in before.iter().zip(&after) {
                    prop_assert_eq!(before.0, after.0);
                    let is_meant = before.0.is_some_and(|header| is_profile(SourceFile::Config, header, "p"));
                    prop_assert!(is_meant || before == after, "{before:?} {after:?}");
                }
            }
        }
        let removed = remove_profile(&text, SourceFile::Config, "p");
        if let Ok(removed) = removed {
            let left: Vec<_> = blocks(removed.expose()).into_iter().filter_map(|(name, _)| name.map(str::to_owned)).collect();
            prop_assert!(left.iter().all(|header| !is_profile(SourceFile::Config, header, "p")));
        }
    }
}

fn edit(text: &str, name: &str, change: Change<'_>) -> Result<String, EditError> {
    edit_profile(text, SourceFile::Config, name, None, &[change]).map(|edited| edited.expose().to_owned())
}
