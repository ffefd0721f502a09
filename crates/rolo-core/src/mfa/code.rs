//! One call that needs an MFA code: finds a code, sends it, asks again where that can help.
//!
//! In this order: what was given by flag or variable (sent once), the profile's `mfa_process`, a person at the terminal.
//! The caller holds the device's lock. Must not know which call it is.

use std::{cell::RefCell, collections::VecDeque, ffi::OsString, time::Duration};

use super::spent::{SpentCodes, until_next_code};
use crate::{
    Secret,
    arn::MfaSerial,
    aws::{AwsError, Words},
    host::{Command, Host},
    provider::quote::quote,
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
        /// The line of its standard error that says what is wrong, without secrets.
        #[source]
        said: Option<Words>,
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
        let mut waited = false;
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
                if waited && matches!(origin, Origin::Process) {
                    let reason =
                        "it printed a code that was used already, and the same again in the next window";
                    return Err(CodeError::Process { reason: reason.to_owned(), said: None });
                }
                waited = true;
                self.hear.hear(&Notice::NextCode(wait));
                self.host.clock.sleep(wait);
                why = None;
                continue;
            }
            if refused.contains(&code) {
                why = Some("that code was refused a moment ago");
                continue;
            }
            let from = match origin {
                Origin::Given => self.given.from,
                Origin::Process => "`mfa_process`",
                Origin::Person => "the terminal",
            };
            self.hear.hear(&Notice::Step(format!("the code of `{serial}` comes from {from}")));
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
                    if may_have_taken_code(&error) {
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
        let failed = |reason: String| CodeError::Process { reason, said: None };
        let mut words = split_words(command).map_err(|reason| failed(format!("it {reason}")))?.into_iter();
        let program = words.next().ok_or_else(|| failed("it names no program".to_owned()))?;
        let args: Vec<String> = words.collect();
        let command = Command {
            program: OsString::from(&program),
            args: args.iter().map(OsString::from).collect(),
            env: Vec::new(),
            timeout: Some(PROCESS_TIMEOUT),
        };
        let output =
            self.host.spawn.run(&command).map_err(|error| failed(format!("`{program}`: {error}")))?;
        if output.code != Some(0) {
            let reason = format!("`{program}` ended with {}", output.status);
            let said = quote(&output.stderr, &args, self.host.env).map(Words::new);
            return Err(CodeError::Process { reason, said });
        }
        Ok(Secret::new(output.stdout.expose().trim()))
    }

    fn bad_form(&self, origin: &Origin) -> CodeError {
        match origin {
            Origin::Process => {
                CodeError::Process { reason: "what it printed is not six digits".to_owned(), said: None }
            }
            Origin::Given | Origin::Person => CodeError::BadForm { from: self.given.from },
        }
    }
}

/// Whether AWS may have used the code up before it said no, or its answer was lost: the code is not worth a second try
/// then. A caller that it does not know, or does not listen to now, is turned away before.
fn may_have_taken_code(error: &AwsError) -> bool {
    match error {
        AwsError::Refused(refusal) => !matches!(
            refusal.code.as_str(),
            "InvalidClientTokenId"
                | "SignatureDoesNotMatch"
                | "ExpiredToken"
                | "RequestExpired"
                | "Throttling"
                | "RegionDisabledException"
        ),
        AwsError::Unreachable { .. } | AwsError::BadAnswer { .. } => true,
        _ => false,
    }
}

fn is_code(code: &Secret) -> bool {
    let text = code.expose();
    text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::host::{Clock, real::RealHost};

    /// Time that passes only while somebody waits.
    struct Waiting(Cell<Timestamp>);

    impl Clock for Waiting {
        fn now(&self) -> Timestamp {
            self.0.get()
        }

        fn sleep(&self, duration: Duration) {
            self.0.set(self.0.get() + SignedDuration::try_from(duration).unwrap());
        }
    }

    struct Nobody;

    impl PromptMfaCode for Nobody {
        fn can_prompt(&self) -> bool {
            false
        }

        fn prompt_mfa_code(&self, _: &MfaSerial, _: Option<&str>) -> Result<Secret, NoCode> {
            Err(NoCode::NobodyToAsk)
        }
    }

    impl Hear for Nobody {
        fn hear(&self, _: &Notice) {}
    }

    #[test]
    fn a_program_that_repeats_a_spent_code_is_waited_for_once() {
        let start: Timestamp = "2026-11-21T04:00:10Z".parse().unwrap();
        let clock = Waiting(Cell::new(start));
        let machine = RealHost;
        let host = Host { clock: &clock, ..machine.host() };
        let (serial, spent) = (MfaSerial::new("arn:aws:iam::1:mfa/a"), SpentCodes::new(None));
        spent.note(&serial, &Secret::new("123456"), start);
        let given = GivenCodes::none();
        let codes = CodeSources { given: &given, prompt: &Nobody, spent: &spent, host, hear: &Nobody };
        let mut calls = 0;
        let error = codes
            .with_code(&serial, Some("echo 123456"), |_| {
                calls += 1;
                Ok(())
            })
            .unwrap_err();
        assert!(matches!(error, CodeError::Process { .. }), "{error:?}");
        assert_eq!(calls, 0, "a spent code is never sent");
        assert_eq!(clock.now(), start + SignedDuration::from_secs(20), "one window");
    }
}
