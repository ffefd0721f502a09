//! rolo at a person's terminal: the prompt beside pipes, wrong and spent codes, Ctrl-C, Ctrl-Z and background jobs.

use std::{path::Path, time::Duration};

use expectrl::{ControlCode, Eof, Expect, Session, session::OsSession};
use fake_aws::Fault;

use crate::{
    programs::{ROLO, wait_for},
    world::{World, run},
};

const QUESTION: &str = "MFA code for arn:aws:iam::111122223333:mfa/ada: ";

impl World {
    /// Bash with a terminal of its own, in which `rolo` is rolo, and so are `roly` and `sts2env`.
    pub(crate) fn terminal(&self, args: &[&str]) -> OsSession {
        self.terminal_of("bash", args)
    }

    /// Another shell there.
    pub(crate) fn terminal_of(&self, shell: &str, args: &[&str]) -> OsSession {
        let mut shell = self.bare_command(Path::new(shell));
        let path = format!("{}:{}", self.bin().display(), std::env::var("PATH").unwrap());
        shell.args(args).env("PATH", path).env("PS1", "$ ").env("TERM", "xterm").env("LC_ALL", "C.UTF-8");
        let mut session = Session::spawn(shell).unwrap();
        session.set_expect_timeout(Some(Duration::from_secs(40)));
        session
    }

    /// A script there.
    pub(crate) fn in_terminal(&self, script: &str) -> OsSession {
        self.terminal(&["-c", &format!("stty echo; {script}")])
    }

    /// A folder for `PATH` in which rolo is under each of its names, and nothing else.
    pub(crate) fn bin(&self) -> std::path::PathBuf {
        let bin = self.path("bin");
        if !bin.exists() {
            std::fs::create_dir(&bin).unwrap();
            for name in ["rolo", "roly", "sts2env"] {
                std::os::unix::fs::symlink(ROLO, bin.join(name)).unwrap();
            }
        }
        bin
    }
}

/// All that is written up to the end.
pub(crate) fn rest(session: &mut OsSession) -> String {
    String::from_utf8_lossy(session.expect(Eof).unwrap().as_bytes()).into_owned()
}

/// A code that the device does not show, now or soon.
fn wrong_code(world: &World, number: usize) -> String {
    let right: Vec<String> = (-2..=3).map(|steps| world.fake.mfa_code_in_steps("ada", steps)).collect();
    let mut wrong = (100_000..).map(|code: u32| code.to_string()).filter(|code| !right.contains(code));
    wrong.nth(number).unwrap()
}

#[test]
fn it_asks_on_the_terminal_while_its_output_is_taken() {
    let world = World::new();
    let mut session = world.in_terminal(
        r#"words=$(rolo export prod </dev/null 2>/dev/null); echo "captured ${#words}, status $?"
        eval "$(rolo export prod)"; echo "profile=$ROLO_PROFILE key=$AWS_ACCESS_KEY_ID.""#,
    );
    session.expect(QUESTION).unwrap();
    session.send_line(world.fake.mfa_code("ada")).unwrap();
    session.expect("captured ").unwrap();
    let text = rest(&mut session);
    let key = world.fake.calls_of("AssumeRole")[0].issued.clone().unwrap();
    assert!(text.contains(&format!("profile=prod key={key}.")), "{text}");
    assert!(!text.contains(QUESTION), "one code is enough: {text}");
}

#[test]
fn eval_asks_on_the_terminal_too() {
    let world = World::new();
    let mut session = world.in_terminal(r#"eval "$(rolo export prod)"; env | grep -c ^AWS_ACCESS_KEY_ID="#);
    session.expect(QUESTION).unwrap();
    session.send_line(world.fake.mfa_code("ada")).unwrap();
    let text = rest(&mut session);
    assert_eq!(text.lines().last(), Some("1"), "{text}");
}

#[test]
fn a_code_of_the_wrong_form_is_asked_again_and_not_sent() {
    let world = World::new();
    let mut session = world.in_terminal("rolo export prod >/dev/null; echo \"status $?\"");
    for bad in ["12345", "", "12a456"] {
        session.expect(QUESTION).unwrap();
        session.send_line(bad).unwrap();
        session.expect("a code has six digits").unwrap();
    }
    session.expect(QUESTION).unwrap();
    assert!(world.calls().is_empty());
    session.send_line(world.fake.mfa_code("ada")).unwrap();
    session.expect("status 0").unwrap();
    assert_eq!(world.calls(), ["GetSessionToken", "AssumeRole"]);
}

#[test]
fn a_refused_code_is_asked_again_up_to_three_times() {
    let world = World::new();
    let script = "rolo export prod >/dev/null; echo \"status $?\"";
    let mut session = world.in_terminal(script);
    for number in 0..2 {
        session.expect(QUESTION).unwrap();
        session.send_line(wrong_code(&world, number)).unwrap();
        session.expect("that code was refused").unwrap();
    }
    session.expect(QUESTION).unwrap();
    session.send_line(world.fake.mfa_code("ada")).unwrap();
    session.expect("status 0").unwrap();
    assert_eq!(world.calls(), [&["GetSessionToken"; 3][..], &["AssumeRole"]].concat());

    let world = World::new();
    let mut session = world.in_terminal(script);
    for number in 0..3 {
        session.expect(QUESTION).unwrap();
        session.send_line(wrong_code(&world, number)).unwrap();
    }
    let text = rest(&mut session);
    assert!(text.contains("was refused") && !text.contains(QUESTION), "{text}");
    assert!(text.contains("status 5"), "{text}");
    assert_eq!(world.calls(), ["GetSessionToken"; 3]);
}

#[test]
fn a_spent_code_is_not_sent_again_and_the_next_is_waited_for() {
    let world = World::new();
    let code = world.fake.mfa_code("ada");
    run(world.command(&["process", "prod"]).env("ROLO_MFA_CODE", &code)).ok();
    world.fake.clear_calls();

    let script = "rolo export --no-mfa-session --refresh prod >/dev/null; echo \"status $?\"";
    let mut session = world.in_terminal(script);
    session.expect(QUESTION).unwrap();
    session.send_line(&code).unwrap();
    let said = session.expect(expectrl::Regex("that code is spent; waiting ([0-9]+) s")).unwrap();
    let seconds: u64 = String::from_utf8_lossy(said.get(1).unwrap()).parse().unwrap();
    assert!((1..=30).contains(&seconds), "{seconds}");
    session.expect(QUESTION).unwrap();
    assert!(world.calls().is_empty());
    let next = world.fake.mfa_code("ada");
    assert_ne!(next, code, "it did not wait long enough");
    session.send_line(next).unwrap();
    session.expect("status 0").unwrap();
    assert_eq!(world.calls(), ["AssumeRole"]);
}

#[test]
fn a_session_that_a_role_refuses_is_renewed_once_and_not_lost() {
    let world = World::new();
    let refuse_once = || {
        let refusal = Fault::error(403, "AccessDenied", "not authorized to perform: sts:AssumeRole");
        world.fake.fault(refusal.on("AssumeRole").times(1));
    };
    let export = "rolo export prod --refresh >/dev/null; echo \"status $?\"";
    let mut session = world.in_terminal(export);
    session.expect(QUESTION).unwrap();
    session.send_line(world.fake.mfa_code("ada")).unwrap();
    session.expect("status 0").unwrap();
    world.calls();

    refuse_once();
    let mut session = world.in_terminal(export);
    session.expect(QUESTION).unwrap();
    session.send(ControlCode::EndOfTransmission).unwrap();
    session.expect("status 4").unwrap();
    assert_eq!(world.calls(), ["AssumeRole"]);

    let mut session = world.in_terminal(export);
    session.expect("status 0").unwrap();
    assert_eq!(world.calls(), ["AssumeRole"], "the session is still there");

    refuse_once();
    let mut session = world.in_terminal(export);
    session.expect(QUESTION).unwrap();
    session.send_line(world.fake.next_mfa_code("ada")).unwrap();
    session.expect("status 0").unwrap();
    assert_eq!(world.calls(), ["AssumeRole", "GetSessionToken", "AssumeRole"]);
}

#[test]
fn ctrl_c_at_the_prompt_ends_it_and_frees_its_locks() {
    let world = World::new();
    // Without job control, as in a script: with it, bash ends with a job that SIGINT ended, whatever its trap.
    let mut session = world.in_terminal(
        "trap : INT; before=$(stty -g); rolo export prod; echo \"status $?\"; [ \"$before\" = \"$(stty -g)\" ] && echo same
        rolo export prod >/dev/null; echo \"second status $?\"",
    );
    session.expect(QUESTION).unwrap();
    session.send(ControlCode::EndOfText).unwrap();
    session.expect("status 130").unwrap();
    session.expect("same").unwrap();
    session.expect(QUESTION).unwrap();
    session.send_line(world.fake.mfa_code("ada")).unwrap();
    session.expect("second status 0").unwrap();
}

#[test]
fn the_program_of_exec_has_the_terminal_to_itself() {
    let world = World::new();
    // Each is typed at twice: run by rolo and by the shell itself.
    for rolo in ["", "rolo exec plain -- "] {
        let mut session = world.terminal(&["--norc", "-i"]);
        let mut type_line = |line: &str| session.send_line(line).unwrap();
        // What is typed is echoed, so it must not read as what is awaited.
        type_line(&format!("{rolo}sh -c 'echo rea''dy; exec sleep 60'"));
        session.expect("ready").unwrap();
        session.send(ControlCode::Substitute).unwrap();
        session.expect("Stopped").unwrap();
        session.send_line("echo stopped-with=$?").unwrap();
        session.expect("stopped-with=148").unwrap();
        session.send_line("fg").unwrap();
        session.expect("sleep 60").unwrap();
        session.send(ControlCode::EndOfText).unwrap();
        session.send_line("echo ended-with=$?").unwrap();
        session.expect("ended-with=130").unwrap();

        // A program that knows what to do with Ctrl-C does it, and its own exit code is the result.
        let waiter = "trap 'exit 7' INT; echo on''ce; while :; do sleep 0.05; done";
        session.send_line(format!("{rolo}sh -c \"{waiter}\"")).unwrap();
        session.expect("once").unwrap();
        session.send(ControlCode::EndOfText).unwrap();
        session.send_line("echo ended-with=$?").unwrap();
        session.expect("ended-with=7").unwrap();
        session.send_line("exit").unwrap();
    }
}

#[test]
fn a_background_job_needs_nobody_and_stops_nobody() {
    let world = World::new();
    let mut session = world.terminal(&["--norc", "-i"]);
    session.send_line("rolo export prod & wait $!; echo job-ended=$?").unwrap();
    session.expect("there is no terminal to ask for the MFA code on").unwrap();
    session.expect("job-ended=4").unwrap();
    assert!(world.calls().is_empty());
    // Its lock is free: whoever is in the foreground is asked at once.
    session.send_line("rolo export prod >/dev/null; echo then=$?").unwrap();
    session.expect(QUESTION).unwrap();
    session.send_line(world.fake.mfa_code("ada")).unwrap();
    session.expect("then=0").unwrap();
    // With an MFA session there is nothing to ask, in the background either.
    session.send_line("rolo process --refresh prod >/dev/null & wait $!; echo job-ended=$?").unwrap();
    session.expect("job-ended=0").unwrap();
}

#[test]
fn a_background_job_waits_for_the_prompt_in_the_foreground() {
    let world = World::new();
    let mut session = world.in_terminal(
        "set -m; (sleep 0.5; rolo process prod >job 2>job.stderr; echo $? >job.status) &
        rolo process prod >asked; echo \"status $?\"; wait; cat job.status job.stderr; cmp job asked && echo equal",
    );
    session.expect(QUESTION).unwrap();
    wait_for("the job's start", || world.path("job.stderr").exists().then_some(()));
    std::thread::sleep(Duration::from_millis(300));
    session.send_line(world.fake.mfa_code("ada")).unwrap();
    session.expect("status 0").unwrap();
    let text = rest(&mut session);
    assert!(text.contains("equal"), "{text}");
    assert_eq!(world.calls(), ["GetSessionToken", "AssumeRole"]);
}

#[test]
fn without_a_terminal_the_remedy_is_told() {
    let world = World::new();
    for (words, code) in [
        (&["export", "prod"][..], 4),
        (&["process", "prod"], 4),
        (&["whoami", "prod"], 4),
        (&["exec", "prod", "--", "sh", "-c", "echo ran"], 125),
    ] {
        let ran = run(&mut world.command(words));
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{words:?}: {ran:?}");
        let remedy = ran.stderr.lines().find(|line| line.starts_with("hint: ")).unwrap_or_default();
        assert!(remedy.contains("ROLO_MFA_CODE") && remedy.contains("--mfa-code"), "{words:?}: {ran:?}");
    }
    assert!(world.calls().is_empty());
}
