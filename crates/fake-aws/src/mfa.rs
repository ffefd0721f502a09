//! TOTP codes: what a device shows, and which code a device may still use.
//!
//! AWS takes the code of the present 30 s step and of its two neighbours, and each only once per device. Must not know
//! who asks for it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use totp_rs::{Algorithm, Builder, Secret, Totp};

/// Seconds for which a device shows one code.
pub(crate) const STEP: i64 = 30;

/// Base32 of at least 16 bytes; blanks and lower case, as people copy it, are forgiven.
pub(crate) fn parse_secret(base32: &str) -> Option<Secret> {
    let text: String =
        base32.chars().filter(|character| !character.is_whitespace() && *character != '=').collect();
    Secret::try_from_base32(text.to_ascii_uppercase()).ok().filter(|secret| secret.as_bytes().len() >= 16)
}

/// The six digits that a device with this secret shows at `at`; `None` if it is no secret.
pub fn totp_code(base32: &str, at: Timestamp) -> Option<String> {
    let seconds = u64::try_from(at.as_second()).ok()?;
    Some(totp(base32)?.generate(seconds).to_string())
}

/// Codes that were used: (serial, step).
#[derive(Debug, Default)]
pub(crate) struct SpentCodes(BTreeSet<(String, u64)>);

impl SpentCodes {
    /// Whether `code` is good now; it is spent by that.
    pub(crate) fn spend(&mut self, serial: &str, base32: &str, code: &str, now: Timestamp) -> bool {
        let Some((totp, seconds)) = totp(base32).zip(u64::try_from(now.as_second()).ok()) else {
            return false;
        };
        totp.check(code, seconds).is_some_and(|step| self.0.insert((serial.to_owned(), step)))
    }
}

fn totp(base32: &str) -> Option<Totp> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP.unsigned_abs())
        .with_secret(parse_secret(base32)?)
        .build()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238's appendix B.
    const RFC: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn codes_are_those_of_the_rfc() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(totp_code(RFC, at(59)).as_deref(), Some("287082"));
        assert_eq!(totp_code(RFC, at(1_111_111_109)).as_deref(), Some("081804"));
        assert_eq!(totp_code("gezd gnbv gy3t qojq gezd gnbv gy3t qojq", at(59)).as_deref(), Some("287082"));
        assert_eq!(totp_code("AAAA", at(59)), None);
    }

    #[test]
    fn a_code_is_good_once_and_in_its_neighbouring_steps() {
        let now = Timestamp::from_second(1_000_000_005).unwrap();
        let code =
            |offset: i64| totp_code(RFC, Timestamp::from_second(now.as_second() + offset).unwrap()).unwrap();
        let mut spent = SpentCodes::default();
        let mut take = |serial: &str, offset| spent.spend(serial, RFC, &code(offset), now);
        assert!(take("a", 0));
        assert!(!take("a", 0), "used");
        assert!(take("b", 0), "another device");
        assert!(take("a", -STEP));
        assert!(take("a", STEP));
        assert!(!take("a", 2 * STEP));
        assert!(!take("a", -2 * STEP));
    }
}
