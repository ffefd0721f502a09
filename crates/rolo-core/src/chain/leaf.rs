//! The order inside one profile: which of its settings yields credentials when it is not assuming a role.
//!
//! Web identity, then Identity Center, then static keys of the credentials file, `login_session`,
//! `credential_process`, static keys of the config file: botocore's profile providers. Pure.

use std::path::PathBuf;

use super::{
    resolve::ResolveError,
    source::{Base, BaseSource, Keys, WebIdentity},
};
use crate::{
    Secret,
    arn::{MfaSerial, RoleArn},
    credentials::parse_expiration,
    env_vars,
    host::Env,
    origin::{Origin, Sourced},
    profile::set::{Profile, ProfileSet, Section, Setting, SourceFile},
    provider::{process::ProcessSource, sso::SsoSource},
};

/// rolo's own keys in a profile that it saved: when the credentials end, and which profile they were got from.
pub const EXPIRATION_KEY: &str = "rolo_expiration";
/// See [`EXPIRATION_KEY`].
pub const SAVED_FROM_KEY: &str = "rolo_profile";
/// How the comment below the header begins by which such a section is known as rolo's.
pub const SAVED_MARK: &str = "# written by rolo";

/// The base source that `profile` holds itself; `None` where it holds none.
///
/// `env` is given for the asked profile alone, and not where a flag named it: then the web identity variables count,
/// each before the profile's own key.
pub(super) fn resolve_leaf(
    set: &ProfileSet<'_>,
    profile: Option<&Profile<'_>>,
    env: Option<&dyn Env>,
) -> Result<Option<Base>, ResolveError> {
    let base = |source| {
        Some(Base {
            source,
            profile: profile.map(|profile| profile.name().to_owned()),
            mfa_serial: profile
                .and_then(|profile| profile.get("mfa_serial"))
                .map(|serial| Sourced::new(MfaSerial::new(serial.value), serial.origin())),
            mfa_process: profile
                .and_then(|profile| profile.get("mfa_process"))
                .filter(|command| !command.value.trim().is_empty())
                .map(|command| Sourced::new(command.value.to_owned(), command.origin())),
        })
    };
    if let Some(web) = resolve_web_identity(profile, env)? {
        return Ok(base(BaseSource::WebIdentity(web)));
    }
    let Some(profile) = profile else { return Ok(None) };
    if let Some(sso) = resolve_sso(set, profile)? {
        return Ok(base(BaseSource::Sso(sso)));
    }
    if let Some(keys) = resolve_keys(profile, SourceFile::Credentials)? {
        return Ok(base(BaseSource::Static(keys)));
    }
    if let Some(login) = profile.get("login_session") {
        return Err(ResolveError::LoginNotSupported {
            profile: profile.name().to_owned(),
            origin: login.origin(),
        });
    }
    if let Some(process) = profile.get("credential_process") {
        let source = ProcessSource {
            command: process.value.to_owned(),
            account_id: profile.get("aws_account_id").map(|account| account.value.to_owned()),
        };
        return Ok(base(BaseSource::Process { source, origin: process.origin() }));
    }
    if let Some(keys) = resolve_keys(profile, SourceFile::Config)? {
        return Ok(base(BaseSource::Static(keys)));
    }
    Ok(None)
}

/// Keys of one file: never an id from one and a secret from the other.
fn resolve_keys(profile: &Profile<'_>, file: SourceFile) -> Result<Option<Keys>, ResolveError> {
    let Some(id) = profile.get_in(file, "aws_access_key_id") else { return Ok(None) };
    let secret = profile.get_in(file, "aws_secret_access_key").ok_or_else(|| {
        ResolveError::HalfCredentials { missing: "aws_secret_access_key", origin: id.origin() }
    })?;
    for (key, setting) in [("aws_access_key_id", &id), ("aws_secret_access_key", &secret)] {
        if setting.value.is_empty() {
            return Err(ResolveError::EmptyKey { key, origin: setting.origin() });
        }
    }
    let token =
        ["aws_security_token", "aws_session_token"].into_iter().find_map(|key| profile.get_in(file, key));
    Ok(Some(Keys {
        access_key_id: id.value.to_owned(),
        secret_access_key: Secret::new(secret.value),
        session_token: token.filter(|token| !token.value.is_empty()).map(|token| Secret::new(token.value)),
        account_id: profile.get_in(file, "aws_account_id").map(|account| account.value.to_owned()),
        expiration: profile.get_in(file, EXPIRATION_KEY).and_then(|at| parse_expiration(at.value)),
        saved_from: profile.get_in(file, SAVED_FROM_KEY).map(|from| from.value.to_owned()),
        origin: id.origin(),
    }))
}

/// Keys of the environment: an empty key id counts as none, an id without a secret is half.
pub(super) fn resolve_environment(env: &dyn Env) -> Result<Option<Keys>, ResolveError> {
    let set = |name: &'static str| env.var(name).filter(|value| !value.is_empty());
    let Some(access_key_id) = set(env_vars::AWS_ACCESS_KEY_ID) else { return Ok(None) };
    let origin = Origin::Env(env_vars::AWS_ACCESS_KEY_ID);
    let secret = set(env_vars::AWS_SECRET_ACCESS_KEY).ok_or_else(|| ResolveError::HalfCredentials {
        missing: env_vars::AWS_SECRET_ACCESS_KEY,
        origin: origin.clone(),
    })?;
    let expiration = match set(env_vars::AWS_CREDENTIAL_EXPIRATION) {
        None => None,
        Some(text) => Some(parse_expiration(&text).ok_or(ResolveError::BadExpiration { text })?),
    };
    let token = set(env_vars::AWS_SECURITY_TOKEN).or_else(|| set(env_vars::AWS_SESSION_TOKEN));
    Ok(Some(Keys {
        access_key_id,
        secret_access_key: Secret::new(secret),
        session_token: token.map(Secret::new),
        account_id: set(env_vars::AWS_ACCOUNT_ID),
        expiration,
        saved_from: None,
        origin,
    }))
}

fn resolve_web_identity(
    profile: Option<&Profile<'_>>,
    env: Option<&dyn Env>,
) -> Result<Option<WebIdentity>, ResolveError> {
    // A variable that is set but empty hides the profile's key, as in botocore.
    let said = |variable: &'static str, key: &str| -> Option<Sourced<String>> {
        let from_env =
            env.and_then(|env| env.var(variable)).map(|value| Sourced::new(value, Origin::Env(variable)));
        from_env.or_else(|| {
            profile?.get(key).map(|setting| Sourced::new(setting.value.to_owned(), setting.origin()))
        })
    };
    let file = said(env_vars::AWS_WEB_IDENTITY_TOKEN_FILE, "web_identity_token_file");
    let Some(file) = file.filter(|file| !file.value.is_empty()) else { return Ok(None) };
    let Some(role) = said(env_vars::AWS_ROLE_ARN, "role_arn").filter(|role| !role.value.is_empty()) else {
        return Err(ResolveError::WebIdentityWithoutRole { origin: file.origin });
    };
    let name = said(env_vars::AWS_ROLE_SESSION_NAME, "role_session_name");
    Ok(Some(WebIdentity {
        token_file: Sourced::new(PathBuf::from(file.value), file.origin),
        role_arn: Sourced::new(RoleArn::new(role.value), role.origin),
        role_session_name: name.filter(|name| !name.value.is_empty()),
    }))
}

/// The section that `named`, the profile's `sso_session`, names. It says itself where the sign-in is: the profile's own
/// start URL and region do not stand in for the section's.
pub(super) fn sso_session<'a, 't>(
    set: &'a ProfileSet<'t>,
    profile: &Profile<'_>,
    named: &Setting<'_>,
) -> Result<&'a Section<'t>, ResolveError> {
    let section = set.sso_session(named.value).ok_or_else(|| ResolveError::SsoSessionMissing {
        session: named.value.to_owned(),
        profile: profile.name().to_owned(),
        origin: named.origin(),
    })?;
    let missing: Vec<_> =
        ["sso_start_url", "sso_region"].into_iter().filter(|key| section.get(key).is_none()).collect();
    if missing.is_empty() {
        return Ok(section);
    }
    Err(ResolveError::SsoSessionIncomplete {
        session: named.value.to_owned(),
        missing: missing.join("`, `"),
        origin: named.origin(),
    })
}

fn resolve_sso(set: &ProfileSet<'_>, profile: &Profile<'_>) -> Result<Option<SsoSource>, ResolveError> {
    let first = ["sso_role_name", "sso_account_id"].into_iter().find_map(|key| profile.get(key));
    let Some(first) = first else { return Ok(None) };
    let session = profile.get("sso_session");
    let section = match &session {
        None => None,
        Some(named) => Some(sso_session(set, profile, named)?),
    };
    if let Some(section) = section {
        for key in section.keys() {
            let Some(in_session) = section.get(key) else { continue };
            if let Some(own) = profile.get(key).filter(|own| own.value != in_session.value) {
                return Err(ResolveError::SsoInconsistent {
                    key: key.to_owned(),
                    origins: [own.origin(), in_session.origin()],
                });
            }
        }
    }
    let find = |key: &str| -> Option<Setting<'_>> {
        section.and_then(|section| section.get(key)).or_else(|| profile.get(key))
    };
    let required = ["sso_role_name", "sso_account_id", "sso_start_url", "sso_region"];
    let [Some(role_name), Some(account_id), Some(start_url), Some(region)] = required.map(find) else {
        return Err(ResolveError::SsoIncomplete {
            profile: profile.name().to_owned(),
            missing: required.into_iter().filter(|key| find(key).is_none()).collect::<Vec<_>>().join("`, `"),
            origin: first.origin(),
        });
    };
    Ok(Some(SsoSource {
        session: session.map(|session| session.value.to_owned()),
        start_url: start_url.value.to_owned(),
        region: region.value.to_owned(),
        account_id: account_id.value.to_owned(),
        role_name: role_name.value.to_owned(),
    }))
}
