//! `process`: what an SDK expects of a `credential_process`.

use super::{Change, Format, FormatError, WriteDocument, json::Object, needed, value_of};

/// The JSON of `aws configure export-credentials --format process`: `Version` first and a number, as botocore wants
/// it; session token and expiration only where there are any. All other variables have no place in it.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
#[derive(Debug, Clone, Copy)]
pub struct Process;

const OPTIONAL: [(&str, &str); 2] =
    [("SessionToken", "AWS_SESSION_TOKEN"), ("Expiration", "AWS_CREDENTIAL_EXPIRATION")];

impl WriteDocument for Process {
    fn write(&self, changes: &[Change<'_>], _section: &str, out: &mut String) -> Result<(), FormatError> {
        let access_key_id = needed(Format::Process, changes, "AWS_ACCESS_KEY_ID")?;
        let secret_access_key = needed(Format::Process, changes, "AWS_SECRET_ACCESS_KEY")?;
        let mut object = Object::begin(out);
        object.literal("Version", "1");
        object.string("AccessKeyId", access_key_id);
        object.string("SecretAccessKey", secret_access_key);
        for (key, name) in OPTIONAL {
            if let Some(value) = value_of(changes, name) {
                object.string(key, value);
            }
        }
        object.end();
        Ok(())
    }

    fn can_unset(&self) -> bool {
        false
    }
}
