//! Which of several names a mistyped one was probably meant to be.
//!
//! Must not know what is named.

/// The name with the fewest typing errors from `wanted`: letters left out, added, replaced, or two neighbours swapped.
/// `None` where even the nearest differs in more than a third of the letters (at least one may differ).
pub fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let wanted: Vec<char> = wanted.to_lowercase().chars().collect();
    let bound = (wanted.len() / 3).max(1);
    let errors = |name: &str| distance(&wanted, &name.to_lowercase().chars().collect::<Vec<_>>());
    names
        .map(|name| (errors(name), name))
        .filter(|&(errors, name)| errors <= bound && errors < name.chars().count().max(wanted.len()))
        .min_by_key(|&(errors, _)| errors)
        .map(|(_, name)| name)
}

/// How many typing errors lie between two texts.
pub(crate) fn typing_errors(a: &str, b: &str) -> usize {
    distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
}

/// The edit distance in which swapped neighbours count as one error.
fn distance(a: &[char], b: &[char]) -> usize {
    // Three rows of the table suffice: a swap looks two rows back.
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, &y) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                best = best.min(before_last[j - 1] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_error_of_each_kind() {
        let distance = typing_errors;
        assert_eq!(distance("prod", "prod"), 0);
        assert_eq!(distance("prod", "prd"), 1);
        assert_eq!(distance("prod", "proxd"), 1);
        assert_eq!(distance("prod", "prud"), 1);
        assert_eq!(distance("prod", "prdo"), 1);
        assert_eq!(distance("", "prod"), 4);
        assert_eq!(distance("prod", ""), 4);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn a_typo_is_found_and_a_stranger_is_not() {
        let names = ["dev", "prod-admin", "prod-audit"];
        let near = |wanted| nearest(wanted, names.into_iter());
        assert_eq!(near("prod-admn"), Some("prod-admin"));
        assert_eq!(near("PROD-ADMIN"), Some("prod-admin"));
        assert_eq!(near("dve"), Some("dev"));
        assert_eq!(near("staging"), None);
        assert_eq!(near("x"), None);
        assert_eq!(near(""), None);
        assert_eq!(nearest("a", ["b"].into_iter()), None, "nothing in common");
    }
}
