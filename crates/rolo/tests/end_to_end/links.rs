//! rolo under the names `roly` and `sts2env`, called through real links; and commands that come as one word.

use std::{fs, os::unix::process::CommandExt, process::Stdio};

use expectrl::{Expect, session::OsSession};

use crate::{
    terminal::rest,
    tools,
    world::{Ran, World, run},
};

const QUESTION: &str = "MFA code for arn:aws:iam::111122223333:mfa/ada: ";
const ANSWER: &str = r#"{"Credentials": {"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "hunter2",
    "SessionToken": "hunter3", "Expiration": "2099-11-21T04:14:05Z"}}"#;

/// A shell, and what makes it pass over its files.
type Shell = (&'static str, &'static [&'static str]);

const BASH: Shell = ("bash", &["--norc", "--noprofile"]);
const ZSH: Shell = ("zsh", &["-f", "-o", "nozle"]);

/// The shells of this machine whose `eval` has the words of `sh`.
fn shells() -> impl Iterator<Item = Shell> {
    [BASH, ZSH, ("dash", &[])].into_iter().filter(|(name, _)| tools::find(name).is_some())
}

impl World {
    /// The program by another of its names.
    fn named(&self, name: &str, args: &[&str]) -> Ran {
        let mut command = self.bare_command(&self.bin().join(name));
        run(command.args(args).stdin(Stdio::null()).process_group(0))
    }

    /// A shell of [`shells`] at a terminal that runs `script`.
    fn script_of(&self, (shell, args): Shell, script: &str) -> OsSession {
        self.terminal_of(shell, &[args, &["-c", &format!("stty echo; {script}")]].concat())
    }

    /// A line for a shell in whose `PATH` all names are.
    fn line(&self, line: &str) -> Ran {
        self.shell(&format!("PATH={}:$PATH\n{line}", self.bin().display()))
    }
}

#[test]
fn sts2env_is_convert() {
    let world = World::new();
    world.write("answer.json", ANSWER);
    let ran = world.line(
        r#"export AWS_PROFILE=prod
        eval "$(sts2env <answer.json)"
        echo "$AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN ${AWS_PROFILE-none}""#,
    );
    assert_eq!(ran.quiet(), "ASIAEXAMPLE hunter2 hunter3 none\n");
    assert_eq!(
        world.line("sts2env --format fish <answer.json").quiet(),
        world.line("rolo convert --format fish <answer.json").quiet()
    );
    let stderr = world.line("head -c 100 answer.json | sts2env").failed(3);
    assert!(stderr.contains("breaks off") && !stderr.contains("hunter"), "{stderr}");
    world.named("sts2env", &["prod"]).failed(2);
    assert!(world.named("sts2env", &["--help"]).quiet().contains("rolo convert"));
}

#[test]
fn roly_exports_and_runs_as_rolo_does() {
    let world = World::new();
    let exported = world.named("roly", &["export", "plain"]).quiet();
    assert_eq!(world.calls(), ["AssumeRole"]);
    assert_eq!(exported, world.rolo(&["export", "plain"]).quiet());
    assert!(exported.contains("AWS_ACCESS_KEY_ID="), "{exported}");
    let who = world.named("roly", &["exec", "plain", "env"]).quiet();
    assert!(who.lines().any(|line| line == "ROLO_PROFILE=plain"), "{who}");
    assert!(world.calls().is_empty(), "all of it was cached");

    for (args, code) in [
        (&["exec", "plain", "sh -c 'exit 7'"][..], 7),
        (&["exec", "plain", "sh", "-c", "exit 7"], 7),
        (&["exec", "plain", "--", "sh", "-c", "exit 7"], 7),
        (&["exec", "plain", "rolo-no-such-program with words"], 127),
        (&["exec", "nobody", "true"], 125),
        (&["export", "nobody"], 3),
        (&["-q", "export", "prod"], 4),
        (&["-q", "exec", "prod", "true"], 125),
        (&["export", "plain", "true"], 2),
        (&["exec", "-x", "plain", "true"], 125),
    ] {
        let ran = world.named("roly", args);
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{args:?}: {ran:?}");
    }
    // What is not roly's is rolo's.
    assert_eq!(world.named("roly", &["list"]).quiet(), world.rolo(&["list"]).quiet());
    assert!(world.named("roly", &["--help"]).quiet().contains("rolo"));
}

#[test]
fn roly_connects_standard_input_and_error() {
    let world = World::new();
    let ran = world.line("echo typed | roly exec plain \"sh -c 'cat; echo said >&2; exit 7'\"");
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (7, "typed\n", "said\n"));
}

#[test]
fn a_command_of_one_word_is_split_as_a_shell_splits() {
    let world = World::new();
    let show = world.script("show", r#"printf '<%s>' "$#" "$@""#);
    let show = show.to_str().unwrap();
    let line = format!("{show} 'a  b' c\\ d \"$HOME\" | '' \u{e9}");
    let expected = "<6><a  b><c d><$HOME><|><><\u{e9}>";
    for args in
        [&["exec", "plain", &line][..], &["exec", "plain", "--", &line], &["exec", "-q", "plain", &line]]
    {
        assert_eq!(world.rolo(args).quiet(), expected, "{args:?}");
    }
    assert_eq!(world.named("roly", &["exec", "plain", &line]).quiet(), expected);
    assert_eq!(world.calls(), ["AssumeRole"]);
    // More than one word is what it is.
    assert_eq!(world.rolo(&["exec", "plain", show, "a 'b"]).quiet(), "<1><a 'b>");
}

#[test]
fn a_program_with_blanks_in_its_name_is_not_split() {
    let mut world = World::new();
    let tool = world.script("my tools/run me", "echo itself $#");
    assert_eq!(world.rolo(&["exec", "plain", tool.to_str().unwrap()]).quiet(), "itself 0\n");
    assert_eq!(world.rolo(&["exec", "plain", "my tools/run me"]).quiet(), "itself 0\n");
    world.set("PATH", format!("{}:/usr/bin:/bin", world.path("my tools").display()));
    assert_eq!(world.rolo(&["exec", "plain", "run me"]).quiet(), "itself 0\n");
    assert!(world.rolo(&["exec", "plain", "run you"]).failed(127).contains("`run` was not found"));
}

#[test]
fn a_quote_that_is_left_open_is_a_mistake_before_any_call() {
    let world = World::new();
    insta::assert_snapshot!(world.rolo(&["exec", "plain", "sh -c 'exit 7"]).failed(125), @r"
    error: the command has an unclosed quote
    hint: give each word of the command by itself: `-- CMD ARG ARG`
    ");
    assert!(world.rolo(&["exec", "plain", "  "]).failed(125).contains("nothing but blanks"));
    assert!(world.named("roly", &["exec", "plain", "a\\ b\\"]).failed(125).contains("ends in a backslash"));
    assert!(world.calls().is_empty());
}

#[test]
fn roly_asks_within_an_unquoted_eval() {
    for shell in shells() {
        let world = World::new();
        let mut session = world.script_of(
            shell,
            "export AWS_CREDENTIAL_EXPIRATION=2020-01-01T00:00:00Z AWS_PROFILE=dev; eval $(roly export prod)
            echo \"key=$AWS_ACCESS_KEY_ID profile=$ROLO_PROFILE ${AWS_PROFILE-none} status=$?.\"; rolo whoami",
        );
        session.expect(QUESTION).unwrap();
        session.send_line(world.fake.mfa_code("ada")).unwrap();
        let text = rest(&mut session);
        let key = world.fake.calls_of("AssumeRole")[0].issued.clone().unwrap();
        assert!(text.contains(&format!("key={key} profile=prod none status=0.")), "{shell:?}: {text}");
        assert!(text.contains("role Admin, session ada"), "{shell:?}: {text}");
    }
}

#[test]
fn it_asks_a_person_who_types_at_a_shell() {
    for (shell, args) in shells() {
        for line in ["eval $(roly export prod)", "source <(rolo export prod)"] {
            let substitutes = line.contains("<(");
            if shell == "dash" && substitutes {
                continue;
            }
            let world = World::new();
            let mut session = world.terminal_of(shell, &[args, &["-i"]].concat());
            session.send_line(line).unwrap();
            if shell == "zsh" && substitutes {
                // zsh runs it in the background, where nobody can be asked; so it is asked otherwise first.
                session.expect("there is no terminal to ask for the MFA code on").unwrap();
                session.send_line("rolo exec prod true").unwrap();
            }
            session.expect(QUESTION).unwrap_or_else(|error| panic!("{shell}: {line}: {error}"));
            session.send_line(world.fake.mfa_code("ada")).unwrap();
            if shell == "zsh" && substitutes {
                session.send_line(line).unwrap();
            }
            // What is typed is echoed, so it must not read as what is awaited.
            session.send_line("echo profile''=$ROLO_PROFILE. && exit").unwrap();
            session.expect("profile=prod.").unwrap_or_else(|error| panic!("{shell}: {line}: {error}"));
        }
    }
}

#[test]
fn roly_runs_a_program_of_one_word_after_the_question() {
    for shell in shells() {
        let world = World::new();
        let mut session = world.script_of(
            shell,
            "echo piped | roly exec prod \"sh -c 'cat >taken; echo said >&2; exit 7'\" 2>said; echo \"status=$?.\"",
        );
        session.expect(QUESTION).unwrap();
        session.send_line(world.fake.mfa_code("ada")).unwrap();
        session.expect("status=7.").unwrap();
        let text = |path: &str| fs::read_to_string(world.path(path)).unwrap();
        assert_eq!((text("taken").as_str(), text("said").as_str()), ("piped\n", "said\n"), "{shell:?}");
    }
}

#[test]
fn roly_can_ask_without_a_word() {
    let world = World::new();
    let wrong = if world.fake.mfa_code("ada").starts_with('0') { "999999" } else { "000000" };
    let mut session =
        world.script_of(BASH, "echo begin; eval $(roly -q export prod); echo \"status=$? $ROLO_PROFILE.\"");
    session.expect("begin").unwrap();
    session.send_line("12345").unwrap();
    session.send_line(wrong).unwrap();
    session.send_line(world.fake.mfa_code("ada")).unwrap();
    let text = rest(&mut session);
    assert!(text.contains("status=0 prod."), "{text}");
    assert!(!text.contains("code") && !text.contains("mfa/ada"), "{text}");

    // rolo's own `-q` names the device still.
    let world = World::new();
    let mut session = world.script_of(BASH, "rolo exec -q prod true; echo \"status=$?.\"");
    session.expect(QUESTION).unwrap();
    session.send_line(world.fake.mfa_code("ada")).unwrap();
    session.expect("status=0.").unwrap();
}

#[test]
fn the_name_that_it_is_called_by_decides() {
    let world = World::new();
    let other = world.path("other");
    fs::create_dir(&other).unwrap();
    std::os::unix::fs::symlink(world.bin().join("rolo"), other.join("roly")).unwrap();
    let mut link_to_link = world.bare_command(&other.join("roly"));
    let ran = run(link_to_link.args(["exec", "plain", "printenv ROLO_PROFILE"]));
    assert_eq!(ran.quiet(), "plain\n");
    let mut renamed = world.bare_command(&world.bin().join("rolo"));
    renamed.arg0("sts2env").stdin(Stdio::null());
    assert!(run(renamed).failed(3).contains("standard input"));
    let mut itself = world.bare_command(&world.bin().join("roly"));
    itself.arg0("rolo").args(["exec", "plain", "printenv ROLO_PROFILE"]);
    assert_eq!(run(itself).quiet(), "plain\n");
}
