//! How the core is heard and answered: notices to a person, and the person's MFA code and device.
//!
//! The core says what happened; words, colours and terminals are the caller's. Must not know a terminal.

use std::{error::Error, time::Duration};

use crate::{Secret, arn::MfaSerial, aws::Signer};

/// Something worth saying that is no error.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A warning in plain words, one lower-case line without a full stop.
    Warning(String),
    /// One decision of the run, for `-v`.
    Step(String),
    /// A request on its way, for `-vv`.
    Request(RequestNotice),
    /// What became of it, for `-vv`.
    Response(ResponseNotice),
    /// Another process holds what is needed.
    Waiting {
        /// The holder in words: process id and terminal where known.
        holder: String,
        /// What is waited for, in words.
        what: String,
    },
    /// The present MFA code is spent; the next one starts in this time.
    NextCode(Duration),
}

/// A request without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestNotice {
    /// AWS's name of the call; `HTTP` for one that is none of AWS's API.
    pub operation: &'static str,
    /// `POST` and the like.
    pub method: String,
    /// Without query, user and password.
    pub url: String,
    /// Names and values; a value that may be a secret is `***`.
    pub parameters: Vec<(String, String)>,
    /// Whose key signed it; `None` where it is not signed.
    pub signer: Option<Signer>,
    /// 1 for the first try.
    pub attempt: u32,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseNotice {
    /// AWS's name of the call.
    pub operation: &'static str,
    /// The HTTP status; `None` where no answer came.
    pub status: Option<u16>,
    /// What AWS's support asks for.
    pub request_id: Option<String>,
    /// From the request to here.
    pub took: Duration,
}

/// `error` and its causes on one line, for a warning about what does not end the run. One that is said in its cause's own
/// words is said once.
pub fn in_one_line(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<_> =
        std::iter::successors(Some(error), |&above| above.source()).map(ToString::to_string).collect();
    texts.dedup();
    texts.join(": ")
}

/// Hears notices. Called from one thread at a time.
pub trait Hear {
    /// Takes note; never fails and never blocks on a person.
    fn hear(&self, notice: &Notice);
}

/// Why a code could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoCode {
    /// No terminal in the foreground and no other source.
    #[error("there is no terminal to ask for the MFA code on")]
    NobodyToAsk,
    /// The person gave up (end of input, interrupt).
    #[error("the MFA code was not given")]
    Declined,
    /// The terminal failed.
    #[error("the terminal could not be read")]
    Terminal(#[source] std::io::Error),
}

/// Asks a person for the six digits of an MFA device, on the terminal.
pub trait PromptMfaCode {
    /// Whether somebody could be asked now (a terminal, and in its foreground).
    fn can_prompt(&self) -> bool;
    /// Asks once for a code of `serial`; `why` says what went before («that code was refused»), for a second try. The
    /// answer is what was typed, trimmed and otherwise unchecked.
    fn prompt_mfa_code(&self, serial: &MfaSerial, why: Option<&str>) -> Result<Secret, NoCode>;
}

/// Asks a person which of several MFA devices is meant.
pub trait ChooseMfaDevice {
    /// One of `devices`, which are two or more.
    fn choose_mfa_device(&self, devices: &[MfaSerial]) -> Result<MfaSerial, NoCode>;
}
