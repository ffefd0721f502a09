//! What lies in each place where a level's credentials may be kept, and why it is used or not.
//!
//! Whether it is used is [`Lookup`]'s to say, as in a run; here is said why. Must not know calls.

use std::{cell::RefCell, path::PathBuf};

use jiff::Timestamp;

use super::{Holds, Kept, Place, Question};
use crate::{
    cache::{
        aws_cli,
        own::{Entry, OwnCache},
        resolve_root,
    },
    chain::{
        plan::{BasePlan, CliCacheUse, Plan},
        run::{
            Purpose,
            lookup::{Cached, Lookup},
            stores::Stores,
        },
        source::BaseSource,
    },
    credentials::{Freshness, LEAST_LEFT},
    private_file::PrivateDir,
    provider::{
        ProviderError,
        sso::{self, SsoSource},
    },
    talk::{Hear, Notice, in_one_line},
};

/// Hears why a cache is not used, and shows it to nobody.
#[derive(Debug, Default)]
pub(super) struct Heard(RefCell<Vec<String>>);

impl Hear for Heard {
    fn hear(&self, notice: &Notice) {
        if let Notice::Warning(text) | Notice::Step(text) = notice {
            self.0.borrow_mut().push(text.clone());
        }
    }
}

impl Heard {
    fn last(&self) -> Option<String> {
        self.0.borrow_mut().pop()
    }
}

/// The places of a level that has any; `purpose` decides how fresh what lies there must be.
pub(super) fn of_level(question: &Question<'_>, plan: &Plan, stores: &Stores, level: usize) -> Vec<Kept> {
    let mut kept = Vec::new();
    let Some(cached) = Cached::of_level(plan, level) else { return kept };
    let is_last = level == plan.hops.len();
    let look = Look {
        question,
        plan,
        stores,
        cached,
        purpose: if is_last { Purpose::HandOver } else { Purpose::SignNextCall },
        is_refused: question.refresh && is_last,
        now: question.host.clock.now(),
    };
    kept.push(look.own());
    kept.extend(look.aws_cli(level));
    if level == 0
        && let BaseSource::Sso(source) = &plan.chain.base.source
    {
        kept.push(look.sign_in(source));
    }
    kept
}

impl Kept {
    fn new(place: Place, path: Option<PathBuf>, holds: Holds) -> Self {
        Self { place, path, holds, session_arn: None, issued_at: None }
    }
}

struct Look<'a> {
    question: &'a Question<'a>,
    plan: &'a Plan,
    stores: &'a Stores,
    cached: Cached<'a>,
    purpose: Purpose,
    /// `--refresh`.
    is_refused: bool,
    now: Timestamp,
}

const REFRESH: &str = "`--refresh` gets new credentials";

impl Look<'_> {
    fn own(&self) -> Kept {
        let path = self.stores.own.as_ref().map(|own| own.path_of(self.cached.key));
        let entry = self.stores.own.as_ref().and_then(|own| own.load(self.cached.key));
        let session_arn = entry.as_ref().and_then(|entry| entry.about.session_arn.clone());
        let issued_at = entry.as_ref().map(|entry| entry.issued_at);
        let holds = match entry {
            _ if self.is_refused => Holds::Unused { why: REFRESH.to_owned() },
            Some(entry) => self.own_entry(&entry),
            None if path.as_ref().is_some_and(|path| self.question.host.files.stamp(path).is_some()) => {
                Holds::Unusable { why: "the entry is damaged".to_owned() }
            }
            None => self.no_cache().map_or(Holds::Nothing, |why| Holds::Unusable { why }),
        };
        Kept { place: Place::Own, path, holds, session_arn, issued_at }
    }

    /// Why there is no cache, where that is more than that there is none yet.
    fn no_cache(&self) -> Option<String> {
        if self.stores.own.is_some() {
            return None;
        }
        let Some(path) = resolve_root(self.question.host) else {
            return Some("neither `HOME` nor `XDG_CACHE_HOME` is an absolute path".to_owned());
        };
        let opened = PrivateDir::open(&path).and_then(|root| OwnCache::open_existing(&root));
        opened.err().filter(|error| !error.is_absent()).map(|error| in_one_line(&error))
    }

    fn own_entry(&self, entry: &Entry) -> Holds {
        let Some(until) = entry.credentials.expiration else { return Holds::Good { until: None } };
        if until <= self.now {
            return Holds::Expired { at: until };
        }
        let heard = Heard::default();
        if self.lookup(&heard).is_fresh(entry, self.purpose, self.now) {
            return Holds::Good { until: Some(until) };
        }
        let needed = match self.purpose {
            Purpose::SignNextCall => LEAST_LEFT,
            Purpose::HandOver => {
                Freshness { refresh_before_expiry: self.question.options.refresh_before_expiry }
                    .needed(entry.issued_at, until)
            }
        };
        Holds::Short { until, needed }
    }

    fn lookup<'b>(&'b self, hear: &'b Heard) -> Lookup<'b> {
        Lookup {
            plan: self.plan,
            options: self.question.options,
            host: self.question.host,
            stores: self.stores,
            hear,
        }
    }

    /// `None` for what the AWS CLI would not keep either.
    fn aws_cli(&self, level: usize) -> Option<Kept> {
        if let (0, BasePlan::MfaSession(_)) = (level, &self.plan.base) {
            return None;
        }
        let unused = |why: &str| Some(Kept::new(Place::AwsCli, None, Holds::Unused { why: why.to_owned() }));
        let Some(file) = self.cached.cli_file else {
            if self.question.options.cli_cache == CliCacheUse::Off {
                return unused("`cli_cache` is `off`");
            }
            let steps = self.plan.chain.steps.get(..level).unwrap_or_default();
            if steps.iter().any(|step| !step.narrowing.is_empty()) {
                return unused("its key holds no session policy, tag or source identity");
            }
            // Of a base that roles are taken on from the AWS CLI keeps nothing.
            let is_kept = level > 0 || self.plan.hops.is_empty();
            return is_kept
                .then(|| unused("another profile has the same key there, and another source"))
                .flatten();
        };
        let cli = self.stores.cli.as_ref()?;
        Some(Kept::new(Place::AwsCli, Some(cli.path_of(file)), self.cli_entry(level, file)))
    }

    fn cli_entry(&self, level: usize, file: &str) -> Holds {
        if self.is_refused {
            return Holds::Unused { why: REFRESH.to_owned() };
        }
        if self.question.options.cli_cache == CliCacheUse::Write {
            return Holds::Unused { why: "`cli_cache` is `write`: it is written, and not read".to_owned() };
        }
        let heard = Heard::default();
        let role = self.lookup(&heard).role_arn(level).cloned();
        let loaded = self.stores.load_cli(file, role.as_ref(), self.now, &heard);
        let why = |why: &str| Holds::Unusable { why: why.to_owned() };
        match loaded {
            Some(credentials) => {
                let own = self.stores.own.as_ref();
                if own.is_some_and(|own| own.is_of_another(self.cached.key, &credentials.access_key_id)) {
                    return why("rolo left it there for the same role with other settings");
                }
                Holds::Good { until: credentials.expiration }
            }
            None => match (heard.last(), self.stores.cli.as_ref().and_then(|cli| cli.look(file))) {
                (Some(warning), _) => Holds::Unusable { why: warning },
                (None, None) => Holds::Nothing,
                (None, Some(None)) => why("the entry is damaged"),
                (None, Some(Some(at))) if at <= self.now => Holds::Expired { at },
                (None, Some(Some(until))) if until.duration_since(self.now) < aws_cli::LEAST_LEFT => {
                    Holds::Short { until, needed: aws_cli::LEAST_LEFT }
                }
                (None, Some(Some(_))) => why("it says that it is another role's"),
            },
        }
    }

    fn sign_in(&self, source: &SsoSource) -> Kept {
        let holds = match sso::look_at_sign_in(self.question.host, source) {
            Err(ProviderError::SsoTokenMissing { .. }) => Holds::Nothing,
            Err(error) => Holds::Unusable { why: in_one_line(&error) },
            Ok(found) if found.expires_at <= self.now => Holds::Expired { at: found.expires_at },
            Ok(found) if found.is_renewal_due => {
                Holds::Short { until: found.expires_at, needed: sso::REFRESH_WINDOW }
            }
            Ok(found) => Holds::Good { until: Some(found.expires_at) },
        };
        Kept::new(Place::SignIn, source.token_path(self.question.host), holds)
    }
}
