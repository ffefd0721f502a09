//! Parameters of a query-protocol request: `application/x-www-form-urlencoded`, with AWS's `NAME.member.N` lists.
//!
//! Must not know which action they are for.

use std::collections::BTreeMap;

/// Parameters by name, decoded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads one or more encoded texts (query string, body); a later one wins.
    pub(crate) fn parse(texts: &[&str]) -> Self {
        let pairs = texts.iter().flat_map(|text| text.split('&')).filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(name), decode(value))
                })
                .collect(),
        )
    }

    /// The members of a JSON object that are texts.
    pub(crate) fn from_json(text: &str) -> Self {
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(text).unwrap_or_default();
        let texts = object.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
        Self(texts.collect())
    }

    /// Takes the value of `name` out.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// The value of `name`; an empty value is a value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The values of `NAME.member.1FIELD`, `NAME.member.2FIELD` … up to the first that is absent.
    pub(crate) fn list(&self, name: &str, field: &str) -> Vec<&str> {
        (1..).map_while(|index| self.get(&format!("{name}.member.{index}{field}"))).collect()
    }

    /// Everything, sorted by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        match (first, tail) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(hex(*high) << 4 | hex(*low));
                rest = after;
            }
            _ => bytes.push(first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit - b'A' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_and_lists_counted() {
        let params = Params::parse(&[
            "Action=X",
            "Policy=%7b%22a%22%3A+1%7D&T.member.1.Key=a&T.member.2.Key=%C3%A4&E=",
        ]);
        assert_eq!(params.get("Policy"), Some("{\"a\": 1}"));
        assert_eq!(params.list("T", ".Key"), ["a", "ä"]);
        assert_eq!(params.get("E"), Some(""));
        assert_eq!(params.get("F"), None);
        assert_eq!(Params::parse(&["a=%"]).get("a"), Some("%"));
    }
}
