//! What went wrong, for people and for scripts: the one renderer of errors, and the exit codes.
//!
//! Must not know where an error comes from, nor what to do about it: hints are made in `hints` and come in as text.

pub mod names;

use std::{error::Error, fmt::Write, io, path::Path};

use rolo_core::{
    error::{ErrorName, HaveName},
    origin::Location,
    talk::in_one_line,
};
use serde_json::json;

use crate::{
    exec::ExecError,
    ui::{
        ERROR_STYLE, HEADER_STYLE, HINT_STYLE,
        escape::{escape, escape_lines, escape_to_one_line, render_json_line},
        paint,
    },
};

/// Exit codes, on which scripts may rely.
pub mod exit_code {
    /// All was done.
    pub const DONE: u8 = 0;
    /// A failure of no other kind.
    pub const OTHER: u8 = 1;
    /// The command line is wrong.
    pub const USAGE: u8 = 2;
    /// The configuration is wrong: the files, or variables that stand for them; or what `convert` reads.
    pub const CONFIGURATION: u8 = 3;
    /// A person is needed (an MFA code, a sign-in) and none can be asked.
    pub const PERSON_NEEDED: u8 = 4;
    /// AWS was reached and refused.
    pub const REFUSED: u8 = 5;
    /// AWS could not be reached.
    pub const UNREACHABLE: u8 = 6;
    /// `rolo exec` alone: rolo failed, whatever the kind, for the codes above are the program's own.
    pub const EXEC_FAILED: u8 = 125;
    /// `rolo exec` alone: the program was found and cannot be executed.
    pub const NOT_EXECUTABLE: u8 = 126;
    /// `rolo exec` alone: the program was not found.
    pub const NOT_FOUND: u8 = 127;
    /// The picker was left without a choice, as fzf says it.
    pub const NOT_CHOSEN: u8 = 130;
}

/// What kind of failure it is, which is what scripts see of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// None of the others.
    Other,
    /// The command line.
    Usage,
    /// The configuration.
    Configuration,
    /// A person is needed and none can be asked.
    PersonNeeded,
    /// AWS refused.
    Refused,
    /// AWS could not be reached.
    Unreachable,
    /// The program of `rolo exec` cannot be executed.
    NotExecutable,
    /// The program of `rolo exec` was not found.
    NotFound,
}

impl ErrorKind {
    /// The exit code of every command but `exec`.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Other => exit_code::OTHER,
            Self::Usage => exit_code::USAGE,
            Self::Configuration => exit_code::CONFIGURATION,
            Self::PersonNeeded => exit_code::PERSON_NEEDED,
            Self::Refused => exit_code::REFUSED,
            Self::Unreachable => exit_code::UNREACHABLE,
            Self::NotExecutable => exit_code::NOT_EXECUTABLE,
            Self::NotFound => exit_code::NOT_FOUND,
        }
    }

    /// Its word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Usage => "usage",
            Self::Configuration => "configuration",
            Self::PersonNeeded => "person-needed",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::NotExecutable => "not-executable",
            Self::NotFound => "not-found",
        }
    }

    /// The kind of a rolo's failure that ran within this one and ended with `code`; `None` for codes that say nothing.
    /// A wrong command line within is a wrong setting here.
    pub fn of_nested(code: i32) -> Option<Self> {
        match u8::try_from(code).ok()? {
            exit_code::USAGE | exit_code::CONFIGURATION => Some(Self::Configuration),
            exit_code::PERSON_NEEDED => Some(Self::PersonNeeded),
            exit_code::REFUSED => Some(Self::Refused),
            exit_code::UNREACHABLE => Some(Self::Unreachable),
            _ => None,
        }
    }

    /// The exit code of `rolo exec`, as `env`, `nice` and `timeout` have it.
    pub fn exit_code_of_exec(self) -> u8 {
        match self {
            Self::NotExecutable | Self::NotFound => self.exit_code(),
            _ => exit_code::EXEC_FAILED,
        }
    }
}

/// An error on its way to a person.
#[derive(Debug)]
pub struct CliError {
    kind: ErrorKind,
    name: ErrorName,
    error: Box<dyn Error + Send + Sync>,
    locations: Vec<Location>,
    notes: Vec<String>,
    hints: Vec<String>,
}

impl CliError {
    /// `error` says what is wrong, its sources why.
    pub fn new(kind: ErrorKind, error: impl HaveName + Error + Send + Sync + 'static) -> Self {
        Self::named(kind, error.name(), error)
    }

    /// The same for an error, or a sentence, that does not bring its name along.
    pub fn named(kind: ErrorKind, name: ErrorName, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let error = error.into();
        Self { kind, name, error, locations: Vec::new(), notes: Vec::new(), hints: Vec::new() }
    }

    /// A command line that makes no sense.
    pub fn usage(problem: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::named(ErrorKind::Usage, names::USAGE, problem)
    }

    /// Standard output that does not take what is to be printed. Whoever read it may have gone.
    pub fn output(error: io::Error) -> Self {
        Self::named(ErrorKind::Other, names::OUTPUT_CLOSED, NotPrinted(error))
            .hint("look where standard output goes: to a full disk, or to a program that ended early?")
    }

    /// A working directory that has gone, or that may not be looked up.
    pub fn no_folder(error: io::Error) -> Self {
        Self::named(ErrorKind::Other, names::NO_FOLDER, NoFolder(error))
            .hint("change to a folder that is there: `cd`")
    }

    /// Adds the settings to blame, in the order they are to be read.
    #[must_use]
    pub fn at(mut self, locations: impl IntoIterator<Item = Location>) -> Self {
        self.locations.extend(locations);
        self
    }

    /// Adds what is known besides, such as what was sent.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds one next step, which a person can run or do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds several next steps.
    #[must_use]
    pub fn hints(mut self, hints: impl IntoIterator<Item = String>) -> Self {
        self.hints.extend(hints);
        self
    }

    /// Adds next steps that are likelier to help than those there are.
    #[must_use]
    pub fn first_hints(mut self, hints: impl IntoIterator<Item = String>) -> Self {
        self.hints.splice(0..0, hints);
        self
    }

    /// What is wrong, why and where, for a warning about what does not end the run.
    pub fn in_one_line(&self) -> String {
        let text = self.words();
        match render_locations(&self.locations).as_str() {
            "" => text,
            places => format!("{text} (at {places})"),
        }
    }

    /// Makes it a failure of another kind, for callers whose exit codes differ.
    #[must_use]
    pub fn as_kind(self, kind: ErrorKind) -> Self {
        Self { kind, ..self }
    }

    /// Gives it the name of another failure, of which it was a part.
    #[must_use]
    pub fn as_named(self, name: ErrorName) -> Self {
        Self { name, ..self }
    }

    /// Tells `error` in place of what was told so far; kind, name, places and next steps stay.
    #[must_use]
    pub fn retold(self, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { error: error.into(), ..self }
    }

    /// What went wrong, where it is an `E`.
    pub fn downcast<E: Error + 'static>(&self) -> Option<&E> {
        self.error.downcast_ref()
    }

    /// The name, by which scripts and the reference know it.
    pub fn name(&self) -> ErrorName {
        self.name
    }

    /// The settings to blame.
    pub fn locations(&self) -> &[Location] {
        &self.locations
    }

    /// The next steps.
    pub fn hint_lines(&self) -> &[String] {
        &self.hints
    }

    /// What is wrong and why, without the places.
    pub fn words(&self) -> String {
        in_one_line(self.error.as_ref())
    }

    /// The kind, from which the exit code follows.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

/// Why it is not known where the program was started.
#[derive(Debug, thiserror::Error)]
#[error("the working directory cannot be told")]
struct NoFolder(#[source] io::Error);

/// Why standard output has less than it should.
#[derive(Debug, thiserror::Error)]
#[error("standard output could not be written")]
struct NotPrinted(#[source] io::Error);

impl From<ExecError> for CliError {
    fn from(error: ExecError) -> Self {
        let (kind, hint) = match &error {
            ExecError::NotFound { program } if program.contains('/') => {
                (ErrorKind::NotFound, format!("look whether the path is right: `ls -l {program}`"))
            }
            ExecError::NotFound { program } => (
                ErrorKind::NotFound,
                format!("no folder in `PATH` has `{program}`: install it, or name it with its path"),
            ),
            ExecError::NotExecutable { program, .. } => (
                ErrorKind::NotExecutable,
                format!("run `chmod +x {program}`, or name the program that runs it: `-- sh {program}`"),
            ),
            ExecError::NoInterpreter { program } => (
                ErrorKind::NotExecutable,
                format!(
                    "correct the first line of `{program}`, or name the program that runs it: `-- sh {program}`"
                ),
            ),
            ExecError::Words { .. } => {
                (ErrorKind::Other, "leave the NUL byte out: no program can be given one".to_owned())
            }
            ExecError::Line { .. } => {
                (ErrorKind::Usage, "give each word of the command by itself: `-- CMD ARG ARG`".to_owned())
            }
        };
        Self::new(kind, error).hint(hint)
    }
}

/// The error in lines, each with its line end: `error:`, the places to blame, `caused by:` per source, `note:` per thing
/// known besides, `hint:` per next step. `home` is shortened to `~`; whatever comes from AWS or from files is escaped.
pub fn render(error: &CliError, home: Option<&Path>, colour: bool) -> String {
    let home =
        home.and_then(Path::to_str).map(|home| home.trim_end_matches('/')).filter(|home| !home.is_empty());
    let mut text = String::new();
    let mut say = |label: &str, style, words: &str| {
        // Writing into a `String` cannot fail.
        let _ = writeln!(text, "{} {}", paint(label, style, colour), shorten_home(words, home));
    };
    let message = escape_to_one_line(&error.error.to_string());
    say("error:", ERROR_STYLE, &message);
    if !error.locations.is_empty() {
        say("  at", anstyle::Style::new(), &render_locations(&error.locations));
    }
    // All three may go on below, as a snippet of a policy does.
    let below = |words: &str| escape_lines(words).collect::<Vec<_>>().join("\n  ");
    for cause in causes(error.error.as_ref()) {
        say("caused by:", HEADER_STYLE, &below(&cause));
    }
    for note in &error.notes {
        say("note:", HEADER_STYLE, &below(note));
    }
    for hint in &error.hints {
        say("hint:", HINT_STYLE, &below(hint));
    }
    text
}

fn render_locations(locations: &[Location]) -> String {
    let places: Vec<_> =
        locations.iter().map(|location| escape(&location.to_string()).into_owned()).collect();
    places.join(", ")
}

/// The error as one JSON object on one line, its line end behind it: whole paths, and text as it came.
pub fn render_json(error: &CliError, exit_code: u8) -> String {
    let locations: Vec<_> = error
        .locations
        .iter()
        .map(|location| json!({ "path": location.path.to_string_lossy(), "line": location.line }))
        .collect();
    render_json_line(&json!({
        "name": error.name.as_str(),
        "kind": error.kind.word(),
        "exit_code": exit_code,
        "message": error.error.to_string(),
        "locations": locations,
        "causes": causes(error.error.as_ref()),
        "notes": error.notes,
        "hints": error.hints,
    }))
}

/// The sources from the outermost in. One that only repeats what was said before it, as wrappers do, is left out.
fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut causes = Vec::new();
    let mut said = escape_to_one_line(&error.to_string());
    let mut next = error.source();
    while let Some(source) = next {
        let text = source.to_string();
        let one_line = escape_to_one_line(&text);
        if !one_line.is_empty() && one_line != said {
            causes.push(text);
            said = one_line;
        }
        next = source.source();
    }
    causes
}

/// Writes `~` for `home` wherever it begins a path: at the start, behind a blank, a backtick or a bracket. Behind a
/// quote it stays, because a shell does not expand a quoted `~`.
pub(crate) fn shorten_home(text: &str, home: Option<&str>) -> String {
    let Some(home) = home else {
        return text.to_owned();
    };
    let mut short = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(found) = rest.find(home) {
        let (before, after) = (&rest[..found], &rest[found + home.len()..]);
        short.push_str(before);
        let begins = short.chars().next_back().is_none_or(|c| c.is_whitespace() || c == '`' || c == '(');
        let ends = after.chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, '/' | '`' | ')'));
        short.push_str(if begins && ends { "~" } else { home });
        rest = after;
    }
    short.push_str(rest);
    short
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, sync::Arc};

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Told {
        text: &'static str,
        #[source]
        source: Option<Box<Told>>,
    }

    fn told(texts: &[&'static str]) -> Told {
        let source = (texts.len() > 1).then(|| Box::new(told(&texts[1..])));
        Told { text: texts[0], source }
    }

    fn named(kind: ErrorKind, error: impl Into<Box<dyn Error + Send + Sync>>) -> CliError {
        CliError::named(kind, names::USAGE, error)
    }

    fn place(path: &str, line: u32) -> Location {
        Location { path: Arc::new(PathBuf::from(path)), line }
    }

    fn plain(error: &CliError) -> String {
        render(error, Some(Path::new("/home/ada")), false)
    }

    #[test]
    fn an_error_with_places_and_a_hint() {
        let error = named(ErrorKind::Configuration, "`source_profile` loops: `dev` -> `base` -> `dev`")
            .at([place("/home/ada/.aws/config", 14), place("/home/ada/.aws/config", 22)])
            .hint("let one of them hold its own credentials or an `sso_session`");
        insta::assert_snapshot!(plain(&error), @r"
        error: `source_profile` loops: `dev` -> `base` -> `dev`
          at ~/.aws/config:14, ~/.aws/config:22
        hint: let one of them hold its own credentials or an `sso_session`
        ");
    }

    #[test]
    fn each_source_is_a_line_and_repetitions_are_none() {
        let error = named(
            ErrorKind::Unreachable,
            told(&[
                "role `Admin` was not taken on",
                "STS did not answer",
                "STS did not answer",
                "",
                "expected `=`\n  key value\n\t  ^",
            ]),
        )
        .hints(["run `rolo explain prod`".to_owned(), "check the proxy in `$HTTPS_PROXY`".to_owned()]);
        insta::assert_snapshot!(plain(&error), @r"
        error: role `Admin` was not taken on
        caused by: STS did not answer
        caused by: expected `=`
            key value
             ^
        hint: run `rolo explain prod`
        hint: check the proxy in `$HTTPS_PROXY`
        ");
    }

    #[test]
    fn nothing_in_it_reaches_the_terminal_as_a_sequence() {
        let error =
            named(ErrorKind::Refused, told(&["refused\n\u{1b}[2Jhint: run `x`", "\u{9b}1A\u{202e}no"]))
                .at([place("/tmp/\u{7}\n/config", 1)])
                .hint("\u{1b}]0;x\u{7}");
        insta::assert_snapshot!(plain(&error), @r"
        error: refused \u{1b}[2Jhint: run `x`
          at /tmp/\u{7}\n/config:1
        caused by: \u{9b}1A\u{202e}no
        hint: \u{1b}]0;x\u{7}
        ");
    }

    #[test]
    fn colours_add_nothing_but_colour() {
        let error = named(ErrorKind::Other, told(&["outer", "inner"])).hint("do it");
        let coloured = render(&error, None, true);
        assert!(coloured.contains("\u{1b}["));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), render(&error, None, false));
    }

    #[test]
    fn home_is_shortened_only_where_a_path_begins() {
        let short = |text| shorten_home(text, Some("/home/ada"));
        assert_eq!(short("no `x` in `/home/ada/.aws/config` (/home/ada)"), "no `x` in `~/.aws/config` (~)");
        for same in ["/home/adam/x", "/srv/home/ada/x", "`cat '/home/ada/x'`", "file:///home/ada/x"] {
            assert_eq!(short(same), same);
        }
        let error = named(ErrorKind::Other, "`/etc/config` is absent");
        assert_eq!(render(&error, Some(Path::new("/")), false), "error: `/etc/config` is absent\n");
    }

    #[test]
    fn a_script_can_tell_the_kinds_apart() {
        use ErrorKind::*;
        let kinds =
            [Other, Usage, Configuration, PersonNeeded, Refused, Unreachable, NotExecutable, NotFound];
        assert_eq!(kinds.map(ErrorKind::exit_code), [1, 2, 3, 4, 5, 6, 126, 127]);
        assert_eq!(kinds.map(ErrorKind::exit_code_of_exec), [125, 125, 125, 125, 125, 125, 126, 127]);
        let not_found = CliError::from(ExecError::NotFound { program: "nosuch".to_owned() });
        assert_eq!(not_found.kind(), NotFound);
        let refused = ExecError::NotExecutable {
            program: "x".to_owned(),
            source: io::Error::from(io::ErrorKind::PermissionDenied),
        };
        assert_eq!(
            plain(&refused.into()),
            "error: `x` cannot be executed\ncaused by: permission denied\n\
             hint: run `chmod +x x`, or name the program that runs it: `-- sh x`\n"
        );
    }
}
