//! How well a few letters fit into a text that holds them in this order, and where.
//!
//! The best of all places is found, by dynamic programming: a letter counts more at the beginning of a word, and right
//! behind the one before it; what lies between two letters costs. Must not know what is searched, nor why.

/// For each letter that is found.
const MATCH: i32 = 16;
/// For the first letter between two that are found, and for each further one.
const GAP: i32 = -3;
const LONGER_GAP: i32 = -1;
/// For a letter right behind the one before it, at the least.
const IN_A_ROW: i32 = 4;
/// For a letter at the beginning of a text, or behind a blank.
const AFTER_BLANK: i32 = 10;
/// Behind `/`, `:` and their like.
const AFTER_DELIMITER: i32 = 9;
/// Behind any other sign, such as `-`.
const AFTER_SIGN: i32 = 8;
/// A capital within a word, or the first digit of a number in it.
const IN_WORD: i32 = 7;
/// The first letter that is looked for says most about what is meant.
const FIRST: i32 = 2;

/// What each place of a text is worth besides.
pub(super) fn bonuses(text: &[char]) -> Vec<i32> {
    let mut before = ' ';
    text.iter()
        .map(|&c| {
            let worth = bonus(before, c);
            before = c;
            worth
        })
        .collect()
}

fn bonus(before: char, c: char) -> i32 {
    match before {
        _ if !c.is_alphanumeric() => 0,
        _ if before.is_whitespace() => AFTER_BLANK,
        '/' | ':' | ',' | ';' | '|' | '@' => AFTER_DELIMITER,
        _ if !before.is_alphanumeric() => AFTER_SIGN,
        _ if before.is_lowercase() && c.is_uppercase() => IN_WORD,
        _ if !before.is_numeric() && c.is_numeric() => IN_WORD,
        _ => 0,
    }
}

/// The worth of `length` letters in a row from `start` on.
pub(super) fn score_of_run(bonuses: &[i32], start: usize, length: usize) -> i32 {
    let run = bonuses[start].max(IN_A_ROW);
    let further = bonuses[start..].iter().take(length).skip(1);
    MATCH + bonuses[start] * FIRST + further.map(|bonus| MATCH + (*bonus).max(run)).sum::<i32>()
}

/// Room for the work, kept from one text to the next.
#[derive(Debug, Default)]
pub(super) struct Grid {
    cells: Vec<Cell>,
}

/// The best that ends with one letter at one place.
#[derive(Debug, Clone, Copy)]
struct Cell {
    score: i32,
    /// What the first letter of the row was worth, which those behind it share.
    run: i32,
    /// Where the letter before it is.
    before: usize,
}

/// No such place: worse than any.
const NONE: Cell = Cell { score: i32::MIN / 2, run: 0, before: 0 };

impl Cell {
    fn is_some(self) -> bool {
        self.score > NONE.score / 2
    }
}

impl Grid {
    /// How well `letters` fit into `text`; `None` where they are not in it in this order.
    pub(super) fn score(&mut self, letters: &[char], text: &[char], bonuses: &[i32]) -> Option<i32> {
        self.fill(letters, text, bonuses).map(|(score, _)| score)
    }

    /// Where in `text` the letters fit best.
    pub(super) fn places(&mut self, letters: &[char], text: &[char], bonuses: &[i32]) -> Vec<usize> {
        let Some((_, mut place)) = self.fill(letters, text, bonuses) else { return Vec::new() };
        let mut places = Vec::with_capacity(letters.len());
        for row in (0..letters.len()).rev() {
            places.push(place);
            place = self.cells[row * text.len() + place].before;
        }
        places.reverse();
        places
    }

    /// The best score, and where its last letter is.
    fn fill(&mut self, letters: &[char], text: &[char], bonuses: &[i32]) -> Option<(i32, usize)> {
        let earliest = earliest(letters, text)?;
        let width = text.len();
        self.cells.clear();
        self.cells.resize(letters.len() * width, NONE);
        for (row, (&letter, &first)) in letters.iter().zip(&earliest).enumerate() {
            // Between the first place of the letter before it and its own, only gaps grow.
            let start = row.checked_sub(1).map_or(first, |row| earliest[row] + 1);
            let (above, cells) = self.cells.split_at_mut(row * width);
            let above = above.len().checked_sub(width).map(|from| &above[from..]);
            // The best with a gap before this place, and where it comes from.
            let mut gap = (NONE.score, 0);
            for place in start..width {
                if let Some(opening) = above.and_then(|above| above.get(place.checked_sub(2)?)) {
                    gap.0 += LONGER_GAP;
                    if opening.score + GAP > gap.0 {
                        gap = (opening.score + GAP, place - 2);
                    }
                }
                if text[place] == letter {
                    let previous = above.map(|above| place.checked_sub(1).map_or(NONE, |place| above[place]));
                    cells[place] = best(previous, gap, bonuses[place], place);
                }
            }
        }
        let last = &self.cells[self.cells.len().checked_sub(width)?..];
        // Of equals the first, as `max_by_key` would not have it.
        last.iter()
            .enumerate()
            .rev()
            .filter(|(_, cell)| cell.is_some())
            .max_by_key(|(_, cell)| cell.score)
            .map(|(place, cell)| (cell.score, place))
    }
}

/// The best way to a letter at `place`: behind its neighbour in `previous`, or behind a gap. `previous` is `None` for the
/// first letter, which has nothing before it.
fn best(previous: Option<Cell>, gap: (i32, usize), bonus: i32, place: usize) -> Cell {
    let Some(neighbour) = previous else {
        return Cell { score: MATCH + bonus * FIRST, run: bonus, before: 0 };
    };
    let behind_gap = Cell { score: gap.0 + MATCH + bonus, run: bonus, before: gap.1 };
    if !neighbour.is_some() {
        return behind_gap;
    }
    let run = bonus.max(neighbour.run);
    let in_a_row =
        Cell { score: neighbour.score + MATCH + run.max(IN_A_ROW), run, before: place.saturating_sub(1) };
    if in_a_row.score >= behind_gap.score { in_a_row } else { behind_gap }
}

/// The first place where each letter can be; `None` where they are not there in this order, which is soon known.
fn earliest(letters: &[char], text: &[char]) -> Option<Vec<usize>> {
    let mut rest = text.iter().enumerate();
    letters.iter().map(|letter| rest.find(|(_, c)| *c == letter).map(|(place, _)| place)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    fn score(letters: &str, text: &str) -> Option<i32> {
        let text = chars(text);
        Grid::default().score(&chars(letters), &text, &bonuses(&text))
    }

    /// The text with the letters that were found in brackets.
    fn shown(letters: &str, text: &str) -> String {
        let text = chars(text);
        let places = Grid::default().places(&chars(letters), &text, &bonuses(&text));
        let show = |(place, c): (usize, &char)| {
            if places.contains(&place) { format!("[{c}]") } else { c.to_string() }
        };
        text.iter().enumerate().map(show).collect()
    }

    #[test]
    fn letters_are_found_in_order_or_not_at_all() {
        assert!(score("pad", "prod-admin").is_some());
        for (letters, text) in [("dp", "prod"), ("prodx", "prod"), ("p", ""), ("pp", "prod")] {
            assert_eq!(score(letters, text), None, "{letters} in {text}");
        }
    }

    #[test]
    fn beginnings_of_words_and_rows_are_preferred() {
        assert_eq!(shown("pa", "prod-a-admin"), "[p]rod-[a]-admin");
        assert_eq!(shown("ad", "prod-a-admin"), "prod-a-[a][d]min");
        assert_eq!(shown("dev", "dxexv-dev"), "dxexv-[d][e][v]");
        for (letters, better, worse) in [
            ("dev", "dev", "d-e-v"),
            ("dev", "my-dev", "mydev"),
            ("prod", "prod-admin", "p-r-o-d"),
            ("pa", "prod-admin", "prodXadmin"),
            ("12", "acme-12", "acme-1x2"),
        ] {
            assert!(score(letters, better) > score(letters, worse), "{letters}: {better} before {worse}");
        }
    }

    #[test]
    fn a_row_is_worth_what_the_fuzzy_search_gives_it() {
        let text = chars("my-dev");
        let bonuses = bonuses(&text);
        assert_eq!(Some(score_of_run(&bonuses, 3, 3)), score("dev", "my-dev"));
    }

    /// What the definition says, by trying every place.
    fn slow(
        letters: &[char],
        text: &[char],
        bonuses: &[i32],
        last: Option<(usize, i32)>,
        from: usize,
    ) -> i32 {
        let Some((letter, rest)) = letters.split_first() else { return 0 };
        let mut best = NONE.score;
        for place in (from..text.len()).filter(|place| text[*place] == *letter) {
            let (worth, run) = match last {
                None => (bonuses[place] * FIRST, bonuses[place]),
                Some((before, run)) if before + 1 == place => {
                    (run.max(bonuses[place]).max(IN_A_ROW), run.max(bonuses[place]))
                }
                Some((before, _)) => {
                    let between = i32::try_from(place - before - 2).unwrap();
                    (bonuses[place] + GAP + between * LONGER_GAP, bonuses[place])
                }
            };
            best = best.max(MATCH + worth + slow(rest, text, bonuses, Some((place, run)), place + 1));
        }
        best
    }

    proptest! {
        #[test]
        fn the_places_are_those_of_the_letters(letters in "[ab-]{1,4}", text in "[abc-]{0,12}") {
            let (letters, text) = (chars(&letters), chars(&text));
            let bonuses = bonuses(&text);
            let mut grid = Grid::default();
            let places = grid.places(&letters, &text, &bonuses);
            prop_assert_eq!(grid.score(&letters, &text, &bonuses).is_some(), !places.is_empty());
            if !places.is_empty() {
                prop_assert!(places.windows(2).all(|pair| pair[0] < pair[1]));
                prop_assert_eq!(places.iter().map(|place| text[*place]).collect::<Vec<_>>(), letters);
            }
        }

        #[test]
        fn no_other_place_is_much_better(letters in "[ab]{1,4}", text in "[ab-]{1,12}") {
            let (letters, text) = (chars(&letters), chars(&text));
            let bonuses = bonuses(&text);
            if let Some(score) = Grid::default().score(&letters, &text, &bonuses) {
                let best = slow(&letters, &text, &bonuses, None, 0);
                // The worth of a row that has begun is carried along and not optimised; that can cost its bonus.
                prop_assert!(score <= best && best - score <= AFTER_BLANK * 3, "{} {}", score, best);
            }
        }
    }
}
