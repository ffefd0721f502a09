//! One picture of the picker, in lines: the best item lowest, below it the counts, below those what is typed.
//!
//! Pure. Must not know how lines reach a terminal.

use std::fmt::Write;

use anstyle::{AnsiColor, Color, Style};
use unicode_width::UnicodeWidthChar;

use super::{Item, state::State};
use crate::ui::{escape::escape, terminal::raw::Size};

/// As much of the terminal as the picker takes: two fifths, but so many lines at the least and at most.
const FEWEST_LINES: usize = 7;
const MOST_LINES: usize = 20;
/// The counts, and what is typed.
const OTHER_LINES: usize = 2;

/// A column is not made narrower than this; rather the last one is left out.
const LEAST_WIDTH: usize = 8;

const PROMPT: &str = "> ";
const POINTER: &str = "> ";
const NO_POINTER: &str = "  ";
/// Blanks between two columns.
const GAP: usize = 2;
/// Stands for what there is no room for.
const CUT: &str = "..";

/// How each part looks.
#[derive(Debug, Clone, Copy)]
struct Look {
    prompt: Style,
    counts: Style,
    pointer: Style,
    pointed: Style,
    noted: Style,
    found: Style,
}

impl Look {
    fn of(colour: bool) -> Self {
        let plain = Style::new();
        if !colour {
            let found = plain.underline();
            return Self {
                prompt: plain,
                counts: plain,
                pointer: plain.bold(),
                pointed: plain.bold(),
                noted: plain,
                found,
            };
        }
        let of = |colour: AnsiColor| plain.fg_color(Some(Color::Ansi(colour)));
        Self {
            prompt: of(AnsiColor::Blue),
            counts: of(AnsiColor::Yellow),
            pointer: of(AnsiColor::Red).bold(),
            pointed: plain.bold(),
            noted: plain.dimmed(),
            found: of(AnsiColor::Green),
        }
    }
}

/// The lines, and in which column of the last one the cursor stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) lines: Vec<Line>,
    pub(super) cursor: usize,
}

/// One line without its end, and how many columns it takes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) columns: usize,
}

/// How many items are shown on a terminal of this size.
pub(super) fn item_rows(items: usize, size: Size) -> usize {
    let lines = (size.rows * 2 / 5).clamp(FEWEST_LINES, MOST_LINES).min(size.rows);
    lines.saturating_sub(OTHER_LINES).min(items)
}

/// What stays the same from one picture to the next.
#[derive(Debug)]
pub(super) struct View<'i> {
    items: &'i [Item],
    /// How wide the cells of each column are at most.
    widths: Vec<usize>,
    look: Look,
}

impl<'i> View<'i> {
    /// All items are looked at here, and only those that are shown from then on.
    pub(super) fn new(items: &'i [Item], colour: bool) -> Self {
        let mut widths: Vec<usize> = Vec::new();
        for item in items {
            for (column, cell) in item.cells().enumerate() {
                if column == widths.len() {
                    widths.push(0);
                }
                widths[column] = widths[column].max(width(cell));
            }
        }
        Self { items, widths, look: Look::of(colour) }
    }

    /// What is to be seen. The last column stays free, for some terminals begin a line once it is written.
    pub(super) fn render(&self, state: &mut State, size: Size) -> Frame {
        let limit = size.columns.saturating_sub(1);
        let rows = item_rows(self.items.len(), size);
        state.resize(rows);
        let widths = self.fit(limit.saturating_sub(POINTER.len()));
        let shown: Vec<_> = state.shown().take(rows).collect();
        let mut lines = vec![Line::default(); rows - shown.len()];
        for (number, is_pointed) in shown.into_iter().rev() {
            let item = (number, &self.items[number]);
            lines.push(render_item(state, item, is_pointed, &widths, (limit, self.look)));
        }
        if size.rows >= OTHER_LINES {
            let (found, all) = state.counts();
            let mut writer = Writer::new(limit);
            writer.put(&format!("  {found}/{all}"), self.look.counts);
            lines.push(writer.finish());
        }
        let (prompt, cursor) = render_prompt(state, limit, self.look);
        lines.push(prompt);
        Frame { lines, cursor }
    }

    /// How wide each column may be; what there is no room for at all is left out from the right.
    fn fit(&self, limit: usize) -> Vec<usize> {
        let mut widths = self.widths.clone();
        let searched = self.items.first().map_or(0, |item| item.searched.len());
        let whole = |widths: &[usize]| -> usize {
            let columns = widths.iter().filter(|width| **width > 0);
            columns.map(|width| width + GAP).sum::<usize>().saturating_sub(GAP)
        };
        while whole(&widths) > limit && widths.len() > searched {
            widths.pop();
        }
        // The widest gives way, down to where its beginning still tells something.
        while whole(&widths) > limit {
            match widths.iter().position(|width| Some(width) == widths.iter().max()) {
                Some(widest) if widths[widest] > LEAST_WIDTH => widths[widest] -= 1,
                _ if widths.len() > 1 => widths.truncate(widths.len() - 1),
                _ => break,
            }
        }
        widths
    }
}

fn render_item(
    state: &mut State,
    (number, item): (usize, &Item),
    is_pointed: bool,
    widths: &[usize],
    (limit, look): (usize, Look),
) -> Line {
    let mut writer = Writer::new(limit);
    if is_pointed {
        writer.put(POINTER, look.pointer);
    } else {
        writer.put(NO_POINTER, Style::new());
    }
    let plain = if is_pointed { look.pointed } else { Style::new() };
    let mut blanks = 0;
    for (column, (cell, &room)) in item.cells().zip(widths).enumerate().filter(|(_, (_, room))| **room > 0) {
        writer.put(&" ".repeat(blanks), plain);
        let is_searched = column < item.searched.len();
        let places =
            if is_searched { state.places(number, column, cell.chars().count()) } else { Vec::new() };
        let plain = if is_searched { plain } else { look.noted };
        let found = if is_pointed { look.found | anstyle::Effects::BOLD } else { look.found };
        let is_cut = width(cell) > room;
        let room = if is_cut { room.saturating_sub(CUT.len()) } else { room };
        let mut taken = 0;
        for (place, c) in cell.chars().enumerate() {
            let piece = escape_char(c);
            let more = width(&piece);
            if taken + more > room {
                break;
            }
            taken += more;
            writer.put(&piece, if places.binary_search(&place).is_ok() { found } else { plain });
        }
        if is_cut {
            writer.put(CUT, plain);
            taken += CUT.len();
        }
        blanks = widths[column].saturating_sub(taken) + GAP;
    }
    writer.finish()
}

/// The end of what is typed, if all of it has no room; the cursor is always in view.
fn render_prompt(state: &State, limit: usize, look: Look) -> (Line, usize) {
    let (typed, cursor) = state.typed();
    let mut writer = Writer::new(limit);
    writer.put(PROMPT, look.prompt);
    let room = limit.saturating_sub(PROMPT.len());
    let pieces: Vec<_> = typed.iter().map(|c| escape_char(*c)).collect();
    let mut from = cursor;
    let mut before = 0;
    while from > 0 && before + width(&pieces[from - 1]) <= room {
        from -= 1;
        before += width(&pieces[from]);
    }
    for piece in &pieces[from..] {
        writer.put(piece, Style::new());
    }
    (writer.finish(), (PROMPT.len() + before).min(limit))
}

fn escape_char(c: char) -> String {
    escape(c.encode_utf8(&mut [0; 4])).into_owned()
}

/// The columns that the text takes once it is made harmless. Letters that join to one are counted each, so that there is
/// never less room than needed.
fn width(text: &str) -> usize {
    escape(text).chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// Puts a line together, as far as it has room.
struct Writer {
    line: Line,
    limit: usize,
    /// How what was put last looks.
    style: Style,
}

impl Writer {
    fn new(limit: usize) -> Self {
        Self { line: Line::default(), limit, style: Style::new() }
    }

    fn put(&mut self, text: &str, style: Style) {
        for c in text.chars() {
            let more = c.width().unwrap_or(0);
            if self.line.columns + more > self.limit {
                // Nothing behind it may come in its place.
                self.limit = self.line.columns;
                break;
            }
            self.switch_to(style);
            self.line.columns += more;
            self.line.text.push(c);
        }
    }

    fn switch_to(&mut self, style: Style) {
        if style != self.style {
            // Writing into a `String` cannot fail.
            let _ = write!(self.line.text, "{:#}{style}", self.style);
            self.style = style;
        }
    }

    fn finish(mut self) -> Line {
        self.switch_to(Style::new());
        self.line
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{keys::Key, query::Haystack},
        *,
    };

    fn item(searched: [&str; 3], noted: [&str; 2]) -> Item {
        Item { searched: searched.map(str::to_owned).to_vec(), noted: noted.map(str::to_owned).to_vec() }
    }

    fn items() -> Vec<Item> {
        vec![
            item(["prod-admin", "333344445555", "Admin"], ["42m left", "identity"]),
            item(["dev", "222233334444", "team/platform/Developer"], ["", "identity"]),
            item(["本番", "", ""], ["", "sso: corp"]),
            item(["evil\u{1b}[2J\u{202e}", "", "A\nB"], ["11h 59m left", "keys"]),
        ]
    }

    fn state(items: &[Item]) -> State {
        State::new(items.iter().map(|item| Haystack::new(&item.searched)).collect())
    }

    fn drawn(items: &[Item], keys: &[Key], columns: usize, rows: usize) -> String {
        let mut state = state(items);
        state.resize(item_rows(items.len(), Size { columns, rows }));
        for key in keys {
            state.press(*key);
        }
        let frame = View::new(items, true).render(&mut state, Size { columns, rows });
        let lines: Vec<_> = frame
            .lines
            .iter()
            .map(|line| {
                let text = anstream::adapter::strip_str(&line.text).to_string();
                assert_eq!(width(&text), line.columns, "{text}");
                assert!(line.columns < columns.max(1), "{text}");
                format!("|{}|", text.trim_end())
            })
            .collect();
        assert!(lines.len() <= rows.max(1));
        format!("{}\n cursor {}", lines.join("\n"), frame.cursor)
    }

    fn typed(text: &str) -> Vec<Key> {
        text.chars().map(Key::Char).collect()
    }

    #[test]
    fn at_first_all_are_shown_and_the_likeliest_is_lowest() {
        insta::assert_snapshot!(drawn(&items(), &[], 80, 24), @r"
        |  evil\u{1b}[2J\u{202e}                A\nB                     11h 59m left|
        |  本番|
        |  dev                    222233334444  team/platform/Developer|
        |> prod-admin             333344445555  Admin                    42m left|
        |  4/4|
        |>|
         cursor 2
        ");
    }

    #[test]
    fn what_is_found_moves_down_to_the_prompt() {
        insta::assert_snapshot!(drawn(&items(), &typed("dev"), 80, 24), @r"
        ||
        ||
        ||
        |> dev                    222233334444  team/platform/Developer|
        |  1/4|
        |> dev|
         cursor 5
        ");
        insta::assert_snapshot!(drawn(&items(), &typed("nothing like it"), 80, 24), @r"
        ||
        ||
        ||
        ||
        |  0/4|
        |> nothing like it|
         cursor 17
        ");
    }

    #[test]
    fn a_narrow_terminal_leaves_out_what_matters_least() {
        insta::assert_snapshot!(drawn(&items(), &[Key::Up], 60, 24), @r"
        |  evil\u{1b}[2J..                     A\nB|
        |  本番|
        |> dev                   222233334444  team/platform/Devel..|
        |  prod-admin            333344445555  Admin|
        |  4/4|
        |>|
         cursor 2
        ");
        insta::assert_snapshot!(drawn(&items(), &[], 32, 24), @r"
        |  evil..              A\nB|
        |  本番|
        |  dev       222233..  team/pl..|
        |> prod-a..  333344..  Admin|
        |  4/4|
        |>|
         cursor 2
        ");
        insta::assert_snapshot!(drawn(&items(), &typed("a long search for it"), 12, 24), @r"
        ||
        ||
        ||
        ||
        |  0/4|
        |> ch for it|
         cursor 11
        ");
    }

    #[test]
    fn a_low_terminal_shows_fewer() {
        insta::assert_snapshot!(drawn(&items(), &[], 40, 4), @r"
        |  dev          222233334..  team/plat..|
        |> prod-admin   333344445..  Admin|
        |  4/4|
        |>|
         cursor 2
        ");
        insta::assert_snapshot!(drawn(&items(), &[], 40, 1), @r"
        |>|
         cursor 2
        ");
    }

    #[test]
    fn it_takes_two_fifths_and_at_most_twenty_lines() {
        let rows = |rows| item_rows(3000, Size { columns: 80, rows });
        assert_eq!([1, 2, 3, 5, 24, 40, 50, 200].map(rows), [0, 0, 1, 3, 7, 14, 18, 18]);
        assert_eq!(item_rows(3, Size { columns: 80, rows: 50 }), 3, "no more than there are");
    }

    #[test]
    fn the_letters_that_were_found_stand_out() {
        let items = items();
        let mut state = state(&items);
        for key in typed("pa") {
            state.press(key);
        }
        let line = |state: &mut State, colour| {
            let frame = View::new(&items, colour).render(state, Size { columns: 80, rows: 24 });
            frame.lines[frame.lines.len() - 3].text.replace('\u{1b}', "^")
        };
        insta::assert_snapshot!(line(&mut state, true), @r"^[1m^[31m> ^[0m^[1m^[32mp^[0m^[1mrod-^[0m^[1m^[32ma^[0m^[1mdmin             333344445555  Admin                    ^[0m^[2m42m left^[0m");
        insta::assert_snapshot!(line(&mut state, false), @r"^[1m> ^[0m^[1m^[4mp^[0m^[1mrod-^[0m^[1m^[4ma^[0m^[1mdmin             333344445555  Admin                    ^[0m42m left");
    }

    #[test]
    fn the_cursor_stays_in_view_of_a_long_line() {
        let items = items();
        let keys = [typed("0123456789"), vec![Key::Home, Key::Right, Key::Right]].concat();
        insta::assert_snapshot!(drawn(&items, &typed("0123456789"), 10, 3), @r"
        ||
        |  0/4|
        |> 3456789|
         cursor 9
        ");
        insta::assert_snapshot!(drawn(&items, &keys, 10, 3), @r"
        ||
        |  0/4|
        |> 0123456|
         cursor 4
        ");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_terminal_and_none_is_harmful(
            names in prop::collection::vec("\\PC{0,12}|(.|\n){0,6}", 1..6),
            keys in "\\PC{0,6}", columns in 0..60_usize, rows in 0..30_usize,
        ) {
            let items: Vec<_> = names.iter().map(|name| item([name, "", name], [name, ""])).collect();
            drawn(&items, &typed(&keys), columns, rows);
            let mut state = state(&items);
            let frame = View::new(&items, false).render(&mut state, Size { columns, rows });
            for line in frame.lines {
                let text = anstream::adapter::strip_str(&line.text).to_string();
                prop_assert_eq!(escape(&text), text.as_str());
            }
        }
    }
}
