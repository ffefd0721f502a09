//! Trust policies beyond whom they name: denials, MFA's age, tags, source identity, and the caller's own policies.

use std::time::Duration;

use aws_sdk_sts::types::Tag;
use fake_aws::{FakeAws, Operator, PolicyKind, Role, State, Trust, User};

use crate::client::{
    IDENTITY, TARGET, TOTP, assume, assumed, issued, keys_of, role_arn, session, small_world, wait,
};

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().unwrap()
}

/// What AWS says, without the beginning that is always the same.
fn refusal(fake: &FakeAws, credentials: &aws_credential_types::Credentials, role: &str) -> String {
    let refused = wait(assume(fake, credentials, role).send()).unwrap_err();
    assert_eq!(refused.code, "AccessDenied");
    let (_, why) = refused.message.split_once(" is not authorized to perform: ").unwrap();
    why.replace(&role_arn(role), "ROLE")
}

#[test]
fn a_denial_of_the_trust_policy_is_told() {
    let fake = small_world()
        .role(
            Role::new(TARGET, "Denying")
                .trusts(Trust::of(IDENTITY))
                .trusts(Trust::of(IDENTITY).denying().when(Operator::Null, "sts:ExternalId", "true")),
        )
        .start();
    let ada = keys_of(&fake, "ada");
    assert_eq!(
        refusal(&fake, &ada, "Denying"),
        "sts:AssumeRole on resource: ROLE with an explicit deny in a resource-based policy"
    );
    assert!(wait(assume(&fake, &ada, "Denying").external_id("any").send()).is_ok());
}

#[test]
fn mfa_grows_old() {
    let young = Trust::of(IDENTITY).with_mfa_younger_than(600);
    let fake = small_world().role(Role::new(TARGET, "Young").trusts(young)).start();
    let ada = keys_of(&fake, "ada");
    assert_eq!(refusal(&fake, &ada, "Young"), "sts:AssumeRole on resource: ROLE");
    assert_eq!(refusal(&fake, &session(&fake, "ada", None), "Young"), "sts:AssumeRole on resource: ROLE");
    let with = session(&fake, "ada", Some(fake.mfa_code("ada")));
    fake.advance(Duration::from_secs(590));
    assert!(wait(assume(&fake, &with, "Young").send()).is_ok());
    fake.advance(Duration::from_secs(10));
    assert_eq!(refusal(&fake, &with, "Young"), "sts:AssumeRole on resource: ROLE");
    let in_the_call =
        assume(&fake, &ada, "Young").serial_number(fake.mfa_serial("ada")).token_code(fake.mfa_code("ada"));
    assert!(wait(in_the_call.send()).is_ok());
}

#[test]
fn tags_may_be_asked_for() {
    let tagged = Trust::of("*")
        .when(Operator::StringEquals, "aws:RequestTag/Team", "${aws:PrincipalTag/Team}")
        .when_one_of(Operator::StringEquals.for_all_values(), "aws:TagKeys", &["Team", "Cost"])
        .when(Operator::StringEquals.for_any_value(), "sts:TransitiveTagKeys", "Team");
    let fake = FakeAws::builder()
        .user(User::new(IDENTITY, "ada").tag("Team", "blue"))
        .role(Role::new(TARGET, "Tagged").tag("Team", "red").trusts(tagged))
        .role(Role::new(TARGET, "Blue").trusts(Trust::of("*").when(
            Operator::StringEquals,
            "aws:PrincipalTag/Team",
            "blue",
        )))
        .start();
    let ada = keys_of(&fake, "ada");
    let with = |tags: &[(&str, &str)]| {
        let tags = tags.iter().map(|(key, value)| tag(key, value)).collect();
        wait(assume(&fake, &ada, "Tagged").set_tags(Some(tags)).transitive_tag_keys("Team").send())
    };
    let answer = with(&[("Team", "blue"), ("Cost", "7")]).unwrap();
    assert_eq!(with(&[("Team", "red")]).unwrap_err().code, "AccessDenied");
    assert_eq!(with(&[("Team", "blue"), ("Other", "7")]).unwrap_err().code, "AccessDenied");
    let plain = refusal(&fake, &ada, "Tagged");
    assert_eq!(plain, "sts:AssumeRole on resource: ROLE");
    let hop = issued(answer.credentials());
    assert!(wait(assume(&fake, &hop, "Blue").send()).is_ok(), "a session's tag hides that of its role");
}

#[test]
fn a_source_identity_may_be_asked_for_and_is_an_action_of_its_own() {
    let named = Trust::of("*").when(Operator::StringLike, "sts:SourceIdentity", "${aws:username}*");
    let fake = small_world()
        .role(Role::new(TARGET, "Named").trusts(named))
        .role(Role::new(TARGET, "Anonymous").trusts(Trust::of("*").all_but(&["sts:SetSourceIdentity"])))
        .role(Role::new(TARGET, "Behind").trusts(Trust::of("*").when(
            Operator::StringEquals,
            "aws:SourceIdentity",
            "ada",
        )))
        .start();
    let ada = keys_of(&fake, "ada");
    assert_eq!(refusal(&fake, &ada, "Named"), "sts:AssumeRole on resource: ROLE");
    let answer = wait(assume(&fake, &ada, "Named").source_identity("ada").send()).unwrap();
    let hop = issued(answer.credentials());
    assert!(wait(assume(&fake, &hop, "Behind").send()).is_ok());
    assert_eq!(refusal(&fake, &hop, "Anonymous"), "sts:SetSourceIdentity on resource: ROLE");
    assert_eq!(refusal(&fake, &ada, "Behind"), "sts:AssumeRole on resource: ROLE");
}

#[test]
fn what_the_callers_own_policies_say_comes_first() {
    let fake = FakeAws::builder()
        .user(User::new(IDENTITY, "ada"))
        .user(User::new(IDENTITY, "bob").explicitly_denied("sts:Assume*", PolicyKind::ServiceControl))
        .user(User::new(IDENTITY, "eve").explicitly_denied("*", PolicyKind::IdentityBased))
        .role(Role::new(TARGET, "Open").trusts(Trust::of("*")))
        .role(Role::new(TARGET, "Hop").trusts(Trust::of("*")).denied("sts:AssumeRole"))
        .start();
    let why = "sts:AssumeRole on resource: ROLE";
    assert_eq!(
        refusal(&fake, &keys_of(&fake, "bob"), "Open"),
        format!("{why} with an explicit deny in a service control policy")
    );
    assert_eq!(
        refusal(&fake, &keys_of(&fake, "eve"), "Missing"),
        format!("{why} with an explicit deny in an identity-based policy")
    );
    let hop = assumed(&fake, &keys_of(&fake, "ada"), "Hop");
    assert_eq!(
        refusal(&fake, &hop, "Open"),
        format!("{why} because no identity-based policy allows the sts:AssumeRole action")
    );
}

#[test]
fn where_when_and_in_which_organization() {
    let here = Trust::of("*")
        .when(Operator::IpAddress, "aws:SourceIp", "203.0.113.0/24")
        .when(Operator::DateGreaterThan, "aws:CurrentTime", "2020-01-01T00:00:00Z")
        .when(Operator::NumericGreaterThan, "aws:EpochTime", "1577836800")
        .when(Operator::StringEquals, "aws:PrincipalOrgID", "o-example1")
        .when(Operator::ArnLike, "aws:PrincipalArn", "arn:aws:iam::*:user/a*")
        .when(Operator::StringEquals, "aws:PrincipalType", "User")
        .when(Operator::StringLike, "aws:userid", "AIDA*")
        .when(Operator::StringEquals, "aws:RequestedRegion", "eu-central-1");
    let world = || small_world().role(Role::new(TARGET, "Here").trusts(here.clone()));
    let fake = world().source_ip("203.0.113.7").organization("o-example1").start();
    let ada = keys_of(&fake, "ada");
    assert!(wait(assume(&fake, &ada, "Here").send()).is_ok());
    let fake = world().organization("o-example1").start();
    assert_eq!(refusal(&fake, &keys_of(&fake, "ada"), "Here"), "sts:AssumeRole on resource: ROLE");
    let fake = world().source_ip("203.0.113.7").start();
    assert_eq!(refusal(&fake, &keys_of(&fake, "ada"), "Here"), "sts:AssumeRole on resource: ROLE");
}

#[test]
fn a_policy_of_json_is_judged_alike() {
    let state = format!(
        r#"{{
          "users": [{{ "account": "{IDENTITY}", "name": "ada", "mfa": [{{ "secret": "{TOTP}" }}], "tags": {{ "Team": "blue" }},
            "explicitly_denied": [{{ "action": "sts:TagSession", "by": "permissions_boundary" }}] }}],
          "roles": [{{ "account": "{TARGET}", "name": "Json", "trust": {{ "Version": "2012-10-17", "Statement": [
            {{ "Effect": "Allow", "Principal": {{ "AWS": "{IDENTITY}" }}, "Action": "sts:*" }},
            {{ "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole",
              "Condition": {{ "StringNotEquals": {{ "sts:RoleSessionName": "${{aws:PrincipalTag/Team}}" }} }} }}
          ] }} }}]
        }}"#
    );
    let fake = FakeAws::start(serde_json::from_str::<State>(&state).unwrap(), 0).unwrap();
    let ada = keys_of(&fake, "ada");
    assert!(refusal(&fake, &ada, "Json").ends_with("with an explicit deny in a resource-based policy"));
    assert!(wait(assume(&fake, &ada, "Json").role_session_name("blue").send()).is_ok());
    let tagged = assume(&fake, &ada, "Json").role_session_name("blue").tags(tag("a", "b"));
    let refused = wait(tagged.send()).unwrap_err();
    assert!(
        refused
            .message
            .ends_with("ROLE with an explicit deny in a permissions boundary".trim_start_matches("ROLE"))
    );
    assert!(refused.message.contains("perform: sts:TagSession on"), "{refused:?}");
}

#[test]
#[should_panic(expected = "no value for `DateLessThan`")]
fn a_statement_that_makes_no_sense_is_refused_at_the_start() {
    let soon = Trust::of("*").when(Operator::DateLessThan, "aws:CurrentTime", "soon");
    drop(small_world().role(Role::new(TARGET, "Soon").trusts(soon)).start());
}
