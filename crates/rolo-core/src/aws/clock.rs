//! The difference between this machine's clock and AWS's, measured from AWS's answers, and signing by AWS's.
//!
//! AWS refuses what is signed more than some minutes off. The SDK would correct it within one call, for that call alone
//! and without a word; here what one call has learned holds for all that follow, and can be told. Must not know what is
//! called.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::SystemTime,
};

use aws_smithy_async::time::{SystemTimeSource, TimeSource};
use aws_smithy_types::{DateTime, date_time::Format};
use jiff::SignedDuration;

/// What is less than this is the network's delay and the whole seconds of `Date`, not a clock that is wrong.
const LEAST_SKEW: SignedDuration = SignedDuration::from_secs(60);

/// How far this machine's clock is behind AWS's, as far as any answer told. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct AwsClock(Arc<AtomicI64>);

impl AwsClock {
    /// What is to be added to this machine's time; negative where it is ahead, zero below a minute.
    pub fn behind(&self) -> SignedDuration {
        SignedDuration::from_secs(self.0.load(Ordering::Relaxed))
    }

    /// Takes note of a measurement; `true` where it changes by a minute or more what is known.
    pub(super) fn learn(&self, measured: SignedDuration) -> bool {
        let known = self.behind();
        let skew = if measured.abs() < LEAST_SKEW { SignedDuration::ZERO } else { measured };
        let is_new = (skew - known).abs() >= LEAST_SKEW;
        if is_new {
            self.0.store(skew.as_secs(), Ordering::Relaxed);
        }
        is_new
    }

    /// This machine's time, uncorrected.
    pub(super) fn machine_time() -> SystemTime {
        SystemTimeSource::new().now()
    }
}

impl TimeSource for AwsClock {
    fn now(&self) -> SystemTime {
        let (now, behind) = (Self::machine_time(), self.behind());
        let shifted = if behind.is_negative() {
            now.checked_sub(behind.unsigned_abs())
        } else {
            now.checked_add(behind.unsigned_abs())
        };
        shifted.unwrap_or(now)
    }
}

/// How far AWS's time, as the header `Date` gives it, is ahead of `machine`.
pub(super) fn measure_date(date: &str, machine: SystemTime) -> Option<SignedDuration> {
    let at = SystemTime::try_from(DateTime::from_str(date, Format::HttpDate).ok()?).ok()?;
    Some(difference(at, machine))
}

/// The same from the words of a refusal, which give AWS's time in brackets: `Signature expired: 20220127T001427Z is now
/// earlier than 20220127T014428Z (20220127T015928Z - 15 min.)`.
pub(super) fn measure_message(message: &str, machine: SystemTime) -> Option<SignedDuration> {
    if !message.contains("is now earlier than") && !message.contains("is still later than") {
        return None;
    }
    let text = message.rsplit_once('(')?.1.get(..16)?;
    let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    let at = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    Some(difference(SystemTime::from(at), machine))
}

/// In whole seconds. AWS writes its time without what is below a second, which is half a second on average.
fn difference(at: SystemTime, machine: SystemTime) -> SignedDuration {
    let exact = match at.duration_since(machine) {
        Ok(ahead) => SignedDuration::try_from(ahead).unwrap_or(SignedDuration::ZERO),
        Err(error) => -SignedDuration::try_from(error.duration()).unwrap_or(SignedDuration::ZERO),
    };
    let millis = i64::try_from(exact.as_millis()).unwrap_or(0) + 500;
    SignedDuration::from_secs((millis + 500).div_euclid(1000))
}

/// `14 min 3 s`, `2 h 5 min`, `3 d`: the two largest units.
pub fn render_skew(skew: SignedDuration) -> String {
    let seconds = skew.unsigned_abs().as_secs();
    let units = [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)];
    let parts: Vec<_> = units
        .iter()
        .scan(seconds, |left, (name, size)| {
            let count = *left / size;
            *left %= size;
            Some((count, *name))
        })
        .skip_while(|(count, _)| *count == 0)
        .take(2)
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn skew_is_in_two_units() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (843, "14 min 3 s"),
            (-843, "14 min 3 s"),
            (3600, "1 h"),
            (3601, "1 h"),
            (7500, "2 h 5 min"),
            (260_000, "3 d"),
        ] {
            assert_eq!(render_skew(SignedDuration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn awss_time_is_read_from_date_and_message() {
        // 2022-01-27T01:59:28Z
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_643_248_768);
        // In the middle of AWS's second.
        let at = at + Duration::from_millis(500);
        let behind = at - Duration::from_mins(10);
        let words = "Signature expired: 20220127T001427Z is now earlier than 20220127T014428Z (20220127T015928Z - 15 min.)";
        let early = "Signature not yet current: 20220127T031427Z is still later than 20220127T021428Z (20220127T015928Z + 15 min.)";
        for text in [words, early] {
            assert_eq!(measure_message(text, behind), Some(SignedDuration::from_secs(600)));
        }
        let date = "Thu, 27 Jan 2022 01:59:28 GMT";
        assert_eq!(measure_date(date, at + Duration::from_secs(5)), Some(SignedDuration::from_secs(-5)));
        for text in ["", "(2022", "no is now earlier than (20220127", "ä is now earlier than (2022012ääääää)"]
        {
            assert_eq!(measure_message(text, at), None);
        }
        assert_eq!(measure_date("soon", at), None);
    }

    #[test]
    fn a_small_difference_is_none_and_a_new_one_is_told() {
        let clock = AwsClock::default();
        assert!(!clock.learn(SignedDuration::from_secs(59)));
        assert!(clock.learn(SignedDuration::from_secs(-843)));
        assert!(!clock.clone().learn(SignedDuration::from_secs(-840)));
        assert_eq!(clock.behind(), SignedDuration::from_secs(-843));
        assert!(clock.now() < AwsClock::machine_time() - Duration::from_mins(14));
        assert!(clock.learn(SignedDuration::from_secs(1)));
        assert_eq!(clock.behind(), SignedDuration::ZERO);
    }
}
