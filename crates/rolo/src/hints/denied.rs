//! Words for a call that AWS did not allow: who called, what was sent, and each likely cause with its next step.
//!
//! Must not know how any of it was found out.

use jiff::{SignedDuration, Timestamp};
use rolo_core::{
    arn::MfaSerial,
    chain::{
        attempt::{Attempt, MfaProof},
        denial::{
            Caller, CallerKind, Case, Cause, Claims, Condition, Denial, Device, PolicyKind, Said, Verdict,
            identity_statement, known_device, likely_causes, web_trust_statement,
        },
        source::{BaseSource, Chain, RoleStep, WebIdentity},
    },
    origin::Origin,
    profile::ProfileSet,
    provider::sso::SsoSource,
    words::shell_word,
};

use crate::ui::left::render_left;

/// What a person is told besides the error itself.
#[derive(Debug, Default)]
pub struct Told {
    /// The settings to blame.
    pub origins: Vec<Origin>,
    /// What is known: who called, what was sent.
    pub notes: Vec<String>,
    /// Next steps, the likeliest to help first.
    pub hints: Vec<String>,
}

/// An AssumeRole.
pub fn tell_role(case: &Case<'_>) -> Told {
    let Some(step) = case.chain.steps.get(case.index) else { return Told::default() };
    let caller = case.denial.caller.as_deref().and_then(Caller::parse);
    let words = Words { case, step, caller };
    let mut hints: Vec<_> = likely_causes(case).iter().map(|cause| words.hint(cause)).collect();
    hints.splice(0..0, encoded_hint(case.denial));
    Told {
        origins: vec![step.role_arn.origin.clone()],
        notes: [caller_note(case.chain, case.index, case.attempt, case.denial), Some(words.sent())]
            .into_iter()
            .flatten()
            .collect(),
        hints,
    }
}

/// A GetSessionToken.
pub fn tell_session(
    chain: &Chain,
    serial: Option<&MfaSerial>,
    attempt: &Attempt,
    denial: &Denial,
    set: &ProfileSet<'_>,
) -> Told {
    let caller = denial.caller.as_deref().and_then(Caller::parse);
    let said = chain.base.mfa_serial.as_ref().or_else(|| chain.steps.first()?.mfa_serial.as_ref());
    let origin = said.filter(|said| Some(&said.value) == serial).map(|said| said.origin.clone());
    let mut hints = encoded_hint(denial);
    match (denial.said, &denial.verdict) {
        (Some(Said::UnknownDevice), _) => {
            let known = known_device(chain, caller.as_ref(), set).filter(|known| Some(&known.value) != serial);
            hints.push(foreign_device(serial, origin.as_ref(), known.as_ref(), caller.as_ref(), chain));
        }
        (Some(Said::SessionCredentials), _) => hints.push(
            "name a profile with an IAM user's own `aws_access_key_id` of `AKIA…`: temporary credentials have no session"
                .to_owned(),
        ),
        (_, Some(verdict)) => hints.push(policy_hint(verdict, denial, caller.as_ref(), "sts:GetSessionToken")),
        _ => hints.push(list_devices(caller.as_ref(), chain)),
    }
    let proof = match serial {
        Some(serial) => format!("sent: a code of `{serial}`{}", place(origin.as_ref())),
        None => "sent: no MFA".to_owned(),
    };
    Told {
        origins: origin.into_iter().collect(),
        notes: caller_note(chain, 0, attempt, denial).into_iter().chain([proof]).collect(),
        hints,
    }
}

/// An AssumeRoleWithWebIdentity; `claims` are the token's, where it could be read.
pub fn tell_web_identity(web: &WebIdentity, attempt: &Attempt, claims: Option<&Claims>) -> Told {
    let file = web.token_file.value.display();
    let role = &web.role_arn.value;
    let mut notes = Vec::new();
    let mut hints = Vec::new();
    if let Some(claims) = claims {
        let claim = |name: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!(", {name} `{value}`")).unwrap_or_default()
        };
        notes.push(format!(
            "the token in `{file}` is of issuer `{}`{}{}",
            claims.issuer,
            claim("audience", &claims.audience),
            claim("subject", &claims.subject)
        ));
        hints
            .extend(web_trust_statement(role, claims).map(|statement| trust_hint(role.as_str(), &statement)));
    } else {
        notes.push(format!("the token in `{file}` is no JWT, so what it claims is not known"));
        hints.push(format!(
            "let the trust policy of `{role}` name the token's issuer as `Federated`, with its audience and subject"
        ));
    }
    if let Some(name) = &attempt.session_name {
        notes.push(format!(
            "sent: session name `{name}`{}",
            place(web.role_session_name.as_ref().map(|name| &name.origin))
        ));
    }
    Told { origins: vec![web.role_arn.origin.clone(), web.token_file.origin.clone()], notes, hints }
}

/// A GetRoleCredentials of IAM Identity Center.
pub fn tell_sso(sso: &SsoSource, profile: Option<&str>, set: &ProfileSet<'_>) -> Told {
    let SsoSource { account_id, role_name, .. } = sso;
    let setting = |key| set.profile(profile?)?.get(key);
    let elsewhere = set.profiles().filter(|other| Some(other.name()) != profile).find_map(|other| {
        let account = other.get("sso_account_id")?;
        let role = other.get("sso_role_name")?;
        let is_near = account.value == account_id && role.value != role_name;
        is_near.then(|| {
            format!("profile `{}` has role `{}` there ({})", other.name(), role.value, role.location())
        })
    });
    let mut hints = Vec::new();
    if let Some(elsewhere) = elsewhere {
        hints.push(format!("{elsewhere}: did you mean that one?"));
    }
    hints.push(format!(
        "look at the AWS access portal, {}, whether account `{account_id}` has role `{role_name}` for you; if not, have it \
         assigned",
        sso.start_url
    ));
    Told {
        origins: ["sso_account_id", "sso_role_name"]
            .into_iter()
            .filter_map(|key| Some(setting(key)?.origin()))
            .collect(),
        notes: vec![format!(
            "sent: account `{account_id}`, role `{role_name}`, the sign-in of `{}`",
            sso.sign_in_name()
        )],
        hints,
    }
}

/// The caller, and by which key: what a person would ask GetCallerIdentity for.
fn caller_note(chain: &Chain, index: usize, attempt: &Attempt, denial: &Denial) -> Option<String> {
    let signer = attempt.signer.as_ref()?;
    let who = denial.caller.as_ref();
    if let Some(before) = index.checked_sub(1) {
        let step = &chain.steps[before];
        let of = step.profile.as_ref().map(|profile| format!(", of profile `{profile}`")).unwrap_or_default();
        let who = who.map_or_else(|| step.role_arn.value.to_string(), ToOwned::to_owned);
        return Some(format!("the caller is `{who}`: role {index} of the chain{of}"));
    }
    let base = &chain.base;
    let of = match &base.source {
        BaseSource::Static(keys) | BaseSource::Environment(keys) => {
            format!("key `{}`{}", keys.access_key_id, place(Some(&keys.origin)))
        }
        source => {
            let of =
                base.profile.as_ref().map(|profile| format!(" of profile `{profile}`")).unwrap_or_default();
            format!(
                "key `{}`, from {}{of}{}",
                signer.access_key_id,
                source.in_words(),
                place(source.origin())
            )
        }
    };
    Some(match who {
        Some(who) => format!("the caller is `{who}`, by {of}"),
        None => format!("the caller is whoever has {of}: AWS did not say who that is"),
    })
}

fn encoded_hint(denial: &Denial) -> Vec<String> {
    let hint = |encoded: &String| {
        format!(
            "AWS's reason is encoded; have someone decode it who may: `aws sts decode-authorization-message \
             --encoded-message {encoded}`"
        )
    };
    denial.encoded.iter().map(hint).collect()
}

fn trust_hint(role: &str, statement: &str) -> String {
    format!(
        "look whether `{role}` exists, which AWS does not say, and whether its trust policy allows this call by such a \
         statement:\n{statement}"
    )
}

/// ` (FILE:LINE)`, ` (--option)`, or nothing.
fn place(origin: Option<&Origin>) -> String {
    match origin {
        None | Some(Origin::Default) => String::new(),
        Some(Origin::File(location)) => format!(" ({location})"),
        Some(Origin::Env(name) | Origin::Flag(name)) => format!(" (`{name}`)"),
    }
}

fn with_profile(chain: &Chain) -> String {
    chain
        .base
        .profile
        .as_ref()
        .map(|profile| format!(" --profile {}", shell_word(profile)))
        .unwrap_or_default()
}

fn list_devices(caller: Option<&Caller<'_>>, chain: &Chain) -> String {
    let user = caller.and_then(Caller::user).map(|user| format!(" --user-name {user}")).unwrap_or_default();
    format!("see which devices the user has: `aws iam list-mfa-devices{user}{}`", with_profile(chain))
}

fn foreign_device(
    serial: Option<&MfaSerial>,
    origin: Option<&Origin>,
    known: Option<&Device>,
    caller: Option<&Caller<'_>>,
    chain: &Chain,
) -> String {
    let device = serial.map(|serial| format!(" `{serial}`")).unwrap_or_default();
    let what = if serial.is_some_and(MfaSerial::is_passkey) {
        "is a passkey, which gives no codes"
    } else {
        "is none of the caller's"
    };
    let wrong = format!("the device{device}{} {what}", place(origin));
    match known {
        Some(known) => format!(
            "{wrong}: take `{}`{}, by `mfa_serial` or `--mfa-serial`",
            known.value,
            place(Some(&known.origin))
        ),
        None => format!("{wrong}; {}", list_devices(caller, chain)),
    }
}

/// Whose policy a statement is to be added to.
fn owner(caller: Option<&Caller<'_>>) -> String {
    match caller.map(|caller| caller.kind) {
        Some(CallerKind::User(name)) => format!("user `{name}`"),
        Some(CallerKind::Role { name, .. }) => {
            match name.strip_prefix("AWSReservedSSO_").and_then(|name| name.rsplit_once('_')) {
                Some((set, _)) => format!("permission set `{set}`"),
                None => format!("role `{name}`"),
            }
        }
        Some(CallerKind::Root | CallerKind::Other) | None => "the caller".to_owned(),
    }
}

fn policy_hint(verdict: &Verdict, denial: &Denial, caller: Option<&Caller<'_>>, action: &str) -> String {
    let owner = owner(caller);
    let action = denial.action.as_deref().unwrap_or(action);
    let of = match &verdict.policy {
        PolicyKind::Identity => format!("of {owner}"),
        PolicyKind::Boundary => format!("on {owner}"),
        PolicyKind::Session => "given when the caller's session was made".to_owned(),
        PolicyKind::ServiceControl => match caller {
            Some(caller) => format!("of the organisation, on the caller's account `{}`", caller.account),
            None => "of the organisation, on the caller's account".to_owned(),
        },
        PolicyKind::ResourceControl => "of the organisation, on the role's account".to_owned(),
        PolicyKind::VpcEndpoint => "on the VPC endpoint that the call went through".to_owned(),
        PolicyKind::Resource | PolicyKind::Trust | PolicyKind::Other(_) => String::new(),
    };
    let which = verdict.arn.as_ref().map(|arn| format!(" `{arn}`")).unwrap_or_default();
    let statements = match denial.statements.as_slice() {
        [] => String::new(),
        names => format!(" (statement `{}`)", names.join("`, `")),
    };
    let of = if of.is_empty() { of } else { format!(" {of}") };
    if verdict.is_explicit {
        format!("change the {}{which}{of}: it denies `{action}`{statements}", verdict.policy)
    } else {
        format!("add `{action}` to the {}{which}{of}: it does not allow it", verdict.policy)
    }
}

/// What is at hand while the hints of one role are written.
struct Words<'a> {
    case: &'a Case<'a>,
    step: &'a RoleStep,
    caller: Option<Caller<'a>>,
}

impl Words<'_> {
    /// Everything that went with the call and could decide it.
    fn sent(&self) -> String {
        let (step, attempt) = (self.step, self.case.attempt);
        let serial = step.mfa_serial.as_ref();
        let device = |proof: &str| match serial {
            Some(serial) => format!("{proof} of `{}`{}", serial.value, place(Some(&serial.origin))),
            None => proof.to_owned(),
        };
        let mut sent = vec![match attempt.mfa {
            MfaProof::None => "no MFA".to_owned(),
            MfaProof::Code => device("a code"),
            MfaProof::Session { made_at } => {
                let age = made_at.map(|at| format!(", {} old", age_in_words(self.case.now, at)));
                format!("{}{}", device("the MFA session"), age.unwrap_or_default())
            }
        }];
        sent.push(match &step.external_id {
            Some(id) => format!("an external id{}", place(Some(&id.origin))),
            None => "no external id".to_owned(),
        });
        if let Some(name) = &attempt.session_name {
            let origin = step.role_session_name.as_ref().map(|name| &name.origin);
            sent.push(format!("session name `{name}`{}", place(origin)));
        }
        if let Some(duration) = &step.duration_seconds {
            sent.push(format!("{} s{}", duration.value, place(Some(&duration.origin))));
        }
        let narrowing = &step.narrowing;
        if !narrowing.tags.is_empty() {
            let keys: Vec<_> = narrowing.tags.iter().map(|(key, _)| format!("`{key}`")).collect();
            sent.push(format!("tags {}", keys.join(", ")));
        }
        if let Some(identity) = &narrowing.source_identity {
            sent.push(format!("source identity `{identity}`"));
        }
        if narrowing.policy.is_some() || !narrowing.policy_arns.is_empty() {
            sent.push("a session policy".to_owned());
        }
        let hop = match self.case.chain.steps.len() {
            1 => String::new(),
            all => format!(" for role {} of {all}", self.case.index + 1),
        };
        format!("sent{hop}: {}", sent.join(", "))
    }

    fn hint(&self, cause: &Cause) -> String {
        let role = &self.step.role_arn;
        match cause {
            Cause::Root => {
                "call as an IAM user or through IAM Identity Center: a root user assumes no roles".to_owned()
            }
            Cause::ForeignDevice { known } => foreign_device(
                self.step.mfa_serial.as_ref().map(|serial| &serial.value),
                self.step.mfa_serial.as_ref().map(|serial| &serial.origin),
                known.as_ref(),
                self.caller.as_ref(),
                self.case.chain,
            ),
            Cause::DeviceOfRole => format!(
                "remove `mfa_serial`{}: the caller is a role, which has no device",
                place(self.step.mfa_serial.as_ref().map(|serial| &serial.origin))
            ),
            Cause::IdentityPolicy { statement, .. } => {
                format!("add this statement to a policy of {}:\n{statement}", owner(self.caller.as_ref()))
            }
            Cause::SessionPolicy { by: Some(by) } => format!(
                "let the session policy of role {} allow `sts:AssumeRole`, or leave it out: it narrows what the caller may do",
                by + 1
            ),
            Cause::SessionPolicy { by: None } => {
                "get the caller's credentials anew without a session policy: the one they were made with does not allow it"
                    .to_owned()
            }
            Cause::Policy(verdict) => {
                policy_hint(verdict, self.case.denial, self.caller.as_ref(), "sts:AssumeRole")
            }
            Cause::TagSession => {
                let statement = identity_statement("sts:TagSession", role.value.as_str());
                format!(
                    "session tags need `sts:TagSession` in the role's trust policy, and in a policy of {}; or ask without \
                     `--tag`:\n{statement}",
                    owner(self.caller.as_ref())
                )
            }
            Cause::SetSourceIdentity => {
                let statement = identity_statement("sts:SetSourceIdentity", role.value.as_str());
                format!(
                    "a source identity needs `sts:SetSourceIdentity` in the trust policies of all roles of the chain, and in \
                     a policy of {}; or ask without `--source-identity`:\n{statement}",
                    owner(self.caller.as_ref())
                )
            }
            Cause::SourceIdentityChanged { first } => format!(
                "ask for source identity `{first}`, or for none: it cannot be changed along a chain"
            ),
            Cause::OtherPartition { caller, role: of_role } => format!(
                "correct `role_arn`{}, or start from another profile: it is in partition `{of_role}` and the caller in \
                 `{caller}`, which share no roles",
                place(Some(&role.origin))
            ),
            Cause::UnknownAccount { similar, at } => format!(
                "check the account in `role_arn`{}: `{}` stands nowhere else, and `{similar}` does ({at})",
                place(Some(&role.origin)),
                role.value.account().unwrap_or_default()
            ),
            Cause::SimilarRole { similar, at } => format!(
                "did you mean `{similar}` ({at})? AWS does not say whether a role exists, and `Admin` is another than `admin`"
            ),
            Cause::TrustPolicy { statement } => trust_hint(role.value.as_str(), statement),
            Cause::Condition(condition) => self.condition(condition),
        }
    }

    /// What the trust policy may ask for besides.
    fn condition(&self, condition: &Condition) -> String {
        match condition {
            Condition::NoMfa { device } => {
                let serial = &device.value;
                let keep = match self.header() {
                    Some(header) => format!(", then keep it as `mfa_serial = {serial}` in {header}"),
                    None => String::new(),
                };
                format!(
                    "no MFA was sent, and the user has `{serial}`{}: try `--mfa-serial {serial}`{keep}",
                    place(Some(&device.origin))
                )
            }
            Condition::MaybeMfa => format!(
                "if the role asks for MFA, give the device: `--mfa-serial SERIAL`; {}",
                list_devices(self.caller.as_ref(), self.case.chain)
            ),
            Condition::RoleBetween => format!(
                "if the role trusts {} rather than role {}, or asks for MFA, which a role's session never has: let its \
                 `source_profile` name {0}",
                match &self.case.chain.base.profile {
                    Some(profile) => format!("profile `{profile}`"),
                    None => "the profile with the first credentials".to_owned(),
                },
                self.case.index
            ),
            Condition::OldSession { age } => format!(
                "the MFA session is {} old, and the role may ask for a younger one: add `--no-mfa-session`",
                render_left(*age)
            ),
            Condition::ExternalIdElsewhere { profile, at } => {
                let keep = match self.header() {
                    Some(header) => format!(", then keep it as `external_id = ID` in {header}"),
                    None => String::new(),
                };
                format!(
                    "no external id was sent, and profile `{profile}` sends one to this account ({at}): try \
                     `--external-id ID`{keep}"
                )
            }
            Condition::MaybeExternalId => {
                "if the role's owner gave you an external id, send it: `--external-id ID`, or `external_id` in the profile"
                    .to_owned()
            }
            Condition::OtherExternalId { origin } => format!(
                "compare the external id{} with the one that the role's owner gave: each letter counts",
                place(Some(origin))
            ),
            Condition::OtherSessionName { origin } => format!(
                "if the role asks for sessions of a certain name, compare the session name{} with it",
                place(Some(origin))
            ),
            Condition::SessionName { user } => format!(
                "if the role wants sessions to be named after the user: `--role-session-name {user}`"
            ),
        }
    }

    /// The section that asks for the role, where there is one.
    fn header(&self) -> Option<String> {
        let profile = self.case.set.profile(self.step.profile.as_deref()?)?;
        let place = place(Some(&profile.header_origin()));
        Some(format!("profile `{}`{place}", profile.name()))
    }
}

fn age_in_words(now: Timestamp, made_at: Timestamp) -> String {
    render_left(now.duration_since(made_at).max(SignedDuration::ZERO))
}
