//! Remembers, across processes, which code of a device was used up, so that it is never sent again.
//!
//! STS takes a code once and answers a second use as if it were wrong. What is kept is a salted digest: enough to know
//! the code again while it lives, and nothing to type.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Secret,
    arn::MfaSerial,
    cache::key::{CacheKey, KeyBuilder},
    private_file::PrivateDir,
};

/// A TOTP code lives for one step, and AWS takes it a step early or late.
const STEP_SECS: i64 = 30;
/// After this a repeated code is another code that looks the same.
const FORGET_AFTER: SignedDuration = SignedDuration::from_secs(4 * STEP_SECS);

/// The memory, in the folder `mfa` of the cache; without one, of this process alone.
#[derive(Debug)]
pub struct SpentCodes {
    folder: Option<PrivateDir>,
    here: std::cell::RefCell<Vec<Spent>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Spent {
    /// The device, as a digest: names of devices are nobody's business.
    device: String,
    /// Seconds since 1970.
    at: i64,
    digest: String,
}

impl SpentCodes {
    /// The memory below the cache at `root`.
    pub fn new(root: Option<&PrivateDir>) -> Self {
        let folder = root.and_then(|root| root.open_or_create_subdir("mfa").ok());
        Self { folder, here: std::cell::RefCell::default() }
    }

    /// Whether `code` of `serial` was used up and may still be remembered by AWS.
    pub fn is_spent(&self, serial: &MfaSerial, code: &Secret, now: Timestamp) -> bool {
        let device = device_key(serial).to_hex();
        let stored = self.folder.as_ref().and_then(|folder| {
            serde_json::from_slice::<Spent>(&folder.read(&format!("{device}.json")).ok()?).ok()
        });
        let here = self.here.borrow();
        stored.iter().chain(here.iter()).any(|spent| {
            let age = now.as_second() - spent.at;
            spent.device == device
                && (0..FORGET_AFTER.as_secs()).contains(&age)
                && spent.digest == digest(&device, spent.at, code)
        })
    }

    /// Notes that `code` went to AWS and was taken, or may have been.
    pub fn note(&self, serial: &MfaSerial, code: &Secret, now: Timestamp) {
        let device = device_key(serial).to_hex();
        let at = now.as_second();
        let spent = Spent { digest: digest(&device, at, code), device: device.clone(), at };
        if let (Some(folder), Ok(bytes)) = (&self.folder, serde_json::to_vec(&spent)) {
            // A memory that cannot be written costs one refused code at the most; it never fails a run.
            let _ = folder.replace(&format!("{device}.json"), &bytes);
        }
        self.here.borrow_mut().push(spent);
    }
}

/// Time from `now` to the device's next code.
pub fn until_next_code(now: Timestamp) -> Duration {
    let millis = now.as_millisecond().rem_euclid(STEP_SECS * 1000);
    Duration::from_millis(u64::try_from(STEP_SECS * 1000 - millis).unwrap_or_default())
}

/// The name under which a device is locked and remembered.
pub fn device_key(serial: &MfaSerial) -> CacheKey {
    KeyBuilder::new("mfa-device").field("serial", serial.as_str()).finish()
}

fn digest(device: &str, at: i64, code: &Secret) -> String {
    let mut hasher = Sha256::new();
    for part in [device.as_bytes(), &at.to_le_bytes(), code.expose().as_bytes()] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    crate::cache::key::render_hex(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_again_while_aws_remembers_it() {
        let home = tempfile::tempdir().unwrap();
        let root = PrivateDir::open_or_create(&home.path().join("rolo")).unwrap();
        let (serial, other) =
            (MfaSerial::new("arn:aws:iam::1:mfa/a"), MfaSerial::new("arn:aws:iam::1:mfa/b"));
        let code = Secret::new("123456");
        let now: Timestamp = "2026-11-21T04:00:10Z".parse().unwrap();
        SpentCodes::new(Some(&root)).note(&serial, &code, now);
        let later = SpentCodes::new(Some(&root));
        assert!(later.is_spent(&serial, &code, now + SignedDuration::from_secs(29)));
        assert!(!later.is_spent(&serial, &Secret::new("123457"), now));
        assert!(!later.is_spent(&other, &code, now));
        assert!(!later.is_spent(&serial, &code, now + SignedDuration::from_mins(10)));
        assert_eq!(until_next_code(now), Duration::from_secs(20));
        let stored = std::fs::read_dir(home.path().join("rolo/mfa")).unwrap().next().unwrap().unwrap();
        assert!(!std::fs::read_to_string(stored.path()).unwrap().contains("123456"));
    }
}
