//! Runs a command as in a terminal: with a person at it, or in a pseudo-terminal where the MFA code is typed by the script.

use std::error::Error;
use std::io::Write as _;
use std::process::Command;
use std::time::Duration;

use expectrl::process::unix::WaitStatus;
use expectrl::{Any, Eof, Expect as _, Needle, Regex, Session};

/// Beyond this, a step hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// How rolo asks, up to where the code is typed.
const PROMPT: &str = "MFA code for [^\r\n]*: ";

/// On this very terminal.
pub(crate) fn run_with_person(mut command: Command) -> Result<(), Box<dyn Error>> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("it ended with {status}").into()) }
}

/// In a pseudo-terminal: shows the output, answers each prompt with `code`, and gives back all that was shown.
pub(crate) fn run_with_script(command: Command, code: &str) -> Result<String, Box<dyn Error>> {
    let mut session = Session::spawn(command)?;
    session.get_process_mut().set_window_size(110, 40)?;
    session.get_process_mut().set_echo(true, None)?;
    session.set_expect_timeout(Some(PATIENCE));
    let mut shown = String::new();
    loop {
        let either: [Box<dyn Needle>; 2] = [Box::new(Regex(PROMPT)), Box::new(Eof)];
        let found = session.expect(Any(either))?;
        let is_prompt = found.get(0).is_some_and(|text| text.starts_with(b"MFA code"));
        let text = String::from_utf8_lossy(found.as_bytes()).replace("\r\n", "\n");
        show(&text)?;
        shown.push_str(&text);
        if !is_prompt {
            break;
        }
        session.send_line(code)?;
    }
    match session.get_process().wait()? {
        WaitStatus::Exited(_, 0) => Ok(shown),
        other => Err(format!("it ended with {other:?}").into()),
    }
}

fn show(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
