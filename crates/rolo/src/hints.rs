//! From an error of the core to what a person is told: its kind for the exit code, the lines to blame, the next step.
//!
//! Must not format: that is [`crate::error`]'s.

pub mod calls;
pub mod denied;

use std::{io, path::Path};

use rolo_core::{
    Error,
    aws::{AwsError, Words},
    chain::{
        find_mfa::FindDeviceError, remedy::name_a_profile, resolve::ResolveError, run::RunError,
        source::Chain,
    },
    error::HaveName,
    history::HistoryError,
    ini::EditError,
    lock::LockError,
    mfa::code::CodeError,
    origin::Origin,
    private_file::PrivateDirError,
    profile::{FileError, WriteError},
    provider::{OutputProblem, ProviderError},
    talk::NoCode,
    words::shell_word,
};

use self::{
    calls::{Around, Told},
    denied::Told as Denied,
};
use crate::{
    error::{CliError, ErrorKind, names},
    settings::trust::KeepError,
    ui::question::NoAnswer,
};

impl From<WriteError> for CliError {
    fn from(error: WriteError) -> Self {
        explain_write(error)
    }
}

/// Makes the error of a command of `error`.
pub fn explain(error: Error) -> CliError {
    match error {
        Error::File(error) => explain_file(error),
        Error::Resolve(error) => explain_resolve(error),
        Error::Run(error) => explain_run(error, None),
        error => CliError::new(ErrorKind::Other, error),
    }
}

fn explain_file(error: FileError) -> CliError {
    let location = error.location();
    let hint = match &location {
        Some(at) => format!(
            "correct line {} of `{}`; nothing of the file is used until it can be read",
            at.line,
            at.path.display()
        ),
        None => format!(
            "make `{}` readable, or name another file by `AWS_CONFIG_FILE` or `AWS_SHARED_CREDENTIALS_FILE`",
            error.path().display()
        ),
    };
    CliError::new(ErrorKind::Configuration, error).at(location).hint(hint)
}

/// Makes the error of a command of one about writing the config or the credentials file.
pub fn explain_write(error: WriteError) -> CliError {
    let (kind, hint) = match error {
        WriteError::File(error) => return explain_file(error),
        WriteError::NotAFile { .. } => (
            ErrorKind::Configuration,
            "name a file by `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, or unset them".to_owned(),
        ),
        WriteError::Edit { source: EditError::Damage, ref path } => (
            ErrorKind::Configuration,
            format!("let all settings and headers in `{}` begin at the line's start", path.display()),
        ),
        WriteError::Io { ref source, .. }
            if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) =>
        {
            (ErrorKind::Other, "make room on the disk, then run this again: the file is as it was".to_owned())
        }
        WriteError::Io { ref path, .. } => {
            (ErrorKind::Other, format!("make `{}` and its folder writable", path.display()))
        }
        WriteError::Locked { .. } | WriteError::Busy { .. } => {
            (ErrorKind::Other, "let the other program end, then run this again".to_owned())
        }
        error => return CliError::new(ErrorKind::Configuration, error),
    };
    CliError::new(kind, error).hint(hint)
}

/// Makes the error of a command of a folder that is not private enough.
pub fn explain_folder(error: PrivateDirError) -> CliError {
    let hint = format!("make `{}` a folder of your own with mode 0700", error.path.display());
    CliError::new(ErrorKind::Other, error).hint(hint)
}

/// The cache, or a part of it, that is there and cannot be read or changed.
#[derive(Debug, thiserror::Error)]
#[error("the cache could not be read or cleared")]
struct CacheNotUsed(#[source] Box<dyn std::error::Error + Send + Sync>);

/// Makes the error of a command of a cache that cannot be read or changed.
pub fn explain_cache(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CliError {
    CliError::named(ErrorKind::Other, names::CACHE_NOT_USED, CacheNotUsed(error.into()))
        .hint("see whose its files are: `ls -lR ~/.cache/rolo ~/.aws/cli`; rolo needs them to be your own and writable")
}

/// Makes the error of a command of approvals that cannot be looked up or kept.
pub fn explain_keep(error: impl Into<KeepError>) -> CliError {
    match error.into() {
        KeepError::Folder(error) => explain_folder(error),
        error => CliError::new(ErrorKind::Other, error).hint(
            "rolo keeps approvals in `$XDG_STATE_HOME/rolo`, or in `~/.local/state/rolo`: make room there and the folder your own",
        ),
    }
}

/// Makes the error of a command of a history that cannot be read.
pub fn explain_history(error: HistoryError) -> CliError {
    let hint = match &error {
        HistoryError::NoPlace => "set `HOME`, or `XDG_STATE_HOME`, to an absolute path".to_owned(),
        HistoryError::Folder(error) => {
            format!("make `{}` a folder of your own with mode 0700", error.path.display())
        }
        HistoryError::File { .. } => "begin a new one: `rolo history --clear`".to_owned(),
    };
    CliError::new(ErrorKind::Other, error).hint(hint)
}

fn explain_resolve(error: ResolveError) -> CliError {
    let hint = error.remedy();
    let kind = match &error {
        ResolveError::NoRole { .. }
        | ResolveError::TwoRoles { .. }
        | ResolveError::SessionNameNeeded { .. }
        | ResolveError::ChainedTooLong { .. }
        | ResolveError::TooShort { origin: Origin::Flag(_), .. }
        | ResolveError::TooBrief { origin: Origin::Flag(_), .. } => ErrorKind::Usage,
        _ => ErrorKind::Configuration,
    };
    let locations = error.locations();
    CliError::new(kind, error).at(locations).hint(hint)
}

/// A `credential_process` that is rolo itself and failed. Its standard error may be shown, for rolo puts no secret there.
#[derive(Debug, thiserror::Error)]
#[error("{outer}")]
struct Nested {
    outer: ProviderError,
    #[source]
    inner: Words,
}

impl Nested {
    /// Tells what the rolo within told; gives back what is no failure of rolo.
    fn explain(error: ProviderError) -> Result<CliError, ProviderError> {
        let ProviderError::ProcessFailed { program, code, stderr, .. } = &error else { return Err(error) };
        let is_rolo = Path::new(program).file_stem().is_some_and(|name| name == "rolo");
        let Some(kind) = code.and_then(ErrorKind::of_nested).filter(|_| is_rolo) else { return Err(error) };
        let words = stderr.expose().trim_end();
        let inner = Words::new(words.strip_prefix("error: ").unwrap_or(words));
        Ok(CliError::named(kind, error.name(), Self { outer: error, inner }))
    }
}

/// Makes the error of a command of a run of `chain` that failed.
pub fn explain_run(error: RunError, chain: Option<&Chain>) -> CliError {
    if let RunError::Resolve(error) = error {
        return explain_resolve(error);
    }
    let error = match error {
        RunError::Provider(error) => match Nested::explain(error) {
            Ok(told) => return told,
            Err(error) => RunError::Provider(error),
        },
        error => error,
    };
    let told = match &error {
        RunError::Call { attempt, source, .. } => {
            Some(calls::tell(source, Around { chain, hop: Some(&attempt.hop) }))
        }
        RunError::Code { source: CodeError::Call(source), .. }
        | RunError::Provider(ProviderError::Aws(source)) => {
            Some(calls::tell(source, Around { chain, hop: None }))
        }
        _ => None,
    };
    if let Some(told) = told {
        return with_told(CliError::new(told.kind, error), told);
    }
    let profile = chain.and_then(|chain| chain.base.profile.as_deref());
    let (kind, hints) = match &error {
        RunError::Absent { for_role, .. } => (ErrorKind::Configuration, vec![name_a_profile(*for_role)]),
        RunError::Provider(error) => provider_kind(error, profile),
        RunError::SessionNameNeeded { .. } => {
            (ErrorKind::Usage, vec!["add `--role-session-name NAME`".to_owned()])
        }
        RunError::Code { source, .. } => code_kind(source),
        RunError::Lock(LockError::TimedOut { .. }) => {
            (ErrorKind::Other, vec!["answer the prompt there, or end that process".to_owned()])
        }
        RunError::Expired { .. } => (
            ErrorKind::Refused,
            vec!["compare this machine's clock with the real time: `date -u`".to_owned()],
        ),
        _ => (ErrorKind::Other, Vec::new()),
    };
    CliError::new(kind, error).hints(hints)
}

/// Makes the error of a command of a call that AWS did not allow.
pub fn explain_denied(error: RunError, told: Denied) -> CliError {
    let mut told_error = CliError::new(ErrorKind::Refused, error)
        .at(told.origins.iter().filter_map(Origin::location).cloned())
        .hints(told.hints);
    for note in told.notes {
        told_error = told_error.note(note);
    }
    told_error
}

/// The error of a role that was refused without a device, where none was found to try it with; `refused` is how that
/// would be told alone.
pub fn explain_find_device(error: &FindDeviceError, refused: CliError) -> CliError {
    let name_it = "name the device yourself: `--mfa-serial SERIAL`, or `mfa_serial` beside the user's keys";
    let (kind, hint) = match error {
        FindDeviceError::NotChosen(_) => (ErrorKind::PersonNeeded, Some(name_it)),
        FindDeviceError::Call(error) => (calls::kind(error), Some(name_it)),
        FindDeviceError::Passkeys => (
            ErrorKind::Refused,
            Some("if the role asks for MFA, give the user a device that shows codes, beside the passkey"),
        ),
        _ => (ErrorKind::Refused, None),
    };
    let told = refused.as_kind(kind).as_named(error.name());
    match hint {
        Some(hint) => told.first_hints([hint.to_owned()]),
        None => told,
    }
}

/// The error of a call that was made with the credentials that `chain` led to, such as GetCallerIdentity.
pub fn explain_call(error: AwsError, chain: &Chain) -> CliError {
    let told = calls::tell(&error, Around { chain: Some(chain), hop: None });
    with_told(CliError::new(told.kind, error), told)
}

fn with_told(error: CliError, told: Told) -> CliError {
    let error = error.at(told.locations).hints(told.hints);
    told.notes.into_iter().fold(error, CliError::note)
}

/// A change of a profile that would not resolve and is not written; so there are no lines to blame yet.
pub fn explain_unwritten(error: ResolveError) -> CliError {
    let hint = error.remedy();
    CliError::new(ErrorKind::Configuration, error).hint(hint).hint(UNWRITTEN)
}

const UNWRITTEN: &str = "nothing is written; `--no-verify` writes it unchecked";

/// New keys that AWS did not take or could not be asked about.
pub fn explain_new_keys(error: AwsError) -> CliError {
    let hints = match error.code() {
        Some("InvalidClientTokenId") => {
            vec!["check the access key id: it is unknown, deactivated or of another partition, or was made a moment ago".to_owned()]
        }
        Some("SignatureDoesNotMatch") => vec!["check the secret access key".to_owned()],
        _ => calls::tell(&error, Around::default()).hints,
    };
    CliError::new(calls::kind(&error), error).hints(hints).hint(UNWRITTEN)
}

/// A question of `rolo configure` without an answer.
pub fn explain_no_answer(error: NoAnswer) -> CliError {
    CliError::new(ErrorKind::PersonNeeded, error)
        .hint("nothing is written; run it again and answer each question")
}

/// `rolo configure` for the profile `name` without settings and without a terminal.
pub fn nobody_to_configure(name: &str) -> CliError {
    CliError::new(ErrorKind::PersonNeeded, NoAnswer::NobodyToAsk).hint(format!(
        "run it at a terminal, or give the settings: `rolo configure --profile {} --access-key-id ID --secret-access-key-stdin`",
        shell_word(name)
    ))
}

fn code_kind(error: &CodeError) -> (ErrorKind, Vec<String>) {
    match error {
        CodeError::NoCode { source, .. } => {
            let hint = match source {
                NoCode::Declined => "run it again and type the six digits",
                _ => {
                    "run it at a terminal, or give the code: `--mfa-code CODE`, `ROLO_MFA_CODE`, or `mfa_process` in the profile"
                }
            };
            (ErrorKind::PersonNeeded, vec![hint.to_owned()])
        }
        CodeError::BadForm { .. } => {
            (ErrorKind::Usage, vec!["give the six digits that the device shows".to_owned()])
        }
        CodeError::Spent { wait, .. } => (
            ErrorKind::PersonNeeded,
            vec![format!("the device shows the next code in {} s", wait.as_secs() + 1)],
        ),
        CodeError::Refused { .. } => (
            ErrorKind::Refused,
            vec![
                "check that the code is of this device, and that the clocks of device and machine are right"
                    .to_owned(),
            ],
        ),
        CodeError::Process { said, .. } => (
            ErrorKind::Other,
            vec![match said {
                Some(_) => "do what it says, or run the profile's `mfa_process` by hand: it must print six digits and nothing else"
                    .to_owned(),
                None => "run the profile's `mfa_process` by hand: it must print six digits and nothing else".to_owned(),
            }],
        ),
        _ => (ErrorKind::Other, Vec::new()),
    }
}

fn provider_kind(error: &ProviderError, profile: Option<&str>) -> (ErrorKind, Vec<String>) {
    let (kind, hint) = match error {
        ProviderError::SsoTokenMissing { name }
        | ProviderError::SsoTokenUnreadable { name, .. }
        | ProviderError::SsoTokenExpired { name, .. }
        | ProviderError::SsoTokenRefused { name, .. } => {
            (ErrorKind::PersonNeeded, sign_in_hint(name, profile))
        }
        ProviderError::ProcessCommand { .. } | ProviderError::ProcessNotRun { .. } => (
            ErrorKind::Configuration,
            "correct `credential_process` in the profile; no shell runs it, so write whole paths".to_owned(),
        ),
        ProviderError::ProcessFailed { program, said, .. } => (
            ErrorKind::Other,
            match said {
                Some(_) => format!(
                    "do what `{program}` says, or run the profile's `credential_process` by hand to see all of it"
                ),
                None => {
                    format!("run the profile's `credential_process` by hand to see what `{program}` says")
                }
            },
        ),
        ProviderError::ProcessAnswer { problem, .. } => (ErrorKind::Other, output_hint(problem)),
        ProviderError::TokenFile { path, .. } => (
            ErrorKind::Configuration,
            format!("see whether it is there and yours: `ls -l {}`; or correct the setting that names it", shell_word(&path.to_string_lossy())),
        ),
        ProviderError::ContainerHost { .. } => {
            (ErrorKind::Configuration, "correct or unset `AWS_CONTAINER_CREDENTIALS_FULL_URI`".to_owned())
        }
        ProviderError::ContainerToken => (
            ErrorKind::Configuration,
            "take the line break out of `AWS_CONTAINER_AUTHORIZATION_TOKEN`, or of the file that `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` names"
                .to_owned(),
        ),
        ProviderError::BadCredentials { source_name, .. } if source_name.starts_with('`') => (
            ErrorKind::Other,
            "run the profile's `credential_process` by hand: it must print one JSON object with `\"Version\": 1`, `AccessKeyId` and `SecretAccessKey`, and nothing else"
                .to_owned(),
        ),
        ProviderError::BadCredentials { source_name, .. } => {
            (ErrorKind::Other, format!("see what {source_name} answers: it is set up wrongly, or is something else"))
        }
        ProviderError::StillExpired { source_name } => (
            ErrorKind::Other,
            format!("let {source_name} get new ones (many such programs have a `login`), and compare the clock: `date -u`"),
        ),
        ProviderError::ImdsV1Disabled => (
            ErrorKind::Configuration,
            "allow IMDSv2 on the instance: raise the hop limit of its metadata options".to_owned(),
        ),
        ProviderError::Container { .. } | ProviderError::Imds { .. } => {
            (ErrorKind::Unreachable, "check that the endpoint runs and that the address is right".to_owned())
        }
        _ => return (ErrorKind::Other, Vec::new()),
    };
    (kind, vec![hint])
}

/// What makes credentials of what a `credential_process` printed.
fn output_hint(problem: &OutputProblem) -> String {
    let wanted = "`{\"Version\": 1, \"AccessKeyId\": …, \"SecretAccessKey\": …}`";
    match problem {
        OutputProblem::Answer(_) => "let `rolo convert --format process` read it, in a script that the profile names: it makes \
             of the answer what SDKs read"
            .to_owned(),
        OutputProblem::Page => {
            "run the profile's `credential_process` by hand: a proxy, or a page to sign in at, answers in place of its service"
                .to_owned()
        }
        OutputProblem::Table => {
            "give the program its option for JSON, such as `--output json`; a `credential_process` prints JSON".to_owned()
        }
        OutputProblem::Shell | OutputProblem::Ini => {
            "give the program its option for JSON, such as `--format process`: a `credential_process` prints JSON".to_owned()
        }
        OutputProblem::Words => {
            "let the program write its words for people to standard error, and nothing but JSON to standard output".to_owned()
        }
        OutputProblem::Spelling { wanted, .. } => format!("let the program spell it `{wanted}`"),
        _ => format!("run the profile's `credential_process` by hand: it must print {wanted} and nothing else"),
    }
}

/// A start URL names a sign-in of the old kind, which only a profile leads to.
fn sign_in_hint(name: &str, profile: Option<&str>) -> String {
    if name.contains("://") {
        format!("sign in with `aws sso login --profile {}`", shell_word(profile.unwrap_or("PROFILE")))
    } else {
        format!("sign in with `aws sso login --sso-session {}`", shell_word(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_no_matter_of_permissions() {
        let told = |kind: io::ErrorKind| {
            let error = explain_write(WriteError::Io { path: "/h/.aws/config".into(), source: kind.into() });
            crate::error::render(&error, None, false)
        };
        assert!(told(io::ErrorKind::StorageFull).contains("hint: make room on the disk"));
        assert!(
            told(io::ErrorKind::PermissionDenied)
                .contains("hint: make `/h/.aws/config` and its folder writable")
        );
    }
}
