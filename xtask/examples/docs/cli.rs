//! The page of commands and options, from the very definition that parses them.
//!
//! Options that several commands share are told once, in a table of their own.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command};

/// From so many commands on, an option has its place in the shared table.
const SHARED: usize = 3;

/// `docs/reference/commands.md`.
pub(crate) fn page() -> String {
    render(<rolo::cli::Cli as clap::CommandFactory>::command())
}

/// A row of a table: name and meaning.
type Row = (String, String);

fn render(mut root: Command) -> String {
    root = root.disable_help_subcommand(true);
    root.build();
    let mut commands = Vec::new();
    collect(&root, root.get_name(), &mut commands);
    let mut owners: BTreeMap<Row, Vec<String>> = BTreeMap::new();
    for (path, command) in &commands {
        // An argument by position belongs to its command's usage line.
        for row in rows(command).into_iter().filter(|(name, _)| name.starts_with("`-")) {
            owners
                .entry(row)
                .or_default()
                .push(path.split_once(' ').map_or(path.as_str(), |(_, name)| name).to_owned());
        }
    }
    owners.retain(|_, commands| commands.len() >= SHARED);

    let mut text = format!("{}# Commands\n", super::HEADER);
    for (path, command) in &commands {
        write_command(&mut text, path, command, &owners);
    }
    if !owners.is_empty() {
        text.push_str("\n## Options of several commands\n\n| option | meaning | of |\n|---|---|---|\n");
        for (name, meaning) in in_order(&commands, &owners) {
            let of = &owners[&(name.clone(), meaning.clone())];
            let of = if of.len() == commands.len() {
                "every command".to_owned()
            } else {
                of.iter().map(|of| format!("`{of}`")).collect::<Vec<_>>().join(", ")
            };
            let _ = writeln!(text, "| {name} | {meaning} | {of} |");
        }
    }
    text
}

fn collect<'a>(command: &'a Command, path: &str, into: &mut Vec<(String, &'a Command)>) {
    into.push((path.to_owned(), command));
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        collect(below, &format!("{path} {}", below.get_name()), into);
    }
}

fn write_command(text: &mut String, path: &str, command: &Command, owners: &BTreeMap<Row, Vec<String>>) {
    let _ = writeln!(text, "\n## `{path}`\n");
    if let Some(about) = command.get_long_about().or(command.get_about()) {
        let _ = writeln!(text, "{}.\n", about.to_string().trim().trim_end_matches('.'));
    }
    let usage = command.clone().bin_name(path).render_usage().to_string();
    let _ = writeln!(text, "```\n{}\n```", usage.trim_start_matches("Usage: ").trim());
    let own: Vec<Row> = rows(command).into_iter().filter(|row| !owners.contains_key(row)).collect();
    if !own.is_empty() {
        text.push_str("\n| argument | meaning |\n|---|---|\n");
        for (name, meaning) in own {
            let _ = writeln!(text, "| {name} | {meaning} |");
        }
    }
    if let Some(after) = command.get_after_long_help().or(command.get_after_help()) {
        let _ = writeln!(text, "\n{}", after.to_string().trim());
    }
}

/// The shared rows as the commands have them, not by the alphabet.
fn in_order(commands: &[(String, &Command)], owners: &BTreeMap<Row, Vec<String>>) -> Vec<Row> {
    let mut ordered: Vec<Row> = Vec::new();
    for row in commands.iter().flat_map(|(_, command)| rows(command)) {
        if owners.contains_key(&row) && !ordered.contains(&row) {
            ordered.push(row);
        }
    }
    ordered
}

fn rows(command: &Command) -> Vec<Row> {
    let told = command.get_arguments().filter(|arg| !arg.is_hide_set() && !is_help(arg));
    told.map(|arg| (render_name(arg), render_meaning(arg))).collect()
}

fn is_help(arg: &Arg) -> bool {
    matches!(
        arg.get_action(),
        ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
    )
}

/// `-f`, `--format FORMAT`, or `PROFILE` where it is by position.
fn render_name(arg: &Arg) -> String {
    let value =
        arg.get_value_names().and_then(|names| names.first()).map_or_else(String::new, ToString::to_string);
    let after = if arg.get_action().takes_values() { format!(" {value}") } else { String::new() };
    let short = arg.get_short().map(|short| format!("`-{short}`"));
    let long = arg.get_long().map(|long| format!("`--{long}{after}`"));
    let aliases =
        arg.get_visible_aliases().unwrap_or_default().into_iter().map(|alias| format!("`--{alias}`"));
    let names: Vec<String> = short.into_iter().chain(long).chain(aliases).collect();
    let name = if names.is_empty() { format!("`{value}`") } else { names.join(", ") };
    name.replace('|', "\\|")
}

fn render_meaning(arg: &Arg) -> String {
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut meaning = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let values: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set() && arg.get_action().takes_values())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if !values.is_empty() {
        let _ = write!(meaning, "; one of {}", values.join(", "));
    }
    let defaults: Vec<String> =
        arg.get_default_values().iter().map(|value| format!("`{}`", value.display())).collect();
    if !defaults.is_empty() && arg.get_action().takes_values() {
        let _ = write!(meaning, "; default {}", defaults.join(", "));
    }
    meaning.trim().replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_options_are_told_once_and_own_ones_with_their_command() {
        let quiet = || Arg::new("quiet").long("quiet").short('q').action(ArgAction::SetTrue).help("Say less");
        let below = |name: &'static str| Command::new(name).about("Does it").arg(quiet());
        let own = Arg::new("format")
            .long("format")
            .value_name("A|B")
            .value_parser(["a", "b"])
            .default_value("a")
            .help("What to print");
        let root = Command::new("tool").about("A tool").subcommands([
            below("one"),
            below("two"),
            below("three").arg(own),
        ]);
        let page = render(root);
        assert_eq!(page.matches("`--quiet`").count(), 1, "{page}");
        assert!(page.contains("| `-q`, `--quiet` | Say less | `one`, `two`, `three` |"), "{page}");
        let (_, three) = page.split_once("## `tool three`").unwrap();
        assert!(
            three.contains(r"| `--format A\|B` | What to print; one of `a`, `b`; default `a` |"),
            "{page}"
        );
        assert!(three.contains("```\ntool three [OPTIONS]\n```"), "{page}");
    }
}
