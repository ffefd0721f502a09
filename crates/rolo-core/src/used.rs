//! What `rolo use` leaves in a shell beside the hand-over: what stood there before, and the words of the last two uses.
//!
//! `ROLO_BEFORE` holds the person's variables that a use replaced or removed; `ROLO_USE` and `ROLO_USE_LAST` hold command
//! lines. All are words as in [`crate::handed`]. Must not know profiles, shells, or what the command lines mean.

use crate::{
    Secret,
    env_vars::{HANDED, REMOVED, ROLO_BEFORE, ROLO_MFA_CODE},
    handed::{HandedSettings, escape, unescape},
    host::Env,
};

/// Stands in a record that is about nothing, for some shells cannot hold an empty variable.
const NOTHING: &str = "-";

/// The environment as it was before the first `rolo use` of this shell, but for what the person changed since. Where
/// there was no use yet, it is the environment itself.
pub struct EnvBefore<'a> {
    env: &'a dyn Env,
    handed: HandedSettings,
    /// The values may be the person's own keys.
    before: Option<Vec<(String, Secret)>>,
}

impl<'a> EnvBefore<'a> {
    /// A view of `env`.
    pub fn new(env: &'a dyn Env) -> Self {
        let before = env.var(ROLO_BEFORE).map(Secret::new);
        Self {
            env,
            handed: HandedSettings::load(env),
            before: before.map(|text| text.expose().split(' ').filter_map(parse_word).collect()),
        }
    }

    /// Whether there was a use in this shell, or in the one that started it.
    pub fn is_used(&self) -> bool {
        self.before.is_some()
    }

    /// Every variable that a use may have changed, once each, with what it was.
    pub fn restored(&self) -> Vec<(String, Option<Secret>)> {
        let recorded = self.before.iter().flatten().map(|(name, _)| name.as_str());
        let mut names: Vec<&str> =
            HANDED.iter().copied().chain(recorded).chain(self.handed.names()).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(|name| (name.to_owned(), self.var(name).map(Secret::new))).collect()
    }

    /// What is to stand in `ROLO_BEFORE` once the variables of these names are changed. A code is used up and does not
    /// come back.
    pub fn record<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Secret {
        let mut text = String::new();
        for name in names {
            let Some(value) = (name != ROLO_MFA_CODE).then(|| self.var(name)).flatten().map(Secret::new)
            else {
                continue;
            };
            let value = Secret::new(escape(value.expose()));
            // Grown at once, so that no half of it stays behind in freed memory.
            let mut longer = String::with_capacity(text.len() + name.len() + value.expose().len() + 2);
            longer.push_str(&text);
            if !text.is_empty() {
                longer.push(' ');
            }
            longer.push_str(name);
            longer.push('=');
            longer.push_str(value.expose());
            drop(Secret::new(std::mem::replace(&mut text, longer)));
        }
        if text.is_empty() { Secret::new(NOTHING) } else { Secret::new(text) }
    }
}

impl Env for EnvBefore<'_> {
    fn var(&self, name: &str) -> Option<String> {
        let Some(before) = &self.before else { return self.env.var(name) };
        // Whatever stands in what every use sets is of the last use. Elsewhere a value that no use has set is the person's.
        let is_own = |value: &String| !HANDED.contains(&name) && !self.handed.is_ours(name, value);
        let own = self.env.var(name).filter(is_own);
        let was =
            || before.iter().find(|(known, _)| known == name).map(|(_, value)| value.expose().to_owned());
        own.or_else(was)
    }
}

fn parse_word(word: &str) -> Option<(String, Secret)> {
    let (name, value) = word.split_once('=')?;
    // Whoever can set this variable can set any other; a name that no hand-over changes is a mistake all the same.
    let is_aws = name.starts_with("AWS_") || HANDED.contains(&name) || REMOVED.contains(&name);
    Some((name.to_owned(), Secret::new(unescape(value)?))).filter(|_| is_aws)
}

/// A command line in characters that need no quotes in any shell.
pub fn render_words<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(escape).collect();
    words.join(" ")
}

/// The command line of such a text; `None` where it is none.
pub fn parse_words(text: &str) -> Option<Vec<String>> {
    text.split(' ').map(unescape).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    struct Vars(BTreeMap<String, String>);

    impl Env for Vars {
        fn var(&self, name: &str) -> Option<String> {
            self.0.get(name).cloned()
        }
    }

    fn vars(pairs: &[(&str, &str)]) -> Vars {
        Vars(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn without_a_use_it_is_the_environment() {
        let env = vars(&[("AWS_PROFILE", "mine"), ("ROLO_PROFILE", "exported"), ("ROLO_MFA_CODE", "123456")]);
        let before = EnvBefore::new(&env);
        assert!(!before.is_used());
        assert_eq!(before.var("ROLO_PROFILE").as_deref(), Some("exported"));
        let record = before.record(["AWS_PROFILE", "AWS_REGION", "ROLO_PROFILE", "ROLO_MFA_CODE"]);
        assert_eq!(record.expose(), "AWS_PROFILE=mine ROLO_PROFILE=exported");
        assert_eq!(before.record(["AWS_REGION"]).expose(), "-");
    }

    #[test]
    fn what_was_and_what_the_person_changed_since_shine_through() {
        let env = vars(&[
            (
                "ROLO_BEFORE",
                "AWS_PROFILE=my~20own AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=AKIA PATH=/evil",
            ),
            ("ROLO_SET", "AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1 AWS_PAGER="),
            ("AWS_ACCESS_KEY_ID", "ASIA"),
            ("AWS_SESSION_TOKEN", "token"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("AWS_PAGER", "less"),
            ("PATH", "/bin"),
        ]);
        let before = EnvBefore::new(&env);
        for (name, value) in [
            ("AWS_PROFILE", Some("my own")),
            ("AWS_DEFAULT_REGION", Some("us-east-1")),
            ("AWS_REGION", None),
            ("AWS_ACCESS_KEY_ID", Some("AKIA")),
            ("AWS_SESSION_TOKEN", None),
            ("AWS_PAGER", Some("less")),
            ("PATH", Some("/bin")),
        ] {
            assert_eq!(before.var(name).as_deref(), value, "{name}");
        }
        let restored = before.restored();
        assert!(!restored.iter().any(|(name, _)| name == "PATH"));
        assert!(restored.iter().any(|(name, value)| name == "AWS_REGION" && value.is_none()));
    }

    #[test]
    fn a_record_of_nothing_is_a_use_too() {
        let env = vars(&[("ROLO_BEFORE", "-"), ("ROLO_PROFILE", "prod")]);
        let before = EnvBefore::new(&env);
        assert!(before.is_used());
        assert_eq!(before.var("ROLO_PROFILE"), None);
    }

    proptest! {
        #[test]
        fn every_command_line_comes_back(words in prop::collection::vec(".*", 1..5)) {
            let text = render_words(words.iter().map(String::as_str));
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./:@+,-~ ".contains(&byte)));
            prop_assert_eq!(parse_words(&text).unwrap(), words);
        }

        #[test]
        fn every_value_is_restored(value in "[^\0]*") {
            let first = vars(&[("AWS_PROFILE", &value)]);
            let record = EnvBefore::new(&first).record(["AWS_PROFILE"]);
            let used = vars(&[("ROLO_BEFORE", record.expose())]);
            prop_assert_eq!(EnvBefore::new(&used).var("AWS_PROFILE"), Some(value));
        }
    }
}
