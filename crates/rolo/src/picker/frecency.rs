//! What is likely to be wanted next: used often, and lately.
//!
//! Must not know what is ordered, nor where its uses are kept.

use std::collections::HashMap;

use jiff::Timestamp;

/// After this long a use counts half: what was daily work a month ago gives way to that of this week.
const HALF_LIFE: f64 = 7.0 * 24.0 * 3600.0;

/// How much each name was used: one for a use of now, half for one of a week ago, and so on. Uses of a clock that was
/// ahead are of now.
pub(super) fn weigh<'a>(
    uses: impl IntoIterator<Item = (&'a str, Timestamp)>,
    now: Timestamp,
) -> HashMap<&'a str, f64> {
    let mut weights = HashMap::new();
    for (name, at) in uses {
        let age = now.duration_since(at).as_secs_f64().max(0.0);
        *weights.entry(name).or_insert(0.0) += 0.5_f64.powf(age / HALF_LIFE);
    }
    weights
}

/// Puts the heaviest first; those of one weight by name.
pub(super) fn order<T>(items: &mut [T], weights: &HashMap<&str, f64>, name: impl Fn(&T) -> &str) {
    let weight = |item: &T| weights.get(name(item)).copied().unwrap_or_default();
    items
        .sort_by(|one, other| weight(other).total_cmp(&weight(one)).then_with(|| name(one).cmp(name(other))));
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn ordered(uses: &[(&'static str, i64)], names: &[&'static str]) -> Vec<&'static str> {
        let hours = |hours| NOW - SignedDuration::from_hours(hours);
        let weights = weigh(uses.iter().map(|(name, ago)| (*name, hours(*ago))), NOW);
        let mut names = names.to_vec();
        order(&mut names, &weights, |name| name);
        names
    }

    #[test]
    fn what_was_never_used_stands_last_and_by_name() {
        assert_eq!(ordered(&[("c", 9000)], &["b", "a", "c"]), ["c", "a", "b"]);
        assert_eq!(ordered(&[], &["b", "B", "a"]), ["B", "a", "b"]);
    }

    #[test]
    fn more_uses_go_before_fewer_and_later_before_earlier() {
        assert_eq!(ordered(&[("a", 1), ("b", 2), ("b", 3)], &["a", "b"]), ["b", "a"]);
        assert_eq!(ordered(&[("a", 5), ("b", 1)], &["a", "b"]), ["b", "a"]);
    }

    #[test]
    fn old_habits_give_way() {
        let month_ago: Vec<_> = (0..20).map(|day| ("old", 24 * (40 + day))).collect();
        let this_week = [("new", 1), ("new", 30)];
        assert_eq!(ordered(&[&month_ago[..], &this_week].concat(), &["old", "new"]), ["new", "old"]);
        let last_week: Vec<_> = (0..20).map(|hour| ("old", 24 * 7 + hour)).collect();
        assert_eq!(ordered(&[&last_week[..], &this_week].concat(), &["old", "new"]), ["old", "new"]);
    }

    #[test]
    fn a_week_halves_and_the_future_is_now() {
        let weights = weigh(
            [
                ("now", NOW),
                ("week", NOW - SignedDuration::from_hours(7 * 24)),
                ("ahead", NOW + SignedDuration::from_hours(5)),
            ],
            NOW,
        );
        for (name, weight) in [("now", 1.0), ("week", 0.5), ("ahead", 1.0)] {
            assert!((weights[name] - weight).abs() < 1e-9, "{name}");
        }
    }
}
