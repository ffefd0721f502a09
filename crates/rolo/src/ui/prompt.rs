//! Asks a person for an MFA code, on the terminal device and never on standard input or output, so that
//! `eval "$(rolo export prod)"` and pipes work.
//!
//! Must not know what the code is for, nor whether it is right.

use rolo_core::{
    Secret,
    arn::MfaSerial,
    talk::{ChooseMfaDevice, NoCode, PromptMfaCode},
};

use super::{
    Verbosity,
    escape::{escape, escape_to_one_line},
    question::{Menu, NoAnswer},
    terminal::Terminal,
};

/// The terminal as a source of MFA codes.
#[derive(Debug, Clone, Copy, Default)]
pub struct TerminalPrompt {
    verbosity: Verbosity,
    is_mute: bool,
}

impl TerminalPrompt {
    /// A prompt that says no more than `verbosity` asks for.
    pub fn new(verbosity: Verbosity) -> Self {
        Self { verbosity, is_mute: false }
    }

    /// One that asks nothing, as if there were no terminal.
    pub fn mute() -> Self {
        Self { is_mute: true, ..Self::default() }
    }

    fn terminal(self) -> Option<Terminal> {
        if self.is_mute { None } else { Terminal::open() }
    }
}

impl PromptMfaCode for TerminalPrompt {
    fn can_prompt(&self) -> bool {
        self.terminal().is_some()
    }

    fn prompt_mfa_code(&self, serial: &MfaSerial, why: Option<&str>) -> Result<Secret, NoCode> {
        // Opened for each question: between two of them the process can have gone to the background.
        let terminal = self.terminal().ok_or(NoCode::NobodyToAsk)?;
        terminal.say(&render_prompt(serial, why, self.verbosity)).map_err(NoCode::Terminal)?;
        if let Some(line) = terminal.read_line().map_err(NoCode::Terminal)? {
            return Ok(line);
        }
        // Ctrl-D leaves the cursor behind the prompt. That the line stays unfinished is no failure of its own.
        let _ = terminal.say("\n");
        Err(NoCode::Declined)
    }
}

impl ChooseMfaDevice for TerminalPrompt {
    fn choose_mfa_device(&self, devices: &[MfaSerial]) -> Result<MfaSerial, NoCode> {
        let terminal = self.terminal().ok_or(NoCode::NobodyToAsk)?;
        let items: Vec<String> = devices.iter().map(ToString::to_string).collect();
        let index = Menu { title: "Which MFA device?", items: &items }.choose(&terminal).map_err(
            |error| match error {
                NoAnswer::NobodyToAsk => NoCode::NobodyToAsk,
                NoAnswer::Declined => NoCode::Declined,
                NoAnswer::Terminal(error) => NoCode::Terminal(error),
            },
        )?;
        Ok(devices[index].clone())
    }
}

/// The question, after what went before. The device is named at every level at which anything is said: whoever has two
/// must know which.
fn render_prompt(serial: &MfaSerial, why: Option<&str>, verbosity: Verbosity) -> String {
    if verbosity == Verbosity::Silent {
        return String::new();
    }
    let question = format!("MFA code for {}: ", escape(serial.as_str()));
    match why.filter(|_| verbosity > Verbosity::Quiet) {
        Some(why) => format!("{}\n{question}", escape_to_one_line(why)),
        None => question,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_names_the_device_and_what_went_before() {
        let serial = MfaSerial::new("arn:aws:iam::111122223333:mfa/ada");
        let why = Some("that code was refused");
        insta::assert_snapshot!(render_prompt(&serial, why, Verbosity::Normal), @r"
        that code was refused
        MFA code for arn:aws:iam::111122223333:mfa/ada:
        ");
        insta::assert_snapshot!(
            render_prompt(&serial, why, Verbosity::Quiet),
            @"MFA code for arn:aws:iam::111122223333:mfa/ada:"
        );
        assert_eq!(render_prompt(&serial, why, Verbosity::Silent), "");
    }

    #[test]
    fn a_device_name_cannot_write_to_the_terminal() {
        let text =
            render_prompt(&MfaSerial::new("mfa/\u{1b}[2Jx"), Some("no\u{7}\nnever"), Verbosity::Normal);
        assert_eq!(text, "no\\u{7} never\nMFA code for mfa/\\u{1b}[2Jx: ");
    }
}
