//! A role of which nobody said whether it wants MFA: taken on without, and where AWS refuses with the user's device. What
//! was found is remembered.
//!
//! Must not know how credentials are handed over.

use std::error::Error;

use rolo_core::{
    arn::{MfaSerial, RoleArn},
    aws::Words,
    chain::{
        find_mfa::Untried,
        request::Request,
        run::{Obtained, RunError},
    },
    found::Found,
    talk::{Hear, Notice, in_one_line},
};

use super::{Resolved, Runs, failed::explain_failed};
use crate::{
    error::{CliError, ErrorKind},
    hints::explain_find_device,
    ui::prompt::TerminalPrompt,
};

/// Both tries failed; the causes are told in their order.
#[derive(Debug, thiserror::Error)]
#[error("`{role}` could not be taken on, neither without MFA nor with it")]
struct BothRefused {
    role: String,
    #[source]
    tries: Words,
}

/// Runs `first`, which knows no device, or a plan with the device that is remembered or found.
pub(super) fn run(first: Resolved, runs: &Runs<'_>) -> Result<(Resolved, Obtained), CliError> {
    let Some(untried) = Untried::of(&first.plan) else {
        let obtained = runs.run(&first).map_err(|error| explain_failed(error, &first, runs))?;
        return Ok((first, obtained));
    };
    let (key, role) = (untried.access_key_id(), untried.role_arn());
    if let Some(serial) = runs.found.device(key, role) {
        return run_with(&serial, &untried, runs);
    }
    // Of many that start at once one finds out, and asks a person; the others wait for what it remembers.
    let what = format!("role `{role}`");
    let lock = runs
        .stores
        .lock(&Found::device_lock(key, role), &what, runs.host, &runs.talker)
        .map_err(|error| explain_failed(error.into(), &first, runs))?;
    if let Some(serial) = runs.found.device(key, role) {
        drop(lock);
        return run_with(&serial, &untried, runs);
    }
    let refused = match runs.run(&first) {
        Err(error) if untried.may_want_code(&error) => error,
        outcome => {
            let obtained = outcome.map_err(|error| explain_failed(error, &first, runs))?;
            return Ok((first, obtained));
        }
    };
    runs.talker.hear(&Notice::Step(format!("`{role}` was refused without MFA, so it is tried with it")));
    let chooser = TerminalPrompt::new(runs.invocation.verbosity);
    let serial = match untried.find_device(&runs.aws(&first), &chooser) {
        Ok(serial) => serial,
        Err(error) => {
            let both = BothRefused::new(role, &refused, &error);
            return Err(explain_find_device(&error, explain_failed(refused, &first, runs)).retold(both));
        }
    };
    let with_mfa = load_with(&serial, runs)?;
    match runs.run(&with_mfa) {
        Ok(obtained) => {
            runs.found.note_device(key, role, &serial);
            Ok((with_mfa, obtained))
        }
        Err(error) => {
            let both = BothRefused::new(role, &refused, &error);
            Err(explain_failed(error, &with_mfa, runs).retold(both))
        }
    }
}

/// Runs the plan with the device that opened the role before.
fn run_with(
    serial: &MfaSerial,
    untried: &Untried<'_>,
    runs: &Runs<'_>,
) -> Result<(Resolved, Obtained), CliError> {
    let known = load_with(serial, runs)?;
    match runs.run(&known) {
        Ok(obtained) => Ok((known, obtained)),
        Err(error) => {
            let told = explain_failed(error, &known, runs);
            // The device may be gone, or the role want none any more.
            if told.kind() == ErrorKind::Refused {
                runs.found.forget_device(untried.access_key_id(), untried.role_arn());
            }
            Err(told)
        }
    }
}

/// The same request with a device.
fn load_with(serial: &MfaSerial, runs: &Runs<'_>) -> Result<Resolved, CliError> {
    let request = Request { mfa_serial: Some(serial.as_str().to_owned()), ..runs.invocation.request.clone() };
    Resolved::load(&request, runs.host, &runs.talker)
}

impl BothRefused {
    fn new(role: &RoleArn, first: &RunError, second: &(dyn Error + 'static)) -> Self {
        // Of the first try AWS's answer is enough: it was the call that was asked for.
        let first = first.source().map_or_else(|| first.to_string(), ToString::to_string);
        let tries =
            Words::new(format!("without MFA: {first}")).and(format!("with MFA: {}", in_one_line(second)));
        Self { role: role.to_string(), tries }
    }
}
