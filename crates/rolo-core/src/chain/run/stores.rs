//! The caches and locks of a run, opened once, each of which may be missing: a run goes on without, and says so once.
//! What fails mostly has one cause (the disk is full, the home read-only), so further warnings are for `-v`.

use std::cell::Cell;

use jiff::Timestamp;

use crate::{
    Credentials,
    arn::RoleArn,
    cache::{
        aws_cli::{AssumedRoleUser, CliCache},
        key::CacheKey,
        open_or_create_root,
        own::{Entry, OwnCache},
        resolve_root,
    },
    host::Host,
    lock::{LockError, LockGuard, Locks},
    private_file::PrivateDir,
    talk::{Hear, Notice, in_one_line},
};

const NOT_SHARED: &str = "the AWS CLI's cache is not shared";

/// What is kept where.
#[derive(Debug)]
pub struct Stores {
    /// The cache's folder; `None`: this run is uncached.
    pub root: Option<PrivateDir>,
    /// rolo's own cache.
    pub own: Option<OwnCache>,
    locks: Locks,
    /// The AWS CLI's; `None` without a home.
    pub cli: Option<CliCache>,
    has_warned: Cell<bool>,
}

/// Who AWS says the session is, for the AWS CLI's cache.
#[derive(Debug, Clone, Default)]
pub struct AssumedRole {
    /// `AROA…:SESSION`.
    pub id: String,
    /// `arn:…:assumed-role/ROLE/SESSION`.
    pub arn: String,
}

impl Stores {
    /// Opens what there is.
    pub fn open(host: Host<'_>, hear: &dyn Hear) -> Self {
        let has_warned = Cell::new(false);
        let hear = &FirstWarning { hear, has_warned: &has_warned };
        let warn = |text: String| hear.hear(&Notice::Warning(text));
        let root = match resolve_root(host) {
            None => {
                warn("nothing is cached: neither `HOME` nor `XDG_CACHE_HOME` is an absolute path".to_owned());
                None
            }
            Some(path) => open_or_create_root(&path)
                .map_err(|error| warn(format!("nothing is cached: {}", in_one_line(&error))))
                .ok(),
        };
        let own = root.as_ref().and_then(|root| {
            OwnCache::open(root)
                .map_err(|error| warn(format!("nothing is cached: {}", in_one_line(&error))))
                .ok()
        });
        let locks = root.as_ref().map_or_else(Locks::none, |root| Locks::new(root, hear));
        let cli = host.home().filter(|home| home.is_absolute()).map(|home| CliCache::new(&home));
        Self { root, own, locks, cli, has_warned }
    }

    /// Opens what is there already and makes nothing, for whoever only looks; locks nothing either.
    pub fn look(host: Host<'_>) -> Self {
        let root = resolve_root(host).and_then(|path| PrivateDir::open(&path).ok());
        let own = root.as_ref().and_then(|root| OwnCache::open_existing(root).ok());
        let cli = host.home().filter(|home| home.is_absolute()).map(|home| CliCache::new(&home));
        Self { root, own, locks: Locks::none(), cli, has_warned: Cell::new(false) }
    }

    /// Waits for the lock `name`, under which `what` is had.
    pub fn lock(
        &self,
        name: &str,
        what: &str,
        host: Host<'_>,
        hear: &dyn Hear,
    ) -> Result<LockGuard, LockError> {
        self.locks.acquire(name, what, host, &self.first_warning(hear))
    }

    /// Keeps `entry` in rolo's own cache.
    pub(super) fn store_own(&self, key: &CacheKey, entry: &Entry, hear: &dyn Hear) {
        let Some(own) = &self.own else { return };
        match own.store(key, entry) {
            Ok(()) => hear.hear(&Notice::Step(format!("kept in rolo's cache as `{}`", key.to_hex()))),
            Err(error) => {
                self.warn(&format!("the credentials could not be cached: {}", in_one_line(&error)), hear);
            }
        }
    }

    /// What the AWS CLI keeps in `file`; `role` is the role it must be of, none for Identity Center.
    pub(crate) fn load_cli(
        &self,
        file: &str,
        role: Option<&RoleArn>,
        now: Timestamp,
        hear: &dyn Hear,
    ) -> Option<Credentials> {
        let cli = self.cli.as_ref()?;
        let loaded = match role {
            Some(role) => cli.load_role(file, role, now),
            None => cli.load_sso_role(file, now),
        };
        loaded.unwrap_or_else(|error| {
            self.warn(&format!("{NOT_SHARED}: {}", in_one_line(&error)), hear);
            None
        })
    }

    /// Leaves `credentials` to the AWS CLI in `file`; `role` as AWS named it, none for Identity Center.
    pub(super) fn store_cli(
        &self,
        file: &str,
        credentials: &Credentials,
        role: Option<&AssumedRole>,
        hear: &dyn Hear,
    ) {
        let Some(cli) = &self.cli else { return };
        let stored = match role {
            Some(role) => {
                let user = AssumedRoleUser { assumed_role_id: &role.id, arn: &role.arn };
                cli.store_role(file, credentials, Some(user).filter(|user| !user.arn.is_empty()))
            }
            None => cli.store_sso_role(file, credentials),
        };
        match stored {
            Ok(true) => hear.hear(&Notice::Step(format!("kept in the AWS CLI's cache as `{file}.json`"))),
            Ok(false) => {}
            Err(error) => self.warn(&format!("{NOT_SHARED}: {}", in_one_line(&error)), hear),
        }
    }

    fn warn(&self, text: &str, hear: &dyn Hear) {
        self.first_warning(hear).hear(&Notice::Warning(text.to_owned()));
    }

    fn first_warning<'a>(&'a self, hear: &'a dyn Hear) -> FirstWarning<'a> {
        FirstWarning { hear, has_warned: &self.has_warned }
    }
}

/// Passes the first warning on as it is, and each further one as a step.
struct FirstWarning<'a> {
    hear: &'a dyn Hear,
    has_warned: &'a Cell<bool>,
}

impl Hear for FirstWarning<'_> {
    fn hear(&self, notice: &Notice) {
        match notice {
            Notice::Warning(text) if self.has_warned.replace(true) => {
                self.hear.hear(&Notice::Step(text.clone()));
            }
            notice => self.hear.hear(notice),
        }
    }
}
