//! `credential_process`: a program that prints credentials.
//!
//! Run as botocore runs it: split into words without a shell, nothing expanded, standard error kept from view. Must
//! not know why the program is run.

use serde_json::Value;

use super::{Fields, ProviderError, not_expired};
use crate::{
    Credentials, Secret,
    host::{Command, Host},
    words::split_words,
};

/// A profile's `credential_process`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessSource {
    /// The command as it is written.
    pub command: String,
    /// `aws_account_id` of the profile: taken where the program does not name the account.
    pub account_id: Option<String>,
}

/// Runs the program with `env` over rolo's own environment and reads what it prints.
pub fn fetch_credentials(
    host: Host<'_>,
    source: &ProcessSource,
    env: &[(String, String)],
) -> Result<Credentials, ProviderError> {
    let mut words =
        split_words(&source.command).map_err(|reason| ProviderError::ProcessCommand { reason })?.into_iter();
    let program = words.next().ok_or(ProviderError::ProcessCommand { reason: "is empty" })?;
    let command = Command {
        program: program.clone().into(),
        args: words.map(Into::into).collect(),
        env: env.to_vec(),
        timeout: None,
    };
    let name = format!("`{program}`");
    not_expired(
        || host.clock.now(),
        &name,
        || {
            let output = host
                .spawn
                .run(&command)
                .map_err(|error| ProviderError::ProcessNotRun { program: program.clone(), source: error })?;
            if output.code != Some(0) {
                let (code, status, stderr) = (output.code, output.status, output.stderr);
                return Err(ProviderError::ProcessFailed { program: program.clone(), code, status, stderr });
            }
            parse_answer(&name, output.stdout.expose(), source)
        },
    )
}

fn parse_answer(name: &str, stdout: &str, source: &ProcessSource) -> Result<Credentials, ProviderError> {
    let bad = |reason: &str| ProviderError::BadCredentials {
        source_name: name.to_owned(),
        reason: reason.to_owned(),
    };
    let answer: Value = serde_json::from_str(stdout).map_err(|_| bad("its output is no JSON"))?;
    let map = answer.as_object().ok_or_else(|| bad("its output is no JSON object"))?;
    if map.get("Version").and_then(Value::as_f64) != Some(1.0) {
        return Err(bad("`Version` is not the number 1"));
    }
    let fields = Fields { map, source_name: name.to_owned() };
    Ok(Credentials {
        access_key_id: fields.required("AccessKeyId")?.to_owned(),
        secret_access_key: Secret::new(fields.required("SecretAccessKey")?),
        session_token: fields.optional("SessionToken")?.map(Secret::new),
        expiration: fields.expiration("Expiration")?,
        account_id: fields
            .optional("AccountId")?
            .map(ToOwned::to_owned)
            .or_else(|| source.account_id.clone()),
    })
}
