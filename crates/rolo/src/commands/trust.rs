//! `rolo trust`: a person approves a project's `assume-role.yaml`, having seen where it leads.
//!
//! The answer comes from the terminal and from nowhere else: what could say yes for a script could say it for the
//! project's own. Must not know how roles are taken on.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
};

use rolo_core::{
    arn::RoleArn,
    error::{ErrorName, HaveName},
    host::Host,
    talk::{Hear, Notice},
};
use serde::Serialize;

use crate::{
    cli::TrustArgs,
    error::{CliError, ErrorKind, exit_code, names},
    hints::{explain_folder, explain_keep},
    settings::{
        Config, RoleFile, load_config,
        lookup::{self, FILE_NAME, Found, Refusal},
        roles::{parse_role_file, refusal_remedy, shell_word},
        trust::{Approval, Approvals, Standing, approve, configured},
    },
    ui::{
        Verbosity,
        escape::{escape, render_json},
        question::Converse,
        table::{Look, render_table},
        talker::Talker,
        terminal::Terminal,
    },
};

/// What went wrong.
#[derive(Debug, thiserror::Error)]
enum TrustError {
    #[error("there is no `{FILE_NAME}` in `{}` or above it", .0.display())]
    NoneFound(PathBuf),
    #[error("there is no file `{}`", .0.display())]
    Absent(PathBuf),
    #[error("`{}` is not called `{FILE_NAME}`, so it is never looked at", .0.display())]
    OtherName(PathBuf),
    #[error("`{}` cannot be trusted", path.display())]
    Refused { path: PathBuf, source: Refusal },
    #[error("there is no terminal to ask on whether to trust `{}`", .0.display())]
    NobodyToAsk(PathBuf),
    #[error("the terminal failed")]
    Terminal(#[source] std::io::Error),
    #[error("`{}` is not trusted: the answer was not `y`", .0.display())]
    Declined(PathBuf),
    #[error("`{}` was not approved", .0.display())]
    NotApproved(PathBuf),
}

impl HaveName for TrustError {
    fn name(&self) -> ErrorName {
        match self {
            Self::NoneFound(_) | Self::Absent(_) | Self::OtherName(_) => names::TRUST_FILE_NOT_FOUND,
            Self::Refused { .. } => names::TRUST_FILE_REFUSED,
            Self::NobodyToAsk(_) | Self::Terminal(_) | Self::Declined(_) | Self::NotApproved(_) => {
                names::TRUST_NOT_GIVEN
            }
        }
    }
}

/// Does what `args` say.
pub fn run(args: &TrustArgs, host: Host<'_>) -> Result<u8, CliError> {
    let config = load_config(host)?;
    match args {
        TrustArgs { list: true, json, .. } => list(*json, &config, host),
        TrustArgs { forget: true, .. } => forget(args, &config, host),
        _ => ask(args, &config, host),
    }
}

/// Shows the file and asks.
fn ask(args: &TrustArgs, config: &Config, host: Host<'_>) -> Result<u8, CliError> {
    let verbosity = args.talk.verbosity();
    let Found { path, place, text } = find(args.file.as_deref())?;
    let text = text.map_err(|source| {
        let remedy = refusal_remedy(&source, &path);
        let error = TrustError::Refused { path: path.clone(), source };
        CliError::new(ErrorKind::Configuration, error).hint(remedy)
    })?;
    let file = parse_role_file(&text, &path)?;
    if lookup::home_path(host).is_some_and(|home| lookup::place_of(&home) == place) {
        return Ok(tell(verbosity, &format!("{} is your own and counts without approval", place.display())));
    }
    let before =
        match Approvals::open(host).map_err(explain_folder)?.standing(&place, &text, &config.trusted, host) {
            Standing::Configured(origin) => {
                return Ok(tell(verbosity, &format!("{} is trusted already, by {origin}", place.display())));
            }
            Standing::Approved(approval) => {
                let since = &approval.approved_at;
                return Ok(tell(
                    verbosity,
                    &format!("{} is trusted already, since {since}", place.display()),
                ));
            }
            Standing::Changed(approval) => Some(approval),
            Standing::Unknown => None,
        };
    let terminal = Terminal::open().ok_or_else(|| {
        CliError::new(ErrorKind::PersonNeeded, TrustError::NobodyToAsk(place.clone())).hint(format!(
            "run `rolo trust {}` at a terminal; for a machine, name the file under `trusted` in `config.toml`",
            shell_word(&place)
        ))
    })?;
    let failed = |error| {
        CliError::new(ErrorKind::Other, TrustError::Terminal(error)).hint("run it at another terminal")
    };
    // A line copied from a README could bring its own `y` along.
    terminal.drop_typed().map_err(failed)?;
    terminal.say(&render_question(&place, &file, config, before.as_ref())).map_err(failed)?;
    let answer = terminal.ask("trust it? [y/N] ").map_err(failed)?.unwrap_or_default();
    if !["y", "yes"].contains(&answer.to_ascii_lowercase().as_str()) {
        return Err(CliError::new(ErrorKind::Other, TrustError::Declined(place))
            .hint("run it again and answer `y` if this file may say which accounts roles are in"));
    }
    let prefix = file.role_prefix.map(|prefix| prefix.value);
    approve(&place, &text, prefix, host).map_err(explain_keep)?;
    Ok(tell(verbosity, &format!("{} is trusted, as it is now", place.display())))
}

/// What the file says, and where it leads. Harmless to the terminal, whatever stands in it.
fn render_question(place: &Path, file: &RoleFile, config: &Config, before: Option<&Approval>) -> String {
    let mut text = format!("{}\n", escape(&place.to_string_lossy()));
    let refresh = file.refresh_before_expiry.as_ref().map(|length| format!("{:#}", length.value));
    let name_prefix = file.profile_name_prefix.as_ref().map(|prefix| prefix.value.as_str());
    let role_prefix = file.role_prefix.as_ref().map(|prefix| prefix.value.as_str());
    for (key, value) in [
        ("role_prefix", role_prefix),
        ("refresh_before_expiry", refresh.as_deref()),
        ("profile_name_prefix", name_prefix),
    ] {
        if let Some(value) = value {
            // Writing into a `String` cannot fail.
            let _ = writeln!(text, "  {key}: {}", escape(value));
        }
    }
    let own = config.role_prefix.as_ref();
    let _ = match (role_prefix, own) {
        (Some(prefix), _) => writeln!(text, "`--role NAME` leads to {}", render_lead(prefix)),
        (None, Some(own)) => {
            let lead = render_lead(&own.value);
            let origin = own.origin.to_string();
            writeln!(text, "it sets no role_prefix; `--role NAME` leads to {lead}, by {}", escape(&origin))
        }
        (None, None) => writeln!(text, "it sets no role_prefix; `--role NAME` leads nowhere"),
    };
    if let Some(Approval { approved_at, role_prefix, .. }) = before {
        let lead = role_prefix.as_deref().map_or_else(|| "nowhere".to_owned(), render_lead);
        let since = escape(approved_at);
        let _ = writeln!(text, "it has changed since it was approved ({since}); then it led to {lead}");
    }
    text
}

/// The ARN of a role `NAME`, and its account apart, for that is what to look at.
fn render_lead(prefix: &str) -> String {
    let arn = RoleArn::new(format!("{prefix}NAME"));
    format!("{} in account {}", escape(arn.as_str()), escape(arn.account().unwrap_or("?")))
}

/// Takes an approval back. The file itself may be gone.
fn forget(args: &TrustArgs, config: &Config, host: Host<'_>) -> Result<u8, CliError> {
    let place = match args.file.as_deref() {
        Some(file) => lookup::place_of(&named(file)?),
        None => find(None)?.place,
    };
    let was_approved = Approvals::open(host).map_err(explain_folder)?.forget(&place).map_err(explain_keep)?;
    let setting = configured(&place, &config.trusted, host);
    if !was_approved {
        let hint = match setting {
            Some(_) => "it is trusted by this line of `config.toml`",
            None => "run `rolo trust --list` to see what is",
        };
        let at = setting.and_then(|setting| setting.origin.location().cloned());
        return Err(CliError::new(ErrorKind::Other, TrustError::NotApproved(place)).at(at).hint(hint));
    }
    if let Some(setting) = setting {
        let text = format!("`{}` is trusted still, by {}", place.display(), setting.origin);
        Talker::new(args.talk.verbosity()).hear(&Notice::Warning(text));
    }
    Ok(tell(args.talk.verbosity(), &format!("the approval of {} is forgotten", place.display())))
}

#[derive(Debug, Serialize)]
struct Row {
    path: String,
    /// What a role's name led to when it was approved.
    role_prefix: Option<String>,
    /// RFC 3339; nothing where `config.toml` says it.
    approved_at: Option<String>,
    /// The line of `config.toml` that says it.
    setting: Option<String>,
    /// `trusted`, `changed`, `unsafe` or `absent`.
    state: &'static str,
}

/// Prints what is trusted as a table, or as JSON: approvals by path, then what `config.toml` names.
fn list(json: bool, config: &Config, host: Host<'_>) -> Result<u8, CliError> {
    let approvals = Approvals::open(host).map_err(explain_folder)?.list().map_err(explain_keep)?;
    let approved = approvals.into_iter().map(|approval| Row {
        state: state(&approval),
        path: approval.path.to_string_lossy().into_owned(),
        role_prefix: approval.role_prefix,
        approved_at: Some(approval.approved_at),
        setting: None,
    });
    let configured = config.trusted.iter().map(|setting| Row {
        path: setting.value.clone(),
        role_prefix: None,
        approved_at: None,
        setting: Some(setting.origin.to_string()),
        state: "trusted",
    });
    let rows: Vec<Row> = approved.chain(configured).collect();
    let text = if json { render_json(&serde_json::json!(rows)) } else { render_rows(&rows) };
    std::io::stdout().write_all(text.as_bytes()).map(|()| exit_code::DONE).map_err(CliError::output)
}

fn state(approval: &Approval) -> &'static str {
    match lookup::load(&approval.path).map(|found| found.text) {
        None => "absent",
        Some(Err(_)) => "unsafe",
        Some(Ok(text)) if approval.is_for(&text) => "trusted",
        Some(Ok(_)) => "changed",
    }
}

fn render_rows(rows: &[Row]) -> String {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let since = row.approved_at.as_ref().or(row.setting.as_ref()).cloned();
            vec![row.path.clone(), or_dash(&row.role_prefix), or_dash(&since), row.state.to_owned()]
        })
        .collect();
    render_table(&["FILE", "ROLE PREFIX", "SINCE, OR BY", "STATE"], &cells, Look::of_stdout())
}

/// The file that is meant, which must be there.
fn find(file: Option<&Path>) -> Result<Found, CliError> {
    let absent = |error| CliError::new(ErrorKind::Configuration, error);
    let Some(file) = file else {
        let cwd = std::env::current_dir().map_err(CliError::no_folder)?;
        return lookup::find_upwards(&cwd).ok_or_else(|| {
            absent(TrustError::NoneFound(cwd))
                .hint("change to the project, or name its file: `rolo trust FILE`")
        });
    };
    let path = named(file)?;
    lookup::load(&path).ok_or_else(|| {
        absent(TrustError::Absent(path)).hint("name the file, or the folder that it is in: `rolo trust FILE`")
    })
}

/// The whole path of a file that a person named, or whose folder.
fn named(file: &Path) -> Result<PathBuf, CliError> {
    let mut path = std::path::absolute(file).map_err(CliError::no_folder)?;
    if path.is_dir() {
        path.push(FILE_NAME);
    }
    match path.file_name() {
        Some(name) if name == FILE_NAME => Ok(path),
        _ => Err(CliError::new(ErrorKind::Usage, TrustError::OtherName(path))
            .hint(format!("name a file `{FILE_NAME}`, or the folder that has one"))),
    }
}

/// Says how it went, on standard error: nothing that a program would read.
fn tell(verbosity: Verbosity, text: &str) -> u8 {
    if verbosity > Verbosity::Quiet {
        // Nobody to tell it to is no reason to fail.
        let _ = writeln!(std::io::stderr(), "{}", escape(text));
    }
    exit_code::DONE
}
