//! One code a day: how MFA sessions are made, shared, renewed and done without.

use std::fs;

use fake_aws::Fault;

use crate::world::{Ran, World};

/// `rolo process ARGS…` with a code in `ROLO_MFA_CODE`.
fn with_code(world: &mut World, code: &str, args: &[&str]) -> Ran {
    world.set("ROLO_MFA_CODE", code);
    let ran = world.rolo(&[&["process"], args].concat());
    world.unset("ROLO_MFA_CODE");
    ran
}

/// The MFA sessions that rolo keeps.
fn sessions(world: &World) -> usize {
    let entries = world.rolo(&["cache", "list", "--json"]).json();
    entries.as_array().unwrap().iter().filter(|entry| entry["kind"] == "mfa-session").count()
}

#[test]
fn one_code_opens_every_role_of_the_device() {
    let mut world = World::new();
    let code = world.fake.mfa_code("ada");
    with_code(&mut world, &code, &["prod"]).keys();
    world.keys(&["dev"]);
    let calls = world.fake.calls();
    assert_eq!(world.calls(), ["GetSessionToken", "AssumeRole", "AssumeRole"]);
    assert_eq!(calls[0].param("TokenCode"), Some(code.as_str()));
    assert_eq!(calls[0].param("SerialNumber"), Some("arn:aws:iam::111122223333:mfa/ada"));
    assert_eq!(calls[0].param("DurationSeconds"), Some("43200"));
    for role in &calls[1..] {
        assert_eq!(role.access_key_id, calls[0].issued, "the session signs");
        assert_eq!((role.param("SerialNumber"), role.param("TokenCode")), (None, None));
    }
    // A renewal asks nobody either.
    world.keys(&["prod", "--refresh"]);
    assert_eq!(world.calls(), ["AssumeRole"]);
}

#[test]
fn a_role_over_an_hour_takes_the_code_itself() {
    let mut world = World::new();
    let code = world.fake.mfa_code("ada");
    with_code(&mut world, &code, &["prod", "--duration", "2h"]).keys();
    let calls = world.fake.calls();
    assert_eq!(world.calls(), ["AssumeRole"]);
    assert_eq!(calls[0].param("DurationSeconds"), Some("7200"));
    assert_eq!(calls[0].param("TokenCode"), Some(code.as_str()));
    assert_eq!(calls[0].access_key_id, Some(world.fake.user_keys("ada").id));

    world.edit_config("role/Developer\n", "role/Developer\nduration_seconds = 3601\n");
    let next = world.fake.next_mfa_code("ada");
    with_code(&mut world, &next, &["dev"]).keys();
    assert_eq!(world.fake.calls()[0].param("DurationSeconds"), Some("3601"));
    assert_eq!(world.calls(), ["AssumeRole"]);
    assert_eq!(sessions(&world), 0);
}

#[test]
fn an_hour_is_no_reason_for_a_code() {
    let mut world = World::new();
    world.edit_config("role/Developer\n", "role/Developer\nduration_seconds = 3600\n");
    let code = world.fake.mfa_code("ada");
    with_code(&mut world, &code, &["dev"]).keys();
    assert_eq!(world.calls(), ["GetSessionToken", "AssumeRole"]);
}

#[test]
fn without_mfa_sessions_all_is_as_with_the_aws_cli() {
    let mut world = World::new();
    let code = world.fake.mfa_code("ada");
    with_code(&mut world, &code, &["prod"]).keys();
    assert_eq!(sessions(&world), 1);
    world.calls();

    // An MFA session that is there is not read, by flag or by setting.
    let next = world.fake.next_mfa_code("ada");
    with_code(&mut world, &next, &["dev", "--no-mfa-session"]).keys();
    let calls = world.fake.calls();
    assert_eq!(world.calls(), ["AssumeRole"]);
    assert_eq!(calls[0].param("TokenCode"), Some(next.as_str()));
    assert_eq!(calls[0].param("SerialNumber"), Some("arn:aws:iam::111122223333:mfa/ada"));

    let mut world = World::new();
    world.settings("mfa_session = \"off\"\n");
    let code = world.fake.mfa_code("ada");
    with_code(&mut world, &code, &["prod"]).keys();
    assert_eq!(world.fake.calls()[0].param("TokenCode"), Some(code.as_str()));
    assert_eq!(world.calls(), ["AssumeRole"]);
    assert_eq!(sessions(&world), 0);
}

#[test]
fn keys_with_a_device_hand_over_their_session() {
    let mut world = World::new();
    world.edit_config(
        "[profile identity]\n",
        "[profile identity]\nmfa_serial = arn:aws:iam::111122223333:mfa/ada\n",
    );
    let long_term = world.fake.user_keys("ada");
    let code = world.fake.mfa_code("ada");
    let session = with_code(&mut world, &code, &["identity"]).keys();
    assert_eq!(world.calls(), ["GetSessionToken"]);
    assert!(session.id != long_term.id && session.token.is_some() && session.expiration.is_some());
    assert_eq!(world.keys(&["identity"]), session);
    // The same session opens the roles over these keys.
    world.keys(&["prod"]);
    assert_eq!(world.calls(), ["AssumeRole"]);

    let raw = world.keys(&["identity", "--no-mfa-session"]);
    assert_eq!((raw.id, raw.secret, raw.token, raw.expiration), (long_term.id, long_term.secret, None, None));
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn a_session_lasts_as_long_as_it_is_set_to() {
    let mut world = World::new();
    world.settings("mfa_session_duration = \"36h\"\n");
    let code = world.fake.mfa_code("ada");
    with_code(&mut world, &code, &["prod"]).keys();
    assert_eq!(world.fake.calls_of("GetSessionToken")[0].param("DurationSeconds"), Some("129600"));
}

#[test]
fn mfa_process_gives_the_code_without_a_shell() {
    let world = World::new();
    let script =
        world.script("bin/code of the day", "printf '%s\\n' \"$@\" > \"$HOME/words\"; cat \"$HOME/code\"");
    world.write("code", &format!("{}\n", world.fake.mfa_code("ada")));
    let command = format!("'{}' \"two words\" $HOME;ls", script.display());
    world.edit_config("role/Admin\n", &format!("role/Admin\nmfa_process = {command}\n"));
    world.keys(&["prod"]);
    assert_eq!(world.calls(), ["GetSessionToken", "AssumeRole"]);
    assert_eq!(fs::read_to_string(world.path("words")).unwrap(), "two words\n$HOME;ls\n");
}

#[test]
fn mfa_process_of_the_source_serves_its_roles() {
    let world = World::new();
    let code = world.fake.mfa_code("ada");
    world.edit_config("[profile identity]\n", &format!("[profile identity]\nmfa_process = echo {code}\n"));
    world.keys(&["prod"]);
    assert_eq!(world.fake.calls()[0].param("TokenCode"), Some(code.as_str()));
    // With the code in the call itself, it is the same device, and so the same program.
    let next = world.fake.next_mfa_code("ada");
    world.edit_config(&format!("echo {code}"), &format!("echo {next}"));
    world.keys(&["dev", "--no-mfa-session"]);
    assert_eq!(world.fake.calls().last().unwrap().param("TokenCode"), Some(next.as_str()));
}

#[test]
fn an_mfa_process_that_gives_no_code_is_said_and_nothing_is_sent() {
    for (command, said) in [
        ("false", "`mfa_process` failed: `false` ended with exit code 1"),
        ("echo twelve", "`mfa_process` failed: what it printed is not six digits"),
        ("true", "`mfa_process` failed: what it printed is not six digits"),
        ("rolo-no-such-program", "`mfa_process` failed: `rolo-no-such-program`: "),
        ("'open", "`mfa_process` failed: it has an unclosed quote"),
    ] {
        let world = World::new();
        world.edit_config("role/Admin\n", &format!("role/Admin\nmfa_process = {command}\n"));
        let stderr = world.rolo(&["process", "prod"]).failed(1);
        assert!(stderr.contains(said), "{stderr}");
        assert!(!stderr.contains("twelve"), "what it printed may be half a secret: {stderr}");
        assert_eq!(world.calls(), [""; 0]);
    }
}

#[test]
fn a_code_of_another_form_is_never_sent() {
    let mut world = World::new();
    for code in ["12345", "1234567", "12345a", "１２３４５６", "12-456"] {
        let stderr = world.rolo(&["process", "prod", "--mfa-code", code]).failed(2);
        assert!(stderr.contains("the MFA code in `--mfa-code` is not six digits"), "{stderr}");
        assert!(!stderr.contains(code), "{stderr}");
        let stderr = with_code(&mut world, code, &["prod"]).failed(2);
        assert!(stderr.contains("the MFA code in `ROLO_MFA_CODE` is not six digits"), "{stderr}");
    }
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn a_given_code_that_is_refused_is_sent_once() {
    let world = World::new();
    let wrong = ["000000", "111111"]
        .into_iter()
        .find(|wrong| (-2..=2).all(|step| world.fake.mfa_code_in_steps("ada", step) != *wrong))
        .unwrap();
    let stderr = world.rolo(&["process", "prod", "--mfa-code", wrong]).failed(5);
    assert!(stderr.contains("the MFA code for `arn:aws:iam::111122223333:mfa/ada` was refused"), "{stderr}");
    assert_eq!(world.calls(), ["GetSessionToken"]);
}

#[test]
fn a_spent_code_is_never_sent_again() {
    let mut world = World::new();
    let code = world.fake.mfa_code("ada");
    with_code(&mut world, &code, &["prod"]).keys();
    world.calls();
    for args in [["dev", "--no-mfa-session"], ["prod", "--duration=2h"]] {
        let stderr = with_code(&mut world, &code, &args).failed(4);
        assert!(stderr.contains("the MFA code in `ROLO_MFA_CODE` was used already"), "{stderr}");
        assert!(stderr.contains("hint: the device shows the next code in "), "{stderr}");
    }
    assert_eq!(world.calls(), [""; 0]);
    let next = world.fake.next_mfa_code("ada");
    with_code(&mut world, &next, &["prod", "--duration=2h"]).keys();
    // What is remembered cannot be typed.
    for file in world.files(".cache/rolo/mfa") {
        let text = fs::read_to_string(&file).unwrap();
        assert!(!text.contains(&code) && !text.contains(&next), "{text}");
    }
}

#[test]
fn a_code_whose_answer_was_lost_counts_as_spent() {
    let mut world = World::new();
    world.set("AWS_MAX_ATTEMPTS", "1");
    world.fake.fault(Fault::cut_midway().on("GetSessionToken"));
    let code = world.fake.mfa_code("ada");
    with_code(&mut world, &code, &["prod"]).failed(6);
    assert_eq!(world.calls(), ["GetSessionToken"]);
    with_code(&mut world, &code, &["prod"]).failed(4);
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn a_code_that_came_with_a_refusal_is_spent_too() {
    let mut world = World::new();
    let code = world.fake.mfa_code("ada");
    let args = ["audit", "--source-profile", "identity", "--mfa-serial", "arn:aws:iam::111122223333:mfa/ada"];
    let args = [args.as_slice(), &["--no-mfa-session"]].concat();
    with_code(&mut world, &code, &args).failed(5);
    world.calls();
    with_code(&mut world, &code, &args).failed(4);
    assert_eq!(world.calls(), [""; 0]);
    // AWS never looked at a code from a caller that it does not know.
    world.credentials("[identity]\naws_access_key_id = AKIAX\naws_secret_access_key = x\n");
    let next = world.fake.next_mfa_code("ada");
    for _ in 0..2 {
        with_code(&mut world, &next, &["prod"]).failed(5);
    }
    assert_eq!(world.calls(), ["GetSessionToken", "GetSessionToken"]);
}

#[test]
fn where_nobody_can_be_asked_the_remedy_is_told() {
    let world = World::new();
    let remedy =
        "hint: run it at a terminal, or give the code: `--mfa-code CODE`, `ROLO_MFA_CODE`, or `mfa_process`";
    for (args, code) in [
        (vec!["process", "prod"], 4),
        (vec!["export", "prod"], 4),
        (vec!["whoami", "prod"], 4),
        (vec!["exec", "prod", "true"], 125),
        (vec!["exec", "prod"], 125),
    ] {
        let stderr = world.rolo(&args).failed(code);
        assert!(stderr.contains(remedy), "{stderr}");
    }
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn a_session_that_aws_has_ended_is_made_anew() {
    let mut world = World::new();
    let code = world.fake.mfa_code("ada");
    with_code(&mut world, &code, &["prod"]).keys();
    world.fake.expire_credentials();
    world.calls();
    let next = world.fake.next_mfa_code("ada");
    with_code(&mut world, &next, &["dev"]).keys();
    assert_eq!(world.calls(), ["AssumeRole", "GetSessionToken", "AssumeRole"]);
    // And where there is no code for a new one, it is said what is missing.
    world.fake.expire_credentials();
    let stderr = world.rolo(&["process", "dev", "--refresh"]).failed(4);
    assert!(stderr.contains("an MFA code for `arn:aws:iam::111122223333:mfa/ada` is needed"), "{stderr}");
    assert_eq!(world.calls(), ["AssumeRole"]);
}

#[test]
fn a_refusal_is_no_reason_to_give_up_a_session_where_nobody_can_be_asked() {
    let mut world = World::new();
    let code = world.fake.mfa_code("ada");
    with_code(&mut world, &code, &["prod"]).keys();
    world.calls();
    world.edit_config("role/Developer\n", "role/Nobody\n");
    world.rolo(&["process", "dev"]).failed(5);
    assert_eq!(world.calls(), ["AssumeRole"]);
    assert_eq!(sessions(&world), 1);
    world.keys(&["prod", "--refresh"]);
}

#[test]
fn two_keys_of_one_device_and_two_devices_have_sessions_of_their_own() {
    let mut world = World::new();
    let code = world.fake.mfa_code("ada");
    with_code(&mut world, &code, &["prod"]).keys();
    // Another user's key with the same serial is not served by ada's session.
    let stderr = world.rolo(&["process", "dev", "--source-profile", "other"]).failed(4);
    assert!(stderr.contains("an MFA code for"), "{stderr}");
    let stderr = world.rolo(&["process", "dev", "--mfa-serial", "GAHT12345678"]).failed(4);
    assert!(stderr.contains("an MFA code for `GAHT12345678` is needed"), "{stderr}");
}

#[test]
fn a_chain_begins_with_the_session_and_goes_on_without() {
    let mut world = World::new();
    world.edit_config("role/Hop\n", "role/Hop\nmfa_serial = arn:aws:iam::111122223333:mfa/ada\n");
    let code = world.fake.mfa_code("ada");
    with_code(&mut world, &code, &["audit"]).keys();
    let calls = world.fake.calls();
    assert_eq!(world.calls(), ["GetSessionToken", "AssumeRole", "AssumeRole"]);
    assert_eq!(calls[2].access_key_id, calls[1].issued);
    assert!(calls[1..].iter().all(|call| call.param("TokenCode").is_none()));
}
