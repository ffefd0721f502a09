//! A setting with where it was said, and everything that said otherwise and did not count.
//!
//! Must not know which settings there are, nor in what order they count: candidates come in that order.

use crate::{
    host::Env,
    origin::{Origin, Sourced},
    profile::{Profile, ProfileSet},
};

/// A setting as it counts. Nothing secret is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its key in a profile, or what else people call it.
    pub name: String,
    /// What it is; `None`: a secret.
    pub value: Option<String>,
    /// Who says so.
    pub origin: Origin,
    /// Who says otherwise, or the same once more, and is not heard; the strongest first.
    pub beats: Vec<Rival>,
}

/// Something that was said and does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rival {
    /// The key or variable; it may be another than the winner's.
    pub name: String,
    /// What it says; `None`: a secret.
    pub value: Option<String>,
    /// Where.
    pub origin: Origin,
}

/// Everything that is said about one setting, the strongest first.
#[derive(Debug, Default)]
pub(super) struct Candidates(Vec<Rival>);

impl Candidates {
    /// What an option says.
    pub(super) fn flag(mut self, option: &'static str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.add(option, value, Origin::Flag(option));
        }
        self
    }

    /// What a variable says; an empty one says nothing.
    pub(super) fn env(mut self, env: &dyn Env, variable: &'static str) -> Self {
        if let Some(value) = env.var(variable).filter(|value| !value.is_empty()) {
            self.add(variable, &value, Origin::Env(variable));
        }
        self
    }

    /// What a profile says, in either file, as often as it does.
    pub(super) fn profile(mut self, set: &ProfileSet<'_>, profile: Option<&Profile<'_>>, key: &str) -> Self {
        let Some(profile) = profile else { return self };
        for setting in set.all_settings(profile, key) {
            self.add(key, setting.value, setting.origin());
        }
        self
    }

    /// Anything else.
    pub(super) fn other(mut self, said: Option<(&str, &str, Origin)>) -> Self {
        if let Some((name, value, origin)) = said {
            self.add(name, value, origin);
        }
        self
    }

    /// Whether nobody says anything.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of it, none of which counts.
    pub(super) fn into_rivals(self) -> Vec<Rival> {
        self.0
    }

    fn add(&mut self, name: &str, value: &str, origin: Origin) {
        self.0.push(Rival { name: name.to_owned(), value: shown(name, value), origin });
    }

    /// The setting `name`, of which the strongest counts.
    pub(super) fn first(mut self, name: &str) -> Option<Said> {
        if self.0.is_empty() {
            return None;
        }
        let Rival { value, origin, .. } = self.0.remove(0);
        Some(Said { name: name.to_owned(), value, origin, beats: self.0 })
    }

    /// The setting `name`, of which `chosen` counts, whatever else is said.
    pub(super) fn chosen<T: ToString>(mut self, name: &str, chosen: &Sourced<T>) -> Said {
        self.0.retain(|rival| rival.origin != chosen.origin);
        Said {
            name: name.to_owned(),
            value: shown(name, &chosen.value.to_string()),
            origin: chosen.origin.clone(),
            beats: self.0,
        }
    }
}

impl Said {
    /// A setting beside which nothing is said.
    pub(super) fn alone(name: &str, value: &str, origin: Origin) -> Self {
        Self { name: name.to_owned(), value: shown(name, value), origin, beats: Vec::new() }
    }
}

/// What may be seen of a value.
fn shown(name: &str, value: &str) -> Option<String> {
    const SECRET: [&str; 3] = ["aws_secret_access_key", "aws_session_token", "aws_security_token"];
    (!SECRET.iter().any(|secret| secret.eq_ignore_ascii_case(name))).then(|| hide_passwords(value))
}

/// `value` without what is probably secret in it: the password of a URL, and what follows an option or a variable for a
/// password or token in a command line.
pub fn hide_passwords(value: &str) -> String {
    let mut words: Vec<String> = value.split(' ').map(hide_in_word).collect();
    for index in 1..words.len() {
        if words[index - 1].starts_with('-') && is_secret_name(&words[index - 1]) && !words[index].is_empty()
        {
            HIDDEN.clone_into(&mut words[index]);
        }
    }
    words.join(" ")
}

const HIDDEN: &str = "…";

fn hide_in_word(word: &str) -> String {
    if let Some((name, _)) = word.split_once('=').filter(|(name, _)| is_secret_name(name)) {
        return format!("{name}={HIDDEN}");
    }
    let Some((scheme, rest)) = word.split_once("://") else { return word.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rsplit_once('@').and_then(|(user, _)| user.split_once(':')) {
        Some((user, _)) => {
            let host = &rest[rest[..end].rfind('@').unwrap_or_default()..];
            format!("{scheme}://{user}:{HIDDEN}{host}")
        }
        None => word.to_owned(),
    }
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.len() < 40
        && !name.contains(['/', ':'])
        && ["password", "passwd", "passphrase", "secret", "token", "api-key", "apikey", "api_key"]
            .into_iter()
            .any(|word| name.ends_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_hidden_and_nothing_else_is() {
        for (value, expected) in [
            ("http://ada:hunter2@proxy.example.com:8080/", "http://ada:…@proxy.example.com:8080/"),
            ("http://ada:hun@ter2@proxy", "http://ada:…@proxy"),
            ("http://ada@proxy:8080", "http://ada@proxy:8080"),
            ("op read --token abc --vault dev", "op read --token … --vault dev"),
            ("sh -c PASSWORD=abc x", "sh -c PASSWORD=… x"),
            ("get --secret=abc", "get --secret=…"),
            ("aws-vault export --format=json base", "aws-vault export --format=json base"),
            ("arn:aws:iam::111122223333:role/secret", "arn:aws:iam::111122223333:role/secret"),
        ] {
            assert_eq!(hide_passwords(value), expected);
        }
    }
}
