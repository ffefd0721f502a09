//! `--check`: the run itself, told level by level.
//!
//! Caches serve as in any run, so what is told of a level is what a run meets there. Must not know how it is shown.

use jiff::Timestamp;
use rolo_core::{
    chain::{attempt::HopName, run::RunError},
    explain::{Kept, Level, LevelKind, Now},
    host::Host,
};

use super::{Explained, load};
use crate::{error::CliError, hints::explain_call, invocation::Invocation, obtain::carry_out};

/// What came of a run.
#[derive(Debug)]
pub struct Checked {
    /// One for each level, from the keys to the last role.
    pub hops: Vec<Hop>,
    /// Whose credentials were had, as AWS says.
    pub arn: Option<String>,
    /// Why there are none.
    pub error: Option<CliError>,
    /// When it was over.
    pub now: Timestamp,
}

/// What came of a level.
#[derive(Debug)]
pub struct Hop {
    /// Counted from 0.
    pub level: usize,
    /// How it went.
    pub outcome: Outcome,
    /// Until when its credentials are good, where that is known.
    pub until: Option<Timestamp>,
    /// Whose they are, where that is known.
    pub session_arn: Option<String>,
}

/// How it went at a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its call went well, or its keys were there.
    Had,
    /// A cache had it.
    Cached,
    /// It failed.
    Failed,
    /// A level before it failed.
    NotReached,
    /// A level after it was cached.
    NotNeeded,
}

/// Carries the invocation out and puts what came of it beside `before`, whose levels become those that the run had: of a
/// role that turned out to want MFA one more.
pub fn check(before: Explained, invocation: &Invocation, host: Host<'_>) -> Result<Explained, CliError> {
    let start = host.clock.now();
    let ended = carry_out(invocation, host).and_then(|carried| {
        let identity = carried.aws().get_caller_identity(&carried.obtained.credentials);
        identity
            .map(|identity| (identity.arn, carried.obtained.credentials.expiration))
            .map_err(|error| explain_call(error, &carried.resolved.plan.chain))
    });
    let after = load(invocation, host)?;
    let levels = &after.explanation.levels;
    let grew = levels.len() != before.explanation.levels.len();
    let failed = ended.as_ref().err().map(|error| failed_level(error, levels));
    let hops = levels
        .iter()
        .enumerate()
        .map(|(index, level)| {
            let planned = before.explanation.levels.get(index).filter(|_| !grew).map(|level| level.now);
            let outcome = match failed {
                Some(failed) if index == failed => Outcome::Failed,
                Some(failed) if index > failed => Outcome::NotReached,
                _ => outcome(planned, level, start),
            };
            hop(index, outcome, level)
        })
        .collect();
    let mut explained = if grew { after } else { before };
    let (arn, until, error) = match ended {
        Ok((arn, until)) => (Some(arn), until, None),
        Err(error) => (None, None, Some(error)),
    };
    let mut checked = Checked { hops, arn, error, now: host.clock.now() };
    if let (Some(last), None) = (checked.hops.last_mut(), &checked.error) {
        last.until = until;
        last.session_arn.clone_from(&checked.arn);
    }
    explained.checked = Some(checked);
    Ok(explained)
}

fn hop(level: usize, outcome: Outcome, now: &Level) -> Hop {
    let kept = now.kept.first().filter(|_| matches!(outcome, Outcome::Had | Outcome::Cached));
    Hop {
        level,
        outcome,
        until: kept.and_then(Kept::until),
        session_arn: kept.and_then(|kept| kept.session_arn.clone()),
    }
}

/// Of a level that did not fail. Of one that was not planned only its cache tells whether it is of this run.
fn outcome(planned: Option<Now>, level: &Level, start: Timestamp) -> Outcome {
    // A cache keeps whole seconds, so what is of this very second may be older than the run.
    let issued = level.kept.first().and_then(|kept| kept.issued_at).map(Timestamp::as_second);
    match planned {
        Some(Now::Cached(_)) => Outcome::Cached,
        Some(Now::Spared) if issued.is_none_or(|at| at <= start.as_second()) => Outcome::NotNeeded,
        Some(_) => Outcome::Had,
        None if matches!(level.kind, LevelKind::Key { .. }) => Outcome::Had,
        None if issued.is_some_and(|at| at >= start.as_second()) => Outcome::Had,
        None => Outcome::Cached,
    }
}

/// The level that `error` ended; `levels` are those after it. Where the error does not tell, it is the one beyond which
/// nothing is at hand: what went well before it is cached.
fn failed_level(error: &CliError, levels: &[Level]) -> usize {
    let last = levels.len().saturating_sub(1);
    let roles = levels.iter().filter(|level| matches!(level.kind, LevelKind::Role { .. })).count();
    let base = levels.len().saturating_sub(roles + 1);
    match error.downcast::<RunError>() {
        Some(RunError::Call { attempt, .. }) => match attempt.hop {
            HopName::Role(index) => (base + 1 + index).min(last),
            HopName::Base | HopName::MfaSession => base,
        },
        Some(RunError::Provider(_) | RunError::Absent { .. } | RunError::Resolve(_)) => base,
        _ => levels.iter().position(|level| level.now == Now::Called).unwrap_or(last),
    }
}

impl Explained {
    /// What a run came to, if it was made.
    pub fn failure(&mut self) -> Option<CliError> {
        self.checked.as_mut().and_then(|checked| checked.error.take())
    }

    /// From the keys to the last role.
    pub(super) fn levels(&self) -> &[Level] {
        &self.explanation.levels
    }
}
