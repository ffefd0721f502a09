//! Credentials that last less than was asked for, or hardly at all: said, for nobody would notice before they end.
//!
//! Must not judge what comes from a cache: that was said when it came.

use jiff::SignedDuration;

use super::Runner;
use crate::{Credentials, chain::source::BaseSource, credentials::render_expiration, talk::Notice};

/// A difference that is the network's.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(60);
/// What a program, container or instance gives and what has less left is worth a word.
const HARDLY_ANY: SignedDuration = SignedDuration::from_mins(5);

impl Runner<'_> {
    /// Says it where AWS's answer about `what` is cut. Its expiry is still by AWS's clock.
    pub(super) fn warn_of_cut(&self, what: &str, asked: Option<u32>, credentials: &Credentials) {
        let Some(asked) = asked.map(|seconds| SignedDuration::from_secs(seconds.into())) else { return };
        let now = self.host.clock.now() + self.aws.clock().behind();
        match credentials.left(now) {
            Some(left) if left.is_positive() && left + TOLERANCE < asked => {
                self.hear.hear(&Notice::Warning(format!(
                    "{what} lasts {} s, and {} s were asked for",
                    left.as_secs(),
                    asked.as_secs()
                )));
            }
            _ => {}
        }
    }

    /// Says it where what the source itself gave, and is handed over as it is, ends in a moment.
    pub(super) fn warn_of_end(&self, credentials: &Credentials) {
        let base = &self.plan.chain.base;
        let source = match &base.source {
            BaseSource::Process { .. } | BaseSource::Container { .. } | BaseSource::Imds(_) => &base.source,
            _ => return,
        };
        let (Some(left), Some(at)) = (credentials.left(self.host.clock.now()), credentials.expiration) else {
            return;
        };
        if self.plan.hops.is_empty() && left < HARDLY_ANY {
            self.hear.hear(&Notice::Warning(format!(
                "the credentials of {} end in {} s, at {}",
                source.in_words(),
                left.as_secs(),
                render_expiration(at)
            )));
        }
    }
}
