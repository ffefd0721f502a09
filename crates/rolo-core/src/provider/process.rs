//! `credential_process`: a program that prints credentials.
//!
//! Run as botocore runs it: split into words without a shell, nothing expanded, standard error kept from view. Must
//! not know why the program is run.

use super::{Fields, ProviderError, not_expired, output::parse_object, quote::quote};
use crate::{
    Credentials, Secret,
    aws::Words,
    env_vars,
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
    let args: Vec<String> = words.collect();
    // A rolo within tells its failure as text, for it is quoted by this one.
    let as_text = (env_vars::ROLO_ERROR_FORMAT.to_owned(), "text".to_owned());
    let command = Command {
        program: program.clone().into(),
        args: args.iter().map(Into::into).collect(),
        env: env.iter().cloned().chain([as_text]).collect(),
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
                let (program, said) = (program.clone(), quote(&stderr, &args, host.env).map(Words::new));
                return Err(ProviderError::ProcessFailed { program, code, status, stderr, said });
            }
            let map = parse_object(output.stdout.expose())
                .map_err(|problem| ProviderError::ProcessAnswer { program: program.clone(), problem })?;
            read_answer(&Fields { map: &map, source_name: name.clone() }, source)
        },
    )
}

fn read_answer(fields: &Fields<'_>, source: &ProcessSource) -> Result<Credentials, ProviderError> {
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
