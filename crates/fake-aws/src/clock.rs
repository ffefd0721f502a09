//! The fake's clock: the machine's, moved on or set wrong at a test's wish.
//!
//! Must not know what is measured by it.

use jiff::{SignedDuration, Timestamp};

/// Two clocks in one. [`now`](Self::now) rules expiry and MFA codes; [`wire`](Self::wire) is what an honest client,
/// whose own clock no test moves, would read if only the skew lay between it and AWS.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    advanced: SignedDuration,
    skew: SignedDuration,
}

impl Clock {
    /// The time in this world: the machine's, plus what was advanced, plus the skew.
    pub(crate) fn now(&self) -> Timestamp {
        later(self.wire(), self.advanced)
    }

    /// The time without what was advanced: goes into `Date` headers.
    pub(crate) fn wire(&self) -> Timestamp {
        later(machine_time(), self.skew)
    }

    /// Lets time pass: credentials and codes grow older.
    pub(crate) fn advance(&mut self, by: SignedDuration) {
        self.advanced = self.advanced.saturating_add(by);
    }

    /// Sets the clock wrong by `skew` against the machine's (or the client's clock by `-skew`, which is the same).
    pub(crate) fn set_skew(&mut self, skew: SignedDuration) {
        self.skew = skew;
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the fake reads the machine's time")]
pub(crate) fn machine_time() -> Timestamp {
    Timestamp::now()
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX })
}
