//! A program run through `exec` sees the world exactly as without it.
//!
//! The test program starts itself again as [`stand_in`], which replaces itself by the program asked for. What `/proc`
//! says there is compared with what it says of the same program started directly.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may fail")]
#![expect(clippy::disallowed_methods, reason = "real programs are started and real files made for them")]

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io::Write,
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use rolo::{
    error::{CliError, render},
    exec::{Program, run},
};

/// Tells the test program that it is to be the stand-in; removed again for the program.
const WORDS: &str = "ROLO_TEST_WORDS";
/// What the program itself writes first, behind what the test harness writes.
const START: &str = "<start>";

/// What rolo wrote before the program, without a line end.
const UNFINISHED: &str = "<unfinished line>";

#[test]
#[expect(clippy::exit, reason = "stands in for `main`")]
fn stand_in() {
    let Some(words) = std::env::var_os(WORDS) else {
        return;
    };
    let words: Vec<OsString> = words.to_str().unwrap().split('\u{1f}').map(Into::into).collect();
    let changes = [
        (WORDS, None),
        ("ROLO_TEST_REMOVED", None),
        ("ROLO_TEST_SET", Some("a 'b'")),
        ("ROLO_TEST_EMPTY", Some("")),
    ];
    let mut changes = changes.to_vec();
    if std::env::var_os("ROLO_TEST_NUL").is_some() {
        changes.push(("ROLO_TEST_NUL", Some("a\0b")));
    }
    // Open while the program starts, as a lock would be; so is a terminal, where the tests have one.
    let _kept = (File::open("/dev/zero").unwrap(), rolo::ui::terminal::Terminal::open());
    print!("{UNFINISHED}");
    let program = Program { program: &words[0], args: &words[1..], changes: &changes };
    let error = CliError::from(run(&program).unwrap_err());
    eprint!("{START}{}", render(&error, None, false));
    std::process::exit(error.kind().exit_code_of_exec().into());
}

fn through_rolo(words: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["stand_in", "--exact", "--nocapture", "--test-threads=1"]).env(WORDS, words.join("\u{1f}"));
    command
}

fn directly(words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}

/// What came behind [`START`] on standard output.
fn said(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.split_once(START).unwrap_or_else(|| panic!("the program did not start: {output:?}")).1.to_owned()
}

fn failed(mut command: Command) -> (i32, String) {
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), text.split_once(START).expect("an error in words").1.to_owned())
}

fn file(path: &Path, text: &str, mode: u32) -> PathBuf {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    path.to_owned()
}

#[test]
fn signals_files_and_the_rest_are_as_without_rolo() {
    // `env` starts both with signals ignored and blocked, as `nohup` and some service managers do.
    let signals = ["env", "--ignore-signal=INT,HUP,USR2", "--block-signal=USR1", "--"];
    let report = r#"
        echo "<start>"; echo "$0 $#"; umask; pwd; ulimit -a; ls /proc/$$/fd; nice
        exec grep -E '^(Sig(Ign|Blk|Pnd)|ShdPnd|Umask|Uid|Gid|Threads|NoNewPrivs)' /proc/self/status
    "#;
    // Not `sh`: dash unblocks every signal for itself.
    let words = ["bash", "-c", report, "name", "", "two words"];
    let seen = |command: &Command| {
        let mut around = Command::new(signals[0]);
        around.args(&signals[1..]).arg(command.get_program()).args(command.get_args());
        around.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        without_libc_signals(&said(&around.current_dir("/usr").stdin(Stdio::null()).output().unwrap()))
    };
    let expected = seen(&directly(&words));
    assert!(expected.contains("name 2"), "{expected}");
    assert!(!expected.contains("SigBlk:\t0000000000000000"), "the tests' own set-up: {expected}");
    assert_eq!(seen(&through_rolo(&words)), expected);
}

/// Leaves out signals 32 and 33, which glibc keeps for its threads and shows to no program: they come and go with how a
/// process was started and whether it ever had a second thread, as the test harness has.
fn without_libc_signals(report: &str) -> String {
    let line = |line: &str| match line.strip_prefix("SigIgn:\t") {
        Some(ignored) => {
            format!("SigIgn:\t{:016x}\n", u64::from_str_radix(ignored, 16).unwrap() & !(0b11 << 31))
        }
        None => format!("{line}\n"),
    };
    report.lines().map(line).collect()
}

#[test]
fn a_broken_pipe_ends_the_program() {
    // Rust ignores SIGPIPE; a program that inherits that goes on writing for ever or complains.
    let output = through_rolo(&["sh", "-c", "echo '<start>'; kill -PIPE $$; echo alive"]).output().unwrap();
    assert_eq!(said(&output), "\n");
    assert_eq!(output.status.signal(), Some(13));
}

#[test]
fn it_is_the_same_process_with_the_same_streams() {
    let mut child = through_rolo(&["sh", "-c", "echo '<start>'; echo $$; cat; echo to stderr >&2; exit 37"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let id = child.id();
    child.stdin.take().unwrap().write_all(b"to stdin").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(said(&output), format!("\n{id}\nto stdin"));
    let before = String::from_utf8(output.stdout).unwrap();
    assert!(before.contains(UNFINISHED), "lost with the process: {before}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "to stderr\n");
    assert_eq!(output.status.code(), Some(37));
    let killed = through_rolo(&["sh", "-c", "kill -KILL $$"]).output().unwrap();
    assert_eq!(killed.status.signal(), Some(9));
}

#[test]
fn the_environment_differs_by_the_changes_alone() {
    let environment = |command: &mut Command| {
        let output = command.env("ROLO_TEST_REMOVED", "x").env("ROLO_TEST_SET", "old").output().unwrap();
        let text = said(&output);
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let words = ["sh", "-c", "echo '<start>'; exec env"];
    let mut expected = environment(&mut directly(&words));
    expected.retain(|line| line != "ROLO_TEST_REMOVED=x" && line != "ROLO_TEST_SET=old");
    expected.extend(["ROLO_TEST_SET=a 'b'".to_owned(), "ROLO_TEST_EMPTY=".to_owned()]);
    expected.sort();
    assert_eq!(environment(&mut through_rolo(&words)), expected);
}

#[test]
fn a_script_without_an_interpreter_line_is_run_by_the_shell() {
    let folder = tempfile::tempdir().unwrap();
    let script = file(&folder.path().join("task"), "echo '<start>'; echo \"$0 $# $2\"\n", 0o755);
    let expected = format!("\n{} 2 two words\n", script.display());
    let by_path = through_rolo(&[script.to_str().unwrap(), "", "two words"]).output().unwrap();
    assert_eq!(said(&by_path), expected);
    let mut by_name = through_rolo(&["task", "", "two words"]);
    assert_eq!(said(&by_name.env("PATH", folder.path()).output().unwrap()), expected);
}

#[test]
fn what_is_not_there_is_127() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("nosuch")).unwrap();
    let missing = folder.path().join("missing");
    for (words, path) in [
        ("nosuch-program", None),
        ("nosuch", Some(folder.path().as_os_str())),
        ("nosuch", Some(OsStr::new(""))),
        ("", None),
        (missing.to_str().unwrap(), None),
    ] {
        let mut command = through_rolo(&[words]);
        if let Some(path) = path {
            command.env("PATH", path);
        }
        let (code, text) = failed(command);
        let mut lines = text.lines();
        assert_eq!((code, lines.next()), (127, Some(&*format!("error: `{words}` was not found"))));
        assert!(lines.next().is_some_and(|line| line.starts_with("hint: ")), "{text}");
    }
}

#[test]
fn what_cannot_be_run_is_126() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    file(&folder.path().join("data"), "echo no\n", 0o644);
    let without_hints = |command: Command| {
        let (code, text) = failed(command);
        let (error, hint) = text.split_once("hint: ").unwrap_or_else(|| panic!("no next step: {text}"));
        assert!(!hint.trim().is_empty(), "{text}");
        (code, error.to_owned())
    };
    let denied = |name: &str| {
        (126, format!("error: `{name}` cannot be executed\ncaused by: Permission denied (os error 13)\n"))
    };
    assert_eq!(without_hints(through_rolo(&[&at("data")])), denied(&at("data")));
    let mut by_name = through_rolo(&["data"]);
    by_name.env("PATH", folder.path());
    assert_eq!(without_hints(by_name), denied("data"));
    assert_eq!(without_hints(through_rolo(&[&at("")])), denied(&at("")));

    file(&folder.path().join("script"), "#!/nosuch/python\n", 0o755);
    let expected = format!("error: `{}` cannot be executed: its interpreter was not found\n", at("script"));
    assert_eq!(without_hints(through_rolo(&[&at("script")])), (126, expected.clone()));
    let mut by_name = through_rolo(&["script"]);
    by_name.env("PATH", folder.path());
    assert_eq!(without_hints(by_name), (126, expected));
}

#[test]
fn what_rolo_cannot_hand_over_is_125() {
    let mut command = through_rolo(&["true"]);
    command.env("ROLO_TEST_NUL", "1");
    let (code, text) = failed(command);
    assert_eq!(code, 125);
    assert!(text.starts_with("error: `true` cannot be given these arguments and variables\n"), "{text}");
}
