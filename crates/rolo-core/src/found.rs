//! What calls found out and what stays so: which user a key belongs to, and which MFA device opened a role for it.
//!
//! Kept in the folder `found` of the cache, so that the next run neither asks nor tries. Whatever cannot be read or written
//! is found out again. Must not know how it is found.

use serde::{Deserialize, Serialize};

use crate::{
    arn::{MfaSerial, RoleArn},
    cache::key::{CacheKey, KeyBuilder},
    private_file::PrivateDir,
};

const FOLDER: &str = "found";

/// The memory; without a cache it forgets at once.
#[derive(Debug)]
pub struct Found {
    folder: Option<PrivateDir>,
}

/// One thing that was found. The question is part of it, so that no other answer can stand in its place.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    question: String,
    answer: String,
}

impl Found {
    /// The memory below the cache at `root`.
    pub fn new(root: Option<&PrivateDir>) -> Self {
        Self { folder: root.and_then(|root| root.open_or_create_subdir(FOLDER).ok()) }
    }

    /// The same where its folder is there; makes nothing.
    pub fn look(root: Option<&PrivateDir>) -> Self {
        Self { folder: root.and_then(|root| root.open_subdir(FOLDER).ok()) }
    }

    /// The name of the IAM user whose key this is.
    pub fn user_name(&self, access_key_id: &str) -> Option<String> {
        self.recall(&user_key(access_key_id))
    }

    /// Remembers the user's name.
    pub fn note_user_name(&self, access_key_id: &str, name: &str) {
        self.note(&user_key(access_key_id), name);
    }

    /// The device with which this key's user could take the role on.
    pub fn device(&self, access_key_id: &str, role_arn: &RoleArn) -> Option<MfaSerial> {
        self.recall(&device_key(access_key_id, role_arn)).map(MfaSerial::new)
    }

    /// The lock under which that device is found, so that one finds out for all.
    pub fn device_lock(access_key_id: &str, role_arn: &RoleArn) -> String {
        device_key(access_key_id, role_arn).to_hex()
    }

    /// Remembers the device.
    pub fn note_device(&self, access_key_id: &str, role_arn: &RoleArn, serial: &MfaSerial) {
        self.note(&device_key(access_key_id, role_arn), serial.as_str());
    }

    /// Forgets the device, which no longer opens the role.
    pub fn forget_device(&self, access_key_id: &str, role_arn: &RoleArn) {
        if let Some(folder) = &self.folder {
            let _ = folder.remove(&file_name(&device_key(access_key_id, role_arn)));
        }
    }

    /// Forgets everything; how much it was.
    pub fn clear(&self) -> std::io::Result<usize> {
        let Some(folder) = &self.folder else { return Ok(0) };
        let mut removed = 0;
        for name in folder.list()? {
            removed += usize::from(folder.remove(&name)?);
        }
        Ok(removed)
    }

    fn recall(&self, question: &CacheKey) -> Option<String> {
        let bytes = self.folder.as_ref()?.read(&file_name(question)).ok()?;
        let kept: Kept = serde_json::from_slice(&bytes).ok()?;
        (kept.question == question.to_hex()).then_some(kept.answer)
    }

    fn note(&self, question: &CacheKey, answer: &str) {
        let kept = Kept { question: question.to_hex(), answer: answer.to_owned() };
        if let (Some(folder), Ok(bytes)) = (&self.folder, serde_json::to_vec(&kept)) {
            // What is not kept costs the next run a call, and nothing else.
            let _ = folder.replace(&file_name(question), &bytes);
        }
    }
}

fn user_key(access_key_id: &str) -> CacheKey {
    KeyBuilder::new("found-user").field("access_key_id", access_key_id).finish()
}

fn device_key(access_key_id: &str, role_arn: &RoleArn) -> CacheKey {
    KeyBuilder::new("found-device")
        .field("access_key_id", access_key_id)
        .field("role_arn", role_arn.as_str())
        .finish()
}

fn file_name(question: &CacheKey) -> String {
    format!("{}.json", question.to_hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_belongs_to_its_question() {
        let home = tempfile::tempdir().unwrap();
        let root = PrivateDir::open_or_create(&home.path().join("rolo")).unwrap();
        let [admin, audit] =
            ["Admin", "Audit"].map(|name| RoleArn::new(format!("arn:aws:iam::111122223333:role/{name}")));
        let serial = MfaSerial::new("arn:aws:iam::111122223333:mfa/ada");
        let found = Found::new(Some(&root));
        found.note_device("AKIA1", &admin, &serial);
        found.note_user_name("AKIA1", "ada");

        let later = Found::new(Some(&root));
        assert_eq!(later.device("AKIA1", &admin), Some(serial));
        assert_eq!(later.device("AKIA1", &audit), None);
        assert_eq!(later.device("AKIA2", &admin), None);
        assert_eq!(later.user_name("AKIA1").as_deref(), Some("ada"));
        assert_eq!(later.user_name("AKIA2"), None);

        later.forget_device("AKIA1", &admin);
        assert_eq!(later.device("AKIA1", &admin), None);
        assert_eq!(later.clear().unwrap(), 1);
        assert_eq!(later.user_name("AKIA1"), None);
    }

    #[test]
    fn without_a_cache_nothing_is_remembered() {
        let found = Found::new(None);
        found.note_user_name("AKIA1", "ada");
        assert_eq!(found.user_name("AKIA1"), None);
        assert_eq!(found.clear().unwrap(), 0);
    }
}
