//! Credentials saved as a profile of the credentials file, for programs that read nothing else.
//!
//! A section is rolo's if the comment under its header says so, under each header of that name; no other section is ever
//! changed, and no name is taken that stands in either file from another hand. Must not know how credentials are had.

use std::sync::Arc;

use jiff::Timestamp;
use rolo_core::{
    Credentials, Secret,
    arn::RoleArn,
    chain::leaf::{EXPIRATION_KEY, SAVED_FROM_KEY, SAVED_MARK},
    credentials::{parse_expiration, render_expiration},
    error::{ErrorName, HaveName},
    host::Host,
    ini::{self, Change, headers},
    origin::Location,
    profile::{
        ConfigFiles, ProfileSet, SourceFile, WriteError, Written, edit_profile, remove_profile, write_file,
    },
    talk::Hear,
};

use crate::{
    error::{CliError, ErrorKind, names},
    hints::explain,
    settings::is_profile_name_prefix,
};

/// The comment without its `# `.
const COMMENT: &str = "written by rolo: `rolo save` replaces these keys, `rolo save --clean` removes them once they have expired";

/// The keys that go when credentials have expired. `region` may be somebody's own by now.
const KEYS: [&str; 6] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    EXPIRATION_KEY,
    ROLE_KEY,
    SAVED_FROM_KEY,
];
/// Not `role_arn`: every AWS tool would take that role on.
const ROLE_KEY: &str = "rolo_role_arn";
const REGION_KEY: &str = "region";

/// What is saved.
#[derive(Debug, Clone, Copy)]
pub struct Savable<'a> {
    /// Temporary ones.
    pub credentials: &'a Credentials,
    /// The role they are of.
    pub role_arn: Option<&'a str>,
    /// Where they are used.
    pub region: Option<&'a str>,
    /// The profile they were got from, so that an expired one can say how to renew it.
    pub profile: Option<&'a str>,
}

/// Why nothing is saved.
#[derive(Debug, thiserror::Error)]
enum SaveError {
    #[error("`{name}` cannot be the name of a saved profile")]
    Name { name: String },
    #[error("profile `{name}` is there already, and not from `rolo save`")]
    Taken { name: String },
    #[error("these are long-term keys, which are never copied")]
    LongTerm,
}

impl HaveName for SaveError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Name { .. } | Self::Taken { .. } => names::SAVE_NAME,
            Self::LongTerm => names::SAVE_LONG_TERM,
        }
    }
}

/// The name under which a role is saved unless one is given: `PREFIX-ROLE`, with the account's number for want of a
/// prefix. `None` where the text is no role's ARN.
pub fn default_name(prefix: Option<&str>, role_arn: &RoleArn) -> Option<String> {
    name_of_role(prefix, role_arn.account()?, role_arn.role_name()?)
}

/// The same for a role that has no ARN yet.
pub fn name_of_role(prefix: Option<&str>, account: &str, role: &str) -> Option<String> {
    let prefix = prefix.filter(|prefix| !prefix.is_empty()).unwrap_or(account);
    (!prefix.is_empty() && !role.is_empty()).then(|| format!("{prefix}-{role}"))
}

/// Refuses a name that no section can have, or that stands in either file from another hand: what rolo saves, it saves in
/// the credentials file alone.
pub fn check_name(name: &str, host: Host<'_>) -> Result<(), CliError> {
    if name.is_empty() || name == "DEFAULT" || !is_profile_name_prefix(name) {
        return Err(CliError::new(ErrorKind::Usage, SaveError::Name { name: name.to_owned() })
            .hint("give `--as` a name of letters, digits and dashes"));
    }
    let files = ConfigFiles::load(&host).map_err(|error| explain(error.into()))?;
    let set = ProfileSet::parse(&files).map_err(|error| explain(error.into()))?;
    let Some(profile) = set.profile(name) else { return Ok(()) };
    let header = |file| profile.section(file)?.header_origin().location().cloned();
    if let Some(at) = header(SourceFile::Config) {
        return Err(taken(name, at));
    }
    match (header(SourceFile::Credentials), line_of_another(files.credentials.text(), name)) {
        (Some(at), Ok(Some(line))) => Err(taken(name, Location { line, ..at })),
        _ => Ok(()),
    }
}

/// Where the section of the profile `name` stands that rolo saved; `None`: it saved none.
pub fn find(files: &ConfigFiles, name: &str) -> Option<Location> {
    let headers = headers(files.credentials.text()).ok()?;
    let header = headers.iter().find(|header| header.name == name && is_marked(header.comment))?;
    Some(Location { path: Arc::new(files.credentials.path().to_owned()), line: header.line })
}

/// Writes the profile `name`. Where it holds the same already, the files are read and that is all.
pub fn save_credentials(
    name: &str,
    what: Savable<'_>,
    host: Host<'_>,
    hear: &dyn Hear,
) -> Result<Written, CliError> {
    check_name(name, host)?;
    let credentials = what.credentials;
    let Some(token) = &credentials.session_token else {
        return Err(CliError::new(ErrorKind::Configuration, SaveError::LongTerm)
            .hint("name the profile that holds them to the program itself, or save a role"));
    };
    let expiration = credentials.expiration.map(render_expiration);
    let profile = what.profile.filter(|profile| is_profile_name_prefix(profile));
    let mut changes = vec![
        Change::Set { key: "aws_access_key_id", value: &credentials.access_key_id },
        Change::Set { key: "aws_secret_access_key", value: credentials.secret_access_key.expose() },
        Change::Set { key: "aws_session_token", value: token.expose() },
    ];
    // The token's older name would win over ours.
    changes.push(Change::Remove { key: "aws_security_token" });
    changes.extend(what.region.map(|value| Change::Set { key: REGION_KEY, value }));
    let own = [(EXPIRATION_KEY, expiration.as_deref()), (ROLE_KEY, what.role_arn), (SAVED_FROM_KEY, profile)];
    changes.extend(own.map(|(key, value)| match value {
        Some(value) => Change::Set { key, value },
        None => Change::Remove { key },
    }));

    let path = ConfigFiles::path(&host, SourceFile::Credentials);
    write_file(&path, host, hear, |text| {
        let change = |error| WriteError::edit(&path, error);
        if let Some(line) = line_of_another(text, name).map_err(|error| change(error.into()))? {
            return Err(taken(name, Location { path: Arc::new(path.clone()), line }));
        }
        let edited = edit_profile(text, SourceFile::Credentials, name, Some(COMMENT), &changes);
        edited.map_err(|error| change(error).into())
    })
}

/// Removes the saved profiles that have expired and that `is_meant` picks; their names. Keys that somebody added to one stay, under its header.
pub fn clean(
    host: Host<'_>,
    hear: &dyn Hear,
    is_meant: impl Fn(&str) -> bool,
) -> Result<Vec<String>, CliError> {
    let path = ConfigFiles::path(&host, SourceFile::Credentials);
    let mut cleaned = Vec::new();
    write_file(&path, host, hear, |text| -> Result<Secret, CliError> {
        let change = |error: ini::EditError| WriteError::edit(&path, error);
        cleaned = expired(text, host.clock.now()).map_err(|error| change(error.into()))?;
        cleaned.retain(|saved| is_meant(&saved.name));
        let mut left = Secret::new(text);
        for saved in &cleaned {
            left = remove(left.expose(), saved).map_err(change)?;
        }
        Ok(left)
    })?;
    Ok(cleaned.into_iter().map(|saved| saved.name).collect())
}

/// A saved profile that has expired.
struct Expired {
    name: String,
    has_other_keys: bool,
}

fn remove(text: &str, saved: &Expired) -> Result<Secret, ini::EditError> {
    if !saved.has_other_keys {
        return remove_profile(text, SourceFile::Credentials, &saved.name);
    }
    edit_profile(text, SourceFile::Credentials, &saved.name, None, &KEYS.map(|key| Change::Remove { key }))
}

fn expired(text: &str, now: Timestamp) -> Result<Vec<Expired>, ini::ParseError> {
    let mut expired = Vec::new();
    for section in ini::parse(text)? {
        let at = section.get(EXPIRATION_KEY).and_then(|at| parse_expiration(at.value.as_str()));
        if at.is_some_and(|at| at <= now) && line_of_another(text, section.name())?.is_none() {
            let is_ours = |key: &str| KEYS.contains(&key) || key == REGION_KEY;
            expired.push(Expired {
                name: section.name().to_owned(),
                has_other_keys: section.entries().iter().any(|entry| !is_ours(&entry.key)),
            });
        }
    }
    Ok(expired)
}

/// The line of the first header `name` that is not rolo's.
fn line_of_another(text: &str, name: &str) -> Result<Option<u32>, ini::ParseError> {
    let headers = headers(text)?;
    let another = headers.iter().find(|header| header.name == name && !is_marked(header.comment));
    Ok(another.map(|header| header.line))
}

/// Whether the line below a header makes its section rolo's.
fn is_marked(comment: Option<&str>) -> bool {
    comment.is_some_and(|comment| comment.starts_with(SAVED_MARK))
}

/// Whether the name stands there from another hand, so that another name would do.
pub fn is_taken(error: &CliError) -> bool {
    matches!(error.downcast(), Some(SaveError::Taken { .. }))
}

fn taken(name: &str, at: Location) -> CliError {
    CliError::new(ErrorKind::Configuration, SaveError::Taken { name: name.to_owned() })
        .at([at])
        .hint("save it under another name: `--as OTHER`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_saved_under_prefix_and_name() {
        let role = RoleArn::new("arn:aws:iam::333344445555:role/team/Admin");
        assert_eq!(default_name(None, &role).as_deref(), Some("333344445555-Admin"));
        assert_eq!(default_name(Some(""), &role).as_deref(), Some("333344445555-Admin"));
        assert_eq!(default_name(Some("acme"), &role).as_deref(), Some("acme-Admin"));
        assert_eq!(default_name(Some("acme"), &RoleArn::new("Admin")), None);
    }

    #[test]
    fn only_marked_sections_that_have_expired_are_cleaned() {
        let text = "\
[gone]
# written by rolo: x
rolo_expiration = 2026-01-01T00:00:00Z
[kept]
# written by rolo: x
rolo_expiration = 2026-01-01T00:00:00Z
output = json
[alive]
# written by rolo: x
rolo_expiration = 2027-01-01T00:00:00Z
[mine]
rolo_expiration = 2026-01-01T00:00:00Z
[half]
# written by rolo: x
rolo_expiration = 2026-01-01T00:00:00Z
[half]
x = 1
[odd]
# written by rolo: x
rolo_expiration = soon
";
        let expired = expired(text, "2026-06-01T00:00:00Z".parse().unwrap()).unwrap();
        let seen: Vec<_> = expired.iter().map(|saved| (saved.name.as_str(), saved.has_other_keys)).collect();
        assert_eq!(seen, [("gone", false), ("kept", true)]);
        assert_eq!(line_of_another(text, "half").unwrap(), Some(16));
    }
}
