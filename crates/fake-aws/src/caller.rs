//! Who signed a request, and what its credentials stand for.
//!
//! Must not know requests, nor who may do what.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::principal::Principal;

/// What temporary credentials stand for.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) principal: Principal,
    /// When MFA was given for them, where it was.
    pub(crate) mfa_at: Option<Timestamp>,
    /// Session tags.
    pub(crate) tags: BTreeMap<String, String>,
    /// Those of them that go on to the next role of a chain.
    pub(crate) transitive_tags: BTreeMap<String, String>,
    /// Once set it stays for the whole chain.
    pub(crate) source_identity: Option<String>,
}

/// Who signed a request.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) grant: Grant,
    /// Whether the credentials were issued by STS or SSO.
    pub(crate) temporary: bool,
    /// The region of the signature.
    pub(crate) region: String,
}

impl Grant {
    /// Of a principal, with nothing else.
    pub(crate) fn plain(principal: Principal) -> Self {
        let tags = BTreeMap::new();
        Self { principal, mfa_at: None, transitive_tags: tags.clone(), tags, source_identity: None }
    }
}
