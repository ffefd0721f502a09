//! The terminal device itself, which is there even while standard input, output and error are pipes.
//!
//! Must not know what is asked or said on it.

use std::{
    fs::{File, OpenOptions},
    io::{self, IsTerminal, Read, Write},
};

use rolo_core::Secret;
use rustix::{
    process::getpgrp,
    termios::{tcgetpgrp, tcgetwinsize},
};

/// The calling process's own terminal, whatever its name.
const DEVICE: &str = "/dev/tty";

/// Longer than any line a person types here; what comes after is dropped.
const MAX_LINE: usize = 1024;

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

    /// Writes `text` as it is; the caller has escaped it.
    pub fn say(&self, text: &str) -> io::Result<()> {
        (&self.device).write_all(text.as_bytes())
    }

    /// Reads what a person types up to Enter, without blanks at either end. `None` at the end of input.
    ///
    /// The terminal's settings are left alone, echo included: a code is of use once, and a person wants to see typing
    /// errors. So Ctrl-C and Ctrl-Z find nothing to put back and the shell gets its terminal as it was.
    pub fn read_line(&self) -> io::Result<Option<Secret>> {
        read_line(&self.device)
    }
}

/// Reads byte by byte, so that nothing behind the line end is taken from the program that reads next. A terminal that a
/// full-screen program left in raw mode ends lines with CR and sends Ctrl-C and Ctrl-D as bytes: both mean no answer.
fn read_line(mut input: impl Read) -> io::Result<Option<Secret>> {
    const CTRL_C: u8 = 0x03;
    const CTRL_D: u8 = 0x04;
    // Room for every byte from the start: growing would leave copies of the secret behind.
    let mut line = String::with_capacity(MAX_LINE);
    let mut byte = [0];
    loop {
        match input.read(&mut byte) {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        match byte[0] {
            b'\n' | b'\r' => break,
            CTRL_C | CTRL_D => return Ok(None),
            b' ' | b'\t' if line.is_empty() => {}
            // What is not ASCII is no part of a code. A replacement keeps it wrong, so that it is asked again.
            byte if !byte.is_ascii() && line.len() + 3 <= MAX_LINE => line.push(char::REPLACEMENT_CHARACTER),
            byte if byte.is_ascii() && line.len() < MAX_LINE => line.push(char::from(byte)),
            _ => {}
        }
    }
    line.truncate(line.trim_end().len());
    Ok(Some(Secret::new(line)))
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
        let line = read_line(&mut rest).unwrap().map(|line| line.expose().to_owned());
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
}
