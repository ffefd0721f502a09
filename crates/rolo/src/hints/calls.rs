//! A call that failed for another reason than that it is not allowed: its kind, the settings to blame, what AWS's words
//! leave out, and the next step.
//!
//! Must not call anybody: all it knows is the error, and the chain that was resolved.

mod refused;
mod unreached;

use rolo_core::{
    aws::{AwsError, Refusal},
    chain::{
        attempt::HopName,
        settings::Settings,
        source::{BaseSource, Chain, Keys, RoleStep},
    },
    origin::{Location, Origin, Sourced},
};

use crate::error::ErrorKind;

/// What the call that failed was for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around<'a> {
    /// What was resolved; `None` for a call outside of any chain.
    pub chain: Option<&'a Chain>,
    /// Which of its calls it was; `None` for one made with the credentials it led to.
    pub hop: Option<&'a HopName>,
}

/// What a person is told besides the error itself.
#[derive(Debug)]
pub struct Told {
    /// For the exit code.
    pub kind: ErrorKind,
    /// The lines to blame.
    pub locations: Vec<Location>,
    /// What AWS's words leave out.
    pub notes: Vec<String>,
    /// Next steps.
    pub hints: Vec<String>,
}

impl Told {
    fn new(kind: ErrorKind) -> Self {
        Self { kind, locations: Vec::new(), notes: Vec::new(), hints: Vec::new() }
    }

    fn at(mut self, origin: Option<&Origin>) -> Self {
        self.locations.extend(origin.and_then(Origin::location).cloned());
        self
    }

    fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

/// The kind of a call's failure, from which the exit code follows.
pub fn kind(error: &AwsError) -> ErrorKind {
    match error {
        AwsError::Refused(_) => ErrorKind::Refused,
        AwsError::Unreachable { .. } | AwsError::NotAws { .. } | AwsError::BadAnswer { .. } => {
            ErrorKind::Unreachable
        }
        AwsError::Runtime(_) => ErrorKind::Other,
        _ => ErrorKind::Configuration,
    }
}

/// Tells `error`.
pub fn tell(error: &AwsError, around: Around<'_>) -> Told {
    let told = Told::new(kind(error));
    match error {
        AwsError::Refused(refusal) => refused::tell(told, refusal, around),
        AwsError::Unsendable { parameter, .. } => {
            let origin = around.origin_of(parameter);
            told.at(origin).hint(format!("correct the value{}", place(origin)))
        }
        AwsError::Runtime(_) => told.hint("close other programs: the system has no thread or file left"),
        error => unreached::tell(told, error, around),
    }
}

impl<'a> Around<'a> {
    fn settings(self) -> Option<&'a Settings> {
        self.chain.map(|chain| &chain.settings)
    }

    /// The role that the call was for.
    fn step(self) -> Option<&'a RoleStep> {
        match self.hop? {
            HopName::Role(index) => self.chain?.steps.get(*index),
            HopName::Base | HopName::MfaSession => None,
        }
    }

    /// The region of the calls, which the asked profile decides.
    fn region(self) -> Option<&'a Sourced<String>> {
        self.settings()?.region.as_ref()
    }

    /// The endpoint that somebody set, where `called` is that one.
    fn endpoint(self, called: &str) -> Option<&'a Sourced<String>> {
        let known = &self.settings()?.endpoints;
        let is_it = |url: &&Sourced<String>| {
            let set = url.value.trim_end_matches('/');
            // What is called has no path, and no user and password.
            set == called || host_and_port(set) == host_and_port(called)
        };
        [&known.sts, &known.sso, &known.sso_oidc, &known.iam].into_iter().flatten().find(is_it)
    }

    /// Where a parameter of the call was said.
    fn origin_of(self, parameter: &str) -> Option<&'a Origin> {
        fn of<T>(said: Option<&Sourced<T>>) -> Option<&Origin> {
            said.map(|said| &said.origin)
        }
        if let (Some(HopName::Base), BaseSource::WebIdentity(web)) = (self.hop, &self.chain?.base.source) {
            return match parameter {
                "RoleArn" => Some(&web.role_arn.origin),
                "RoleSessionName" => of(web.role_session_name.as_ref()),
                "WebIdentityToken" => Some(&web.token_file.origin),
                _ => None,
            };
        }
        let step = self.step()?;
        match parameter {
            "RoleArn" => Some(&step.role_arn.origin),
            "RoleSessionName" => of(step.role_session_name.as_ref()),
            "ExternalId" => of(step.external_id.as_ref()),
            "SerialNumber" => of(step.mfa_serial.as_ref()),
            "DurationSeconds" => of(step.duration_seconds.as_ref()),
            _ => None,
        }
    }

    /// The keys of a file or of the environment that signed, and the profile that holds them.
    fn keys_of(self, refusal: &Refusal) -> Option<(&'a Keys, Option<&'a str>)> {
        let base = &self.chain?.base;
        let (BaseSource::Static(keys) | BaseSource::Environment(keys)) = &base.source else { return None };
        let signer = &refusal.signer.as_ref()?.access_key_id;
        (keys.access_key_id == *signer).then_some((keys, base.profile.as_deref()))
    }
}

/// « at FILE:LINE», « in `VARIABLE`», « given by `--option`».
fn place(origin: Option<&Origin>) -> String {
    match origin {
        Some(Origin::File(location)) => format!(" at {location}"),
        Some(Origin::Env(name)) => format!(" in `{name}`"),
        Some(Origin::Flag(name)) => format!(" given by `{name}`"),
        Some(Origin::Default) | None => String::new(),
    }
}

fn host_and_port(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}
