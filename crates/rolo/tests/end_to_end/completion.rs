//! Tab in real shells: what it puts in is run, and the program it runs says which profile it got.

use std::fmt::Write;

use expectrl::{Any, Expect, session::OsSession};

use crate::{
    tools,
    world::{World, run},
};

/// Profiles whose names each shell must quote, or would cut in pieces; all of them lead to keys without a call.
const NAMES: [&str; 4] = ["with blank", "it's $x", "a:b:cdef", "\"quoted\""];

fn world() -> World {
    let world = World::new();
    let ada = world.fake.user_keys("ada");
    let mut credentials = String::new();
    for name in NAMES {
        write!(
            credentials,
            "[{name}]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            ada.id, ada.secret
        )
        .unwrap();
    }
    world.credentials(&credentials);
    world
}

/// What makes the program below `rolo exec` tell its profile, in words that are not what is typed.
const TELL: &str = "sh -c 'echo \"<$ROLO_PROFILE>\"'";

/// Types `typed`, Tab and the rest of a command that tells its profile; answers the terminal's queries meanwhile.
fn tab(session: &mut OsSession, typed: &str, profile: &str) {
    tab_with(session, typed, "\t", profile);
}

fn tab_with(session: &mut OsSession, typed: &str, keys: &str, profile: &str) {
    session.send(format!("{typed}{keys}")).unwrap();
    session.send(format!("{TELL}\r")).unwrap();
    see(session, &format!("<{profile}>"));
}

/// Types `typed` and Tab, sees the letters that are added, and takes the line back.
fn tab_to(session: &mut OsSession, typed: &str, added: &str) {
    session.send(typed).unwrap();
    see(session, typed);
    session.send("\t").unwrap();
    see(session, added);
    session.send("\u{15}").unwrap();
}

/// Reads up to `text`; answers the terminal's queries for the cursor's place meanwhile.
fn see(session: &mut OsSession, text: &str) {
    const QUERY: &str = "\u{1b}[6n";
    loop {
        // The text first: whichever matches takes all that stands before it.
        let either = Any::boxed(vec![Box::new(text.to_owned()), Box::new(QUERY.to_owned())]);
        let found = session.expect(either).unwrap_or_else(|error| panic!("{text}: {error}"));
        let is_seen = found.get(0).unwrap() == text.as_bytes();
        let before = String::from_utf8_lossy(found.before()).matches(QUERY).count();
        for _ in 0..before + usize::from(!is_seen) {
            session.send("\u{1b}[1;1R").unwrap();
        }
        if is_seen {
            return;
        }
    }
}

fn bash(world: &World, setup: &str) -> OsSession {
    let mut session = world.terminal(&["--norc", "--noprofile", "-i"]);
    session.send_line(format!("stty echo; bind 'set bell-style none'; {setup}; echo rea''dy")).unwrap();
    session.expect("ready").unwrap();
    session
}

#[test]
fn bash_completes_names_of_every_kind() {
    let world = world();
    let mut session = bash(&world, r#"eval "$(rolo completions bash)""#);
    for (typed, profile) in [
        ("rolo exec w", "with blank"),
        (r"rolo exec with\ b", "with blank"),
        ("rolo exec 'wi", "with blank"),
        ("rolo exec \"wi", "with blank"),
        ("rolo exec it", "it's $x"),
        ("rolo exec 'it", "it's $x"),
        ("rolo exec \"it", "it's $x"),
        ("rolo exec a:b:c", "a:b:cdef"),
        ("rolo exec a:", "a:b:cdef"),
        ("rolo exec --profile=a:b", "a:b:cdef"),
        ("rolo exec '\"q", "\"quoted\""),
        ("roly -q exec a:", "a:b:cdef"),
        ("A=1 rolo exec -q --region x w", "with blank"),
    ] {
        tab(&mut session, typed, profile);
    }
}

#[test]
fn bash_completes_the_command_behind_it_by_itself() {
    let world = world();
    world.script("tools/helper", r#"printf 'of-%s-at-%s\n' "$2" "$COMP_POINT""#);
    world.write("a-file-of-mine", "");
    let mut session = bash(
        &world,
        r#"eval "$(rolo completions bash)"; complete -C '~/tools/helper -v' tool; _other() { COMPREPLY=("args-$COMP_CWORD-$2"); }
        complete -F _other other; tool() { :; }; other() { :; }"#,
    );
    for (typed, seen) in [
        ("rolo exec a:b:cdef -- tool of", "-tool-at-7"),
        ("rolo exec -q a:b:cdef other --x=1 ar", "gs-4-ar"),
        ("rolo exec a:b:cdef -- cat a-fi", "le-of-mine"),
        ("rolo exec --policy a-fi", "le-of-mine"),
        ("rolo exec a:b:cdef -- printe", "nv"),
    ] {
        tab_to(&mut session, typed, seen);
    }
}

#[test]
fn a_function_of_another_name_is_completed_too() {
    let world = world();
    let mut session =
        bash(&world, r#"eval "$(rolo completions bash --cmd my-role)"; my-role() { rolo "$@"; }"#);
    tab(&mut session, "my-role exec w", "with blank");
    let said = world.rolo(&["completions", "bash", "--cmd", "a;b"]).failed(2);
    assert!(said.contains("a name begins with a letter"), "{said}");
}

#[test]
fn init_completes_the_function() {
    let world = world();
    for (shell, args, line) in [
        ("bash", &["--norc", "--noprofile", "-i"][..], r#"eval "$(rolo init bash --cmd my-role)""#),
        (
            "zsh",
            &["-f", "-i"],
            r#"autoload -Uz compinit; compinit -u; eval "$(rolo init zsh --cmd my-role)""#,
        ),
        ("fish", &["--no-config", "-i"], "rolo init fish --cmd my-role | source"),
        ("elvish", &["-norc"], "eval (rolo init elvish --cmd my-role | slurp)"),
    ] {
        if tools::find(shell).is_none() {
            continue;
        }
        let mut session = world.terminal_of(shell, args);
        session.send(format!("{line}; echo rea''dy\r")).unwrap();
        see(&mut session, "ready\r\n");
        // A function of Elvish's has its name in the session only where a person gives it one.
        let typed = if shell == "elvish" { "rolo exec a:b" } else { "my-role exec a:b" };
        tab(&mut session, typed, "a:b:cdef");
    }
}

#[test]
fn zsh_completes_names_of_every_kind() {
    if tools::find("zsh").is_none() {
        return;
    }
    let world = world();
    world.write("a-file-of-mine", "");
    let mut session = world.terminal_of("zsh", &["-f", "-i"]);
    let line =
        r#"autoload -Uz compinit; compinit -u; eval "$(rolo completions zsh --cmd my-role)"; echo rea''dy"#;
    session.send_line(line).unwrap();
    session.expect("ready").unwrap();
    for (typed, profile) in [
        ("rolo exec w", "with blank"),
        ("rolo exec 'wi", "with blank"),
        ("rolo exec it", "it's $x"),
        ("rolo exec a:b:c", "a:b:cdef"),
        ("rolo exec --profile=a:b", "a:b:cdef"),
        ("rolo exec \\\"q", "\"quoted\""),
        ("roly -q exec a:", "a:b:cdef"),
    ] {
        tab(&mut session, typed, profile);
    }
    for (typed, seen) in [
        ("rolo exec a:b:cdef -- cat a-fi", "le-of-mine"),
        ("rolo exec --policy a-fi", "le-of-mine"),
        ("my-role unse", "t"),
    ] {
        tab_to(&mut session, typed, seen);
    }
    session.send("rolo exec \t").unwrap();
    session.expect("prod  -- 333344445555 Admin").unwrap();
}

#[test]
fn fish_completes_names_of_every_kind() {
    if tools::find("fish").is_none() {
        return;
    }
    let world = world();
    let mut session = world.terminal_of("fish", &["--no-config", "-i"]);
    session.send_line("rolo completions fish | source; echo rea''dy").unwrap();
    session.expect("ready").unwrap();
    for (typed, profile) in [
        ("rolo exec w", "with blank"),
        ("rolo exec 'wi", "with blank"),
        ("rolo exec it\\'", "it's $x"),
        ("rolo exec a:b:c", "a:b:cdef"),
        ("rolo exec --profile=a:b", "a:b:cdef"),
        ("rolo exec \\\"q", "\"quoted\""),
        ("roly -q exec a:", "a:b:cdef"),
    ] {
        tab(&mut session, typed, profile);
    }
    // Without a terminal too, fish says what it would offer.
    let Some(fish) = tools::find("fish") else { return };
    let offered = |line: &str| {
        let script = format!("rolo completions fish | source; complete -C {line:?}");
        let mut command = world.tool(&fish, &["--no-config", "-c", &script]);
        run(command.env("PATH", format!("{}:/usr/bin:/bin", world.bin().display()))).quiet()
    };
    world.write("a-file-of-mine", "");
    assert_eq!(offered("rolo exec pr"), "prod\t333344445555 Admin\n");
    assert!(offered("rolo exec prod -- cat a-fi").starts_with("a-file-of-mine"));
    assert!(offered("rolo exec prod -- unam").starts_with("uname\t"));
    assert!(offered("rolo exec --policy a-fi").starts_with("a-file-of-mine"));
    assert!(offered("rolo export --format=po").starts_with("--format=powershell\t"));
    assert_eq!(offered("rolo nothing "), "");
}

#[test]
fn elvish_completes_names() {
    if tools::find("elvish").is_none() {
        return;
    }
    let world = world();
    let mut session = world.terminal_of("elvish", &["-norc"]);
    session.send("eval (rolo completions elvish | slurp); echo rea''dy\r").unwrap();
    see(&mut session, "ready\r\n");
    tab(&mut session, "rolo exec a:b", "a:b:cdef");
    // Where quotes must be added, Elvish shows the one candidate first and takes it at Enter.
    tab_with(&mut session, "rolo exec wi", "\t\r", "with blank");
    tab_with(&mut session, "roly -q exec it", "\t\r", "it's $x");
    // The name of the command is completed as Elvish does.
    session.send("rolo exec a:b:cdef -- prin\t").unwrap();
    session.send("env ROLO_PROFILE\r").unwrap();
}

#[test]
fn nushell_completes_names() {
    // By itself, and through the function of `init`, which is no program of that name.
    for command in ["completions", "init"] {
        check_nushell(command);
    }
}

fn check_nushell(command: &str) {
    let Some(nu) = tools::find("nushell") else { return };
    let world = world();
    let script = world.rolo(&[command, "nushell"]).quiet();
    let script = world.write("rolo.nu", &script);
    let nu = nu.get_program().to_str().unwrap().to_owned();
    let line = format!("source {}; print rea''dy", script.display());
    let mut session = world.terminal_of(&nu, &["-n", "--no-history", "--execute", &line]);
    for (typed, word, profile) in [
        ("rolo exec a:b", "a:b:cdef", "a:b:cdef"),
        ("rolo exec wi", "'with blank'", "with blank"),
        ("rolo exec it", "\"it's $x\"", "it's $x"),
        ("roly -q exec `with", "'with blank'", "with blank"),
    ] {
        // What is typed before the prompt is drawn, and the cursor shown behind it, is lost.
        see(&mut session, "\u{1b}]133;B");
        see(&mut session, "\u{1b}[?25h");
        session.send(format!("{typed}\t")).unwrap();
        see(&mut session, word);
        session.send(format!(" {TELL}\r")).unwrap();
        see(&mut session, &format!("<{profile}>"));
    }
}

#[test]
fn powershells_script_is_powershell() {
    let Some(mut python) = tools::find("tree-sitter-powershell") else { return };
    let world = world();
    let script = world.write("rolo.ps1", &world.rolo(&["completions", "pwsh"]).quiet());
    let parse = "import sys, tree_sitter as t, tree_sitter_powershell as p
root = t.Parser(t.Language(p.language())).parse(open(sys.argv[1], 'rb').read()).root_node
print(root.has_error)";
    assert_eq!(run(python.args(["-c", parse]).arg(script)).quiet(), "False\n");
    // And what the script calls answers it; the sign keeps an empty word alive.
    let words = ["complete", "powershell", "--", "rolo", "exec", "=wi"];
    assert_eq!(world.rolo(&words).quiet(), "values\nwith blank\n");
}

#[test]
fn shells_find_no_fault_in_the_scripts() {
    let world = world();
    for (shell, script) in [("bash", "bash"), ("zsh", "zsh"), ("fish", "fish")] {
        let Some(tool) = tools::find(shell) else { continue };
        let text = world.rolo(&["completions", script, "--cmd", "my_role"]).quiet();
        assert!(text.contains("my_role") && !text.contains("__ROLO_NAME__"), "{text}");
        let file = world.write("script", &text);
        run(world.tool(&tool, &["-n", file.to_str().unwrap()])).quiet();
    }
}

#[test]
fn what_is_known_of_a_profile_is_said() {
    let world = World::new();
    world.add_config(
        "[profile sso]\nsso_session = s\nsso_account_id = 222233334444\nsso_role_name = Reader\n\
         [profile 'a\tb']\nregion = x\n[sso-session s]\nsso_region = x\nsso_start_url = https://x\n",
    );
    let offered = |words: &[&str]| world.rolo(&[&["complete", "zsh", "--"], words].concat()).quiet();
    let profiles = offered(&["rolo", "exec", ""]);
    for line in ["prod\t333344445555 Admin", "identity", "other", "sso\t222233334444 Reader"] {
        assert_eq!(profiles.lines().filter(|offered| *offered == line).count(), 1, "{line}: {profiles}");
    }
    assert!(!profiles.contains("a\tb") && profiles.starts_with("values\n"), "{profiles}");
    assert!(offered(&["rolo", "exec", "3"]).contains("\n333344445555:Admin\tas prod\n"));
    assert!(offered(&["assume-role", "--role", ""]).contains("\nVendor\tas vendor\n"));
    assert!(offered(&["rolo", "exec", "--mfa-serial", ""]).contains("\narn:aws:iam::111122223333:mfa/ada\n"));
    assert!(offered(&["rolo", "exec", "--region", ""]).contains("\neu-central-1\n"));
    world.config("no config\n");
    assert_eq!(offered(&["rolo", "exec", ""]), "values\n");
}

#[test]
fn many_profiles_are_offered_without_a_call_or_a_trace() {
    let world = World::new();
    let mut config = String::new();
    for index in 0..2000 {
        writeln!(config, "[profile team-{index}]\nrole_arn = arn:aws:iam::{index:012}:role/R").unwrap();
    }
    world.config(&config);
    let before = world.files("");
    let offered = world.rolo(&["complete", "fish", "--", "rolo", "export", ""]).quiet();
    assert_eq!(offered.lines().filter(|line| line.starts_with("team-")).count(), 2000);
    assert_eq!((world.files(""), world.calls().len()), (before, 0));
}

#[test]
fn the_machinery_is_hidden() {
    let world = World::new();
    assert!(!world.rolo(&["--help"]).quiet().contains("\n  complete "));
}
