//! Every format is read by what it is meant for: each shell evaluates its statements, over stale variables, and says
//! what its children get; documents are parsed by foreign parsers.
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use proptest::{prelude::*, test_runner::TestRunner};
use rolo::format::{Change, Format, FormatError};

mod support {
    pub(crate) mod tools;
}
use support::tools;

type Environment = BTreeMap<String, String>;

/// How a person has a shell evaluate what rolo printed.
struct Way {
    format: Format,
    tool: &'static str,
    args: &'static [&'static str],
    /// Typed into the shell, `{file}` being what rolo printed; empty: that itself is pasted.
    line: &'static str,
    holds: Holds,
    input: Input,
}

/// What values this way lets through by the shell's own rules.
#[derive(Clone, Copy, PartialEq)]
enum Holds {
    All,
    /// An unquoted `$(…)` makes blanks of both; pasted into a line editor, a tab asks for completion.
    NoTabsNorLines,
}

#[derive(Clone, Copy, PartialEq)]
enum Input {
    /// A script file as the last argument.
    Script,
    /// Typed on standard input.
    Typed,
}

impl Way {
    const fn script(
        format: Format,
        tool: &'static str,
        args: &'static [&'static str],
        line: &'static str,
    ) -> Self {
        Self { format, tool, args, line, holds: Holds::All, input: Input::Script }
    }

    const fn but(mut self, holds: Holds) -> Self {
        self.holds = holds;
        self
    }

    const fn typed(mut self) -> Self {
        self.input = Input::Typed;
        self
    }

    fn takes(&self, value: &str) -> bool {
        let unfit: &[char] = match self.holds {
            Holds::All => &[],
            Holds::NoTabsNorLines => &['\n', '\t'],
        };
        !value.contains(unfit)
    }
}

const BASH: &[&str] = &["--norc", "--noprofile"];
const BASH_I: &[&str] = &["--norc", "--noprofile", "-i"];
const QUOTED: &str = r#"eval "$(cat {file})""#;
const UNQUOTED: &str = "eval $(cat {file})";

const SH: &[Way] = &[
    Way::script(Format::Sh, "dash", &[], QUOTED),
    Way::script(Format::Sh, "dash", &[], UNQUOTED).but(Holds::NoTabsNorLines),
    Way::script(Format::Sh, "dash", &[], ". {file}"),
    Way::script(Format::Sh, "bash", BASH, QUOTED),
    Way::script(Format::Sh, "bash", BASH, UNQUOTED).but(Holds::NoTabsNorLines),
    Way::script(Format::Sh, "bash", BASH, "shopt -s extglob; eval $(cat {file})").but(Holds::NoTabsNorLines),
    Way::script(Format::Sh, "bash", BASH, "source <(cat {file})"),
    Way::script(Format::Sh, "bash", BASH_I, QUOTED).typed(),
    Way::script(Format::Sh, "bash", BASH_I, UNQUOTED).but(Holds::NoTabsNorLines).typed(),
    Way::script(Format::Sh, "bash", BASH_I, "").but(Holds::NoTabsNorLines).typed(),
    Way::script(Format::Sh, "zsh", &["-f"], QUOTED),
    Way::script(Format::Sh, "zsh", &["-f"], UNQUOTED).but(Holds::NoTabsNorLines),
    Way::script(Format::Sh, "zsh", &["-f", "-o", "rc_quotes"], UNQUOTED).but(Holds::NoTabsNorLines),
    Way::script(Format::Sh, "zsh", &["-f", "-i"], QUOTED).typed(),
];
const FISH: &[Way] = &[
    Way::script(Format::Fish, "fish", &[], "cat {file} | source"),
    Way::script(Format::Fish, "fish", &[], "eval (cat {file})"),
    Way::script(Format::Fish, "fish", &[], r#"eval "$(cat {file})""#),
    Way::script(Format::Fish, "fish", &[], "function use; eval (cat {file}); end; use"),
];
const TCSH: &[Way] = &[
    Way::script(Format::Tcsh, "tcsh", &["-f"], "eval `cat {file}`"),
    Way::script(Format::Tcsh, "tcsh", &["-f"], r#"eval "`cat {file}`""#),
    Way::script(Format::Tcsh, "tcsh", &["-f"], "source {file}"),
    Way::script(Format::Tcsh, "tcsh", &["-f"], "set backslash_quote; eval `cat {file}`"),
    Way::script(Format::Tcsh, "tcsh", &["-f", "-i"], "eval `cat {file}`").typed(),
    Way::script(Format::Tcsh, "tcsh", &["-f", "-i"], "").typed(),
];
const ELVISH: &[Way] = &[Way::script(Format::Elvish, "elvish", &["-norc"], "eval (cat {file} | slurp)")];
const NUSHELL: &[Way] = &[
    Way::script(Format::Nushell, "nushell", &["-n"], "source {file}"),
    Way::script(Format::Json, "nushell", &["-n"], "open --raw {file} | from json | load-env"),
];
const POWERSHELL: &[Way] = &[Way::script(
    Format::PowerShell,
    "powershell",
    &["-NoProfile", "-NonInteractive", "-File"],
    "Get-Content {file} | Invoke-Expression",
)];
/// `env` has no shell of its own; this is a reader that takes each line as it is.
const ENV: &[Way] =
    &[Way::script(Format::Env, "dash", &[], r#"while IFS= read -r line; do export "$line"; done < {file}"#)];
const DOTENV: &[Way] = &[
    Way::script(Format::Dotenv, "dash", &[], "set -a; . {file}"),
    Way::script(Format::Dotenv, "bash", BASH, "set -a; . {file}"),
];

/// One hazard each, and all of them together.
const VALUES: &[&str] = &[
    "plain/Text+1=",
    "",
    "'",
    "''",
    "it's",
    "\"",
    "$HOME ${HOME} $(echo x) `echo x`",
    "\\",
    "a\\nb\\\\",
    "!!",
    "wow!x !",
    "%PATH% %s",
    " two  blanks ",
    "   ",
    "\t",
    "a\nb",
    "\n",
    "-n",
    "--",
    "; echo x",
    "#x #y",
    "~",
    "~root:~",
    "*",
    "/etc/* * x* ? [0-9] {a,b} {}",
    "=0 =",
    "+(0|1) @(0)",
    "^a^b ( ) < > | &",
    "grüße 日本 🙂 \u{2018}\u{2019}\u{201a}\u{201b}\u{201c}\u{201d}",
    " -'\"$HOME`id`\\ !!%PATH%;#~*{a,b}\u{2019} grüße\t  \nend\\",
];

fn changes<'a>(pairs: &[(&'a str, Option<&'a str>)]) -> Vec<Change<'a>> {
    pairs.iter().map(|&(name, value)| Change { name, value }).collect()
}

fn render(format: Format, changes: &[Change<'_>]) -> Result<String, FormatError> {
    format.render(changes, "section").map(|text| text.expose().to_owned())
}

/// Evaluates `texts` one after the other in one shell over `stale` variables; the environment that a child then gets.
/// `None`: the shell is not there.
fn evaluate(way: &Way, stale: &Environment, texts: &[String]) -> Option<Environment> {
    let mut shell = tools::find(way.tool)?;
    shell.envs(stale);
    let folder = tempfile::tempdir().unwrap();
    let dump = folder.path().join("dump.sh");
    let answer = folder.path().join("answer");
    write(&dump, &format!("exec env -0 > {}", answer.display()));
    let mut script = String::new();
    for (index, text) in texts.iter().enumerate() {
        let file = folder.path().join(index.to_string());
        write(&file, text);
        script += if way.line.is_empty() { text } else { way.line };
        script = script.replace("{file}", file.to_str().unwrap()) + "\n";
    }
    script += "sh ";
    script += dump.to_str().unwrap();
    script += "\n";
    let said = run(way, shell, folder.path(), &script);
    let Ok(answer) = fs::read_to_string(&answer) else { panic!("{} `{}`: {said}", way.tool, way.line) };
    Some(answer.split_terminator('\0').filter_map(|pair| pair.split_once('=')).map(owned).collect())
}

fn run(way: &Way, mut shell: Command, folder: &Path, script: &str) -> String {
    shell.env("HOME", folder).current_dir(folder).args(way.args);
    if way.input == Input::Script {
        let file = folder.join("script.ps1");
        write(&file, script);
        shell.arg(file);
    }
    feed(shell, if way.input == Input::Typed { script } else { "" })
}

/// Runs `command` with `input`; what it said on both outputs.
fn feed(mut command: Command, input: &str) -> String {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Whoever does not read its input closes it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[expect(clippy::disallowed_methods, reason = "scratch files need no owner checks")]
fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn names() -> Vec<String> {
    (0..VALUES.len()).map(|index| format!("VALUE_{index}")).collect()
}

/// Stale variables are in the environment, a first hand-over changes them, a second changes them again: what the second
/// says must be all that is left.
fn check(way: &Way) {
    let names = names();
    let all: Vec<_> = names.iter().map(String::as_str).zip(VALUES.iter().copied()).collect();
    let fit: Vec<_> = all
        .into_iter()
        .filter(|&(name, value)| {
            way.takes(value) && render(way.format, &changes(&[(name, Some(value))])).is_ok()
        })
        .collect();
    assert!(fit.len() > VALUES.len() / 2, "{} `{}` is tried with next to nothing", way.tool, way.line);
    let mut first: Vec<_> = names.iter().map(|name| (name.as_str(), Some("first"))).collect();
    first.extend([("OF_FIRST", Some("first")), ("STALE", Some("first")), ("NEVER", None)]);
    // Not in the order in which it must be done.
    let mut second: Vec<_> = fit.iter().map(|&(name, value)| (name, Some(value))).collect();
    second.extend([("OF_FIRST", None), ("STALE", None), ("STALER", None), ("NEVER", None)]);
    let texts = [first, second].map(|pairs| render(way.format, &changes(&pairs)).unwrap());
    let stale = ["STALE", "STALER", "VALUE_0", "VALUE_1"].map(|name| owned((name, "stale"))).into();

    let Some(environment) = evaluate(way, &stale, &texts) else { return };
    for (name, value) in fit {
        let got = environment.get(name).map(String::as_str);
        assert_eq!(got, Some(value), "{} `{}` {name}", way.tool, way.line);
    }
    let left: Vec<_> = ["OF_FIRST", "STALE", "STALER", "NEVER"]
        .into_iter()
        .filter(|name| environment.contains_key(*name))
        .collect();
    if way.format.can_unset() {
        assert!(left.is_empty(), "{} `{}` left {left:?}", way.tool, way.line);
    } else {
        assert_eq!(left, ["OF_FIRST", "STALE", "STALER"], "says it cannot unset and does");
    }
}

#[test]
fn sh_is_evaluated_by_dash_bash_and_zsh() {
    SH.iter().for_each(check);
}

#[test]
fn fish_is_evaluated() {
    FISH.iter().for_each(check);
}

#[test]
fn tcsh_is_evaluated() {
    TCSH.iter().for_each(check);
}

#[test]
fn elvish_is_evaluated() {
    ELVISH.iter().for_each(check);
}

#[test]
fn nushell_is_evaluated() {
    NUSHELL.iter().for_each(check);
}

#[test]
fn powershell_is_evaluated() {
    POWERSHELL.iter().for_each(check);
}

#[test]
fn env_lines_are_read() {
    ENV.iter().for_each(check);
}

#[test]
fn dotenv_is_read_by_a_shell() {
    DOTENV.iter().for_each(check);
}

/// Values of every kind of character, what shells care about more often than the rest.
fn any_value() -> impl Strategy<Value = String> {
    let hazard = prop::sample::select(
        "'\"$`\\!% \t\n\r;#~*?[]{}()<>|&^=-\u{2019}\u{85}\u{a0}".chars().collect::<Vec<_>>(),
    );
    let character = prop_oneof![3 => hazard, 1 => any::<char>(), 1 => prop::char::range('a', 'z')];
    let character = character.prop_filter("no environment holds NUL", |character| *character != '\0');
    prop::collection::vec(character, 0..12).prop_map(String::from_iter)
}

/// Many values in one process, or the test would only measure how fast a shell starts.
fn check_any(way: &Way) {
    if tools::find(way.tool).is_none() {
        return;
    }
    let config = ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() };
    let values = prop::collection::vec(any_value(), 100);
    TestRunner::new(config)
        .run(&values, |values| {
            let names: Vec<_> = (0..values.len()).map(|index| format!("V{index}")).collect();
            let fit = |(name, value): &(&str, &str)| {
                way.takes(value) && render(way.format, &changes(&[(*name, Some(*value))])).is_ok()
            };
            let pairs: Vec<_> =
                names.iter().map(String::as_str).zip(values.iter().map(String::as_str)).filter(fit).collect();
            let sets: Vec<_> = pairs.iter().map(|&(name, value)| (name, Some(value))).collect();
            let text = render(way.format, &changes(&sets)).unwrap();
            let environment = evaluate(way, &Environment::new(), &[text]).unwrap();
            for (name, value) in pairs {
                prop_assert_eq!(environment.get(name).map(String::as_str), Some(value), "{}", way.tool);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn any_value_survives_sh() {
    SH.iter().filter(|way| way.input == Input::Script).for_each(check_any);
}

#[test]
fn any_value_survives_fish() {
    FISH[..2].iter().for_each(check_any);
}

#[test]
fn any_value_survives_tcsh() {
    TCSH[..2].iter().for_each(check_any);
}

#[test]
fn any_value_survives_elvish() {
    ELVISH.iter().for_each(check_any);
}

#[test]
fn any_value_survives_nushell() {
    NUSHELL.iter().for_each(check_any);
}

#[test]
fn any_value_survives_dotenv_and_env() {
    ENV.iter().chain(DOTENV).for_each(check_any);
}

/// A variable may be stale in both of fish's scopes.
#[test]
fn fish_erases_universal_variables() {
    let way = &FISH[0];
    let seed = "set -Ux STALE universal; set -Ux VALUE universal;\n".to_owned();
    let text = render(way.format, &changes(&[("VALUE", Some("new")), ("STALE", None)])).unwrap();
    let stale = [owned(("STALE", "inherited"))].into();
    let Some(environment) = evaluate(way, &stale, &[seed, text]) else { return };
    assert_eq!(environment.get("STALE"), None);
    assert_eq!(environment.get("VALUE").map(String::as_str), Some("new"));
}

/// PowerShell's own grammar reads the statements; line by line, as `Invoke-Expression` gets them.
#[test]
fn powershell_is_parsed_and_read_back() {
    let Some(mut python) = tools::find("tree-sitter-powershell") else { return };
    let names = names();
    let mut pairs: Vec<_> = names.iter().map(String::as_str).zip(VALUES.iter().copied().map(Some)).collect();
    pairs.insert(3, ("STALE", None));
    let text = render(Format::PowerShell, &changes(&pairs)).unwrap();
    python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/read_powershell.py"));
    let answer = feed(python, &text);
    let Ok(read) = serde_json::from_str::<Vec<(String, Option<String>)>>(&answer) else {
        panic!("{answer}");
    };
    let stale = pairs.remove(3);
    pairs.insert(0, stale);
    let read: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect();
    assert_eq!(read, pairs);
}
