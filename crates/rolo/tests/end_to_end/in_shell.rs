//! `rolo init`, `use` and `off` in the real shells: what changes, what comes back, and what is left alone.

use std::{collections::BTreeMap, fs, process::Stdio};

use expectrl::Expect;

use crate::{
    terminal::rest,
    tools,
    world::{Ran, World, run},
};

/// A shell, and how a script in it says what the tests ask of every shell.
struct Shell {
    name: &'static str,
    args: &'static [&'static str],
    /// Makes rolo a part of it.
    init: &'static str,
    /// `{}`: sets and exports a variable to a value without blanks.
    set: fn(&str, &str) -> String,
    /// Runs a line and prints `code=` and its exit code, whatever it is.
    code_of: fn(&str) -> String,
}

const BASH: Shell = Shell {
    name: "bash",
    args: &["--norc", "--noprofile"],
    init: "eval \"$(rolo init bash)\"",
    set: |name, value| format!("export {name}={value}"),
    code_of: |line| format!("{line}; echo code=$?"),
};
const ZSH: Shell = Shell {
    name: "zsh",
    args: &["-f"],
    init: "eval \"$(rolo init zsh)\"",
    set: |name, value| format!("export {name}={value}"),
    code_of: |line| format!("{line}; echo code=$?"),
};
const FISH: Shell = Shell {
    name: "fish",
    args: &["--no-config"],
    init: "rolo init fish | source",
    set: |name, value| format!("set -gx {name} {value}"),
    code_of: |line| format!("{line}; echo code=$status"),
};
const NUSHELL: Shell = Shell {
    name: "nushell",
    args: &["-n"],
    init: "source init.nu",
    set: |name, value| format!("$env.{name} = r#'{}'#", value.trim_matches('\'')),
    code_of: |line| format!("try {{ {line} }} catch {{|error| print $\"code=($env.LAST_EXIT_CODE)\" }}"),
};
const ELVISH: Shell = Shell {
    name: "elvish",
    args: &["-norc"],
    init: "var rolo~ = $nop~; eval (e:rolo init elvish | slurp) &on-end={|ns| set rolo~ = $ns[rolo~] }",
    set: |name, value| format!("set-env {name} {value}"),
    code_of: |line| format!("try {{ {line} }} catch error {{ echo code=$error[reason][exit-status] }}"),
};
const TCSH: Shell = Shell {
    name: "tcsh",
    args: &["-f"],
    init: "eval \"`rolo init tcsh`\"",
    set: |name, value| format!("setenv {name} {value}"),
    code_of: |line| format!("{line}; echo code=$status"),
};
const SHELLS: &[Shell] = &[BASH, ZSH, FISH, NUSHELL, ELVISH, TCSH];
/// Those that read what POSIX says.
const POSIX: &[Shell] = &[BASH, ZSH];

type Environment = BTreeMap<String, String>;

impl World {
    /// A script in the shell, in which rolo is a part; `None` where there is no such shell.
    fn script_in(&self, shell: &Shell, script: &str) -> Option<Ran> {
        self.raw_script_in(shell, &format!("{}\n{script}\n", shell.init))
    }

    fn raw_script_in(&self, shell: &Shell, script: &str) -> Option<Ran> {
        let tool = tools::find(shell.name)?;
        if shell.name == "nushell" {
            self.write("init.nu", &self.rolo(&["init", "nushell"]).quiet());
            self.write("other.nu", &self.rolo(&["init", "nushell", "--cmd", "assume"]).quiet());
        }
        let mut command = self.bare_command(tool.get_program().as_ref());
        let path = format!("{}:/usr/bin:/bin", self.bin().display());
        command.env("PATH", path).env("LC_ALL", "C.UTF-8").args(shell.args);
        command.arg(self.write("script", script)).stdin(Stdio::null());
        Some(run(command))
    }

    /// What a line `env -0 >NAME` of a script found.
    fn environment(&self, name: &str) -> Environment {
        let text = fs::read_to_string(self.path(name)).unwrap();
        // Shells note the last command and how deep they are nested.
        let own = ["_", "SHLVL", "PWD", "OLDPWD", "LAST_EXIT_CODE"];
        let pairs = text.split_terminator('\0').filter_map(|pair| pair.split_once('='));
        pairs
            .filter(|(name, _)| !own.contains(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}

/// A line that writes the environment into a file of the home.
fn dump(name: &str) -> String {
    format!("sh -c 'env -0 >{name}'")
}

/// A home in which nobody need be asked.
fn world() -> World {
    let world = World::new();
    world.add_config(
        "[profile \"it's \\\"one\\\" $HOME\"]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = identity\nregion = eu-west-1\n\n\
         [profile loud]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = identity\n\
         region = us-east-1\noutput = text\ncli_pager =\nservices = mine\n\n\
         [services mine]\ns3 =\n  endpoint_url = http://localhost:9\n",
    );
    world
}

#[test]
fn use_swap_and_off() {
    for shell in SHELLS {
        let world = world();
        let lines = [
            dump("before").as_str(),
            "rolo use plain",
            &dump("plain"),
            "rolo use loud",
            &dump("loud"),
            "rolo use -",
            &dump("swapped"),
            "rolo use -",
            &dump("again"),
            "rolo use .",
            &dump("renewed"),
            "rolo use -",
            &dump("swapped-again"),
            "rolo off",
            &dump("after"),
        ]
        .join("\n");
        let Some(ran) = world.script_in(shell, &lines) else { continue };
        assert_eq!(ran.quiet(), "", "{}", shell.name);
        let get = |file: &str, name: &str| world.environment(file).get(name).cloned().unwrap_or_default();
        for (file, profile, region, output) in [
            ("plain", "plain", "eu-west-1", ""),
            ("loud", "loud", "us-east-1", "text"),
            ("swapped", "plain", "eu-west-1", ""),
            ("again", "loud", "us-east-1", "text"),
            ("renewed", "loud", "us-east-1", "text"),
            ("swapped-again", "plain", "eu-west-1", ""),
        ] {
            let of = |name| get(file, name);
            let found =
                [of("ROLO_PROFILE"), of("AWS_REGION"), of("AWS_DEFAULT_REGION"), of("AWS_DEFAULT_OUTPUT")];
            assert_eq!(found, [profile, region, region, output], "{} {file}", shell.name);
            assert_eq!(of("ROLO_USE"), profile);
        }
        assert!(!world.environment("swapped").contains_key("AWS_ENDPOINT_URL_S3"));
        assert_eq!(world.environment("after"), world.environment("before"), "{}", shell.name);
        let used: Vec<String> = world
            .rolo(&["history", "--json"])
            .json()
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["command"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(used, ["use"; 6], "{}", shell.name);
    }
}

/// All that a person may have had comes back, and none of it leads the next profile astray.
#[test]
fn off_brings_a_persons_own_back() {
    for shell in SHELLS {
        let world = world();
        let keys = world.fake.user_keys("bob");
        let own = [
            ("AWS_PROFILE", "plain"),
            ("AWS_DEFAULT_REGION", "ap-south-1"),
            ("AWS_ACCESS_KEY_ID", keys.id.as_str()),
            ("AWS_SECRET_ACCESS_KEY", &keys.secret),
            ("AWS_VAULT", "old"),
            ("AWS_DEFAULT_OUTPUT", "yaml"),
            ("AWS_CREDENTIAL_EXPIRATION", "'it is; \"never\" $HOME `id` \\ %'"),
        ];
        let mut lines: Vec<String> = own.iter().map(|(name, value)| (shell.set)(name, value)).collect();
        for line in [
            &dump("before"),
            "rolo use loud",
            &dump("loud"),
            "rolo use --region eu-west-3 audit",
            &dump("audit"),
            "rolo use plain",
            "rolo off",
            &dump("after"),
        ] {
            lines.push(line.to_owned());
        }
        let Some(ran) = world.script_in(shell, &lines.join("\n")) else { continue };
        assert_eq!(ran.quiet(), "", "{}", shell.name);
        let [before, loud, audit, after] =
            ["before", "loud", "audit", "after"].map(|name| world.environment(name));
        assert_eq!(before["AWS_CREDENTIAL_EXPIRATION"], "it is; \"never\" $HOME `id` \\ %");
        assert_eq!(after, before, "{}", shell.name);
        assert_eq!(loud["AWS_REGION"], "ap-south-1", "the person's region counts");
        assert_eq!(loud["AWS_DEFAULT_OUTPUT"], "yaml");
        assert_eq!(audit["AWS_REGION"], "eu-west-3");
        for gone in ["AWS_PROFILE", "AWS_VAULT"] {
            assert!(!loud.contains_key(gone) && !audit.contains_key(gone), "{gone}");
        }
        assert!(!audit.contains_key("AWS_ENDPOINT_URL_S3"), "of the profile before");
    }
}

#[test]
fn what_the_person_changes_meanwhile_stays() {
    for shell in SHELLS {
        let world = world();
        let set = (shell.set)("AWS_REGION", "sa-east-1");
        let lines = ["rolo use plain", &set, "rolo use loud", &dump("used"), "rolo off", &dump("after")];
        let Some(ran) = world.script_in(shell, &lines.join("\n")) else { continue };
        assert_eq!(ran.quiet(), "", "{}", shell.name);
        assert_eq!(world.environment("used")["AWS_DEFAULT_REGION"], "sa-east-1");
        let after = world.environment("after");
        let aws: Vec<_> = after.keys().filter(|name| name.contains("AWS") || name.contains("ROLO")).collect();
        assert_eq!(aws, ["AWS_EC2_METADATA_DISABLED", "AWS_ENDPOINT_URL", "AWS_REGION"], "{}", shell.name);
    }
}

#[test]
fn a_failed_use_changes_nothing_and_says_so() {
    for shell in SHELLS {
        let world = world();
        let mut lines = vec!["rolo use plain".to_owned(), dump("before")];
        for (line, file) in [
            ("rolo use nosuch", "a"),
            ("rolo use prod", "b"),
            ("rolo use --nosuch", "c"),
            ("rolo use --read-only .", "d"),
            ("rolo use", "e"),
        ] {
            lines.push((shell.code_of)(line));
            lines.push(dump(file));
        }
        let Some(ran) = world.script_in(shell, &lines.join("\n")) else { continue };
        assert_eq!(ran.stdout, "code=3\ncode=4\ncode=2\ncode=2\ncode=4\n", "{} {ran:?}", shell.name);
        for said in ["`nosuch`", "MFA code", "--nosuch", "as it was", "no terminal"] {
            assert!(ran.stderr.contains(said), "{} {said}: {ran:?}", shell.name);
        }
        let before = world.environment("before");
        for file in ["a", "b", "c", "d", "e"] {
            assert_eq!(world.environment(file), before, "{} {file}", shell.name);
        }
    }
}

/// All but `use` and `off` is the program's own: arguments, input, output, exit code.
#[test]
fn everything_else_goes_to_the_program() {
    for shell in SHELLS {
        let world = world();
        let lines = [
            "rolo --version",
            "rolo exec plain -- sh -c 'printf \"<%s>\" \"$@\"; cat; exit 7' x 'two  blanks' \"it's\" '*' ''",
        ];
        let fed = format!(
            "{} | {}",
            if shell.name == "nushell" { "open --raw input" } else { "cat input" },
            lines[1]
        );
        world.write("input", "typed\n");
        let Some(ran) = world.script_in(shell, &[lines[0], &(shell.code_of)(&fed)].join("\n")) else {
            continue;
        };
        let (version, rest) = ran.stdout.split_once('\n').unwrap();
        assert!(version.starts_with("rolo "), "{ran:?}");
        assert_eq!(rest, "<two  blanks><it's><*><>typed\ncode=7\n", "{} {ran:?}", shell.name);
    }
}

#[test]
fn names_with_blanks_and_quotes() {
    for shell in POSIX {
        let world = world();
        let line = r#"rolo use 'it'\''s "one" $HOME'"#;
        let lines = [line, &dump("used"), "rolo use plain; rolo use -", &dump("again"), "rolo off"];
        let Some(ran) = world.script_in(shell, &lines.join("\n")) else { continue };
        assert_eq!(ran.quiet(), "", "{}", shell.name);
        for file in ["used", "again"] {
            assert_eq!(world.environment(file)["ROLO_PROFILE"], "it's \"one\" $HOME", "{}", shell.name);
        }
    }
}

#[test]
fn strict_scripts_and_subshells() {
    for shell in POSIX {
        let world = world();
        let script = "set -eu
rolo use plain
(rolo use loud; echo inside=$ROLO_PROFILE)
echo outside=$ROLO_PROFILE
if rolo use nosuch 2>/dev/null; then echo wrong; fi
rolo use nosuch 2>/dev/null || echo failed=$?
rolo off
echo off=${ROLO_PROFILE-none}
rolo use nosuch
echo never";
        let Some(ran) = world.script_in(shell, script) else { continue };
        let expected = "inside=loud\noutside=plain\nfailed=3\noff=none\n";
        assert_eq!((ran.code, ran.stdout.as_str()), (3, expected), "{} {ran:?}", shell.name);
    }
}

/// The rest of a script on standard input is not taken for rolo's.
#[test]
fn the_shells_input_is_not_eaten() {
    // Nushell takes no script there.
    for shell in SHELLS.iter().filter(|shell| shell.name != "nushell") {
        let world = world();
        let Some(tool) = tools::find(shell.name) else { continue };
        let script = world
            .write("typed", &format!("{}\nrolo use plain\nrolo use nosuch\necho still here\n", shell.init));
        let mut command = world.bare_command(tool.get_program().as_ref());
        command.env("PATH", format!("{}:/usr/bin:/bin", world.bin().display())).args(shell.args);
        let ran = run(command.stdin(fs::File::open(script).unwrap()));
        assert!(ran.stdout.contains("still here"), "{} {ran:?}", shell.name);
    }
}

#[test]
fn no_secret_is_traced() {
    for shell in POSIX {
        let world = world();
        let script = "set -x; rolo use plain; case $- in *x*) echo traced;; esac; rolo off";
        let Some(ran) = world.script_in(shell, script) else { continue };
        assert_eq!(ran.stdout, "traced\n", "{} {ran:?}", shell.name);
        let secret = world.keys(&["plain"]).secret;
        assert!(!ran.stderr.contains(&secret), "{} {ran:?}", shell.name);
    }
}

/// Options under which a function's `export` or `local` could mean something else.
#[test]
fn whatever_options_zsh_has() {
    for options in [
        "noglobalexport warncreateglobal",
        "shwordsplit ksharrays",
        "errreturn nounset",
        "rcquotes noshortloops",
        "allexport posixbuiltins",
    ] {
        let world = world();
        let script = format!(
            "setopt {options}\n{}\nrolo use loud\n{}\nrolo off\n{}",
            ZSH.init,
            dump("used"),
            dump("after")
        );
        let Some(ran) = world.raw_script_in(&ZSH, &format!("{}\n{script}", dump("before"))) else { return };
        assert_eq!(ran.quiet(), "", "{options}");
        assert_eq!(world.environment("used")["ROLO_PROFILE"], "loud", "{options}");
        assert_eq!(world.environment("after"), world.environment("before"), "{options}");
    }
}

/// Whatever stands in the way of the function, and twice.
#[test]
fn a_shell_with_aliases_and_functions_of_its_own() {
    for shell in POSIX {
        let world = world();
        let aliases = if shell.name == "bash" { "shopt -s expand_aliases" } else { "setopt aliases" };
        let script = format!(
            "{aliases}
alias rolo='echo alias' other='echo kept'
function rolo {{ echo function; }}
mine() {{ echo mine; }}
{init}
{init}
rolo use plain
echo $ROLO_PROFILE
other; mine
rolo off",
            init = shell.init.replace("rolo init", "command rolo init")
        );
        let Some(ran) = world.raw_script_in(shell, &script) else { continue };
        assert_eq!(ran.stdout, "plain\nkept\nmine\n", "{} {ran:?}", shell.name);
    }
}

#[test]
fn twice_is_no_harm() {
    for shell in SHELLS {
        let world = world();
        let script = [
            shell.init,
            shell.init,
            &dump("before"),
            "rolo use plain",
            &dump("used"),
            "rolo off",
            &dump("after"),
        ];
        let Some(ran) = world.raw_script_in(shell, &script.join("\n")) else { continue };
        assert_eq!(ran.quiet(), "", "{}", shell.name);
        assert_eq!(world.environment("used")["ROLO_PROFILE"], "plain");
        assert_eq!(world.environment("after"), world.environment("before"), "{}", shell.name);
    }
}

/// Elvish's rc file is read before there is a prompt, and its functions are its own but for what it gives the editor.
#[test]
fn elvish_has_the_function_at_its_prompt() {
    let Some(tool) = tools::find("elvish") else { return };
    let world = world();
    let rc = world.write("rc.elv", "eval (rolo init elvish | slurp)\n");
    let mut session = world.terminal_of(tool.get_program().to_str().unwrap(), &["-rc", rc.to_str().unwrap()]);
    session.expect("> ").unwrap();
    session.send_line(format!("rolo use plain; {}; exit", dump("used"))).unwrap();
    rest(&mut session);
    assert_eq!(world.environment("used")["ROLO_PROFILE"], "plain");
}

/// In tcsh each command is an alias of its own: none may be missing.
#[test]
fn tcsh_knows_every_command() {
    let world = world();
    let lines = [
        "rolo list | wc -l",
        "rolo",
        "rolo export plain --format json > exported; echo $status",
        "rolo history --json",
    ];
    let Some(ran) = world.script_in(&TCSH, &lines.join("\n")) else { return };
    assert!(ran.stderr.contains("Usage: rolo"), "{ran:?}");
    assert!(ran.stdout.contains("\n0\n") && !ran.stderr.contains("not found"), "{ran:?}");
    let script = world.rolo(&["init", "tcsh"]).quiet();
    let help = world.rolo(&["--help"]).quiet();
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    // A line further in goes on with the one above.
    let names = commands.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    for command in names.filter(|name| !name.is_empty()) {
        assert!(script.contains(&format!("alias __rolo_{command} ")), "{command}");
    }
}

#[test]
fn a_function_of_another_name() {
    for shell in SHELLS {
        let world = world();
        let script = format!("{}\nassume use plain\n{}\nassume off", shell.init, dump("used"));
        let script = script
            .replace(&format!("init {}", shell.name), &format!("init {} --cmd assume", shell.name))
            .replace("init.nu", "other.nu")
            .replace("rolo~", "assume~");
        let Some(ran) = world.raw_script_in(shell, &script) else { continue };
        assert_eq!(ran.quiet(), "", "{}", shell.name);
        assert_eq!(world.environment("used")["ROLO_PROFILE"], "plain", "{}", shell.name);
    }
    let world = world();
    for name in ["", "a b", "$(id)", "-x"] {
        world.rolo(&["init", "bash", &format!("--cmd={name}")]).failed(2);
    }
}

/// A child gets what the shell has, can end it for itself, and is not renewed to what its parent used.
#[test]
fn in_the_shell_of_an_exec() {
    for shell in POSIX {
        let world = world();
        let child = world.write(
            "child",
            &format!(
                "{}\necho $ROLO_PROFILE ${{ROLO_USE-none}}\nrolo use plain\nrolo use -\n{}\nrolo off\n{}\n",
                shell.init,
                dump("used"),
                dump("after")
            ),
        );
        let script = format!(
            "{}\nrolo use loud\nrolo exec -q audit -- {} {}\n",
            dump("before"),
            shell.name,
            child.display()
        );
        let Some(ran) = world.script_in(shell, &script) else { continue };
        assert_eq!(ran.stdout, "audit none\n", "{} {ran:?}", shell.name);
        assert_eq!(world.environment("after"), world.environment("before"), "{}", shell.name);
    }
}

#[test]
fn unset_takes_the_traces_of_use_along() {
    let world = world();
    let script = format!("rolo use plain; rolo use loud; eval \"$(command rolo unset)\"\n{}", dump("after"));
    let Some(ran) = world.script_in(&BASH, &script) else { return };
    assert_eq!(ran.quiet(), "");
    let after = world.environment("after");
    assert!(!after.keys().any(|name| name.starts_with("ROLO_")), "{after:?}");
}

#[test]
fn off_without_a_use_is_unset() {
    for shell in POSIX {
        let world = world();
        let script =
            format!("{}\neval \"$(rolo export plain)\"\nrolo off -v\n{}", dump("before"), dump("after"));
        let Some(ran) = world.script_in(shell, &script) else { continue };
        assert!(ran.stderr.contains("nothing was used in this shell"), "{ran:?}");
        assert_eq!(world.environment("after"), world.environment("before"), "{}", shell.name);
    }
}

/// What is renewed is what was asked for, wherever the shell is by then; never the code.
#[test]
fn a_use_with_options_is_renewed_as_it_was() {
    let world = World::new();
    world.write("here/policy.json", "{\"Version\":\"2012-10-17\",\"Statement\":[]}");
    let code = world.fake.mfa_code("ada");
    let script = format!(
        "cd here\nrolo use --mfa-code {code} --policy policy.json --region eu-north-1 prod\ncd ..\nrolo use --refresh .\n{}",
        dump("used")
    );
    let Some(ran) = world.script_in(&BASH, &script) else { return };
    assert_eq!(ran.quiet(), "");
    let used = world.environment("used");
    assert_eq!(used["AWS_REGION"], "eu-north-1");
    assert!(used["ROLO_USE"].ends_with("prod") && !used["ROLO_USE"].contains(&code), "{}", used["ROLO_USE"]);
    let policies: Vec<_> =
        world.fake.calls_of("AssumeRole").iter().map(|call| call.params.get("Policy").cloned()).collect();
    assert_eq!(policies.len(), 2);
    assert!(policies[0].is_some() && policies[0] == policies[1], "{policies:?}");
}

#[test]
fn without_the_function_the_remedy_is_told() {
    let world = world();
    for words in [&["use", "plain"][..], &["off"]] {
        let said = world.rolo(words).failed(2);
        assert!(said.contains("rolo init"), "{said}");
    }
    assert!(world.calls().is_empty());
    let lines = world.rolo(&["init"]).quiet();
    for shell in SHELLS {
        assert!(lines.contains(&format!("rolo init {}", shell.name)), "{lines}");
    }
    let help = run(world.command(&["use", "--help"]).env("ROLO_SHELL", "bash"));
    assert!(help.stdout.is_empty() && help.stderr.contains("Usage: "), "{help:?}");
    let odd = run(world.command(&["use", "plain"]).env("ROLO_SHELL", "dash"));
    assert!(odd.failed(2).contains("`dash` in `ROLO_SHELL`"));
}

#[test]
fn the_code_is_asked_for_in_the_shell() {
    for shell in SHELLS {
        let Some(tool) = tools::find(shell.name) else { continue };
        let world = World::new();
        world.write("init.nu", &world.rolo(&["init", "nushell"]).quiet());
        let file = world.write("typed", &format!("{}\nrolo use prod\n{}\n", shell.init, dump("used")));
        let mut session = world.terminal_of(
            tool.get_program().to_str().unwrap(),
            &[shell.args, &[file.to_str().unwrap()]].concat(),
        );
        session.expect("MFA code for arn:aws:iam::111122223333:mfa/ada: ").unwrap();
        session.send_line(world.fake.mfa_code("ada")).unwrap();
        rest(&mut session);
        assert_eq!(world.environment("used")["ROLO_PROFILE"], "prod", "{}", shell.name);
        assert_eq!(world.calls(), ["GetSessionToken", "AssumeRole"]);
    }
}
