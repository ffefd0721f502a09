//! IAM Identity Center: role credentials for a bearer token, and the refresh of that token.
//!
//! Must not know signatures: nothing here is signed.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    caller::Grant,
    error::AwsError,
    form::Params,
    principal::{Principal, PrincipalKind},
    random::stable_suffix,
    request::Request,
    state::{SsoClient, SsoToken, State},
    world::World,
};

const ROLE_PATH: &str = "/aws-reserved/sso.amazonaws.com/";
const ROLE_SECONDS: i64 = 3600;

/// Access tokens that are good for now, and refresh tokens not yet used.
#[derive(Debug)]
pub(crate) struct SsoDesk {
    tokens: BTreeMap<String, (SsoToken, Timestamp)>,
    clients: Vec<SsoClient>,
}

impl SsoDesk {
    pub(crate) fn new(state: &State, now: Timestamp) -> Self {
        let mut desk = Self { tokens: BTreeMap::new(), clients: state.sso_clients.clone() };
        state.sso_tokens.iter().for_each(|token| desk.sign_in(token.clone(), now));
        desk
    }

    fn sign_in(&mut self, token: SsoToken, now: Timestamp) {
        let expires_at = now + SignedDuration::from_secs(token.expires_in);
        self.tokens.insert(token.access_token.clone(), (token, expires_at));
    }

    fn token(&self, access_token: &str, now: Timestamp) -> Option<&SsoToken> {
        let (token, expires_at) = self.tokens.get(access_token)?;
        (*expires_at > now).then_some(token)
    }
}

/// GetRoleCredentials of the portal.
pub(crate) fn get_role_credentials(
    world: &mut World,
    request: &Request,
    params: &Params,
) -> Result<Value, AwsError> {
    let (Some(account), Some(role)) = (params.get("account_id"), params.get("role_name")) else {
        return Err(AwsError::new(400, "InvalidRequestException", "Missing account_id or role_name"));
    };
    let bearer = request.header("x-amz-sso_bearer_token").unwrap_or_default();
    let token = world
        .sso
        .token(bearer, world.clock.now())
        .ok_or_else(|| AwsError::new(401, "UnauthorizedException", "Session token not found or invalid"))?;
    if !token.roles.iter().any(|assigned| assigned.account == account && assigned.role == role) {
        return Err(AwsError::new(403, "ForbiddenException", "No access"));
    }
    let principal = session(&world.state.partition, account, role, &token.user);
    let issued = world.issue(Grant::plain(principal), ROLE_SECONDS);
    Ok(json!({ "roleCredentials": {
        "accessKeyId": issued.key.id,
        "secretAccessKey": issued.key.secret,
        "sessionToken": issued.token,
        "expiration": issued.expires_at.as_millisecond(),
    }}))
}

/// A permission set is a role in the account, with a suffix that nobody chose.
fn session(partition: &str, account: &str, role: &str, user: &str) -> Principal {
    let suffix = stable_suffix(&format!("{account}/{role}"));
    let kind = PrincipalKind::AssumedRole {
        path: ROLE_PATH.to_owned(),
        role: format!("AWSReservedSSO_{role}_{suffix}"),
        session: user.to_owned(),
    };
    Principal { partition: partition.to_owned(), account: account.to_owned(), kind }
}

/// CreateToken of SSO-OIDC with a refresh token. Each is good once, the strictest reading of what AWS says.
pub(crate) fn create_token(world: &mut World, params: &Params) -> Result<Value, AwsError> {
    if params.get("grantType") != Some("refresh_token") {
        return Err(AwsError::new(400, "UnsupportedGrantTypeException", "Unsupported grant type"));
    }
    let is_client = |client: &&mut SsoClient| {
        params.get("clientId") == Some(&client.client_id)
            && params.get("clientSecret") == Some(&client.client_secret)
    };
    let mut clients: Vec<&mut SsoClient> = world.sso.clients.iter_mut().filter(is_client).collect();
    if clients.is_empty() {
        return Err(AwsError::new(401, "InvalidClientException", "Invalid client credentials"));
    }
    let refresh_token = params.get("refreshToken");
    let client = clients
        .iter_mut()
        .find(|client| refresh_token == Some(&client.refresh_token))
        .ok_or_else(|| AwsError::new(400, "InvalidGrantException", "Invalid refresh token provided"))?;
    let (old, _) = world
        .sso
        .tokens
        .get(&client.access_token)
        .ok_or_else(|| AwsError::new(400, "InvalidGrantException", "Invalid grant provided"))?;
    let renewed = SsoToken { access_token: world.random.sso_token(), expires_in: 28_800, ..old.clone() };
    client.refresh_token = world.random.sso_token();
    client.access_token.clone_from(&renewed.access_token);
    let answer = json!({
        "accessToken": renewed.access_token,
        "expiresIn": renewed.expires_in,
        "refreshToken": client.refresh_token,
        "tokenType": "Bearer",
    });
    world.sso.sign_in(renewed, world.clock.now());
    Ok(answer)
}
