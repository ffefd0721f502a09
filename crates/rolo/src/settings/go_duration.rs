//! Lengths of time as Go writes them, for `assume-role.yaml`: `15m`, `1h30m`, `1.5h`, `0`.
//!
//! As Go's `time.ParseDuration` reads them, to the nanosecond and up to its limits. Pure.

use jiff::SignedDuration;

/// One nanosecond more than the longest length: Go counts in 64 bits with a sign.
const LIMIT: u64 = 1 << 63;

/// Both signs for a millionth (U+00B5, U+03BC) are known, as Go knows them.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads numbers, each with its unit, and a sign before all of them. `0` alone needs no unit.
pub(super) fn parse_go_duration(text: &str) -> Option<SignedDuration> {
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if unsigned == "0" {
        return Some(SignedDuration::ZERO);
    }
    let mut total: u64 = 0;
    let mut rest = unsigned;
    loop {
        let (nanos, after) = parse_term(rest)?;
        total = total.checked_add(nanos).filter(|&total| total <= LIMIT)?;
        if after.is_empty() {
            break;
        }
        rest = after;
    }
    let nanos = i128::from(total);
    let nanos = i64::try_from(if is_negative { -nanos } else { nanos }).ok()?;
    Some(SignedDuration::from_nanos(nanos))
}

/// One number with its unit, in nanoseconds, and what stands behind it.
fn parse_term(text: &str) -> Option<(u64, &str)> {
    let (whole, rest) = split_digits(text);
    let (fraction, rest) = rest.strip_prefix('.').map_or(("", rest), split_digits);
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let unit = UNITS.iter().find(|(known, _)| *known == name)?.1;
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let nanos = whole.checked_mul(unit)?.checked_add(fraction_of(unit, fraction))?;
    (nanos <= LIMIT).then_some((nanos, rest))
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// `0.DIGITS` of a unit, cut to whole nanoseconds. In floating point and in this order, as Go does it: exact arithmetic
/// would differ by a nanosecond where Go rounds. Digits that no 63 bits can hold are dropped.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what Go does; the result is below `unit`"
)]
fn fraction_of(unit: u64, digits: &str) -> u64 {
    let mut value: u64 = 0;
    let mut scale = 1.0;
    for digit in digits.bytes().map(|digit| u64::from(digit - b'0')) {
        let Some(next) = value.checked_mul(10).and_then(|value| value.checked_add(digit)) else { break };
        if next > LIMIT {
            break;
        }
        value = next;
        scale *= 10.0;
    }
    (value as f64 * (unit as f64 / scale)) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Recorded {
        text: String,
        /// `None`: Go refuses it.
        nanos: Option<i64>,
    }

    /// Recorded from `time.ParseDuration` of Go 1.26.
    const RECORDED: &str = include_str!("../../tests/data/go_durations.json");

    #[test]
    fn every_length_is_what_go_reads() {
        let recorded: Vec<Recorded> = serde_json::from_str(RECORDED).unwrap();
        assert!(recorded.len() > 390, "{}", recorded.len());
        for Recorded { text, nanos } in recorded {
            assert_eq!(parse_go_duration(&text), nanos.map(SignedDuration::from_nanos), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whole_units_add_up(h in 0i64..1000, m in 0i64..1000, s in 0i64..1000) {
            let read = parse_go_duration(&format!("{h}h{m}m{s}s"));
            prop_assert_eq!(read, Some(SignedDuration::from_secs(h * 3600 + m * 60 + s)));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[-+.0-9hmsuµn ]{0,40}|\\PC*") {
            let _ = parse_go_duration(&text);
        }
    }
}
