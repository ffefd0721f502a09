//! What the caches hold for each level of a plan, and whether it is fresh enough to be used.
//!
//! Changes nothing and calls nobody, so whoever only wants to know what a run would do sees the same as the run.

use jiff::Timestamp;

use super::{From, Obtained, Purpose, stores::Stores, words_of_step};
use crate::{
    Credentials,
    arn::RoleArn,
    cache::{key::CacheKey, own::Entry},
    chain::{
        plan::{BasePlan, CliCacheUse, Hop, Options, Plan},
        source::BaseSource,
    },
    credentials::{Freshness, LEAST_LEFT, render_expiration},
    host::Host,
    talk::{Hear, Notice},
};

/// A plan and the caches in which its answers may lie. Level 0 is the base, level n the n-th role.
pub(crate) struct Lookup<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) options: &'a Options,
    pub(crate) host: Host<'a>,
    pub(crate) stores: &'a Stores,
    pub(crate) hear: &'a dyn Hear,
}

/// The two places where a level's credentials may be kept.
pub(crate) struct Cached<'a> {
    pub(crate) key: &'a CacheKey,
    pub(crate) cli_file: Option<&'a str>,
}

impl<'a> Cached<'a> {
    /// Where a level's answer is kept; `None` for what is not.
    pub(crate) fn of_level(plan: &'a Plan, level: usize) -> Option<Self> {
        let Some(index) = level.checked_sub(1) else {
            return match &plan.base {
                BasePlan::Uncached => None,
                BasePlan::Cached { key, cli_file } => Some(Self { key, cli_file: cli_file.as_deref() }),
                BasePlan::MfaSession(session) => Some(Self { key: &session.key, cli_file: None }),
            };
        };
        plan.hops.get(index).map(|Hop { key, cli_file, .. }| Self { key, cli_file: cli_file.as_deref() })
    }
}

impl Lookup<'_> {
    /// What serves `purpose`: rolo's own, else the AWS CLI's.
    pub(crate) fn find(&self, level: usize, cached: &Cached<'_>, purpose: Purpose) -> Option<Obtained> {
        let now = self.host.clock.now();
        let own = self.stores.own.as_ref().and_then(|own| own.load(cached.key));
        if let Some(entry) = own.filter(|entry| self.is_fresh(entry, purpose, now)) {
            self.say_found(level, "rolo's cache", &entry.credentials);
            return Some(Obtained {
                credentials: entry.credentials,
                issued_at: Some(entry.issued_at),
                from: From::OwnCache,
            });
        }
        if self.options.cli_cache != CliCacheUse::On {
            return None;
        }
        let credentials = self.stores.load_cli(cached.cli_file?, self.role_arn(level), now, self.hear)?;
        // The CLI's key knows no access key, region or endpoint. What rolo left there for a plan that differs in one of
        // them is not what is asked for now.
        let own = self.stores.own.as_ref();
        if own.is_some_and(|own| own.is_of_another(cached.key, &credentials.access_key_id)) {
            return None;
        }
        self.say_found(level, "the AWS CLI's cache", &credentials);
        Some(Obtained { credentials, issued_at: None, from: From::CliCache })
    }

    fn say_found(&self, level: usize, place: &str, credentials: &Credentials) {
        let until = credentials.expiration.map(|at| format!(", good until {}", render_expiration(at)));
        let what = self.words(level);
        self.hear.hear(&Notice::Step(format!("{what}: found in {place}{}", until.unwrap_or_default())));
    }

    pub(crate) fn is_fresh(&self, entry: &Entry, purpose: Purpose, now: Timestamp) -> bool {
        let Some(expiration) = entry.credentials.expiration else { return true };
        match purpose {
            Purpose::SignNextCall => entry.credentials.has_left(LEAST_LEFT, now),
            Purpose::HandOver => Freshness { refresh_before_expiry: self.options.refresh_before_expiry }
                .is_fresh(entry.issued_at, expiration, now),
        }
    }

    pub(crate) fn role_arn(&self, level: usize) -> Option<&RoleArn> {
        match level.checked_sub(1) {
            Some(index) => self.plan.chain.steps.get(index).map(|step| &step.role_arn.value),
            None => match &self.plan.chain.base.source {
                BaseSource::WebIdentity(web) => Some(&web.role_arn.value),
                _ => None,
            },
        }
    }

    /// What is had at a level, for messages: «role `arn…` of profile `prod`».
    pub(crate) fn words(&self, level: usize) -> String {
        level
            .checked_sub(1)
            .map_or_else(|| words_of_base(self.plan), |index| words_of_step(&self.plan.chain.steps[index]))
    }
}

pub(super) fn words_of_base(plan: &Plan) -> String {
    match (&plan.base, &plan.chain.base.source) {
        (BasePlan::MfaSession(session), _) => match &session.serial {
            Some(serial) => format!("the MFA session of `{serial}`"),
            None => format!("the session of `{}`", plan.chain.label),
        },
        (_, BaseSource::Sso(sso)) => format!("role `{}` in account `{}`", sso.role_name, sso.account_id),
        (_, BaseSource::WebIdentity(web)) => format!("role `{}` by web identity", web.role_arn.value),
        _ => format!("profile `{}`", plan.chain.label),
    }
}
