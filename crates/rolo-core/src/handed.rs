//! What an earlier hand-over set in this environment, so that rolo's own settings are never taken for the user's.
//!
//! `ROLO_SET` holds `NAME=VALUE` words. A variable that still has the recorded value is rolo's; one that differs was
//! changed by the user since, and is theirs. Must not know which settings there are.

use std::fmt::Write;

use crate::{env_vars::ROLO_SET, host::Env};

/// The settings that rolo set, with their values; never a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandedSettings(Vec<(String, String)>);

impl HandedSettings {
    /// The record in `env`; none where there is no `ROLO_SET`.
    pub fn load(env: &dyn Env) -> Self {
        env.var(ROLO_SET).map(|text| Self::parse(&text)).unwrap_or_default()
    }

    /// Reads a record; words that are none are passed over.
    pub fn parse(text: &str) -> Self {
        let word = |word: &str| {
            let (name, value) = word.split_once('=')?;
            Some((name.to_owned(), unescape(value)?))
        };
        Self(text.split(' ').filter_map(word).collect())
    }

    /// The record of these settings, in characters that need no quotes in any shell.
    pub fn render<'a>(settings: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        let words: Vec<String> =
            settings.into_iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
        words.join(" ")
    }

    /// Whether `value` is what rolo set `name` to.
    pub fn is_ours(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(known, set)| known == name && set == value)
    }

    /// The names recorded.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Whether nothing is recorded.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The environment as the user made it: without what rolo set and nobody changed since.
pub struct UserEnv<'a> {
    env: &'a dyn Env,
    handed: HandedSettings,
}

impl<'a> UserEnv<'a> {
    /// A view of `env`.
    pub fn new(env: &'a dyn Env) -> Self {
        Self { env, handed: HandedSettings::load(env) }
    }

    /// What rolo set and nobody changed since.
    pub fn handed_settings(&self) -> Vec<(String, String)> {
        let set = |name: &str| {
            let value = self.env.var(name)?;
            self.handed.is_ours(name, &value).then(|| (name.to_owned(), value))
        };
        self.handed.names().filter_map(set).collect()
    }

    /// The record of what rolo set.
    pub fn handed(&self) -> &HandedSettings {
        &self.handed
    }
}

impl Env for UserEnv<'_> {
    fn var(&self, name: &str) -> Option<String> {
        self.env.var(name).filter(|value| !self.handed.is_ours(name, value))
    }
}

/// Letters, digits and what regions, names and addresses are made of stay; any other byte becomes `~XX`.
pub(crate) fn escape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"_./:@+,-".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing into a `String` cannot fail.
            let _ = write!(text, "~{byte:02X}");
        }
    }
    text
}

/// The text that was escaped; `None` where it is none.
pub(crate) fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'~' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_that_are_none_are_passed_over() {
        let handed = HandedSettings::parse("AWS_REGION=eu-west-1 nonsense A=~zz AWS_PAGER=");
        assert!(handed.is_ours("AWS_REGION", "eu-west-1"));
        assert!(!handed.is_ours("AWS_REGION", "eu-west-2"));
        assert_eq!(handed.names().collect::<Vec<_>>(), ["AWS_REGION", "AWS_PAGER"]);
    }

    proptest! {
        #[test]
        fn every_value_comes_back(value in ".*") {
            let text = HandedSettings::render([("A", value.as_str()), ("B", "x")]);
            let handed = HandedSettings::parse(&text);
            prop_assert!(handed.is_ours("A", &value) && handed.is_ours("B", "x"));
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./:@+,-~= ".contains(&byte)));
        }
    }
}
