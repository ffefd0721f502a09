//! The settings for roles by name, from whichever file says them: the nearest `assume-role.yaml`, else the user's own in
//! `~/.aws`, and `config.toml` for what that file leaves out.
//!
//! A project's file decides into whose account credentials lead, so it counts only if it is the user's own, nobody else
//! may write to it, and a person approved it. One that does not count is never passed over for another prefix. Must not
//! know AWS's files.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::SignedDuration;
use rolo_core::{
    chain::target::parse_direct_role,
    error::{ErrorName, HaveName},
    host::Host,
    origin::Sourced,
    private_file::PrivateDirError,
    words,
};

use super::{
    Config, RoleFile, load_config,
    lookup::{self, Found, Refusal},
    trust::{Approvals, Standing},
};
use crate::error::{CliError, ErrorKind, names};

/// What counts for roles by name.
#[derive(Debug, Default)]
pub struct RoleSettings {
    /// What a role's name is put behind, to become an ARN.
    pub role_prefix: Option<Sourced<String>>,
    /// What the names of saved profiles begin with.
    pub profile_name_prefix: Option<Sourced<String>>,
    /// Cached credentials with less than this left are renewed.
    pub refresh_before_expiry: Option<Sourced<SignedDuration>>,
    /// The `assume-role.yaml` that counts.
    pub file: Option<PathBuf>,
    /// The one that was found and does not.
    left_out: Option<LeftOut>,
}

/// A file that was found and does not count.
#[derive(Debug)]
struct LeftOut {
    path: PathBuf,
    why: Arc<NotCounted>,
}

/// Why it does not.
#[derive(Debug, thiserror::Error)]
enum NotCounted {
    #[error(transparent)]
    Unsafe(#[from] Refusal),
    #[error("it has not been approved")]
    NotApproved,
    #[error("it has changed since it was approved ({0})")]
    Changed(String),
    #[error("approvals cannot be looked up")]
    Approvals(#[from] PrivateDirError),
}

/// Why a role's name leads to no role.
#[derive(Debug, thiserror::Error)]
enum NameError {
    #[error("role `{name}` may be in any account: `{}` does not count", path.display())]
    LeftOut { name: String, path: PathBuf, source: Arc<NotCounted> },
    #[error("role `{name}` is in no account: there is no `role_prefix`")]
    NoPrefix { name: String },
    #[error("`{name}` is no role's name, no `ACCOUNT:ROLE` and no role's ARN")]
    NotAName { name: String },
}

impl HaveName for NameError {
    fn name(&self) -> ErrorName {
        match self {
            Self::LeftOut { .. } | Self::NoPrefix { .. } | Self::NotAName { .. } => names::ROLE_NAME_UNKNOWN,
        }
    }
}

/// Reads what counts in the working directory `cwd`. A file that does not count is no error yet: a role that is named in
/// full needs none of it. Whoever asks [`RoleSettings::role_arn`] says [`RoleSettings::warning`] too.
pub fn load_role_settings(host: Host<'_>, cwd: &Path) -> Result<RoleSettings, CliError> {
    role_settings_over(load_config(host)?, host, cwd)
}

/// The same where `config` is known.
pub fn role_settings_over(config: Config, host: Host<'_>, cwd: &Path) -> Result<RoleSettings, CliError> {
    let home = lookup::home_path(host);
    let Some(found) = lookup::find_upwards(cwd).or_else(|| lookup::load(home.as_deref()?)) else {
        return Ok(RoleSettings::merged(RoleFile::default(), config));
    };
    let path = found.path.clone();
    match counted(found, home.as_deref(), &config.trusted, host) {
        Ok(text) => {
            let said = parse_role_file(&text, &path)?;
            Ok(RoleSettings { file: Some(path), ..RoleSettings::merged(said, config) })
        }
        Err(why) => {
            let left_out = Some(LeftOut { path, why: Arc::new(why) });
            Ok(RoleSettings { left_out, ..RoleSettings::merged(RoleFile::default(), config) })
        }
    }
}

/// The settings in an `assume-role.yaml` that is at `path` and holds `text`.
pub fn parse_role_file(text: &str, path: &Path) -> Result<RoleFile, CliError> {
    RoleFile::parse(text, &Arc::new(path.to_owned())).map_err(|(error, at)| {
        CliError::new(ErrorKind::Configuration, error)
            .at([at])
            .hint("the keys are `role_prefix`, `refresh_before_expiry` and `profile_name_prefix`")
    })
}

/// The text of a file that counts.
fn counted(
    found: Found,
    home: Option<&Path>,
    trusted: &[Sourced<String>],
    host: Host<'_>,
) -> Result<String, NotCounted> {
    let text = found.text?;
    if home.is_some_and(|home| lookup::place_of(home) == found.place) {
        return Ok(text);
    }
    match Approvals::open(host)?.standing(&found.place, &text, trusted, host) {
        Standing::Configured(_) | Standing::Approved(_) => Ok(text),
        Standing::Changed(approval) => Err(NotCounted::Changed(approval.approved_at)),
        Standing::Unknown => Err(NotCounted::NotApproved),
    }
}

impl RoleSettings {
    /// `said` key by key before `config`.
    fn merged(said: RoleFile, config: Config) -> Self {
        Self {
            role_prefix: said.role_prefix.or(config.role_prefix),
            profile_name_prefix: said.profile_name_prefix.or(config.profile_name_prefix),
            refresh_before_expiry: said.refresh_before_expiry.or(config.refresh_before_expiry),
            file: None,
            left_out: None,
        }
    }

    /// The role that `name` means: an ARN or `ACCOUNT:ROLE` as it is, which [`parse_direct_role`] reads, and a name behind
    /// the prefix.
    pub fn role_arn(&self, name: &str) -> Result<String, CliError> {
        if parse_direct_role(name).is_some() {
            return Ok(name.to_owned());
        }
        let text = name.to_owned();
        let in_full = format!("name the role in full: `ACCOUNT:{name}`, or its ARN");
        if !is_role_name(name) {
            return Err(CliError::new(ErrorKind::Usage, NameError::NotAName { name: text })
                .hint("give a name such as `admin`, an `ACCOUNT:ROLE`, or an ARN such as `arn:aws:iam::123456789012:role/admin`"));
        }
        if let Some(LeftOut { path, why }) = &self.left_out {
            let remedy = remedy(why, path);
            let error = NameError::LeftOut { name: text, path: path.clone(), source: Arc::clone(why) };
            return Err(CliError::new(ErrorKind::Configuration, error).hint(remedy).hint(in_full));
        }
        match &self.role_prefix {
            Some(prefix) => Ok(format!("{}{name}", prefix.value)),
            None => Err(CliError::new(ErrorKind::Configuration, NameError::NoPrefix { name: text })
                .hint("set `role_prefix` in `assume-role.yaml` or in rolo's `config.toml`")
                .hint(in_full)),
        }
    }

    /// What to tell where the role was named in full: the file that was found is left out.
    pub fn warning(&self) -> Option<String> {
        self.left_out().map(|(what, remedy)| format!("{what}; {remedy}"))
    }

    /// The same in two: what is wrong, and what to do about it.
    pub fn left_out(&self) -> Option<(String, String)> {
        let LeftOut { path, why } = self.left_out.as_ref()?;
        Some((format!("`{}` does not count: {why}", path.display()), remedy(why, path)))
    }
}

/// What IAM takes in a role's name, which may stand behind a path.
fn is_role_name(name: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-/".contains(&byte);
    !name.is_empty() && !name.starts_with('/') && !name.ends_with('/') && name.bytes().all(is_fit)
}

fn remedy(why: &NotCounted, path: &Path) -> String {
    let file = shell_word(path);
    match why {
        NotCounted::NotApproved | NotCounted::Changed(_) => {
            format!("look at it, then run `rolo trust {file}`")
        }
        NotCounted::Unsafe(refusal) => refusal_remedy(refusal, path),
        NotCounted::Approvals(error) => {
            format!("make `{}` a folder of your own with mode 0700", error.path.display())
        }
    }
}

/// What to do about a file that is not safe to take.
pub fn refusal_remedy(refusal: &Refusal, path: &Path) -> String {
    let file = shell_word(path);
    match refusal {
        Refusal::WritableByOthers(_) => {
            format!("run `chmod go-w {file}`, look at it, then run `rolo trust {file}`")
        }
        Refusal::ForeignOwner(_) | Refusal::ForeignLink(_) => {
            "put a file of your own there: no approval makes another user's count".to_owned()
        }
        _ => format!("correct or remove `{}`", path.display()),
    }
}

/// The path as a shell takes it.
pub fn shell_word(path: &Path) -> String {
    words::shell_word(&path.to_string_lossy()).into_owned()
}

#[cfg(test)]
mod tests {
    use rolo_core::origin::Origin;

    use super::*;

    fn settings(prefix: Option<&str>, why: Option<NotCounted>) -> RoleSettings {
        let path = PathBuf::from("/code/a project/assume-role.yaml");
        RoleSettings {
            role_prefix: prefix.map(|prefix| Sourced::new(prefix.to_owned(), Origin::Default)),
            left_out: why.map(|why| LeftOut { path, why: Arc::new(why) }),
            ..RoleSettings::default()
        }
    }

    #[test]
    fn a_name_is_put_behind_the_prefix_and_a_role_in_full_is_not() {
        let settings = settings(Some("arn:aws:iam::123456789012:role/"), None);
        assert_eq!(settings.role_arn("admin").unwrap(), "arn:aws:iam::123456789012:role/admin");
        assert_eq!(settings.role_arn("team/a.b@c").unwrap(), "arn:aws:iam::123456789012:role/team/a.b@c");
        for full in ["arn:aws:iam::210987654321:role/x", "210987654321:x"] {
            assert_eq!(settings.role_arn(full).unwrap(), full);
        }
        for bad in ["", "a b", "prod:admin", "arn:aws:iam::1:role/x", "x/", "/x", "x\u{1b}", "ü"] {
            assert_eq!(settings.role_arn(bad).unwrap_err().kind(), ErrorKind::Usage, "{bad}");
        }
    }

    #[test]
    fn without_a_prefix_a_name_is_a_mistake() {
        let error = settings(None, None).role_arn("admin").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(settings(None, None).role_arn("123456789012:admin").is_ok());
    }

    #[test]
    fn a_file_that_does_not_count_lets_no_other_prefix_through() {
        let other = Some("arn:aws:iam::123456789012:role/");
        for why in [NotCounted::NotApproved, NotCounted::Unsafe(Refusal::ForeignOwner(12))] {
            let settings = settings(other, Some(why));
            assert_eq!(settings.role_arn("admin").unwrap_err().kind(), ErrorKind::Configuration);
            assert_eq!(settings.role_arn("123456789012:admin").unwrap(), "123456789012:admin");
            assert!(settings.warning().is_some());
        }
        let warning = settings(other, Some(NotCounted::NotApproved)).warning().unwrap();
        assert!(warning.ends_with("run `rolo trust '/code/a project/assume-role.yaml'`"), "{warning}");
        assert_eq!(settings(other, None).warning(), None);
    }
}
