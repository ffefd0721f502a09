//! `rolo prompt`: what a shell's prompt shows of the credentials in its environment, and how it takes it.

use std::path::Path;

use crate::world::{World, run};

/// A world in whose environment stands what a hand-over of `profile` left, good until `expiration`.
fn handed(profile: &str, expiration: &str) -> World {
    let mut world = World::new();
    world.set("ROLO_PROFILE", profile);
    world.set("ROLO_ACCOUNT", "333344445555");
    world.set("AWS_REGION", "eu-central-1");
    world.set("AWS_CREDENTIAL_EXPIRATION", expiration);
    world
}

const PAST: &str = "2020-01-01T00:00:00Z";
const RED: &str = "[prompt]\ncolors = { \"prod-test*\" = \"green\", \"prod*\" = \"red\" }\n";

#[test]
fn without_a_hand_over_there_is_nothing_to_say() {
    let mut world = World::new();
    world.set("AWS_PROFILE", "prod");
    world.set("AWS_REGION", "eu-west-1");
    assert_eq!(world.rolo(&["prompt"]).quiet(), "");
    world.set("ROLO_PROFILE", "");
    assert_eq!(world.rolo(&["prompt", "--colors"]).quiet(), "");
}

#[test]
fn what_was_handed_over_is_shown_and_unset_ends_it() {
    let world = World::new();
    let line = "eval \"$(rolo export plain)\"; rolo prompt; printf '|'; rolo exec identity rolo prompt; \
        printf '|'; rolo exec vendor rolo prompt --format '{account} {region}'; eval \"$(rolo unset)\"; rolo prompt";
    let ran = world.shell(&line.replace("exec", "exec -q"));
    assert_eq!(ran.stdout.replace("60m", "59m"), "plain 222233334444 59m|identity|333344445555 eu-central-1");
}

#[test]
fn expired_credentials_are_told() {
    let world = handed("prod", PAST);
    assert_eq!(world.rolo(&["prompt"]).quiet(), "prod 333344445555 expired");
    let words = ["prompt", "--format", "{region}[ until {left}] "];
    assert_eq!(world.rolo(&words).quiet(), "eu-central-1 until expired ");
    let mut odd = run(world.command(&words).env("AWS_CREDENTIAL_EXPIRATION", "soon"));
    assert_eq!(std::mem::take(&mut odd.stdout), "eu-central-1 ");
}

#[test]
fn a_bad_template_is_a_usage_error() {
    let world = handed("prod", PAST);
    for (template, problem) in
        [("{profil}", "there is no field `{profil}`"), ("[{left}", "`[` is not closed")]
    {
        let said = world.rolo(&["prompt", "--format", template]).failed(2);
        assert!(said.contains(problem), "{said}");
    }
}

#[test]
fn no_file_is_read_unless_colours_are_asked_for() {
    let world = handed("prod", PAST);
    world.settings("[prompt]\ncolors = { prod = \"pink\" }\n");
    world.config("no config\n");
    assert_eq!(world.rolo(&["prompt"]).quiet(), "prod 333344445555 expired");
    let said = world.rolo(&["prompt", "--colors"]).failed(3);
    assert!(said.contains("`colors` is `pink`") && said.contains("config.toml:2"), "{said}");
}

#[test]
fn the_first_rule_that_fits_gives_the_colour() {
    let mut world = handed("prod-eu", PAST);
    world.settings(RED);
    let words = ["prompt", "--colors", "--format", "{profile}"];
    assert_eq!(world.rolo(&words).quiet(), "\u{1b}[31mprod-eu\u{1b}[0m");
    world.set("ROLO_PROFILE", "prod-test-1");
    assert_eq!(world.rolo(&words).quiet(), "\u{1b}[32mprod-test-1\u{1b}[0m");
    assert_eq!(run(world.command(&words).env("NO_COLOR", "1")).quiet(), "prod-test-1");
    world.set("ROLO_PROFILE", "dev");
    assert_eq!(world.rolo(&words).quiet(), "dev");
    world.set("ROLO_PROFILE", "a\u{1b}[2Jb");
    assert_eq!(world.rolo(&words).quiet(), r"a\u{1b}[2Jb");
}

/// `@P` is what bash makes of a prompt before its line editor gets it: ours must be what `\[` and `\]` would have been.
#[test]
fn bash_counts_only_what_is_seen() {
    let mut world = handed("prod", PAST);
    world.settings(RED);
    world.set("PATH", format!("{}:/usr/bin:/bin", world.bin().display()));
    let script = r#"ours='$(rolo prompt --colors --shell bash --format "{profile}") $ '
        theirs='\[\e[31m\]prod\[\e[0m\] $ '
        printf '%s|%s' "${ours@P}" "${theirs@P}""#;
    let ran = run(world.bare_command(Path::new("bash")).args(["--norc", "-i", "-c", script]));
    let (ours, theirs) = ran.stdout.split_once('|').unwrap();
    assert!(theirs.contains("\u{1b}[31m"), "{theirs:?}");
    assert_eq!(ours, theirs);
}

#[test]
fn zsh_reads_the_colour_and_nothing_of_the_name() {
    let world = handed("prod%n$HOME`id`", PAST);
    world.settings(RED);
    let Some(zsh) = crate::tools::find("zsh") else { return };
    let script = "setopt prompt_subst; path=($HOME/bin $path)
        PS1='$(rolo prompt --colors --shell zsh --format \"{profile}\")'; print -rnP -- $PS1";
    world.bin();
    let ran = run(world.tool(&zsh, &["-f", "-c", script]));
    assert_eq!(ran.quiet(), "\u{1b}[31mprod%n$HOME`id`\u{1b}[0m");
}
