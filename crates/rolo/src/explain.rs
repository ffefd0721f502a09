//! What the core knows about a run before it is made, on its way to a person or a program.
//!
//! Must not know how credentials are had: it shows a [`Explanation`].

pub mod check;
pub mod diff;
pub mod json;
pub mod text;
mod words;

use rolo_core::{
    chain::session_name::{default_session_name, host_name},
    env_vars,
    explain::{Call, Explanation, Level, Question, Rival, Said, Signer, explain},
    handed::UserEnv,
    host::Host,
    origin::{Origin, Sourced},
    profile::{ConfigFiles, ProfileSet},
    talk::PromptMfaCode,
};

use self::check::Checked;
use crate::{
    error::CliError, findings, hints, invocation::Invocation, obtain::settings_that_hold,
    settings::load_config, ui::prompt::TerminalPrompt,
};

/// An explanation and what the person set for all profiles.
#[derive(Debug)]
pub struct Explained {
    /// The core's.
    pub explanation: Explanation,
    /// rolo's own settings, as far as somebody said them.
    pub options: Vec<Said>,
    /// What came of it, where it was tried.
    pub checked: Option<Checked>,
}

/// Explains what `invocation` would do. Nothing is called, written or asked.
pub fn load(invocation: &Invocation, host: Host<'_>) -> Result<Explained, CliError> {
    let config = load_config(host)?;
    let files = ConfigFiles::load(&host).map_err(|error| hints::explain(error.into()))?;
    let set = ProfileSet::parse(&files).map_err(|error| hints::explain(error.into()))?;
    let request = &invocation.request;
    let user_env = UserEnv::new(host.env);
    let is_users = settings_that_hold(request, &set, &user_env).is_empty();
    let host = if is_users { Host { env: &user_env, ..host } } else { host };
    let mut options = config.options;
    if let Some(length) = invocation.refresh_before_expiry {
        options.refresh_before_expiry = length;
    }
    let given_code = match (&invocation.mfa_code, host.var_set(env_vars::ROLO_MFA_CODE)) {
        (Some(_), _) => Some("`--mfa-code`"),
        (None, Some(_)) => Some("`ROLO_MFA_CODE`"),
        (None, None) => None,
    };
    let mut explanation = explain(&Question {
        files: &files,
        set: &set,
        host,
        request,
        options: &options,
        session_name: &default_session_name(host.env, &host_name()),
        given_code,
        can_prompt: TerminalPrompt::new(invocation.verbosity).can_prompt(),
        refresh: invocation.refresh,
    });
    let said = |(name, said): (&str, Sourced<String>)| Said {
        name: name.to_owned(),
        value: Some(said.value),
        origin: said.origin,
        beats: Vec::new(),
    };
    explanation.findings.retain(|finding| !config.allowed.iter().any(|allowed| allowed.covers(finding)));
    findings::sort(&mut explanation.findings);
    let mut said: Vec<Said> = config.said.into_iter().map(said).collect();
    if request.no_mfa_session {
        beat_mfa_session(&mut said);
    }
    Ok(Explained { explanation, options: said, checked: None })
}

/// Puts `--no-mfa-session` over what the person set once.
fn beat_mfa_session(options: &mut Vec<Said>) {
    let set = options.extract_if(.., |said| said.name == "mfa_session");
    let beats = set.map(|said| Rival { name: said.name, value: said.value, origin: said.origin }).collect();
    let origin = Origin::Flag("--no-mfa-session");
    options.push(Said { name: "mfa_session".to_owned(), value: Some("off".to_owned()), origin, beats });
}

/// The level whose cached credentials sign `call` now in place of a call's answer.
fn signer_in_cache<'a>(call: &Call, explanation: &'a Explanation) -> Option<&'a Level> {
    let Signer::Call(index) = call.signer else { return None };
    let level = explanation.levels.get(explanation.calls.get(index)?.level)?;
    level.cached_key.is_some().then_some(level)
}
