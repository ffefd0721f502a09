//! Headers that only some tools take for a profile's. Must not know settings.

use super::{
    super::{
        Finding,
        Severity::{Note, Warning},
        Subject,
    },
    Check, check,
};
use crate::{
    ini::{Part, rows},
    origin::Location,
    profile::{
        ConfigFile,
        header::{Header, parse_header},
    },
};

pub(super) static PREFIX: Check = check(
    "R178",
    Warning,
    "a header's first word only begins with `profile`, `sso-session` or `services`",
    "The AWS CLI, boto3 and rolo look at the beginning of the word: `[profiles p]` is profile `p`. Other SDKs pass over \
     the section.",
);
pub(super) static PADDED: Check = check(
    "R179",
    Warning,
    "a header of the credentials file has blanks or quotes within its brackets",
    "The AWS CLI, boto3 and rolo take them for a part of the name. Other SDKs trim the blanks, and pass over what has \
     quotes.",
);
pub(super) static DEFAULTS: Check = check(
    "R180",
    Warning,
    "a section is called `DEFAULT`",
    "The AWS CLI, boto3 and rolo give its settings to every section of the file. Other SDKs do not; a profile for all is \
     `[default]`.",
);
pub(super) static ODD_NAME: Check = check(
    "R181",
    Note,
    "a profile's name has characters that not all tools take",
    "The AWS CLI, boto3 and rolo take any. SDKs that follow the specification pass over a profile whose name is quoted or \
     has anything but letters and digits without accents, and `_-/.%@:+`.",
);

pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    for (name, at) in headers(&subject.files.config) {
        findings.extend(in_config(name).map(|finding| finding.at([at])));
    }
    for (name, at) in headers(&subject.files.credentials) {
        findings.extend(in_credentials(name).map(|finding| finding.at([at])));
    }
}

fn headers(file: &ConfigFile) -> impl Iterator<Item = (&str, Location)> {
    (1..).zip(rows(file.text())).filter_map(|(line, row)| match row.part {
        Part::Header(name) => Some((name, file.location(line))),
        _ => None,
    })
}

fn in_config(text: &str) -> Option<Finding> {
    let (word, name, is_profile) = match parse_header(text) {
        Header::Profile(name) => ("profile", name, true),
        Header::SsoSession(name) => ("sso-session", name, false),
        Header::Services(name) => ("services", name, false),
        Header::Other if text == "DEFAULT" => return Some(defaults()),
        Header::Nameless | Header::Other => return None,
    };
    if text == "default" {
        return None;
    }
    let rest = text.strip_prefix(word).unwrap_or(text);
    let finding = if !rest.starts_with([' ', '\t']) {
        let what = format!(
            "`[{text}]` is `[{word} {name}]` to the AWS CLI, boto3 and rolo; other SDKs pass over it"
        );
        Finding::new(&PREFIX, what, format!("write `[{word} {name}]`"))
    } else if rest.trim() != name {
        Finding::new(
            &ODD_NAME,
            "the name is quoted, so SDKs such as Rust's pass over the section",
            unquoted(&name),
        )
    } else if !is_plain(&name) {
        odd_name(&name)
    } else {
        return None;
    };
    Some(if is_profile { finding.of_profile(&name) } else { finding })
}

fn in_credentials(text: &str) -> Option<Finding> {
    let trimmed = text.trim();
    let unquoted = trimmed.trim_matches(['"', '\'']);
    let finding = if text == "DEFAULT" {
        return Some(defaults());
    } else if trimmed != text || (unquoted != trimmed && !unquoted.is_empty()) {
        let what = format!(
            "the profile is called `{text}`, blanks and quotes included, to the AWS CLI, boto3 and rolo, and not to other SDKs"
        );
        Finding::new(&PADDED, what, format!("write `[{unquoted}]`"))
    } else if !is_plain(text) {
        odd_name(text)
    } else {
        return None;
    };
    Some(finding.of_profile(text))
}

fn defaults() -> Finding {
    Finding::new(
        &DEFAULTS,
        "the settings of `[DEFAULT]` count in every section to the AWS CLI, boto3 and rolo, and nowhere to other SDKs",
        "write the settings into the profiles that need them, or `[default]` if that profile is meant",
    )
}

fn odd_name(name: &str) -> Finding {
    let odd: String = name.chars().find(|c| !is_plain_char(*c)).into_iter().collect();
    Finding::new(
        &ODD_NAME,
        format!("the name has `{odd}` in it, so SDKs such as Rust's pass over the section"),
        "if programs are to use the profile, give it a name of letters, digits and `_-/.%@:+`",
    )
}

fn unquoted(name: &str) -> &'static str {
    if is_plain(name) {
        "write the name without quotes and backslashes"
    } else {
        "if programs are to use the profile, give it a name without blanks, of letters, digits and `_-/.%@:+`"
    }
}

fn is_plain(name: &str) -> bool {
    name.chars().all(is_plain_char)
}

fn is_plain_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-/.%@:+".contains(c)
}
