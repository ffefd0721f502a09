//! What is likely to be missing, the likeliest first: from what AWS says, what was and was not sent, and what stands
//! elsewhere in the files.
//!
//! Pure. Must not know how a cause is told.

use jiff::{SignedDuration, Timestamp};

use super::{
    Caller, CallerKind, Denial, Said, Verdict, identity_statement, message::PolicyKind,
    statements::trust_statement,
};
use crate::{
    arn::{MfaSerial, RoleArn, is_account_id},
    chain::{
        attempt::{Attempt, MfaProof},
        source::{Chain, RoleStep},
    },
    origin::{Location, Origin, Sourced},
    profile::{ProfileSet, typing_errors},
};

/// An MFA session of this age or less is not refused for its age.
const YOUNG: SignedDuration = SignedDuration::from_mins(5);
/// More guesses help nobody.
const MOST_GUESSES: usize = 4;

/// An AssumeRole that was refused, and all that is known around it.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The whole chain.
    pub chain: &'a Chain,
    /// Which of its roles, counted from 0.
    pub index: usize,
    /// What was sent.
    pub attempt: &'a Attempt,
    /// What AWS said.
    pub denial: &'a Denial,
    /// All profiles there are.
    pub set: &'a ProfileSet<'a>,
    /// Now.
    pub now: Timestamp,
}

/// An MFA device and where it stands.
pub type Device = Sourced<MfaSerial>;

/// One thing that may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Root users assume no roles.
    Root,
    /// The device is none of the caller's; another is known for it.
    ForeignDevice {
        /// A device of the caller's.
        known: Option<Device>,
    },
    /// A code was sent by a role, which has no device.
    DeviceOfRole,
    /// The caller's own policies lack the action; the statement that has it.
    IdentityPolicy {
        /// The action.
        action: String,
        /// For one of the caller's policies.
        statement: String,
    },
    /// The session that calls was narrowed when it was made: by this step of the chain, where it was here.
    SessionPolicy {
        /// Counted from 0.
        by: Option<usize>,
    },
    /// Another kind of policy stands in the way.
    Policy(Verdict),
    /// Session tags need an action of their own.
    TagSession,
    /// So does a source identity.
    SetSourceIdentity,
    /// A source identity cannot be changed along a chain.
    SourceIdentityChanged {
        /// What an earlier role of the chain was taken on with.
        first: String,
    },
    /// Caller and role are in partitions that share nothing.
    OtherPartition {
        /// The caller's.
        caller: String,
        /// The role's.
        role: String,
    },
    /// The account stands nowhere else, and one that differs by a letter or two does.
    UnknownAccount {
        /// That one.
        similar: String,
        /// Where.
        at: Location,
    },
    /// A role whose name differs by a letter, or in upper and lower case, stands elsewhere for this account.
    SimilarRole {
        /// That one.
        similar: RoleArn,
        /// Where.
        at: Location,
    },
    /// The trust policy may ask for something that was not sent.
    Condition(Condition),
    /// The role may not trust the caller.
    TrustPolicy {
        /// What it would have to say.
        statement: String,
    },
}

/// What a trust policy may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// No MFA was sent, and a device is known for this user.
    NoMfa {
        /// The device.
        device: Device,
    },
    /// No MFA was sent, and no device is known.
    MaybeMfa,
    /// The caller is a role. The role that was asked for may trust the chain's first credentials in its place, or ask for
    /// MFA, which a role's session never has.
    RoleBetween,
    /// The MFA session may be too old for the role.
    OldSession {
        /// How old.
        age: SignedDuration,
    },
    /// No external id was sent, and another profile sends one to this account.
    ExternalIdElsewhere {
        /// That profile.
        profile: String,
        /// The line.
        at: Location,
    },
    /// No external id was sent to another account.
    MaybeExternalId,
    /// An external id was sent, and may be another than the role asks for.
    OtherExternalId {
        /// Where it was said.
        origin: Origin,
    },
    /// The role may ask for sessions named after the user.
    SessionName {
        /// The user.
        user: String,
    },
    /// A session name was said, and may be another than the role asks for.
    OtherSessionName {
        /// Where it was said.
        origin: Origin,
    },
}

/// The causes, the likeliest first. Where AWS says what it is, there is no guess.
pub fn likely_causes(case: &Case<'_>) -> Vec<Cause> {
    let Some(step) = case.chain.steps.get(case.index) else { return Vec::new() };
    let denial = case.denial;
    let caller = denial.caller.as_deref().and_then(Caller::parse);
    let view = View { case, step, caller };
    match denial.said {
        Some(Said::Root) => return vec![Cause::Root],
        Some(Said::UnknownDevice) => return vec![view.device()],
        Some(Said::SessionCredentials) | None => {}
    }
    let mut causes = Vec::new();
    causes.extend(view.action());
    match &denial.verdict {
        Some(verdict) if !verdict.policy.is_of_role() => {
            causes.push(view.policy(verdict));
            // The usual Deny is one of everything that is done without MFA.
            if verdict.is_explicit {
                causes.extend(view.no_mfa().map(Cause::Condition));
            }
            return causes;
        }
        Some(verdict) if verdict.is_explicit => causes.push(Cause::Policy(verdict.clone())),
        _ => {}
    }
    let is_said = !causes.is_empty();
    let wrong = view.wrong_role();
    if let Some(elsewhere @ Cause::OtherPartition { .. }) = wrong {
        return vec![elsewhere];
    }
    causes.extend(wrong);
    if !is_said {
        causes.extend(view.conditions().into_iter().map(Cause::Condition));
    }
    causes.truncate(MOST_GUESSES);
    let is_denied = denial.verdict.as_ref().is_some_and(|verdict| verdict.is_explicit);
    let trusts = trust_statement(case.chain, case.index, case.attempt, caller.as_ref());
    causes.extend(trusts.filter(|_| !is_denied).map(|statement| Cause::TrustPolicy { statement }));
    causes
}

struct View<'a> {
    case: &'a Case<'a>,
    step: &'a RoleStep,
    caller: Option<Caller<'a>>,
}

impl View<'_> {
    /// Why another action than AssumeRole was wanted.
    fn action(&self) -> Option<Cause> {
        match self.case.denial.action.as_deref()? {
            "sts:TagSession" => Some(Cause::TagSession),
            "sts:SetSourceIdentity" => {
                let before = &self.case.chain.steps[..self.case.index];
                let first = before.iter().find_map(|step| step.narrowing.source_identity.clone());
                let asked = &self.step.narrowing.source_identity;
                Some(match first.filter(|first| asked.as_ref().is_some_and(|asked| asked != first)) {
                    Some(first) => Cause::SourceIdentityChanged { first },
                    None => Cause::SetSourceIdentity,
                })
            }
            _ => None,
        }
    }

    fn policy(&self, verdict: &Verdict) -> Cause {
        let denial = self.case.denial;
        match verdict.policy {
            PolicyKind::Identity if !verdict.is_explicit => {
                let action = denial.action.clone().unwrap_or_else(|| "sts:AssumeRole".to_owned());
                let statement = identity_statement(&action, self.step.role_arn.value.as_str());
                Cause::IdentityPolicy { action, statement }
            }
            PolicyKind::Session => {
                let before = self.case.chain.steps[..self.case.index].iter();
                let narrows = |step: &RoleStep| {
                    step.narrowing.policy.is_some() || !step.narrowing.policy_arns.is_empty()
                };
                Cause::SessionPolicy { by: before.map(narrows).rposition(|narrows| narrows) }
            }
            _ => Cause::Policy(verdict.clone()),
        }
    }

    /// The ARN names another role than was meant. STS does not tell such a role from one that trusts nobody.
    fn wrong_role(&self) -> Option<Cause> {
        let arn = &self.step.role_arn.value;
        let (partition, account) = (arn.partition()?, arn.account()?);
        if let Some(caller) = self.caller.filter(|caller| caller.partition != partition) {
            return Some(Cause::OtherPartition {
                caller: caller.partition.to_owned(),
                role: partition.to_owned(),
            });
        }
        let mut roles = Vec::new();
        let mut accounts = Vec::new();
        for profile in self.case.set.profiles() {
            if self.step.profile.as_deref() == Some(profile.name()) {
                continue;
            }
            if let Some(setting) = profile.get("role_arn") {
                let role = RoleArn::new(setting.value);
                accounts.extend(role.account().map(|account| (account.to_owned(), setting.location())));
                roles.push((role, setting.location()));
            }
            if let Some(setting) = profile.get("sso_account_id") {
                accounts.push((setting.value.to_owned(), setting.location()));
            }
        }
        if roles.iter().any(|(role, _)| role == arn) {
            return None;
        }
        let is_callers = self.caller.is_some_and(|caller| caller.account == account);
        if !is_callers && accounts.iter().all(|(known, _)| known != account) {
            let near =
                |(known, _): &&(String, Location)| is_account_id(known) && typing_errors(known, account) <= 2;
            let (similar, at) = accounts.iter().find(near)?.clone();
            return Some(Cause::UnknownAccount { similar, at });
        }
        let name = arn.role_name()?;
        let near = |role: &RoleArn| {
            role.account() == Some(account)
                && role.role_name().is_some_and(|known| {
                    known.eq_ignore_ascii_case(name) || name.len() > 4 && typing_errors(known, name) == 1
                })
        };
        let (similar, at) = roles.into_iter().find(|(role, _)| near(role))?;
        Some(Cause::SimilarRole { similar, at })
    }

    /// What the trust policy may ask for besides.
    fn conditions(&self) -> Vec<Condition> {
        let mut conditions = Vec::new();
        let (mfa, external_id) = (self.no_mfa(), self.external_id());
        let is_known = |condition: &Option<Condition>| {
            matches!(
                condition,
                Some(
                    Condition::NoMfa { .. }
                        | Condition::OldSession { .. }
                        | Condition::ExternalIdElsewhere { .. }
                )
            )
        };
        // What stands elsewhere in the files is likelier than what might stand in the role's policy.
        let both =
            if is_known(&external_id) && !is_known(&mfa) { [external_id, mfa] } else { [mfa, external_id] };
        conditions.extend(both.into_iter().flatten());
        let named = self.case.attempt.session_name.as_deref();
        let user = self.caller.and_then(|caller| caller.user());
        match (&self.step.role_session_name, user) {
            (Some(name), _) => conditions.push(Condition::OtherSessionName { origin: name.origin.clone() }),
            (None, Some(user)) if named != Some(user) => {
                conditions.push(Condition::SessionName { user: user.to_owned() });
            }
            (None, _) => {}
        }
        conditions
    }

    fn no_mfa(&self) -> Option<Condition> {
        match self.case.attempt.mfa {
            MfaProof::Code => None,
            MfaProof::Session { made_at } => {
                let age = self.case.now.duration_since(made_at?);
                (age > YOUNG).then_some(Condition::OldSession { age })
            }
            MfaProof::None => match self.caller.map(|caller| caller.kind) {
                Some(CallerKind::Role { .. }) => (self.case.index > 0).then_some(Condition::RoleBetween),
                Some(CallerKind::Root | CallerKind::Other) => None,
                Some(CallerKind::User(_)) | None => {
                    self.case.chain.base.long_term_keys()?;
                    Some(
                        self.known_device().map_or(Condition::MaybeMfa, |device| Condition::NoMfa { device }),
                    )
                }
            },
        }
    }

    fn external_id(&self) -> Option<Condition> {
        if let Some(id) = &self.step.external_id {
            return Some(Condition::OtherExternalId { origin: id.origin.clone() });
        }
        let account = self.step.role_arn.value.account()?;
        let elsewhere = self.case.set.profiles().find_map(|profile| {
            let role = RoleArn::new(profile.get("role_arn")?.value);
            let id = profile.get("external_id").filter(|id| !id.value.is_empty())?;
            (role.account() == Some(account)).then(|| (profile.name().to_owned(), id.location()))
        });
        match elsewhere {
            Some((profile, at)) => Some(Condition::ExternalIdElsewhere { profile, at }),
            None => {
                self.caller.filter(|caller| caller.account != account).map(|_| Condition::MaybeExternalId)
            }
        }
    }

    fn device(&self) -> Cause {
        if matches!(self.caller.map(|caller| caller.kind), Some(CallerKind::Role { .. }))
            || self.case.index > 0
        {
            return Cause::DeviceOfRole;
        }
        Cause::ForeignDevice { known: self.known_device() }
    }

    fn known_device(&self) -> Option<Device> {
        let sent = self.step.mfa_serial.as_ref().map(|serial| &serial.value);
        known_device(self.case.chain, self.caller.as_ref(), self.case.set)
            .filter(|device| Some(&device.value) != sent)
    }
}

/// The device that stands beside the keys, else one of a profile with the same keys, else one that is named after the
/// user.
pub fn known_device(chain: &Chain, caller: Option<&Caller<'_>>, set: &ProfileSet<'_>) -> Option<Device> {
    if let Some(serial) = &chain.base.mfa_serial {
        return Some(serial.clone());
    }
    let devices = || {
        set.profiles().filter_map(|profile| {
            let setting = profile.get("mfa_serial").filter(|setting| !setting.value.is_empty())?;
            Some((profile, Sourced::new(MfaSerial::new(setting.value), setting.origin())))
        })
    };
    let same_source = chain.base.profile.as_deref().and_then(|base| {
        devices()
            .find(|(profile, _)| profile.get("source_profile").is_some_and(|source| source.value == base))
    });
    let (user, account) = (caller.and_then(Caller::user), caller.map(|caller| caller.account));
    let of_user = || {
        devices().find(|(_, device)| {
            let parts: Vec<_> = device.value.as_str().splitn(6, ':').collect();
            let [_, _, _, _, of, name] = parts[..] else { return false };
            let named = name.strip_prefix("mfa/").and_then(|name| name.rsplit('/').next());
            user.is_some() && Some(of) == account && named == user
        })
    };
    same_source.or_else(of_user).map(|(_, device)| device)
}
