//! Who an ARN is, in words for people.
//!
//! Must not know how the identity was found.

use rolo_core::aws::CallerIdentity;

use crate::ui::escape::escape;

/// Who it is and in which account, on one line without its end, harmless to a terminal.
pub fn render_identity(identity: &CallerIdentity) -> String {
    let resource = identity.arn.splitn(6, ':').nth(5).unwrap_or_default();
    let mut parts = resource.split('/');
    let who = match (parts.next(), parts.next(), parts.next()) {
        (Some("assumed-role"), Some(role), Some(session)) => format!("role {role}, session {session}"),
        (Some("user"), ..) => format!("user {}", resource.rsplit('/').next().unwrap_or_default()),
        (Some("federated-user"), Some(name), _) => format!("federated user {name}"),
        (Some("root"), ..) => "the account's root user".to_owned(),
        _ => resource.to_owned(),
    };
    format!("{} in account {}", escape(&who), escape(&identity.account))
}
