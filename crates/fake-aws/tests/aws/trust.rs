//! Trust policies and the other parameters of AssumeRole.

use aws_sdk_sts::{
    operation::assume_role::AssumeRoleOutput,
    types::{PolicyDescriptorType, Tag},
};
use fake_aws::{FakeAws, Role, Trust, User};

use crate::client::{IDENTITY, Refused, TARGET, assume, assumed, keys_of, role_arn, small_world, wait};

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().unwrap()
}

#[expect(deprecated, reason = "AWS still sends it, and it is all that tells a narrowed session")]
fn packed_size(answer: &AssumeRoleOutput) -> Option<i32> {
    answer.packed_policy_size()
}

fn refused(fake: &FakeAws, role: &str) -> Refused {
    wait(assume(fake, &keys_of(fake, "ada"), role).send()).unwrap_err()
}

#[test]
fn who_is_not_trusted_and_what_is_not_there_are_refused_alike() {
    let fake = small_world()
        .role(Role::new(TARGET, "Bobs").trusts(Trust::of("arn:aws:iam::111122223333:user/bob")))
        .role(Role::new(TARGET, "Nobodys"))
        .start();
    for role in ["Bobs", "Nobodys", "Missing"] {
        let words = format!(
            "User: arn:aws:iam::111122223333:user/ada is not authorized to perform: sts:AssumeRole on resource: {}",
            role_arn(role)
        );
        assert_eq!(refused(&fake, role), Refused::new("AccessDenied", &words));
    }
    assert!(fake.calls().iter().all(|call| call.status == Some(403) && call.issued.is_none()));
}

#[test]
fn the_external_id_must_be_there_and_right() {
    let fake = small_world()
        .role(Role::new(TARGET, "Third").trusts(Trust::of(IDENTITY).with_external_id("s3cret")))
        .start();
    let with = |id: &str| wait(assume(&fake, &keys_of(&fake, "ada"), "Third").external_id(id).send());
    assert_eq!(refused(&fake, "Third").code, "AccessDenied");
    assert_eq!(with("S3cret").unwrap_err().code, "AccessDenied");
    assert!(with("s3cret").is_ok());
}

#[test]
fn a_role_may_be_reached_through_another_only() {
    let fake = small_world().role(Role::new(TARGET, "Behind").trusts(Trust::of(&role_arn("Open")))).start();
    assert_eq!(refused(&fake, "Behind").code, "AccessDenied");
    let hop = assumed(&fake, &keys_of(&fake, "ada"), "Open");
    let answer = wait(assume(&fake, &hop, "Behind").send()).unwrap();
    let user = answer.assumed_role_user().unwrap();
    assert_eq!(user.arn(), "arn:aws:sts::444455556666:assumed-role/Behind/test");
    let calls = fake.calls_of("AssumeRole");
    assert_eq!(calls[2].principal.as_deref(), Some("arn:aws:sts::444455556666:assumed-role/Open/test"));
    assert_eq!(calls[2].access_key_id, calls[1].issued, "the second hop is signed with what the first gave");
}

#[test]
fn the_users_own_policy_may_forbid_it() {
    let fake = FakeAws::builder()
        .user(User::new(IDENTITY, "ada").denied("sts:AssumeRole"))
        .role(Role::new(TARGET, "Open").trusts(Trust::of("*")))
        .start();
    assert!(
        refused(&fake, "Open")
            .message
            .ends_with("because no identity-based policy allows the sts:AssumeRole action")
    );
}

#[test]
fn names_have_a_form() {
    let fake = small_world().start();
    let ada = keys_of(&fake, "ada");
    let named = |name: &str| wait(assume(&fake, &ada, "Open").role_session_name(name).send()).map(drop);
    for (name, words) in [
        (
            "a b",
            "Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
        ),
        (
            "a",
            "Value 'a' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2",
        ),
    ] {
        let words = format!("1 validation error detected: {words}");
        assert_eq!(named(name), Err(Refused::new("ValidationError", &words)));
    }
    assert_eq!(named(&"n".repeat(65)).unwrap_err().code, "ValidationError");
    assert_eq!(named("ada+x=,.@-_9"), Ok(()));
    let wrong_arn = wait(assume(&fake, &ada, "x").role_arn("arn:aws:iam::1234:role/x").send()).unwrap_err();
    assert_eq!(wrong_arn, Refused::new("ValidationError", "arn:aws:iam::1234:role/x is invalid"));
    let id = wait(assume(&fake, &ada, "Open").external_id("a b").send()).unwrap_err();
    assert!(id.message.contains("at 'externalId'"), "{id:?}");
    let identity = wait(assume(&fake, &ada, "Open").source_identity("a b").send()).unwrap_err();
    assert!(identity.message.contains("at 'sourceIdentity'"), "{identity:?}");
}

#[test]
fn policies_must_be_policies_and_are_measured() {
    let fake = small_world().start();
    let ada = keys_of(&fake, "ada");
    let with = |policy: &str| wait(assume(&fake, &ada, "Open").policy(policy).send());
    assert_eq!(with("{not json").unwrap_err().code, "MalformedPolicyDocument");
    assert_eq!(with("{}").unwrap_err().code, "MalformedPolicyDocument");
    let policy =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    assert!(packed_size(&with(policy).unwrap()) > Some(0));
    let arn = PolicyDescriptorType::builder().arn("arn:aws:iam::aws:policy/ReadOnlyAccess").build();
    let answer = wait(assume(&fake, &ada, "Open").policy_arns(arn.clone()).send()).unwrap();
    assert!(packed_size(&answer) > Some(0));
    let plain = wait(assume(&fake, &ada, "Open").send()).unwrap();
    assert_eq!(packed_size(&plain), None);
    let many = wait(assume(&fake, &ada, "Open").set_policy_arns(Some(vec![arn; 11])).send());
    assert_eq!(many.unwrap_err().code, "ValidationError");
    let last = fake.calls_of("AssumeRole");
    assert_eq!(last[2].param("Policy"), Some(policy));
    assert_eq!(last[3].param("PolicyArns.member.1.arn"), Some("arn:aws:iam::aws:policy/ReadOnlyAccess"));
}

#[test]
fn tags_must_be_trusted_and_go_along_when_transitive() {
    let only = Trust::of("*").only(&["sts:AssumeRole"]);
    let fake = small_world()
        .role(Role::new(TARGET, "Untagged").trusts(only))
        .role(Role::new(TARGET, "Behind").trusts(Trust::of("*")))
        .start();
    let ada = keys_of(&fake, "ada");
    let untagged = wait(assume(&fake, &ada, "Untagged").tags(tag("Team", "a")).send()).unwrap_err();
    assert!(
        untagged.message.contains("is not authorized to perform: sts:TagSession on resource"),
        "{untagged:?}"
    );
    let call =
        assume(&fake, &ada, "Open").tags(tag("Team", "a")).tags(tag("Cost", "b")).transitive_tag_keys("Team");
    let answer = wait(call.send()).unwrap();
    assert!(packed_size(&answer) > Some(0));
    let hop = crate::client::issued(answer.credentials());
    assert!(wait(assume(&fake, &hop, "Behind").tags(tag("Cost", "c")).send()).is_ok(), "not transitive");
    let clash = wait(assume(&fake, &hop, "Behind").tags(tag("team", "c")).send()).unwrap_err();
    assert_eq!(clash.code, "InvalidParameterValue");
    let dangling = wait(assume(&fake, &ada, "Open").transitive_tag_keys("Team").send()).unwrap_err();
    assert_eq!(dangling.code, "InvalidParameterValue");
    let large = (0..9).map(|index| tag(&format!("T{index}"), &"a".repeat(250))).collect();
    let large = wait(assume(&fake, &ada, "Open").set_tags(Some(large)).send()).unwrap_err();
    assert_eq!(
        large,
        Refused::new("PackedPolicyTooLarge", "Packed size of session tags consumes 498% of allotted space.")
    );
}

#[test]
fn a_source_identity_stays_for_the_whole_chain() {
    let fake = small_world().role(Role::new(TARGET, "Behind").trusts(Trust::of("*"))).start();
    let call = assume(&fake, &keys_of(&fake, "ada"), "Open").source_identity("ada");
    let answer = wait(call.send()).unwrap();
    assert_eq!(answer.source_identity(), Some("ada"));
    let hop = crate::client::issued(answer.credentials());
    assert_eq!(wait(assume(&fake, &hop, "Behind").send()).unwrap().source_identity(), Some("ada"));
    let other = wait(assume(&fake, &hop, "Behind").source_identity("eve").send()).unwrap_err();
    assert!(other.message.contains("sts:SetSourceIdentity"), "{other:?}");
}
