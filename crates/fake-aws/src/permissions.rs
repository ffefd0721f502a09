//! What callers may not do by their own policies; everything else they may.
//!
//! Must not know trust policies, nor requests.

use serde::Deserialize;

use crate::{principal::Principal, state::State, trust::action_fits};

/// An action that a policy denies explicitly.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExplicitDeny {
    /// Such as `sts:AssumeRole` or `sts:*`.
    pub action: String,
    /// Where the denial stands.
    #[serde(default)]
    pub by: PolicyKind,
}

/// Where a denial stands, which AWS tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyKind {
    /// A policy of the user or the role itself.
    #[default]
    IdentityBased,
    /// A role's trust policy.
    ResourceBased,
    /// The organization's, for accounts.
    ServiceControl,
    /// The organization's, for resources.
    ResourceControl,
    /// The user's or the role's boundary.
    PermissionsBoundary,
    /// The policy of the session.
    Session,
}

/// What a caller's own policies say.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Permissions<'a> {
    pub(crate) denied: &'a [String],
    pub(crate) explicitly_denied: &'a [ExplicitDeny],
    pub(crate) encodes_refusals: bool,
}

impl PolicyKind {
    /// As in AWS's messages, behind «with an explicit deny in».
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::IdentityBased => "an identity-based policy",
            Self::ResourceBased => "a resource-based policy",
            Self::ServiceControl => "a service control policy",
            Self::ResourceControl => "a resource control policy",
            Self::PermissionsBoundary => "a permissions boundary",
            Self::Session => "a session policy",
        }
    }
}

impl Permissions<'_> {
    /// The policy that denies the action explicitly.
    pub(crate) fn denial(&self, action: &str) -> Option<&ExplicitDeny> {
        self.explicitly_denied.iter().find(|deny| action_fits(&deny.action, action))
    }

    /// Whether some policy allows the action.
    pub(crate) fn allow(&self, action: &str) -> bool {
        !self.denied.iter().any(|denied| action_fits(denied, action))
    }
}

impl State {
    /// Those of the user, or of the role of a session.
    pub(crate) fn permissions(&self, principal: &Principal) -> Permissions<'_> {
        let of_user = self.user_of(principal).map(|user| Permissions {
            denied: &user.denied,
            explicitly_denied: &user.explicitly_denied,
            encodes_refusals: user.encodes_refusals,
        });
        let role = || self.role(&principal.role_arn()?);
        let of_role = || {
            role().map(|role| Permissions {
                denied: &role.denied,
                explicitly_denied: &role.explicitly_denied,
                encodes_refusals: role.encodes_refusals,
            })
        };
        of_user.or_else(of_role).unwrap_or_default()
    }
}
