//! `rolo list`: every profile with what it leads to, and what is cached of it. No network.

use std::io::Write;

use rolo_core::{credentials::render_expiration, host::Host};
use serde::Serialize;

use crate::{
    error::{CliError, exit_code},
    leads::{Lead, load_leads},
    ui::{
        escape::render_json,
        left::render_left,
        table::{Look, render_table},
    },
};

/// A profile as it is listed in JSON; the fields' names are the keys.
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
}

/// Prints the table, or JSON.
pub fn run(json: bool, host: Host<'_>) -> Result<u8, CliError> {
    let leads = load_leads(host)?;
    let text = if json {
        let rows: Vec<Row> = leads.into_iter().map(row).collect();
        render_json(&serde_json::json!(rows))
    } else {
        render_rows(&leads)
    };
    std::io::stdout().write_all(text.as_bytes()).map(|()| exit_code::DONE).map_err(CliError::output)
}

fn row(lead: Lead) -> Row {
    Row {
        profile: lead.profile,
        account: lead.account,
        role_arn: lead.role,
        source: lead.source,
        mfa_serial: lead.mfa_serial,
        region: lead.region,
        cached_until: lead.cached.map(|(at, _)| render_expiration(at)),
        error: lead.error,
    }
}

fn render_rows(leads: &[Lead]) -> String {
    let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
    let cells: Vec<Vec<String>> = leads
        .iter()
        .map(|lead| {
            let state = match (&lead.error, lead.cached) {
                (Some(error), _) => error.clone(),
                (None, Some((_, left))) => format!("{} left", render_left(left)),
                (None, None) => "-".to_owned(),
            };
            vec![
                lead.profile.clone(),
                or_dash(lead.account.as_deref()),
                or_dash(lead.role_name()),
                or_dash(lead.source.as_deref()),
                if lead.mfa_serial.is_some() { "yes" } else { "-" }.to_owned(),
                state,
            ]
        })
        .collect();
    render_table(&["PROFILE", "ACCOUNT", "ROLE", "SOURCE", "MFA", "CACHED"], &cells, Look::of_stdout())
}
