//! `rolo list`: every profile with what it leads to, and what is cached of it. No network.

use std::io::Write;

use jiff::{SignedDuration, Timestamp};
use rolo_core::{
    cache::{own::OwnCache, resolve_root},
    chain::{
        plan::{Options, Plan, plan_chain},
        request::Request,
        resolve::resolve_chain,
        source::{BaseSource, Chain},
    },
    credentials::render_expiration,
    handed::UserEnv,
    host::Host,
    private_file::PrivateDir,
    profile::{ConfigFiles, Profile, ProfileSet},
};
use serde::Serialize;

use crate::{
    error::{CliError, ErrorKind, exit_code},
    hints::explain,
    settings::load_options,
    ui::{
        escape::render_json,
        left::render_left,
        table::{Look, render_table},
    },
};

/// A profile as it is listed; in JSON the fields' names are the keys.
#[derive(Debug, Serialize)]
struct Row {
    profile: String,
    account: Option<String>,
    role_arn: Option<String>,
    /// The profile or machine source the chain starts from.
    source: Option<String>,
    mfa_serial: Option<String>,
    region: Option<String>,
    /// Expiry of cached credentials that are still alive.
    cached_until: Option<String>,
    /// Why the profile leads nowhere.
    error: Option<String>,
    #[serde(skip)]
    left: Option<SignedDuration>,
}

/// Prints the table, or JSON.
pub fn run(json: bool, host: Host<'_>) -> Result<u8, CliError> {
    let options = load_options(host)?;
    let files = ConfigFiles::load(&host).map_err(|error| explain(error.into()))?;
    let set = ProfileSet::parse(&files).map_err(|error| explain(error.into()))?;
    let own = resolve_root(host)
        .and_then(|path| PrivateDir::open(&path).ok())
        .and_then(|root| OwnCache::open(&root).ok());
    let lister = Lister { set: &set, host, options, own, now: host.clock.now() };
    let rows: Vec<Row> = set.profiles().map(|profile| lister.row(profile)).collect();
    let text = if json { render_json(&serde_json::json!(rows)) } else { render_rows(&rows) };
    std::io::stdout()
        .write_all(text.as_bytes())
        .map(|()| exit_code::DONE)
        .map_err(|error| CliError::new(ErrorKind::Other, error))
}

struct Lister<'a> {
    set: &'a ProfileSet<'a>,
    host: Host<'a>,
    options: Options,
    own: Option<OwnCache>,
    now: Timestamp,
}

impl Lister<'_> {
    fn row(&self, profile: &Profile<'_>) -> Row {
        let mut row = Row {
            profile: profile.name().to_owned(),
            account: None,
            role_arn: None,
            source: None,
            mfa_serial: None,
            region: None,
            cached_until: None,
            error: None,
            left: None,
        };
        let user_env = UserEnv::new(self.host.env);
        let host = Host { env: &user_env, ..self.host };
        let request = Request::for_profile(profile.name());
        match resolve_chain(self.set, host, &request) {
            Err(error) => row.error = Some(error.to_string()),
            Ok(chain) => {
                let plan = plan_chain(chain, self.set, host, &self.options, &request);
                self.fill(&mut row, &plan);
            }
        }
        row
    }

    fn fill(&self, row: &mut Row, plan: &Plan) {
        let chain = &plan.chain;
        row.source = Some(source_in_words(chain));
        row.region = chain.settings.region.as_ref().map(|region| region.value.clone());
        row.mfa_serial = match chain.steps.as_slice() {
            [] => chain.base.mfa_serial.as_ref(),
            steps => steps.iter().find_map(|step| step.mfa_serial.as_ref()),
        }
        .map(|serial| serial.value.to_string());
        row.account = chain.account().map(str::to_owned);
        row.role_arn = chain.role().map(str::to_owned);
        let entry = plan.key().and_then(|key| self.own.as_ref()?.load(key));
        if let Some(at) = entry.and_then(|entry| entry.credentials.expiration).filter(|at| *at > self.now) {
            row.cached_until = Some(render_expiration(at));
            row.left = Some(at.duration_since(self.now));
        }
    }
}

fn source_in_words(chain: &Chain) -> String {
    match (&chain.base.source, &chain.base.profile) {
        (BaseSource::Environment(_), _) => "environment".to_owned(),
        (BaseSource::Container { .. }, _) => "container".to_owned(),
        (BaseSource::Imds(_), _) => "EC2 metadata".to_owned(),
        (BaseSource::Sso(sso), _) => format!("sso: {}", sso.sign_in_name()),
        (BaseSource::WebIdentity(_), _) => "web identity".to_owned(),
        (BaseSource::Process { .. }, _) => "process".to_owned(),
        (BaseSource::Static(_), Some(profile)) if chain.steps.is_empty() => {
            if chain.profile.as_ref() == Some(profile) { "keys".to_owned() } else { profile.clone() }
        }
        (BaseSource::Static(_), profile) => profile.clone().unwrap_or_else(|| "keys".to_owned()),
    }
}

fn render_rows(rows: &[Row]) -> String {
    let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let role =
                row.role_arn.as_deref().map(|arn| arn.split_once(":role/").map_or(arn, |(_, name)| name));
            let state = match (&row.error, row.left) {
                (Some(error), _) => error.clone(),
                (None, Some(left)) => format!("{} left", render_left(left)),
                (None, None) => "-".to_owned(),
            };
            vec![
                row.profile.clone(),
                or_dash(row.account.as_deref()),
                or_dash(role),
                or_dash(row.source.as_deref()),
                if row.mfa_serial.is_some() { "yes" } else { "-" }.to_owned(),
                state,
            ]
        })
        .collect();
    render_table(&["PROFILE", "ACCOUNT", "ROLE", "SOURCE", "MFA", "CACHED"], &cells, Look::of_stdout())
}
