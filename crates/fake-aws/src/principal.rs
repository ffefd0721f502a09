//! Who calls: an IAM user, an assumed role or a federated user, with the ARNs that AWS gives them.
//!
//! Must not know keys and tokens.

use crate::random::stable_id;

/// A caller's identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principal {
    /// `aws`, `aws-cn` …
    pub(crate) partition: String,
    /// Twelve digits.
    pub(crate) account: String,
    /// Which of the three.
    pub(crate) kind: PrincipalKind,
}

/// The three kinds of principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PrincipalKind {
    /// An IAM user, by its own keys or by those of GetSessionToken.
    User { path: String, name: String },
    /// A session of a role.
    AssumedRole { path: String, role: String, session: String },
    /// What GetFederationToken gives.
    Federated { name: String },
}

impl Principal {
    /// As GetCallerIdentity shows it; an assumed role's ARN has no path.
    pub(crate) fn arn(&self) -> String {
        let Self { partition, account, kind } = self;
        match kind {
            PrincipalKind::User { path, name } => iam_arn(partition, account, "user", path, name),
            PrincipalKind::AssumedRole { role, session, .. } => {
                format!("arn:{partition}:sts::{account}:assumed-role/{role}/{session}")
            }
            PrincipalKind::Federated { name } => {
                format!("arn:{partition}:sts::{account}:federated-user/{name}")
            }
        }
    }

    /// As GetCallerIdentity shows it: `AIDA…`, `AROA…:SESSION`, `ACCOUNT:NAME`.
    pub(crate) fn user_id(&self) -> String {
        match &self.kind {
            PrincipalKind::User { .. } => stable_id("AIDA", &self.arn()),
            PrincipalKind::AssumedRole { session, .. } => {
                let role = self.role_arn().unwrap_or_default();
                format!("{}:{session}", stable_id("AROA", &role))
            }
            PrincipalKind::Federated { name } => format!("{}:{name}", self.account),
        }
    }

    /// The ARN of the role that was assumed, with its path.
    pub(crate) fn role_arn(&self) -> Option<String> {
        match &self.kind {
            PrincipalKind::AssumedRole { path, role, .. } => {
                Some(iam_arn(&self.partition, &self.account, "role", path, role))
            }
            PrincipalKind::User { .. } | PrincipalKind::Federated { .. } => None,
        }
    }

    /// The IAM user's name.
    pub(crate) fn user_name(&self) -> Option<&str> {
        match &self.kind {
            PrincipalKind::User { name, .. } => Some(name),
            PrincipalKind::AssumedRole { .. } | PrincipalKind::Federated { .. } => None,
        }
    }
}

/// `arn:PARTITION:iam::ACCOUNT:KIND/PATH/NAME`; `path` begins and ends with a slash.
pub(crate) fn iam_arn(partition: &str, account: &str, kind: &str, path: &str, name: &str) -> String {
    format!("arn:{partition}:iam::{account}:{kind}{path}{name}")
}
