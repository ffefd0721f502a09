//! The picker on a terminal: draws below the cursor, reads keys, and leaves the screen as it was.
//!
//! Must not know what the items are, nor what a key does.

use std::{fmt::Write, io};

use super::{
    frame::{Frame, View},
    keys::Decoder,
    state::{State, Step},
};
use crate::ui::terminal::{
    Terminal,
    raw::{Event, RawTerminal},
};

/// Lets a person choose. `None`: nothing was chosen.
pub(super) fn choose(state: &mut State, view: &View<'_>, terminal: &Terminal) -> io::Result<Option<usize>> {
    let mut raw = RawTerminal::start(terminal)?;
    let mut picture = Picture::default();
    let chosen = run(state, view, &mut raw, &mut picture);
    // Also where the terminal failed: the more of it is put right, the better.
    let cleared = raw.write(&picture.clear(raw.size().columns));
    let chosen = chosen?;
    cleared.map(|()| chosen)
}

fn run(
    state: &mut State,
    view: &View<'_>,
    raw: &mut RawTerminal<'_>,
    picture: &mut Picture,
) -> io::Result<Option<usize>> {
    let mut decoder = Decoder::default();
    loop {
        // What was typed or pasted at once is drawn at once.
        if !raw.has_more()? {
            let size = raw.size();
            raw.write(&picture.draw(view.render(state, size), size.columns))?;
        }
        let key = match raw.next(decoder.is_waiting())? {
            Event::Byte(byte) => decoder.take(byte),
            Event::Pause => decoder.finish(),
            Event::Drawn => None,
            Event::End => return Ok(None),
            Event::Signal(signal) => {
                let size = raw.size();
                raw.write(&picture.clear(size.columns))?;
                raw.give_way(signal)?;
                None
            }
        };
        match key.map_or(Step::On, |key| state.press(key)) {
            Step::On => {}
            Step::Chosen(item) => return Ok(Some(item)),
            Step::Aborted => return Ok(None),
        }
    }
}

/// What was drawn last, so that the next picture takes its place.
#[derive(Debug, Default)]
struct Picture {
    drawn: Option<Frame>,
}

impl Picture {
    /// What draws `frame` in place of the last one.
    fn draw(&mut self, frame: Frame, columns: usize) -> String {
        // The cursor would be seen jumping.
        let mut text = String::from("\x1b[?25l");
        text.push_str(&self.back_to_start(columns));
        for (number, line) in frame.lines.iter().enumerate() {
            if number > 0 {
                text.push_str("\r\n");
            }
            text.push_str(&line.text);
            text.push_str("\x1b[K");
        }
        text.push_str("\x1b[J\r");
        if frame.cursor > 0 {
            // Writing into a `String` cannot fail.
            let _ = write!(text, "\x1b[{}C", frame.cursor);
        }
        text.push_str("\x1b[?25h");
        self.drawn = Some(frame);
        text
    }

    /// What removes the last one and puts the cursor where it was.
    fn clear(&mut self, columns: usize) -> String {
        if self.drawn.is_none() {
            return String::new();
        }
        let text = self.back_to_start(columns) + "\x1b[J";
        self.drawn = None;
        text
    }

    /// To the beginning of the last picture, from its cursor. A terminal that has become narrower since has broken its
    /// lines, so they are more than were drawn.
    fn back_to_start(&self, columns: usize) -> String {
        let Some(drawn) = &self.drawn else { return "\r".to_owned() };
        let columns = columns.max(1);
        let above = drawn.lines.len().saturating_sub(1);
        let broken: usize =
            drawn.lines[..above].iter().map(|line| line.columns.saturating_sub(1) / columns).sum();
        match above + broken + drawn.cursor / columns {
            0 => "\r".to_owned(),
            up => format!("\r\x1b[{up}A"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::frame::Line, *};

    fn frame(widths: &[usize], cursor: usize) -> Frame {
        let line = |width: &usize| Line { text: "x".repeat(*width), columns: *width };
        Frame { lines: widths.iter().map(line).collect(), cursor }
    }

    #[test]
    fn each_picture_takes_the_place_of_the_last_and_nothing_is_left() {
        let mut picture = Picture::default();
        assert_eq!(picture.clear(80), "", "nothing was drawn");
        let first = picture.draw(frame(&[1, 2, 3], 2), 80);
        assert_eq!(first, "\x1b[?25l\rx\x1b[K\r\nxx\x1b[K\r\nxxx\x1b[K\x1b[J\r\x1b[2C\x1b[?25h");
        let second = picture.draw(frame(&[1, 1], 0), 80);
        assert_eq!(second, "\x1b[?25l\r\x1b[2Ax\x1b[K\r\nx\x1b[K\x1b[J\r\x1b[?25h");
        assert_eq!(picture.clear(80), "\r\x1b[1A\x1b[J");
        assert_eq!(picture.clear(80), "");
    }

    #[test]
    fn lines_that_the_terminal_broke_are_gone_over() {
        let mut picture = Picture::default();
        picture.draw(frame(&[79, 40, 5], 45), 80);
        assert_eq!(picture.clear(40), "\r\x1b[4A\x1b[J");
    }
}
