//! Somebody wants to do something to something: whether its own policies let it, and what AWS says where they do not.
//!
//! Every refusal carries what DecodeAuthorizationMessage would tell of it. Must not know trust policies' rules.

use serde_json::{Value, json};

use crate::{
    caller::Caller,
    error::AwsError,
    permissions::PolicyKind,
    principal::PrincipalKind,
    trust::{Context, Trust, items},
    world::World,
};

/// One action of one caller.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) caller: &'a Caller,
    /// Such as `sts:AssumeRole`.
    pub(crate) action: &'a str,
    /// An ARN, or IAM's words for a user.
    pub(crate) resource: &'a str,
    pub(crate) context: &'a Context,
}

impl Attempt<'_> {
    /// What the caller's own policies say.
    pub(crate) fn check_own_policies(&self, world: &World) -> Result<(), AwsError> {
        let permissions = world.state.permissions(&self.caller.grant.principal);
        if let Some(deny) = permissions.denial(self.action) {
            let statement = json!({
                "statementId": "",
                "effect": "DENY",
                "principals": items([json!({ "value": self.caller.grant.principal.user_id() })]),
                "principalGroups": items([]),
                "actions": items([json!({ "value": deny.action })]),
                "resources": items([json!({ "value": "*" })]),
                "conditions": items([]),
            });
            return Err(self.denied(deny.by, statement));
        }
        if permissions.allow(self.action) { Ok(()) } else { Err(self.no_identity_policy()) }
    }

    /// By the role's trust policy, or because the role does not exist, which AWS does not tell apart.
    pub(crate) fn not_trusted(&self) -> AwsError {
        self.refused("", None)
    }

    /// A statement of the trust policy denies it.
    pub(crate) fn denied_by_trust(&self, statement: &Trust) -> AwsError {
        self.denied(PolicyKind::ResourceBased, statement.to_decoded(self.resource))
    }

    /// No policy of the caller's own allows it.
    pub(crate) fn no_identity_policy(&self) -> AwsError {
        self.refused(&format!(" because no identity-based policy allows the {} action", self.action), None)
    }

    fn denied(&self, by: PolicyKind, statement: Value) -> AwsError {
        self.refused(&format!(" with an explicit deny in {}", by.words()), Some(statement))
    }

    fn refused(&self, why: &str, denied_by: Option<Value>) -> AwsError {
        let Self { caller, action, resource, .. } = self;
        let who = caller.grant.principal.arn();
        let message =
            format!("User: {who} is not authorized to perform: {action} on resource: {resource}{why}");
        let decoded = self.decoded(denied_by);
        AwsError { decoded: Some(Box::new(decoded)), ..AwsError::access_denied(message) }
    }

    fn decoded(&self, denied_by: Option<Value>) -> Value {
        let principal = &self.caller.grant.principal;
        let name = match &principal.kind {
            PrincipalKind::User { name, .. } | PrincipalKind::Federated { name } => name,
            PrincipalKind::AssumedRole { session, .. } => session,
        };
        let conditions = self.context.iter().map(|(key, values)| {
            json!({ "key": key, "values": items(values.iter().map(|value| json!({ "value": value }))) })
        });
        json!({
            "allowed": false,
            "explicitDeny": denied_by.is_some(),
            "matchedStatements": items(denied_by),
            "failures": items([]),
            "context": {
                "principal": { "id": principal.user_id(), "name": name, "arn": principal.arn() },
                "action": self.action,
                "resource": self.resource,
                "conditions": items(conditions),
            },
        })
    }
}

impl World {
    /// The keys that every request of this caller has; `mfa_in_call`: a code was sent and is good.
    pub(crate) fn context(&self, caller: &Caller, mfa_in_call: bool) -> Context {
        let (grant, now) = (&caller.grant, self.clock.now());
        let principal = &grant.principal;
        let mfa_at = if mfa_in_call { Some(now) } else { grant.mfa_at };
        // Long-term keys without a code: the key is not false but absent.
        let mfa_present = (caller.temporary || mfa_in_call).then(|| mfa_at.is_some().to_string());
        let kind = match principal.kind {
            PrincipalKind::User { .. } => "User",
            PrincipalKind::AssumedRole { .. } => "AssumedRole",
            PrincipalKind::Federated { .. } => "FederatedUser",
        };
        let mut context = Context::default();
        context.set("aws:CurrentTime", Some(crate::world::render_time(now)));
        context.set("aws:EpochTime", Some(now.as_second().to_string()));
        context
            .set("aws:MultiFactorAuthAge", mfa_at.map(|at| (now.as_second() - at.as_second()).to_string()));
        context.set("aws:MultiFactorAuthPresent", mfa_present);
        context.set("aws:PrincipalAccount", Some(&principal.account));
        context.set("aws:PrincipalArn", Some(principal.role_arn().unwrap_or_else(|| principal.arn())));
        context.set("aws:PrincipalIsAWSService", Some("false"));
        context.set("aws:PrincipalOrgID", self.state.organization.as_deref());
        context.set("aws:PrincipalType", Some(kind));
        context.set("aws:RequestedRegion", Some(&caller.region));
        // The fake speaks plain HTTP, and stands for an AWS that does not.
        context.set("aws:SecureTransport", Some("true"));
        context.set("aws:SourceIdentity", grant.source_identity.as_deref());
        context.set("aws:SourceIp", Some(&self.state.source_ip));
        context.set("aws:userid", Some(principal.user_id()));
        context.set("aws:username", principal.user_name());
        // A session's tags hide those of its role.
        for (key, value) in self.state.tags(principal).into_iter().flatten().chain(&grant.tags) {
            context.set(&format!("aws:PrincipalTag/{key}"), Some(value));
        }
        context
    }
}
