//! `rolo doctor --fix`: shows what would be changed, asks once, and changes it.
//!
//! Must not know what was looked for: findings bring along what mends them.

use std::{fmt::Write, io};

use rolo_core::{
    doctor::{Finding, Fix},
    host::Host,
    talk::{Hear, Notice, in_one_line},
};

use crate::{
    error::{CliError, shorten_home},
    saved,
    ui::{escape::escape_to_one_line, talker::Talker, terminal::Terminal},
};

/// Mends what `findings` bring the means for; whether anything was changed.
pub(super) fn mend(
    findings: &[Finding],
    yes: bool,
    host: Host<'_>,
    talker: Talker,
) -> Result<bool, CliError> {
    let mut fixes: Vec<&Fix> = findings.iter().flat_map(|finding| &finding.fixes).collect();
    // Folders come before what is in them, and modes before what is removed: a folder that is open to all is not used.
    fixes.sort_by_key(|fix| (!matches!(fix, Fix::Mode { .. }), fix.path(), fix.to_string()));
    fixes.dedup();
    if fixes.is_empty() {
        talker.tell("nothing here can be mended without a decision of yours");
        return Ok(false);
    }
    let shown = show(&fixes, host);
    if !yes && !is_wanted(&shown, fixes.len(), talker) {
        return Ok(false);
    }
    if yes {
        talker.tell(shown.trim_end());
    }
    let mut changed = false;
    for fix in &fixes {
        match fix.apply() {
            Ok(made) => changed |= made,
            Err(error) => talker.hear(&Notice::Warning(in_one_line(&error))),
        }
    }
    let saved: Vec<&str> = fixes
        .iter()
        .filter_map(|fix| match fix {
            Fix::SavedProfile { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    if !saved.is_empty() {
        changed |= !saved::clean(host, &talker, |name| saved.contains(&name))?.is_empty();
    }
    Ok(changed)
}

/// A line for each change.
fn show(fixes: &[&Fix], host: Host<'_>) -> String {
    let home = host.home();
    let home = home.as_deref().and_then(|home| home.to_str()).map(|home| home.trim_end_matches('/'));
    fixes.iter().fold(String::new(), |mut text, fix| {
        // Writing into a `String` cannot fail.
        let _ = writeln!(text, "fix: {}", shorten_home(&escape_to_one_line(&fix.to_string()), home));
        text
    })
}

/// Asks a person once. Where there is none, all stays as it is.
fn is_wanted(shown: &str, count: usize, talker: Talker) -> bool {
    let answer = Terminal::open().and_then(|terminal| ask(&terminal, shown, count).ok());
    match &answer {
        None => {
            talker.tell(shown.trim_end());
            talker.tell(
                "nothing was changed, for nobody can be asked: run it again with `--yes` to make the changes",
            );
        }
        Some(false) => talker.tell("nothing was changed"),
        Some(true) => {}
    }
    answer == Some(true)
}

fn ask(terminal: &Terminal, shown: &str, count: usize) -> io::Result<bool> {
    let changes = if count == 1 { "this change".to_owned() } else { format!("these {count} changes") };
    terminal.drop_typed()?;
    terminal.say(&format!("{shown}make {changes}? [y/N] "))?;
    let line = terminal.read_line()?;
    Ok(line.is_some_and(|line| ["y", "yes"].iter().any(|yes| line.expose().eq_ignore_ascii_case(yes))))
}
