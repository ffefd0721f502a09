//! The hand-over: which variables a program or shell gets, and which it must lose. Pure but for the environment it is
//! to replace.
//!
//! Must not know shells or formats: it yields `(name, Some(value) | None)`.

use rolo_core::{
    Credentials, Secret,
    credentials::render_expiration,
    env_vars,
    handed::{HandedSettings, UserEnv},
    host::Env,
};

/// Changes to an environment: `Some` sets, `None` removes. Each name stands once.
#[derive(Debug, Default)]
pub struct HandOver {
    changes: Vec<(String, Option<Secret>)>,
}

/// What is handed over besides the credentials themselves.
#[derive(Debug, Clone, Copy)]
pub struct Attendants<'a> {
    /// What was asked for, for prompts.
    pub label: &'a str,
    /// Variables that carry the profile's settings; region under [`env_vars::AWS_REGION`].
    pub settings: &'a [(String, String)],
}

impl HandOver {
    /// What makes `env` into one that acts with `credentials`.
    pub fn of(credentials: &Credentials, attendants: Attendants<'_>, env: &dyn Env) -> Self {
        let mut over = Self::default();
        over.set(env_vars::AWS_ACCESS_KEY_ID, &credentials.access_key_id);
        over.put(env_vars::AWS_SECRET_ACCESS_KEY, Some(credentials.secret_access_key.clone()));
        over.put(env_vars::AWS_SESSION_TOKEN, credentials.session_token.clone());
        over.put(
            env_vars::AWS_CREDENTIAL_EXPIRATION,
            credentials.expiration.map(|at| Secret::new(render_expiration(at))),
        );
        over.set(env_vars::ROLO_PROFILE, attendants.label);
        over.set(env_vars::AWSUME_PROFILE, attendants.label);
        over.add_settings(attendants.settings, env);
        for name in env_vars::REMOVED {
            over.put(name, None);
        }
        over
    }

    /// Removes all that a hand-over may have set; of settings, where a record tells, only those that are still ours.
    pub fn undo(env: &dyn Env) -> Self {
        let mut over = Self::default();
        for name in [
            env_vars::AWS_ACCESS_KEY_ID,
            env_vars::AWS_SECRET_ACCESS_KEY,
            env_vars::AWS_SESSION_TOKEN,
            env_vars::AWS_CREDENTIAL_EXPIRATION,
            env_vars::ROLO_PROFILE,
            env_vars::AWSUME_PROFILE,
            env_vars::ROLO_SET,
        ] {
            over.put(name, None);
        }
        let handed = HandedSettings::load(env);
        if handed.is_empty() {
            let fixed = env_vars::PROFILE_SETTINGS.iter().map(|(_, variable)| *variable);
            for name in [env_vars::AWS_REGION, env_vars::AWS_DEFAULT_REGION, env_vars::AWS_ENDPOINT_URL]
                .into_iter()
                .chain(fixed)
            {
                over.put(name, None);
            }
        }
        for name in handed.names() {
            if env.var(name).is_none_or(|value| handed.is_ours(name, &value)) {
                over.put(name, None);
            }
        }
        over
    }

    /// Removes these variables.
    pub fn remove_all<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut over = Self::default();
        for name in names {
            over.put(name, None);
        }
        over
    }

    /// The changes, secrets laid open: for a child's environment or a rendered format.
    pub fn changes(&self) -> Vec<(&str, Option<&str>)> {
        self.changes.iter().map(|(name, value)| (name.as_str(), value.as_ref().map(Secret::expose))).collect()
    }

    /// A setting of the user's own environment wins over the profile's, as in every AWS tool; so it is left as it is.
    /// The region is the exception: it was worked out from both, and AWS CLI v1 reads another variable than the rest.
    fn add_settings(&mut self, settings: &[(String, String)], env: &dyn Env) {
        let user = UserEnv::new(env);
        let mut ours: Vec<(&str, &str)> = Vec::new();
        for (name, value) in settings {
            let names: &[&str] = if name == env_vars::AWS_REGION {
                &[env_vars::AWS_REGION, env_vars::AWS_DEFAULT_REGION]
            } else {
                &[name.as_str()]
            };
            let is_region = names.len() > 1;
            for &name in names {
                let theirs = user.var(name).filter(|own| !own.is_empty());
                match theirs {
                    Some(own) if own == *value => {}
                    Some(_) if !is_region => continue,
                    _ => ours.push((name, value)),
                }
                self.set(name, value);
            }
        }
        for name in user.handed().names() {
            let is_stale = env.var(name).is_some_and(|value| user.handed().is_ours(name, &value));
            if is_stale && !self.changes.iter().any(|(set, _)| set == name) {
                self.put(name, None);
            }
        }
        let record = HandedSettings::render(ours);
        self.put(env_vars::ROLO_SET, (!record.is_empty()).then(|| Secret::new(record)));
    }

    fn set(&mut self, name: &str, value: &str) {
        self.put(name, Some(Secret::new(value)));
    }

    fn put(&mut self, name: &str, value: Option<Secret>) {
        match self.changes.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => self.changes.push((name.to_owned(), value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    struct Vars(HashMap<String, String>);

    impl Env for Vars {
        fn var(&self, name: &str) -> Option<String> {
            self.0.get(name).cloned()
        }
    }

    impl Vars {
        fn of(pairs: &[(&str, &str)]) -> Self {
            Self(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
        }

        fn apply(&mut self, over: &HandOver) {
            for (name, value) in over.changes() {
                match value {
                    Some(value) => self.0.insert(name.to_owned(), value.to_owned()),
                    None => self.0.remove(name),
                };
            }
        }
    }

    fn keys(expiration: Option<&str>) -> Credentials {
        Credentials {
            access_key_id: "ASIAX".into(),
            secret_access_key: Secret::new("s"),
            session_token: expiration.map(|_| Secret::new("t")),
            expiration: expiration.map(|at| at.parse().unwrap()),
            account_id: None,
        }
    }

    fn settings(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_next_profile_inherits_nothing() {
        let mut env =
            Vars::of(&[("AWS_PROFILE", "mine"), ("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z")]);
        let prod = settings(&[
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL_S3", "http://s3"),
            ("AWS_DEFAULT_OUTPUT", "text"),
        ]);
        env.apply(&HandOver::of(
            &keys(Some("2026-11-21T04:14:05Z")),
            Attendants { label: "prod", settings: &prod },
            &env,
        ));
        assert_eq!(env.var("AWS_DEFAULT_REGION").as_deref(), Some("eu-west-1"));
        assert_eq!(env.var("AWS_CREDENTIAL_EXPIRATION").as_deref(), Some("2026-11-21T04:14:05Z"));
        assert_eq!(env.var("AWS_PROFILE"), None);

        env.apply(&HandOver::of(&keys(None), Attendants { label: "dev", settings: &[] }, &env));
        for gone in [
            "AWS_REGION",
            "AWS_DEFAULT_REGION",
            "AWS_ENDPOINT_URL_S3",
            "AWS_DEFAULT_OUTPUT",
            "AWS_SESSION_TOKEN",
            "AWS_CREDENTIAL_EXPIRATION",
            "ROLO_SET",
        ] {
            assert_eq!(env.var(gone), None, "{gone}");
        }
        assert_eq!(env.var("ROLO_PROFILE").as_deref(), Some("dev"));
    }

    #[test]
    fn the_users_own_settings_stay_theirs() {
        let mut env = Vars::of(&[("AWS_REGION", "us-west-2"), ("AWS_DEFAULT_OUTPUT", "yaml")]);
        let effective =
            settings(&[("AWS_REGION", "us-west-2"), ("AWS_DEFAULT_OUTPUT", "text"), ("AWS_PAGER", "")]);
        env.apply(&HandOver::of(&keys(None), Attendants { label: "prod", settings: &effective }, &env));
        assert_eq!(env.var("AWS_DEFAULT_OUTPUT").as_deref(), Some("yaml"));
        assert_eq!(env.var("AWS_DEFAULT_REGION").as_deref(), Some("us-west-2"));
        env.apply(&HandOver::undo(&env));
        assert_eq!(env.var("AWS_REGION").as_deref(), Some("us-west-2"));
        assert_eq!(env.var("AWS_DEFAULT_OUTPUT").as_deref(), Some("yaml"));
        assert_eq!(env.0.len(), 2, "{:?}", env.0);
    }

    #[test]
    fn what_the_user_changed_since_is_theirs() {
        let mut env = Vars::of(&[]);
        let prod = settings(&[("AWS_REGION", "eu-west-1")]);
        env.apply(&HandOver::of(&keys(None), Attendants { label: "prod", settings: &prod }, &env));
        env.0.insert("AWS_REGION".into(), "ap-south-1".into());
        env.apply(&HandOver::undo(&env));
        assert_eq!(env.var("AWS_REGION").as_deref(), Some("ap-south-1"));
        assert_eq!(env.var("AWS_DEFAULT_REGION"), None);
    }
}
