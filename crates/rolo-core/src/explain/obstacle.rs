//! What would end a run before its first call. Must not know what is cached but for which calls that spares.

use super::{Explanation, Obstacle, Question};
use crate::chain::{plan::Plan, run::obstacle};

/// Nothing stands in the way of a run that calls nobody, and what a later call would meet is not looked at: an earlier
/// one may fail.
pub(super) fn of_plan(question: &Question<'_>, plan: &Plan, explanation: &Explanation) -> Option<Obstacle> {
    let levels = &explanation.levels;
    let first = explanation.calls.iter().find(|call| call.is_made(levels))?;
    let roles = levels.len() - plan.chain.steps.len();
    let role = || obstacle::of_role(plan, first.level.checked_sub(roles)?, question.session_name);
    // Cached credentials below a role sign its call, whatever became of what they were had with.
    let has_base =
        first.level >= roles && levels[..first.level].iter().any(|level| level.cached_key.is_some());
    let base =
        || (!has_base).then(|| obstacle::of_base(plan, question.host, question.session_name)).flatten();
    let error = base().or_else(role)?;
    Some(Obstacle { error, chain: plan.chain.clone() })
}
