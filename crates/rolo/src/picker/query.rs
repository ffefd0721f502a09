//! What is typed to search, and whether and how well an item answers it. The grammar is that of fzf's extended search,
//! without its `|`.
//!
//! Must not know how anything is shown.

use super::align::{Grid, bonuses, score_of_run};

/// An item's cells, made ready to be searched.
#[derive(Debug)]
pub(super) struct Haystack {
    /// The cells, a blank between two.
    chars: Vec<char>,
    /// The same in lower case, letter by letter.
    folded: Vec<char>,
    bonuses: Vec<i32>,
    /// Where each cell begins and ends.
    cells: Vec<(usize, usize)>,
}

impl Haystack {
    pub(super) fn new(cells: &[String]) -> Self {
        let (mut chars, mut places) = (Vec::new(), Vec::with_capacity(cells.len()));
        for cell in cells {
            if !places.is_empty() {
                chars.push(' ');
            }
            let start = chars.len();
            chars.extend(cell.chars());
            places.push((start, chars.len()));
        }
        let folded = chars.iter().copied().map(fold).collect();
        let bonuses = bonuses(&chars);
        Self { chars, folded, bonuses, cells: places }
    }

    /// Where a cell begins, in letters.
    pub(super) fn start_of(&self, cell: usize) -> usize {
        self.cells[cell].0
    }
}

/// Letters that have no single small one stay.
fn fold(c: char) -> char {
    let mut small = c.to_lowercase();
    match (small.next(), small.next()) {
        (Some(small), None) => small,
        _ => c,
    }
}

/// What is looked for: an item answers if it answers each term.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Query {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    letters: Vec<char>,
    kind: Kind,
    /// `!`: what has it is no answer.
    is_negated: bool,
    /// A capital is meant as one.
    is_case_sensitive: bool,
}

/// How a term's letters must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// In this order.
    Fuzzy,
    /// In a row: `'`.
    Row,
    /// In a row from a cell's beginning (`^`), to its end (`$`), or both.
    Bound { start: bool, end: bool },
}

impl Query {
    pub(super) fn parse(typed: &[char]) -> Self {
        let words = typed.split(|c| c.is_whitespace());
        Self { terms: words.filter_map(Term::parse).collect() }
    }

    /// Whether whatever answers `self` has answered `before` as well, so that nothing else need be looked at.
    pub(super) fn narrows(&self, before: &Self) -> bool {
        let Some((last, rest)) = before.terms.split_last() else { return true };
        let Some(more) = self.terms.get(rest.len()) else { return false };
        self.terms.starts_with(rest)
            && (more == last
                || !last.is_negated
                    && !more.is_negated
                    && last.kind == more.kind
                    && !matches!(more.kind, Kind::Bound { end: true, .. })
                    && if last.is_case_sensitive {
                        more.letters.starts_with(&last.letters)
                    } else {
                        more.folded_letters().starts_with(&last.letters)
                    })
    }

    /// How well the item answers; `None` where it does not.
    pub(super) fn score(&self, text: &Haystack, grid: &mut Grid) -> Option<i32> {
        self.terms.iter().try_fold(0, |sum, term| Some(sum + term.score(text, grid)?))
    }

    /// The letters of the item that answer, in order.
    pub(super) fn places(&self, text: &Haystack, grid: &mut Grid) -> Vec<usize> {
        let mut places: Vec<_> = self.terms.iter().flat_map(|term| term.places(text, grid)).collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}

impl Term {
    /// `None` for a word that is signs alone, as while one is typed.
    fn parse(word: &[char]) -> Option<Self> {
        let (is_negated, word) = strip(word, '!');
        let (is_row, word) = strip(word, '\'');
        let (start, word) = if is_row { (false, word) } else { strip(word, '^') };
        let (end, word) = match word {
            [word @ .., '$'] if !is_row => (true, word),
            word => (false, word),
        };
        let kind = match (start || end, is_row || is_negated) {
            (true, _) => Kind::Bound { start, end },
            (false, true) => Kind::Row,
            (false, false) => Kind::Fuzzy,
        };
        let is_case_sensitive = word.iter().any(|c| fold(*c) != *c);
        (!word.is_empty()).then(|| Self { letters: word.to_vec(), kind, is_negated, is_case_sensitive })
    }

    fn folded_letters(&self) -> Vec<char> {
        self.letters.iter().copied().map(fold).collect()
    }

    fn score(&self, text: &Haystack, grid: &mut Grid) -> Option<i32> {
        let score = match self.kind {
            Kind::Fuzzy => grid.score(&self.letters, self.chars(text), &text.bonuses),
            _ => self.row(text).map(|start| score_of_run(&text.bonuses, start, self.letters.len())),
        };
        if self.is_negated { score.is_none().then_some(0) } else { score }
    }

    fn places(&self, text: &Haystack, grid: &mut Grid) -> Vec<usize> {
        match self.kind {
            _ if self.is_negated => Vec::new(),
            Kind::Fuzzy => grid.places(&self.letters, self.chars(text), &text.bonuses),
            _ => self.row(text).map_or(Vec::new(), |start| (start..start + self.letters.len()).collect()),
        }
    }

    /// The best place where the letters stand in a row.
    fn row(&self, text: &Haystack) -> Option<usize> {
        let length = self.letters.len();
        let is_at_bound = |place: usize| match self.kind {
            Kind::Bound { start, end } => text
                .cells
                .iter()
                .any(|cell| (!start || cell.0 == place) && (!end || cell.1 == place + length)),
            _ => true,
        };
        let rows = self.chars(text).windows(length).enumerate().filter(|(_, row)| *row == self.letters);
        rows.map(|(place, _)| place)
            .filter(|place| is_at_bound(*place))
            .rev()
            .max_by_key(|at| text.bonuses[*at])
    }

    fn chars<'t>(&self, text: &'t Haystack) -> &'t [char] {
        if self.is_case_sensitive { &text.chars } else { &text.folded }
    }
}

fn strip(word: &[char], sign: char) -> (bool, &[char]) {
    match word {
        [first, rest @ ..] if *first == sign => (true, rest),
        word => (false, word),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ITEMS: [[&str; 3]; 4] = [
        ["prod-admin", "111122223333", "Admin"],
        ["dev", "222233334444", "team/Developer"],
        ["prod-audit", "111122223333", "Audit"],
        ["Überwachung", "", "本番"],
    ];

    fn haystack(cells: &[&str]) -> Haystack {
        Haystack::new(&cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>())
    }

    fn query(typed: &str) -> Query {
        Query::parse(&typed.chars().collect::<Vec<_>>())
    }

    fn found(typed: &str) -> Vec<usize> {
        let (query, mut grid) = (query(typed), Grid::default());
        (0..4).filter(|at| query.score(&haystack(&ITEMS[*at]), &mut grid).is_some()).collect()
    }

    #[test]
    fn every_term_must_be_answered_by_some_cell() {
        for (typed, items) in [
            ("", vec![0, 1, 2, 3]),
            ("  ", vec![0, 1, 2, 3]),
            ("prod", vec![0, 2]),
            ("prod 1111", vec![0, 2]),
            ("audit prod", vec![2]),
            ("prod dev", vec![]),
            ("padm", vec![0]),
            ("teamdev", vec![1]),
            ("111122223333admin", vec![0]),
        ] {
            assert_eq!(found(typed), items, "{typed:?}");
        }
    }

    #[test]
    fn signs_mean_what_they_mean_in_fzf() {
        for (typed, items) in [
            ("'rod", vec![0, 2]),
            ("'padm", vec![]),
            ("^dev", vec![1]),
            ("^1111", vec![0, 2]),
            ("^rod", vec![]),
            ("dit$", vec![2]),
            ("^dev$", vec![1]),
            ("^prod$", vec![]),
            ("!prod", vec![1, 3]),
            ("!^prod 本", vec![3]),
            ("!4444$ !prod", vec![3]),
            ("^ ' ! $ prod", vec![0, 2]),
        ] {
            assert_eq!(found(typed), items, "{typed:?}");
        }
    }

    #[test]
    fn only_capitals_are_case_sensitive() {
        for (typed, items) in
            [("ADMIN", vec![]), ("Admin", vec![0]), ("admin", vec![0]), ("überw", vec![3]), ("Dev", vec![1])]
        {
            assert_eq!(found(typed), items, "{typed:?}");
        }
    }

    #[test]
    fn places_are_those_of_all_terms() {
        let places = |typed| query(typed).places(&haystack(&ITEMS[0]), &mut Grid::default());
        assert_eq!(places("pa 'rod !dev"), [0, 1, 2, 3, 5]);
        assert_eq!(places("1111$"), [0; 0]);
        assert_eq!(places("^admin"), [24, 25, 26, 27, 28]);
    }

    #[test]
    fn a_further_letter_narrows_and_a_denial_may_not() {
        for (before, now, narrows) in [
            ("", "p", true),
            ("pr", "pro", true),
            ("pr", "prO", true),
            ("pr ", "pr 1", true),
            ("^p", "^pr", true),
            ("pr", "p", false),
            ("p", "pr$", false),
            ("a$", "a$b", false),
            ("!a", "!ab", false),
            ("!a", "!a b", true),
            ("A", "Ab", true),
            ("a b", "ax b", false),
        ] {
            assert_eq!(query(now).narrows(&query(before)), narrows, "{before:?} to {now:?}");
        }
    }

    proptest! {
        #[test]
        fn what_narrows_leaves_no_answer_out(
            before in "[aAb!^$' ]{0,4}", more in "[aAb$ ]{0,2}", text in "[aAb-]{0,6}",
        ) {
            let (one, other) = (query(&before), query(&format!("{before}{more}")));
            let (text, mut grid) = (haystack(&[&text, "b"]), Grid::default());
            if other.narrows(&one) && other.score(&text, &mut grid).is_some() {
                prop_assert!(one.score(&text, &mut grid).is_some());
            }
        }
    }
}
