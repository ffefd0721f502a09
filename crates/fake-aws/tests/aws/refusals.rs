//! Refusals that are not about trust: encoded messages, deactivated keys, regions, what goes wrong from the start.

use aws_credential_types::Credentials;
use fake_aws::{AccessKey, FakeAws, PolicyKind, Role, State, Trust, User};
use serde_json::{Value, json};

use crate::client::{
    IDENTITY, Refused, TARGET, assume, assumed, iam, keys_of, small_world, sts, wait, whoami,
};

const ENCODED: &str = ". Encoded authorization failure message: ";

fn decode(fake: &FakeAws, credentials: &Credentials, message: &str) -> Result<Value, Refused> {
    let call = sts(fake, credentials).decode_authorization_message().encoded_message(message);
    wait(call.send()).map(|answer| serde_json::from_str(answer.decoded_message().unwrap()).unwrap())
}

fn condition<'a>(decoded: &'a Value, key: &str) -> &'a Value {
    let conditions = decoded["context"]["conditions"]["items"].as_array().unwrap();
    let condition = conditions.iter().find(|condition| condition["key"] == key);
    condition.map_or(&Value::Null, |condition| &condition["values"]["items"][0]["value"])
}

#[test]
fn an_encoded_refusal_is_decoded_for_who_may() {
    let fake = FakeAws::builder()
        .user(User::new(IDENTITY, "ada").encodes_refusals())
        .user(User::new(IDENTITY, "bob").denied("sts:DecodeAuthorizationMessage"))
        .role(Role::new(TARGET, "Strict").trusts(Trust::of("*").with_external_id("s3cret")))
        .start();
    let ada = keys_of(&fake, "ada");
    let refused = wait(assume(&fake, &ada, "Strict").external_id("other").send()).unwrap_err();
    let (words, message) = refused.message.split_once(ENCODED).unwrap();
    assert!(words.ends_with(
        "is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::444455556666:role/Strict"
    ));
    assert!(message.len() > 500 && !message.contains(['+', '/', ' ']), "{message}");

    let decoded = decode(&fake, &ada, message).unwrap();
    assert_eq!((&decoded["allowed"], &decoded["explicitDeny"]), (&json!(false), &json!(false)));
    assert_eq!(decoded["matchedStatements"], json!({ "items": [] }));
    assert_eq!(decoded["failures"], json!({ "items": [] }));
    let context = &decoded["context"];
    assert_eq!(context["principal"]["arn"], "arn:aws:iam::111122223333:user/ada");
    assert_eq!(context["principal"]["name"], "ada");
    assert_eq!(context["action"], "sts:AssumeRole");
    assert_eq!(context["resource"], "arn:aws:iam::444455556666:role/Strict");
    assert_eq!(condition(&decoded, "sts:ExternalId"), "other");
    assert_eq!(
        condition(&decoded, "aws:MultiFactorAuthPresent"),
        &Value::Null,
        "long-term keys have no such key"
    );

    let refused = decode(&fake, &keys_of(&fake, "bob"), message).unwrap_err();
    assert!(refused.message.ends_with("allows the sts:DecodeAuthorizationMessage action"), "{refused:?}");
    assert!(!refused.message.contains(ENCODED), "bob's are not encoded");
    let unknown = decode(&fake, &ada, "AAAA").unwrap_err();
    assert_eq!(unknown.code, "InvalidAuthorizationMessageException");
}

#[test]
fn a_decoded_denial_shows_the_statement() {
    let denying = Trust::of("*").denying().sid("NoStrangers").with_external_id("xy");
    let fake = FakeAws::builder()
        .user(User::new(IDENTITY, "ada"))
        .role(Role::new(TARGET, "Hop").trusts(Trust::of("*")).encodes_refusals())
        .role(Role::new(TARGET, "Closed").trusts(Trust::of("*")).trusts(denying))
        .start();
    let hop = assumed(&fake, &keys_of(&fake, "ada"), "Hop");
    let refused = wait(assume(&fake, &hop, "Closed").external_id("xy").send()).unwrap_err();
    let (words, message) = refused.message.split_once(ENCODED).unwrap();
    assert!(words.ends_with("with an explicit deny in a resource-based policy"), "{words}");
    let decoded = decode(&fake, &hop, message).unwrap();
    assert_eq!(decoded["explicitDeny"], true);
    let statement = &decoded["matchedStatements"]["items"][0];
    assert_eq!((&statement["statementId"], &statement["effect"]), (&json!("NoStrangers"), &json!("DENY")));
    assert_eq!(statement["principals"]["items"][0]["value"], "*");
    assert_eq!(statement["conditions"]["items"][0]["key"], "sts:ExternalId");
    assert_eq!(decoded["context"]["principal"]["name"], "test");
    assert_eq!(condition(&decoded, "aws:MultiFactorAuthPresent"), "false");
}

#[test]
fn a_deactivated_key_is_refused_as_an_unknown_one_is() {
    let made = "2024-02-29T08:00:00Z".parse().unwrap();
    let old = AccessKey::new("AKIAIOSFODNN7EXAMPLE", "secret").inactive().created(made);
    let user = User::new(IDENTITY, "ada").access_key(AccessKey::made_up()).access_key(old);
    let fake = FakeAws::builder().user(user).start();
    let inactive = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test");
    let words = "The security token included in the request is invalid.";
    assert_eq!(whoami(&fake, &inactive), Err(Refused::new("InvalidClientTokenId", words)));

    let answer = wait(iam(&fake, &keys_of(&fake, "ada")).list_access_keys().send()).unwrap();
    let keys = answer.access_key_metadata();
    let status: Vec<_> = keys.iter().map(|key| key.status().unwrap().as_str()).collect();
    assert_eq!(status, ["Active", "Inactive"]);
    assert_eq!(keys[0].access_key_id(), Some(fake.user_keys("ada").id.as_str()));
    assert_eq!(keys[1].create_date().unwrap().secs(), made.as_second());
    assert!((fake.now().as_second() - keys[0].create_date().unwrap().secs()).abs() < 60);
    assert_eq!(keys[1].user_name(), Some("ada"));
}

#[test]
fn keys_may_not_be_listed_by_everybody() {
    let user = User::new(IDENTITY, "ada").explicitly_denied("iam:*", PolicyKind::Session);
    let fake = FakeAws::builder().user(user).start();
    let refused = wait(iam(&fake, &keys_of(&fake, "ada")).list_access_keys().send()).unwrap_err();
    assert_eq!(
        refused.message,
        "User: arn:aws:iam::111122223333:user/ada is not authorized to perform: iam:ListAccessKeys on resource: user ada \
         with an explicit deny in a session policy"
    );
}

#[test]
fn sts_may_be_switched_off_by_region() {
    let words = "STS is not activated in this region for account:111122223333. Your account administrator can activate \
                 STS in this region using the IAM Console.";
    let fake = small_world().disable_region("eu-central-1").start();
    let ada = keys_of(&fake, "ada");
    let refused = wait(assume(&fake, &ada, "Open").send()).unwrap_err();
    assert_eq!(refused, Refused::new("RegionDisabledException", words));
    assert_eq!(fake.calls()[0].status, Some(403));
    let fake = small_world().disable_region("ap-east-1").start();
    assert!(whoami(&fake, &keys_of(&fake, "ada")).is_ok());
}

#[test]
fn what_goes_wrong_may_be_said_in_the_state() {
    let state = r#"{
      "users": [{ "account": "111122223333", "name": "ada", "keys": [
        { "id": "AKIAIOSFODNN7EXAMPLE", "secret": "s", "active": false, "created": "2021-01-02T03:04:05Z" },
        { "created": "2020-01-02T03:04:05Z" } ] }],
      "disabled_regions": ["me-south-1"], "skew_seconds": 1200,
      "faults": [{ "kind": "throttling_exception" }, { "kind": "packed_policy_too_large", "percent": 118 },
        { "kind": "region_disabled", "account": "111122223333" }, { "kind": "expired_token" }]
    }"#;
    let fake = FakeAws::start(serde_json::from_str::<State>(state).unwrap(), 0).unwrap();
    let keys = fake.user_keys("ada");
    assert!(!keys.active && keys.created.is_some());
    let stranger = Credentials::new("AKIAUNKNOWN", "s", None, None, "test");
    let said = || whoami(&fake, &stranger).unwrap_err();
    assert_eq!(said(), Refused::new("ThrottlingException", "Rate exceeded"));
    let packed = "Packed policy consumes 118% of allotted space, please use smaller policy.";
    assert_eq!(said(), Refused::new("PackedPolicyTooLarge", packed));
    assert_eq!(said().code, "RegionDisabledException");
    assert_eq!(said().code, "ExpiredToken");
    assert_eq!(said().code, "InvalidClientTokenId");
    fake.reset();
    assert_eq!(said().code, "ThrottlingException", "as at the start");

    let state = r#"{ "users": [{ "account": "111122223333", "name": "ada" }], "skew_seconds": 1200 }"#;
    let fake = FakeAws::start(serde_json::from_str::<State>(state).unwrap(), 0).unwrap();
    let refused = whoami(&fake, &keys_of(&fake, "ada")).unwrap_err();
    assert!(refused.message.starts_with("Signature expired: "), "{refused:?}");
}
