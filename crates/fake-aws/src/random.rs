//! Random-looking keys, tokens and ids in the shapes AWS gives them.
//!
//! Good enough for a fake, not for secrets that guard anything. Must not know whose they are.

use std::hash::{BuildHasher, DefaultHasher, Hasher, RandomState};

const KEY_ID: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const HEX: &[u8] = b"0123456789abcdef";

/// How today's session tokens begin; tools take it for opaque, and so may tests.
const TOKEN_START: &str = "IQoJb3JpZ2luX2Vj";
const TOKEN_LENGTH: usize = 420;

/// A source of texts that never repeat.
#[derive(Debug, Default)]
pub(crate) struct Random {
    seed: RandomState,
    drawn: u64,
}

impl Random {
    /// An access key id: `prefix` (`AKIA`, `ASIA`) and 16 more.
    pub(crate) fn key_id(&mut self, prefix: &str) -> String {
        self.text(prefix, KEY_ID, 16)
    }

    /// A secret access key: 40 characters.
    pub(crate) fn secret_key(&mut self) -> String {
        self.text("", BASE64, 40)
    }

    /// A session token: long, base64.
    pub(crate) fn session_token(&mut self) -> String {
        self.text(TOKEN_START, BASE64, TOKEN_LENGTH - TOKEN_START.len())
    }

    /// A message for DecodeAuthorizationMessage: longer, in the alphabet of URLs.
    pub(crate) fn encoded_message(&mut self) -> String {
        self.text("", URL_SAFE, 640)
    }

    /// An SSO token: shorter, and with nothing that needs escaping.
    pub(crate) fn sso_token(&mut self) -> String {
        self.text("aoa", &BASE64[..62], 96)
    }

    /// A request id in the form of a UUID.
    pub(crate) fn request_id(&mut self) -> String {
        [8, 4, 4, 4, 12].map(|length| self.text("", HEX, length)).join("-")
    }

    fn text(&mut self, start: &str, alphabet: &[u8], length: usize) -> String {
        let drawn = (0..length).map(|_| {
            self.drawn += 1;
            pick(alphabet, self.seed.hash_one(self.drawn))
        });
        start.chars().chain(drawn).collect()
    }
}

/// An id that is always the same for the same ARN: `AIDA…`, `AROA…`.
pub(crate) fn stable_id(prefix: &str, arn: &str) -> String {
    prefix.chars().chain((0..17).map(|index| pick(KEY_ID, stable_hash(arn, index)))).collect()
}

/// The sixteen hexadecimal digits at the end of the name of an Identity Center role.
pub(crate) fn stable_suffix(text: &str) -> String {
    (0..16).map(|index| pick(HEX, stable_hash(text, index))).collect()
}

fn stable_hash(text: &str, index: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.write_u64(index);
    hasher.finish()
}

fn pick(alphabet: &[u8], hash: u64) -> char {
    let length = u64::try_from(alphabet.len()).unwrap_or(1);
    let index = usize::try_from(hash % length).unwrap_or(0);
    char::from(alphabet[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_those_of_aws_and_nothing_repeats() {
        let mut random = Random::default();
        let id = random.key_id("ASIA");
        assert!(id.len() == 20 && id.starts_with("ASIA"), "{id}");
        assert_eq!(random.secret_key().len(), 40);
        assert_ne!(random.session_token(), random.session_token());
        assert_eq!(random.request_id().len(), 36);
        assert_eq!(stable_id("AROA", "x"), stable_id("AROA", "x"));
        assert_ne!(stable_id("AROA", "x"), stable_id("AROA", "y"));
    }
}
