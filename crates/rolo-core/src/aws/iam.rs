//! IAM: what a user may ask about themselves.
//!
//! Both calls are made without a user name, so IAM answers for whoever signed. Must not know what the answer is for.

use aws_sdk_iam::{Client, types::StatusType};
use jiff::Timestamp;

use super::{Aws, AwsError, error::Call};
use crate::{Credentials, arn::MfaSerial};

/// An IAM user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IamUser {
    /// The name without its path.
    pub name: String,
    /// `AIDA…`.
    pub id: String,
    /// `arn:…:user/PATH/NAME`.
    pub arn: String,
}

/// One of a user's access keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// `AKIA…`.
    pub id: String,
    /// Whether AWS takes it.
    pub is_active: bool,
    /// When it was made; `None` where AWS does not say.
    pub created_at: Option<Timestamp>,
}

const fn call(operation: &'static str) -> Call {
    Call { service: "IAM", operation }
}

impl Aws {
    /// Asks IAM which user `signer` is. A policy must allow `iam:GetUser` for oneself.
    pub fn get_user(&self, signer: &Credentials) -> Result<IamUser, AwsError> {
        let client = self.iam(signer)?;
        let sent =
            self.send(call("GetUser"), |watch| client.get_user().customize().interceptor(watch).send())?;
        let (user, sent) = sent.take(|answer| answer.user);
        let user = user.ok_or_else(|| sent.lacks("User"))?;
        Ok(IamUser { name: user.user_name, id: user.user_id, arn: user.arn })
    }

    /// Asks IAM for the MFA devices of the user that `signer` is, first page: a user has eight at most. A policy must
    /// allow `iam:ListMFADevices` for oneself.
    pub fn list_mfa_devices(&self, signer: &Credentials) -> Result<Vec<MfaSerial>, AwsError> {
        let client = self.iam(signer)?;
        let sent = self.send(call("ListMFADevices"), |watch| {
            client.list_mfa_devices().customize().interceptor(watch).send()
        })?;
        Ok(sent.answer.mfa_devices.into_iter().map(|device| MfaSerial::new(device.serial_number)).collect())
    }

    /// Asks IAM for the access keys of the user that `signer` is: two at most. A policy must allow `iam:ListAccessKeys`
    /// for oneself.
    pub fn list_access_keys(&self, signer: &Credentials) -> Result<Vec<AccessKey>, AwsError> {
        let client = self.iam(signer)?;
        let sent = self.send(call("ListAccessKeys"), |watch| {
            client.list_access_keys().customize().interceptor(watch).send()
        })?;
        let keys = sent.answer.access_key_metadata.into_iter().filter_map(|key| {
            Some(AccessKey {
                id: key.access_key_id?,
                is_active: key.status.is_none_or(|status| status == StatusType::Active),
                created_at: key.create_date.and_then(|at| Timestamp::from_second(at.secs()).ok()),
            })
        });
        Ok(keys.collect())
    }

    fn iam(&self, signer: &Credentials) -> Result<Client, AwsError> {
        let settings = self.settings();
        let config = self.sdk_config(
            "IAM",
            settings.region.as_deref(),
            settings.endpoints.iam.as_deref(),
            Some(signer),
        )?;
        Ok(Client::from_conf(aws_sdk_iam::config::Builder::from(&config).build()))
    }
}
