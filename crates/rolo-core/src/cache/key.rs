//! Keys of the own cache: a digest over everything that decides which credentials would be had.
//!
//! The encoding is unambiguous: two different lists of fields never give the same bytes. Must not know which fields there
//! are; that is the planner's.

use std::fmt;

use sha2::{Digest, Sha256};

/// The SHA-256 of a role in the plan and its fields. Its hex form is a file's name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CacheKey([u8; 32]);

impl CacheKey {
    /// 64 lower-case hex digits.
    pub fn to_hex(&self) -> String {
        render_hex(&self.0)
    }

    /// Reads what [`to_hex`](Self::to_hex) wrote; nothing else is taken.
    pub fn parse(hex: &str) -> Option<Self> {
        let hex: &[u8; 64] = hex.as_bytes().try_into().ok()?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_chunks::<2>().0) {
            *byte = hex_value(pair[0])? << 4 | hex_value(pair[1])?;
        }
        Some(Self(bytes))
    }
}

impl CacheKey {
    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

/// Collects the fields of a key, in the order in which they are said.
#[derive(Debug, Clone)]
pub struct KeyBuilder(Sha256);

/// What follows a field's name. A change of the encoding takes a new number, so that old keys are never met.
const VALUE: u8 = 1;
const LIST: u8 = 2;

impl KeyBuilder {
    /// A key of this kind: `role`, `mfa-session` … Keys of different kinds never meet.
    pub fn new(kind: &str) -> Self {
        let mut builder = Self(Sha256::new());
        builder.text(kind);
        builder
    }

    /// A field and its value.
    #[must_use]
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.text(name);
        self.0.update([VALUE]);
        self.text(value);
        self
    }

    /// A field that may be absent, which is another key than an empty value.
    #[must_use]
    pub fn field_opt(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// A field with several values, in order. None at all is another key than an absent field.
    #[must_use]
    pub fn list<'a>(
        mut self,
        name: &str,
        values: impl IntoIterator<Item = &'a str, IntoIter: ExactSizeIterator>,
    ) -> Self {
        let values = values.into_iter();
        self.text(name);
        self.0.update([LIST]);
        self.length(values.len());
        for value in values {
            self.text(value);
        }
        self
    }

    /// A field that is another key, such as the inner step's of a chain.
    #[must_use]
    pub fn key(self, name: &str, key: &CacheKey) -> Self {
        self.field(name, &key.to_hex())
    }

    /// The key of what was said.
    pub fn finish(self) -> CacheKey {
        CacheKey(self.0.finalize().into())
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.update(text.as_bytes());
    }

    fn length(&mut self, length: usize) {
        self.0.update((length as u64).to_le_bytes());
    }
}

pub(crate) fn render_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut hex = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        hex.push(char::from(DIGITS[usize::from(byte >> 4)]));
        hex.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    hex
}

fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    enum Field {
        One(String, String),
        Absent(String),
        Many(String, Vec<String>),
    }

    /// Absent fields leave no trace, so lists are compared without them.
    type Said = (String, Vec<Field>);

    fn build((kind, fields): &Said) -> CacheKey {
        fields
            .iter()
            .fold(KeyBuilder::new(kind), |builder, field| match field {
                Field::One(name, value) => builder.field_opt(name, Some(value)),
                Field::Absent(name) => builder.field_opt(name, None),
                Field::Many(name, values) => builder.list(name, values.iter().map(String::as_str)),
            })
            .finish()
    }

    fn without_absent((kind, fields): &Said) -> Said {
        let kept = fields.iter().filter(|field| !matches!(field, Field::Absent(_))).cloned().collect();
        (kind.clone(), kept)
    }

    /// Few letters and short texts, so that pairs are often equal, or equal when run together.
    fn said() -> impl Strategy<Value = Said> {
        let text = || "[ab\u{1}]{0,2}";
        let field = prop_oneof![
            (text(), text()).prop_map(|(name, value)| Field::One(name, value)),
            text().prop_map(Field::Absent),
            (text(), proptest::collection::vec(text(), 0..3))
                .prop_map(|(name, values)| Field::Many(name, values)),
        ];
        (text().prop_map(String::from), proptest::collection::vec(field, 0..3))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn keys_are_equal_exactly_when_the_fields_are(a in said(), b in said()) {
            prop_assert_eq!(build(&a) == build(&b), without_absent(&a) == without_absent(&b), "{:?} {:?}", a, b);
        }
    }

    #[test]
    fn no_value_runs_into_its_neighbour() {
        let key = |name: &str, value: &str| KeyBuilder::new("role").field(name, value).finish();
        assert_ne!(key("ab", "c"), key("a", "bc"));
        let two = KeyBuilder::new("role").field("a", "").field("b", "").finish();
        assert_ne!(two, key("a", "b"));
        assert_ne!(KeyBuilder::new("role").finish(), KeyBuilder::new("roles").finish());
    }

    #[test]
    fn hex_goes_there_and_back_and_nothing_else_is_taken() {
        let key = KeyBuilder::new("role").field("role_arn", "arn:aws:iam::123456789012:role/a").finish();
        let hex = key.to_hex();
        assert_eq!(hex.len(), 64);
        assert_eq!(CacheKey::parse(&hex), Some(key));
        for wrong in [&hex[1..], &hex.to_uppercase(), &format!("{hex}0"), &hex.replacen(&hex[..1], "g", 1)] {
            assert_eq!(CacheKey::parse(wrong), None, "{wrong}");
        }
    }

    /// The encoding is a promise to the files that are already there: SHA-256 as computed by another program.
    #[test]
    fn the_encoding_is_as_written_down() {
        let key = KeyBuilder::new("role").field("a", "bc").list("l", ["x"]).finish();
        let mut bytes = Vec::new();
        for text in ["role", "a", "\u{1}", "bc", "l", "\u{2}", "", "x"] {
            match text {
                "\u{1}" | "\u{2}" => bytes.extend_from_slice(text.as_bytes()),
                "" => bytes.extend_from_slice(&1_u64.to_le_bytes()),
                text => {
                    bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
                    bytes.extend_from_slice(text.as_bytes());
                }
            }
        }
        assert_eq!(key.to_hex(), render_hex(&Sha256::digest(&bytes)));
    }
}
