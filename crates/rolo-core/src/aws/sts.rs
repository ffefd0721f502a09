//! STS: roles, sessions, and who one is.
//!
//! A request carries the parameters it is given and no other. Must not know how the signer's credentials were had.

use aws_sdk_sts::{
    Client,
    config::endpoint::{DefaultResolver, Endpoint, EndpointFuture, Params, ResolveEndpoint},
    types::{PolicyDescriptorType, Tag},
};
use aws_smithy_types::{DateTime, endpoint::EndpointAuthScheme};
use jiff::Timestamp;

use super::{
    Aws, AwsError, CallSettings, NoEndpoint,
    client::{NO_REGION, Sent},
    endpoint::{at_once, in_words},
    error::Call,
};
use crate::{
    Credentials, Secret,
    arn::{MfaSerial, RoleArn},
};

/// What AssumeRole is asked. AWS's own words for each field are in the API reference of STS.
#[derive(Debug, Clone)]
pub struct AssumeRole {
    /// The role.
    pub role_arn: RoleArn,
    /// 2 to 64 characters.
    pub role_session_name: String,
    /// What the role's trust policy asks third parties for.
    pub external_id: Option<String>,
    /// The MFA device and its present code.
    pub mfa: Option<(MfaSerial, Secret)>,
    /// Seconds, 900 at least; `None`: STS's default of an hour.
    pub duration_seconds: Option<i64>,
    /// A session policy, as JSON.
    pub policy: Option<String>,
    /// Managed policies that narrow the session.
    pub policy_arns: Vec<String>,
    /// Session tags, in order.
    pub tags: Vec<(String, String)>,
    /// Tag keys handed on to the next role of a chain.
    pub transitive_tag_keys: Vec<String>,
    /// Who is behind the session.
    pub source_identity: Option<String>,
}

impl AssumeRole {
    /// The request with nothing but what is required.
    pub fn new(role_arn: RoleArn, role_session_name: impl Into<String>) -> Self {
        Self {
            role_arn,
            role_session_name: role_session_name.into(),
            external_id: None,
            mfa: None,
            duration_seconds: None,
            policy: None,
            policy_arns: Vec::new(),
            tags: Vec::new(),
            transitive_tag_keys: Vec::new(),
            source_identity: None,
        }
    }
}

/// What AssumeRoleWithWebIdentity is asked. It is not signed: the token is the proof.
#[derive(Debug, Clone)]
pub struct AssumeRoleWithWebIdentity {
    /// The role.
    pub role_arn: RoleArn,
    /// 2 to 64 characters.
    pub role_session_name: String,
    /// The token, sent as it is.
    pub token: Secret,
    /// Seconds, 900 at least. The AWS CLI never sends it.
    pub duration_seconds: Option<i64>,
    /// A session policy, as JSON.
    pub policy: Option<String>,
    /// Managed policies that narrow the session.
    pub policy_arns: Vec<String>,
}

/// What GetSessionToken is asked.
#[derive(Debug, Clone, Default)]
pub struct GetSessionToken {
    /// The MFA device and its present code.
    pub mfa: Option<(MfaSerial, Secret)>,
    /// Seconds, 900 at least; `None`: STS's default of 12 h.
    pub duration_seconds: Option<i64>,
}

/// A role's credentials and what STS says beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleAnswer {
    /// The credentials; the account is the assumed role's.
    pub credentials: Credentials,
    /// `arn:…:assumed-role/ROLE/SESSION`.
    pub assumed_role_arn: Option<String>,
    /// `AROA…:SESSION`.
    pub assumed_role_id: Option<String>,
    /// Percentage of the room for policies and tags that is used.
    pub packed_policy_size: Option<i32>,
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    /// `AIDA…` for a user, `AROA…:SESSION` for a role.
    pub user_id: String,
    /// Twelve digits.
    pub account: String,
    /// The user's or assumed role's ARN.
    pub arn: String,
}

const fn call(operation: &'static str) -> Call {
    Call { service: "STS", operation }
}

impl AssumeRole {
    /// Whether it can be sent, its code aside.
    pub(crate) fn check(&self) -> Result<(), AwsError> {
        let check = Check(call("AssumeRole"));
        check.at_least("RoleArn", Some(self.role_arn.as_str()), 20)?;
        check.at_least("RoleSessionName", Some(&self.role_session_name), 2)?;
        check.at_least("ExternalId", self.external_id.as_deref(), 2)?;
        check.at_least("Policy", self.policy.as_deref(), 1)?;
        check.at_least("SourceIdentity", self.source_identity.as_deref(), 2)?;
        check.duration(self.duration_seconds).map(drop)
    }
}

impl AssumeRoleWithWebIdentity {
    /// Whether it can be sent.
    pub(crate) fn check(&self) -> Result<(), AwsError> {
        let check = Check(call("AssumeRoleWithWebIdentity"));
        check.at_least("RoleArn", Some(self.role_arn.as_str()), 20)?;
        check.at_least("RoleSessionName", Some(&self.role_session_name), 2)?;
        check.at_least("WebIdentityToken", Some(self.token.expose()), 4)?;
        check.at_least("Policy", self.policy.as_deref(), 1)?;
        check.duration(self.duration_seconds).map(drop)
    }
}

impl Aws {
    /// Takes on a role, signed by `signer`.
    pub fn assume_role(&self, signer: &Credentials, request: &AssumeRole) -> Result<RoleAnswer, AwsError> {
        let call = call("AssumeRole");
        let check = Check(call);
        request.check()?;
        let (serial, code) = check.mfa(request.mfa.as_ref())?;
        let seconds = check.duration(request.duration_seconds)?;
        let tags = check.tags(&request.tags)?;
        let client = self.sts(Some(signer))?;
        let sent = self.send(call, |watch| {
            client
                .assume_role()
                .role_arn(request.role_arn.as_str())
                .role_session_name(&request.role_session_name)
                .set_external_id(request.external_id.clone())
                .set_serial_number(serial.clone())
                .set_token_code(code.clone())
                .set_duration_seconds(seconds)
                .set_policy(request.policy.clone())
                .set_policy_arns(policy_arns(&request.policy_arns))
                .set_tags(tags.clone())
                .set_transitive_tag_keys(not_empty(&request.transitive_tag_keys))
                .set_source_identity(request.source_identity.clone())
                .customize()
                .interceptor(watch)
                .send()
        })?;
        let (answer, sent) = sent.take(|answer| answer);
        #[expect(deprecated, reason = "STS still sends it, and the AWS CLI keeps it in its cache")]
        role_answer(&sent, answer.credentials, answer.assumed_role_user, answer.packed_policy_size)
    }

    /// Takes on a role by a token of an identity provider; not signed.
    pub fn assume_role_with_web_identity(
        &self,
        request: &AssumeRoleWithWebIdentity,
    ) -> Result<RoleAnswer, AwsError> {
        let call = call("AssumeRoleWithWebIdentity");
        request.check()?;
        let seconds = Check(call).duration(request.duration_seconds)?;
        let client = self.sts(None)?;
        let sent = self.send(call, |watch| {
            client
                .assume_role_with_web_identity()
                .role_arn(request.role_arn.as_str())
                .role_session_name(&request.role_session_name)
                .web_identity_token(request.token.expose())
                .set_duration_seconds(seconds)
                .set_policy(request.policy.clone())
                .set_policy_arns(policy_arns(&request.policy_arns))
                .customize()
                .interceptor(watch)
                .send()
        })?;
        let (answer, sent) = sent.take(|answer| answer);
        #[expect(deprecated, reason = "STS still sends it, and the AWS CLI keeps it in its cache")]
        role_answer(&sent, answer.credentials, answer.assumed_role_user, answer.packed_policy_size)
    }

    /// Makes a session of an IAM user, with MFA where a device and its code are given. It cannot be signed by
    /// temporary credentials.
    pub fn get_session_token(
        &self,
        signer: &Credentials,
        request: &GetSessionToken,
    ) -> Result<Credentials, AwsError> {
        let call = call("GetSessionToken");
        let check = Check(call);
        let (serial, code) = check.mfa(request.mfa.as_ref())?;
        let seconds = check.duration(request.duration_seconds)?;
        let client = self.sts(Some(signer))?;
        let sent = self.send(call, |watch| {
            client
                .get_session_token()
                .set_serial_number(serial.clone())
                .set_token_code(code.clone())
                .set_duration_seconds(seconds)
                .customize()
                .interceptor(watch)
                .send()
        })?;
        let (found, sent) = sent.take(|answer| answer.credentials);
        let found = found.ok_or_else(|| sent.lacks("Credentials"))?;
        credentials(&sent, found, signer.account_id.clone())
    }

    /// Asks who `signer` is. It needs no permission.
    pub fn get_caller_identity(&self, signer: &Credentials) -> Result<CallerIdentity, AwsError> {
        let client = self.sts(Some(signer))?;
        let sent = self.send(call("GetCallerIdentity"), |watch| {
            client.get_caller_identity().customize().interceptor(watch).send()
        })?;
        let (answer, sent) = sent.take(|answer| answer);
        let need = |value: Option<String>, name| value.ok_or_else(|| sent.lacks(name));
        Ok(CallerIdentity {
            user_id: need(answer.user_id, "UserId")?,
            account: need(answer.account, "Account")?,
            arn: need(answer.arn, "Arn")?,
        })
    }

    /// What an encoded authorization message says, as JSON. It needs a permission of its own.
    pub fn decode_authorization_message(
        &self,
        signer: &Credentials,
        encoded: &str,
    ) -> Result<Secret, AwsError> {
        let client = self.sts(Some(signer))?;
        let sent = self.send(call("DecodeAuthorizationMessage"), |watch| {
            let request = client.decode_authorization_message().encoded_message(encoded);
            request.customize().interceptor(watch).send()
        })?;
        let (decoded, sent) = sent.take(|answer| answer.decoded_message);
        let decoded = decoded.ok_or_else(|| sent.lacks("DecodedMessage"))?;
        Ok(Secret::new(decoded))
    }

    fn sts(&self, signer: Option<&Credentials>) -> Result<Client, AwsError> {
        let settings = self.settings();
        let config =
            self.sdk_config("STS", settings.region.as_deref(), settings.endpoints.sts.as_deref(), signer)?;
        let builder =
            aws_sdk_sts::config::Builder::from(&config).endpoint_resolver(StsEndpoints::new(settings));
        Ok(Client::from_conf(builder.build()))
    }
}

/// Where a call of STS would go, by the rules that it would follow.
pub(super) fn resolve_endpoint(settings: &CallSettings, region: &str) -> Result<Endpoint, NoEndpoint> {
    let rules = StsEndpoints::new(settings);
    let params = Params::builder()
        .region(region)
        .set_endpoint(settings.endpoints.sts.clone())
        .use_fips(settings.use_fips)
        .use_dual_stack(settings.use_dual_stack)
        .build();
    at_once(rules.resolve_endpoint(&params.map_err(in_words)?))
}

/// The SDK's own rules and two settings that they lack: `sts_regional_endpoints`, and the region that signs where there
/// is none, which the rules leave out with FIPS and dual-stack.
#[derive(Debug)]
struct StsEndpoints {
    legacy_global: bool,
    /// `aws-global` may be what somebody wrote, and not what stands for no region.
    region_is_set: bool,
    rules: DefaultResolver,
}

impl StsEndpoints {
    fn new(settings: &CallSettings) -> Self {
        Self {
            legacy_global: settings.sts_legacy_global,
            region_is_set: settings.region.is_some(),
            rules: DefaultResolver::new(),
        }
    }
}

impl ResolveEndpoint for StsEndpoints {
    fn resolve_endpoint<'a>(&'a self, asked: &'a Params) -> EndpointFuture<'a> {
        EndpointFuture::new(async move {
            let told = Params::builder()
                .set_region(asked.region().map(ToOwned::to_owned))
                .set_endpoint(asked.endpoint().map(ToOwned::to_owned))
                .set_use_fips(asked.use_fips())
                .set_use_dual_stack(asked.use_dual_stack())
                .use_global_endpoint(self.legacy_global)
                .build()?;
            let found = self.rules.resolve_endpoint(&told).await?;
            let as_written = self.region_is_set && asked.endpoint().is_some();
            if as_written || asked.region() != Some(NO_REGION) {
                return Ok(found);
            }
            let scheme = EndpointAuthScheme::with_capacity("sigv4", 2)
                .put("signingName", "sts")
                .put("signingRegion", "us-east-1");
            Ok(Endpoint::builder().url(found.url().to_owned()).auth_scheme(scheme).build())
        })
    }
}

/// botocore measures some parameters before it sends them, and sends nothing when one is too short. Upper bounds and
/// alphabets it leaves to STS; so do we.
struct Check(Call);

impl Check {
    fn refuse(&self, parameter: &'static str, reason: String) -> AwsError {
        AwsError::Unsendable { operation: self.0.operation, parameter, reason }
    }

    fn at_least(&self, parameter: &'static str, value: Option<&str>, least: usize) -> Result<(), AwsError> {
        match value {
            Some(value) if value.chars().count() < least => {
                let unit = if least == 1 { "character" } else { "characters" };
                Err(self.refuse(parameter, format!("is shorter than {least} {unit}")))
            }
            _ => Ok(()),
        }
    }

    fn duration(&self, seconds: Option<i64>) -> Result<Option<i32>, AwsError> {
        match seconds {
            None => Ok(None),
            Some(short) if short < 900 => Err(self.refuse("DurationSeconds", "is less than 900".to_owned())),
            Some(seconds) => match i32::try_from(seconds) {
                Ok(seconds) => Ok(Some(seconds)),
                Err(_) => Err(self.refuse("DurationSeconds", "is beyond what STS can read".to_owned())),
            },
        }
    }

    fn mfa(&self, mfa: Option<&(MfaSerial, Secret)>) -> Result<(Option<String>, Option<String>), AwsError> {
        let Some((serial, code)) = mfa else { return Ok((None, None)) };
        self.at_least("SerialNumber", Some(serial.as_str()), 9)?;
        self.at_least("TokenCode", Some(code.expose()), 6)?;
        Ok((Some(serial.as_str().to_owned()), Some(code.expose().to_owned())))
    }

    fn tags(&self, tags: &[(String, String)]) -> Result<Option<Vec<Tag>>, AwsError> {
        let tag = |(key, value): &(String, String)| {
            self.at_least("Tags.Key", Some(key), 1)?;
            Tag::builder()
                .key(key)
                .value(value)
                .build()
                .map_err(|error| self.refuse("Tags", error.to_string()))
        };
        Ok(not_empty(&tags.iter().map(tag).collect::<Result<Vec<_>, _>>()?))
    }
}

/// An empty list is not sent at all: as a parameter it would read `Tags=`.
fn not_empty<T: Clone>(list: &[T]) -> Option<Vec<T>> {
    (!list.is_empty()).then(|| list.to_vec())
}

fn policy_arns(arns: &[String]) -> Option<Vec<PolicyDescriptorType>> {
    not_empty(&arns.iter().map(|arn| PolicyDescriptorType::builder().arn(arn).build()).collect::<Vec<_>>())
}

fn role_answer(
    sent: &Sent<()>,
    found: Option<aws_sdk_sts::types::Credentials>,
    user: Option<aws_sdk_sts::types::AssumedRoleUser>,
    packed_policy_size: Option<i32>,
) -> Result<RoleAnswer, AwsError> {
    let found = found.ok_or_else(|| sent.lacks("Credentials"))?;
    let (id, arn) = user.map(|user| (user.assumed_role_id, user.arn)).unzip();
    let account = arn.as_deref().and_then(|arn| arn.split(':').nth(4)).map(ToOwned::to_owned);
    Ok(RoleAnswer {
        credentials: credentials(sent, found, account)?,
        assumed_role_arn: arn,
        assumed_role_id: id,
        packed_policy_size,
    })
}

fn credentials(
    sent: &Sent<()>,
    found: aws_sdk_sts::types::Credentials,
    account_id: Option<String>,
) -> Result<Credentials, AwsError> {
    Ok(Credentials {
        access_key_id: found.access_key_id,
        secret_access_key: Secret::new(found.secret_access_key),
        session_token: Some(Secret::new(found.session_token)),
        expiration: Some(timestamp(sent, &found.expiration)?),
        account_id,
    })
}

fn timestamp(sent: &Sent<()>, at: &DateTime) -> Result<Timestamp, AwsError> {
    Timestamp::from_second(at.secs()).map_err(|error| sent.unreadable(&error))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_smithy_runtime_api::{
        client::{
            http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
            orchestrator::{HttpRequest, HttpResponse},
        },
        http::StatusCode,
    };
    use aws_smithy_types::body::SdkBody;

    use super::*;
    use crate::aws::Endpoints;

    /// Keeps the requests and refuses each.
    #[derive(Debug, Clone, Default)]
    struct Capture(Arc<Mutex<Vec<(String, String)>>>);

    impl HttpConnector for Capture {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let signed = request.headers().get("authorization").unwrap_or_default().to_owned();
            self.0.lock().unwrap().push((request.uri().to_owned(), signed));
            let status = StatusCode::try_from(403).unwrap();
            HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from("<no/>"))))
        }
    }

    fn signer() -> Credentials {
        Credentials {
            access_key_id: "AKIAEXAMPLE".to_owned(),
            secret_access_key: Secret::new("secret"),
            session_token: None,
            expiration: None,
            account_id: None,
        }
    }

    /// URL and signing region of a real request of the SDK.
    fn request_for(settings: CallSettings) -> Result<(String, String), AwsError> {
        let (aws, capture) = (Aws::new(settings), Capture::default());
        aws.connectors.tls.set(SharedHttpConnector::new(capture.clone())).unwrap();
        let answer = aws.get_caller_identity(&signer());
        let Some((url, signed)) = capture.0.lock().unwrap().pop() else { return Err(answer.unwrap_err()) };
        let scope = signed.split("Credential=").nth(1).unwrap_or_default();
        Ok((url, scope.split('/').nth(2).unwrap_or_default().to_owned()))
    }

    #[test]
    fn endpoints_and_signing_regions_are_those_of_botocore() {
        let data: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/data/sts_endpoints.json")).unwrap();
        let vectors = data["vectors"].as_array().unwrap();
        assert!(!vectors.is_empty());
        let mut wrong = Vec::new();
        for vector in vectors {
            let settings = CallSettings {
                region: vector["region"].as_str().map(ToOwned::to_owned),
                use_fips: vector["fips"].as_bool().unwrap(),
                use_dual_stack: vector["dualstack"].as_bool().unwrap(),
                sts_legacy_global: vector["sts_regional_endpoints"] == "legacy",
                ..CallSettings::default()
            };
            let expected = (
                vector["url"].as_str().unwrap().to_owned(),
                vector["signing_region"].as_str().unwrap().to_owned(),
            );
            let foreseen = settings
                .resolve_endpoint(crate::aws::Service::Sts, None)
                .map(|found| (found.url + "/", found.signing_region));
            match request_for(settings) {
                Ok(got) if got == expected && foreseen.as_ref() == Ok(&expected) => {}
                got => wrong.push(format!("{vector}: {got:?}, foreseen {foreseen:?}")),
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_custom_endpoint_beats_the_legacy_global_one_and_signs_for_the_region_as_written() {
        for region in ["us-west-2", "aws-global"] {
            let settings = CallSettings {
                region: Some(region.to_owned()),
                endpoints: Endpoints {
                    sts: Some("https://sts.example.com/base".to_owned()),
                    ..Endpoints::default()
                },
                sts_legacy_global: true,
                ..CallSettings::default()
            };
            let (url, signed_for) = request_for(settings).unwrap();
            assert!(url.starts_with("https://sts.example.com/base"), "{url}");
            assert_eq!(signed_for, region);
        }
    }

    #[test]
    fn impossible_settings_are_told_and_nothing_is_sent() {
        let custom = Endpoints { sts: Some("https://sts.example.com".to_owned()), ..Endpoints::default() };
        let settings = CallSettings { endpoints: custom, use_fips: true, ..CallSettings::default() };
        let error = request_for(settings).unwrap_err();
        assert!(matches!(error, AwsError::Setup { .. }), "{error:?}");
        let settings = CallSettings { region: Some("no such".to_owned()), ..CallSettings::default() };
        let error = request_for(settings).unwrap_err();
        assert!(matches!(error, AwsError::Setup { .. }), "{error:?}");
    }

    #[test]
    fn what_botocore_does_not_send_is_not_sent() {
        let mut short = AssumeRole::new(RoleArn::new("arn:aws:iam::123456789012:role/RoleA"), "me");
        short.mfa = Some((MfaSerial::new("GAHT1234"), Secret::new("123456")));
        let aws = Aws::new(CallSettings::default());
        let refused = |request: &AssumeRole| match aws.assume_role(&signer(), request).unwrap_err() {
            AwsError::Unsendable { parameter, .. } => parameter,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(&short), "SerialNumber");
        short.duration_seconds = Some(899);
        short.mfa = None;
        assert_eq!(refused(&short), "DurationSeconds");
        short.role_session_name = "m".to_owned();
        assert_eq!(refused(&short), "RoleSessionName");
        short.role_arn = RoleArn::new("RoleA");
        assert_eq!(refused(&short), "RoleArn");
    }
}
