//! The caches and locks of a run, opened once, each of which may be missing: a run goes on without, and says so once.

use std::cell::Cell;

use jiff::Timestamp;

use crate::{
    Credentials,
    arn::RoleArn,
    cache::{
        aws_cli::{AssumedRoleUser, CliCache},
        open_or_create_root,
        own::OwnCache,
        resolve_root,
    },
    host::Host,
    lock::Locks,
    private_file::PrivateDir,
    talk::{Hear, Notice},
};

/// What is kept where.
#[derive(Debug)]
pub struct Stores {
    /// The cache's folder; `None`: this run is uncached.
    pub root: Option<PrivateDir>,
    /// rolo's own cache.
    pub own: Option<OwnCache>,
    /// Locks, in the same folder.
    pub locks: Locks,
    cli: Option<CliCache>,
    cli_failed: Cell<bool>,
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
        let warn = |text: String| hear.hear(&Notice::Warning(text));
        let root = match resolve_root(host) {
            None => {
                warn("nothing is cached: neither `HOME` nor `XDG_CACHE_HOME` is set".to_owned());
                None
            }
            Some(path) => open_or_create_root(&path)
                .map_err(|error| warn(format!("nothing is cached: {}", error.to_line())))
                .ok(),
        };
        let own = root.as_ref().and_then(|root| {
            OwnCache::open(root).map_err(|error| warn(format!("nothing is cached: {}", error.to_line()))).ok()
        });
        let locks = root.as_ref().map_or_else(Locks::none, |root| Locks::new(root, hear));
        let cli = host.home().map(|home| CliCache::new(&home));
        Self { root, own, locks, cli, cli_failed: Cell::new(false) }
    }

    /// What the AWS CLI keeps in `file`; `role` is the role it must be of, none for Identity Center.
    pub(super) fn load_cli(
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
            self.warn_of_cli(&error.to_line(), hear);
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
        if let Err(error) = stored {
            self.warn_of_cli(&error.to_string(), hear);
        }
    }

    fn warn_of_cli(&self, reason: &str, hear: &dyn Hear) {
        if !self.cli_failed.replace(true) {
            hear.hear(&Notice::Warning(format!("the AWS CLI's cache is not shared: {reason}")));
        }
    }
}
