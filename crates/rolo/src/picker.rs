//! Lets a person pick one of many by typing a few letters of it, at the terminal: `rolo use` alone.
//!
//! [`pick`] knows nothing of profiles: it takes cells of text. Standard input and output are left alone.

mod align;
mod frame;
mod frecency;
mod keys;
mod program;
mod query;
mod screen;
mod state;

use rolo_core::{
    env_vars::{NO_COLOR, ROLO_PICKER},
    error::names::NO_CREDENTIALS,
    history,
    host::Host,
    talk::{Hear, Notice, in_one_line},
};

use self::{frame::View, program::ProgramError, query::Haystack, state::State};
use crate::{
    error::{CliError, ErrorKind},
    leads::{Lead, load_leads},
    ui::{Verbosity, left::render_left, talker::Talker, terminal::Terminal},
};

/// One of those to pick from. All have as many cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What is found by typing; the first is its name.
    pub searched: Vec<String>,
    /// What is only shown.
    pub noted: Vec<String>,
}

impl Item {
    fn cells(&self) -> impl Iterator<Item = &str> {
        self.searched.iter().chain(&self.noted).map(String::as_str)
    }
}

/// Why nothing could be picked.
#[derive(Debug, thiserror::Error)]
pub enum PickError {
    /// Nobody is there to pick.
    #[error("there is no terminal to pick at")]
    NoTerminal,
    /// The terminal failed.
    #[error("the terminal failed")]
    Terminal(#[from] std::io::Error),
    /// The program that is to pick did not.
    #[error(transparent)]
    Program(#[from] ProgramError),
}

/// The number of the item that a person picks, by the program that `ROLO_PICKER` names or here. `None`: none of them.
pub fn pick(items: &[Item], host: Host<'_>) -> Result<Option<usize>, PickError> {
    let terminal = Terminal::open().ok_or(PickError::NoTerminal)?;
    if let Some(command) = host.var_set(ROLO_PICKER) {
        return Ok(program::choose(&command, items)?);
    }
    if host.env.var("TERM").is_some_and(|term| term == "dumb") {
        return Err(PickError::NoTerminal);
    }
    let mut state = State::new(items.iter().map(|item| Haystack::new(&item.searched)).collect());
    let view = View::new(items, host.var_set(NO_COLOR).is_none());
    Ok(screen::choose(&mut state, &view, &terminal)?)
}

/// The name of the profile that a person picks, what is used often and lately at hand. `None`: nothing was picked.
pub fn pick_profile(host: Host<'_>, verbosity: Verbosity) -> Result<Option<String>, CliError> {
    // Before the files are read: a script is to hear what is missing, whatever stands in them.
    if Terminal::open().is_none() {
        return Err(explain(PickError::NoTerminal));
    }
    let mut leads: Vec<Lead> = load_leads(host)?.into_iter().filter(|lead| lead.error.is_none()).collect();
    if leads.is_empty() {
        return Err(CliError::named(
            ErrorKind::Configuration,
            NO_CREDENTIALS,
            "there is no profile that leads to credentials",
        )
        .hint("`rolo list` shows what is wrong with each; `rolo configure` makes one"));
    }
    let uses = history::load(host).unwrap_or_else(|error| {
        let step = format!("the profiles are not ordered by use: {}", in_one_line(&error));
        Talker::new(verbosity).hear(&Notice::Step(step));
        Vec::new()
    });
    let named = uses.iter().filter_map(|entry| Some((profile_of(&entry.subject)?, entry.at)));
    frecency::order(&mut leads, &frecency::weigh(named, host.clock.now()), |lead| &lead.profile);
    let items: Vec<Item> = leads.iter().map(item_of).collect();
    let picked = pick(&items, host).map_err(explain)?;
    Ok(picked.map(|number| leads.swap_remove(number).profile))
}

/// The profile that a use was of, where it was of nothing else.
fn profile_of(subject: &history::Subject) -> Option<&str> {
    let is_else = subject.is_role || subject.role_arn.is_some() || subject.source_profile.is_some();
    subject.target.as_deref().filter(|_| !is_else)
}

fn item_of(lead: &Lead) -> Item {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let left = lead.cached.map(|(_, left)| format!("{} left", render_left(left)));
    Item {
        searched: vec![lead.profile.clone(), text(lead.account.as_deref()), text(lead.role_name())],
        noted: vec![left.unwrap_or_default(), text(lead.source.as_deref())],
    }
}

fn explain(error: PickError) -> CliError {
    let (kind, hint) = match &error {
        PickError::NoTerminal => (ErrorKind::PersonNeeded, "name a profile: `rolo list` shows them"),
        PickError::Terminal(_) => (ErrorKind::Other, "name a profile: `rolo list` shows them"),
        PickError::Program(_) => (
            ErrorKind::Configuration,
            "unset `ROLO_PICKER` for rolo's own picker, or set it to such a command as `fzf`",
        ),
    };
    CliError::new(kind, error).hint(hint)
}
