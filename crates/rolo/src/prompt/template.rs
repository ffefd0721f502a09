//! What `rolo prompt --format` takes: text, fields in braces, and parts in brackets that stand or fall with their fields.
//!
//! Must not know where a field's value comes from.

use std::str::FromStr;

/// A value of the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `{profile}`.
    Profile,
    /// `{account}`.
    Account,
    /// `{region}`.
    Region,
    /// `{left}`.
    Left,
}

const FIELDS: [(&str, Field); 4] = [
    ("profile", Field::Profile),
    ("account", Field::Account),
    ("region", Field::Region),
    ("left", Field::Left),
];

/// What is printed where no template is given.
const DEFAULT: &str = "{profile}[ {account}][ {left}]";

/// A template that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

/// Pieces; in brackets they are left out together where one of their fields has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    in_brackets: bool,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(Field),
}

/// Why a template was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    /// No such field.
    #[error(
        "there is no field `{{{0}}}`; the fields are `{{profile}}`, `{{account}}`, `{{region}}` and `{{left}}`"
    )]
    UnknownField(String),
    /// It does not end.
    #[error("`{0}` is not closed; for the character itself write it twice")]
    Open(char),
    /// It ends what did not begin.
    #[error("`{0}` closes nothing; for the character itself write it twice")]
    Closed(char),
    /// Brackets within brackets.
    #[error("`[` stands within brackets; for the character itself write it twice")]
    Nested,
}

impl Template {
    /// The text, with `value` for each field; none: it has no value.
    pub fn render(&self, value: impl Fn(Field) -> Option<String>) -> String {
        let mut text = String::new();
        for part in &self.0 {
            let before = text.len();
            for piece in &part.pieces {
                match piece {
                    Piece::Text(plain) => text.push_str(plain),
                    Piece::Field(field) => match value(*field) {
                        Some(value) => text.push_str(&value),
                        None if part.in_brackets => {
                            text.truncate(before);
                            break;
                        }
                        None => {}
                    },
                }
            }
        }
        text
    }
}

impl Default for Template {
    fn default() -> Self {
        DEFAULT.parse().unwrap_or(Self(Vec::new()))
    }
}

impl FromStr for Template {
    type Err = BadTemplate;

    fn from_str(text: &str) -> Result<Self, BadTemplate> {
        let mut parts = vec![Part { in_brackets: false, pieces: Vec::new() }];
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            let is_open = parts.last().is_some_and(|part| part.in_brackets);
            if matches!(c, '{' | '}' | '[' | ']')
                && let Some(after) = rest.strip_prefix(c)
            {
                rest = after;
                push(&mut parts, c);
                continue;
            }
            match c {
                '{' => {
                    let (name, after) = rest.split_once('}').ok_or(BadTemplate::Open('{'))?;
                    let (_, field) = FIELDS
                        .iter()
                        .find(|(known, _)| *known == name)
                        .ok_or_else(|| BadTemplate::UnknownField(name.to_owned()))?;
                    rest = after;
                    if let Some(part) = parts.last_mut() {
                        part.pieces.push(Piece::Field(*field));
                    }
                }
                '[' if is_open => return Err(BadTemplate::Nested),
                '[' => parts.push(Part { in_brackets: true, pieces: Vec::new() }),
                ']' if is_open => parts.push(Part { in_brackets: false, pieces: Vec::new() }),
                '}' | ']' => return Err(BadTemplate::Closed(c)),
                plain => push(&mut parts, plain),
            }
        }
        match parts.last() {
            Some(part) if part.in_brackets => Err(BadTemplate::Open('[')),
            _ => Ok(Self(parts)),
        }
    }
}

fn push(parts: &mut [Part], c: char) {
    let Some(part) = parts.last_mut() else { return };
    match part.pieces.last_mut() {
        Some(Piece::Text(text)) => text.push(c),
        _ => part.pieces.push(Piece::Text(c.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(template: &str) -> String {
        template.parse::<Template>().unwrap().render(|field| match field {
            Field::Profile => Some("prod".to_owned()),
            Field::Region => Some("eu-west-1".to_owned()),
            Field::Account | Field::Left => None,
        })
    }

    #[test]
    fn fields_text_and_brackets() {
        assert_eq!(shown(DEFAULT), "prod");
        assert_eq!(shown("({profile}@{region})"), "(prod@eu-west-1)");
        assert_eq!(shown("<{account}> [{region} {left} ]{profile}[ in {region}]"), "<> prod in eu-west-1");
        assert_eq!(shown("[[{profile}]] {{profile}} ☁"), "[prod] {profile} ☁");
        assert_eq!(shown("[{profile}]]]"), "prod]");
        assert_eq!(shown(""), "");
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (template, error) in [
            ("{profil}", BadTemplate::UnknownField("profil".to_owned())),
            ("{", BadTemplate::Open('{')),
            ("a}", BadTemplate::Closed('}')),
            ("[{left}", BadTemplate::Open('[')),
            ("]", BadTemplate::Closed(']')),
            ("[a[b]]", BadTemplate::Nested),
        ] {
            assert_eq!(template.parse::<Template>(), Err(error), "{template}");
        }
    }
}
