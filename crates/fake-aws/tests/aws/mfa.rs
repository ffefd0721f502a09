//! MFA codes.

use std::time::Duration;

use fake_aws::{FakeAws, Role, Trust, User};

use crate::client::{IDENTITY, Refused, TARGET, TOTP, assume, keys_of, session, small_world, wait};

const INVALID_CODE: &str = "MultiFactorAuthentication failed with invalid MFA one time pass code.";

fn guarded() -> FakeAws {
    small_world()
        .user(User::new(IDENTITY, "bob").mfa_serial("GAHT12345678", TOTP))
        .role(Role::new(TARGET, "Guarded").trusts(Trust::of(IDENTITY).with_mfa()))
        .start()
}

fn with_code(fake: &FakeAws, user: &str, serial: &str, code: &str) -> Result<(), Refused> {
    let call = assume(fake, &keys_of(fake, user), "Guarded").serial_number(serial).token_code(code);
    wait(call.send()).map(drop)
}

#[test]
fn a_code_opens_the_role_and_is_then_spent() {
    let fake = guarded();
    let serial = fake.mfa_serial("ada");
    let code = fake.mfa_code("ada");
    assert_eq!(with_code(&fake, "ada", &serial, &code), Ok(()));
    let spent = Err(Refused::new("AccessDenied", INVALID_CODE));
    assert_eq!(with_code(&fake, "ada", &serial, &code), spent);
    assert_eq!(
        with_code(&fake, "ada", &serial, &fake.next_mfa_code("ada")),
        Ok(()),
        "the next one is good already"
    );
    assert_eq!(with_code(&fake, "bob", "GAHT12345678", &code), Ok(()), "another device with the same secret");
    fake.advance(Duration::from_mins(1));
    assert_eq!(with_code(&fake, "ada", &serial, &fake.mfa_code("ada")), Ok(()));
    assert_eq!(fake.calls()[0].param("TokenCode"), Some(code.as_str()));
    assert_eq!(fake.calls()[1].status, Some(403));
}

#[test]
fn codes_of_other_times_and_devices_are_refused() {
    let fake = guarded();
    let serial = fake.mfa_serial("ada");
    // A wrong code could by chance be right for a neighbouring step; these are of the same device, far away.
    let refused = Err(Refused::new("AccessDenied", INVALID_CODE));
    assert_eq!(with_code(&fake, "ada", &serial, &fake.mfa_code_in_steps("ada", 500)), refused);
    assert_eq!(with_code(&fake, "ada", &serial, &fake.mfa_code_in_steps("ada", -3)), refused);
    let foreign = with_code(&fake, "ada", "GAHT12345678", &fake.mfa_code("bob")).unwrap_err();
    assert!(foreign.message.contains("unable to validate MFA code"), "{foreign:?}");
}

#[test]
fn serial_and_code_go_together_and_have_a_form() {
    let fake = guarded();
    let serial = fake.mfa_serial("ada");
    let alone = wait(assume(&fake, &keys_of(&fake, "ada"), "Guarded").serial_number(&serial).send());
    assert!(
        alone.unwrap_err().message.contains("must provide both MFA serial number and one time pass code")
    );
    for (code, words) in [
        (
            "12345",
            "Value '12345' at 'tokenCode' failed to satisfy constraint: Member must have length greater than or equal to 6",
        ),
        (
            "12345a",
            "Value '12345a' at 'tokenCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\d]*",
        ),
    ] {
        let refused = with_code(&fake, "ada", &serial, code).unwrap_err();
        assert_eq!(
            refused,
            Refused::new("ValidationError", &format!("1 validation error detected: {words}"))
        );
    }
    let refused = with_code(&fake, "ada", "short", "123456").unwrap_err();
    assert!(refused.message.contains("at 'serialNumber'"), "{refused:?}");
}

#[test]
fn without_mfa_the_refusal_does_not_say_why() {
    let fake = guarded();
    let plain = wait(assume(&fake, &keys_of(&fake, "ada"), "Guarded").send()).unwrap_err();
    let words = "User: arn:aws:iam::111122223333:user/ada is not authorized to perform: sts:AssumeRole on resource: \
                 arn:aws:iam::444455556666:role/Guarded";
    assert_eq!(plain, Refused::new("AccessDenied", words));
    let without = session(&fake, "ada", None);
    assert_eq!(wait(assume(&fake, &without, "Guarded").send()).unwrap_err().code, "AccessDenied");
}

#[test]
fn a_session_with_mfa_opens_every_role_without_a_code() {
    let fake = guarded();
    let with = session(&fake, "ada", Some(fake.mfa_code("ada")));
    for _ in 0..2 {
        assert!(wait(assume(&fake, &with, "Guarded").send()).is_ok());
    }
}

#[test]
fn mfa_does_not_travel_along_a_chain() {
    let fake = small_world().role(Role::new(TARGET, "Guarded").trusts(Trust::of("*").with_mfa())).start();
    let with = session(&fake, "ada", Some(fake.mfa_code("ada")));
    let hop = crate::client::assumed(&fake, &with, "Open");
    assert_eq!(wait(assume(&fake, &hop, "Guarded").send()).unwrap_err().code, "AccessDenied");
}
