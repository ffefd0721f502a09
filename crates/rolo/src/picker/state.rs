//! What the picker knows between two keys: what is typed, what answers it, and which of it is pointed at.
//!
//! Pure: keys come in, and nothing is read or written. Must not know how it is shown.

use super::{
    align::Grid,
    keys::Key,
    query::{Haystack, Query},
};

/// What a key led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// On with the next key.
    On,
    /// The item of this number was taken.
    Chosen(usize),
    /// It was left.
    Aborted,
}

/// The state; items are known by their number.
#[derive(Debug)]
pub(super) struct State {
    texts: Vec<Haystack>,
    typed: Vec<char>,
    cursor: usize,
    query: Query,
    /// The items that answer, best first; of equals the one that was given first.
    found: Vec<usize>,
    /// Which of those is pointed at, and which is the first that is shown.
    pointed: usize,
    top: usize,
    /// How many are shown.
    rows: usize,
    grid: Grid,
}

impl State {
    pub(super) fn new(texts: Vec<Haystack>) -> Self {
        let found = (0..texts.len()).collect();
        Self {
            texts,
            typed: Vec::new(),
            cursor: 0,
            query: Query::default(),
            found,
            pointed: 0,
            top: 0,
            rows: 1,
            grid: Grid::default(),
        }
    }

    /// There is room for `rows` items now.
    pub(super) fn resize(&mut self, rows: usize) {
        self.rows = rows.max(1);
        self.keep_in_view();
    }

    /// What is typed, and where in it the cursor is.
    pub(super) fn typed(&self) -> (&[char], usize) {
        (&self.typed, self.cursor)
    }

    /// How many items answer, and how many there are.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.found.len(), self.texts.len())
    }

    /// The items that are shown, best first, and whether one is pointed at.
    pub(super) fn shown(&self) -> impl Iterator<Item = (usize, bool)> + '_ {
        let shown = self.found.iter().enumerate().skip(self.top).take(self.rows);
        shown.map(|(place, item)| (*item, place == self.pointed))
    }

    /// The letters of an item's cell that answer what is typed.
    pub(super) fn places(&mut self, item: usize, cell: usize, length: usize) -> Vec<usize> {
        let text = &self.texts[item];
        let start = text.start_of(cell);
        let places = self.query.places(text, &mut self.grid);
        places.into_iter().filter_map(|place| place.checked_sub(start)).filter(|at| *at < length).collect()
    }

    /// What the key does.
    pub(super) fn press(&mut self, key: Key) -> Step {
        let page = self.rows;
        match key {
            Key::Accept => {
                // Where nothing answers, there is nothing to take; the next letter may be taken back.
                return self.found.get(self.pointed).map_or(Step::On, |item| Step::Chosen(*item));
            }
            Key::Abort => return Step::Aborted,
            Key::DeleteOrAbort if self.typed.is_empty() => return Step::Aborted,
            Key::Up => self.point(self.pointed.saturating_add(1)),
            Key::Down => self.point(self.pointed.saturating_sub(1)),
            Key::PageUp => self.point(self.pointed.saturating_add(page)),
            Key::PageDown => self.point(self.pointed.saturating_sub(page)),
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = self.typed.len(),
            Key::Left => self.cursor = self.cursor.saturating_sub(1),
            Key::Right => self.cursor = self.typed.len().min(self.cursor + 1),
            Key::Char(c) => self.replace(self.cursor..self.cursor, Some(c)),
            Key::Backspace => self.replace(self.cursor.saturating_sub(1)..self.cursor, None),
            Key::Delete | Key::DeleteOrAbort => {
                self.replace(self.cursor..self.typed.len().min(self.cursor + 1), None);
            }
            Key::DeleteWord => self.replace(self.start_of_word()..self.cursor, None),
            Key::DeleteToStart => self.replace(0..self.cursor, None),
            Key::Redraw => {}
        }
        Step::On
    }

    fn point(&mut self, to: usize) {
        self.pointed = to.min(self.found.len().saturating_sub(1));
        self.keep_in_view();
    }

    fn keep_in_view(&mut self) {
        let last_top = self.found.len().saturating_sub(self.rows);
        self.top = self.top.clamp((self.pointed + 1).saturating_sub(self.rows), self.pointed).min(last_top);
    }

    fn start_of_word(&self) -> usize {
        let before = &self.typed[..self.cursor];
        let end = before.iter().rposition(|c| !c.is_whitespace()).unwrap_or(0);
        before[..end].iter().rposition(|c| c.is_whitespace()).map_or(0, |blank| blank + 1)
    }

    fn replace(&mut self, range: std::ops::Range<usize>, by: Option<char>) {
        self.cursor = range.start + usize::from(by.is_some());
        self.typed.splice(range, by);
        self.search();
    }

    fn search(&mut self) {
        let query = Query::parse(&self.typed);
        if query == self.query {
            return;
        }
        let candidates = self.candidates(&query);
        self.query = query;
        let mut scored: Vec<(i32, usize)> = candidates
            .into_iter()
            .filter_map(|item| Some((self.query.score(&self.texts[item], &mut self.grid)?, item)))
            .collect();
        scored.sort_unstable_by_key(|(score, item)| (std::cmp::Reverse(*score), *item));
        self.found = scored.into_iter().map(|(_, item)| item).collect();
        (self.pointed, self.top) = (0, 0);
    }

    /// The items that may answer `query`: while a word is typed, those that answered so far.
    fn candidates(&self, query: &Query) -> Vec<usize> {
        if query.narrows(&self.query) { self.found.clone() } else { (0..self.texts.len()).collect() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 6] = ["prod-admin", "prod-audit", "dev", "my-dev", "staging", "data-prod"];

    fn state(names: &[&str]) -> State {
        let mut state = State::new(names.iter().map(|name| Haystack::new(&[(*name).to_owned()])).collect());
        state.resize(3);
        state
    }

    fn type_in(state: &mut State, text: &str) {
        for c in text.chars() {
            assert_eq!(state.press(Key::Char(c)), Step::On);
        }
    }

    fn found(state: &State) -> Vec<&'static str> {
        state.found.iter().map(|item| NAMES[*item]).collect()
    }

    #[test]
    fn typing_filters_and_the_best_is_pointed_at() {
        let mut state = state(&NAMES);
        assert_eq!(found(&state), NAMES, "in the order given");
        type_in(&mut state, "dev");
        assert_eq!(found(&state), ["dev", "my-dev"]);
        assert_eq!(state.counts(), (2, 6));
        assert_eq!(state.press(Key::Accept), Step::Chosen(2));
    }

    #[test]
    fn equals_keep_the_order_they_were_given_in() {
        let mut state = state(&NAMES);
        type_in(&mut state, "prod");
        assert_eq!(found(&state), ["prod-admin", "prod-audit", "data-prod"]);
    }

    #[test]
    fn the_pointer_stays_within_what_is_found_and_in_view() {
        let mut state = state(&NAMES);
        let shown = |state: &State| state.shown().collect::<Vec<_>>();
        state.press(Key::Down);
        assert_eq!(shown(&state), [(0, true), (1, false), (2, false)]);
        for _ in 0..3 {
            state.press(Key::Up);
        }
        assert_eq!(shown(&state), [(1, false), (2, false), (3, true)]);
        state.press(Key::PageUp);
        assert_eq!(shown(&state), [(3, false), (4, false), (5, true)]);
        assert_eq!(state.press(Key::Accept), Step::Chosen(5));
        state.press(Key::PageDown);
        state.press(Key::PageDown);
        assert_eq!(shown(&state), [(0, true), (1, false), (2, false)]);
        state.press(Key::PageUp);
        state.resize(1);
        assert_eq!(shown(&state), [(3, true)]);
        type_in(&mut state, "d");
        assert_eq!(state.pointed, 0);
    }

    #[test]
    fn enter_takes_nothing_where_nothing_is_found() {
        let mut state = state(&NAMES);
        type_in(&mut state, "xyz");
        assert_eq!(state.shown().count(), 0);
        for key in [Key::Accept, Key::Up, Key::Down, Key::PageUp] {
            assert_eq!(state.press(key), Step::On);
        }
        state.press(Key::DeleteToStart);
        assert_eq!(found(&state), NAMES);
    }

    #[test]
    fn what_is_typed_is_edited_as_a_line() {
        let mut state = state(&NAMES);
        let text = |state: &State| {
            let (typed, cursor) = state.typed();
            let show = |typed: &[char]| typed.iter().collect::<String>();
            format!("{}|{}", show(&typed[..cursor]), show(&typed[cursor..]))
        };
        type_in(&mut state, "prod  admin ");
        for (key, line) in [
            (Key::DeleteWord, "prod  |"),
            (Key::DeleteWord, "|"),
            (Key::DeleteWord, "|"),
            (Key::Backspace, "|"),
            (Key::Char('a'), "a|"),
            (Key::Char('b'), "ab|"),
            (Key::Home, "|ab"),
            (Key::Left, "|ab"),
            (Key::Backspace, "|ab"),
            (Key::Char('é'), "é|ab"),
            (Key::Delete, "é|b"),
            (Key::End, "éb|"),
            (Key::Right, "éb|"),
            (Key::Delete, "éb|"),
            (Key::Left, "é|b"),
            (Key::DeleteOrAbort, "é|"),
            (Key::Char('x'), "éx|"),
            (Key::Left, "é|x"),
            (Key::DeleteToStart, "|x"),
        ] {
            assert_eq!(state.press(key), Step::On);
            assert_eq!(text(&state), line, "{key:?}");
        }
        state.press(Key::Delete);
        assert_eq!(state.press(Key::DeleteOrAbort), Step::Aborted);
        assert_eq!(state.press(Key::Abort), Step::Aborted);
    }

    #[test]
    fn a_further_letter_looks_only_at_what_answered_before() {
        let names: Vec<_> = (0..3000).map(|number| format!("team-{number}-role")).collect();
        let mut state = state(&names.iter().map(String::as_str).collect::<Vec<_>>());
        type_in(&mut state, "777");
        let before = state.counts().0;
        assert!(before < 20);
        let query = Query::parse(&['7', '7', '7', '-']);
        assert_eq!(state.candidates(&query).len(), before);
    }

    #[test]
    fn only_the_rows_that_are_shown_are_looked_at_to_show_them() {
        let names: Vec<_> = (0..3000).map(|number| format!("team-{number}-role")).collect();
        let mut state = state(&names.iter().map(String::as_str).collect::<Vec<_>>());
        type_in(&mut state, "role");
        assert_eq!(state.counts(), (3000, 3000));
        assert_eq!(state.shown().count(), 3);
    }

    fn key() -> impl Strategy<Value = Key> {
        prop_oneof![
            3 => "[dev!^$' ]".prop_map(|text| Key::Char(text.chars().next().unwrap())),
            2 => prop::sample::select(vec![
                Key::Up, Key::Down, Key::PageUp, Key::PageDown, Key::Home, Key::End, Key::Left, Key::Right,
                Key::Backspace, Key::Delete, Key::DeleteWord, Key::DeleteToStart,
            ]),
        ]
    }

    proptest! {
        #[test]
        fn however_it_was_typed_the_same_is_found(
            keys in prop::collection::vec((key(), 1..5_usize), 0..30),
        ) {
            let mut typed = state(&NAMES);
            for (key, rows) in keys {
                typed.press(key);
                typed.resize(rows);
                prop_assert!(typed.cursor <= typed.typed.len());
                prop_assert!(typed.found.is_empty() || typed.shown().any(|(_, is_pointed)| is_pointed));
            }
            let mut at_once = state(&NAMES);
            at_once.typed = typed.typed.clone();
            at_once.search();
            prop_assert_eq!(at_once.found, typed.found);
        }
    }
}
