//! `config.toml`: what a person sets once for all profiles. Only rolo's own settings; AWS's stay in AWS's files.
//!
//! Must not know profiles.

use std::{ops::Range, path::PathBuf, sync::Arc};

use jiff::SignedDuration;
use rolo_core::{
    chain::{
        plan::{CliCacheUse, Options},
        request::parse_seconds,
    },
    host::Host,
    origin::Location,
};
use serde::Deserialize;
use toml::Spanned;

use crate::error::{CliError, ErrorKind};

/// The keys of the file, each with its place.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    refresh_before_expiry: Option<Spanned<String>>,
    mfa_session: Option<Spanned<String>>,
    mfa_session_duration: Option<Spanned<String>>,
    cli_cache: Option<Spanned<String>>,
}

/// Why the file was not taken.
#[derive(Debug, thiserror::Error)]
enum SettingsError {
    #[error("`{}` could not be read", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{message}")]
    Malformed { message: String },
    #[error("`{key}` is `{value}`, which is none of {allowed}")]
    NotAllowed { key: &'static str, value: String, allowed: &'static str },
}

/// Where the file is: `$XDG_CONFIG_HOME/rolo/config.toml`, else `~/.config/rolo/config.toml`.
pub fn resolve_path(host: Host<'_>) -> Option<PathBuf> {
    let base = host.var_set("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    Some(base.or_else(|| Some(host.home()?.join(".config")))?.join("rolo/config.toml"))
}

/// Reads the file; without one, everything is as documented.
pub fn load_options(host: Host<'_>) -> Result<Options, CliError> {
    let Some(path) = resolve_path(host) else { return Ok(Options::default()) };
    let bytes = match host.files.read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Options::default()),
        Err(source) => {
            return Err(CliError::new(ErrorKind::Configuration, SettingsError::Unreadable { path, source }));
        }
    };
    let text = String::from_utf8_lossy(&bytes);
    parse_options(&text).map_err(|(error, span)| {
        let line = text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1);
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        CliError::new(ErrorKind::Configuration, error).at([Location { path: Arc::new(path), line }]).hint(
            "the keys are `refresh_before_expiry`, `mfa_session`, `mfa_session_duration` and `cli_cache`",
        )
    })
}

fn parse_options(text: &str) -> Result<Options, (SettingsError, Range<usize>)> {
    let file: File = toml::from_str(text).map_err(|error| {
        let message = error.message().lines().next().unwrap_or_default().to_owned();
        (SettingsError::Malformed { message }, error.span().unwrap_or_default())
    })?;
    let mut options = Options::default();
    if let Some(said) = file.refresh_before_expiry {
        let seconds = seconds("refresh_before_expiry", &said, 0..=12 * 3600)?;
        options.refresh_before_expiry = SignedDuration::from_secs(seconds.into());
    }
    if let Some(said) = file.mfa_session_duration {
        options.mfa_session_duration = seconds("mfa_session_duration", &said, 900..=36 * 3600)?;
    }
    if let Some(said) = file.mfa_session {
        options.mfa_session = one_of("mfa_session", &said, "`on`, `off`", &[("on", true), ("off", false)])?;
    }
    if let Some(said) = file.cli_cache {
        let allowed = [("on", CliCacheUse::On), ("write", CliCacheUse::Write), ("off", CliCacheUse::Off)];
        options.cli_cache = one_of("cli_cache", &said, "`on`, `write`, `off`", &allowed)?;
    }
    Ok(options)
}

fn one_of<T: Copy>(
    key: &'static str,
    said: &Spanned<String>,
    allowed: &'static str,
    values: &[(&str, T)],
) -> Result<T, (SettingsError, Range<usize>)> {
    let value = said.get_ref();
    values
        .iter()
        .find(|(name, _)| name == value)
        .map(|(_, value)| *value)
        .ok_or_else(|| (SettingsError::NotAllowed { key, value: value.clone(), allowed }, said.span()))
}

fn seconds(
    key: &'static str,
    said: &Spanned<String>,
    range: std::ops::RangeInclusive<u32>,
) -> Result<u32, (SettingsError, Range<usize>)> {
    let value = said.get_ref();
    parse_seconds(value).filter(|seconds| range.contains(seconds)).ok_or_else(|| {
        let allowed = if *range.start() == 0 { "`0s` to `12h`" } else { "`15m` to `36h`" };
        (SettingsError::NotAllowed { key, value: value.clone(), allowed }, said.span())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_read() {
        let options = parse_options(
            "refresh_before_expiry = \"5m\"\nmfa_session = \"off\"\nmfa_session_duration = \"1h30m\"\ncli_cache = \"write\"\n",
        )
        .unwrap();
        assert_eq!(options.refresh_before_expiry, SignedDuration::from_mins(5));
        assert!(!options.mfa_session);
        assert_eq!(options.mfa_session_duration, 5400);
        assert_eq!(options.cli_cache, CliCacheUse::Write);
        assert_eq!(parse_options("").unwrap(), Options::default());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, start) in [
            ("cli_cache = \"on\"\nmfa_sesion = \"off\"\n", 17),
            ("\n\nmfa_session = \"maybe\"\n", 16),
            ("mfa_session_duration = \"60h\"", 23),
        ] {
            let (error, span) = parse_options(text).unwrap_err();
            assert_eq!(span.start, start, "{text}: {error}");
        }
    }
}
