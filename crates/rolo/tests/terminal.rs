//! The prompt, the notices and the table on a real pseudo-terminal.
//!
//! The test program starts itself again as [`stand_in`], below a shell that has the terminal.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may fail")]
#![expect(clippy::disallowed_methods, reason = "real shells are started")]

use std::{process::Command, time::Duration};

use expectrl::{
    ControlCode, Eof, Expect, Session,
    process::unix::{Signal, WaitStatus},
    session::OsSession,
};
use rolo::{
    exec::{Program, run, subshell},
    ui::{
        Verbosity,
        prompt::TerminalPrompt,
        question::{Converse, Menu},
        table::Look,
        talker::Talker,
        terminal::Terminal,
    },
};
use rolo_core::{
    arn::MfaSerial,
    host::real::RealHost,
    talk::{Hear, NoCode, Notice, PromptMfaCode},
};

/// Tells the test program what to stand in for.
const ROLE: &str = "ROLO_TEST_ROLE";
const QUESTION: &str = "MFA code for arn:aws:iam::111122223333:mfa/ada: ";

#[test]
fn stand_in() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    match role.as_str() {
        "prompt" => println!("answer=<{}>", ask(None)),
        "prompt-again" => println!("answer=<{}>", ask(Some("that code was refused"))),
        "no-terminal" => {
            rustix::process::setsid().unwrap();
            println!("answer=<{}>", ask(None));
        }
        "hidden" => {
            let secret = Terminal::open().unwrap().ask_hidden("Secret: ").unwrap();
            println!("secret of {:?} letters", secret.map(|secret| secret.expose().chars().count()));
        }
        "menu" => {
            let items = ["red", "blue"].map(str::to_owned);
            let menu = Menu { title: "colours:", items: &items };
            println!("chosen: {:?}", menu.choose(&Terminal::open().unwrap()));
        }
        "notices" => {
            let talker = Talker::new(Verbosity::Normal);
            talker.hear(&Notice::Warning("an odd value".to_owned()));
            talker.hear(&Notice::NextCode(Duration::from_secs(12)));
        }
        "look" => println!("{:?}", Look::of_stdout()),
        "subshell" => {
            let shell = subshell(&RealHost);
            let program = Program { program: &shell, args: &[], changes: &[(ROLE, None), ("ENV", None)] };
            panic!("{}", run(&program).unwrap_err());
        }
        other => panic!("no such role: {other}"),
    }
}

fn ask(why: Option<&str>) -> String {
    let prompt = TerminalPrompt::new(Verbosity::Normal);
    let can = if prompt.can_prompt() { "asked" } else { "not asked" };
    match prompt.prompt_mfa_code(&MfaSerial::new("arn:aws:iam::111122223333:mfa/ada"), why) {
        Ok(code) => format!("{can}: {}", code.expose()),
        Err(NoCode::NobodyToAsk) => format!("{can}: nobody"),
        Err(NoCode::Declined) => format!("{can}: declined"),
        Err(other) => format!("{can}: {other:?}"),
    }
}

/// A shell on a terminal of its own, in which `rolo ROLE` is the stand-in.
fn terminal(script: &str) -> OsSession {
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(format!(
        "stty echo; rolo() {{ {ROLE}=$1 \"$EXE\" stand_in --exact --nocapture --test-threads=1; }}\n{script}"
    ));
    shell.env("EXE", std::env::current_exe().unwrap()).env("TERM", "xterm");
    // CI too: logs of CI are given colours without a terminal.
    for name in ["CI", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        shell.env_remove(name);
    }
    let mut session = Session::spawn(shell).unwrap();
    session.set_expect_timeout(Some(Duration::from_secs(20)));
    session
}

/// All that is written up to the end.
fn rest(session: &mut OsSession) -> String {
    String::from_utf8_lossy(session.expect(Eof).unwrap().as_bytes()).into_owned()
}

#[test]
fn it_asks_on_the_terminal_while_every_stream_is_elsewhere() {
    let mut session = terminal(r#"out=$(rolo prompt </dev/null 2>&1); echo "captured: $out""#);
    session.expect(QUESTION).unwrap();
    // What is typed is seen at once, before Enter.
    session.send("123").unwrap();
    session.expect("123").unwrap();
    session.send_line("456").unwrap();
    session.expect("captured: ").unwrap();
    let captured = rest(&mut session);
    assert!(captured.contains("answer=<asked: 123456>"), "{captured}");
    assert!(!captured.contains("MFA code"), "the question went to standard output: {captured}");
}

#[test]
fn a_second_question_says_what_went_before() {
    let mut session = terminal("rolo prompt-again");
    session.expect(format!("that code was refused\r\n{QUESTION}")).unwrap();
    session.send_line(" 654321 ").unwrap();
    session.expect("answer=<asked: 654321>").unwrap();
}

#[test]
fn a_background_job_is_not_stopped() {
    // `set -m` gives the job a process group of its own, as an interactive shell does.
    let mut session = terminal("set -m; rolo prompt & wait $!; echo \"ended with $?\"");
    let text = rest(&mut session);
    assert!(text.contains("answer=<not asked: nobody>"), "{text}");
    assert!(text.contains("ended with 0"), "{text}");
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let text = rest(&mut terminal("rolo no-terminal; :"));
    assert!(text.contains("answer=<not asked: nobody>"), "{text}");
}

#[test]
fn ctrl_d_is_no_answer() {
    let mut session = terminal("rolo prompt");
    session.expect(QUESTION).unwrap();
    session.send(ControlCode::EndOfTransmission).unwrap();
    session.expect("\r\nanswer=<asked: declined>").unwrap();
}

#[test]
fn ctrl_c_ends_the_process_by_its_signal() {
    // `exec`: the terminal's first process is the stand-in itself, and its end is seen unchanged.
    let mut session = terminal(&format!("export {ROLE}=prompt; exec \"$EXE\" stand_in --exact --nocapture"));
    session.expect(QUESTION).unwrap();
    session.send(ControlCode::EndOfText).unwrap();
    let text = rest(&mut session);
    assert!(!text.contains("answer"), "{text}");
    let status = session.get_process().wait().unwrap();
    assert!(matches!(status, WaitStatus::Signaled(_, Signal::SIGINT, _)), "{status:?}");
}

#[test]
fn the_terminal_is_as_before_after_ctrl_c_and_ctrl_z() {
    // `set +m` for Ctrl-C: with job control on, bash ends with a job that SIGINT ended, whatever its trap.
    let mut session = terminal(
        r#"set -m; before=$(stty -g); same() { [ "$before" = "$(stty -g)" ] && echo "$1: same"; }
        rolo prompt; echo "stopped with $?"; same stopped
        fg; echo "continued to $?"
        set +m; trap : INT; rolo prompt; echo "interrupted with $?"; same interrupted"#,
    );
    session.expect(QUESTION).unwrap();
    session.send(ControlCode::Substitute).unwrap();
    session.expect("stopped with 148").unwrap();
    session.expect("stopped: same").unwrap();
    session.send_line("123456").unwrap();
    session.expect("answer=<asked: 123456>").unwrap();
    session.expect("continued to 0").unwrap();
    session.expect(QUESTION).unwrap();
    session.send(ControlCode::EndOfText).unwrap();
    session.expect("interrupted with 130").unwrap();
    session.expect("interrupted: same").unwrap();
}

#[test]
fn a_terminal_in_raw_mode_is_understood() {
    let mut session = terminal("stty raw; rolo prompt; rolo prompt; stty sane");
    session.expect(QUESTION).unwrap();
    session.send("123456\r").unwrap();
    session.expect("answer=<asked: 123456>").unwrap();
    session.expect(QUESTION).unwrap();
    session.send(ControlCode::EndOfText).unwrap();
    session.expect("answer=<asked: declined>").unwrap();
}

/// A shell that tells whether its terminal's settings are as they were before.
const SAME: &str = r#"before=$(stty -g); same() { [ "$before" = "$(stty -g)" ] && echo "$1: same"; }"#;

#[test]
fn a_hidden_answer_is_not_shown() {
    let mut session =
        terminal(&format!("{SAME}; rolo hidden </dev/null; same after; rolo hidden; same again"));
    session.expect("Secret: ").unwrap();
    session.send_line(" hunter2ü\t").unwrap();
    let seen = session.expect("secret of Some(8) letters").unwrap();
    let seen = String::from_utf8_lossy(seen.as_bytes()).into_owned();
    assert!(!seen.contains("hunter") && seen.contains("\r\n"), "{seen:?}");
    session.expect("after: same").unwrap();
    // What is typed is edited as anywhere: Ctrl-U, and the key that erases.
    session.expect("Secret: ").unwrap();
    session.send("wrong\u{15}abcx\u{7f}\n").unwrap();
    session.expect("secret of Some(3) letters").unwrap();
    session.expect("again: same").unwrap();
}

#[test]
fn the_terminal_shows_typing_again_however_a_hidden_question_ends() {
    let mut session = terminal(&format!(
        r#"{SAME}; rolo hidden; same given-up
        set -m; rolo hidden; echo "stopped with $?"; same stopped; fg; echo "continued to $?"
        set +m; trap : INT; rolo hidden; echo "interrupted with $?"; same interrupted"#,
    ));
    session.expect("Secret: ").unwrap();
    session.send(ControlCode::EndOfTransmission).unwrap();
    session.expect("secret of None letters").unwrap();
    session.expect("given-up: same").unwrap();

    session.expect("Secret: ").unwrap();
    session.send("half").unwrap();
    session.send(ControlCode::Substitute).unwrap();
    session.expect("stopped with 148").unwrap();
    session.expect("stopped: same").unwrap();
    // What was typed before is gone, and the question is there again.
    session.expect("Secret: ").unwrap();
    session.send_line("whole").unwrap();
    session.expect("secret of Some(5) letters").unwrap();
    session.expect("continued to 0").unwrap();

    session.expect("Secret: ").unwrap();
    session.send("half").unwrap();
    session.send(ControlCode::EndOfText).unwrap();
    let seen = session.expect("interrupted with 130").unwrap();
    assert!(!String::from_utf8_lossy(seen.as_bytes()).contains("half"));
    session.expect("interrupted: same").unwrap();
}

#[test]
fn a_hidden_question_in_raw_mode_is_understood() {
    let mut session =
        terminal("stty raw; rolo hidden; trap : INT; rolo hidden; stty sane; echo \"status $?\"");
    session.expect("Secret: ").unwrap();
    session.send("hunter2\r").unwrap();
    session.expect("secret of Some(7) letters").unwrap();
    session.expect("Secret: ").unwrap();
    session.send(ControlCode::EndOfText).unwrap();
    session.expect("status 0").unwrap();
}

#[test]
fn a_menu_asks_until_the_answer_is_in_it() {
    let mut session = terminal("rolo menu | cat");
    // What comes through `cat` may come between two writes, and never within one.
    session.expect("colours:\r\n  1  red\r\n  2  blue\r\n").unwrap();
    session.expect("Number (1-2): ").unwrap();
    session.send_line("3").unwrap();
    session.expect("`3` is none of the numbers\r\n").unwrap();
    session.expect("Number (1-2): ").unwrap();
    session.send_line("2").unwrap();
    session.expect("chosen: Ok(1)").unwrap();
}

#[test]
fn the_wait_for_a_code_is_seen_where_standard_error_is_hidden() {
    let text = rest(&mut terminal("rolo notices >/dev/null 2>&1"));
    assert_eq!(text.trim_end(), "that code is spent; waiting 12 s for the next one");
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let warning = |script: &str| {
        let text = rest(&mut terminal(script));
        let line = text.lines().find(|line| line.contains("warning")).unwrap_or_default();
        (line.contains("an odd value"), line.contains('\u{1b}'))
    };
    assert_eq!(warning("rolo notices >/dev/null"), (true, true));
    assert_eq!(warning("NO_COLOR=1 rolo notices >/dev/null"), (true, false));
    assert_eq!(warning("TERM=dumb rolo notices >/dev/null"), (true, false));
    assert_eq!(warning("CLICOLOR=0 rolo notices >/dev/null"), (true, false));
    assert_eq!(warning("rolo notices 2>&1 | cat"), (true, false));
    assert_eq!(warning("CLICOLOR_FORCE=1 rolo notices 2>&1 | cat"), (true, true));
}

#[test]
fn a_table_keeps_to_the_terminal_and_not_to_a_pipe() {
    // The session sets a width of its own once the shell runs, so the shell waits for it.
    let mut session = terminal("read -r; stty cols 57; rolo look; rolo look | cat");
    session.send_line("go").unwrap();
    let text = rest(&mut session);
    assert!(text.contains("Look { width: Some(57), colour: true }"), "{text}");
    assert!(text.contains("Look { width: None, colour: false }"), "{text}");
}

#[test]
fn the_subshell_is_interactive_and_has_the_terminal_to_itself() {
    let mut session = terminal("set -m; SHELL=/bin/sh rolo subshell; echo \"subshell ended with $?\"");
    session.send_line("case $- in *i*) echo inter''active;; esac").unwrap();
    session.expect("interactive").unwrap();
    // Ctrl-C goes to what runs in the subshell and leaves it alive.
    session.send_line("sh -c 'echo rea\"\"dy; exec sleep 60'").unwrap();
    session.expect("ready").unwrap();
    session.send(ControlCode::EndOfText).unwrap();
    session.send_line("echo interrup''ted; exit 7").unwrap();
    session.expect("interrupted").unwrap();
    session.expect("subshell ended with 7").unwrap();
}
