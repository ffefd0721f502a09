//! What may stand at the cursor by the words before it, read from clap's own definition. Pure.
//!
//! Must not know which profiles there are.

use clap::{Arg, ArgAction, Command, CommandFactory, ValueHint};

use super::Candidate;
use crate::cli::Cli;

/// What the word at the cursor may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// One of these.
    Words(Vec<Candidate>),
    /// A value of this kind, behind a text that stays, such as `--profile=`.
    Value {
        /// That text; mostly empty.
        before: String,
        /// Of which kind.
        kind: Kind,
    },
    /// A word of the command line that begins at this word, and is not rolo's.
    Command {
        /// Counted from 0, the program's own name.
        at: usize,
    },
    /// Nothing that could be known.
    Nothing,
}

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A profile, or `ACCOUNT:ROLE`.
    Profile,
    /// A region.
    Region,
    /// A role's name or ARN.
    Role,
    /// A role's ARN.
    RoleArn,
    /// An MFA device.
    Serial,
    /// A file.
    File,
}

/// What may come behind `words`, of which the first is the program's name, where `current` stands at the cursor.
pub fn find_wanted(words: &[String], current: &str) -> Wanted {
    let program = words.first().map(|word| program_name(word)).unwrap_or_default();
    let mut root = if program == "assume-role" { assume_role() } else { Cli::command() };
    root.build();
    let mut walk = Walk::new(&root);
    for (index, word) in words.iter().enumerate().skip(1) {
        let is_rolys = program == "roly" && walk.is_at_start() && matches!(word.as_str(), "-q" | "--quiet");
        if is_rolys {
            continue;
        }
        match walk.take(word) {
            Step::On => {}
            Step::Lost => return Wanted::Nothing,
            Step::CommandHere => return Wanted::Command { at: index },
            Step::CommandNext => {
                let has_dashes = words.get(index + 1).is_some_and(|next| next == "--" && word != "--");
                return Wanted::Command { at: index + 1 + usize::from(has_dashes) };
            }
        }
    }
    walk.wanted(current, words.len())
}

fn program_name(word: &str) -> &str {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    name.strip_suffix(".exe").unwrap_or(name)
}

/// The link's own options, of which clap knows nothing.
fn assume_role() -> Command {
    let value = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    Command::new("assume-role").disable_version_flag(true).args([
        Arg::new("force-refresh")
            .long("force-refresh")
            .short('f')
            .action(ArgAction::SetTrue)
            .help("Get new credentials, whatever is cached"),
        value("role", "NAME|ARN").help("The role"),
        value("role-session-name", "NAME").help("Session name, as it shows in CloudTrail"),
    ])
}

/// What a word has led to.
enum Step {
    On,
    /// No such command.
    Lost,
    /// The word begins the command to run.
    CommandHere,
    /// The next one does.
    CommandNext,
}

/// The way through the words.
struct Walk<'a> {
    command: &'a Command,
    /// The option that the next word is the value of.
    pending: Option<&'a Arg>,
    given: Vec<&'a Arg>,
    positionals: usize,
    has_profile: bool,
    options_ended: bool,
}

impl<'a> Walk<'a> {
    fn new(command: &'a Command) -> Self {
        Self {
            command,
            pending: None,
            given: Vec::new(),
            positionals: 0,
            has_profile: command.get_name() == "assume-role",
            options_ended: false,
        }
    }

    fn is_at_start(&self) -> bool {
        self.command.has_subcommands() && self.given.is_empty()
    }

    /// Whether PROFILE and a command stand behind the options, where clap does not see them.
    fn runs_a_command(&self) -> bool {
        matches!(self.command.get_name(), "exec" | "session" | "assume-role")
    }

    fn take(&mut self, word: &str) -> Step {
        if self.pending.take().is_some() {
            return Step::On;
        }
        if !self.options_ended && word == "--" {
            self.options_ended = true;
            return if self.runs_a_command() { Step::CommandNext } else { Step::On };
        }
        if !self.options_ended && word.len() > 1 && word.starts_with('-') {
            self.take_option(word);
            return Step::On;
        }
        if self.command.has_subcommands() {
            let Some(below) = self.command.find_subcommand(word) else { return Step::Lost };
            *self = Self::new(below);
            return Step::On;
        }
        if !self.runs_a_command() {
            self.positionals += 1;
            return Step::On;
        }
        if self.has_profile {
            return Step::CommandHere;
        }
        self.has_profile = true;
        if self.command.get_name() == "exec" { Step::CommandNext } else { Step::On }
    }

    fn take_option(&mut self, word: &str) {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let Some(option) = self.option(name) else { return };
        self.has_profile |= matches!(option.get_long(), Some("profile" | "role"));
        self.given.push(option);
        if option.get_action().takes_values() && value.is_none() {
            self.pending = Some(option);
        }
    }

    /// `--long`, or the last of `-abc`.
    fn option(&self, name: &str) -> Option<&'a Arg> {
        self.command.get_arguments().find(|option| match name.strip_prefix("--") {
            Some(long) => option.get_long() == Some(long),
            None => option.get_short().is_some_and(|short| name.ends_with(short)),
        })
    }

    fn wanted(&self, current: &str, at: usize) -> Wanted {
        if let Some(option) = self.pending {
            return value_of(option, String::new());
        }
        if !self.options_ended && current.starts_with('-') {
            return match current.split_once('=') {
                Some((name, _)) => self
                    .option(name)
                    .filter(|option| option.get_action().takes_values())
                    .map_or(Wanted::Nothing, |option| value_of(option, format!("{name}="))),
                None => Wanted::Words(self.options()),
            };
        }
        if self.command.has_subcommands() {
            let shown = self.command.get_subcommands().filter(|below| !below.is_hide_set());
            let about = |below: &Command| below.get_about().map(ToString::to_string).unwrap_or_default();
            return Wanted::Words(
                shown.map(|below| Candidate::new(below.get_name(), about(below))).collect(),
            );
        }
        match (self.runs_a_command(), self.has_profile) {
            (true, true) => Wanted::Command { at },
            (true, false) => Wanted::Value { before: String::new(), kind: Kind::Profile },
            (false, _) => self
                .command
                .get_positionals()
                .nth(self.positionals)
                .map_or(Wanted::Nothing, |positional| value_of(positional, String::new())),
        }
    }

    /// By their long names; without those that stand there already and may stand there once.
    fn options(&self) -> Vec<Candidate> {
        let is_fit = |option: &&Arg| {
            let is_given = self.given.iter().any(|given| given.get_id() == option.get_id());
            let is_repeatable = matches!(option.get_action(), ArgAction::Append | ArgAction::Count);
            !option.is_hide_set() && (is_repeatable || !is_given)
        };
        let candidate = |option: &Arg| {
            let help = option.get_help().map(ToString::to_string).unwrap_or_default();
            Some(Candidate::new(format!("--{}", option.get_long()?), help))
        };
        self.command.get_arguments().filter(is_fit).filter_map(candidate).collect()
    }
}

fn value_of(arg: &Arg, before: String) -> Wanted {
    let listed = arg.get_possible_values();
    if !listed.is_empty() {
        let shown = listed.iter().filter(|value| !value.is_hide_set());
        let candidates = shown.map(|value| {
            let help = value.get_help().map(ToString::to_string).unwrap_or_default();
            Candidate::new(format!("{before}{}", value.get_name()), help)
        });
        return Wanted::Words(candidates.collect());
    }
    let value_name = arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
    let kind = match (arg.get_long(), value_name) {
        (Some("profile" | "source-profile" | "diff"), _) | (None, "PROFILE") => Kind::Profile,
        (None, "NAME") if arg.get_id() == "profile" => Kind::Profile,
        (Some("role"), _) => Kind::Role,
        (Some("role-arn"), _) => Kind::RoleArn,
        (_, "REGION") => Kind::Region,
        (_, "SERIAL") => Kind::Serial,
        (_, "JSON|FILE") => Kind::File,
        _ if matches!(
            arg.get_value_hint(),
            ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath
        ) =>
        {
            Kind::File
        }
        _ => return Wanted::Nothing,
    };
    Wanted::Value { before, kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of `line`; the last one is at the cursor.
    fn wanted(line: &str) -> Wanted {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let current = words.pop().unwrap();
        find_wanted(&words, &current)
    }

    fn kind(line: &str) -> Option<Kind> {
        match wanted(line) {
            Wanted::Value { kind, .. } => Some(kind),
            _ => None,
        }
    }

    fn words(line: &str) -> Vec<String> {
        match wanted(line) {
            Wanted::Words(words) => words.into_iter().map(|word| word.value).collect(),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn every_command_and_option_that_help_shows_is_offered() {
        let mut root = Cli::command();
        root.build();
        let shown: Vec<_> = root.get_subcommands().filter(|below| !below.is_hide_set()).collect();
        let names: Vec<_> = shown.iter().map(|below| below.get_name().to_owned()).collect();
        assert_eq!(words("rolo "), names);
        for below in shown.into_iter().filter(|below| !below.has_subcommands()) {
            let offered = words(&format!("rolo {} --", below.get_name()));
            for option in below.get_arguments().filter(|option| !option.is_hide_set()) {
                let Some(long) = option.get_long() else { continue };
                assert!(offered.contains(&format!("--{long}")), "{} --{long}", below.get_name());
            }
        }
        assert_eq!(words("rolo cache "), ["list", "clear"]);
    }

    #[test]
    fn values_are_known_by_their_place() {
        for line in [
            "rolo exec ",
            "rolo export ",
            "rolo export -q --region x ",
            "rolo export --profile ",
            "rolo whoami --source-profile=",
            "rolo session --refresh ",
            "rolo cache clear ",
            "rolo configure ",
            "roly -q export ",
            "/usr/bin/roly exec ",
        ] {
            assert_eq!(kind(line), Some(Kind::Profile), "{line}");
        }
        assert_eq!(kind("rolo export --region "), Some(Kind::Region));
        assert_eq!(kind("rolo exec --role "), Some(Kind::Role));
        assert_eq!(kind("assume-role -f --role "), Some(Kind::Role));
        assert_eq!(kind("rolo exec --role-arn "), Some(Kind::RoleArn));
        assert_eq!(kind("rolo exec --mfa-serial "), Some(Kind::Serial));
        assert_eq!(kind("rolo exec --policy "), Some(Kind::File));
        assert_eq!(kind("rolo trust "), Some(Kind::File));
        for line in ["rolo export a ", "rolo nothing ", "rolo export --duration ", "rolo cache clear a "] {
            assert_eq!(wanted(line), Wanted::Nothing, "{line}");
        }
    }

    #[test]
    fn values_of_a_list_are_offered_behind_the_equals_sign_too() {
        assert!(words("rolo export --format ").contains(&"json".to_owned()));
        assert!(words("rolo export --format=j").contains(&"--format=json".to_owned()));
    }

    #[test]
    fn what_stands_there_is_not_offered_again() {
        let offered = words("rolo export --refresh --tag a=b --");
        assert!(!offered.contains(&"--refresh".to_owned()) && offered.contains(&"--tag".to_owned()));
    }

    #[test]
    fn the_command_is_left_to_the_shell() {
        for (line, at) in [
            ("rolo exec prod ", 3),
            ("rolo exec prod -- ", 4),
            ("rolo exec prod -- ls -", 4),
            ("rolo exec prod ls --profile ", 3),
            ("rolo exec -q --region x prod -- ", 7),
            ("rolo exec --profile prod -- ", 5),
            ("rolo exec --role=x ", 3),
            ("rolo exec -- ", 3),
            ("rolo session prod ", 3),
            ("rolo session prod --refresh ls ", 4),
            ("roly -q exec prod ", 4),
            ("assume-role --role x ", 3),
            ("assume-role --role x -- ls ", 4),
        ] {
            assert_eq!(wanted(line), Wanted::Command { at }, "{line}");
        }
    }
}
