//! The profile that is being configured: what it says now, what it would say, and whether that works.
//!
//! Must not ask anybody, and must not write.

use std::sync::Arc;

use rolo_core::{
    Credentials, Secret,
    aws::{Aws, AwsClock, AwsError},
    chain::{
        request::Request,
        resolve::{ResolveError, resolve_chain},
        settings::resolve_settings,
        source::{BaseSource, Chain},
    },
    configure::{Wish, Wishes},
    host::Host,
    origin::Origin,
    profile::{ConfigFiles, Profile, ProfileSet},
    talk::{Hear, Notice},
};

use crate::{
    error::CliError,
    hints::{explain, explain_new_keys, explain_unwritten, explain_write},
    identity::render_identity,
    ui::talker::Talker,
};

/// What is known of it.
pub(super) struct Subject<'a> {
    pub(super) name: &'a str,
    /// `None`: it is to be made.
    pub(super) profile: Option<&'a Profile<'a>>,
    pub(super) files: &'a ConfigFiles,
    pub(super) set: &'a ProfileSet<'a>,
    pub(super) host: Host<'a>,
    pub(super) talker: Talker,
    /// Not with `--no-verify`.
    pub(super) is_checked: bool,
}

impl Subject<'_> {
    /// What the profile says for `key`.
    pub(super) fn present(&self, key: &str) -> Option<&str> {
        self.profile?.get(key).map(|setting| setting.value)
    }

    /// What it would say for `key` after this wish.
    pub(super) fn effective<'s>(&'s self, key: &str, wish: &'s Wish) -> Option<&'s str> {
        match wish {
            Wish::Keep => self.present(key),
            Wish::Set(value) => Some(value),
            Wish::Remove => None,
        }
    }

    /// Whether it would have an access key id.
    pub(super) fn has_access_key(&self, wishes: &Wishes) -> bool {
        self.effective("aws_access_key_id", &wishes.access_key_id).is_some()
    }

    /// Whether it would have a secret access key.
    pub(super) fn has_secret(&self, wishes: &Wishes) -> bool {
        wishes.access_key_id != Wish::Remove
            && (wishes.secret_access_key.is_some() || self.present("aws_secret_access_key").is_some())
    }

    /// Whether its role would have something to be assumed from.
    pub(super) fn has_source(&self, wishes: &Wishes) -> bool {
        self.effective("source_profile", &wishes.source_profile).is_some() || self.has_other_source()
    }

    /// Whether it names a source in another way than by `source_profile`.
    pub(super) fn has_other_source(&self) -> bool {
        ["credential_source", "web_identity_token_file"].iter().any(|key| self.present(key).is_some())
    }

    /// `text` in the form it is to be written in. Unchecked, what has no such form is taken as it is.
    pub(super) fn accept(
        &self,
        text: &str,
        form: impl FnOnce(&str) -> Result<String, String>,
    ) -> Result<String, String> {
        form(text).or_else(|problem| if self.is_checked { Err(problem) } else { Ok(text.to_owned()) })
    }

    /// Looks at the profiles as they would be.
    pub(super) fn drafted<T>(
        &self,
        wishes: &Wishes,
        look: impl FnOnce(&ProfileSet<'_>) -> T,
    ) -> Result<T, CliError> {
        let files = wishes.place(self.name, self.profile).apply(self.files).map_err(explain_write)?;
        let set = ProfileSet::parse(&files).map_err(|error| explain(error.into()))?;
        Ok(look(&set))
    }

    /// Asks AWS whose the keys are that the profile would have, and says it.
    pub(super) fn check_keys(&self, wishes: &Wishes) -> Result<(), CliError> {
        if !self.is_checked {
            return Ok(());
        }
        let asked = self.drafted(wishes, |set| {
            let profile = set.profile(self.name);
            let text = |key: &str| profile.and_then(|profile| profile.get(key)).map(|setting| setting.value);
            let credentials = Credentials {
                access_key_id: text("aws_access_key_id").unwrap_or_default().to_owned(),
                secret_access_key: Secret::new(text("aws_secret_access_key").unwrap_or_default()),
                session_token: None,
                expiration: None,
                account_id: None,
            };
            self.aws(set, self.name).get_caller_identity(&credentials)
        })?;
        let identity = asked.map_err(explain_new_keys)?;
        self.talker.tell(&format!("the access key is of {}", render_identity(&identity)));
        Ok(())
    }

    /// Calls that follow the settings of the profile `name`.
    fn aws(&self, set: &ProfileSet<'_>, name: &str) -> Aws {
        Aws::new(resolve_settings(self.host.env, set, set.profile(name), None).call_settings())
            .heard_by(Arc::new(self.talker), AwsClock::default())
    }

    /// Refuses a new `source_profile` that does not exist.
    pub(super) fn check_source(&self, wishes: &Wishes) -> Result<(), CliError> {
        let Some(source) = wishes.source_profile.value().filter(|_| self.is_checked) else { return Ok(()) };
        if source == self.name || self.set.profile(source).is_some() {
            return Ok(());
        }
        Err(explain_unwritten(ResolveError::SourceProfileMissing {
            profile: self.name.to_owned(),
            source_profile: source.to_owned(),
            origin: Origin::Flag("--source-profile"),
            near: self.set.suggest(source).map(str::to_owned),
        }))
    }

    /// Refuses a new role that could not be assumed for want of a way to it. No call is made.
    pub(super) fn check_role(&self, wishes: &Wishes) -> Result<(), CliError> {
        let is_new = wishes.role_arn.value().is_some() || wishes.source_profile.value().is_some();
        if !self.is_checked || !is_new || self.effective("role_arn", &wishes.role_arn).is_none() {
            return Ok(());
        }
        match self.chain(wishes)? {
            Ok(_) => Ok(()),
            Err(error) if is_for_the_moment(&error) => {
                self.talker.hear(&Notice::Warning(error.to_string()));
                Ok(())
            }
            Err(error) => Err(explain_unwritten(error)),
        }
    }

    /// Why the profile would not resolve, where that lies in the files.
    pub(super) fn problem(&self, wishes: &Wishes) -> Result<Option<ResolveError>, CliError> {
        Ok(self.chain(wishes)?.err().filter(|error| !is_for_the_moment(error)))
    }

    fn chain(&self, wishes: &Wishes) -> Result<Result<Chain, ResolveError>, CliError> {
        self.drafted(wishes, |set| resolve_chain(set, self.host, &Request::for_profile(self.name)))
    }

    /// Says it where new keys are written that the profile would not use.
    pub(super) fn warn_of_unused_keys(&self, wishes: &Wishes) -> Result<(), CliError> {
        let Some(id) = wishes.access_key_id.value() else { return Ok(()) };
        let Ok(chain) = self.chain(wishes)? else { return Ok(()) };
        let first = match &chain.base.source {
            BaseSource::Static(keys) if keys.access_key_id == id => return Ok(()),
            _ if !chain.steps.is_empty() => "`role_arn`",
            BaseSource::Sso(_) => "IAM Identity Center",
            BaseSource::WebIdentity(_) => "`web_identity_token_file`",
            _ => "another setting",
        };
        self.talker.hear(&Notice::Warning(format!(
            "profile `{}` does not use its access key: {first} comes first",
            self.name
        )));
        Ok(())
    }

    /// The MFA devices of the user whose own keys sign for the profile `signer`, as IAM lists them; `None` where no keys
    /// of a user do.
    pub(super) fn devices(
        &self,
        wishes: &Wishes,
        signer: &str,
    ) -> Result<Option<Result<Vec<String>, AwsError>>, CliError> {
        self.drafted(wishes, |set| {
            let chain = resolve_chain(set, self.host, &Request::for_profile(signer)).ok()?;
            let is_own = signer == self.name || chain.steps.is_empty();
            let keys = chain.base.long_term_keys().filter(|_| is_own)?;
            let credentials = Credentials {
                access_key_id: keys.access_key_id.clone(),
                secret_access_key: keys.secret_access_key.clone(),
                session_token: None,
                expiration: None,
                account_id: None,
            };
            let devices = self.aws(set, signer).list_mfa_devices(&credentials);
            Some(devices.map(|devices| devices.iter().map(ToString::to_string).collect()))
        })
    }
}

/// Whether the reason lies in this environment, and may be gone where the profile is used.
fn is_for_the_moment(error: &ResolveError) -> bool {
    matches!(error, ResolveError::NoRegion { .. } | ResolveError::CredentialSourceEmpty { .. })
}
