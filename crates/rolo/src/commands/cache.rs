//! `rolo cache`: shows and clears what is kept. Never a secret on the way out.

use std::{collections::HashSet, io::Write};

use jiff::Timestamp;
use rolo_core::{
    cache::{
        aws_cli::CliCache,
        key::CacheKey,
        memo::Memo,
        own::{Kind, Listed, OwnCache},
        resolve_root,
    },
    chain::request::Request,
    credentials::render_expiration,
    found::Found,
    host::Host,
    private_file::PrivateDir,
    talk::{Hear, Notice},
};
use serde::Serialize;

use crate::{
    cli::CacheClearArgs,
    error::{CliError, exit_code},
    hints::{explain_cache, explain_folder},
    obtain::Resolved,
    ui::{
        escape::render_json,
        table::{Look, render_table},
        talker::Talker,
    },
};

#[derive(Debug, Serialize)]
struct Row {
    kind: &'static str,
    profile: Option<String>,
    role_arn: Option<String>,
    mfa_serial: Option<String>,
    region: Option<String>,
    /// RFC 3339; nothing for a damaged entry.
    expiration: Option<String>,
    /// `valid`, `expired` or `damaged`.
    state: &'static str,
}

/// Prints the entries as a table, or as JSON.
pub fn list(json: bool, host: Host<'_>) -> Result<u8, CliError> {
    let now = host.clock.now();
    let rows: Vec<Row> = match open(host)? {
        Some((_, own)) => own.list().map_err(explain_cache)?.iter().map(|listed| row(listed, now)).collect(),
        None => Vec::new(),
    };
    let text = if json { render_json(&serde_json::json!(rows)) } else { render_rows(&rows) };
    std::io::stdout().write_all(text.as_bytes()).map(|()| exit_code::DONE).map_err(CliError::output)
}

/// Forgets what `args` name, and what rolo left of it to the AWS CLI, which would otherwise come right back. What the
/// CLI got for itself stays.
pub fn clear(args: &CacheClearArgs, host: Host<'_>) -> Result<u8, CliError> {
    let talker = Talker::new(args.talk.verbosity());
    let Some((root, own)) = open(host)? else { return Ok(exit_code::DONE) };
    let now = host.clock.now();
    let is_meant = meaning(args, host, &own, talker)?;
    let mut ids = HashSet::new();
    let cleared = own
        .clear(now, |listed| {
            let meant = is_meant(listed);
            if let (true, Some(entry)) = (meant, &listed.entry) {
                ids.insert(entry.credentials.access_key_id.clone());
            }
            meant
        })
        .map_err(explain_cache)?;
    if let Some(home) = host.home() {
        CliCache::new(&home).clear(|id| ids.contains(id)).map_err(explain_cache)?;
    }
    if args.all {
        Memo::clear(&root, host).map_err(explain_folder)?;
        Found::new(Some(&root)).clear().map_err(explain_cache)?;
        remove_leftovers(&root, host).map_err(explain_cache)?;
    }
    talker.hear(&Notice::Step(format!("{cleared} entries forgotten")));
    Ok(exit_code::DONE)
}

/// Removes the temporary files that killed runs left where nothing is cleared: beside the spent codes, which are kept so
/// that none is sent twice, and in the AWS CLI's cache.
fn remove_leftovers(root: &PrivateDir, host: Host<'_>) -> std::io::Result<()> {
    let now = host.clock.now();
    if let Ok(spent) = root.open_subdir("mfa") {
        spent.remove_leftovers(now)?;
    }
    if let Some(home) = host.home() {
        CliCache::new(&home).remove_leftovers(now)?;
    }
    Ok(())
}

type Meant = Box<dyn Fn(&Listed) -> bool>;

/// Which entries `args` mean. A profile means its roles, and not the MFA session that others share; one that is no
/// longer in the files means what was got for it.
fn meaning(args: &CacheClearArgs, host: Host<'_>, own: &OwnCache, talker: Talker) -> Result<Meant, CliError> {
    let Some(profile) = args.profile.as_ref().or(args.named.as_ref()) else {
        let (expired, now) = (args.expired, host.clock.now());
        return Ok(Box::new(move |listed| !expired || state(listed, now) != "valid"));
    };
    let name = profile.clone();
    let is_got_for = move |listed: &Listed| {
        listed.entry.as_ref().is_some_and(|entry| {
            entry.about.kind != Kind::MfaSession && entry.about.profile.as_ref() == Some(&name)
        })
    };
    let keys: Vec<CacheKey> = match Resolved::load(&Request::for_profile(profile.as_str()), host, &talker) {
        Ok(Resolved { plan, .. }) => plan.hops.iter().map(|hop| hop.key).chain(plan.key().copied()).collect(),
        Err(error) if !own.list().map_err(explain_cache)?.iter().any(&is_got_for) => return Err(error),
        Err(_) => Vec::new(),
    };
    Ok(Box::new(move |listed| is_got_for(listed) || keys.contains(&listed.key)))
}

fn open(host: Host<'_>) -> Result<Option<(PrivateDir, OwnCache)>, CliError> {
    let Some(path) = resolve_root(host) else { return Ok(None) };
    let root = match PrivateDir::open(&path) {
        Err(error) if error.is_absent() => return Ok(None),
        root => root.map_err(explain_folder)?,
    };
    let own = OwnCache::open(&root).map_err(explain_folder)?;
    Ok(Some((root, own)))
}

fn state(listed: &Listed, now: Timestamp) -> &'static str {
    match &listed.entry {
        None => "damaged",
        Some(entry) if entry.credentials.expiration.is_none_or(|at| at > now) => "valid",
        Some(_) => "expired",
    }
}

fn row(listed: &Listed, now: Timestamp) -> Row {
    let about = listed.entry.as_ref().map(|entry| entry.about.clone()).unwrap_or_default();
    Row {
        kind: match (&listed.entry, about.kind) {
            (None, _) => "damaged",
            (_, Kind::MfaSession) => "mfa-session",
            (_, Kind::Sso) => "sso",
            (_, Kind::WebIdentity) => "web-identity",
            _ => "role",
        },
        profile: about.profile,
        role_arn: about.role_arn,
        mfa_serial: about.mfa_serial,
        region: about.region,
        expiration: listed
            .entry
            .as_ref()
            .and_then(|entry| entry.credentials.expiration)
            .map(render_expiration),
        state: state(listed, now),
    }
}

fn render_rows(rows: &[Row]) -> String {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let subject = row.role_arn.as_ref().or(row.mfa_serial.as_ref()).cloned();
            vec![
                row.kind.to_owned(),
                or_dash(&row.profile),
                or_dash(&subject),
                or_dash(&row.expiration),
                row.state.to_owned(),
            ]
        })
        .collect();
    render_table(&["KIND", "PROFILE", "ROLE OR DEVICE", "EXPIRES", "STATE"], &cells, Look::of_stdout())
}
