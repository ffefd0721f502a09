//! GetCallerIdentity, GetFederationToken, and IAM about oneself.

use fake_aws::{FakeAws, User};

use crate::client::{
    IDENTITY, Refused, TOTP, assumed, iam, issued, keys_of, session, small_world, sts, wait, whoami,
};

const INVALID: &str = "The security token included in the request is invalid.";

#[test]
fn everybody_has_an_id_and_an_account() {
    let fake = small_world().start();
    let role = assumed(&fake, &keys_of(&fake, "ada"), "Open");
    let answer = wait(sts(&fake, &role).get_caller_identity().send()).unwrap();
    assert_eq!(answer.account(), Some("444455556666"));
    let id = answer.user_id().unwrap();
    assert!(id.starts_with("AROA") && id.ends_with(":test"), "{id}");
    let session = session(&fake, "ada", None);
    assert_eq!(whoami(&fake, &session).unwrap(), "arn:aws:iam::111122223333:user/ada");
}

#[test]
fn paths_are_in_the_arn_of_users_alone() {
    let fake = FakeAws::builder().user(User::new(IDENTITY, "ada").path("/team/")).partition("aws-cn").start();
    let arn = whoami(&fake, &keys_of(&fake, "ada")).unwrap();
    assert_eq!(arn, "arn:aws-cn:iam::111122223333:user/team/ada");
}

#[test]
fn a_federated_user_is_another() {
    let fake = small_world().start();
    let call = sts(&fake, &keys_of(&fake, "ada")).get_federation_token().name("guest");
    let answer = wait(call.send()).unwrap();
    let user = answer.federated_user().unwrap();
    assert_eq!(user.arn(), "arn:aws:sts::111122223333:federated-user/guest");
    assert_eq!(user.federated_user_id(), "111122223333:guest");
    let guest = issued(answer.credentials());
    assert_eq!(whoami(&fake, &guest).unwrap(), user.arn());
    let refused = wait(iam(&fake, &guest).get_user().send()).unwrap_err();
    assert_eq!(refused.code, "InvalidClientTokenId");
    let refused = wait(crate::client::assume(&fake, &guest, "Open").send()).unwrap_err();
    assert_eq!(refused.code, "AccessDenied");
}

#[test]
fn temporary_credentials_get_no_session_of_their_own() {
    let fake = small_world().start();
    for temporary in [session(&fake, "ada", None), assumed(&fake, &keys_of(&fake, "ada"), "Open")] {
        let refused = wait(sts(&fake, &temporary).get_session_token().send()).unwrap_err();
        let words = "Cannot call GetSessionToken with session credentials";
        assert_eq!(refused, Refused::new("AccessDenied", words));
        let refused = wait(sts(&fake, &temporary).get_federation_token().name("guest").send()).unwrap_err();
        assert_eq!(refused.code, "AccessDenied");
    }
}

#[test]
fn a_user_is_told_of_itself_and_its_devices() {
    let fake = FakeAws::builder()
        .user(User::new(IDENTITY, "ada").mfa(TOTP).mfa_serial("GAHT12345678", TOTP))
        .start();
    let ada = keys_of(&fake, "ada");
    let user = wait(iam(&fake, &ada).get_user().send()).unwrap().user.unwrap();
    assert_eq!((user.user_name(), user.arn()), ("ada", "arn:aws:iam::111122223333:user/ada"));
    assert!(user.user_id().starts_with("AIDA"));
    let devices = wait(iam(&fake, &ada).list_mfa_devices().send()).unwrap().mfa_devices;
    let serials: Vec<_> = devices.iter().map(aws_sdk_iam::types::MfaDevice::serial_number).collect();
    assert_eq!(serials, ["arn:aws:iam::111122223333:mfa/ada", "GAHT12345678"]);
    let named = wait(iam(&fake, &ada).list_mfa_devices().user_name("ada").send()).unwrap();
    assert_eq!(named.mfa_devices.len(), 2);
    let other = wait(iam(&fake, &ada).list_mfa_devices().user_name("bob").send()).unwrap_err();
    assert_eq!(other.code, "AccessDenied");
}

#[test]
fn a_session_without_mfa_is_not_for_iam() {
    let fake = small_world().start();
    let without = session(&fake, "ada", None);
    let refused = wait(iam(&fake, &without).list_mfa_devices().send()).unwrap_err();
    assert_eq!(refused, Refused::new("InvalidClientTokenId", INVALID));
    let with = session(&fake, "ada", Some(fake.mfa_code("ada")));
    assert!(wait(iam(&fake, &with).list_mfa_devices().send()).is_ok());
}

#[test]
fn a_role_is_no_user() {
    let fake = small_world().start();
    let role = assumed(&fake, &keys_of(&fake, "ada"), "Open");
    let refused = wait(iam(&fake, &role).get_user().send()).unwrap_err();
    assert_eq!(refused.code, "ValidationError");
    let refused = wait(iam(&fake, &role).list_mfa_devices().user_name("ada").send()).unwrap_err();
    assert_eq!(refused.code, "AccessDenied");
}

#[test]
fn a_user_may_be_barred_from_asking() {
    let fake = FakeAws::builder().user(User::new(IDENTITY, "ada").denied("iam:ListMFADevices")).start();
    let ada = keys_of(&fake, "ada");
    let refused = wait(iam(&fake, &ada).list_mfa_devices().send()).unwrap_err();
    assert_eq!(refused.code, "AccessDenied");
    assert!(
        refused.message.contains("because no identity-based policy allows the iam:ListMFADevices action")
    );
    assert!(wait(iam(&fake, &ada).get_user().send()).is_ok());
}
