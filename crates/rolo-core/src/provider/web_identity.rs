//! Web identity: a token that something else keeps in a file, exchanged for a role.
//!
//! Must not know who writes the token.

use std::{io, path::PathBuf};

use super::ProviderError;
use crate::{
    Secret,
    arn::RoleArn,
    aws::{AssumeRoleWithWebIdentity, Aws, RoleAnswer},
    host::Host,
};

/// A role and the file whose token opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebIdentitySource {
    /// Read anew for each call. Taken as it is written: neither `~` nor variables are expanded.
    pub token_file: PathBuf,
    /// The role.
    pub role_arn: RoleArn,
    /// 2 to 64 characters.
    pub role_session_name: String,
}

/// Reads the token and makes the call, which is not signed and carries no duration.
pub fn fetch_credentials(
    host: Host<'_>,
    aws: &Aws,
    source: &WebIdentitySource,
) -> Result<RoleAnswer, ProviderError> {
    Ok(aws.assume_role_with_web_identity(&request(host, source)?)?)
}

/// What [`fetch_credentials`] would send, which can fail before it is sent.
pub fn check(host: Host<'_>, source: &WebIdentitySource) -> Result<(), ProviderError> {
    Ok(request(host, source)?.check()?)
}

fn request(host: Host<'_>, source: &WebIdentitySource) -> Result<AssumeRoleWithWebIdentity, ProviderError> {
    Ok(AssumeRoleWithWebIdentity {
        role_arn: source.role_arn.clone(),
        role_session_name: source.role_session_name.clone(),
        token: load_token(host, source)?,
        duration_seconds: None,
        policy: None,
        policy_arns: Vec::new(),
    })
}

/// The token as it stands in the file, a line break at its end included: the AWS CLI sends that too.
pub fn load_token(host: Host<'_>, source: &WebIdentitySource) -> Result<Secret, ProviderError> {
    let unreadable = |error| ProviderError::TokenFile { path: source.token_file.clone(), source: error };
    let bytes = host.files.read(&source.token_file).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable(io::ErrorKind::InvalidData.into()))?;
    // Python reads text files with every kind of line end as `\n`, so that is what the AWS CLI sends.
    Ok(Secret::new(if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }))
}
