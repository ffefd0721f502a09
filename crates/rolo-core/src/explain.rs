//! What a run would do and why, without doing any of it: the chain, each setting with what it beats, the calls, the caches.
//!
//! Pure data, made of the same plan, requests, endpoints and lookups as the run. Reads files and caches; calls nobody, asks
//! nobody, writes nothing. Must not know how any of it is shown.

mod calls;
mod kept;
mod levels;
mod obstacle;
mod said;
mod settings;

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

pub use self::said::{Rival, Said, hide_passwords};
use crate::{
    aws::{NoEndpoint, Parameters, ResolvedEndpoint},
    chain::{
        find_mfa::Untried,
        plan::{Options, Plan, plan_chain},
        request::{Request, Target},
        resolve::{ResolveError, resolve_chain},
        run::{From, RunError, stores::Stores},
        source::{Chain, Warning},
    },
    doctor::{Finding, Severity, Subject, examine_config},
    found::Found,
    host::Host,
    origin::Origin,
    profile::{ConfigFiles, ProfileSet},
};

/// What is to be explained, and in which surroundings.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The files as they were read.
    pub files: &'a ConfigFiles,
    /// What stands in them.
    pub set: &'a ProfileSet<'a>,
    /// The environment, the clock and the caches, as the run would see them.
    pub host: Host<'a>,
    /// What would be asked for.
    pub request: &'a Request,
    /// The person's options.
    pub options: &'a Options,
    /// The session name of roles that have none.
    pub session_name: &'a str,
    /// The option or variable that gives a code, where one does.
    pub given_code: Option<&'static str>,
    /// Whether somebody could be asked for a code.
    pub can_prompt: bool,
    /// Whatever is cached for the last level is not wanted.
    pub refresh: bool,
}

/// All that is known before a run.
#[derive(Debug)]
pub struct Explanation {
    /// What was asked for.
    pub label: String,
    /// How the asked profile was chosen; `None` where there is none.
    pub asked: Option<Said>,
    /// From the keys to the last role.
    pub levels: Vec<Level>,
    /// What the asked profile and the environment say besides: region, endpoints and the like.
    pub settings: Vec<Said>,
    /// What would be done if nothing were cached, in order.
    pub calls: Vec<Call>,
    /// A role that nobody knows to want MFA is tried without it first.
    pub is_tried_without_mfa: bool,
    /// Odd values that are sent all the same.
    pub warnings: Vec<Warning>,
    /// What is wrong with the profiles involved, and where other tools read them differently.
    pub findings: Vec<Finding>,
    /// Why the chain ends before it led anywhere.
    pub error: Option<ResolveError>,
    /// Why a run would fail now before its first call, though the chain leads somewhere.
    pub obstacle: Option<Obstacle>,
    /// When this was so.
    pub now: Timestamp,
}

/// An error that waits for a run, and whose it is.
#[derive(Debug)]
pub struct Obstacle {
    /// As the run would end with it.
    pub error: RunError,
    /// The chain of the run.
    pub chain: Chain,
}

/// A level of the chain: credentials, and what they are had with.
#[derive(Debug)]
pub struct Level {
    /// What it is.
    pub kind: LevelKind,
    /// The profile that says so; `None` for the environment, the machine, and a role given by its ARN.
    pub profile: Option<String>,
    /// Where that profile begins, or the variable.
    pub origin: Origin,
    /// Its settings.
    pub settings: Vec<Said>,
    /// Where its credentials may be kept, and what lies there.
    pub kept: Vec<Kept>,
    /// What a run would do here now.
    pub now: Now,
    /// The id of the credentials that a cache has for it, where they are used.
    pub cached_key: Option<String>,
    /// The code that its call takes.
    pub code: Option<Code>,
    /// How long the credentials last.
    pub life: Option<Life>,
}

/// What a level is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LevelKind {
    /// An access key of a file or of the environment.
    Key {
        /// `AKIA…`, or `ASIA…`.
        access_key_id: String,
        /// It has a session token.
        is_temporary: bool,
    },
    /// The answer of a program.
    Process {
        /// Its command line, passwords left out.
        command: String,
    },
    /// A role for a token file.
    WebIdentity {
        /// The role.
        role_arn: String,
    },
    /// A role of IAM Identity Center.
    Sso {
        /// The permission set.
        role_name: String,
        /// Its account.
        account_id: String,
        /// The `sso-session`, or the start URL.
        sign_in: String,
    },
    /// A container's endpoint.
    Container {
        /// Without its query.
        url: String,
    },
    /// EC2's metadata service.
    Imds {
        /// Base URL.
        endpoint: String,
    },
    /// A session of the key below, which signs in its place.
    MfaSession {
        /// The device.
        serial: String,
    },
    /// A role.
    Role {
        /// Its ARN.
        role_arn: String,
    },
    /// A profile that leads nowhere.
    Nothing,
}

/// What a run would do at a level now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Now {
    /// Take what is there, as of keys.
    Taken,
    /// Get it by its calls.
    Called,
    /// Take it from this cache.
    Cached(From),
    /// Nothing: a level above is cached.
    Spared,
    /// Nobody knows: the chain does not lead anywhere.
    Unknown,
}

/// A place where credentials, or what leads to them, may lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Whose it is.
    pub place: Place,
    /// The file.
    pub path: Option<PathBuf>,
    /// What is in it.
    pub holds: Holds,
    /// Whose credentials they are, where it says so: `arn:…:assumed-role/ROLE/SESSION`.
    pub session_arn: Option<String>,
    /// When they were had, where it says so.
    pub issued_at: Option<Timestamp>,
}

/// Whose place it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// rolo's own cache.
    Own,
    /// The AWS CLI's cache of roles.
    AwsCli,
    /// The AWS CLI's sign-ins of IAM Identity Center.
    SignIn,
}

/// What lies at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// Nothing.
    Nothing,
    /// What would be used.
    Good {
        /// Until when; `None`: it does not expire.
        until: Option<Timestamp>,
    },
    /// What has too little time left.
    Short {
        /// Until when.
        until: Timestamp,
        /// How much it would need.
        needed: SignedDuration,
    },
    /// What is over.
    Expired {
        /// Since when.
        at: Timestamp,
    },
    /// Something of no use.
    Unusable {
        /// Why, in words.
        why: String,
    },
    /// The place is not looked at.
    Unused {
        /// Why, in words.
        why: String,
    },
}

/// An MFA code that a call takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The device.
    pub serial: String,
    /// Who would give it.
    pub giver: Giver,
    /// An earlier run found out that the role wants this device.
    pub is_found_out: bool,
}

/// Who gives a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Giver {
    /// An option or a variable, with its backticks.
    Given(&'static str),
    /// `mfa_process`, passwords left out.
    Process(String),
    /// A person at the terminal.
    Person,
    /// Nobody.
    Nobody,
}

/// How long credentials last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// In seconds, if AWS agrees.
    pub seconds: u32,
    /// Why it cannot be more, where AWS has a rule.
    pub cap: Option<Cap>,
}

/// A rule by which AWS ends a role's credentials after an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cap {
    /// The role is taken on from an MFA session; asked for longer, rolo sends the code with the role instead.
    MfaSession,
    /// The role is taken on from a role, or from other temporary credentials.
    Chained,
}

/// A step of a run that nothing is cached for.
#[derive(Debug)]
pub struct Call {
    /// What is called.
    pub kind: CallKind,
    /// The level it is for, counted from 0.
    pub level: usize,
    /// What is sent, by AWS's names.
    pub parameters: Parameters,
    /// Parameters whose values are secret, or not known before.
    pub unsaid: Vec<Unsaid>,
    /// Where it goes; `None` for programs and local endpoints.
    pub endpoint: Option<Result<ResolvedEndpoint, NoEndpoint>>,
    /// Whose credentials sign it.
    pub signer: Signer,
}

/// What is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallKind {
    /// A service of AWS.
    Aws {
        /// As in its endpoint: `sts`.
        service: &'static str,
        /// Such as `AssumeRole`.
        action: &'static str,
    },
    /// The sign-in's token is renewed: `CreateToken` of `sso-oidc`.
    Renewal,
    /// A program.
    Program {
        /// Its command line, passwords left out.
        command: String,
    },
    /// A container's endpoint.
    Container {
        /// Without its query.
        url: String,
    },
    /// EC2's metadata service.
    Imds {
        /// Base URL.
        endpoint: String,
    },
}

/// A parameter without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsaid {
    /// AWS's name.
    pub name: &'static str,
    /// What it is, in words.
    pub what: String,
}

/// Whose credentials sign a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// Nobody's.
    Nobody,
    /// A key.
    Key {
        /// Its id.
        access_key_id: String,
        /// Where it stands.
        origin: Origin,
    },
    /// What this call gave, counted from 0.
    Call(usize),
}

/// Explains `question`. What was found out about a role's MFA is taken into account, as by the run.
pub fn explain(question: &Question<'_>) -> Explanation {
    let stores = Stores::look(question.host);
    let found = Found::look(stores.root.as_ref());
    match plan(question, &found) {
        Ok((plan, request, is_found_out)) => {
            let question = Question { request: &request, ..*question };
            planned(&question, &plan, &Surroundings { stores: &stores, found: &found, is_found_out })
        }
        Err(error) => unresolved(question, error),
    }
}

/// What lies on this machine from earlier runs.
struct Surroundings<'a> {
    stores: &'a Stores,
    found: &'a Found,
    is_found_out: bool,
}

/// The plan that would be run first: for a role by ARN with the device that opened it before.
fn plan(question: &Question<'_>, found: &Found) -> Result<(Plan, Request, bool), ResolveError> {
    let plan_of = |request: &Request| -> Result<Plan, ResolveError> {
        let chain = resolve_chain(question.set, question.host, request)?;
        Ok(plan_chain(chain, question.set, question.host, question.options, request))
    };
    let first = plan_of(question.request)?;
    if matches!(question.request.target, Target::Role(_))
        && let Some(untried) = Untried::of(&first)
        && let Some(serial) = found.device(untried.access_key_id(), untried.role_arn())
    {
        let request = Request { mfa_serial: Some(serial.as_str().to_owned()), ..question.request.clone() };
        return Ok((plan_of(&request)?, request, true));
    }
    Ok((first, question.request.clone(), false))
}

fn planned(question: &Question<'_>, plan: &Plan, around: &Surroundings<'_>) -> Explanation {
    let levels = levels::of_plan(question, plan, around);
    let calls = calls::of_plan(question, plan, &levels, around);
    let asked = plan.chain.profile.as_deref();
    let is_tried_without_mfa =
        matches!(question.request.target, Target::Role(_)) && Untried::of(plan).is_some();
    let mut explanation = Explanation {
        label: plan.chain.label.clone(),
        asked: settings::asked(question, asked),
        settings: settings::of_chain(question, plan),
        levels,
        calls,
        is_tried_without_mfa,
        warnings: plan.chain.warnings.clone(),
        findings: Vec::new(),
        error: None,
        obstacle: None,
        now: question.host.clock.now(),
    };
    if explanation.levels.first().is_some_and(|level| level.now == Now::Taken) {
        explanation.error = plan.chain.expired_keys(explanation.now);
    }
    explanation.obstacle = obstacle::of_plan(question, plan, &explanation);
    explanation.examine(question)
}

fn unresolved(question: &Question<'_>, error: ResolveError) -> Explanation {
    let name = settings::asked_name(question);
    let label = match &question.request.target {
        Target::Named(name) | Target::Role(name) => name.clone(),
        Target::Default => name.clone().unwrap_or_else(|| "default".to_owned()),
    };
    let explanation = Explanation {
        label,
        asked: settings::asked(question, name.as_deref()),
        levels: levels::of_trail(question, name.as_deref()),
        settings: Vec::new(),
        calls: Vec::new(),
        is_tried_without_mfa: false,
        warnings: Vec::new(),
        findings: Vec::new(),
        error: Some(error),
        obstacle: None,
        now: question.host.clock.now(),
    };
    explanation.examine(question)
}

impl Explanation {
    /// Adds what is wrong with the profiles of the chain. What the error says already is not said twice, and a warning not
    /// beside a finding on the same line.
    fn examine(mut self, question: &Question<'_>) -> Self {
        let asked = self.asked.as_ref().and_then(|asked| asked.value.as_deref());
        let mut names: Vec<&str> =
            self.levels.iter().filter_map(|level| level.profile.as_deref()).chain(asked).collect();
        names.sort_unstable();
        names.dedup();
        let subject = Subject::new(question.files, question.set, question.host, question.options);
        let mut findings = examine_config(&subject.only(&names));
        let told = self.error.as_ref().map(ResolveError::locations).unwrap_or_default();
        findings.retain(|finding| finding.locations.first().is_none_or(|place| !told.contains(place)));
        let is_found = |warning: &Warning| {
            let is_grave = |finding: &&Finding| finding.check.severity != Severity::Note;
            let place = warning.location.as_ref();
            place.is_some_and(|place| {
                findings.iter().filter(is_grave).any(|finding| finding.locations.contains(place))
            })
        };
        self.warnings.retain(|warning| !is_found(warning));
        self.findings = findings;
        self
    }
}

impl Kept {
    /// Until when what lies there is good, be it enough or not.
    pub fn until(&self) -> Option<Timestamp> {
        match &self.holds {
            Holds::Good { until } => *until,
            Holds::Short { until, .. } => Some(*until),
            Holds::Nothing | Holds::Expired { .. } | Holds::Unusable { .. } | Holds::Unused { .. } => None,
        }
    }
}
