//! One call that needs an MFA code: finds a code, sends it, asks again where that can help.
//!
//! In this order: what was given by flag or variable (sent once), the profile's `mfa_process`, a person at the terminal.
//! The caller holds the device's lock. Must not know which call it is.

use std::{cell::RefCell, collections::VecDeque, ffi::OsString, time::Duration};

use super::spent::{SpentCodes, until_next_code};
use crate::{
    Secret,
    arn::MfaSerial,
    aws::AwsError,
    host::{Command, Host},
    talk::{Hear, NoCode, Notice, PromptMfaCode},
    words::split_words,
};

const PROCESS_TIMEOUT: Duration = Duration::from_mins(1);
/// A refused code is asked for again this often in all.
const MOST_CODES: u32 = 3;

/// Why a call that needs a code was not made, or failed for the code's sake.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// Nobody and nothing gives a code.
    #[error("an MFA code for `{serial}` is needed")]
    NoCode {
        /// The device.
        serial: String,
        /// Why nobody could be asked.
        #[source]
        source: NoCode,
    },
    /// What was given is no code.
    #[error("the MFA code in {from} is not six digits")]
    BadForm {
        /// `--mfa-code` or `$ROLO_MFA_CODE`.
        from: &'static str,
    },
    /// What was given has been used.
    #[error("the MFA code in {from} was used already, and each code is good for one call")]
    Spent {
        /// `--mfa-code` or `$ROLO_MFA_CODE`.
        from: &'static str,
        /// Until the next code.
        wait: Duration,
    },
    /// AWS did not take the code, and there is no other.
    #[error("the MFA code for `{serial}` was refused")]
    Refused {
        /// The device.
        serial: String,
        /// AWS's answer.
        #[source]
        source: AwsError,
    },
    /// `mfa_process` did not give a code.
    #[error("`mfa_process` failed: {reason}")]
    Process {
        /// In words, without anything the program printed.
        reason: String,
    },
    /// The call failed for another reason than the code.
    #[error(transparent)]
    Call(AwsError),
}

/// Codes given beforehand, each to be sent once.
#[derive(Debug)]
pub struct GivenCodes {
    from: &'static str,
    codes: RefCell<VecDeque<Secret>>,
}

impl GivenCodes {
    /// `text` holds one code, or several separated by blanks for a run that needs several; `from` names the flag or
    /// variable.
    pub fn new(from: &'static str, text: &str) -> Self {
        Self { from, codes: RefCell::new(text.split_whitespace().map(Secret::new).collect()) }
    }

    /// None were given.
    pub fn none() -> Self {
        Self::new("", "")
    }
}

/// All that can give a code.
#[derive(Clone, Copy)]
pub struct CodeSources<'a> {
    /// From the command line or environment.
    pub given: &'a GivenCodes,
    /// A person.
    pub prompt: &'a dyn PromptMfaCode,
    /// Which codes are used up.
    pub spent: &'a SpentCodes,
    /// The world.
    pub host: Host<'a>,
    /// Who hears of waiting.
    pub hear: &'a dyn Hear,
}

enum Origin {
    Given,
    Process,
    Person,
}

impl CodeSources<'_> {
    /// Whether a code could be had for another try.
    pub fn can_prompt(&self) -> bool {
        self.prompt.can_prompt()
    }

    /// Makes `call` with a code of `serial`.
    pub fn with_code<T>(
        &self,
        serial: &MfaSerial,
        mfa_process: Option<&str>,
        mut call: impl FnMut(Secret) -> Result<T, AwsError>,
    ) -> Result<T, CodeError> {
        let mut why: Option<&str> = None;
        let mut refused: Vec<Secret> = Vec::new();
        loop {
            let (code, origin) = self.next_code(serial, mfa_process, why)?;
            if !is_code(&code) {
                why = Some("a code has six digits");
                if let Origin::Person = origin {
                    continue;
                }
                return Err(self.bad_form(&origin));
            }
            let now = self.host.clock.now();
            if self.spent.is_spent(serial, &code, now) {
                let wait = until_next_code(now);
                if let Origin::Given = origin {
                    return Err(CodeError::Spent { from: self.given.from, wait });
                }
                self.hear.hear(&Notice::NextCode(wait));
                self.host.clock.sleep(wait);
                why = None;
                continue;
            }
            if refused.contains(&code) {
                why = Some("that code was refused a moment ago");
                continue;
            }
            match call(code.clone()) {
                Ok(answer) => {
                    self.spent.note(serial, &code, self.host.clock.now());
                    return Ok(answer);
                }
                Err(error) if error.is_invalid_mfa_code() => {
                    refused.push(code);
                    let tries = u32::try_from(refused.len()).unwrap_or(u32::MAX);
                    if !matches!(origin, Origin::Person) || tries >= MOST_CODES {
                        return Err(CodeError::Refused { serial: serial.to_string(), source: error });
                    }
                    why = Some("that code was refused");
                }
                Err(error) => {
                    // Where no answer came, AWS may have taken the code all the same.
                    if error.is_unreachable() {
                        self.spent.note(serial, &code, self.host.clock.now());
                    }
                    return Err(CodeError::Call(error));
                }
            }
        }
    }

    fn next_code(
        &self,
        serial: &MfaSerial,
        mfa_process: Option<&str>,
        why: Option<&str>,
    ) -> Result<(Secret, Origin), CodeError> {
        if let Some(code) = self.given.codes.borrow_mut().pop_front() {
            return Ok((code, Origin::Given));
        }
        if let Some(command) = mfa_process {
            return self.run_mfa_process(command).map(|code| (code, Origin::Process));
        }
        let code = self
            .prompt
            .prompt_mfa_code(serial, why)
            .map_err(|source| CodeError::NoCode { serial: serial.to_string(), source })?;
        Ok((code, Origin::Person))
    }

    fn run_mfa_process(&self, command: &str) -> Result<Secret, CodeError> {
        let failed = |reason: String| CodeError::Process { reason };
        let mut words = split_words(command).map_err(|reason| failed(format!("it {reason}")))?.into_iter();
        let program = words.next().ok_or_else(|| failed("it names no program".to_owned()))?;
        let command = Command {
            program: OsString::from(&program),
            args: words.map(OsString::from).collect(),
            env: Vec::new(),
            timeout: Some(PROCESS_TIMEOUT),
        };
        let output =
            self.host.spawn.run(&command).map_err(|error| failed(format!("`{program}`: {error}")))?;
        if output.code != Some(0) {
            return Err(failed(format!("`{program}` ended with {}", output.status)));
        }
        Ok(Secret::new(output.stdout.expose().trim()))
    }

    fn bad_form(&self, origin: &Origin) -> CodeError {
        match origin {
            Origin::Process => CodeError::Process { reason: "what it printed is not six digits".to_owned() },
            Origin::Given | Origin::Person => CodeError::BadForm { from: self.given.from },
        }
    }
}

fn is_code(code: &Secret) -> bool {
    let text = code.expose();
    text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())
}
