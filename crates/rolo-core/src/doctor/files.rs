//! What is wrong with the files as such: damage, repetitions, sections that nobody reads.
//!
//! Must not know what a setting means.

use std::{collections::HashMap, io, path::Path};

use super::{Check, Finding, Severity, Subject, keys::shown};
use crate::{
    env_vars::{AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE},
    ini::{self, Entry, ParseError, Problem, Section},
    origin::Location,
    profile::{
        ConfigFile, SourceFile,
        header::{self, parse_header},
    },
};

static UNREADABLE: Check = Check {
    code: "R001",
    severity: Severity::Fault,
    title: "a file cannot be read",
    why: "The AWS CLI passes over such a file without a word, so the profile seems not to exist. rolo refuses to guess.",
};
static NOT_UTF_8: Check = Check {
    code: "R002",
    severity: Severity::Fault,
    title: "a line is not UTF-8",
    why: "AWS's tools refuse the whole file for it, or take it as empty.",
};
static BYTE_ORDER_MARK: Check = Check {
    code: "R003",
    severity: Severity::Fault,
    title: "the file begins with a byte order mark, or is UTF-16",
    why: "Some editors on Windows write it. AWS's tools refuse the whole file.",
};
static NO_SECTION: Check = Check {
    code: "R004",
    severity: Severity::Fault,
    title: "a setting stands before the first section",
    why: "AWS's tools refuse the whole file.",
};
static BAD_HEADER: Check = Check {
    code: "R005",
    severity: Severity::Fault,
    title: "a header is not closed, or is empty",
    why: "AWS's tools refuse the whole file.",
};
static NO_SEPARATOR: Check = Check {
    code: "R006",
    severity: Severity::Fault,
    title: "a line has neither `=` nor `:`",
    why: "It is no setting, no header and no comment, so AWS's tools refuse the whole file.",
};
static NO_KEY: Check = Check {
    code: "R007",
    severity: Severity::Fault,
    title: "a line begins with the separator",
    why: "AWS's tools refuse the whole file.",
};
static NESTED_NO_EQUALS: Check = Check {
    code: "R008",
    severity: Severity::Fault,
    title: "an indented line under an empty value has no `=`",
    why: "Lines below an empty value are settings of their own. AWS's tools refuse the whole file for one that is none.",
};
static SECTION_TWICE: Check = Check {
    code: "R009",
    severity: Severity::Warning,
    title: "a section stands twice",
    why: "The AWS CLI and boto3 refuse the whole file, so no profile of it works there. rolo and the other SDKs merge the two.",
};
static KEY_TWICE: Check = Check {
    code: "R010",
    severity: Severity::Warning,
    title: "a key stands twice in a section",
    why: "The AWS CLI and boto3 refuse the whole file, so no profile of it works there. For rolo and the other SDKs the last line counts.",
};
static OTHER_SPELLING: Check = Check {
    code: "R011",
    severity: Severity::Warning,
    title: "two headers spell the same name differently",
    why: "To the AWS CLI, boto3 and rolo the later section replaces the earlier one with all that it holds; other SDKs keep another of the two.",
};
static NOT_READ: Check = Check {
    code: "R012",
    severity: Severity::Warning,
    title: "a section of the config file is read by no tool",
    why: "Profiles in the config file need the word `profile` in their headers, `[default]` alone does without.",
};
static PROFILE_IN_CREDENTIALS: Check = Check {
    code: "R013",
    severity: Severity::Fault,
    title: "a header in the credentials file has the word of the config file",
    why: "In the credentials file a header is the profile's name and nothing else: `[profile prod]` is a profile called «profile prod», and an `[sso-session x]` there is no session.",
};
static NO_NAME: Check = Check {
    code: "R014",
    severity: Severity::Fault,
    title: "a header names nothing, or more than one thing",
    why: "A name with blanks needs quotes. AWS's tools pass over the section.",
};
static EMPTY_PROFILE: Check = Check {
    code: "R015",
    severity: Severity::Note,
    title: "a profile holds no settings",
    why: "It yields no credentials of its own. Often it is what an editor or another tool left behind.",
};
static UNUSABLE_SETTINGS: Check = Check {
    code: "R016",
    severity: Severity::Fault,
    title: "rolo's `config.toml` or an `assume-role.yaml` cannot be used",
    why: "Every command that needs the file ends with this error.",
};
static LEFT_OUT_SETTINGS: Check = Check {
    code: "R017",
    severity: Severity::Note,
    title: "an `assume-role.yaml` does not count",
    why: "A project's file decides into whose account credentials lead, so it counts only after `rolo trust`, and only if nobody else can write to it.",
};

pub(super) static CHECKS: &[&Check] = &[
    &UNREADABLE,
    &NOT_UTF_8,
    &BYTE_ORDER_MARK,
    &NO_SECTION,
    &BAD_HEADER,
    &NO_SEPARATOR,
    &NO_KEY,
    &NESTED_NO_EQUALS,
    &SECTION_TWICE,
    &KEY_TWICE,
    &OTHER_SPELLING,
    &NOT_READ,
    &PROFILE_IN_CREDENTIALS,
    &NO_NAME,
    &EMPTY_PROFILE,
    &UNUSABLE_SETTINGS,
    &LEFT_OUT_SETTINGS,
];

/// Sections of the config file that are read, but by their whole name.
const READ_BY_NAME: [&str; 2] = ["plugins", "preview"];

/// A file that the system does not let be read.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Finding {
    let path = path.display();
    Finding::new(
        &UNREADABLE,
        format!("`{path}` cannot be read: {error}"),
        format!(
            "make `{path}` readable, or name another file by `AWS_CONFIG_FILE` or `AWS_SHARED_CREDENTIALS_FILE`"
        ),
    )
}

/// Something that is there and no file, such as a folder.
pub(super) fn no_file(path: &Path, which: SourceFile) -> Finding {
    let variable = match which {
        SourceFile::Config => AWS_CONFIG_FILE,
        SourceFile::Credentials => AWS_SHARED_CREDENTIALS_FILE,
    };
    let path = path.display();
    Finding::new(
        &UNREADABLE,
        format!("`{path}` is no file, so all tools take it as empty"),
        format!("put the file in its place, or name the one that is meant by `{variable}`"),
    )
}

pub(super) fn not_utf_8(file: &ConfigFile, line: u32) -> Finding {
    let remedy = "write the line anew in UTF-8: a letter of it is in another encoding";
    Finding::new(&NOT_UTF_8, "the line is not UTF-8, so no tool reads anything of the file", remedy)
        .at([file.location(line)])
}

pub(super) fn utf_16(file: &ConfigFile) -> Finding {
    let text = "the file is UTF-16, so no tool reads anything of it";
    Finding::new(&BYTE_ORDER_MARK, text, "save it as UTF-8 without a byte order mark").at([file.location(1)])
}

pub(super) fn damaged(file: &ConfigFile, which: SourceFile, error: ParseError) -> Finding {
    let (check, remedy) = match (error.problem, which) {
        (Problem::ByteOrderMark, _) => (&BYTE_ORDER_MARK, "save the file as UTF-8 without a byte order mark"),
        (Problem::NoSection, SourceFile::Config) => {
            (&NO_SECTION, "put it below a header, such as `[default]` or `[profile NAME]`")
        }
        (Problem::NoSection, SourceFile::Credentials) => {
            (&NO_SECTION, "put it below a header, such as `[default]` or `[NAME]`")
        }
        (Problem::BadHeader, SourceFile::Config) => (&BAD_HEADER, "write `[profile NAME]`"),
        (Problem::BadHeader, SourceFile::Credentials) => (&BAD_HEADER, "write `[NAME]`"),
        (Problem::NoSeparator, _) => (&NO_SEPARATOR, "write `KEY = VALUE`, or begin the line with `#`"),
        (Problem::NoKey, _) => (&NO_KEY, "write a key before the `=`, or remove the line"),
        (Problem::NestedNoEquals, _) => {
            (&NESTED_NO_EQUALS, "write `KEY = VALUE`, or begin the line with `#`")
        }
    };
    Finding::new(check, format!("{}, so no tool reads anything of the file", error.problem), remedy)
        .at([file.location(error.line)])
}

/// rolo's own settings that cannot be used, in the words of the error that every other command ends with.
pub fn unusable_settings(text: impl Into<String>, remedy: impl Into<String>) -> Finding {
    Finding::new(&UNUSABLE_SETTINGS, text, remedy)
}

/// A project's settings that do not count.
pub fn left_out_settings(text: impl Into<String>, remedy: impl Into<String>) -> Finding {
    Finding::new(&LEFT_OUT_SETTINGS, text, remedy)
}

pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let (config, credentials) = (&subject.files.config, &subject.files.credentials);
    let in_config = sections(config);
    repeated(config, &in_config, findings);
    names_in_config(config, &in_config, findings);
    let in_credentials = sections(credentials);
    repeated(credentials, &in_credentials, findings);
    names_in_credentials(credentials, &in_credentials, findings);
    for profile in subject.profiles() {
        let at = profile.header_origin().location().cloned();
        if profile.keys().is_empty() {
            let remedy = "give it settings, or remove its header";
            findings.push(
                Finding::new(&EMPTY_PROFILE, "the profile holds no settings", remedy)
                    .of_profile(profile.name())
                    .at(at),
            );
        }
    }
}

fn sections(file: &ConfigFile) -> Vec<Section<'_>> {
    ini::parse(file.text()).unwrap_or_default()
}

/// Sections and keys that stand more than once.
fn repeated(file: &ConfigFile, sections: &[Section<'_>], findings: &mut Vec<Finding>) {
    for section in sections {
        if !section.further_lines().is_empty() {
            findings.push(section_twice(file, section));
        }
        let mut first: HashMap<&str, &Entry<'_>> = HashMap::new();
        for entry in section.own_entries() {
            let Some(before) = first.insert(&entry.key, entry) else { continue };
            // What stands below another header of the section is told with that.
            if !section.further_lines().iter().any(|line| (before.line..entry.line).contains(line)) {
                findings.push(key_twice(file, &entry.key, [before.line, entry.line]));
            }
        }
    }
}

fn section_twice(file: &ConfigFile, section: &Section<'_>) -> Finding {
    let (name, further) = (section.name(), section.further_lines());
    let text = format!(
        "section `[{name}]` stands {}, for which the AWS CLI and boto3 refuse the whole file",
        if further.len() == 1 { "twice".to_owned() } else { format!("{} times", further.len() + 1) }
    );
    // The later one is to blame: it was probably added by somebody who did not see the first.
    let at = further.iter().rev().copied().chain([section.line()]).map(|line| file.location(line));
    Finding::new(&SECTION_TWICE, text, "put all settings below one of the headers, and remove the other")
        .at(at)
}

fn key_twice(file: &ConfigFile, key: &str, lines: [u32; 2]) -> Finding {
    let text = format!(
        "`{}` stands twice in its section, for which the AWS CLI and boto3 refuse the whole file",
        shown(key)
    );
    let remedy = format!("remove one of the two lines; for rolo line {} counts", lines[1]);
    Finding::new(&KEY_TWICE, text, remedy).at([file.location(lines[1]), file.location(lines[0])])
}

fn names_in_config(file: &ConfigFile, sections: &[Section<'_>], findings: &mut Vec<Finding>) {
    let mut spelled: HashMap<header::Header<'_>, (&str, Location)> = HashMap::new();
    for section in sections {
        let (name, at) = (section.name(), file.location(section.line()));
        let read = parse_header(name);
        match read {
            header::Header::Nameless => {
                findings.push(Finding::new(&NO_NAME, nameless(name), nameless_remedy(name)).at([at]));
            }
            header::Header::Other if READ_BY_NAME.contains(&name) || name == "DEFAULT" => {}
            header::Header::Other => {
                findings.push(not_read(name).at([at]));
            }
            read => match spelled.get(&read) {
                Some((before, first)) if *before != name => {
                    let text = format!(
                        "`[{name}]` and `[{before}]` are the same to the AWS CLI and rolo, and the later one replaces the earlier"
                    );
                    let remedy = "put all settings below one of the headers, and remove the other";
                    findings.push(Finding::new(&OTHER_SPELLING, text, remedy).at([at, first.clone()]));
                }
                Some(_) => {}
                None => drop(spelled.insert(read, (name, at))),
            },
        }
    }
}

fn nameless(name: &str) -> String {
    if name.split_whitespace().count() < 2 {
        format!("`[{name}]` names nothing, so no tool reads the section")
    } else {
        format!("`[{name}]` is not one name, so no tool reads the section")
    }
}

fn nameless_remedy(header: &str) -> String {
    let mut words = header.split_whitespace();
    let kind = words.next().unwrap_or("profile");
    let name: Vec<&str> = words.map(|word| word.trim_matches(['\'', '"', '\\'])).collect();
    if name.is_empty() {
        format!("write `[{kind} NAME]`")
    } else {
        format!("put quotes around a name with blanks: `[{kind} '{}']`", name.join(" "))
    }
}

/// A section of the config file whose header is of no known kind.
fn not_read(name: &str) -> Finding {
    let text = format!("no tool reads the section `[{name}]` of the config file");
    let trimmed = name.trim();
    let remedy = if parse_header(trimmed) != header::Header::Other {
        format!("did you mean `[{trimmed}]`? blanks behind the bracket count")
    } else if trimmed.eq_ignore_ascii_case("default") {
        "did you mean `[default]`?".to_owned()
    } else {
        let quoted = header::render_header(trimmed);
        format!("did you mean `[{quoted}]`? in the config file a profile's header has the word `profile`")
    };
    Finding::new(&NOT_READ, text, remedy)
}

fn names_in_credentials(file: &ConfigFile, sections: &[Section<'_>], findings: &mut Vec<Finding>) {
    for section in sections {
        let name = section.name();
        let Some((kind, rest)) = name.split_once(char::is_whitespace) else { continue };
        let plain = rest.trim().trim_matches(['\'', '"']);
        let (text, remedy) = match kind {
            "profile" => (
                format!("in the credentials file `[{name}]` is a profile called `{name}`"),
                format!("write `[{plain}]`: only the config file has the word `profile`"),
            ),
            "sso-session" | "services" => (
                format!("in the credentials file `[{name}]` is a profile, and nothing finds it as `{plain}`"),
                "move the section to the config file".to_owned(),
            ),
            _ => continue,
        };
        findings
            .push(Finding::new(&PROFILE_IN_CREDENTIALS, text, remedy).at([file.location(section.line())]));
    }
}
