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
    const COMMANDS: [&str; 2] = ["credential_process", "mfa_process"];
    (!SECRET.iter().any(|secret| secret.eq_ignore_ascii_case(name)))
        .then(|| if COMMANDS.contains(&name) { hide_in_command(value) } else { hide_passwords(value) })
}

/// A command line without passwords, and without what looks like a key or the seed of a device that shows codes.
pub(super) fn hide_in_command(command: &str) -> String {
    let bare = |word: &str| word.trim_matches(['"', '\'']).rsplit('=').next().is_some_and(is_key_or_seed);
    let shown = hide_passwords(command);
    shown.split(' ').map(|word| if bare(word) { HIDDEN } else { word }).collect::<Vec<_>>().join(" ")
}

/// Letters and digits that no name is made of: a secret access key, a seed in base 32, a digest in hexadecimal.
fn is_key_or_seed(word: &str) -> bool {
    let has = |test: fn(&u8) -> bool| word.as_bytes().iter().any(test);
    let is_plain = word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_access_key =
        word.len() == 40 && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte));
    let is_mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    let is_seed = word.len() >= 16 && is_plain && !has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let is_long = is_plain && (word.len() >= 20 && is_mixed || word.len() >= 32);
    is_seed || is_long || is_access_key && is_mixed
}

/// `value` without what is probably secret in it: the password of a URL, and what follows an option or a variable for a
/// password or token in a command line.
pub fn hide_passwords(value: &str) -> String {
    let mut shown: Vec<String> = Vec::new();
    let mut words = value.split(' ');
    let mut is_secret = false;
    while let Some(word) = words.next() {
        if !is_secret || word.is_empty() {
            shown.push(hide_in_word(word));
            is_secret = is_secret || word.starts_with('-') && is_secret_name(word);
            continue;
        }
        // A value in quotes goes on behind its blanks.
        if let Some(quote) = word.chars().next().filter(|c| matches!(c, '"' | '\''))
            && !(word.len() > 1 && word.ends_with(quote))
        {
            let _ = words.by_ref().find(|word| word.ends_with(quote));
        }
        shown.push(HIDDEN.to_owned());
        is_secret = false;
    }
    shown.join(" ")
}

const HIDDEN: &str = "…";

fn hide_in_word(word: &str) -> String {
    if let Some((name, _)) = word.split_once('=').filter(|(name, _)| is_secret_name(name)) {
        return format!("{name}={HIDDEN}");
    }
    // A proxy may be written without `http://`.
    let start = word.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = word.split_at(start);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    // A password with a `/` in it ends at the last `@`, not there.
    let has_port = |authority: &str| {
        authority.ends_with(']')
            || authority.rsplit_once(':').is_none_or(|(_, port)| port.parse::<u16>().is_ok())
    };
    let end =
        if start > 0 && !rest[..end].contains('@') && !has_port(&rest[..end]) { rest.len() } else { end };
    match rest[..end].rfind('@').and_then(|at| Some((rest[..at].split_once(':')?.0, &rest[at..]))) {
        Some((user, host)) => format!("{scheme}{user}:{HIDDEN}{host}"),
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
            ("http://ada:hun/ter2@proxy:8080", "http://ada:…@proxy:8080"),
            ("ada:hunter2@proxy:8080", "ada:…@proxy:8080"),
            ("http://ada@proxy:8080", "http://ada@proxy:8080"),
            ("http://[::1]:8080/a@b", "http://[::1]:8080/a@b"),
            ("http://proxy:8080/a@b", "http://proxy:8080/a@b"),
            (
                "arn:aws:iam::111122223333:mfa/ada@example.com",
                "arn:aws:iam::111122223333:mfa/ada@example.com",
            ),
            ("op run --password 'a b c' -- x", "op run --password … -- x"),
            ("op read --token abc --vault dev", "op read --token … --vault dev"),
            ("sh -c PASSWORD=abc x", "sh -c PASSWORD=… x"),
            ("get --secret=abc", "get --secret=…"),
            ("aws-vault export --format=json base", "aws-vault export --format=json base"),
            ("arn:aws:iam::111122223333:role/secret", "arn:aws:iam::111122223333:role/secret"),
        ] {
            assert_eq!(hide_passwords(value), expected);
        }
    }

    #[test]
    fn keys_and_seeds_are_hidden_in_commands() {
        for (command, expected) in [
            ("oathtool --totp -b JBSWY3DPEHPK3PXP", "oathtool --totp -b …"),
            ("oathtool --totp -b 'JBSWY3DPEHPK3PXP'", "oathtool --totp -b …"),
            ("oathtool --totp=sha1 00112233445566778899aabbccddeeff", "oathtool --totp=sha1 …"),
            ("keys -k wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "keys -k …"),
            (
                "/opt/Corp2024/bin/keys --profile=production-administrator-eu1 --account 111122223333",
                "/opt/Corp2024/bin/keys --profile=production-administrator-eu1 --account 111122223333",
            ),
            (
                "ykman oath accounts code -s arn:aws:iam::111122223333:mfa/ada",
                "ykman oath accounts code -s arn:aws:iam::111122223333:mfa/ada",
            ),
        ] {
            assert_eq!(hide_in_command(command), expected);
        }
    }
}
