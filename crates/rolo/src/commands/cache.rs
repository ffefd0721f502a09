//! `rolo cache`: shows and clears what is kept. Never a secret on the way out.

use std::io::Write;

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
    host::Host,
    private_file::PrivateDir,
    talk::{Hear, Notice},
};
use serde::Serialize;

use crate::{
    cli::CacheClearArgs,
    error::{CliError, ErrorKind, exit_code},
    obtain::Resolved,
    ui::{
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
        Some((_, own)) => own.list().map_err(other)?.iter().map(|listed| row(listed, now)).collect(),
        None => Vec::new(),
    };
    let text = if json { format!("{:#}\n", serde_json::json!(rows)) } else { render_rows(&rows) };
    std::io::stdout().write_all(text.as_bytes()).map(|()| exit_code::DONE).map_err(other)
}

/// Forgets what `args` name.
pub fn clear(args: &CacheClearArgs, host: Host<'_>) -> Result<u8, CliError> {
    let talker = Talker::new(args.talk.verbosity());
    let Some((root, own)) = open(host)? else { return Ok(exit_code::DONE) };
    let now = host.clock.now();
    let cli = host.home().map(|home| CliCache::new(&home));
    let cleared = match args.profile.as_ref().or(args.named.as_ref()) {
        Some(profile) => {
            let plan = Resolved::load(&Request::for_profile(profile.as_str()), host, &talker)?.plan;
            let keys: Vec<CacheKey> =
                plan.hops.iter().map(|hop| hop.key).chain(plan.key().copied()).collect();
            for hop in &plan.hops {
                forget_shared(&own, cli.as_ref(), &hop.key, hop.cli_file.as_deref(), now);
            }
            own.clear(now, |listed| {
                let of_profile = listed.entry.as_ref().is_some_and(|entry| {
                    entry.about.kind != Kind::MfaSession && entry.about.profile.as_ref() == Some(profile)
                });
                of_profile || keys.contains(&listed.key)
            })
        }
        None if args.expired => own.clear(now, |listed| state(listed, now) != "valid"),
        None => own.clear(now, |_| true),
    }
    .map_err(other)?;
    if args.all {
        Memo::clear(&root, host).map_err(other)?;
    }
    talker.hear(&Notice::Step(format!("{cleared} entries forgotten")));
    Ok(exit_code::DONE)
}

/// Removes what rolo left for the AWS CLI, which would otherwise come right back: only where that file still holds the
/// same credentials as the own entry, so that nothing is removed that the CLI got for itself.
fn forget_shared(own: &OwnCache, cli: Option<&CliCache>, key: &CacheKey, file: Option<&str>, now: Timestamp) {
    let (Some(cli), Some(file), Some(entry)) = (cli, file, own.load(key)) else { return };
    let shared = cli.load_sso_role(file, now).ok().flatten();
    if shared.is_some_and(|shared| shared.access_key_id == entry.credentials.access_key_id) {
        // A file that stays is the CLI's to use; it does not keep the own entry from being forgotten.
        let _ = cli.remove(file);
    }
}

fn open(host: Host<'_>) -> Result<Option<(PrivateDir, OwnCache)>, CliError> {
    let Some(path) = resolve_root(host) else { return Ok(None) };
    let root = match PrivateDir::open(&path) {
        Err(error) if error.is_absent() => return Ok(None),
        root => root.map_err(|error| CliError::new(ErrorKind::Other, Unusable(error.to_line())))?,
    };
    let own =
        OwnCache::open(&root).map_err(|error| CliError::new(ErrorKind::Other, Unusable(error.to_line())))?;
    Ok(Some((root, own)))
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unusable(String);

fn other(error: impl std::error::Error + Send + Sync + 'static) -> CliError {
    CliError::new(ErrorKind::Other, error)
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
