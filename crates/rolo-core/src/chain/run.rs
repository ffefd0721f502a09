//! Carries a [`Plan`] out: own cache, AWS CLI's cache, lock, call; outermost first, so that a cached role costs no
//! look at what lies below it.
//!
//! Must not know terminals, words for people or exit codes.

mod calls;
pub(crate) mod lookup;
pub(crate) mod obstacle;
mod short;
pub mod stores;
mod user_name;

use std::cell::Cell;

use jiff::{SignedDuration, Timestamp};

use self::{
    lookup::{Cached, Lookup},
    stores::{AssumedRole, Stores},
};
use super::{
    attempt::Attempt,
    plan::{BasePlan, CliCacheUse, MfaSession, Options, Plan},
    resolve::ResolveError,
    source::RoleStep,
};
use crate::{
    Credentials,
    aws::{Aws, AwsError},
    cache::{
        key::CacheKey,
        own::{About, Entry, Kind},
    },
    credentials::{LEAST_LEFT, render_expiration},
    found::Found,
    host::Host,
    lock::LockError,
    mfa::code::{CodeError, CodeSources},
    provider::ProviderError,
    talk::{Hear, Notice, in_one_line},
};

/// Why a plan could not be carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// What planning could not see: the machine has no credentials after all.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// The last source of the default chain is not there.
    #[error("no credentials were found for `{label}`")]
    Absent {
        /// What was asked for.
        label: String,
        /// They were to take on a role.
        for_role: bool,
        /// What was looked at last.
        #[source]
        source: crate::provider::Absence,
    },
    /// The base source failed.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// A call failed.
    #[error("{what} failed")]
    Call {
        /// Which call, for which role or device, in words.
        what: String,
        /// Which hop it was, and what it was made with.
        attempt: Box<Attempt>,
        /// AWS's or the network's answer.
        #[source]
        source: AwsError,
    },
    /// The credentials turned out to be a role's, and nobody said what to call the session.
    #[error("the session needs a name, because `{caller}` takes the role on and is no user")]
    SessionNameNeeded {
        /// The caller's ARN.
        caller: String,
    },
    /// A code was needed and not had, or refused. Said in the code's own words: which call wanted it is a detail.
    #[error("{source}")]
    Code {
        /// Which call, in words.
        what: String,
        /// Why.
        #[source]
        source: CodeError,
    },
    /// Another process did not come to an end.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// AWS's answer was of no use when it came.
    #[error("the credentials of {what} had expired when they came, at {at}")]
    Expired {
        /// Whose, in words.
        what: String,
        /// When.
        at: String,
    },
}

/// Credentials and what is known of their coming.
#[derive(Debug, Clone)]
pub struct Obtained {
    /// What was asked for.
    pub credentials: Credentials,
    /// When they were issued, where known.
    pub issued_at: Option<Timestamp>,
    /// Where they were found.
    pub from: From,
}

/// Where credentials were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// rolo's own cache.
    OwnCache,
    /// The AWS CLI's.
    CliCache,
    /// A call of this run.
    Call,
    /// The source itself: keys, a program, a local endpoint.
    Source,
}

/// What credentials are wanted for, which decides how fresh they must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    HandOver,
    SignNextCall,
}

/// Everything a run needs, all of it handed in.
pub struct Runner<'a> {
    /// What to do.
    pub plan: &'a Plan,
    /// What the person set.
    pub options: &'a Options,
    /// The world.
    pub host: Host<'a>,
    /// Who hears of it.
    pub hear: &'a dyn Hear,
    /// Where codes come from.
    pub codes: CodeSources<'a>,
    /// Caches and locks.
    pub stores: &'a Stores,
    /// Calls.
    pub aws: &'a Aws,
    /// The session name of roles that have none.
    pub session_name: &'a str,
    /// What earlier runs found out.
    pub found: &'a Found,
    /// The asked credentials are had anew, whatever is cached.
    pub refresh: bool,
    /// Whether a cached MFA session was given up in this run; once is enough.
    pub renewed_session: Cell<bool>,
}

impl Runner<'_> {
    /// The credentials the plan leads to.
    pub fn run(&self) -> Result<Obtained, RunError> {
        self.level(self.plan.hops.len(), Purpose::HandOver, None)
    }

    /// Level 0 is the base, level n the n-th role. `refused` is the access key id of credentials that AWS no longer
    /// takes for what is wanted: others are had, and nothing is forgotten should that fail.
    fn level(&self, level: usize, purpose: Purpose, refused: Option<&str>) -> Result<Obtained, RunError> {
        let Some(cached) = Cached::of_level(self.plan, level) else { return self.base() };
        let lookup = self.lookup();
        let refresh = self.refresh && purpose == Purpose::HandOver;
        let is_other = |found: &Obtained| refused != Some(found.credentials.access_key_id.as_str());
        if !refresh && let Some(obtained) = lookup.find(level, &cached, purpose).filter(is_other) {
            return Ok(obtained);
        }
        let what = self.words(level);
        let lock = self.stores.lock(&cached.key.to_hex(), &what, self.host, self.hear)?;
        // Whoever held the lock before may have left what is wanted here.
        if !refresh && let Some(obtained) = lookup.find(level, &cached, purpose).filter(is_other) {
            return Ok(obtained);
        }
        self.hear
            .hear(&Notice::Step(format!("{what}: {}, so AWS is asked", self.why_not_cached(cached.key))));
        let answer = self.fetch(level).and_then(|fetched| self.check_expiry(fetched, &what));
        let fetched = match answer {
            Ok(fetched) => fetched,
            Err(error) if !refresh && refused.is_none() => return self.stale(cached.key, error),
            Err(error) => return Err(error),
        };
        self.keep(&cached, &fetched);
        drop(lock);
        let entry = fetched.entry;
        Ok(Obtained { credentials: entry.credentials, issued_at: Some(entry.issued_at), from: From::Call })
    }

    /// Why what is cached does not serve.
    fn why_not_cached(&self, key: &CacheKey) -> String {
        let Some(own) = &self.stores.own else { return "nothing is cached in this run".to_owned() };
        match own.load(key).map(|entry| entry.credentials.expiration) {
            Some(_) if self.refresh => "`--refresh` is given".to_owned(),
            Some(Some(at)) => format!("what is cached ends at {}", render_expiration(at)),
            Some(None) | None => "nothing is cached".to_owned(),
        }
    }

    /// The same plan and caches for whoever only looks.
    fn lookup(&self) -> Lookup<'_> {
        Lookup {
            plan: self.plan,
            options: self.options,
            host: self.host,
            stores: self.stores,
            hear: self.hear,
        }
    }

    fn words(&self, level: usize) -> String {
        self.lookup().words(level)
    }

    /// Renewal failed; what is cached is handed over while it lives, rather than nothing.
    fn stale(&self, key: &CacheKey, error: RunError) -> Result<Obtained, RunError> {
        let now = self.host.clock.now();
        let entry = self.stores.own.as_ref().and_then(|own| own.load(key));
        match entry.filter(|entry| entry.credentials.has_left(LEAST_LEFT, now)) {
            Some(entry) => {
                let left = entry.credentials.left(now).unwrap_or(SignedDuration::ZERO);
                self.hear.hear(&Notice::Warning(format!(
                    "renewal failed ({}); the cached credentials are used, {} s of them are left",
                    in_one_line(&error),
                    left.as_secs()
                )));
                Ok(Obtained {
                    credentials: entry.credentials,
                    issued_at: Some(entry.issued_at),
                    from: From::OwnCache,
                })
            }
            None => Err(error),
        }
    }

    fn check_expiry(&self, fetched: Fetched, what: &str) -> Result<Fetched, RunError> {
        // What was brought forward for a clock that is behind is by this machine's time; the rest is by AWS's.
        let ahead = self.aws.clock().behind().min(SignedDuration::ZERO);
        match fetched.entry.credentials.expiration {
            Some(at) if at <= self.host.clock.now() + ahead => {
                Err(RunError::Expired { what: what.to_owned(), at: render_expiration(at) })
            }
            _ => Ok(fetched),
        }
    }

    fn keep(&self, cached: &Cached<'_>, fetched: &Fetched) {
        self.stores.store_own(cached.key, &fetched.entry, self.hear);
        if let (CliCacheUse::On | CliCacheUse::Write, Some(file)) = (self.options.cli_cache, cached.cli_file)
        {
            self.stores.store_cli(file, &fetched.entry.credentials, fetched.role.as_ref(), self.hear);
        }
    }

    fn about(&self, kind: Kind, session_arn: Option<String>) -> About {
        About {
            kind,
            profile: self.plan.chain.profile.clone(),
            source: self.plan.chain.base.profile.clone(),
            region: self.plan.chain.settings.region.as_ref().map(|region| region.value.clone()),
            session_arn,
            ..About::default()
        }
    }

    fn mfa_session(&self) -> Option<&MfaSession> {
        match &self.plan.base {
            BasePlan::MfaSession(session) => Some(session),
            BasePlan::Uncached | BasePlan::Cached { .. } => None,
        }
    }
}

/// What a call gave, and what the caches want to know of it.
struct Fetched {
    entry: Entry,
    /// As AWS named it; `None` for Identity Center and MFA sessions.
    role: Option<AssumedRole>,
}

fn words_of_step(step: &RoleStep) -> String {
    match &step.profile {
        Some(profile) => format!("role `{}` of profile `{profile}`", step.role_arn.value),
        None => format!("role `{}`", step.role_arn.value),
    }
}
