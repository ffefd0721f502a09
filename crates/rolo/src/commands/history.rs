//! `rolo history`: which roles were used when, and by which command. No network, no config.

use std::io::Write;

use rolo_core::{
    credentials::render_expiration,
    history::{self, Use},
    host::Host,
};
use serde::Serialize;

use crate::{
    cli::HistoryArgs,
    error::{CliError, exit_code},
    hints::explain_history,
    ui::{
        Verbosity,
        escape::render_json,
        table::{Look, render_table},
    },
};

/// A use as it is shown; in JSON the fields' names are the keys.
#[derive(Debug, Serialize)]
struct Row {
    /// RFC 3339.
    time: String,
    command: String,
    /// The program that `exec` ran.
    program: Option<String>,
    profile: Option<String>,
    account: Option<String>,
    /// Or a role's name in IAM Identity Center; nothing for keys.
    role_arn: Option<String>,
}

/// Prints the uses, or forgets them.
pub fn run(args: &HistoryArgs, host: Host<'_>) -> Result<u8, CliError> {
    if args.clear {
        history::clear(host).map_err(explain_history)?;
        return Ok(exit_code::DONE);
    }
    let rows: Vec<Row> = history::load(host).map_err(explain_history)?.into_iter().map(row).collect();
    if rows.is_empty() && !args.json {
        if args.talk.verbosity() > Verbosity::Quiet {
            // Nobody to tell it to is no reason to fail.
            let _ = std::io::stderr().write_all(b"the history is empty\n");
        }
        return Ok(exit_code::DONE);
    }
    let text = if args.json { render_json(&serde_json::json!(rows)) } else { render_rows(&rows) };
    std::io::stdout().write_all(text.as_bytes()).map(|()| exit_code::DONE).map_err(CliError::output)
}

fn row(Use { at, command, program, subject }: Use) -> Row {
    Row {
        time: render_expiration(at),
        command,
        program,
        profile: subject.profile,
        account: subject.account,
        role_arn: subject.role,
    }
}

fn render_rows(rows: &[Row]) -> String {
    let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let role =
                row.role_arn.as_deref().map(|arn| arn.split_once(":role/").map_or(arn, |(_, name)| name));
            let command = match &row.program {
                Some(program) => format!("{} {program}", row.command),
                None => row.command.clone(),
            };
            vec![
                row.time.clone(),
                command,
                or_dash(row.profile.as_deref()),
                or_dash(row.account.as_deref()),
                or_dash(role),
            ]
        })
        .collect();
    render_table(&["TIME", "COMMAND", "PROFILE", "ACCOUNT", "ROLE"], &cells, Look::of_stdout())
}
