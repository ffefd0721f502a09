//! The state as it goes on: clock, sessions, spent codes, faults to come and the log.
//!
//! Decides what becomes of a request, and leaves each service's rules to that service's module. Must not know sockets.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::{
    caller::{Caller, Grant},
    calls::{Call, loggable},
    clock::Clock,
    error::AwsError,
    fault::{FaultKind, Faults},
    iam,
    mfa::SpentCodes,
    random::Random,
    reply::{Answer, Element, Reply, render_reply},
    request::{Asked, Request, Service},
    signature::Authorization,
    sso::{self, SsoDesk},
    state::{AccessKey, State, StateError},
    sts,
};

/// Everything that changes, over the state that does not.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    pub(crate) spent: SpentCodes,
    pub(crate) sso: SsoDesk,
    pub(crate) faults: Faults,
    pub(crate) calls: Vec<Call>,
    pub(crate) started_at: Timestamp,
    sessions: BTreeMap<String, Session>,
    /// What encoded messages say, by message.
    encoded: BTreeMap<String, String>,
    /// Set while a call is done: the lifetime that a fault dictates.
    lifetime: Option<i64>,
    /// Set while a call is done: the key it issued.
    issued: Option<String>,
}

/// Temporary credentials that were issued.
#[derive(Clone)]
struct Session {
    key: AccessKey,
    token: String,
    expires_at: Timestamp,
    grant: Grant,
}

/// Credentials on their way to the client.
pub(crate) struct Issued {
    pub(crate) key: AccessKey,
    pub(crate) token: String,
    pub(crate) expires_at: Timestamp,
}

impl Issued {
    /// As in every answer of STS.
    pub(crate) fn element(&self) -> Element {
        Element::Group(
            "Credentials",
            vec![
                Element::text("AccessKeyId", &self.key.id),
                Element::text("SecretAccessKey", &self.key.secret),
                Element::text("SessionToken", &self.token),
                Element::text("Expiration", render_time(self.expires_at)),
            ],
        )
    }
}

/// `2026-11-21T09:00:00Z`, as in AWS's XML.
pub(crate) fn render_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl World {
    /// The world at its beginning; users without a key get one.
    pub(crate) fn new(mut state: State) -> Result<Self, StateError> {
        state.check()?;
        let mut random = Random::default();
        for user in &mut state.users {
            if user.keys.is_empty() {
                user.keys.push(AccessKey::made_up());
            }
            for key in user.keys.iter_mut().filter(|key| key.id.is_empty()) {
                (key.id, key.secret) = (random.key_id("AKIA"), random.secret_key());
            }
        }
        let clock = state.clock();
        Ok(Self {
            started_at: clock.now(),
            sso: SsoDesk::new(&state, clock.now()),
            faults: Faults::new(&state.faults),
            state,
            clock,
            random,
            spent: SpentCodes::default(),
            calls: Vec::new(),
            sessions: BTreeMap::new(),
            encoded: BTreeMap::new(),
            lifetime: None,
            issued: None,
        })
    }

    /// Back to the beginning: no sessions, log, spent codes; clock and faults as the state has them. Keys stay.
    pub(crate) fn reset(&mut self) {
        self.clock = self.state.clock();
        self.started_at = self.clock.now();
        self.sso = SsoDesk::new(&self.state, self.started_at);
        self.spent = SpentCodes::default();
        self.faults = Faults::new(&self.state.faults);
        self.calls.clear();
        self.sessions.clear();
        self.encoded.clear();
    }

    /// Makes all temporary credentials issued so far expire now.
    pub(crate) fn expire_credentials(&mut self) {
        let now = self.clock.now();
        self.sessions.values_mut().for_each(|session| session.expires_at = session.expires_at.min(now));
    }

    /// Answers and logs; `None` where the connection is to be cut instead.
    pub(crate) fn answer(
        &mut self,
        request: &Request,
        asked: &Asked,
        fault: Option<&FaultKind>,
    ) -> Option<Reply> {
        let mut call = self.begin_call(request, asked, fault);
        let reply = match fault {
            Some(FaultKind::Cut) => None,
            Some(FaultKind::Garbage) => Some(garbage()),
            _ => Some(self.reply(request, asked, fault, &mut call)),
        };
        call.status = reply.as_ref().map(|reply| reply.status);
        self.calls.push(call);
        reply
    }

    fn begin_call(&self, request: &Request, asked: &Asked, fault: Option<&FaultKind>) -> Call {
        let signed = Authorization::parse(request).ok();
        Call {
            service: asked.service.name(),
            action: asked.action.clone(),
            access_key_id: signed.map(|signed| signed.access_key_id.to_owned()),
            principal: None,
            region: signed.map(|signed| signed.region.to_owned()),
            params: loggable(&asked.params),
            at: self.clock.now(),
            status: None,
            error: None,
            issued: None,
            fault: fault.map(FaultKind::name),
        }
    }

    fn reply(
        &mut self,
        request: &Request,
        asked: &Asked,
        fault: Option<&FaultKind>,
        call: &mut Call,
    ) -> Reply {
        self.lifetime = match fault {
            Some(FaultKind::Lifetime { seconds }) => Some(i64::from(*seconds)),
            _ => None,
        };
        let outcome = match fault.and_then(FaultKind::as_error) {
            Some(error) => Err(error),
            None => self.perform(request, asked, call),
        };
        call.issued = self.issued.take();
        call.error = outcome.as_ref().err().map(|error| error.code.to_string());
        let request_id = self.random.request_id();
        render_reply(asked.service, &asked.action, outcome.as_ref(), &request_id)
    }

    fn perform(&mut self, request: &Request, asked: &Asked, call: &mut Call) -> Result<Answer, AwsError> {
        match asked.service {
            Service::Sts if asked.action == "AssumeRoleWithWebIdentity" => {
                sts::assume_role_with_web_identity(self, &asked.params).map(Answer::Xml)
            }
            Service::Sts => {
                let caller = self.authenticate(request, asked.service, call)?;
                self.check_region(&caller)?;
                let outcome = sts::perform(self, &caller, asked);
                outcome.map(Answer::Xml).map_err(|error| self.encode(&caller, error))
            }
            Service::Iam => {
                let caller = self.authenticate(request, asked.service, call)?;
                let outcome = iam::perform(self, &caller, asked);
                outcome.map(Answer::Xml).map_err(|error| self.encode(&caller, error))
            }
            Service::Sso => sso::get_role_credentials(self, request, &asked.params).map(Answer::Json),
            Service::SsoOidc => sso::create_token(self, &asked.params).map(Answer::Json),
            Service::Unknown => Err(unknown_action(&asked.action)),
        }
    }

    fn authenticate(&self, request: &Request, service: Service, call: &mut Call) -> Result<Caller, AwsError> {
        let signed = Authorization::parse(request)?;
        let (secret, session) = self.find_key(signed.access_key_id).ok_or_else(AwsError::invalid_token)?;
        if request.header("x-amz-security-token") != session.map(|session| session.token.as_str()) {
            return Err(AwsError::invalid_token());
        }
        signed.verify(request, secret, service.name(), [self.clock.wire(), self.clock.now()])?;
        if session.is_some_and(|session| session.expires_at <= self.clock.now()) {
            return Err(AwsError::expired_token());
        }
        let caller = match session {
            Some(session) => Some((session.grant.clone(), true)),
            None => self.user_of_key(signed.access_key_id).map(|grant| (grant, false)),
        };
        let (grant, temporary) = caller.ok_or_else(AwsError::invalid_token)?;
        let caller = Caller { grant, temporary, region: signed.region.to_owned() };
        call.principal = Some(caller.grant.principal.arn());
        Ok(caller)
    }

    fn find_key(&self, id: &str) -> Option<(&str, Option<&Session>)> {
        if let Some(session) = self.sessions.get(id) {
            return Some((&session.key.secret, Some(session)));
        }
        let mut keys = self.state.users.iter().flat_map(|user| &user.keys);
        let key = keys.find(|key| key.id == id && key.active)?;
        Some((&key.secret, None))
    }

    fn user_of_key(&self, id: &str) -> Option<Grant> {
        let user = self.state.users.iter().find(|user| user.keys.iter().any(|key| key.id == id))?;
        Some(Grant::plain(user.principal(&self.state.partition)))
    }

    /// STS can be switched off by region.
    fn check_region(&self, caller: &Caller) -> Result<(), AwsError> {
        if !self.state.disabled_regions.contains(&caller.region) {
            return Ok(());
        }
        Err(AwsError::region_disabled(&caller.grant.principal.account))
    }

    /// The refusal with an encoded message at its end, where the caller gets such.
    fn encode(&mut self, caller: &Caller, mut error: AwsError) -> AwsError {
        let encodes = self.state.permissions(&caller.grant.principal).encodes_refusals;
        if let Some(decoded) = error.decoded.as_ref().filter(|_| encodes) {
            let message = self.random.encoded_message();
            error.message = format!("{}. Encoded authorization failure message: {message}", error.message);
            self.encoded.insert(message, decoded.to_string());
        }
        error
    }

    /// What an encoded message says.
    pub(crate) fn decode(&self, message: &str) -> Option<&str> {
        self.encoded.get(message).map(String::as_str)
    }

    /// Checks an MFA code, if one was sent; whether MFA was given in this call.
    pub(crate) fn check_mfa(
        &mut self,
        caller: &Caller,
        serial: Option<&str>,
        code: Option<&str>,
    ) -> Result<bool, AwsError> {
        let (serial, code) = match (serial, code) {
            (None, None) => return Ok(false),
            (Some(serial), Some(code)) => (serial, code),
            _ => {
                return Err(AwsError::access_denied(
                    "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
                ));
            }
        };
        let partition = &self.state.partition;
        let device = self
            .state
            .user_of(&caller.grant.principal)
            .and_then(|user| user.mfa.iter().find(|&device| user.serial(device, partition) == serial));
        // AWS writes two blanks after the first sentence.
        let device = device.ok_or_else(|| {
            AwsError::access_denied(
                "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is \
                 valid and associated with this user.",
            )
        })?;
        if self.spent.spend(serial, &device.secret, code, self.clock.now()) {
            return Ok(true);
        }
        Err(AwsError::access_denied("MultiFactorAuthentication failed with invalid MFA one time pass code."))
    }

    /// Issues temporary credentials for so many seconds.
    pub(crate) fn issue(&mut self, grant: Grant, seconds: i64) -> Issued {
        let key = AccessKey::new(&self.random.key_id("ASIA"), &self.random.secret_key());
        let token = self.random.session_token();
        let seconds = self.lifetime.unwrap_or(seconds);
        let expires_at = whole_second(self.clock.now() + SignedDuration::from_secs(seconds));
        let session = Session { key: key.clone(), token: token.clone(), expires_at, grant };
        self.issued = Some(key.id.clone());
        self.sessions.insert(key.id.clone(), session);
        Issued { key, token, expires_at }
    }
}

/// STS's answer to an action that it does not have.
pub(crate) fn unknown_action(action: &str) -> AwsError {
    let message = format!("Could not find operation {action}, or not in the version asked for");
    AwsError::new(400, "InvalidAction", message)
}

/// AWS's expiries have no fraction; one that is told must be the one that is kept.
fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn garbage() -> Reply {
    let headers = vec![("content-type", "text/html".to_owned())];
    let body =
        "<!doctype html><title>Welcome</title><p>Please sign in to this network &amp; enjoy".to_owned();
    Reply { status: 200, headers, body }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("key", &self.key)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
