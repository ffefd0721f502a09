//! `rolo use` alone: a profile is picked at a terminal, by keys or by another program.

use std::process::{Command, Stdio};

use expectrl::{Expect, session::OsSession};

use crate::{
    programs::wait_for,
    terminal::rest,
    tools,
    world::{World, run},
};

/// What a person has in bash, and a line that tells what came of it.
const SCRIPT: &str = r#"eval "$(rolo init bash)"
before=$(stty -g; env | sort)
rolo use; code=$?
[ "$before" = "$(stty -g; env | sort)" ] && same=same || same=other
echo "code=$code profile=$ROLO_PROFILE $same key=${AWS_ACCESS_KEY_ID:+set}.""#;

/// The keys and the screen of one who picks.
struct Picker {
    session: OsSession,
}

impl Picker {
    fn start(world: &World) -> Self {
        Self { session: world.in_terminal(SCRIPT) }
    }

    /// Waits for the line that says how many answer.
    fn counts(mut self, counts: &str) -> Self {
        self.session.expect(format!("  {counts}")).unwrap();
        self
    }

    fn keys(mut self, keys: &str) -> Self {
        self.session.send(keys).unwrap();
        self
    }

    #[track_caller]
    fn ends(mut self, line: &str) {
        let text = rest(&mut self.session);
        assert_eq!(
            text.lines().last().map(|line| line.trim_start_matches(|c| c != 'c')),
            Some(line),
            "{text:?}"
        );
    }
}

/// One who sees no colours, so that words come whole.
fn world() -> World {
    let mut world = World::new();
    world.set("NO_COLOR", "1");
    world
}

#[test]
fn typing_filters_and_enter_takes_on_the_profile() {
    let world = world();
    let picker = Picker::start(&world).counts("8/8").keys("plain").counts("1/8").keys("\r");
    picker.ends("code=0 profile=plain other key=set.");
    assert_eq!(world.calls(), ["AssumeRole"]);
}

#[test]
fn account_and_role_are_searched_too() {
    let world = world();
    let picker = Picker::start(&world).counts("8/8").keys("2222 dev");
    picker
        .counts("1/8")
        .keys("\u{15}Vend")
        .counts("1/8")
        .keys("\r")
        .ends("code=0 profile=vendor other key=set.");
}

#[test]
fn arrows_point_at_another() {
    let world = world();
    // By name, from the prompt up: audit, dev, hop, identity.
    let picker = Picker::start(&world).counts("8/8").keys("\u{1b}[A\u{1b}OA\u{10}\u{e}");
    picker.counts("8/8").keys("\r").ends("code=0 profile=hop other key=set.");
}

#[test]
fn leaving_it_changes_nothing_and_has_the_code_of_fzf() {
    let world = world();
    for key in ["\u{1b}", "\u{3}", "\u{7}", "\u{4}"] {
        Picker::start(&world).counts("8/8").keys(key).ends("code=130 profile= same key=.");
    }
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn enter_takes_nothing_where_nothing_answers() {
    let world = world();
    let picker = Picker::start(&world).counts("8/8").keys("nosuch").counts("0/8").keys("\r\r");
    picker.keys("\u{17}hop").counts("1/8").keys("\r").ends("code=0 profile=hop other key=set.");
}

#[test]
fn the_screen_is_left_as_it_was() {
    let world = world();
    let mut picker = Picker::start(&world).counts("8/8");
    picker.session.send("\u{1b}").unwrap();
    let text = rest(&mut picker.session);
    // Up to the first of its nine lines, and everything from there on is gone.
    assert!(text.contains("\r\u{1b}[8A\u{1b}[Jcode=130"), "{text:?}");
}

#[test]
fn what_was_used_most_of_late_is_at_hand() {
    let world = world();
    for profile in ["vendor", "plain", "vendor"] {
        world.rolo(&["export", profile]).quiet();
    }
    Picker::start(&world).counts("8/8").keys("\r").ends("code=0 profile=vendor other key=set.");
    let picker = Picker::start(&world).counts("8/8").keys("\u{10}").counts("8/8").keys("\r");
    picker.ends("code=0 profile=plain other key=set.");
}

#[test]
fn cached_credentials_say_how_long_they_last() {
    let world = world();
    world.rolo(&["export", "plain"]).quiet();
    let mut picker = Picker::start(&world);
    picker.session.expect("59m left").unwrap();
    picker.keys("\u{1b}").ends("code=130 profile= same key=.");
}

#[test]
fn a_profile_that_leads_nowhere_is_left_out() {
    let world = world();
    world.add_config(
        "[profile lost]\nsource_profile = nowhere\nrole_arn = arn:aws:iam::222233334444:role/Plain\n",
    );
    let picker = Picker::start(&world).counts("8/8").keys("lost").counts("0/8").keys("\u{1b}");
    picker.ends("code=130 profile= same key=.");
    world.config(
        "[profile lost]\nsource_profile = nowhere\nrole_arn = arn:aws:iam::222233334444:role/Plain\n",
    );
    world.credentials("");
    let text = rest(&mut world.in_terminal(SCRIPT));
    assert!(text.contains("error: there is no profile that leads to credentials"), "{text}");
    assert!(text.contains("code=3 profile= same"), "{text}");
}

#[test]
fn a_code_is_asked_for_on_the_terminal_as_it_was() {
    let world = world();
    let mut picker = Picker::start(&world).counts("8/8").keys("^prod").counts("1/8").keys("\r");
    picker.session.expect("MFA code for arn:aws:iam::111122223333:mfa/ada: ").unwrap();
    let code = world.fake.mfa_code("ada");
    picker.session.send_line(&code).unwrap();
    let text = rest(&mut picker.session);
    assert!(text.contains(&code), "it is shown as it is typed: {text}");
    assert!(text.contains("code=0 profile=prod"), "{text}");
}

#[test]
fn the_profiles_of_a_shell_in_use_are_those_of_before() {
    let world = world();
    let script = SCRIPT.replace("before=", "rolo use plain; before=");
    let picker = Picker { session: world.in_terminal(&script) };
    picker.counts("8/8").keys("vendor").counts("1/8").keys("\r").ends("code=0 profile=vendor other key=set.");
}

#[test]
fn signals_end_and_stop_it_with_the_terminal_as_it_was() {
    let world = world();
    let script = r#"before=$(stty -g); export ROLO_SHELL=bash
        sh -c 'echo $$ >pid; exec rolo use' >/dev/null; code=$?
        [ "$before" = "$(stty -g)" ] && same=same || same=other; echo "code=$code $same""#;
    let signal = |name: &str| {
        let pid = std::fs::read_to_string(world.path("pid")).unwrap();
        let status = Command::new("kill").args(["-s", name, pid.trim()]).status().unwrap();
        assert!(status.success());
        pid.trim().to_owned()
    };
    for (name, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let picker = Picker { session: world.in_terminal(script) }.counts("8/8");
        signal(name);
        picker.ends(&format!("code={code} same"));
    }
    let picker = Picker { session: world.in_terminal(script) }.counts("8/8").keys("hop").counts("1/8");
    let pid = signal("TSTP");
    wait_for("the picker to stop", || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.contains(") T ").then_some(())
    });
    signal("CONT");
    // It is drawn again, with what was typed.
    picker.counts("1/8").keys("\r").ends("code=0 same");
}

#[test]
fn a_terminal_that_changes_its_size_is_drawn_anew() {
    let world = world();
    let mut picker = Picker::start(&world).counts("8/8");
    picker.session.get_process_mut().set_window_size(30, 24).unwrap();
    let picker = picker.counts("8/8").keys("hop").counts("1/8");
    picker.keys("\r").ends("code=0 profile=hop other key=set.");
}

#[test]
fn other_shells_have_it_too() {
    let world = world();
    for (name, args, script) in [
        ("zsh", ["-f", "-c"], "eval \"$(rolo init zsh)\"; rolo use; echo \"code=$? profile=$ROLO_PROFILE.\""),
        (
            "fish",
            ["--no-config", "-c"],
            "rolo init fish | source; rolo use; echo \"code=$status profile=$ROLO_PROFILE.\"",
        ),
    ] {
        if tools::find(name).is_none() {
            continue;
        }
        for (keys, line) in [("hop\r", "code=0 profile=hop."), ("\u{1b}", "code=130 profile=.")] {
            let session = world.terminal_of(name, &[args[0], args[1], script]);
            Picker { session }.counts("8/8").keys(keys).ends(line);
        }
    }
}

#[test]
fn another_program_may_pick() {
    let mut world = world();
    let picker = world.script("pickers/mine", r#"cat >"$1"; grep '^vendor' "$1""#);
    world.set("ROLO_PICKER", format!("{} 'the list'", picker.display()));
    Picker::start(&world).ends("code=0 profile=vendor other key=set.");
    let list = std::fs::read_to_string(world.path("the list")).unwrap();
    let lines: Vec<_> =
        list.lines().map(|line| line.split('\t').map(str::trim_end).collect::<Vec<_>>()).collect();
    assert_eq!(lines.len(), 8);
    let audit: Vec<_> = vec!["audit", "333344445555", "Audit", "", "identity"];
    assert_eq!(lines[0], audit, "ordered as in rolo's own");
}

#[test]
fn another_program_may_pick_nothing_or_fail() {
    let mut world = world();
    for (command, line, said) in [
        ("sh -c 'exit 130'", "code=130 profile= same key=.", None),
        ("grep nosuch", "code=130 profile= same key=.", None),
        ("sh -c 'exit 2'", "code=3 profile= same key=.", Some("`sh` ended with exit code 2")),
        ("echo prod extra", "code=3 profile= same key=.", Some("which is none of the lines it was given")),
        ("no-such-picker", "code=3 profile= same key=.", Some("`no-such-picker` could not be started")),
    ] {
        world.set("ROLO_PICKER", command);
        let mut session = world.in_terminal(SCRIPT);
        if let Some(said) = said {
            session.expect(said).unwrap();
            session.expect("hint: unset `ROLO_PICKER`").unwrap();
        }
        Picker { session }.ends(line);
    }
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn without_a_terminal_nothing_is_picked() {
    let mut world = world();
    for picker in ["", "head -n 1"] {
        world.set("ROLO_PICKER", picker);
        let mut command = world.detached(&[crate::programs::ROLO, "use"]);
        let text = run(command.env("ROLO_SHELL", "bash").stdin(Stdio::null())).failed(4);
        assert!(text.contains("hint: name a profile"), "{text}");
    }
    world.unset("ROLO_PICKER");
    // Such a terminal cannot be drawn on.
    let script = SCRIPT.replace("rolo use", "TERM=dumb rolo use");
    Picker { session: world.in_terminal(&script) }.ends("code=4 profile= same key=.");
}

#[test]
fn a_pipe_on_every_side_leaves_the_picker_its_terminal() {
    let world = world();
    let mut session = world.in_terminal(
        "out=$(ROLO_SHELL=bash rolo use </dev/null 2>/dev/null); echo \"code=$? lines=$(echo \"$out\" | grep -c AWS_ACCESS_KEY_ID)\"",
    );
    session.expect("8/8").unwrap();
    session.send("hop\r").unwrap();
    Picker { session }.ends("code=0 lines=1");
}
