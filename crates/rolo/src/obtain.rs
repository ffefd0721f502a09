//! From a request to credentials and what is handed over beside them: memo first, then the whole road of the core.
//!
//! Must not know what is done with them.

mod decisions;
mod failed;
mod second_try;

use std::{cell::Cell, sync::Arc};

use jiff::SignedDuration;
use rolo_core::{
    Credentials,
    aws::{Aws, AwsClock},
    cache::{
        memo::{Memo, RequestKey},
        own::OwnCache,
        resolve_root,
    },
    chain::{
        plan::{Options, Plan, plan_chain},
        request::{Request, Target},
        resolve::resolve_chain,
        run::{From, Obtained, RunError, Runner, stores::Stores},
        session_name::{default_session_name, host_name},
    },
    credentials::Freshness,
    env_vars,
    found::Found,
    handed::UserEnv,
    history::Subject,
    host::{
        Host,
        recorded::{Notes, Recorded},
    },
    mfa::{
        code::{CodeSources, GivenCodes},
        spent::SpentCodes,
    },
    private_file::PrivateDir,
    profile::{ConfigFiles, Profile, ProfileSet},
    talk::{Hear, Notice},
};

use self::failed::explain_failed;
use crate::{
    error::CliError,
    hints::explain,
    invocation::Invocation,
    second_look::add_findings,
    settings::load_options,
    ui::{Verbosity, prompt::TerminalPrompt, talker::Talker},
};

/// Credentials on their way to a program, a shell or an SDK.
#[derive(Debug)]
pub struct Handed {
    /// What was asked for.
    pub credentials: Credentials,
    /// Its name for people.
    pub label: String,
    /// Variables that carry the profile's settings, the region under `AWS_REGION`.
    pub settings: Vec<(String, String)>,
    /// What the history is to say of it; `None` where none is kept.
    pub history: Option<String>,
    /// Whether AWS was called for them in this run.
    pub is_new: bool,
}

/// What a cached hit needs: no file of AWS is parsed, nothing is started. `refresh_before_expiry` beats the person's own
/// setting.
pub fn find_cached(
    request: &Request,
    refresh_before_expiry: Option<SignedDuration>,
    host: Host<'_>,
) -> Option<Handed> {
    let root = PrivateDir::open(&resolve_root(host)?).ok()?;
    let memo = Memo::lookup(&root, &RequestKey::new(&request.words()), host)?;
    let entry = OwnCache::open(&root).ok()?.load(&memo.cache_key)?;
    let freshness =
        Freshness { refresh_before_expiry: refresh_before_expiry.unwrap_or(memo.refresh_before_expiry) };
    let expiration = entry.credentials.expiration?;
    freshness.is_fresh(entry.issued_at, expiration, host.clock.now()).then_some(Handed {
        credentials: entry.credentials,
        label: memo.profile,
        settings: memo.settings,
        history: memo.history,
        is_new: false,
    })
}

/// Gets the credentials an invocation asks for.
pub fn obtain(invocation: &Invocation, host: Host<'_>) -> Result<Handed, CliError> {
    // Who wants to see each decision sees them made: the memo knows the outcome only.
    if !invocation.refresh
        && invocation.mfa_code.is_none()
        && invocation.verbosity < Verbosity::Verbose
        && let Some(handed) = find_cached(&invocation.request, invocation.refresh_before_expiry, host)
    {
        return Ok(handed);
    }
    let carried = carry_out(invocation, host)?;
    let history = carried.subject(&invocation.request);
    let Carried { resolved, obtained: Obtained { credentials, from, .. }, root, .. } = carried;
    let handed = Handed {
        label: resolved.plan.chain.label.clone(),
        settings: resolved.hand_over_settings(),
        history,
        is_new: from == From::Call,
        credentials,
    };
    if let (From::OwnCache | From::Call, Some(key), Some(root)) = (from, resolved.plan.key(), &root) {
        let memo = Memo {
            cache_key: *key,
            profile: handed.label.clone(),
            settings: handed.settings.clone(),
            refresh_before_expiry: resolved.options.refresh_before_expiry,
            history: handed.history.clone(),
        };
        // Without the memo the next run plans again, which is slower and no less right.
        let _ = memo.store(root, &RequestKey::new(&invocation.request.words()), &resolved.notes);
    }
    Ok(handed)
}

/// An invocation carried out.
pub struct Carried {
    /// What it came to: for a role that wanted MFA, with the device that was found.
    pub resolved: Resolved,
    /// The credentials.
    pub obtained: Obtained,
    root: Option<PrivateDir>,
    talker: Talker,
    clock: AwsClock,
}

impl Carried {
    /// What the history is to say of it; `None` where none is kept.
    pub fn subject(&self, request: &Request) -> Option<String> {
        let account = self.obtained.credentials.account_id.as_deref();
        let subject = || Subject::new(request, &self.resolved.plan.chain, account).render();
        self.resolved.options.history.then(subject)
    }

    /// A client for further calls, which knows what the ones before have learned.
    pub fn aws(&self) -> Aws {
        self.resolved.aws(self.talker, &self.clock)
    }
}

/// Reads the files, plans, and runs the plan. Where that fails, the profiles are looked at once more.
pub fn carry_out(invocation: &Invocation, host: Host<'_>) -> Result<Carried, CliError> {
    carry_out_once(invocation, host).map_err(|error| add_findings(error, &invocation.request, host))
}

fn carry_out_once(invocation: &Invocation, host: Host<'_>) -> Result<Carried, CliError> {
    let runs = Runs::new(invocation, host);
    let resolved = Resolved::load(&invocation.request, host, &runs.talker)?;
    if invocation.verbosity >= Verbosity::Verbose {
        decisions::say(&resolved, &invocation.request, host, &runs.talker);
    }
    let (resolved, obtained) = match &invocation.request.target {
        Target::Role(_) => second_try::run(resolved, &runs)?,
        Target::Named(_) | Target::Default => {
            let obtained = runs.run(&resolved).map_err(|error| explain_failed(error, &resolved, &runs))?;
            (resolved, obtained)
        }
    };
    let Runs { talker, clock, stores, .. } = runs;
    Ok(Carried { resolved, obtained, root: stores.root, talker, clock })
}

/// What the plans of one invocation are run with, be it one or two: caches, and the codes that were given.
struct Runs<'a> {
    invocation: &'a Invocation,
    host: Host<'a>,
    talker: Talker,
    clock: AwsClock,
    stores: Stores,
    given: GivenCodes,
    spent: SpentCodes,
    found: Found,
}

impl<'a> Runs<'a> {
    fn new(invocation: &'a Invocation, host: Host<'a>) -> Self {
        let talker = Talker::new(invocation.verbosity);
        let stores = Stores::open(host, &talker);
        let given = match (&invocation.mfa_code, host.var_set(env_vars::ROLO_MFA_CODE)) {
            (Some(code), _) => GivenCodes::new("`--mfa-code`", code.expose()),
            (None, Some(code)) => GivenCodes::new("`ROLO_MFA_CODE`", &code),
            (None, None) => GivenCodes::none(),
        };
        Self {
            invocation,
            host,
            talker,
            clock: AwsClock::default(),
            given,
            spent: SpentCodes::new(stores.root.as_ref()),
            found: Found::new(stores.root.as_ref()),
            stores,
        }
    }

    fn aws(&self, resolved: &Resolved) -> Aws {
        resolved.aws(self.talker, &self.clock)
    }

    fn run(&self, resolved: &Resolved) -> Result<Obtained, RunError> {
        let prompt = if self.invocation.asks_nothing {
            TerminalPrompt::mute()
        } else {
            TerminalPrompt::new(self.invocation.verbosity)
        };
        let codes = CodeSources {
            given: &self.given,
            prompt: &prompt,
            spent: &self.spent,
            host: self.host,
            hear: &self.talker,
        };
        let runner = Runner {
            plan: &resolved.plan,
            options: &Options {
                refresh_before_expiry: self
                    .invocation
                    .refresh_before_expiry
                    .unwrap_or(resolved.options.refresh_before_expiry),
                ..resolved.options
            },
            host: self.host,
            hear: &self.talker,
            codes,
            stores: &self.stores,
            aws: &self.aws(resolved),
            session_name: &resolved.session_name,
            found: &self.found,
            refresh: self.invocation.refresh,
            renewed_session: Cell::new(false),
        };
        runner.run()
    }
}

/// A request with everything that was read for it.
pub struct Resolved {
    /// The calls.
    pub plan: Plan,
    /// The person's options.
    pub options: Options,
    session_name: String,
    /// What an earlier hand-over set beside the credentials that are asked for again.
    handed_settings: Vec<(String, String)>,
    /// All that was read.
    notes: Notes,
}

impl Resolved {
    /// Reads the files and plans.
    pub fn load(request: &Request, host: Host<'_>, hear: &dyn Hear) -> Result<Self, CliError> {
        let recorded = Recorded::new(host);
        let host = recorded.host();
        let options = load_options(host)?;
        let files = ConfigFiles::load(&host).map_err(|error| explain(error.into()))?;
        let set = ProfileSet::parse(&files).map_err(|error| explain(error.into()))?;
        let user_env = UserEnv::new(host.env);
        let handed_settings = settings_that_hold(request, &set, &user_env);
        let host = if handed_settings.is_empty() { Host { env: &user_env, ..host } } else { host };
        let chain = resolve_chain(&set, host, request).map_err(|error| explain(error.into()))?;
        for warning in &chain.warnings {
            let place = warning.location.as_ref().map(|at| format!(" (at {at})")).unwrap_or_default();
            hear.hear(&Notice::Warning(format!("{}{place}", warning.text)));
        }
        let profiles = chain.profile.iter().chain(&chain.base.profile);
        let profiles = profiles.chain(chain.steps.iter().filter_map(|step| step.profile.as_ref()));
        if let Some(again) = profiles.filter_map(|name| set.profile(name)).find_map(Profile::repeated) {
            hear.hear(&Notice::Warning(format!(
                "{} stands twice, and the last line of each key counts; the AWS CLI refuses the whole file (at {})",
                again.what, again.location
            )));
        }
        let plan = plan_chain(chain, &set, host, &options, request);
        let session_name = default_session_name(host.env, &host_name());
        Ok(Self { plan, options, session_name, handed_settings, notes: recorded.notes() })
    }

    /// A client with the profile's settings; nothing is started before its first call.
    fn aws(&self, talker: Talker, clock: &AwsClock) -> Aws {
        Aws::new(self.plan.chain.settings.call_settings()).heard_by(Arc::new(talker), clock.clone())
    }

    fn hand_over_settings(&self) -> Vec<(String, String)> {
        let settings = &self.plan.chain.settings;
        let region =
            settings.region.iter().map(|region| (env_vars::AWS_REGION.to_owned(), region.value.clone()));
        let others = settings.profile_variables.iter().chain(&self.handed_settings);
        let is_region = |name: &str| [env_vars::AWS_REGION, env_vars::AWS_DEFAULT_REGION].contains(&name);
        region.chain(others.filter(|(name, _)| !is_region(name)).cloned()).collect()
    }
}

/// What an earlier hand-over set and still holds for `request`: its settings belong to its credentials, so they hold while
/// those are the ones asked for.
pub(crate) fn settings_that_hold(
    request: &Request,
    set: &ProfileSet<'_>,
    user_env: &UserEnv<'_>,
) -> Vec<(String, String)> {
    if request.names_profile(|name| set.profile(name).is_some()) {
        Vec::new()
    } else {
        user_env.handed_settings()
    }
}
