//! The fake as a test holds it.
//!
//! Must not know what happens behind the address.

use std::{io, time::Duration};

use jiff::{SignedDuration, Timestamp};

use crate::{
    calls::Call,
    fault::Fault,
    server::{Server, Shared},
    state::{AccessKey, Role, SsoClient, SsoToken, State, StateError, User, WebIdentity},
    world::World,
};

/// A running fake AWS; dropping it stops it.
///
/// Users are named by their name, or as `ACCOUNT/NAME` where two accounts have one of that name; methods that are given
/// a name panic if there is none such, for then the test is wrong.
#[derive(Debug)]
pub struct FakeAws {
    shared: Shared,
    server: Server,
}

/// Puts a [`State`] together.
#[derive(Debug, Default)]
#[must_use = "nothing runs before `start`"]
pub struct Builder {
    state: State,
}

/// Why the fake could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// What was described cannot be.
    #[error("the state makes no sense")]
    State(#[source] StateError),
    /// No port, no thread.
    #[error("the server could not be started")]
    Server(#[source] io::Error),
}

impl Builder {
    /// One more user.
    pub fn user(mut self, user: User) -> Self {
        self.state.users.push(user);
        self
    }

    /// One more role.
    pub fn role(mut self, role: Role) -> Self {
        self.state.roles.push(role);
        self
    }

    /// One more person signed in to Identity Center.
    pub fn sso_token(mut self, token: SsoToken) -> Self {
        self.state.sso_tokens.push(token);
        self
    }

    /// One more OIDC client that may refresh.
    pub fn sso_client(mut self, client: SsoClient) -> Self {
        self.state.sso_clients.push(client);
        self
    }

    /// One more token for AssumeRoleWithWebIdentity.
    pub fn web_identity(mut self, identity: WebIdentity) -> Self {
        self.state.web_identities.push(identity);
        self
    }

    /// STS is not activated in this region.
    pub fn disable_region(mut self, region: &str) -> Self {
        self.state.disabled_regions.push(region.to_owned());
        self
    }

    /// Every account belongs to this organization (`o-…`).
    pub fn organization(mut self, id: &str) -> Self {
        self.state.organization = Some(id.to_owned());
        self
    }

    /// Where requests seem to come from, instead of 127.0.0.1.
    pub fn source_ip(mut self, address: &str) -> Self {
        address.clone_into(&mut self.state.source_ip);
        self
    }

    /// Another partition than `aws`.
    pub fn partition(mut self, partition: &str) -> Self {
        partition.clone_into(&mut self.state.partition);
        self
    }

    /// Starts it on a free port.
    ///
    /// # Panics
    /// If the state makes no sense or nothing can be started, for then the test is wrong.
    pub fn start(self) -> FakeAws {
        FakeAws::start(self.state, 0)
            .unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error)))
    }
}

impl FakeAws {
    /// An empty AWS to be filled.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The world of [`State::demo`], running.
    ///
    /// # Panics
    /// If no port can be had.
    pub fn demo_world() -> Self {
        Builder { state: State::demo() }.start()
    }

    /// Starts it on `port` of 127.0.0.1; 0 is any free one.
    pub fn start(state: State, port: u16) -> Result<Self, StartError> {
        let shared = Shared::new(World::new(state).map_err(StartError::State)?);
        let server = Server::start(port, shared.clone()).map_err(StartError::Server)?;
        Ok(Self { shared, server })
    }

    /// For `AWS_ENDPOINT_URL`: every service answers there.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// The port of [`url`](Self::url).
    pub fn port(&self) -> u16 {
        self.server.address.port()
    }

    /// Blocks for as long as the server runs.
    pub fn wait(mut self) {
        self.server.wait();
    }

    /// The user's first access key.
    ///
    /// # Panics
    /// If there is no such user.
    pub fn user_keys(&self, name: &str) -> AccessKey {
        let world = self.shared.lock();
        let key = world.state.user(name).and_then(|user| user.keys.first()).cloned();
        drop(world);
        key.unwrap_or_else(|| panic!("there is no user `{name}`"))
    }

    /// The serial of the user's first MFA device.
    ///
    /// # Panics
    /// If there is no such user or it has no device.
    pub fn mfa_serial(&self, name: &str) -> String {
        let world = self.shared.lock();
        let serial = world
            .state
            .user(name)
            .and_then(|user| user.mfa.first().map(|device| user.serial(device, &world.state.partition)));
        drop(world);
        serial.unwrap_or_else(|| panic!("`{name}` has no MFA device"))
    }

    /// What the user's first MFA device shows now.
    ///
    /// # Panics
    /// If there is no such user or it has no device.
    pub fn mfa_code(&self, name: &str) -> String {
        self.mfa_code_in_steps(name, 0)
    }

    /// What it will show in the next 30 s step, which AWS takes already.
    ///
    /// # Panics
    /// If there is no such user or it has no device.
    pub fn next_mfa_code(&self, name: &str) -> String {
        self.mfa_code_in_steps(name, 1)
    }

    /// What it shows so many steps from now; from -1 to 1 AWS takes it.
    ///
    /// # Panics
    /// If there is no such user or it has no device.
    pub fn mfa_code_in_steps(&self, name: &str, steps: i64) -> String {
        let code = self.shared.lock().code_of(name, steps);
        code.unwrap_or_else(|| panic!("`{name}` has no MFA device"))
    }

    /// All calls so far, in the order of their answers.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.lock().calls.clone()
    }

    /// Those of one action.
    pub fn calls_of(&self, action: &str) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.action == action).collect()
    }

    /// Forgets the calls so far.
    pub fn clear_calls(&self) {
        self.shared.lock().calls.clear();
    }

    /// Something will go wrong. Faults that fit the same call befall it in the order in which they were given.
    pub fn fault(&self, fault: Fault) {
        self.shared.lock().faults.add(fault);
    }

    /// Lets time pass in AWS: credentials expire, codes change. Requests signed by a clock that was not advanced are
    /// still taken, as are those by one that was.
    pub fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.shared.lock().clock.advance(by);
    }

    /// Sets AWS's clock off from the machine's by so much: `Date` headers say it, and what is signed more than 15
    /// minutes off is refused.
    pub fn skew(&self, by: SignedDuration) {
        self.shared.lock().clock.set_skew(by);
    }

    /// The time in AWS.
    pub fn now(&self) -> Timestamp {
        self.shared.lock().clock.now()
    }

    /// All temporary credentials issued so far are expired from now on, while the clock stays.
    pub fn expire_credentials(&self) {
        self.shared.lock().expire_credentials();
    }

    /// Back to the beginning: no sessions, log or spent codes; clock and faults as the state has them. Keys stay.
    pub fn reset(&self) {
        self.shared.lock().reset();
    }
}
