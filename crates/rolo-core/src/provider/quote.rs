//! What a failing program says of itself: the one line of its standard error that a person should read, without secrets.
//!
//! Errs on the side of hiding. Must not know which program it was.

use crate::{Secret, env_vars, host::Env};

const HIDDEN: &str = "[hidden]";
/// A name with one of these in it is that of a secret.
const SECRET_NAMES: [&str; 9] =
    ["secret", "token", "passw", "passphrase", "pwd", "key", "authorization", "bearer", "credential"];
/// Variables of ours whose values must not come back in another program's words.
const SECRET_VARIABLES: [&str; 5] = [
    env_vars::AWS_SECRET_ACCESS_KEY,
    env_vars::AWS_SESSION_TOKEN,
    env_vars::AWS_SECURITY_TOKEN,
    env_vars::AWS_CONTAINER_AUTHORIZATION_TOKEN,
    env_vars::ROLO_MFA_CODE,
];
/// Shorter values of variables occur in any text.
const LEAST_LENGTH: usize = 6;
const LONGEST_QUOTE: usize = 300;
/// Of a secret access key.
const SECRET_LENGTH: usize = 40;

/// The line of `stderr` that says what is wrong; `None` where none does. `args` are the program's arguments.
pub(crate) fn quote(stderr: &Secret, args: &[String], env: &dyn Env) -> Option<String> {
    let text = without_sequences(stderr.expose());
    let line = telling_line(&text)?;
    let ours = SECRET_VARIABLES.iter().filter_map(|name| env.var(name));
    let mut known: Vec<String> =
        ours.chain(secret_args(args)).filter(|value| value.len() >= LEAST_LENGTH).collect();
    known.sort_by_key(|value| std::cmp::Reverse(value.len()));
    let mut line = line.to_owned();
    for value in known {
        line = line.replace(&value, HIDDEN);
    }
    let mut quote: String = redact(&line).chars().take(LONGEST_QUOTE).collect();
    if quote.chars().count() == LONGEST_QUOTE {
        quote.push('…');
    }
    let words = quote.replace(HIDDEN, "");
    let is_word = |word: &&str| word.chars().filter(|c| c.is_alphabetic()).count() > 1;
    let says_something = words.split_whitespace().filter(is_word).count() > 1;
    says_something.then_some(quote)
}

/// Values of options that are named after a secret.
fn secret_args(args: &[String]) -> impl Iterator<Item = String> + '_ {
    args.iter().enumerate().filter_map(|(index, arg)| match arg.split_once('=') {
        Some((name, value)) => is_secret_name(name).then(|| value.to_owned()),
        None => args.get(index + 1).filter(|_| arg.starts_with('-') && is_secret_name(arg)).cloned(),
    })
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_NAMES.iter().any(|secret| name.contains(secret))
}

/// Without the sequences that colour a terminal.
fn without_sequences(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            plain.push(c);
        } else if chars.next() == Some('[') {
            // Parameters, then one letter.
            let _ = chars.find(|c| !matches!(c, ' '..='?'));
        }
    }
    plain
}

/// The first line that is an error by its words, else the first that is no chatter; of a Python traceback the last.
fn telling_line(text: &str) -> Option<&str> {
    let mut lines =
        text.lines().map(str::trim).filter(|line| line.chars().any(char::is_alphanumeric)).peekable();
    if text.contains("Traceback (most recent call last)") {
        return lines.last();
    }
    lines.peek()?;
    let lines: Vec<_> = lines.collect();
    let starts = |line: &&&str, words: &[&str]| {
        let line = line.trim_start_matches(|c: char| !c.is_alphabetic()).to_ascii_lowercase();
        words.iter().any(|word| line.starts_with(word))
    };
    let is_error = |line: &&&str| {
        let head: String = line.chars().take(60).collect::<String>().to_ascii_lowercase();
        ["error", "fatal", "failed", "denied", "expired", "not found"].iter().any(|word| head.contains(word))
    };
    let is_chatter = |line: &&&str| starts(line, &["debug", "info", "trace", "warn", "usage", "note"]);
    let errors = lines.iter().find(|line| is_error(line) && !is_chatter(line));
    errors.or_else(|| lines.iter().find(|line| !is_chatter(line))).or(lines.first()).copied()
}

/// `line` without what looks like a secret: values behind names of secrets, passwords in URLs, keys, tokens and codes.
fn redact(line: &str) -> String {
    let line = hide_url_passwords(line);
    let line = hide_named(&line);
    hide_runs(&line)
}

fn hide_url_passwords(line: &str) -> String {
    let mut parts = line.split("://");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part
            .find(|c: char| c == '/' || c.is_whitespace() || matches!(c, '"' | '\'' | '`'))
            .unwrap_or(part.len());
        let (authority, rest) = part.split_at(end);
        shown.push_str("://");
        match authority.rsplit_once('@') {
            Some((_, host)) => shown.extend([HIDDEN, "@", host]),
            None => shown.push_str(authority),
        }
        shown.push_str(rest);
    }
    shown
}

/// Hides what follows the name of a secret: `NAME=value`, `"NAME": "value"`, `--NAME value`, `Bearer value`. Behind a
/// colon a word of letters alone is left: it is mostly the next word of a sentence.
fn hide_named(line: &str) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(is_name) {
        let (before, from) = rest.split_at(start);
        shown.push_str(before);
        let (name, after) = from.split_at(from.find(|c| !is_name(c)).unwrap_or(from.len()));
        shown.push_str(name);
        rest = after;
        if !is_secret_name(name) {
            continue;
        }
        let gap = after.len() - after.trim_start_matches(['"', '\'', ' ', ':', '=']).len();
        let (sign, value) = after.split_at(gap);
        let end = match sign.chars().next_back() {
            Some(quote @ ('"' | '\'')) if sign.contains([':', '=']) => {
                value.find(quote).unwrap_or(value.len())
            }
            _ => value
                .find(|c: char| c.is_whitespace() || matches!(c, ',' | '&' | ';' | '"' | '\''))
                .unwrap_or(value.len()),
        };
        // A bracket that was opened before closes the remark, not the value.
        let closes = value[..end].ends_with(')') && shown.contains('(');
        let end = if closes { end - 1 } else { end };
        let word = &value[..end];
        let is_word = word.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | ',' | '`' | '!'));
        let is_value = if sign.contains('=') {
            true
        } else if sign.contains(':') {
            !is_word || sign.contains(['"', '\''])
        } else {
            (name.starts_with("--") || name.eq_ignore_ascii_case("bearer"))
                && !sign.is_empty()
                && !word.starts_with('-')
        };
        if is_value && !word.is_empty() {
            shown.extend([sign, HIDDEN]);
            rest = &value[end..];
        }
    }
    shown.push_str(rest);
    shown
}

/// Hides runs of letters and digits that are no word: keys, tokens, hexadecimal digests, codes of six to eight digits.
fn hide_runs(line: &str) -> String {
    let is_run = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-');
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(is_run) {
        let (before, from) = rest.split_at(start);
        let (run, after) = from.split_at(from.find(|c| !is_run(c)).unwrap_or(from.len()));
        shown.push_str(before);
        // A path is judged by its parts, for all of it together is as long as a key.
        let is_path = (run.starts_with('/') || shown.ends_with(['~', '.']))
            && run.len() != SECRET_LENGTH
            && run.split('/').any(|part| part.len() > 2 && part.bytes().all(|b| b.is_ascii_lowercase()));
        if is_path {
            let parts: Vec<_> =
                run.split('/').map(|part| if is_secret_run(part) { HIDDEN } else { part }).collect();
            shown.push_str(&parts.join("/"));
        } else if is_secret_run(run) {
            shown.push_str(HIDDEN);
        } else {
            shown.push_str(run);
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

fn is_secret_run(run: &str) -> bool {
    let has = |test: fn(&u8) -> bool| run.as_bytes().iter().any(test);
    let (lower, upper, digit) =
        (has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase), has(u8::is_ascii_digit));
    let is_code = (6..=8).contains(&run.len()) && run.bytes().all(|byte| byte.is_ascii_digit());
    let is_key_id =
        run.len() >= 16 && digit && upper && !lower && run.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_mixed = run.len() >= 20 && lower && upper && digit;
    let is_long =
        run.len() >= 32 && digit && (lower || upper) || run.len() >= 40 && !run.contains(['-', '_']);
    is_code || is_key_id || is_mixed || is_long
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Vars;

    impl Env for Vars {
        fn var(&self, name: &str) -> Option<String> {
            (name == "AWS_SECRET_ACCESS_KEY").then(|| "correct horse".to_owned())
        }
    }

    fn quoted(stderr: &str) -> Option<String> {
        quote(&Secret::new(stderr), &["--api-token".to_owned(), "battery staple".to_owned()], &Vars)
    }

    #[test]
    fn the_line_that_says_it_is_found() {
        for (stderr, expected) in [
            ("", None),
            ("\n----\n===\n", None),
            ("key=hunter2\n", None),
            ("sign in first: corp-login\n", Some("sign in first: corp-login")),
            (
                "\u{1b}[31;1mError:\u{1b}[0m session expired, run `aws sso login --profile corp`\nmore",
                Some("Error: session expired, run `aws sso login --profile corp`"),
            ),
            ("INFO starting\nWARN old version\nno such vault `corp`\n", Some("no such vault `corp`")),
            ("usage: helper [-h] NAME\nhelper: error: no NAME given\n", Some("helper: error: no NAME given")),
            (
                "Traceback (most recent call last):\n  File \"x.py\", line 1, in f\n    g()\nValueError: no browser found\n",
                Some("ValueError: no browser found"),
            ),
            ("warning: only this\n", Some("warning: only this")),
        ] {
            assert_eq!(quoted(stderr).as_deref(), expected, "{stderr}");
        }
        let long = "no ".repeat(400);
        assert_eq!(quoted(&long).unwrap().chars().count(), LONGEST_QUOTE + 1);
    }

    #[test]
    fn secrets_are_hidden() {
        for (stderr, expected) in [
            ("login failed (password=hunter2), try again", "login failed (password=[hidden]), try again"),
            ("login failed: password=hunter2, try again", "login failed: password=[hidden], try again"),
            (
                "got {\"AccessKeyId\": \"AKIAIOSFODNN7EXAMPLE\", \"SecretAccessKey\": \"hunter2\"}",
                "got {\"AccessKeyId\": \"[hidden]\", \"SecretAccessKey\": \"[hidden]\"}",
            ),
            ("refused for key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY now", "refused for key [hidden] now"),
            (
                "GET https://ada:hunter2@proxy.corp:3128/x failed",
                "GET https://[hidden]@proxy.corp:3128/x failed",
            ),
            (
                "GET https://idp.corp/login?access_token=abc&x=1 failed",
                "GET https://idp.corp/login?access_token=[hidden]&x=1 failed",
            ),
            ("Authorization: Bearer abc.def failed", "Authorization: Bearer [hidden] failed"),
            ("unknown option --token hunter2 here", "unknown option --token [hidden] here"),
            ("the code 123456 was refused", "the code [hidden] was refused"),
            ("denied for correct horse at corp", "denied for [hidden] at corp"),
            ("unknown argument `battery staple`", "unknown argument `[hidden]`"),
            ("bad digest 0123456789abcdef0123456789abcdef in file", "bad digest [hidden] in file"),
            (
                "jwt eyJhbGciOiJIUzI1NiJ9abc.eyJzdWIiOiIxMjM0NTY3ODkwIn0.x was refused",
                "jwt [hidden].[hidden].x was refused",
            ),
        ] {
            assert_eq!(quoted(stderr).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_helps_is_left() {
        for line in [
            "error: the token expired: please run `corp-login --account 111122223333`",
            "invalid token: please sign in again",
            "no such file: /home/ada/.config/Corp2024/helper.toml",
            "profile `production-administrator` of arn:aws:iam::111122223333:role/Admin has no session",
            "exit status 2 after 30 s on port 8443",
            "open https://device.sso.eu-west-1.amazonaws.com/ to sign in",
        ] {
            assert_eq!(quoted(line).as_deref(), Some(line));
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "\\PC*|(.|\n)*|[a-z \"':=@/-]*") {
            let _ = quoted(&text);
        }

        #[test]
        fn a_secret_access_key_never_shows(key in "[A-Za-z0-9+/]{40}", before in "[a-z ]{0,20}", after in "[ .,;\"]?[a-z ]{0,20}") {
            let text = format!("error {before} {key}{after}");
            prop_assert!(quoted(&text).is_none_or(|quote| !quote.contains(&key)));
        }
    }
}
