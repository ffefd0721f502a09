//! How long credentials live, and who may ask for how long.

use std::time::Duration;

use fake_aws::{FakeAws, Role, Trust};

use crate::client::{IDENTITY, Refused, TARGET, assume, assumed, keys_of, session, small_world, sts, wait};

const CHAINED: &str =
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining";
const OVER_MAX: &str = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";

fn world() -> FakeAws {
    let long = Role::new(TARGET, "Long").max_session(Duration::from_hours(2)).trusts(Trust::of("*"));
    small_world().role(long).start()
}

fn asking(
    fake: &FakeAws,
    who: &aws_credential_types::Credentials,
    role: &str,
    seconds: i32,
) -> Result<i64, Refused> {
    let answer = wait(assume(fake, who, role).duration_seconds(seconds).send())?;
    Ok(answer.credentials().unwrap().expiration().secs() - fake.now().as_second())
}

#[test]
fn credentials_live_as_long_as_was_asked() {
    let fake = world();
    let ada = keys_of(&fake, "ada");
    for seconds in [900, 3600, 7200] {
        let left = asking(&fake, &ada, "Long", seconds).unwrap();
        assert!((i64::from(seconds) - 5..=i64::from(seconds)).contains(&left), "{left}");
    }
    assert_eq!(asking(&fake, &ada, "Long", 7201), Err(Refused::new("ValidationError", OVER_MAX)));
    assert_eq!(asking(&fake, &ada, "Open", 3601), Err(Refused::new("ValidationError", OVER_MAX)));
}

#[test]
fn chained_credentials_live_an_hour_at_most() {
    let fake = world();
    let capped = Err(Refused::new("ValidationError", CHAINED));
    let role = assumed(&fake, &keys_of(&fake, "ada"), "Open");
    assert!(asking(&fake, &role, "Long", 3600).is_ok());
    assert_eq!(asking(&fake, &role, "Long", 3601), capped);
    let session = session(&fake, "ada", Some(fake.mfa_code("ada")));
    assert!(asking(&fake, &session, "Long", 3600).is_ok());
    assert_eq!(asking(&fake, &session, "Long", 7200), capped);
}

#[test]
fn bounds_are_bounds() {
    let fake = world();
    let ada = keys_of(&fake, "ada");
    let words = |seconds: i32, limit: &str| {
        let words = format!(
            "1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: Member must \
             have value {limit}"
        );
        Err(Refused::new("ValidationError", &words))
    };
    assert_eq!(asking(&fake, &ada, "Long", 899), words(899, "greater than or equal to 900"));
    assert_eq!(asking(&fake, &ada, "Long", 43_201), words(43_201, "less than or equal to 43200"));
    let session = |seconds: i32| {
        let call = sts(&fake, &ada).get_session_token().duration_seconds(seconds);
        wait(call.send()).map(|_| i64::from(seconds))
    };
    assert_eq!(session(129_601), words(129_601, "less than or equal to 129600"));
    assert_eq!(session(899), words(899, "greater than or equal to 900"));
    assert_eq!(session(129_600), Ok(129_600));
}

#[test]
fn a_session_lives_twelve_hours_unless_said() {
    let fake = small_world().role(Role::new(IDENTITY, "Unused")).start();
    let answer = wait(sts(&fake, &keys_of(&fake, "ada")).get_session_token().send()).unwrap();
    let left = answer.credentials().unwrap().expiration().secs() - fake.now().as_second();
    assert!((43_195..=43_200).contains(&left), "{left}");
}
