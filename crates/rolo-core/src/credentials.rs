//! Credentials, their expiry, and how fresh they must be to be of use.
//!
//! Must not know where credentials come from or go to.

use jiff::{SignedDuration, Timestamp};

use crate::Secret;

/// What AWS takes as proof: an access key id, its secret, and for temporary credentials a session token and an expiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `AKIA…` (long-term) or `ASIA…` (temporary).
    pub access_key_id: String,
    /// The key that signs.
    pub secret_access_key: Secret,
    /// Present exactly for temporary credentials.
    pub session_token: Option<Secret>,
    /// When AWS stops taking them; `None` for long-term keys, or where the source did not say.
    pub expiration: Option<Timestamp>,
    /// The 12 digits of the account they act in, where known without a call.
    pub account_id: Option<String>,
}

/// How long credentials must still live to be used for what is asked (design «Freshness»).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// Upper bound of the time that must be left in what is handed over; 15 min unless set.
    pub refresh_before_expiry: SignedDuration,
}

/// Time that must be left in credentials that only sign the next call, and in those that are handed over because their
/// renewal failed.
pub const LEAST_LEFT: SignedDuration = SignedDuration::from_secs(60);

impl Default for Freshness {
    fn default() -> Self {
        Self { refresh_before_expiry: SignedDuration::from_mins(15) }
    }
}

impl Freshness {
    /// Whether credentials of this life may be handed over without renewal: they have at least
    /// min(`refresh_before_expiry`, a quarter of their life) left.
    pub fn is_fresh(self, issued_at: Timestamp, expiration: Timestamp, now: Timestamp) -> bool {
        let left = expiration.duration_since(now);
        left > SignedDuration::ZERO && left >= self.needed(issued_at, expiration)
    }

    /// How much must be left of credentials of this life.
    pub fn needed(self, issued_at: Timestamp, expiration: Timestamp) -> SignedDuration {
        let quarter = expiration.duration_since(issued_at) / 4;
        quarter.min(self.refresh_before_expiry)
    }
}

impl Credentials {
    /// Time left at `now`; `None` where they do not expire.
    pub fn left(&self, now: Timestamp) -> Option<SignedDuration> {
        self.expiration.map(|at| at.duration_since(now))
    }

    /// Whether at least `needed` is left at `now`; credentials without expiry always have it.
    pub fn has_left(&self, needed: SignedDuration, now: Timestamp) -> bool {
        self.left(now).is_none_or(|left| left >= needed)
    }
}

/// Reads an expiry as AWS tools write it: RFC 3339 with `Z` or an offset, or `…UTC` (boto3's `JSONFileCache`).
///
/// A time without a zone is none: the AWS CLI fails on one, and programs disagree on what it means.
pub fn parse_expiration(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let bare = text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT"))?;
    bare.trim_end()
        .parse::<jiff::civil::DateTime>()
        .ok()?
        .to_zoned(jiff::tz::TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp())
}

/// Writes an expiry as `2026-11-21T04:14:05Z`: RFC 3339 with whole seconds, which every SDK reads.
pub fn render_expiration(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expirations_of_every_tool_are_read() {
        let expected: Timestamp = "2026-11-21T04:14:05Z".parse().unwrap();
        for text in [
            "2026-11-21T04:14:05Z",
            "2026-11-21T04:14:05+00:00",
            "2026-11-21T05:14:05+01:00",
            "2026-11-21T04:14:05UTC",
            "2026-11-21 04:14:05 UTC",
            "20261121T041405Z",
            "2026-11-21T04:14:05GMT",
        ] {
            assert_eq!(parse_expiration(text), Some(expected), "{text}");
        }
        for text in ["soon", "", "2026-11-21T04:14:05", "2026-11-21", "2026-11-21T04:14:05EST"] {
            assert_eq!(parse_expiration(text), None, "{text}");
        }
        assert_eq!(render_expiration(expected), "2026-11-21T04:14:05Z");
    }

    #[test]
    fn a_quarter_of_a_short_life_is_enough() {
        let issued: Timestamp = "2026-11-21T04:00:00Z".parse().unwrap();
        let in_secs = |secs| issued + SignedDuration::from_secs(secs);
        let fresh = |life: i64, age: i64| Freshness::default().is_fresh(issued, in_secs(life), in_secs(age));
        assert!(fresh(3600, 2700), "15 min left of an hour");
        assert!(!fresh(3600, 2701));
        assert!(fresh(900, 675), "a quarter of 15 min left");
        assert!(!fresh(900, 676));
        assert!(fresh(43_200, 42_300), "15 min left of 12 h");
        assert!(!fresh(-60, 0), "expired when issued");
    }
}
