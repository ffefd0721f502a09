//! The hand-over: which variables a program or shell gets, and which it must lose. Pure but for the environment it is
//! to replace.
//!
//! Must not know shells or formats: it yields `(name, Some(value) | None)`.

use std::borrow::Cow;

use rolo_core::{
    Credentials, Secret,
    credentials::render_expiration,
    env_vars,
    handed::{HandedSettings, UserEnv},
    host::Env,
};

/// A variable's name, and its value or that it goes.
type Change<'a> = (Cow<'a, str>, Option<Cow<'a, str>>);

/// Changes to an environment: `Some` sets, `None` removes. Each name stands once. Borrows the secrets, so that no copy
/// of them is left behind; it has no `Debug` for the same reason.
#[derive(Default)]
pub struct HandOver<'a> {
    changes: Vec<Change<'a>>,
}

/// What is handed over besides the credentials themselves.
#[derive(Debug, Clone, Copy)]
pub struct Attendants<'a> {
    /// What was asked for, for prompts.
    pub label: &'a str,
    /// Variables that carry the profile's settings; region under [`env_vars::AWS_REGION`].
    pub settings: &'a [(String, String)],
}

/// Room for a hand-over with a handful of settings.
const USUAL_CHANGES: usize = 48;

impl<'a> HandOver<'a> {
    /// The credentials alone, for a reader that takes nothing else.
    pub fn of_credentials(credentials: &'a Credentials) -> Self {
        let mut over = Self { changes: Vec::with_capacity(USUAL_CHANGES) };
        over.set(env_vars::AWS_ACCESS_KEY_ID, &credentials.access_key_id);
        over.set(env_vars::AWS_SECRET_ACCESS_KEY, credentials.secret_access_key.expose());
        let token = credentials.session_token.as_ref().map(|token| Cow::Borrowed(token.expose()));
        over.changes.push((env_vars::AWS_SESSION_TOKEN.into(), token));
        let expiration = credentials.expiration.map(|at| Cow::Owned(render_expiration(at)));
        over.changes.push((env_vars::AWS_CREDENTIAL_EXPIRATION.into(), expiration));
        over
    }

    /// What makes `env` into one that acts with `credentials`.
    pub fn of(credentials: &'a Credentials, attendants: Attendants<'a>, env: &dyn Env) -> Self {
        let mut over = Self::of_credentials(credentials);
        over.set(env_vars::ROLO_PROFILE, attendants.label);
        over.set(env_vars::AWSUME_PROFILE, attendants.label);
        over.changes
            .push((env_vars::ROLO_ACCOUNT.into(), credentials.account_id.as_deref().map(Cow::Borrowed)));
        over.add_settings(attendants.settings, env);
        for name in env_vars::REMOVED {
            over.remove(*name);
        }
        over
    }

    /// What makes `env`, whatever it is, into one that acts with `credentials` of which nothing else is known. Settings
    /// stay as they are, those of an earlier hand-over too: the region of the shell that got the credentials is as
    /// likely theirs, and `ROLO_SET` still tells whose it is.
    pub fn of_foreign(credentials: &'a Credentials) -> Self {
        let mut over = Self::of_credentials(credentials);
        for name in [env_vars::ROLO_PROFILE, env_vars::AWSUME_PROFILE, env_vars::ROLO_ACCOUNT]
            .iter()
            .chain(env_vars::REMOVED)
        {
            over.remove(*name);
        }
        over
    }

    /// Removes all that a hand-over may have set; of settings, where a record tells, only those that are still ours.
    pub fn undo(env: &dyn Env) -> Self {
        let mut over = Self::default();
        for name in env_vars::HANDED {
            over.remove(*name);
        }
        let handed = HandedSettings::load(env);
        if handed.is_empty() {
            over.remove(env_vars::AWS_REGION);
            over.remove(env_vars::AWS_DEFAULT_REGION);
            over.remove(env_vars::AWS_ENDPOINT_URL);
            for (_, variable) in env_vars::PROFILE_SETTINGS {
                over.remove(*variable);
            }
        }
        for name in handed.names() {
            if env.var(name).is_none_or(|value| handed.is_ours(name, &value)) {
                over.remove(name.to_owned());
            }
        }
        over
    }

    /// What makes `env` into what it was: `was` says so of each variable that may have changed.
    pub fn restore(was: &'a [(String, Option<Secret>)], env: &dyn Env) -> Self {
        let mut over = Self::default();
        for (name, value) in was {
            let value = value.as_ref().map(Secret::expose);
            if env.var(name).as_deref() != value {
                over.changes.push((name.into(), value.map(Cow::Borrowed)));
            }
        }
        over
    }

    /// Adds what `other` changes and this one does not.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        for change in other.changes {
            if !self.has(&change.0) {
                self.changes.push(change);
            }
        }
        self
    }

    /// Sets this variable too, whatever was to happen to it.
    #[must_use]
    pub fn and_set(mut self, name: &'static str, value: &'a str) -> Self {
        self.changes.retain(|(known, _)| known != name);
        self.set(name, value);
        self
    }

    /// Removes these variables too.
    #[must_use]
    pub fn and_remove(mut self, names: impl IntoIterator<Item = String>) -> Self {
        for name in names {
            if !self.has(&name) {
                self.remove(name);
            }
        }
        self
    }

    /// The changes, secrets laid open: for a child's environment or a rendered format.
    pub fn changes(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.changes.iter().map(|(name, value)| (name.as_ref(), value.as_deref()))
    }

    /// A setting of the user's own environment wins over the profile's, as in every AWS tool; so it is left as it is.
    /// The region is the exception: it was worked out from both, and AWS CLI v1 reads another variable than the rest.
    fn add_settings(&mut self, settings: &'a [(String, String)], env: &dyn Env) {
        let first = self.changes.len();
        let user = UserEnv::new(env);
        let mut ours: Vec<(&str, &str)> = Vec::new();
        for (name, value) in settings {
            let is_region = name == env_vars::AWS_REGION;
            let names: &[&str] =
                if is_region { &[env_vars::AWS_REGION, env_vars::AWS_DEFAULT_REGION] } else { &[name] };
            for &name in names {
                match user.var(name).filter(|own| !own.is_empty()) {
                    Some(own) if own == *value => {}
                    Some(_) if !is_region => continue,
                    _ => ours.push((name, value)),
                }
                self.changes.push((Cow::Owned(name.to_owned()), Some(value.as_str().into())));
            }
        }
        for (name, _) in user.handed_settings() {
            if !self.changes[first..].iter().any(|(set, _)| *set == name) {
                self.remove(name);
            }
        }
        let record = HandedSettings::render(ours);
        self.changes.push((env_vars::ROLO_SET.into(), (!record.is_empty()).then_some(record.into())));
    }

    fn has(&self, name: &str) -> bool {
        self.changes.iter().any(|(known, _)| known == name)
    }

    fn set(&mut self, name: &'static str, value: &'a str) {
        self.changes.push((name.into(), Some(value.into())));
    }

    fn remove(&mut self, name: impl Into<Cow<'a, str>>) {
        self.changes.push((name.into(), None));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use rolo_core::Secret;

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

        fn apply(&mut self, over: &HandOver<'_>) {
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
    fn credentials_from_elsewhere_leave_settings_alone() {
        let mut env = Vars::of(&[("AWS_DEFAULT_OUTPUT", "yaml"), ("AWS_VAULT", "x")]);
        let prod = settings(&[("AWS_REGION", "eu-west-1")]);
        let until = keys(Some("2026-11-21T04:14:05Z"));
        env.apply(&HandOver::of(&until, Attendants { label: "prod", settings: &prod }, &env));
        env.0.insert("AWS_PROFILE".into(), "dev".into());
        env.0.insert("AWS_SECURITY_TOKEN".into(), "old".into());
        env.apply(&HandOver::of_foreign(&keys(None)));
        let mut names: Vec<_> = env.0.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "AWS_ACCESS_KEY_ID",
                "AWS_DEFAULT_OUTPUT",
                "AWS_DEFAULT_REGION",
                "AWS_REGION",
                "AWS_SECRET_ACCESS_KEY",
                "ROLO_SET"
            ]
        );
        // What rolo set is still known as its own.
        env.apply(&HandOver::undo(&env));
        assert_eq!(env.0.len(), 1, "{:?}", env.0);
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
