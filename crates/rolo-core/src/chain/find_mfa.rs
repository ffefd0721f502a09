//! Of a role that refused nobody said whether it wants MFA: tells whether a second try makes sense, and with which device.
//!
//! Must not know how the try is made, nor a terminal.

use super::{attempt::HopName, plan::Plan, run::RunError, source::Keys};
use crate::{
    Credentials,
    arn::{MfaSerial, RoleArn},
    aws::{Aws, AwsError},
    talk::{ChooseMfaDevice, NoCode},
};

/// Why there is no device to try with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FindDeviceError {
    /// The user has none.
    #[error("the user has no MFA device")]
    NoDevice,
    /// STS takes codes, and these give none.
    #[error("the user's MFA devices are passkeys, which STS does not take")]
    Passkeys,
    /// IAM did not tell.
    #[error("the user's MFA devices could not be listed")]
    Call(#[source] AwsError),
    /// There are several, and none was chosen.
    #[error("the user has several MFA devices, and none was chosen")]
    NotChosen(#[source] NoCode),
}

/// A plan for one role, straight from an IAM user's own keys and without a device: all that can be tried again with one.
#[derive(Debug, Clone, Copy)]
pub struct Untried<'a> {
    plan: &'a Plan,
    keys: &'a Keys,
}

impl<'a> Untried<'a> {
    /// `None` where a device is known, and where no user calls: a session has no device of its own.
    pub fn of(plan: &'a Plan) -> Option<Self> {
        match (plan.chain.steps.as_slice(), plan.chain.base.long_term_keys()) {
            ([step], Some(keys)) if step.mfa_serial.is_none() => Some(Self { plan, keys }),
            _ => None,
        }
    }

    /// The user's key.
    pub fn access_key_id(&self) -> &'a str {
        &self.keys.access_key_id
    }

    /// The role.
    pub fn role_arn(&self) -> &'a RoleArn {
        &self.plan.chain.steps[0].role_arn.value
    }

    /// Whether `error` is how STS refuses a role that wants MFA. It does not say that this is the reason.
    pub fn may_want_code(&self, error: &RunError) -> bool {
        matches!(error, RunError::Call { attempt, source, .. }
            if attempt.hop == HopName::Role(0) && source.is_access_denied())
    }

    /// The device that stands beside the user's keys, else the user's only one, else the one that is chosen.
    pub fn find_device(&self, aws: &Aws, choose: &dyn ChooseMfaDevice) -> Result<MfaSerial, FindDeviceError> {
        if let Some(serial) = &self.plan.chain.base.mfa_serial {
            return Ok(serial.value.clone());
        }
        let signer = Credentials::from(self.keys);
        let mut devices = aws.list_mfa_devices(&signer).map_err(FindDeviceError::Call)?;
        let all = devices.len();
        devices.retain(|serial| !serial.is_passkey());
        match devices.as_slice() {
            [] if all > 0 => Err(FindDeviceError::Passkeys),
            [] => Err(FindDeviceError::NoDevice),
            [only] => Ok(only.clone()),
            several => choose.choose_mfa_device(several).map_err(FindDeviceError::NotChosen),
        }
    }
}
