//! Which roles were used, when and by which command: a file that grows by one line with each use.
//!
//! No secret is in it. A line is added in one write, without a lock and without a look at what is there, since every cached
//! run adds one; a file that has become large is set aside whole, in place of the one before. So it stays bounded, and
//! nothing but the oldest uses is ever lost. Must not know how people see it.

use std::{io, path::PathBuf};

use jiff::Timestamp;

use crate::{
    chain::{
        request::{Request, Target},
        source::Chain,
    },
    host::Host,
    private_file::{PrivateDir, PrivateDirError},
    state::resolve_state_root,
};

const FILE: &str = "history";
/// The older uses.
const OLD_FILE: &str = "history.old";
/// A file this large is set aside: some 800 uses.
const LARGEST_FILE: u64 = 128 << 10;
/// Names come from people and files. A longer line is no name of theirs, and would drive out everybody else's.
const LONGEST_LINE: usize = 16 << 10;

/// Why the history could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// There is no place for it.
    #[error("neither `HOME` nor `XDG_STATE_HOME` is an absolute path")]
    NoPlace,
    /// Its folder is not used.
    #[error(transparent)]
    Folder(#[from] PrivateDirError),
    /// The file system refused, or it is no file of this user's.
    #[error("the history `{}` could not be used", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What was used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// PROFILE or `--role` as it was asked for; a profile that a variable or nothing named is here by its own name.
    pub target: Option<String>,
    /// It is that of `--role`.
    pub is_role: bool,
    /// `--source-profile`.
    pub source_profile: Option<String>,
    /// `--role-arn`.
    pub role_arn: Option<String>,
    /// A session policy made it less than the role, and is not kept here.
    pub is_narrowed: bool,
    /// The profile it came from, if any.
    pub profile: Option<String>,
    /// Its account, where known.
    pub account: Option<String>,
    /// The role's ARN, or its name in IAM Identity Center; `None` for keys.
    pub role: Option<String>,
}

/// One use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// When, in whole seconds.
    pub at: Timestamp,
    /// The command: `exec`, `export` …
    pub command: String,
    /// The program that was run, without its folder and arguments.
    pub program: Option<String>,
    /// What was used.
    pub subject: Subject,
}

impl Subject {
    /// What `request` led to. `account` is what the credentials say of themselves.
    pub fn new(request: &Request, chain: &Chain, account: Option<&str>) -> Self {
        let is_from_profile = !chain.steps.is_empty() || chain.base.profile.is_some();
        Self {
            target: match &request.target {
                // A session is no role: it is told, and not taken again by its PROFILE, which may lead to one.
                _ if request.session => None,
                Target::Named(name) | Target::Role(name) => Some(name.clone()),
                Target::Default if request.role_arn.is_some() => None,
                // Another `AWS_PROFILE` tomorrow must not make it another role.
                Target::Default => chain.profile.clone().filter(|_| is_from_profile),
            },
            is_role: matches!(request.target, Target::Role(_)),
            source_profile: request.source_profile.clone(),
            role_arn: request.role_arn.clone(),
            is_narrowed: is_narrowed(request),
            profile: chain.profile.clone(),
            account: chain.account().or(account).map(str::to_owned),
            role: chain.role().map(str::to_owned),
        }
    }

    /// The request for the same again; `None` where that would be another, as with the environment's own keys. Options
    /// that were given now count before those of then.
    pub fn request_again(&self, now: &Request) -> Option<Request> {
        let target = match (&self.target, &self.role_arn) {
            (Some(target), _) if self.is_role => Target::Role(target.clone()),
            (Some(target), _) => Target::Named(target.clone()),
            (None, Some(_)) => Target::Default,
            (None, None) => return None,
        };
        Some(Request {
            target,
            source_profile: now.source_profile.clone().or_else(|| self.source_profile.clone()),
            role_arn: now.role_arn.clone().or_else(|| self.role_arn.clone()),
            ..now.clone()
        })
    }

    /// The part of a line that is the same for each use.
    pub fn render(&self) -> String {
        let text = |value: &Option<String>| escape(value.as_deref().unwrap_or_default());
        [
            text(&self.target),
            text(&self.source_profile),
            text(&self.role_arn),
            [(self.is_role, IS_ROLE), (self.is_narrowed, IS_NARROWED)]
                .into_iter()
                .filter_map(|(is, mark)| is.then_some(mark))
                .collect(),
            text(&self.profile),
            text(&self.account),
            text(&self.role),
        ]
        .join("\t")
    }
}

const IS_ROLE: char = 'r';
const IS_NARROWED: char = 'n';

/// Whether `request` asks for less than the whole role.
pub fn is_narrowed(request: &Request) -> bool {
    request.read_only || request.policy.is_some() || !request.policy_arns.is_empty()
}

/// Adds a use of `subject`, [rendered](Subject::render), at `at`.
pub fn append(
    host: Host<'_>,
    at: Timestamp,
    command: &str,
    program: Option<&str>,
    subject: &str,
) -> Result<(), HistoryError> {
    let path = resolve_state_root(host).ok_or(HistoryError::NoPlace)?;
    let folder = PrivateDir::open_or_create(&path)?;
    let mut line = at.as_second().to_string();
    line.reserve(command.len() + subject.len() + 64);
    line.push('\t');
    line.push_str(command);
    line.push('\t');
    if let Some(program) = program {
        push_escaped(&mut line, program);
    }
    line.push('\t');
    line.push_str(subject);
    line.push('\n');
    let added = if line.len() > LONGEST_LINE {
        Err(io::ErrorKind::InvalidInput.into())
    } else {
        folder.append(FILE, line.as_bytes())
    };
    let size = added.map_err(|source| failed(&folder, source))?;
    if size >= LARGEST_FILE {
        folder.set_aside(FILE, OLD_FILE, LARGEST_FILE).map_err(|source| failed(&folder, source))?;
    }
    Ok(())
}

/// The uses that are kept, newest first. Damaged lines are passed over.
pub fn load(host: Host<'_>) -> Result<Vec<Use>, HistoryError> {
    let Some(folder) = open(host)? else { return Ok(Vec::new()) };
    let mut uses = Vec::new();
    for name in [OLD_FILE, FILE] {
        match folder.read(name) {
            // What stands behind the last line end was cut short.
            Ok(bytes) => uses.extend(
                bytes
                    .split_inclusive(|byte| *byte == b'\n')
                    .filter_map(|line| parse(line.strip_suffix(b"\n")?)),
            ),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(failed(&folder, source)),
        }
    }
    uses.reverse();
    Ok(uses)
}

/// How many lines of the history cannot be read. What stands behind the last line end was cut short, which is no damage.
pub fn count_damaged(host: Host<'_>) -> Result<usize, HistoryError> {
    let Some(folder) = open(host)? else { return Ok(0) };
    let mut damaged = 0;
    for name in [OLD_FILE, FILE] {
        match folder.read(name) {
            Ok(bytes) => {
                let lines = bytes.split_inclusive(|byte| *byte == b'\n');
                damaged += lines
                    .filter_map(|line| line.strip_suffix(b"\n"))
                    .filter(|line| parse(line).is_none())
                    .count();
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(failed(&folder, source)),
        }
    }
    Ok(damaged)
}

/// Forgets all uses; whether there were any.
pub fn clear(host: Host<'_>) -> Result<bool, HistoryError> {
    let Some(folder) = open(host)? else { return Ok(false) };
    let remove = |name| folder.remove(name).map_err(|source| failed(&folder, source));
    // The older ones first: should the second fail, those that are left are the latest.
    let old = remove(OLD_FILE)?;
    Ok(remove(FILE)? || old)
}

/// The folder; `None` where there is none, and so no history.
fn open(host: Host<'_>) -> Result<Option<PrivateDir>, HistoryError> {
    let Some(path) = resolve_state_root(host) else { return Ok(None) };
    match PrivateDir::open(&path) {
        Err(error) if error.is_absent() => Ok(None),
        folder => Ok(Some(folder?)),
    }
}

fn failed(folder: &PrivateDir, source: io::Error) -> HistoryError {
    HistoryError::File { path: folder.path().join(FILE), source }
}

fn parse(line: &[u8]) -> Option<Use> {
    let mut fields = std::str::from_utf8(line).ok()?.split('\t').map(unescape);
    let mut text = || fields.next()?.map(Some);
    let at = Timestamp::from_second(text()??.parse().ok()?).ok()?;
    let command = text()??;
    let mut optional = || Some(text()?.filter(|value| !value.is_empty()));
    let (program, target, source_profile, role_arn) = (optional()?, optional()?, optional()?, optional()?);
    let marks = optional()?.unwrap_or_default();
    if marks.contains(|mark| ![IS_ROLE, IS_NARROWED].contains(&mark)) {
        return None;
    }
    let parsed = Use {
        at,
        command,
        program,
        subject: Subject {
            target,
            is_role: marks.contains(IS_ROLE),
            source_profile,
            role_arn,
            is_narrowed: marks.contains(IS_NARROWED),
            profile: optional()?,
            account: optional()?,
            role: optional()?,
        },
    };
    fields.next().is_none().then_some(parsed)
}

/// A field without tabs and line ends in it.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    push_escaped(&mut escaped, text);
    escaped
}

fn push_escaped(line: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\\' => line.push_str("\\\\"),
            '\t' => line.push_str("\\t"),
            '\n' => line.push_str("\\n"),
            plain => line.push(plain),
        }
    }
}

/// What [`escape`] was given; `None` for what it never gives.
fn unescape(field: &str) -> Option<String> {
    let mut text = String::with_capacity(field.len());
    let mut rest = field.chars();
    while let Some(c) = rest.next() {
        text.push(match c {
            '\\' => match rest.next()? {
                '\\' => '\\',
                't' => '\t',
                'n' => '\n',
                _ => return None,
            },
            plain => plain,
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn some_text() -> impl Strategy<Value = Option<String>> {
        proptest::option::of("[a\\\\\t\n\r \u{1b}é\u{0}tn]{1,6}")
    }

    fn subject() -> impl Strategy<Value = Subject> {
        (proptest::array::uniform6(some_text()), any::<(bool, bool)>()).prop_map(
            |(texts, (is_role, is_narrowed))| {
                let [target, source_profile, role_arn, profile, account, role] = texts;
                Subject { target, is_role, source_profile, role_arn, is_narrowed, profile, account, role }
            },
        )
    }

    proptest! {
        #[test]
        fn a_line_is_one_line_and_comes_back_as_it_was(subject in subject(), program in some_text()) {
            let mut line = "1764000000\texec\t".to_owned();
            push_escaped(&mut line, program.as_deref().unwrap_or_default());
            line = format!("{line}\t{}", subject.render());
            prop_assert!(!line.contains('\n'));
            let at = Timestamp::from_second(1_764_000_000).unwrap();
            let expected = Use { at, command: "exec".to_owned(), program, subject };
            prop_assert_eq!(parse(line.as_bytes()), Some(expected));
        }
    }

    #[test]
    fn what_is_no_line_of_ours_is_passed_over() {
        let whole = "1764000000\texec\tls\tprod\t\t\t\tprod\t333344445555\tAdmin";
        assert!(parse(whole.as_bytes()).is_some());
        for end in 0..whole.rfind('\t').unwrap() {
            assert_eq!(parse(&whole.as_bytes()[..end]), None, "{end}");
        }
        for odd in [
            whole.replace("ls", r"l\s"),
            whole.replace("1764", "x"),
            format!("{whole}\tmore"),
            whole.replacen("\t\t\t\t", "\t\t\tnarrow\t", 1),
            format!("17640{whole}"),
        ] {
            assert_eq!(parse(odd.as_bytes()), None, "{odd}");
        }
        assert_eq!(parse(&[whole.as_bytes(), b"\xff"].concat()), None);
    }
}
