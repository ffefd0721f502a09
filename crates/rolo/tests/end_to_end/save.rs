//! `rolo save`: a profile in the credentials file that other programs read, and whose file it is otherwise.

use std::{fs, os::unix::fs::MetadataExt};

use serde_json::{Value, json};

use crate::{
    programs::{ADMIN, PLAIN, beside},
    tools,
    world::{Ran, World, run},
};

const FILE: &str = ".aws/credentials";
const SAVED: &str = "222233334444-Plain";
const MARK: &str = "# written by rolo: `rolo save` replaces these keys, `rolo save --clean` removes them once they have expired\n";

impl World {
    fn saved(&self) -> String {
        fs::read_to_string(self.path(FILE)).unwrap()
    }

    /// `rolo save WORDS…`, which must succeed without a word; the name it prints.
    #[track_caller]
    fn save(&self, words: &[&str]) -> String {
        let name = self.rolo(&[&["save"], words].concat()).quiet();
        name.strip_suffix('\n').unwrap().to_owned()
    }

    /// Lets what is saved have expired.
    fn expire(&self, name: &str) {
        let text = self.saved();
        let section = text.find(&format!("[{name}]")).unwrap();
        let at =
            section + text[section..].find("rolo_expiration = 20").unwrap() + "rolo_expiration = 20".len();
        self.credentials(&format!("{}00{}", &text[..at], &text[at + 2..]));
    }
}

#[test]
fn the_section_holds_what_process_hands_over() {
    let world = World::new();
    let before = world.saved();
    assert_eq!(world.save(&["plain"]), SAVED);
    let keys = world.keys(&["plain"]);
    let expected = format!(
        "{before}\n[{SAVED}]\n{MARK}aws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n\
         region = eu-west-1\nrolo_expiration = {}\nrolo_role_arn = {PLAIN}\nrolo_profile = plain\n",
        keys.id,
        keys.secret,
        keys.token.unwrap(),
        keys.expiration.unwrap()
    );
    assert_eq!(world.saved(), expected);
}

#[test]
fn the_aws_cli_and_boto3_read_it() {
    let world = World::new();
    let name = world.save(&["plain"]);
    let role = PLAIN.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/");
    let key = world.keys(&["plain"]).id;
    let url = world.fake.url();
    for tool in ["aws-v1", "aws-v2"] {
        let Some(aws) = tools::find(tool) else { continue };
        let words =
            ["--profile", &name, "--endpoint-url", &url, "--output", "json", "sts", "get-caller-identity"];
        let answer: Value = run(&mut world.tool(&aws, &words)).json();
        assert!(answer["Arn"].as_str().unwrap().starts_with(&role), "{tool}: {answer}");
        let region = run(&mut world.tool(&aws, &["--profile", &name, "configure", "get", "region"]));
        assert_eq!(region.quiet(), "eu-west-1\n");
    }
    if let Some(python) = tools::find("python") {
        let answer = run(&mut world.tool(&python, &[&beside("python/who.py"), &name])).json();
        assert_eq!((&answer["key"], &answer["method"]), (&json!(key), &json!("shared-credentials-file")));
    }
}

#[test]
fn unchanged_credentials_leave_the_file_alone() {
    let world = World::new();
    world.save(&["plain"]);
    let before = fs::metadata(world.path(FILE)).unwrap();
    assert_eq!(before.mode() & 0o777, 0o644, "as it was");
    world.calls();
    world.save(&["plain"]);
    let after = fs::metadata(world.path(FILE)).unwrap();
    assert_eq!((before.ino(), before.ctime_nsec()), (after.ino(), after.ctime_nsec()));
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn new_credentials_replace_the_old_ones_and_nothing_else() {
    let world = World::new();
    world.save(&["plain"]);
    let with_more = world.saved().replace(MARK, &format!("{MARK}# mine\noutput = text\n")) + "\n# the end";
    // The token's older name would win.
    world.credentials(&with_more.replace("output", "aws_security_token = old\noutput"));
    let old = world.keys(&["plain"]);
    world.save(&["plain", "--refresh"]);
    let new = world.keys(&["plain"]);
    assert_ne!(old.id, new.id);
    let expected = with_more
        .replace(&old.id, &new.id)
        .replace(&old.secret, &new.secret)
        .replace(&old.token.unwrap(), &new.token.unwrap())
        .replace(&old.expiration.unwrap(), &new.expiration.unwrap());
    assert_eq!(world.saved(), expected);
}

#[test]
fn a_name_from_another_hand_is_never_taken() {
    let world = World::new();
    world.add_config("[profile mine]\nregion = eu-west-1\n[profile 'two words']\nx = 1\n");
    world.credentials(&format!("{}\n[hand]\n\n{MARK}aws_access_key_id = x\n", world.saved()));
    let text = world.saved();
    let config = fs::read_to_string(world.path(".aws/config")).unwrap();
    let line = |text: &str, header: &str| text.lines().position(|line| line == header).unwrap() + 1;
    let in_config = format!(".aws/config:{}", line(&config, "[profile mine]"));
    let in_credentials = format!("{FILE}:{}", line(&text, "[hand]"));
    for (name, place) in [("mine", in_config), ("hand", in_credentials)] {
        // Nobody is asked for a code first.
        let told = world.rolo(&["save", "prod", "--as", name]).failed(3);
        assert!(told.contains(&format!("profile `{name}` is there already")), "{told}");
        assert!(told.contains(&format!("at ~/{place}\nhint: ")) && told.contains("--as OTHER"), "{told}");
    }
    assert_eq!(world.rolo(&["save", "plain", "--as", "two words"]).code, 3);
    assert_eq!(world.saved(), text);
    assert_eq!(world.calls(), [""; 0]);

    // What was rolo's is the person's once the name stands in the config file too.
    world.save(&["plain"]);
    world.add_config(&format!("[profile {SAVED}]\noutput = json\n"));
    assert_eq!(world.rolo(&["save", "plain"]).code, 3);
}

#[test]
fn a_name_that_no_file_can_hold_is_refused() {
    let world = World::new();
    for name in ["", " a", "a]", "a\nb", "DEFAULT", "a #b", "a\u{1b}[2J"] {
        let told = world.rolo(&["save", "plain", "--as", name]).failed(2);
        assert!(told.contains("cannot be the name of a saved profile"), "{told}");
    }
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn the_name_is_made_of_prefix_and_role() {
    let world = World::new();
    world.settings("profile_name_prefix = \"acme\"\n");
    assert_eq!(world.save(&["plain"]), "acme-Plain");
    assert_eq!(
        world.save(&["arn:aws:iam::222233334444:role/Plain", "--source-profile", "identity"]),
        "acme-Plain"
    );
    assert_eq!(world.save(&["--role", "222233334444:Plain", "--source-profile", "identity"]), "acme-Plain");
    assert_eq!(world.save(&["plain", "--as", "given"]), "given");
    assert!(world.saved().contains("[acme-Plain]") && world.saved().contains("[given]"));

    let session = world.rolo(&["save", "identity"]);
    assert!(session.failed(2).contains("add `--as NAME`"));
}

#[test]
fn a_role_of_identity_center_is_named_by_account_and_role() {
    let world = World::new();
    world.add_config(
        "[sso-session corp]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n\
         [profile reader]\nsso_session = corp\nsso_account_id = 222233334444\nsso_role_name = Reader\n",
    );
    // SHA-1 of the session's name.
    world.write(
        ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
        r#"{"accessToken": "sso-access-token-1", "expiresAt": "2100-01-01T00:00:00Z"}"#,
    );
    assert_eq!(world.save(&["reader"]), "222233334444-Reader");
    assert!(!world.saved().contains("rolo_role_arn"));
}

#[test]
fn an_mfa_session_is_saved_and_long_term_keys_are_not() {
    let world = World::new();
    world.edit_config(
        "[profile identity]\n",
        "[profile identity]\nmfa_serial = arn:aws:iam::111122223333:mfa/ada\n",
    );
    let mut command = world.command_with_code(&["save", "identity", "--as", "session"]);
    assert_eq!(run(&mut command).quiet(), "session\n");
    assert_eq!(world.calls(), ["GetSessionToken"]);
    let saved = world.saved();
    assert!(saved.contains("aws_session_token = ") && !saved.contains("rolo_role_arn"));

    let told = world.rolo(&["save", "other", "--as", "copy"]).failed(3);
    assert!(told.contains("long-term keys"), "{told}");
    assert_eq!(world.saved(), saved);
}

#[test]
fn what_has_expired_is_cleaned_and_every_other_byte_stays() {
    let world = World::new();
    let mine = "# mine\r\n[mine]\r\naws_access_key_id : x  \r\n\r\n";
    world.credentials(&format!("{mine}{}", world.saved()));
    let before = world.saved();
    world.save(&["plain", "--as", "gone"]);
    world.save(&["plain", "--as", "added-to"]);
    world.save(&["plain", "--as", "alive"]);
    let added = world.saved().replace("\n\n[alive]", "\noutput = json\n\n[alive]");
    world.credentials(&added);
    world.expire("gone");
    world.expire("added-to");
    assert_eq!(world.rolo(&["save", "--clean"]).quiet(), "gone\nadded-to\n");
    let alive = &added[added.find("[alive]").unwrap()..];
    let expected = format!(
        "{before}\r\n[added-to]\r\n{}\r\nregion = eu-west-1\r\noutput = json\n\n{alive}",
        MARK.trim_end()
    );
    assert_eq!(world.saved().replace("\r\n", "\n"), expected.replace("\r\n", "\n"));
    assert!(world.saved().starts_with(mine));

    let left = world.saved();
    assert_eq!(world.rolo(&["save", "--clean"]).quiet(), "");
    assert_eq!(world.saved(), left);
    assert_eq!(world.save(&["plain", "--as", "added-to"]), "added-to", "it is rolo's still");
}

#[test]
fn clean_takes_no_profile() {
    let world = World::new();
    for words in [&["save", "--clean", "plain"][..], &["save", "--clean", "--as", "x"]] {
        assert_eq!(world.rolo(words).code, 2);
    }
}

#[test]
fn rolo_itself_resolves_a_saved_profile() {
    let world = World::new();
    let name = world.save(&["plain"]);
    let (direct, saved) = (world.keys(&["plain"]), world.keys(&[&name]));
    assert_eq!(direct, saved, "with its expiry");

    world.expire(&name);
    world.calls();
    let told = world.rolo(&["process", &name]).failed(3);
    let line = world.saved().lines().position(|line| line == format!("[{name}]")).unwrap() + 3;
    let at = direct.expiration.unwrap().replacen("2026", "2000", 1);
    let at = format!("20{}{}", "00", &at[4..]);
    assert_eq!(
        told,
        format!(
            "error: the credentials saved in profile `{name}` expired at {at}\n  at ~/{FILE}:{line}\n\
             hint: run `rolo save plain --as {name}`, or name `plain` itself\n"
        )
    );
    assert_eq!(world.calls(), [""; 0]);
    assert_eq!(world.save(&["plain", "--as", &name]), name);
    assert_eq!(world.keys(&[&name]), world.keys(&["plain"]));
}

#[test]
fn a_saved_profile_is_not_a_role_to_take_on() {
    let mut world = World::new();
    world.save(&["plain", "--as", "saved"]);
    world.calls();
    world.set("AWS_PROFILE", "saved");
    world.keys(&[]);
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn no_secret_is_said() {
    let world = World::new();
    let mut command = world.command_with_code(&["save", "-vv", "prod"]);
    let ran: Ran = run(&mut command);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "333344445555-Admin\n"), "{ran:?}");
    assert!(
        ran.stderr.contains(&format!("profile `333344445555-Admin` is in `{}", world.path("").display())),
        "{ran:?}"
    );
    let keys = world.keys(&["prod"]);
    let said = ran.stderr + &world.rolo(&["save", "-vv", "prod"]).stderr;
    assert!(said.contains("was in") && said.contains(ADMIN));
    for secret in [&keys.secret, &keys.token.unwrap()] {
        assert!(!said.contains(secret.as_str()), "{said}");
    }
}

#[test]
fn a_file_that_is_not_understood_stops_it() {
    let world = World::new();
    world.credentials(&format!("{}nonsense\n", world.saved()));
    let text = world.saved();
    let told = world.rolo(&["save", "plain"]).failed(3);
    assert!(told.contains(&format!("at ~/{FILE}:{}", text.lines().count())), "{told}");
    assert!(world.rolo(&["save", "--clean"]).failed(3).contains("cannot be read"));
    assert_eq!(world.saved(), text);
}
