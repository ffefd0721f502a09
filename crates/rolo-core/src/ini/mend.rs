//! A text with damaged lines made readable, each line in its place, so that what else stands in it can be looked at.
//!
//! For examining alone: nothing mended is ever written, and nothing of it is used. Must not know what a section means.

use std::borrow::Cow;

use super::{
    ParseError, Problem,
    layout::{Part, rows},
    lines::trim,
    parse::problems,
};

/// Mending a line can show that another is damaged; after so many rounds the text is given up.
const ROUNDS: usize = 4;

/// What is wrong with `text`, and a text that can be read: damaged lines are blank, a header that is not closed is closed,
/// every other line is as it was and where it was.
pub fn mend(text: &str) -> (Cow<'_, str>, Vec<ParseError>) {
    let (mut mended, mut found) = (Cow::Borrowed(text), Vec::<ParseError>::new());
    for _ in 0..ROUNDS {
        let problems = problems(&mended);
        if problems.is_empty() {
            found.sort_by_key(|error| error.line);
            return (mended, found);
        }
        mended = Cow::Owned(mend_once(&mended, &problems));
        let known: Vec<u32> = found.iter().map(|error| error.line).collect();
        found.extend(problems.into_iter().filter(|error| !known.contains(&error.line)));
    }
    found.sort_by_key(|error| error.line);
    (Cow::Borrowed(""), found)
}

fn mend_once(text: &str, problems: &[ParseError]) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut problems =
        problems.iter().filter(|error| error.problem != Problem::ByteOrderMark).copied().peekable();
    let mut mended = String::with_capacity(text.len() + 8);
    // Lines that go on with a damaged one would go on with the setting above it.
    let (mut drops_more, mut is_nameless) = (false, false);
    for (number, row) in (1..).zip(rows(text)) {
        let problem = problems.next_if(|error| error.line == number).map(|error| error.problem);
        while problems.next_if(|error| error.line == number).is_some() {}
        let (keeps, closes) = match (problem, row.part) {
            (Some(Problem::BadHeader), _) => {
                let name = trim(row.line).trim_start_matches('[');
                is_nameless = trim(name.trim_end_matches(']')).is_empty();
                drops_more = true;
                (!is_nameless, true)
            }
            (Some(_), part) => {
                drops_more |= part != Part::More;
                (false, false)
            }
            (None, Part::Header(_)) => {
                (drops_more, is_nameless) = (false, false);
                (true, false)
            }
            (None, Part::Setting) => {
                drops_more = is_nameless;
                (!is_nameless, false)
            }
            (None, Part::More) => (!drops_more && !is_nameless, false),
            (None, Part::Blank | Part::Comment) => (true, false),
        };
        if keeps {
            mended.push_str(row.line);
        } else if !row.line.is_empty() {
            // Without a blank, CR and LF of two lines would become the end of one.
            mended.push(' ');
        }
        if keeps && closes {
            mended.push(']');
        }
        mended.push_str(row.end);
    }
    mended
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ini::parse;

    fn lines(text: &str) -> Vec<(u32, Problem)> {
        mend(text).1.into_iter().map(|error| (error.line, error.problem)).collect()
    }

    #[test]
    fn every_damaged_line_is_told_and_the_others_are_read() {
        let text = "\u{feff}region = x\n[profile a\nregion = eu\nnonsense\n  more of it\noutput = json\n= y\n\
                    [profile b]\ns3 =\n  a = 1\n  junk\n  b = 2\n[]\nz = 1\n[profile c]\nregion = us\n";
        assert_eq!(
            lines(text),
            [
                (1, Problem::ByteOrderMark),
                (1, Problem::NoSection),
                (2, Problem::BadHeader),
                (4, Problem::NoSeparator),
                (7, Problem::NoKey),
                (11, Problem::NestedNoEquals),
                (13, Problem::BadHeader),
            ]
        );
        let (mended, _) = mend(text);
        let sections = parse(&mended).unwrap();
        let told: Vec<_> = sections
            .iter()
            .map(|section| (section.name(), section.line(), section.entries().len()))
            .collect();
        assert_eq!(told, [("profile a", 2, 2), ("profile b", 8, 1), ("profile c", 15, 1)]);
        assert_eq!(sections[1].get("s3").unwrap().value.nested().len(), 2);
    }

    #[test]
    fn a_sound_text_is_left_alone() {
        let text = "[profile a]\nregion = eu # x\n\n";
        assert!(matches!(mend(text), (Cow::Borrowed(same), problems) if same == text && problems.is_empty()));
    }

    proptest! {
        #[test]
        fn whatever_it_was_it_can_be_read_and_no_line_moves(text in "([\\[\\]a=: #;\u{feff}]{0,6}(\n|\r\n|\r)){0,12}") {
            let (mended, problems) = mend(&text);
            prop_assert!(parse(&mended).is_ok());
            prop_assert_eq!(problems.is_empty(), parse(&text).is_ok());
            if !mended.is_empty() {
                prop_assert_eq!(rows(&mended).len(), rows(&text).len());
            }
        }
    }
}
