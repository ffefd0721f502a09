//! The levels of a chain, from the keys to the last role, each with its settings and with what a run would do there now.
//!
//! Of a chain that leads nowhere as much as there is. Must not know the calls.

use super::{
    Cap, Code, Giver, Level, LevelKind, Life, Now, Question, Surroundings,
    kept::{self, Heard},
    said::{Candidates, Said, hide_in_command, hide_passwords},
    settings::is_direct,
};
use crate::{
    arn::MfaSerial,
    chain::{
        overrides::{ONE_HOUR, is_temporary},
        plan::{BasePlan, Plan},
        request::Target,
        run::{
            Purpose,
            lookup::{Cached, Lookup},
        },
        source::{BaseSource, Keys, RoleStep, WebIdentity},
    },
    env_vars,
    origin::{Origin, Sourced},
    profile::{Profile, SourceFile},
    provider::{container, sso::SsoSource},
};

/// Keys by which a profile yields credentials itself, in the order in which they count.
const SOURCES: [&str; 6] = [
    "web_identity_token_file",
    "sso_role_name",
    "sso_account_id",
    "aws_access_key_id",
    "login_session",
    "credential_process",
];

/// What a role's profile may say about it, beside `role_arn`.
const ROLE_KEYS: [&str; 5] =
    ["source_profile", "credential_source", "source_identity", "session_tags", "transitive_session_tags"];

/// The levels of a plan.
pub(super) fn of_plan(question: &Question<'_>, plan: &Plan, around: &Surroundings<'_>) -> Vec<Level> {
    let finder = Finder { question, plan, around };
    let nows = finder.nows();
    let mut levels = vec![finder.base()];
    if let BasePlan::MfaSession(session) = &plan.base {
        let called = nows[0].0 == Now::Called;
        levels[0].now = if called { Now::Taken } else { Now::Spared };
        levels.push(finder.mfa_session(session.serial.as_ref(), session.duration_seconds));
    }
    for (index, step) in plan.chain.steps.iter().enumerate() {
        levels.push(finder.role(index, step));
    }
    // The base and its session are one level to the run.
    let first = levels.len() - nows.len();
    for (run_level, (level, (now, cached_key))) in levels[first..].iter_mut().zip(nows).enumerate() {
        (level.now, level.cached_key) = (now, cached_key);
        level.kept = kept::of_level(question, plan, around.stores, run_level);
    }
    levels
}

struct Finder<'a> {
    question: &'a Question<'a>,
    plan: &'a Plan,
    around: &'a Surroundings<'a>,
}

impl<'a> Finder<'a> {
    /// What a run would do at each of its levels: it starts at the last and goes down as far as it has to.
    fn nows(&self) -> Vec<(Now, Option<String>)> {
        let heard = Heard::default();
        let lookup = Lookup {
            plan: self.plan,
            options: self.question.options,
            host: self.question.host,
            stores: self.around.stores,
            hear: &heard,
        };
        let last = self.plan.hops.len();
        let mut nows = vec![(Now::Spared, None); last + 1];
        for level in (0..=last).rev() {
            let is_last = level == last;
            let purpose = if is_last { Purpose::HandOver } else { Purpose::SignNextCall };
            let Some(cached) = Cached::of_level(self.plan, level) else {
                nows[level].0 = self.uncached();
                break;
            };
            let found =
                if self.question.refresh && is_last { None } else { lookup.find(level, &cached, purpose) };
            if let Some(found) = found {
                nows[level] = (Now::Cached(found.from), Some(found.credentials.access_key_id));
                break;
            }
            nows[level].0 = Now::Called;
        }
        nows
    }

    fn uncached(&self) -> Now {
        match &self.plan.chain.base.source {
            BaseSource::Static(_) | BaseSource::Environment(_) => Now::Taken,
            _ => Now::Called,
        }
    }

    fn profile(&self, name: Option<&str>) -> Option<&'a Profile<'a>> {
        self.question.set.profile(name?)
    }

    fn said(&self, profile: Option<&Profile<'_>>, key: &str) -> Option<Said> {
        Candidates::default().profile(self.question.set, profile, key).first(key)
    }

    fn base(&self) -> Level {
        let base = &self.plan.chain.base;
        let profile = self.profile(base.profile.as_deref());
        let mut settings = Vec::new();
        let (kind, life) = match &base.source {
            BaseSource::Static(keys) => (self.stored_key(keys, profile, &mut settings), None),
            BaseSource::Environment(keys) => (self.environment_key(keys, &mut settings), None),
            BaseSource::Process { source, origin } => {
                let command = hide_in_command(&source.command);
                settings.extend(
                    self.said(profile, "credential_process")
                        .map(|said| Said { origin: origin.clone(), ..said }),
                );
                (LevelKind::Process { command }, None)
            }
            BaseSource::WebIdentity(web) => {
                let kind = self.web_identity(web, profile, &mut settings);
                (kind, Some(Life { seconds: ONE_HOUR, cap: None }))
            }
            BaseSource::Sso(source) => (self.sso(source, profile, &mut settings), None),
            BaseSource::Container { url } => {
                let url = hide_passwords(url.split(['?', '#']).next().unwrap_or_default());
                let variable = [container::RELATIVE_URI, container::FULL_URI]
                    .into_iter()
                    .find(|name| self.question.host.env.var(name).is_some())
                    .unwrap_or(container::FULL_URI);
                settings.push(Said::alone(variable, &url, Origin::Env(variable)));
                (LevelKind::Container { url }, None)
            }
            BaseSource::Imds(imds) => (LevelKind::Imds { endpoint: imds.endpoint.clone() }, None),
        };
        self.add_beaten_sources(profile, &mut settings);
        if let (Some(serial), true) = (&base.mfa_serial, self.plan.chain.steps.is_empty()) {
            let candidates = Candidates::default()
                .flag("--mfa-serial", self.question.request.mfa_serial.as_deref())
                .profile(self.question.set, profile, "mfa_serial");
            settings.push(candidates.chosen("mfa_serial", serial));
            settings.extend(self.said(profile, "mfa_process"));
        }
        let origin = match (profile, &base.source) {
            (_, BaseSource::Environment(keys)) => keys.origin.clone(),
            (Some(profile), _) => profile.header_origin(),
            (None, source) => source
                .origin()
                .cloned()
                .or_else(|| settings.first().map(|said| said.origin.clone()))
                .unwrap_or(Origin::Default),
        };
        Level { life, ..level(kind, base.profile.clone(), origin, settings) }
    }

    fn stored_key(&self, keys: &Keys, profile: Option<&Profile<'_>>, settings: &mut Vec<Said>) -> LevelKind {
        let id = Sourced::new(keys.access_key_id.clone(), keys.origin.clone());
        let all = Candidates::default().profile(self.question.set, profile, "aws_access_key_id");
        settings.push(all.chosen("aws_access_key_id", &id));
        // Keys are of one file: what the other says beside them does not count.
        let in_credentials = profile
            .and_then(|profile| profile.get_in(SourceFile::Credentials, "aws_access_key_id"))
            .is_some_and(|setting| setting.origin() == keys.origin);
        let file = if in_credentials { SourceFile::Credentials } else { SourceFile::Config };
        let others = [
            "aws_secret_access_key",
            "aws_security_token",
            "aws_session_token",
            "aws_account_id",
            "rolo_expiration",
            "rolo_profile",
        ];
        for key in others {
            if let Some(setting) = profile.and_then(|profile| profile.get_in(file, key)) {
                let all = Candidates::default().profile(self.question.set, profile, key);
                settings.push(all.chosen(key, &setting.sourced()));
            }
        }
        key_kind(keys)
    }

    fn environment_key(&self, keys: &Keys, settings: &mut Vec<Said>) -> LevelKind {
        let env = self.question.host.env;
        let say = |names: &[&'static str]| {
            names.iter().fold(Candidates::default(), |all, name| all.env(env, name)).first(names[0])
        };
        settings.extend(say(&[env_vars::AWS_ACCESS_KEY_ID]));
        settings.extend(say(&[env_vars::AWS_SECRET_ACCESS_KEY]));
        let token = say(&[env_vars::AWS_SECURITY_TOKEN, env_vars::AWS_SESSION_TOKEN]);
        settings.extend(
            token.map(|said| Said {
                name: said.origin.to_string().trim_start_matches('$').to_owned(),
                ..said
            }),
        );
        settings.extend(say(&[env_vars::AWS_CREDENTIAL_EXPIRATION]));
        settings.extend(say(&[env_vars::AWS_ACCOUNT_ID]));
        key_kind(keys)
    }

    fn web_identity(
        &self,
        web: &WebIdentity,
        profile: Option<&Profile<'_>>,
        settings: &mut Vec<Said>,
    ) -> LevelKind {
        let both = |variable, key| {
            // The variables count for the asked profile alone, and not where a flag named it.
            Candidates::default().env(self.question.host.env, variable).profile(
                self.question.set,
                profile,
                key,
            )
        };
        let file = Sourced::new(web.token_file.value.display().to_string(), web.token_file.origin.clone());
        let key = "web_identity_token_file";
        settings.push(both(env_vars::AWS_WEB_IDENTITY_TOKEN_FILE, key).chosen(key, &file));
        settings.push(both(env_vars::AWS_ROLE_ARN, "role_arn").chosen("role_arn", &web.role_arn));
        settings.push(match &web.role_session_name {
            Some(name) => {
                both(env_vars::AWS_ROLE_SESSION_NAME, "role_session_name").chosen("role_session_name", name)
            }
            None => self.usual_name(),
        });
        LevelKind::WebIdentity { role_arn: web.role_arn.value.to_string() }
    }

    fn usual_name(&self) -> Said {
        Said::alone("role_session_name", self.question.session_name, Origin::Default)
    }

    fn sso(&self, source: &SsoSource, profile: Option<&Profile<'_>>, settings: &mut Vec<Said>) -> LevelKind {
        settings.extend(self.said(profile, "sso_session"));
        let section = source.session.as_deref().and_then(|name| self.question.set.sso_session(name));
        for key in ["sso_start_url", "sso_region", "sso_account_id", "sso_role_name"] {
            let in_section = section.and_then(|section| section.get(key));
            let said = Candidates::default()
                .other(in_section.as_ref().map(|setting| (key, setting.value, setting.origin())))
                .profile(self.question.set, profile, key)
                .first(key);
            settings.extend(said);
        }
        LevelKind::Sso {
            role_name: source.role_name.clone(),
            account_id: source.account_id.clone(),
            sign_in: source.sign_in_name().to_owned(),
        }
    }

    /// Other ways to credentials that the profile of the base has, or that was asked for, and that do not count.
    fn add_beaten_sources(&self, profile: Option<&Profile<'_>>, settings: &mut [Said]) {
        let chain = &self.plan.chain;
        let is_environment = matches!(chain.base.source, BaseSource::Environment(_));
        let profile = match profile {
            // The environment's keys come before whatever the asked profile says.
            None if is_environment && chain.steps.is_empty() => self.profile(chain.profile.as_deref()),
            profile => profile,
        };
        let (Some(profile), Some((first, others))) = (profile, settings.split_first_mut()) else { return };
        let assumes = chain.steps.iter().any(|step| step.profile.as_deref() == Some(profile.name()));
        let is_web = matches!(chain.base.source, BaseSource::WebIdentity(_));
        let keys = SOURCES.iter().chain((!assumes && !is_web).then_some(&"role_arn"));
        let mut beaten = Candidates::default();
        for key in keys {
            beaten = beaten.profile(self.question.set, Some(profile), key);
        }
        let is_known = |origin: &Origin| {
            first.origin == *origin
                || others.iter().any(|said| said.origin == *origin)
                || first.beats.iter().any(|rival| rival.origin == *origin)
        };
        let beaten: Vec<_> =
            beaten.into_rivals().into_iter().filter(|rival| !is_known(&rival.origin)).collect();
        first.beats.extend(beaten);
    }

    fn mfa_session(&self, serial: Option<&MfaSerial>, seconds: u32) -> Level {
        let chain = &self.plan.chain;
        let process = if chain.steps.is_empty() {
            chain.base.mfa_process.as_ref().map(|said| said.value.as_str())
        } else {
            chain.mfa_process(0)
        };
        let serial = serial.map(MfaSerial::to_string).unwrap_or_default();
        Level {
            code: Some(self.code(&serial, process)),
            life: Some(Life { seconds, cap: None }),
            ..level(LevelKind::MfaSession { serial }, None, Origin::Default, Vec::new())
        }
    }

    fn code(&self, serial: &str, process: Option<&str>) -> Code {
        let giver = match (self.question.given_code, process) {
            (Some(from), _) => Giver::Given(from),
            (None, Some(command)) => Giver::Process(hide_in_command(command)),
            (None, None) if self.question.can_prompt => Giver::Person,
            (None, None) => Giver::Nobody,
        };
        Code { serial: serial.to_owned(), giver, is_found_out: self.around.is_found_out }
    }

    fn role(&self, index: usize, step: &RoleStep) -> Level {
        let chain = &self.plan.chain;
        let profile = self.profile(step.profile.as_deref());
        let is_last = index + 1 == chain.steps.len();
        let mut settings = self.role_settings(step, profile, is_last);
        self.add_own_sources(step, profile, &mut settings);
        let by_session = index == 0 && matches!(self.plan.base, BasePlan::MfaSession(_));
        let cap = if by_session {
            Some(Cap::MfaSession)
        } else {
            (index > 0 || is_temporary(&chain.base)).then_some(Cap::Chained)
        };
        let seconds = step.duration_seconds.as_ref().map_or(ONE_HOUR, |said| said.value);
        let sends_code = self.plan.hops.get(index).is_some_and(|hop| hop.sends_code);
        let code = step
            .mfa_serial
            .as_ref()
            .filter(|_| sends_code)
            .map(|serial| self.code(serial.value.as_str(), chain.mfa_process(index)));
        let origin = match profile {
            Some(profile) => profile.header_origin(),
            None => self.direct_origin(&step.role_arn.origin),
        };
        let kind = LevelKind::Role { role_arn: step.role_arn.value.to_string() };
        Level {
            code,
            life: Some(Life { seconds, cap }),
            ..level(kind, step.profile.clone(), origin, settings)
        }
    }

    /// Of a role that was named as the target.
    fn direct_origin(&self, origin: &Origin) -> Origin {
        match (origin, &self.question.request.target) {
            (Origin::Default, Target::Role(_)) => Origin::Flag("--role"),
            (Origin::Default, _) => Origin::Flag("PROFILE"),
            (origin, _) => origin.clone(),
        }
    }

    fn role_settings(&self, step: &RoleStep, profile: Option<&Profile<'_>>, is_last: bool) -> Vec<Said> {
        let Question { set, request, .. } = self.question;
        // A role without a profile has some settings from the profile of its keys, which are told with their lines.
        let with = |key: &str, option: &'static str, value: Option<&str>| {
            Candidates::default().flag(option, value.filter(|_| is_last)).profile(set, profile, key)
        };
        let mut all = Vec::new();
        let arn = Sourced::new(step.role_arn.value.clone(), self.direct_origin(&step.role_arn.origin));
        all.push(with("role_arn", "--role-arn", request.role_arn.as_deref()).chosen("role_arn", &arn));
        let is_asked = step.profile == self.plan.chain.profile && !is_direct(self.question);
        for key in ROLE_KEYS {
            let (option, value) = match key {
                "source_profile" => {
                    ("--source-profile", request.source_profile.as_deref().filter(|_| is_asked))
                }
                "source_identity" => {
                    ("--source-identity", request.source_identity.as_deref().filter(|_| is_last))
                }
                _ => ("", None),
            };
            all.extend(Candidates::default().flag(option, value).profile(set, profile, key).first(key));
        }
        if let Some(serial) = &step.mfa_serial {
            let said = with("mfa_serial", "--mfa-serial", request.mfa_serial.as_deref());
            let mut said = said.chosen("mfa_serial", serial);
            if self.around.is_found_out && is_last {
                said = Said::alone("mfa_serial", serial.value.as_str(), Origin::Default);
            }
            all.push(said);
        }
        if let Some(process) = &step.mfa_process {
            all.push(with("mfa_process", "", None).chosen("mfa_process", process));
        }
        if let Some(id) = &step.external_id {
            all.push(
                with("external_id", "--external-id", request.external_id.as_deref())
                    .chosen("external_id", id),
            );
        }
        match &step.role_session_name {
            Some(name) => {
                let said =
                    with("role_session_name", "--role-session-name", request.role_session_name.as_deref());
                all.push(said.chosen("role_session_name", name));
            }
            None if self.plan.chain.names_session && is_last => {
                let keys = self.plan.chain.base.long_term_keys();
                let name = keys.and_then(|keys| self.around.found.user_name(&keys.access_key_id));
                let name = name.as_deref().unwrap_or("the IAM user's name");
                all.push(Said::alone("role_session_name", name, Origin::Default));
            }
            None => all.push(self.usual_name()),
        }
        if let Some(seconds) = &step.duration_seconds {
            let asked = request.duration.as_ref().map(|length| length.seconds.to_string());
            all.push(
                with("duration_seconds", "--duration", asked.as_deref()).chosen("duration_seconds", seconds),
            );
        }
        if is_last {
            self.add_narrowing(&mut all);
        }
        all
    }

    fn add_narrowing(&self, all: &mut Vec<Said>) {
        let request = self.question.request;
        let mut flag = |name: &str, option: &'static str, value: &str| {
            all.push(Said::alone(name, value, Origin::Flag(option)));
        };
        if let Some(policy) = &request.policy {
            flag("policy", "--policy", policy);
        }
        for arn in &request.policy_arns {
            flag("policy_arn", "--policy-arn", arn);
        }
        if request.read_only {
            flag("policy_arn", "--read-only", "ReadOnlyAccess");
        }
        for (key, value) in &request.tags {
            flag("session_tags", "--tag", &format!("{key}={value}"));
        }
        for key in &request.transitive_tag_keys {
            flag("transitive_session_tags", "--transitive-tag", key);
        }
    }

    /// Keys and the like beside a `role_arn` do not count, unless the profile is its own source.
    fn add_own_sources(&self, step: &RoleStep, profile: Option<&Profile<'_>>, settings: &mut [Said]) {
        if profile.is_none() || self.plan.chain.base.profile == step.profile {
            return;
        }
        let Some(first) = settings.first_mut() else { return };
        let mut beaten = Candidates::default();
        for key in SOURCES {
            beaten = beaten.profile(self.question.set, profile, key);
        }
        first.beats.extend(beaten.into_rivals());
    }
}

fn key_kind(keys: &Keys) -> LevelKind {
    LevelKind::Key { access_key_id: keys.access_key_id.clone(), is_temporary: !keys.is_long_term() }
}

fn level(kind: LevelKind, profile: Option<String>, origin: Origin, settings: Vec<Said>) -> Level {
    Level {
        kind,
        profile,
        origin,
        settings,
        kept: Vec::new(),
        now: Now::Unknown,
        cached_key: None,
        code: None,
        life: None,
    }
}

/// The profiles from the asked one down, as far as `source_profile` leads, for a chain that does not resolve.
pub(super) fn of_trail(question: &Question<'_>, asked: Option<&str>) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    let mut name = asked.map(str::to_owned);
    while let Some(profile) = name.as_deref().and_then(|name| question.set.profile(name)) {
        if levels.iter().any(|level| level.profile.as_deref() == Some(profile.name())) {
            break;
        }
        let role_arn = profile.get("role_arn").map(|arn| arn.value.to_owned());
        let keys = ["role_arn"].iter().chain(&ROLE_KEYS).chain(&SOURCES).chain(&[
            "mfa_serial",
            "external_id",
            "role_session_name",
            "duration_seconds",
            "sso_session",
            "services",
        ]);
        let settings = keys
            .filter_map(|key| Candidates::default().profile(question.set, Some(profile), key).first(key))
            .collect();
        let kind = role_arn.map_or(LevelKind::Nothing, |role_arn| LevelKind::Role { role_arn });
        levels.push(level(kind, Some(profile.name().to_owned()), profile.header_origin(), settings));
        let is_first = levels.len() == 1;
        name = question
            .request
            .source_profile
            .clone()
            .filter(|_| is_first && !is_direct(question))
            .or_else(|| profile.get("source_profile").map(|source| source.value.to_owned()));
    }
    levels.reverse();
    levels
}
