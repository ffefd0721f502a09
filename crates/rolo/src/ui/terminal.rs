//! The terminal device itself, which is there even while standard input, output and error are pipes.
//!
//! Must not know what is asked or said on it.

pub mod raw;

use std::{
    fs::{File, OpenOptions},
    io::{self, IsTerminal, Read, Write},
    time::Duration,
};

use rolo_core::Secret;
use rustix::{
    process::{Signal, getpgrp, kill_current_process_group},
    termios::{
        LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr, tcgetpgrp,
        tcgetwinsize, tcsetattr,
    },
};

/// The calling process's own terminal, whatever its name.
const DEVICE: &str = "/dev/tty";

/// Longer than any line a person types here; what comes after is dropped.
const MAX_LINE: usize = 1024;

/// A signal to one's own process has surely come by then.
const SIGNAL_ARRIVES: Duration = Duration::from_millis(100);

const CTRL_C: u8 = 0x03;
const CTRL_D: u8 = 0x04;

/// A terminal on which a person can be asked now.
#[derive(Debug)]
pub struct Terminal {
    device: File,
}

impl Terminal {
    /// Opens the terminal device. `None` where the process has none (cron, a service, `setsid`), and where it is not in
    /// the terminal's foreground process group: there a read stops the process by SIGTTIN, with its locks held.
    pub fn open() -> Option<Self> {
        let device = OpenOptions::new().read(true).write(true).open(DEVICE).ok()?;
        let foreground = tcgetpgrp(&device).ok()?;
        (foreground == getpgrp()).then_some(Self { device })
    }

    /// Drops what was typed, or pasted, before the question that it must not answer.
    pub fn drop_typed(&self) -> io::Result<()> {
        Ok(tcflush(&self.device, QueueSelector::IFlush)?)
    }

    /// Writes `text` as it is; the caller has escaped it.
    pub fn say(&self, text: &str) -> io::Result<()> {
        (&self.device).write_all(text.as_bytes())
    }

    /// Reads what a person types up to Enter, without blanks at either end. `None` at the end of input.
    ///
    /// The terminal's settings are left alone, echo included: a code is of use once, and a person wants to see typing
    /// errors. So Ctrl-C and Ctrl-Z find nothing to put back and the shell gets its terminal as it was.
    pub fn read_line(&self) -> io::Result<Option<Secret>> {
        Ok(match read_typed(&self.device, &[CTRL_C, CTRL_D])? {
            Typed::Line(line) => Some(line),
            Typed::End | Typed::Key(_) => None,
        })
    }

    /// Says `prompt` and reads a line of which nothing is shown, ended and trimmed as in [`read_line`](Self::read_line).
    ///
    /// Ctrl-C and Ctrl-Z do what they do at any prompt, but only once the terminal shows typing again: where a signal
    /// from the terminal ended the process at once, whoever started it would type unseen from then on. So they come in
    /// as typed, and the signal is sent from here. After Ctrl-Z it is asked anew.
    pub fn read_hidden_line(&self, prompt: &str) -> io::Result<Option<Secret>> {
        loop {
            let hidden = HiddenTyping::start(&self.device)?;
            let (interrupt, suspend) =
                (hidden.key(SpecialCodeIndex::VINTR), hidden.key(SpecialCodeIndex::VSUSP));
            self.say(prompt)?;
            let typed = read_typed(&self.device, &[interrupt, suspend, CTRL_C, CTRL_D]);
            drop(hidden);
            // Enter was not shown either.
            self.say("\n")?;
            let signal = match typed? {
                Typed::Line(line) => return Ok(Some(line)),
                Typed::Key(key) if key == interrupt => Signal::INT,
                Typed::Key(key) if key == suspend => Signal::TSTP,
                Typed::Key(_) | Typed::End => return Ok(None),
            };
            // To the whole group, as the terminal sends it.
            kill_current_process_group(signal)?;
            // Where another thread takes the signal, this one runs on for a moment: not into the next question.
            std::thread::sleep(SIGNAL_ARRIVES);
            if signal == Signal::INT {
                return Ok(None);
            }
        }
    }
}

/// A terminal that shows nothing of what is typed, until this is dropped.
struct HiddenTyping<'t> {
    device: &'t File,
    before: Termios,
}

impl<'t> HiddenTyping<'t> {
    /// What was typed ahead is kept: it has been shown already, and whoever pastes several answers means them.
    fn start(device: &'t File) -> io::Result<Self> {
        let before = tcgetattr(device)?;
        let mut hidden = before.clone();
        hidden.local_modes &= !(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ISIG);
        if hidden.local_modes.contains(LocalModes::ICANON) {
            // The keys that would have sent a signal end the line, or they would be read after Enter only.
            hidden.special_codes[SpecialCodeIndex::VEOL] = before.special_codes[SpecialCodeIndex::VINTR];
            hidden.special_codes[SpecialCodeIndex::VEOL2] = before.special_codes[SpecialCodeIndex::VSUSP];
        }
        tcsetattr(device, OptionalActions::Now, &hidden)?;
        Ok(Self { device, before })
    }

    /// What the terminal takes for the key.
    fn key(&self, index: SpecialCodeIndex) -> u8 {
        self.before.special_codes[index]
    }
}

impl Drop for HiddenTyping<'_> {
    fn drop(&mut self) {
        // A terminal that is gone has no settings to put back.
        let _ = tcsetattr(self.device, OptionalActions::Now, &self.before);
    }
}

/// How typing ended.
enum Typed {
    /// By Enter.
    Line(Secret),
    /// By one of the keys that were looked for.
    Key(u8),
    /// There is no more.
    End,
}

/// Reads byte by byte, so that nothing behind the line end is taken from the program that reads next. A terminal that a
/// full-screen program left in raw mode ends lines with CR and sends Ctrl-C and Ctrl-D as bytes, which `keys` may name.
fn read_typed(mut input: impl Read, keys: &[u8]) -> io::Result<Typed> {
    // Room for every byte from the start: growing would leave copies of the secret behind.
    let mut line = String::with_capacity(MAX_LINE);
    let mut letter = Letter::default();
    let mut byte = [0];
    loop {
        match input.read(&mut byte) {
            Ok(0) => return Ok(Typed::End),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        match byte[0] {
            b'\n' | b'\r' => break,
            // Zero is how a terminal says that it has no such key.
            key if key != 0 && keys.contains(&key) => return Ok(Typed::Key(key)),
            b' ' | b'\t' if line.is_empty() => {}
            byte => {
                if let Some(letter) = letter.take(byte)
                    && line.len() + letter.len_utf8() <= MAX_LINE
                {
                    line.push(letter);
                }
            }
        }
    }
    if letter.len > 0 && line.len() + char::REPLACEMENT_CHARACTER.len_utf8() <= MAX_LINE {
        line.push(char::REPLACEMENT_CHARACTER);
    }
    line.truncate(line.trim_end().len());
    Ok(Typed::Line(Secret::new(line)))
}

/// Puts the bytes of a letter together. What is no UTF-8 becomes a replacement, so that it stays wrong.
#[derive(Default)]
struct Letter {
    bytes: [u8; 4],
    len: usize,
}

impl Letter {
    fn take(&mut self, byte: u8) -> Option<char> {
        self.bytes[self.len] = byte;
        self.len += 1;
        let bytes = &self.bytes[..self.len];
        let letter = match std::str::from_utf8(bytes) {
            Ok(text) => text.chars().next(),
            // Four bytes are never too few, so there is always room for the next.
            Err(error) if error.error_len().is_none() => return None,
            Err(_) => Some(char::REPLACEMENT_CHARACTER),
        };
        self.len = 0;
        letter
    }
}

/// The columns of the terminal that standard output is; `None` where it is none or does not know.
pub fn stdout_width() -> Option<u16> {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    tcgetwinsize(&stdout).ok().map(|size| size.ws_col).filter(|&columns| columns > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(input: &str) -> (Option<String>, String) {
        let mut rest = input.as_bytes();
        let line = match read_typed(&mut rest, &[CTRL_C, CTRL_D]).unwrap() {
            Typed::Line(line) => Some(line.expose().to_owned()),
            Typed::Key(_) | Typed::End => None,
        };
        (line, String::from_utf8(rest.to_vec()).unwrap())
    }

    #[test]
    fn a_line_is_trimmed_and_nothing_behind_it_is_taken() {
        assert_eq!(typed(" 123456 \t\nls\n"), (Some("123456".to_owned()), "ls\n".to_owned()));
        assert_eq!(typed("12 34\rls\r"), (Some("12 34".to_owned()), "ls\r".to_owned()));
        assert_eq!(typed("\n"), (Some(String::new()), String::new()));
    }

    #[test]
    fn end_of_input_is_no_answer() {
        assert_eq!(typed("").0, None);
        assert_eq!(typed("1234").0, None, "an unfinished line was not confirmed");
        assert_eq!(typed("12\u{3}34\r").0, None);
        assert_eq!(typed("\u{4}").0, None);
    }

    #[test]
    fn endless_and_odd_lines_do_no_harm() {
        let (line, rest) = typed(&format!("{}\nrest", "7".repeat(100_000)));
        assert_eq!((line.map(|line| line.len()), rest.as_str()), (Some(MAX_LINE), "rest"));
        assert!(typed("１２３\n").0.is_some_and(|line| !line.contains(|c: char| c.is_ascii_digit())));
    }

    #[test]
    fn letters_of_every_script_are_kept_and_what_is_none_stays_wrong() {
        assert_eq!(typed("Überprüfung 本番 👩\n").0.as_deref(), Some("Überprüfung 本番 👩"));
        for (bytes, read) in
            [(&b"a\xffb\n"[..], "a\u{fffd}b"), (b"\xc3a\n", "\u{fffd}"), (b"\xe6\x9c\n", "\u{fffd}")]
        {
            let Typed::Line(line) = read_typed(bytes, &[]).unwrap() else { panic!("{bytes:?}") };
            assert_eq!(line.expose(), read, "{bytes:?}");
        }
    }
}
