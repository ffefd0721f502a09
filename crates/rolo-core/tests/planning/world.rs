//! A config and an environment as values.

use std::{collections::HashMap, io, path::Path};

use rolo_core::{
    chain::{
        plan::{Options, Plan, plan_chain},
        request::Request,
        resolve::{ResolveError, resolve_chain},
    },
    host::{Clock, Env, Files, Host, Spawn, Stamp, real::RealHost},
    profile::{ConfigFile, ConfigFiles, ProfileSet},
};

/// What stands in `~/.aws/config`, and which variables are set.
#[derive(Default)]
pub(crate) struct World {
    config: String,
    variables: HashMap<&'static str, String>,
    pub(crate) options: Options,
}

impl World {
    pub(crate) fn new(config: &str) -> Self {
        Self { config: config.to_owned(), ..Self::default() }
    }

    pub(crate) fn var(mut self, name: &'static str, value: &str) -> Self {
        self.variables.insert(name, value.to_owned());
        self
    }

    pub(crate) fn plan(&self, request: &Request) -> Result<Plan, ResolveError> {
        let files = ConfigFiles {
            config: ConfigFile::new("/home/ada/.aws/config", self.config.clone()),
            credentials: ConfigFile::new("/home/ada/.aws/credentials", ""),
        };
        let set = ProfileSet::parse(&files).expect("the test's config can be read");
        let machine = RealHost;
        let host =
            Host { env: self, files: &NoFiles, clock: &machine as &dyn Clock, spawn: &machine as &dyn Spawn };
        let chain = resolve_chain(&set, host, request)?;
        Ok(plan_chain(chain, &set, host, &self.options, request))
    }

    pub(crate) fn plan_of(&self, profile: &str) -> Plan {
        self.plan(&Request::for_profile(profile)).expect("the profile resolves")
    }

    pub(crate) fn error_of(&self, request: &Request) -> ResolveError {
        self.plan(request).expect_err("the request does not resolve")
    }
}

impl Env for World {
    fn var(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

/// Planning reads none: whoever tries, fails.
struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        panic!("planning read {}", path.display());
    }

    fn stamp(&self, path: &Path) -> Option<Stamp> {
        panic!("planning looked at {}", path.display());
    }
}
