//! `rolo init --auto` at the prompts of real shells: when it renews, what it starts, and what it leaves alone.

use std::{fs, thread::sleep, time::Duration};

use expectrl::{Expect, session::OsSession};

use crate::{
    programs::{ROLO, wait_for},
    terminal::rest,
    tools,
    world::World,
};

/// A shell with a line editor, and how it is told what the tests need.
struct Shell {
    name: &'static str,
    args: &'static [&'static str],
    /// Makes rolo a part of it, with `--auto`, twice: over a hook of the person's own, which says `mine`.
    init: &'static [&'static str],
    set: fn(&str, &str) -> String,
    /// Whether it can tell by itself how late it is.
    has_clock: bool,
    /// Where the editor comments on every key: what is typed to run the line of the file `line`.
    by_file: Option<&'static str>,
}

const SHELLS: &[Shell] = &[
    Shell {
        name: "bash",
        args: &["--norc", "--noprofile", "-i"],
        init: &[
            "PROMPT_COMMAND='echo mi''ne; '",
            r#"eval "$(rolo init bash --auto)""#,
            r#"eval "$(rolo init bash --auto)""#,
        ],
        set: |name, value| format!("export {name}={value}"),
        has_clock: true,
        by_file: None,
    },
    Shell {
        name: "zsh",
        args: &["-f", "-i"],
        init: &[
            "precmd() { echo mi''ne }",
            r#"eval "$(rolo init zsh --auto)""#,
            r#"eval "$(rolo init zsh --auto)""#,
        ],
        set: |name, value| format!("export {name}={value}"),
        has_clock: true,
        by_file: None,
    },
    Shell {
        name: "fish",
        args: &["--no-config", "-i"],
        init: &[
            "function mine --on-event fish_prompt; echo mi''ne; end",
            "rolo init fish --auto | source",
            "rolo init fish --auto | source",
        ],
        set: |name, value| format!("set -gx {name} {value}"),
        has_clock: false,
        by_file: None,
    },
    Shell {
        name: "tcsh",
        args: &["-f", "-i"],
        init: &[
            "alias precmd 'echo mi''ne'",
            "eval \"`rolo init tcsh --auto`\"",
            "eval \"`rolo init tcsh --auto`\"",
        ],
        set: |name, value| format!("setenv {name} {value}"),
        has_clock: false,
        by_file: None,
    },
    Shell {
        name: "elvish",
        args: &["-norc"],
        init: &[
            "set edit:before-readline = [{|| echo mi''ne }]",
            "eval (rolo init elvish --auto | slurp)",
            "eval (rolo init elvish --auto | slurp)",
        ],
        set: |name, value| format!("set-env {name} {value}"),
        has_clock: false,
        by_file: Some("eval (slurp <line)"),
    },
];

const LONG_AGO: &str = "2020-01-01T00:00:00Z";

/// A person who types, and looks at what a child of the shell is given.
struct Typist<'a> {
    world: &'a World,
    by_file: Option<&'static str>,
    session: OsSession,
    lines: usize,
    shown: Vec<u8>,
}

impl<'a> Typist<'a> {
    /// The shell, with rolo a part of it; each run of rolo is noted. `None`: the shell is not there.
    fn new(world: &'a World, shell: &Shell) -> Option<Self> {
        let tool = tools::find(shell.name)?;
        fs::remove_file(world.bin().join("rolo")).unwrap();
        world.script("bin/rolo", &format!("echo \"$*\" >>~/runs\nexec {ROLO} \"$@\""));
        let session = world.terminal_of(tool.get_program().to_str().unwrap(), shell.args);
        let mut typist = Self { world, by_file: shell.by_file, session, lines: 0, shown: Vec::new() };
        for line in shell.init {
            typist.run(line);
        }
        Some(typist)
    }

    /// Types a line; what stands in `name` of the environment once the next was typed too.
    fn run(&mut self, line: &str) {
        match self.by_file {
            Some(typed) => {
                self.world.write("line", line);
                self.send(typed);
            }
            None => self.send(line),
        }
        self.send(&format!("sh -c 'env >{0}.new; mv {0}.new {0}'", self.lines));
        let path = self.world.path(&self.lines.to_string());
        wait_for(line, || {
            self.look();
            path.exists().then_some(())
        });
        self.lines += 1;
    }

    fn send(&mut self, line: &str) {
        self.session.send(format!("{line}\r")).unwrap();
        // A line editor may forget what is typed before it is ready.
        for _ in 0..10 {
            self.look();
            sleep(Duration::from_millis(15));
        }
    }

    /// Reads what is shown, as a terminal does; one that is asked where its cursor is says so.
    fn look(&mut self) {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = self.session.try_read(&mut bytes) {
            let shown = &bytes[..count];
            for _ in shown.windows(4).filter(|window| window == b"\x1b[6n") {
                self.session.send("\x1b[1;1R").unwrap();
            }
            self.shown.extend_from_slice(shown);
        }
    }

    /// A variable as the last line left it.
    fn var(&self, name: &str) -> Option<String> {
        let text = fs::read_to_string(self.world.path(&(self.lines - 1).to_string())).unwrap();
        text.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
    }

    /// How often a hook ran rolo.
    fn renewals(&self) -> usize {
        let runs = fs::read_to_string(self.world.path("runs")).unwrap();
        runs.lines().filter(|run| run.contains("--auto .")).count()
    }

    /// All that was shown, to the end.
    fn end(mut self) -> String {
        self.send("exit");
        self.shown.extend_from_slice(rest(&mut self.session).as_bytes());
        String::from_utf8_lossy(&self.shown).into_owned()
    }
}

#[test]
fn it_renews_near_the_end_and_starts_nothing_without_a_use() {
    for shell in SHELLS {
        let world = World::new();
        let Some(mut typist) = Typist::new(&world, shell) else { continue };
        typist.run("echo nothing");
        assert_eq!(typist.renewals(), 0, "{}", shell.name);
        typist.run("rolo use plain");
        let end = typist.var("AWS_CREDENTIAL_EXPIRATION").unwrap();
        typist.run("echo fresh");
        if shell.has_clock {
            assert_eq!(typist.renewals(), 0, "{}: it knows that there is time", shell.name);
        }
        typist.run(&(shell.set)("AWS_CREDENTIAL_EXPIRATION", LONG_AGO));
        assert_eq!(typist.var("AWS_CREDENTIAL_EXPIRATION"), Some(end), "{}", shell.name);
        assert!(typist.renewals() > 0, "{}", shell.name);
        assert_eq!(typist.var("ROLO_USE").as_deref(), Some("plain"));
        typist.run("rolo off");
        let renewals = typist.renewals();
        typist.run("echo nothing");
        assert_eq!(typist.renewals(), renewals, "{}", shell.name);
        let shown = typist.end();
        assert!(shown.matches("mine").count() >= 5, "{}: {shown}", shell.name);
        assert!(!shown.contains("hint:"), "{}: {shown}", shell.name);
    }
}

/// No code is asked for, the failure is told once, and the shell goes on with what it has.
#[test]
fn a_failure_is_told_once() {
    for shell in SHELLS {
        let world = World::new();
        let Some(mut typist) = Typist::new(&world, shell) else { continue };
        typist.run("rolo use plain");
        typist.run(&(shell.set)("ROLO_USE", "prod"));
        typist.run(&(shell.set)("AWS_CREDENTIAL_EXPIRATION", LONG_AGO));
        for _ in 0..3 {
            typist.run("echo on");
        }
        assert_eq!(typist.var("AWS_CREDENTIAL_EXPIRATION").as_deref(), Some(LONG_AGO), "{}", shell.name);
        assert_eq!(typist.var("ROLO_PROFILE").as_deref(), Some("plain"));
        let shown = typist.end();
        assert_eq!(shown.matches("rolo use .`").count(), 1, "{}: {shown}", shell.name);
        assert!(!shown.contains("mfa/ada: "), "{}: {shown}", shell.name);
        assert!(!world.calls().contains(&"GetSessionToken".to_owned()));
    }
}

/// Nushell's line editor wants more of a terminal than there is here; its hooks call this.
#[test]
fn nushells_hook() {
    let Some(tool) = tools::find("nushell") else { return };
    let world = World::new();
    world.write("init.nu", &world.rolo(&["init", "nushell", "--auto"]).quiet());
    world.write(
        "script",
        &format!(
            "source init.nu
rolo use plain
let end = $env.AWS_CREDENTIAL_EXPIRATION
$env.AWS_CREDENTIAL_EXPIRATION = '{LONG_AGO}'
__rolo_auto
print ($env.AWS_CREDENTIAL_EXPIRATION == $end)
$env.AWS_CREDENTIAL_EXPIRATION = '{LONG_AGO}'
$env.ROLO_USE = 'nosuch'
__rolo_auto
__rolo_auto
print ($env.config.hooks.pre_prompt | length) ($env.config.hooks.pre_execution | length)
rolo off
__rolo_auto
sh -c 'env | grep -c __rolo'
"
        ),
    );
    let mut command = world.bare_command(tool.get_program().as_ref());
    command.env("PATH", format!("{}:/usr/bin:/bin", world.bin().display())).args(["-n", "script"]);
    let ran = crate::world::run(command);
    assert_eq!(ran.stdout, "true\n1\n1\n0\n", "{ran:?}");
    assert_eq!(ran.stderr.matches("`nosuch`").count(), 1, "{ran:?}");
}

/// What has long to go is left as it is, without a look at a file.
#[test]
fn only_near_the_end() {
    let world = World::new();
    let words = ["use", "--auto", "plain"];
    let run = |end: &str| {
        let mut command = world.command(&words);
        command.env("ROLO_SHELL", "bash").env("AWS_CREDENTIAL_EXPIRATION", end);
        crate::world::run(command).quiet()
    };
    for end in ["2999-01-01T00:00:00Z", "", "never"] {
        assert_eq!(run(end), "", "{end}");
    }
    assert!(world.calls().is_empty());
    assert!(run(LONG_AGO).contains("AWS_SESSION_TOKEN"));
    let help = world.rolo(&["use", "--help"]).quiet();
    assert!(!help.contains("--auto"), "{help}");
}

/// bash has one `DEBUG` trap: a person's own is not taken from them, and the prompt is hooked all the same.
#[test]
fn bash_keeps_a_trap_and_a_list_of_prompt_commands() {
    let Some(tool) = tools::find("bash") else { return };
    let world = World::new();
    let script = world.write(
        "script",
        "trap 'x=1' DEBUG\nPROMPT_COMMAND=(one two)\neval \"$(rolo init bash --auto)\"\ntrap -p DEBUG\nprintf '<%s>' \"${PROMPT_COMMAND[@]}\"\n",
    );
    let mut command = world.bare_command(tool.get_program().as_ref());
    command
        .env("PATH", format!("{}:/usr/bin:/bin", world.bin().display()))
        .args(["--norc", "-i"])
        .arg(script);
    let ran = crate::world::run(command);
    assert_eq!(ran.stdout, "trap -- 'x=1' DEBUG\n<one\n__rolo_auto><two>", "{ran:?}");
}
