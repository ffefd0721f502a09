//! The status for a shell's prompt: whose credentials the environment holds and how long they last. Pure.
//!
//! Must not read the environment, nor know where the rules for colours stand.

pub mod colours;
pub mod template;

use anstyle::AnsiColor;
use clap::ValueEnum;
use jiff::{SignedDuration, Timestamp};

use self::template::{Field, Template};
use crate::ui::{escape::escape, left::render_left};

/// What stands in the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// What was handed over, by its name.
    pub profile: String,
    /// The account of the credentials, where it is known.
    pub account: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// When the credentials expire, if they do.
    pub expiration: Option<Timestamp>,
}

/// A shell that must be told what takes no room on the line, or that would read something into a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PromptShell {
    /// For `PS1='$(rolo prompt --shell bash) \$ '`
    Bash,
    /// For `PS1='$(rolo prompt --shell zsh) %# '` with `setopt prompt_subst`
    Zsh,
}

/// How the status is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The shell that will read it.
    pub shell: Option<PromptShell>,
    /// The colour of all of it.
    pub colour: Option<AnsiColor>,
}

/// Writes the status; of the values nothing reaches the terminal that it would act on.
pub fn render(status: &Status, template: &Template, look: Look, now: Timestamp) -> String {
    let text = template.render(|field| {
        let value = match field {
            Field::Profile => Some(status.profile.clone()),
            Field::Account => status.account.clone(),
            Field::Region => status.region.clone(),
            Field::Left => status.expiration.map(|at| left_in_words(at, now)),
        }?;
        Some(harmless(&value, look.shell)).filter(|value| !value.is_empty())
    });
    let Some(colour) = look.colour.filter(|_| !text.is_empty()) else { return text };
    let style = colour.on_default();
    let (on, off) = (style.render(), style.render_reset());
    match look.shell {
        // What bash writes for `\[` and `\]`: those two it would no longer read in what a command has printed.
        Some(PromptShell::Bash) => format!("\u{1}{on}\u{2}{text}\u{1}{off}\u{2}"),
        Some(PromptShell::Zsh) => format!("%{{{on}%}}{text}%{{{off}%}}"),
        None => format!("{on}{text}{off}"),
    }
}

fn harmless(value: &str, shell: Option<PromptShell>) -> String {
    let value = escape(value);
    match shell {
        Some(PromptShell::Zsh) => value.replace('%', "%%"),
        Some(PromptShell::Bash) | None => value.into_owned(),
    }
}

fn left_in_words(expiration: Timestamp, now: Timestamp) -> String {
    let left = expiration.duration_since(now);
    if left > SignedDuration::ZERO { render_left(left) } else { "expired".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-21T04:00:00Z";

    fn status(profile: &str, expiration: Option<&str>) -> Status {
        Status {
            profile: profile.to_owned(),
            account: Some("333344445555".to_owned()),
            region: None,
            expiration: expiration.map(|at| at.parse().unwrap()),
        }
    }

    fn shown(status: &Status, shell: Option<PromptShell>, colour: Option<AnsiColor>) -> String {
        render(status, &Template::default(), Look { shell, colour }, NOW.parse().unwrap())
    }

    #[test]
    fn time_runs_out() {
        for (at, said) in [
            (Some("2026-11-21T15:30:00Z"), "prod 333344445555 11h 30m"),
            (Some("2026-11-21T04:00:01Z"), "prod 333344445555 1s"),
            (Some("2026-11-21T04:00:00Z"), "prod 333344445555 expired"),
            (Some("2025-11-21T04:00:00Z"), "prod 333344445555 expired"),
            (None, "prod 333344445555"),
        ] {
            assert_eq!(shown(&status("prod", at), None, None), said);
        }
    }

    #[test]
    fn colours_take_no_room_on_the_line() {
        let status = status("prod", None);
        let red = Some(AnsiColor::Red);
        assert_eq!(shown(&status, None, red), "\u{1b}[31mprod 333344445555\u{1b}[0m");
        assert_eq!(
            shown(&status, Some(PromptShell::Bash), red),
            "\u{1}\u{1b}[31m\u{2}prod 333344445555\u{1}\u{1b}[0m\u{2}"
        );
        assert_eq!(
            shown(&status, Some(PromptShell::Zsh), red),
            "%{\u{1b}[31m%}prod 333344445555%{\u{1b}[0m%}"
        );
    }

    #[test]
    fn names_do_nothing_to_shell_and_terminal() {
        let status = Status { account: None, ..status("a\u{1b}[2J%n\u{1}", None) };
        assert_eq!(shown(&status, None, None), r"a\u{1b}[2J%n\u{1}");
        assert_eq!(shown(&status, Some(PromptShell::Zsh), None), r"a\u{1b}[2J%%n\u{1}");
    }
}
