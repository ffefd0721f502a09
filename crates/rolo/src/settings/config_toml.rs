//! `config.toml`: rolo's own settings, each checked where it is read.
//!
//! Must not know what else there is beside this file.

use std::{
    collections::HashMap,
    ops::{Range, RangeInclusive},
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::SignedDuration;
use rolo_core::{
    chain::{
        plan::{CliCacheUse, Options},
        request::parse_seconds,
    },
    host::Host,
    origin::{Location, Origin, Sourced},
};
use serde::Deserialize;
use toml::Spanned;

use super::{BadSetting, LONGEST_REFRESH, is_profile_name_prefix, is_role_prefix};
use crate::{
    error::{CliError, ErrorKind},
    findings::Allowed,
    prompt::colours::{COLOURS, Rule},
};

/// The keys of the file, each with its place.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    refresh_before_expiry: Option<Spanned<String>>,
    mfa_session: Option<Spanned<String>>,
    mfa_session_duration: Option<Spanned<String>>,
    cli_cache: Option<Spanned<String>>,
    history: Option<Spanned<String>>,
    role_prefix: Option<Spanned<String>>,
    profile_name_prefix: Option<Spanned<String>>,
    #[serde(default)]
    trusted: Vec<Spanned<String>>,
    #[serde(default)]
    prompt: Prompt,
    #[serde(default)]
    doctor: Doctor,
}

/// `[prompt]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prompt {
    /// In no order; their places tell it.
    #[serde(default)]
    colors: HashMap<Spanned<String>, Spanned<String>>,
}

/// `[doctor]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Doctor {
    #[serde(default)]
    allow: Vec<Spanned<String>>,
}

const KEYS: &str = "the keys are `refresh_before_expiry`, `mfa_session`, `mfa_session_duration`, `cli_cache`, \
    `history`, `role_prefix`, `profile_name_prefix`, `trusted`, in `[prompt]` `colors`, and in `[doctor]` `allow`";

/// What the file says, and the defaults for what it leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// What planning needs.
    pub options: Options,
    /// What a role's name is put behind, to become an ARN.
    pub role_prefix: Option<Sourced<String>>,
    /// What the names of saved profiles begin with.
    pub profile_name_prefix: Option<Sourced<String>>,
    /// The same as in `options`, where the file says it.
    pub refresh_before_expiry: Option<Sourced<SignedDuration>>,
    /// The settings of `options` that the file says, as they stand there.
    pub said: Vec<(&'static str, Sourced<String>)>,
    /// Files, and folders of files, that need no approval: absolute, or below `~/`.
    pub trusted: Vec<Sourced<String>>,
    /// Colours of profiles' names in the prompt, in the order of the file.
    pub prompt_colours: Vec<Rule>,
    /// What `rolo doctor` is not to tell.
    pub allowed: Vec<Allowed>,
}

/// Where the file is: `$XDG_CONFIG_HOME/rolo/config.toml`, else `~/.config/rolo/config.toml`.
pub fn resolve_path(host: Host<'_>) -> Option<PathBuf> {
    let base = host.var_set("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    Some(base.or_else(|| Some(host.home()?.join(".config")))?.join("rolo/config.toml"))
}

/// What planning needs of the file; without one, everything is as documented.
pub fn load_options(host: Host<'_>) -> Result<Options, CliError> {
    load_config(host).map(|config| config.options)
}

/// Reads the file; without one, everything is as documented.
pub fn load_config(host: Host<'_>) -> Result<Config, CliError> {
    let Some(path) = resolve_path(host) else { return Ok(Config::default()) };
    let bytes = match host.files.read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Config::default()),
        Err(source) => {
            let hint = format!("make `{}` readable, or remove it", path.display());
            return Err(
                CliError::new(ErrorKind::Configuration, BadSetting::Unreadable { path, source }).hint(hint)
            );
        }
    };
    let text = String::from_utf8_lossy(&bytes);
    let places = Places { text: &text, path: Arc::new(path) };
    parse_config(&places).map_err(|(error, span)| {
        CliError::new(ErrorKind::Configuration, error).at([places.location(&span)]).hint(KEYS)
    })
}

/// The file's text, in which a span is a line.
struct Places<'a> {
    text: &'a str,
    path: Arc<PathBuf>,
}

impl Places<'_> {
    fn location(&self, span: &Range<usize>) -> Location {
        let line = self.text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1);
        Location { path: Arc::clone(&self.path), line: u32::try_from(line).unwrap_or(u32::MAX) }
    }

    fn sourced<T>(&self, value: T, span: &Range<usize>) -> Sourced<T> {
        Sourced::new(value, Origin::File(self.location(span)))
    }

    /// A text that `is_fit`; an empty one is as good as absent.
    fn text(
        &self,
        key: &'static str,
        said: Option<Spanned<String>>,
        is_fit: fn(&str) -> bool,
        wanted: &'static str,
    ) -> Result<Option<Sourced<String>>, (BadSetting, Range<usize>)> {
        let Some(said) = said.filter(|said| !said.get_ref().is_empty()) else { return Ok(None) };
        let span = said.span();
        let value = said.into_inner();
        if is_fit(&value) {
            Ok(Some(self.sourced(value, &span)))
        } else {
            Err((BadSetting::Unfit { key, value, wanted }, span))
        }
    }
}

fn parse_config(places: &Places<'_>) -> Result<Config, (BadSetting, Range<usize>)> {
    let file: File = toml::from_str(places.text).map_err(|error| {
        let message = error.message().lines().next().unwrap_or_default().to_owned();
        (BadSetting::Malformed { message }, error.span().unwrap_or_default())
    })?;
    let mut config = Config { said: said(&file, places), ..Config::default() };
    let options = &mut config.options;
    if let Some(said) = file.refresh_before_expiry {
        let seconds = seconds("refresh_before_expiry", &said, 0..=longest_refresh())?;
        options.refresh_before_expiry = SignedDuration::from_secs(seconds.into());
        config.refresh_before_expiry = Some(places.sourced(options.refresh_before_expiry, &said.span()));
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
    if let Some(said) = file.history {
        options.history = one_of("history", &said, "`on`, `off`", &[("on", true), ("off", false)])?;
    }
    let arn = "of the form `arn:aws:iam::123456789012:role/`";
    config.role_prefix = places.text("role_prefix", file.role_prefix, is_role_prefix, arn)?;
    let name = "the beginning of a profile's name";
    config.profile_name_prefix =
        places.text("profile_name_prefix", file.profile_name_prefix, is_profile_name_prefix, name)?;
    for said in file.trusted {
        let span = said.span();
        let value = said.into_inner();
        if !is_trustable(&value) {
            let wanted = "an absolute path or one that begins with `~/`";
            return Err((BadSetting::Unfit { key: "trusted", value, wanted }, span));
        }
        config.trusted.push(places.sourced(value, &span));
    }
    config.prompt_colours = colour_rules(file.prompt)?;
    for said in file.doctor.allow {
        let span = said.span();
        let allowed = Allowed::parse(said.get_ref()).ok_or_else(|| {
            let allowed =
                "the codes that `rolo doctor` prints, as `R041` or, for some profiles alone, `R041:team-*`";
            (BadSetting::NotAllowed { key: "allow", value: said.into_inner(), allowed }, span)
        })?;
        config.allowed.push(allowed);
    }
    Ok(config)
}

fn said(file: &File, places: &Places<'_>) -> Vec<(&'static str, Sourced<String>)> {
    let keys = [
        ("refresh_before_expiry", &file.refresh_before_expiry),
        ("mfa_session", &file.mfa_session),
        ("mfa_session_duration", &file.mfa_session_duration),
        ("cli_cache", &file.cli_cache),
        ("history", &file.history),
    ];
    let place = |said: &Spanned<String>| places.sourced(said.get_ref().clone(), &said.span());
    keys.into_iter().filter_map(|(key, said)| Some((key, place(said.as_ref()?)))).collect()
}

fn colour_rules(prompt: Prompt) -> Result<Vec<Rule>, (BadSetting, Range<usize>)> {
    let mut colors: Vec<_> = prompt.colors.into_iter().collect();
    colors.sort_by_key(|(pattern, _)| pattern.span().start);
    let rule = |(pattern, said): (Spanned<String>, Spanned<String>)| {
        let allowed = "a terminal's eight colours, as `red` or `bright-red`";
        Ok(Rule { pattern: pattern.into_inner(), colour: one_of("colors", &said, allowed, &COLOURS)? })
    };
    colors.into_iter().map(rule).collect()
}

/// A relative path would be another one in each working directory, which is what must not decide.
fn is_trustable(path: &str) -> bool {
    path.starts_with("~/") || Path::new(path).is_absolute()
}

fn longest_refresh() -> u32 {
    u32::try_from(LONGEST_REFRESH.as_secs()).unwrap_or(u32::MAX)
}

fn one_of<T: Copy>(
    key: &'static str,
    said: &Spanned<String>,
    allowed: &'static str,
    values: &[(&str, T)],
) -> Result<T, (BadSetting, Range<usize>)> {
    let value = said.get_ref();
    values
        .iter()
        .find(|(name, _)| name == value)
        .map(|(_, value)| *value)
        .ok_or_else(|| (BadSetting::NotAllowed { key, value: value.clone(), allowed }, said.span()))
}

fn seconds(
    key: &'static str,
    said: &Spanned<String>,
    range: RangeInclusive<u32>,
) -> Result<u32, (BadSetting, Range<usize>)> {
    let value = said.get_ref();
    parse_seconds(value).filter(|seconds| range.contains(seconds)).ok_or_else(|| {
        let allowed = if *range.start() == 0 { "`0s` to `12h`" } else { "`15m` to `36h`" };
        (BadSetting::NotAllowed { key, value: value.clone(), allowed }, said.span())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, (BadSetting, Range<usize>)> {
        parse_config(&Places { text, path: Arc::new(PathBuf::from("/c/config.toml")) })
    }

    #[test]
    fn every_key_is_read() {
        let options = parse(
            "refresh_before_expiry = \"5m\"\nmfa_session = \"off\"\nmfa_session_duration = \"1h30m\"\n\
             cli_cache = \"write\"\nhistory = \"off\"\n",
        )
        .unwrap()
        .options;
        assert_eq!(options.refresh_before_expiry, SignedDuration::from_mins(5));
        assert!(!options.mfa_session);
        assert_eq!(options.mfa_session_duration, 5400);
        assert_eq!(options.cli_cache, CliCacheUse::Write);
        assert!(!options.history);
        assert_eq!(parse("").unwrap(), Config::default());
    }

    #[test]
    fn keys_for_roles_are_read_with_their_lines() {
        let config = parse(
            "role_prefix = \"arn:aws:iam::123456789012:role/\"\nprofile_name_prefix = \"\"\n\
             refresh_before_expiry = \"0s\"\ntrusted = [\n  \"/srv\",\n  \"~/work\",\n]\n",
        )
        .unwrap();
        let line = |origin: &Origin| origin.location().unwrap().line;
        let prefix = config.role_prefix.unwrap();
        assert_eq!((prefix.value.as_str(), line(&prefix.origin)), ("arn:aws:iam::123456789012:role/", 1));
        assert_eq!(config.profile_name_prefix, None, "empty is unset");
        assert_eq!(line(&config.refresh_before_expiry.unwrap().origin), 3);
        let trusted: Vec<_> =
            config.trusted.iter().map(|entry| (entry.value.as_str(), line(&entry.origin))).collect();
        assert_eq!(trusted, [("/srv", 5), ("~/work", 6)]);
    }

    #[test]
    fn colours_keep_the_order_of_the_file() {
        for text in [
            "prompt.colors = { \"z*\" = \"red\", a = \"bright-blue\", \"m?\" = \"cyan\" }",
            "[prompt.colors]\n\"z*\" = \"red\"\na = \"bright-blue\"\n'm?' = \"cyan\"\n",
        ] {
            let rules = parse(text).unwrap().prompt_colours;
            let patterns: Vec<_> = rules.iter().map(|rule| rule.pattern.as_str()).collect();
            assert_eq!(patterns, ["z*", "a", "m?"], "{text}");
            assert_eq!(rules[1].colour, anstyle::AnsiColor::BrightBlue);
        }
    }

    #[test]
    fn what_the_doctor_is_not_to_tell() {
        let allowed = parse("[doctor]\nallow = [\"R009\", \"R015:team-*\"]\n").unwrap().allowed;
        let told: Vec<_> = allowed.iter().map(|rule| (rule.code, rule.profiles.as_deref())).collect();
        assert_eq!(told, [("R009", None), ("R015", Some("team-*"))]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, start) in [
            ("cli_cache = \"on\"\nmfa_sesion = \"off\"\n", 17),
            ("\n\nmfa_session = \"maybe\"\n", 16),
            ("mfa_session_duration = \"60h\"", 23),
            ("role_prefix = \"123456789012:\"", 14),
            ("trusted = [\"/a\", \"b\"]", 17),
            ("trusted = \"/a\"", 10),
            ("[prompt]\ncolors = { a = \"red\", b = \"pink\" }", 35),
            ("[prompt]\ncolours = {}", 9),
            ("[doctor]\nallow = [\"R001\", \"R999\"]", 26),
            ("[doctor]\nallow = [\"R001:\"]", 18),
        ] {
            let (error, span) = parse(text).unwrap_err();
            assert_eq!(span.start, start, "{text}: {error}");
        }
    }
}
