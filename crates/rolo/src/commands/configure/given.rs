//! Wishes from the command line, and the secret from standard input.
//!
//! Must not ask anybody.

use std::io::IsTerminal;

use rolo_core::{
    Secret,
    configure::{Wish, Wishes},
};
use rustix::stdio::stdin;

use super::{forms, subject::Subject};
use crate::{
    cli::ConfigureArgs,
    error::{CliError, ErrorKind, names},
};

/// Longer than any secret access key.
const MOST: usize = 4096;

/// What the options say, checked as far as the subject is.
pub(super) fn take(args: &ConfigureArgs, subject: &Subject<'_>) -> Result<Wishes, CliError> {
    let region = wish("--region", args.region.as_ref(), subject, forms::region)?;
    let effective_region = subject.effective("region", &region);
    let wishes = Wishes {
        access_key_id: wish("--access-key-id", args.access_key_id.as_ref(), subject, forms::access_key_id)?,
        secret_access_key: None,
        output: wish("--output", args.output.as_ref(), subject, forms::output)?,
        role_arn: wish("--role-arn", args.role_arn.as_ref(), subject, |text| {
            forms::role_arn(text, effective_region)
        })?,
        source_profile: wish("--source-profile", args.source_profile.as_ref(), subject, |text| {
            Ok(text.to_owned())
        })?,
        mfa_serial: wish("--mfa-serial", args.mfa_serial.as_ref(), subject, forms::mfa_serial)?,
        region,
    };
    let wishes = Wishes { secret_access_key: secret(args, &wishes)?, ..wishes };
    refuse_halves(&wishes, subject)?;
    subject.check_source(&wishes)?;
    if wishes.set_keys() {
        subject.check_keys(&wishes)?;
    }
    Ok(wishes)
}

fn wish(
    option: &str,
    given: Option<&String>,
    subject: &Subject<'_>,
    form: impl FnOnce(&str) -> Result<String, String>,
) -> Result<Wish, CliError> {
    match given.map(String::as_str) {
        None => Ok(Wish::Keep),
        Some("-") => Ok(Wish::Remove),
        Some("") => Err(CliError::usage(format!("`{option}` is empty"))
            .hint(format!("give it a value, or `{option} -` to remove the setting"))),
        Some(text) => subject.accept(text, form).map(Wish::Set).map_err(|problem| {
            CliError::named(
                ErrorKind::Usage,
                names::OPTION_REFUSED,
                BadOption { option: option.to_owned(), problem: problem.into() },
            )
            .hint("correct it, or write it unchecked with `--no-verify`")
        }),
    }
}

/// An option's value that is of no use.
#[derive(Debug, thiserror::Error)]
#[error("`{option}` cannot be taken")]
struct BadOption {
    option: String,
    #[source]
    problem: Box<dyn std::error::Error + Send + Sync>,
}

fn secret(args: &ConfigureArgs, wishes: &Wishes) -> Result<Option<Secret>, CliError> {
    if !args.secret_access_key_stdin {
        return Ok(None);
    }
    let usage = |problem: &str| CliError::usage(problem);
    if wishes.access_key_id == Wish::Remove {
        return Err(usage("a secret access key is given for an access key that is to be removed")
            .hint("leave one of the two options out"));
    }
    if std::io::stdin().is_terminal() {
        return Err(usage("standard input is the terminal, which would show the secret access key")
            .hint("pipe the secret in, or give no setting to be asked for all of them"));
    }
    let secret = read_secret().map_err(|error| {
        CliError::named(
            ErrorKind::Other,
            names::INPUT_UNREADABLE,
            format!("the secret access key could not be read: {error}"),
        )
        .hint("pipe the secret in, alone and as text")
    })?;
    let secret = secret.ok_or_else(|| {
        usage("standard input is no secret access key").hint("pipe the secret in, alone and as text")
    })?;
    forms::secret_access_key(secret)
        .map(Some)
        .map_err(|problem| usage(&problem).hint("give the secret alone on standard input"))
}

/// All of standard input without blanks and line ends around it; `None`: it is no text or too long. Read without the
/// buffer of `std`, in which the secret would stay.
fn read_secret() -> std::io::Result<Option<Secret>> {
    let mut bytes = vec![0; MOST];
    let mut len = 0;
    while len < bytes.len() {
        match rustix::io::read(stdin(), &mut bytes[len..]) {
            Ok(0) => break,
            Ok(read) => len += read,
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    if len == bytes.len() {
        return Ok(None);
    }
    bytes.truncate(len);
    // No copy: the text takes the bytes over, and the secret the text.
    let Ok(mut text) = String::from_utf8(bytes) else { return Ok(None) };
    text.truncate(text.trim_end().len());
    text.drain(..text.len() - text.trim_start().len());
    Ok(Some(Secret::new(text)))
}

/// Half a key and a role without a way to it are of no use to anybody, checked or not.
fn refuse_halves(wishes: &Wishes, subject: &Subject<'_>) -> Result<(), CliError> {
    if wishes.set_keys() {
        if !subject.has_secret(wishes) {
            return Err(CliError::usage("the access key is given without its secret")
                .hint("pipe the secret in: `--secret-access-key-stdin`"));
        }
        if !subject.has_access_key(wishes) {
            return Err(CliError::usage("the secret access key is given without its access key")
                .hint("add `--access-key-id ID`"));
        }
    }
    if wishes.role_arn.value().is_some() && !subject.has_source(wishes) {
        return Err(CliError::usage("the role is given without a profile to assume it from")
            .hint("add `--source-profile NAME`, where NAME holds the credentials that may assume the role"));
    }
    Ok(())
}
