//! The questions at a terminal.

use std::fmt::Write;

use expectrl::{ControlCode, Eof, Expect, session::OsSession};
use fake_aws::{Fault, User};

use super::DEVICE;
use crate::world::{IDENTITY, World, aws};

/// Answers `questions` in turn and gives all that was on the screen, without what the machine decides.
fn converse(session: &mut OsSession, questions: &[(&str, &str)]) -> String {
    let mut screen = String::new();
    let mut see = |bytes: &[u8]| {
        write!(screen, "{}", String::from_utf8_lossy(bytes)).unwrap();
    };
    for (question, answer) in questions {
        see(session.expect(*question).unwrap().as_bytes());
        session.send_line(answer).unwrap();
    }
    see(session.expect(Eof).unwrap().as_bytes());
    screen.replace('\r', "")
}

#[test]
fn everything_is_asked_and_the_secret_is_not_shown() {
    let world = World::fresh();
    let ada = world.fake.user_keys("ada");
    let mut session =
        world.in_terminal("rolo configure new </dev/null | cat; echo \"status ${PIPESTATUS[0]}\"");
    let screen = converse(
        &mut session,
        &[
            ("Access key id [none]: ", &ada.id),
            ("Secret access key [none]: ", &ada.secret),
            ("Region [none]: ", "eu-central-1"),
            ("Output format [none]: ", ""),
            ("Role ARN [none]: ", ""),
            ("MFA serial [none]: ", "1"),
        ],
    );
    insta::assert_snapshot!(screen.replace(&ada.id, "AKIA1"), @r"
    Profile `new` is new. Enter keeps what stands in brackets, `-` removes it.
    Access key id [none]: AKIA1
    Secret access key [none]: 
    Region [none]: eu-central-1
    Output format [none]: 
    the access key is of user ada in account 111122223333
    Role ARN [none]: 
    MFA devices; type a number, or a serial:
      1  arn:aws:iam::111122223333:mfa/ada
    MFA serial [none]: 1
    profile `new` is written to `~/.aws/credentials` and `~/.aws/config`
    status 0
    ");
    assert!(!screen.contains(&ada.secret), "{screen}");
    assert_eq!(world.calls(), ["GetCallerIdentity", "ListMFADevices"]);
    assert_eq!(
        world.both_files(),
        [
            format!("[profile new]\nregion = eu-central-1\nmfa_serial = {DEVICE}\n"),
            format!("[new]\naws_access_key_id = {}\naws_secret_access_key = {}\n", ada.id, ada.secret)
        ]
    );
}

#[test]
fn enter_keeps_everything() {
    let world = World::new();
    let before = world.both_files();
    let ada = world.fake.user_keys("ada");
    let kept = format!("Access key id [****************{}]: ", &ada.id[ada.id.len() - 4..]);
    let mut session = world.in_terminal("rolo configure identity; rolo configure prod");
    let screen = converse(
        &mut session,
        &[
            (&kept, ""),
            ("Secret access key [****************]: ", ""),
            ("Region [eu-central-1]: ", ""),
            ("Output format [none]: ", ""),
            ("Role ARN [none]: ", ""),
            ("MFA serial [none]: ", ""),
            ("Access key id [none]: ", ""),
            ("Region [eu-central-1]: ", ""),
            ("Output format [none]: ", ""),
            ("Role ARN [arn:aws:iam::333344445555:role/Admin]: ", ""),
            ("Source profile [identity]: ", ""),
            ("MFA serial [arn:aws:iam::111122223333:mfa/ada]: ", ""),
        ],
    );
    assert!(screen.contains("profile `identity` stays as it is\n"), "{screen}");
    assert!(screen.contains("profile `prod` stays as it is\n"), "{screen}");
    assert!(!screen.contains(&ada.id) && !screen.contains(&ada.secret), "{screen}");
    assert_eq!(world.both_files(), before);
}

#[test]
fn giving_up_at_any_question_writes_nothing() {
    let world = World::new();
    let before = world.both_files();
    let bob = world.fake.user_keys("bob");
    let questions = [
        ("Access key id", bob.id.as_str()),
        ("Secret access key", &bob.secret),
        ("Region", "eu-west-1"),
        ("Output format", "text"),
        ("Role ARN", "222233334444:Plain"),
        ("Source profile", "identity"),
        ("MFA serial", ""),
    ];
    for (key, status) in [(ControlCode::EndOfText, 130), (ControlCode::EndOfTransmission, 4)] {
        for answered in 0..questions.len() {
            let script = "trap : INT; before=$(stty -g); rolo configure new; echo \"status $?\"; [ \"$before\" = \"$(stty -g)\" ] && echo same";
            let mut session = world.in_terminal(script);
            for (question, answer) in &questions[..answered] {
                session.expect(format!("{question} [none]: ")).unwrap();
                session.send_line(answer).unwrap();
            }
            session.expect(format!("{} [none]: ", questions[answered].0)).unwrap();
            session.send(key).unwrap();
            session.expect(format!("status {status}")).unwrap();
            session.expect("same").unwrap();
            assert_eq!(world.both_files(), before, "{key:?} at {}", questions[answered].0);
        }
    }
}

#[test]
fn what_is_of_no_use_is_asked_again() {
    let world = World::new();
    let bob = world.fake.user_keys("bob");
    let mut session = world.in_terminal("rolo configure new; echo \"status $?\"");
    let screen = converse(
        &mut session,
        &[
            ("Access key id [none]: ", "test"),
            ("Access key id [none]: ", &bob.id),
            ("Secret access key [none]: ", ""),
            ("Secret access key [none]: ", "not a-secret"),
            ("Secret access key [none]: ", &bob.secret),
            ("Region [none]: ", "europe!"),
            ("Region [none]: ", "eu-west-1"),
            ("Output format [none]: ", "xml"),
            ("Output format [none]: ", "text"),
            ("Role ARN [none]: ", "1"),
            ("Role ARN [none]: ", "-"),
            ("MFA serial [none]: ", "bob"),
            ("MFA serial [none]: ", "GAHT12345678"),
        ],
    );
    for told in [
        "that is no access key id",
        "the access key is of no use without its secret",
        "that is no secret access key",
        "`europe!` is no region",
        "`xml` is none of",
        "`1` is no role",
        "`bob` is no MFA device",
        "status 0",
    ] {
        assert!(screen.contains(told), "{told}: {screen}");
    }
    assert!(!screen.contains("a-secret") && !screen.contains(&bob.secret), "{screen}");
    let [config, _] = world.both_files();
    assert!(
        config.ends_with("\n[profile new]\nregion = eu-west-1\noutput = text\nmfa_serial = GAHT12345678\n"),
        "{config}"
    );
}

#[test]
fn roles_sources_and_devices_are_offered() {
    let world = World::new();
    world.add_config("[profile empty]\nregion = eu-west-1\n");
    let mut session = world.in_terminal("rolo configure new; echo \"status $?\"");
    let screen = converse(
        &mut session,
        &[
            ("Access key id [none]: ", ""),
            ("Region [none]: ", "eu-west-1"),
            ("Output format [none]: ", ""),
            ("Role ARN [none]: ", "1"),
            ("Source profile [none]: ", ""),
            ("Source profile [none]: ", "identiy"),
            ("Source profile [none]: ", "new"),
            ("Source profile [none]: ", "empty"),
            ("Source profile [none]: ", "1"),
            ("MFA serial [none]: ", "1"),
        ],
    );
    insta::assert_snapshot!(screen, @r"
    Profile `new` is new. Enter keeps what stands in brackets, `-` removes it.
    Access key id [none]: 
    Region [none]: eu-west-1
    Output format [none]: 
    Roles of other profiles; type a number, an ARN, or ACCOUNT:ROLE:
      1  arn:aws:iam::333344445555:role/Admin
      2  arn:aws:iam::222233334444:role/Developer
      3  arn:aws:iam::222233334444:role/Plain
      4  arn:aws:iam::222233334444:role/Hop
      5  arn:aws:iam::333344445555:role/Audit
      6  arn:aws:iam::333344445555:role/Vendor
    Role ARN [none]: 1
    Profiles to assume the role from; type a number, or a name:
      1  identity
      2  hop
      3  other
    Source profile [none]: 
    a role needs a profile to be assumed from
    Source profile [none]: identiy
    there is no profile `identiy`; did you mean `identity`?
    Source profile [none]: new
    `source_profile` loops: `new` -> `new`
    Source profile [none]: empty
    source profile `empty` holds no credentials
    Source profile [none]: 1
    MFA devices; type a number, or a serial:
      1  arn:aws:iam::111122223333:mfa/ada
    MFA serial [none]: 1
    profile `new` is written to `~/.aws/config`
    status 0
    ");
    assert_eq!(world.calls(), ["ListMFADevices"]);
    let [config, _] = world.both_files();
    let added = format!(
        "\n[profile new]\nregion = eu-west-1\nrole_arn = arn:aws:iam::333344445555:role/Admin\nsource_profile = identity\nmfa_serial = {DEVICE}\n"
    );
    assert!(config.ends_with(&added), "{config}");
}

#[test]
fn devices_that_may_not_be_listed_are_asked_for_quietly() {
    const EVES: &str = "arn:aws:iam::111122223333:mfa/eve";
    let secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    let world = World::of(aws().user(User::new(IDENTITY, "eve").mfa(secret).denied("iam:ListMFADevices")));
    let eve = world.fake.user_keys("eve");
    world.credentials(&format!(
        "[eve]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        eve.id, eve.secret
    ));
    world.config("[profile eve]\nregion = eu-west-1\n");
    let id = format!("Access key id [****************{}]: ", &eve.id[eve.id.len() - 4..]);
    let questions = [
        (id.as_str(), ""),
        ("Secret access key [****************]: ", ""),
        ("Region [eu-west-1]: ", ""),
        ("Output format [none]: ", ""),
        ("Role ARN [none]: ", ""),
        ("MFA serial [none]: ", EVES),
    ];
    let screen = converse(&mut world.in_terminal("rolo configure eve"), &questions);
    assert!(!screen.contains("AccessDenied") && !screen.contains("offered"), "{screen}");
    let with_device = format!("[profile eve]\nregion = eu-west-1\nmfa_serial = {EVES}\n");
    assert_eq!(world.both_files()[0], with_device);

    // A profile that assumes its role from these keys knows the device.
    world.config(&format!(
        "[profile eve]\nregion = eu-west-1\n[profile role]\nsource_profile = eve\nmfa_serial = {EVES}\n"
    ));
    let questions = [&questions[..5], &[("MFA serial [none]: ", "1")]].concat();
    let screen = converse(&mut world.in_terminal("rolo configure eve -v"), &questions);
    let told = "the MFA devices are not offered: IAM refused ListMFADevices: AccessDenied";
    assert!(screen.contains(told), "{screen}");
    assert!(screen.contains(&format!("  1  {EVES}\n")), "{screen}");
    assert!(world.both_files()[0].starts_with(&with_device), "{screen}");
}

#[test]
fn refused_keys_end_it_before_more_is_asked() {
    let world = World::new();
    let before = world.both_files();
    let bob = world.fake.user_keys("bob");
    world.fake.fault(Fault::error(
        403,
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
    ));
    let screen = converse(
        &mut world.in_terminal("rolo configure new; echo \"status $?\""),
        &[
            ("Access key id [none]: ", &bob.id),
            ("Secret access key [none]: ", &bob.secret),
            ("Region [none]: ", "eu-west-1"),
            ("Output format [none]: ", ""),
        ],
    );
    assert!(screen.contains("status 5") && !screen.contains("Role ARN"), "{screen}");
    assert_eq!(world.both_files(), before);
}

#[test]
fn unchecked_answers_are_taken_as_they_are() {
    let world = World::fresh();
    let screen = converse(
        &mut world.in_terminal("rolo configure new --no-verify; echo \"status $?\""),
        &[
            ("Access key id [none]: ", "test"),
            ("Secret access key [none]: ", "test"),
            ("Region [none]: ", "local"),
            ("Output format [none]: ", ""),
            ("Role ARN [none]: ", "Admin"),
            ("Source profile [none]: ", "nowhere"),
            ("MFA serial [none]: ", "ada"),
        ],
    );
    assert!(screen.contains("status 0"), "{screen}");
    assert!(world.calls().is_empty());
    assert_eq!(
        world.both_files(),
        [
            "[profile new]\nregion = local\nrole_arn = Admin\nsource_profile = nowhere\nmfa_serial = ada\n",
            "[new]\naws_access_key_id = test\naws_secret_access_key = test\n"
        ]
    );
}

#[test]
fn a_dash_removes_what_is_there() {
    let world = World::new();
    let screen = converse(
        &mut world.in_terminal("rolo configure prod; rolo configure other"),
        &[
            ("Access key id [none]: ", ""),
            ("Region [eu-central-1]: ", "-"),
            ("Output format [none]: ", ""),
            ("Role ARN [arn:aws:iam::333344445555:role/Admin]: ", "-"),
            ("Access key id [", "-"),
            ("Region [eu-central-1]: ", ""),
            ("Output format [none]: ", ""),
            ("Role ARN [none]: ", ""),
        ],
    );
    assert!(screen.contains("profile `prod` is written to `~/.aws/config`"), "{screen}");
    let [config, credentials] = world.both_files();
    assert!(config.contains(&format!("[profile prod]\nmfa_serial = {DEVICE}\n")), "{config}");
    assert!(credentials.ends_with("\n[other]\n"), "{credentials}");
}
