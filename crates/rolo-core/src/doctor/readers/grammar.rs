//! Lines that the AWS CLI, boto3 and rolo take, and for which SDKs that follow the specification refuse the whole file or
//! read another value. Must not know what a section or a setting means.

use super::{
    super::{Finding, Severity::Warning, Subject},
    Check, check,
};
use crate::{
    ini::{Part, Row, rows},
    profile::ConfigFile,
};

pub(super) static COLON: Check = check(
    "R172",
    Warning,
    "a setting has `:` for its separator",
    "The AWS CLI, boto3 and rolo take it. SDKs that follow the specification, such as Rust's, refuse the whole file, or \
     where a `=` comes later pass over the setting.",
);
pub(super) static INDENTED: Check = check(
    "R173",
    Warning,
    "a header or the first setting of a section is indented",
    "The AWS CLI, boto3 and rolo take it. SDKs that follow the specification, such as Rust's, refuse the whole file.",
);
pub(super) static CARRIAGE_RETURNS: Check = check(
    "R174",
    Warning,
    "lines end in a carriage return alone",
    "The AWS CLI, boto3 and rolo take it. SDKs that follow the specification, such as Rust's, see one long line and \
     refuse the whole file.",
);
pub(super) static BEHIND_BRACKET: Check = check(
    "R175",
    Warning,
    "text stands behind the bracket of a header, or `#` or `;` within it",
    "The AWS CLI, boto3 and rolo pass over what is behind the bracket. SDKs that follow the specification, such as \
     Rust's, refuse the whole file.",
);
pub(super) static INDENTED_COMMENT: Check = check(
    "R176",
    Warning,
    "a comment is indented",
    "To the AWS CLI, boto3 and rolo it is a comment. SDKs that follow the specification, such as Rust's, take it for \
     more of the value above, or refuse the whole file where there is none or the value is a map.",
);
pub(super) static NO_INNER_KEY: Check = check(
    "R177",
    Warning,
    "a line of a map has nothing before its `=`",
    "The AWS CLI, boto3 and rolo take it. SDKs that follow the specification, such as Rust's, refuse the whole file.",
);

/// So many lines are named of what a file has many of.
const LINES: usize = 3;

/// What may be odd about a line, in words.
struct Oddity {
    check: &'static Check,
    what: &'static str,
    remedy: &'static str,
}

const COLON_ALONE: Oddity = Oddity {
    check: &COLON,
    what: "a setting has `:` for its separator, for which SDKs such as Rust's refuse the whole file",
    remedy: "write `KEY = VALUE`",
};
const COLON_FIRST: Oddity = Oddity {
    check: &COLON,
    what: "a setting has `:` for its separator, so SDKs such as Rust's pass over it",
    remedy: "write `KEY = VALUE`",
};
const INDENTED_LINE: Oddity = Oddity {
    check: &INDENTED,
    what: "a header or the first setting below it is indented, for which SDKs such as Rust's refuse the whole file",
    remedy: "begin headers and settings in the first column",
};
const RETURN_ALONE: Oddity = Oddity {
    check: &CARRIAGE_RETURNS,
    what: "a line ends in a carriage return alone, for which SDKs such as Rust's refuse the whole file",
    remedy: "save the file with Unix line ends",
};
const MORE_THAN_A_NAME: Oddity = Oddity {
    check: &BEHIND_BRACKET,
    what: "the header has text behind its bracket, or `#` or `;` in it, for which SDKs such as Rust's refuse the whole file",
    remedy: "leave nothing but the name in the header, and write comments on lines of their own",
};
const COMMENT_REFUSED: Oddity = Oddity {
    check: &INDENTED_COMMENT,
    what: "the comment is indented, for which SDKs such as Rust's refuse the whole file",
    remedy: "begin the comment in the first column",
};
const COMMENT_IN_VALUE: Oddity = Oddity {
    check: &INDENTED_COMMENT,
    what: "the comment is indented, so SDKs such as Rust's take it for more of the value above",
    remedy: "begin the comment in the first column",
};
const EQUALS_FIRST: Oddity = Oddity {
    check: &NO_INNER_KEY,
    what: "the line has nothing before its `=`, for which SDKs such as Rust's refuse the whole file",
    remedy: "write `KEY = VALUE`, or remove the line",
};

pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    for file in [&subject.files.config, &subject.files.credentials] {
        findings.extend(odd_lines(file));
    }
}

/// What stands above a line, as the specification sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Above {
    Nothing,
    Header,
    /// A setting with a value.
    Value,
    /// A setting without one: a map may follow.
    Map,
}

fn odd_lines(file: &ConfigFile) -> Vec<Finding> {
    let mut found: Vec<(Oddity, Vec<u32>)> = Vec::new();
    let mut above = Above::Nothing;
    let mut is_indented_throughout = false;
    for (line, row) in (1..).zip(rows(file.text())) {
        let mut odd = oddity(&row, above);
        if odd.as_ref().is_some_and(|odd| odd.check == &INDENTED) {
            // It shows at its first line.
            odd = odd.filter(|_| !is_indented_throughout);
            is_indented_throughout = true;
        }
        if let Some(odd) = odd {
            match found.iter_mut().find(|(known, _)| known.what == odd.what) {
                Some((_, lines)) => lines.push(line),
                None => found.push((odd, vec![line])),
            }
        }
        if row.end == "\r" {
            break;
        }
        above = match row.part {
            Part::Header(_) => Above::Header,
            Part::Setting if has_value(row.line) => Above::Value,
            Part::Setting => Above::Map,
            Part::Blank | Part::Comment | Part::More => above,
        };
    }
    found.into_iter().map(|(odd, lines)| render(file, &odd, &lines)).collect()
}

fn render(file: &ConfigFile, odd: &Oddity, lines: &[u32]) -> Finding {
    let more = match lines.len().saturating_sub(LINES) {
        0 => String::new(),
        more => format!(" ({more} more such lines)"),
    };
    let at = lines.iter().take(LINES).map(|&line| file.location(line));
    Finding::new(odd.check, format!("{}{more}", odd.what), odd.remedy).at(at)
}

fn oddity(row: &Row<'_>, above: Above) -> Option<Oddity> {
    let is_indented = row.line.starts_with([' ', '\t']);
    let text = row.line.trim();
    if row.end == "\r" {
        return Some(RETURN_ALONE);
    }
    match row.part {
        Part::Comment if is_indented => comment(text, above),
        Part::Header(_) | Part::Setting if is_indented && matches!(above, Above::Nothing | Above::Header) => {
            Some(INDENTED_LINE)
        }
        Part::Header(name) => {
            let behind = text.rsplit_once(']').map_or("", |(_, behind)| behind.trim_start());
            let is_comment = behind.is_empty() || behind.starts_with(['#', ';']);
            (!is_comment || name.contains(['#', ';'])).then_some(MORE_THAN_A_NAME)
        }
        Part::Setting => match (text.find(':'), text.find('=')) {
            (Some(_), None) => Some(COLON_ALONE),
            (Some(colon), Some(equals)) if colon < equals => Some(COLON_FIRST),
            _ => None,
        },
        Part::More if above == Above::Map && text.starts_with('=') => Some(EQUALS_FIRST),
        Part::Blank | Part::Comment | Part::More => None,
    }
}

fn comment(text: &str, above: Above) -> Option<Oddity> {
    match above {
        Above::Nothing | Above::Header => Some(COMMENT_REFUSED),
        Above::Map if !text.contains('=') => Some(COMMENT_REFUSED),
        // To such a reader a key of the map, for which nobody asks.
        Above::Map => None,
        Above::Value => Some(COMMENT_IN_VALUE),
    }
}

fn has_value(line: &str) -> bool {
    line.split_once(['=', ':']).is_some_and(|(_, value)| !value.trim().is_empty())
}
