//! The calls of a run: base credentials, the MFA session, each AssumeRole, and what is tried again when AWS refuses.

use jiff::SignedDuration;

use crate::{
    Credentials, Secret,
    arn::MfaSerial,
    aws::{AwsError, GetSessionToken, RoleAnswer},
    cache::{
        key::KeyBuilder,
        own::{About, Entry, Kind},
    },
    chain::{
        attempt::{Attempt, HopName, MfaProof},
        plan::MfaSession,
        process_chain, requests,
        run::{
            Fetched, From, Obtained, Purpose, RunError, Runner, obstacle::base_error, stores::AssumedRole,
            words_of_step,
        },
        source::{BaseSource, Keys, RoleStep, WebIdentity},
    },
    lock::LockGuard,
    mfa::{code::CodeError, spent::device_key},
    provider::{
        Outcome, container, imds, process,
        sso::{self, SsoSource},
        web_identity,
    },
};

impl Runner<'_> {
    /// Level 0 without a cache: keys, programs, local endpoints.
    pub(super) fn base(&self) -> Result<Obtained, RunError> {
        let base = &self.plan.chain.base;
        let credentials = match &base.source {
            BaseSource::Static(keys) | BaseSource::Environment(keys) => self.usable_keys(keys)?,
            BaseSource::Process { source, .. } => {
                let profile = base.profile.as_deref().unwrap_or_default();
                process::fetch_credentials(
                    self.host,
                    source,
                    &[process_chain::extend(self.host.env, profile)],
                )?
            }
            BaseSource::Container { .. } => self.found(container::fetch_credentials(self.host, self.aws)?)?,
            BaseSource::Imds(settings) => {
                self.found(imds::fetch_credentials(self.host, self.aws, settings)?)?
            }
            BaseSource::WebIdentity(_) | BaseSource::Sso(_) => self.fetch(0)?.entry.credentials,
        };
        self.warn_of_end(&credentials);
        Ok(Obtained { credentials, issued_at: None, from: From::Source })
    }

    /// A source that turned out not to be there was the last of the default chain.
    fn found(&self, outcome: Outcome) -> Result<Credentials, RunError> {
        match outcome {
            Outcome::Found(credentials) => Ok(credentials),
            Outcome::Absent(source) => Err(RunError::Absent {
                label: self.plan.chain.label.clone(),
                for_role: !self.plan.chain.steps.is_empty(),
                source,
            }),
        }
    }

    fn usable_keys(&self, keys: &Keys) -> Result<Credentials, RunError> {
        match self.plan.chain.expired_keys(self.host.clock.now()) {
            Some(error) => Err(error.into()),
            None => Ok(keys.into()),
        }
    }

    /// Has a level's credentials from AWS.
    pub(super) fn fetch(&self, level: usize) -> Result<Fetched, RunError> {
        match level.checked_sub(1) {
            Some(index) => self.fetch_role(index),
            None => match (self.mfa_session(), &self.plan.chain.base.source) {
                (Some(session), _) => self.fetch_mfa_session(session),
                (None, BaseSource::WebIdentity(web)) => self.fetch_web_identity(web),
                (None, BaseSource::Sso(source)) => {
                    let _lock = self.lock_renewal(source)?;
                    let credentials = sso::fetch_credentials(self.host, self.aws, self.hear, source)
                        .map_err(|error| base_error(error, &self.words(0), None))?;
                    Ok(self.fetched(credentials, self.about(Kind::Sso, None), None))
                }
                (None, _) => {
                    let obtained = self.base()?;
                    Ok(self.fetched(obtained.credentials, self.about(Kind::Role, None), None))
                }
            },
        }
    }

    /// Keeps others from renewing the same sign-in at the same time; nothing where no renewal is due.
    fn lock_renewal(&self, source: &SsoSource) -> Result<Option<LockGuard>, RunError> {
        if !sso::is_renewal_due(self.host, source) {
            return Ok(None);
        }
        let name = source.sign_in_name();
        let key = KeyBuilder::new("sso-sign-in").field("name", name).finish().to_hex();
        let what = format!("the sign-in of `{name}`");
        Ok(Some(self.stores.lock(&key, &what, self.host, self.hear)?))
    }

    fn fetch_web_identity(&self, web: &WebIdentity) -> Result<Fetched, RunError> {
        let source = requests::web_identity(web, self.session_name);
        let answer = web_identity::fetch_credentials(self.host, self.aws, &source)
            .map_err(|error| base_error(error, &self.words(0), Some(&source.role_session_name)))?;
        let mut about = self.about(Kind::WebIdentity, answer.assumed_role_arn.clone());
        about.role_arn = Some(web.role_arn.value.to_string());
        let role = assumed_role(&answer);
        Ok(self.fetched(answer.credentials, about, Some(role)))
    }

    fn fetch_mfa_session(&self, session: &MfaSession) -> Result<Fetched, RunError> {
        let signer = Credentials::from(&session.keys);
        let call = |mfa| {
            let request = GetSessionToken { mfa, ..requests::get_session_token(session) };
            self.aws.get_session_token(&signer, &request)
        };
        let failed = |what: String, mfa: MfaProof, source: AwsError| {
            let (hop, signer) = (HopName::MfaSession, Some(signer.clone()));
            let attempt = Box::new(Attempt { hop, signer, session_name: None, mfa });
            RunError::Call { what, attempt, source }
        };
        let credentials = match &session.serial {
            Some(serial) => {
                let what = format!("GetSessionToken with `{serial}`");
                let process = session.mfa_process.as_deref();
                self.with_code(serial, process, &what, |code| call(Some((serial.clone(), code))))?
                    .map_err(|source| failed(what, MfaProof::Code, source))?
            }
            None => call(None).map_err(|source| {
                failed(format!("GetSessionToken for `{}`", self.plan.chain.label), MfaProof::None, source)
            })?,
        };
        self.warn_of_cut(&self.words(0), Some(session.duration_seconds), &credentials);
        let mut about = self.about(Kind::MfaSession, None);
        about.mfa_serial = session.serial.as_ref().map(MfaSerial::to_string);
        Ok(self.fetched(credentials, about, None))
    }

    fn fetch_role(&self, index: usize) -> Result<Fetched, RunError> {
        let step = &self.plan.chain.steps[index];
        let inner = self.level(index, Purpose::SignNextCall, None)?;
        let answer = match self.assume_role(index, step, &inner) {
            Err(RunError::Call { source, .. }) if self.is_inner_to_blame(index, &inner, &source) => {
                let refused = Some(inner.credentials.access_key_id.as_str());
                let fresh = self.level(index, Purpose::SignNextCall, refused)?;
                self.assume_role(index, step, &fresh)?
            }
            answer => answer?,
        };
        let asked = step.duration_seconds.as_ref().map(|said| said.value);
        self.warn_of_cut(&words_of_step(step), asked, &answer.credentials);
        let mut about = self.about(Kind::Role, answer.assumed_role_arn.clone());
        about.role_arn = Some(step.role_arn.value.to_string());
        about.mfa_serial = step.mfa_serial.as_ref().map(|serial| serial.value.to_string());
        let role = assumed_role(&answer);
        Ok(self.fetched(answer.credentials, about, Some(role)))
    }

    /// Whether the call may go well with other credentials below it: cached ones that AWS has ended, or an MFA session
    /// that an earlier run made and that is now too old for the role. The latter looks like any other refusal, so it is
    /// tried once, and only where a person can be asked.
    fn is_inner_to_blame(&self, index: usize, inner: &Obtained, error: &AwsError) -> bool {
        if !matches!(inner.from, From::OwnCache | From::CliCache) || self.renewed_session.get() {
            return false;
        }
        let ended = error.is_expired_token() || error.code() == Some("InvalidClientTokenId");
        let too_old =
            index == 0 && self.mfa_session().is_some() && error.is_access_denied() && self.codes.can_prompt();
        let blame = ended || too_old;
        if blame {
            self.renewed_session.set(true);
        }
        blame
    }

    fn assume_role(&self, index: usize, step: &RoleStep, inner: &Obtained) -> Result<RoleAnswer, RunError> {
        let signer = &inner.credentials;
        let mut request = requests::assume_role(step, self.role_session_name(index, step, signer)?);
        let code_of = step.mfa_serial.as_ref().filter(|_| self.plan.hops[index].sends_code);
        let session = self.mfa_session().filter(|session| index == 0 && session.serial.is_some());
        let attempt = Attempt {
            hop: HopName::Role(index),
            signer: Some(signer.clone()),
            session_name: Some(request.role_session_name.clone()),
            mfa: match (code_of, session) {
                (Some(_), _) => MfaProof::Code,
                (None, Some(_)) => MfaProof::Session { made_at: inner.issued_at },
                (None, None) => MfaProof::None,
            },
        };
        let what = format!("AssumeRole of {}", words_of_step(step));
        let answer = match code_of {
            Some(serial) => {
                let process = self.plan.chain.mfa_process(index);
                self.with_code(&serial.value, process, &what, |code| {
                    request.mfa = Some((serial.value.clone(), code));
                    self.aws.assume_role(signer, &request)
                })?
            }
            None => self.aws.assume_role(signer, &request),
        };
        answer.map_err(|source| RunError::Call { what, attempt: Box::new(attempt), source })
    }

    /// One call with a code, under the device's lock: two processes would otherwise send the same one. What the call
    /// itself failed for is within.
    fn with_code<T>(
        &self,
        serial: &MfaSerial,
        mfa_process: Option<&str>,
        what: &str,
        call: impl FnMut(Secret) -> Result<T, AwsError>,
    ) -> Result<Result<T, AwsError>, RunError> {
        let device = device_key(serial).to_hex();
        let _lock = self.stores.lock(&device, &format!("a code of `{serial}`"), self.host, self.hear)?;
        match self.codes.with_code(serial, mfa_process, call) {
            Err(CodeError::Call(source)) => Ok(Err(source)),
            Err(source) => Err(RunError::Code { what: what.to_owned(), source }),
            Ok(answer) => Ok(Ok(answer)),
        }
    }

    /// The expiry is AWS's. Where this machine's clock is behind, it is brought forward by as much: here and in every
    /// program it would else be taken for later than it is. With a clock that is ahead it already looks too early.
    fn fetched(&self, mut credentials: Credentials, about: About, role: Option<AssumedRole>) -> Fetched {
        let behind = self.aws.clock().behind().max(SignedDuration::ZERO);
        credentials.expiration = credentials.expiration.map(|at| at.saturating_sub(behind).unwrap_or(at));
        Fetched { entry: Entry { credentials, issued_at: self.host.clock.now(), about }, role }
    }
}

fn assumed_role(answer: &RoleAnswer) -> AssumedRole {
    AssumedRole {
        id: answer.assumed_role_id.clone().unwrap_or_default(),
        arn: answer.assumed_role_arn.clone().unwrap_or_default(),
    }
}
