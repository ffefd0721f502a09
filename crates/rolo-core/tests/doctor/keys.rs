//! Names that nobody reads, or not there.

use crate::world::World;

const KEYS: &str = "[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n";

fn world(config: &str) -> World {
    World::new(config).credentials(KEYS)
}

#[test]
fn a_typing_error_is_told_with_what_was_meant() {
    for (line, meant) in [
        ("mfa_serail = arn:aws:iam::111122223333:mfa/ada", "mfa_serial"),
        ("regoin = eu-central-1", "region"),
        ("Role-Session-Name = ada", "role_session_name"),
        ("ExternalId = abc", "external_id"),
    ] {
        let config = format!(
            "[profile a]\nrole_arn = arn:aws:iam::111122223333:role/a\nsource_profile = base\n{line}\n"
        );
        let found = world(&config).one("R040");
        assert_eq!((found.remedy, found.locations[0].line), (format!("did you mean `{meant}`?"), 4));
        assert_eq!(found.profile.as_deref(), Some("a"));
    }
}

#[test]
fn a_line_without_its_separator_tells_no_value() {
    let credentials =
        "[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key wJalrXUtnFEMI=\n";
    let found = World::new("").credentials(credentials).one("R040");
    assert_eq!(found.text, "there is no `=` behind `aws_secret_access_key`, so the setting is passed over");
    let told = World::new("")
        .credentials("[base]\nsecret is wJalrXUtnFEMI=\nsecret is wJalrXUtnFEMI=\n")
        .findings(&[]);
    assert!(!format!("{told:?}").to_lowercase().contains("wjalr"), "{told:#?}");
}

#[test]
fn strangers_are_told_and_other_tools_are_not() {
    assert_eq!(world("[profile a]\nregion = eu-central-1\nteam = x\n").codes(), ["R041 config:3"]);
    let tools = "[profile a]\nregion = eu-central-1\ngranted_sso_start_url = x\nx_principal_arn = y\nparent_profile = base\n";
    assert_eq!(world(tools).codes(), Vec::<String>::new());
}

#[test]
fn settings_in_the_wrong_place() {
    let config = "[sso-session s]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-central-1\nsso_account_id = 111122223333\n\
                  sso_registration_scope = x\n[services v]\nendpoint_url = http://localhost:1\nsts =\n  endpoint_url = http://localhost:2\n\
                  [profile a]\nregion =\n  role_arn = arn:aws:iam::111122223333:role/a\n";
    assert_eq!(
        world(config).codes(),
        ["R042 config:4", "R040 config:5", "R043 config:7", "R063 config:11", "R045 config:12"]
    );
    let credentials = "[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n\
                       [a]\nrole_arn = arn:aws:iam::111122223333:role/a\nsource_profile = base\n";
    assert_eq!(World::new("").credentials(credentials).codes(), ["R044 credentials:5"]);
}

#[test]
fn sections_that_no_profile_of_interest_names_are_left_alone() {
    let config = "[sso-session s]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-central-1\nteam = x\n\
                  [profile a]\nregion = eu-central-1\n[profile b]\nsso_session = s\nsso_account_id = 111122223333\nsso_role_name = R\n";
    let count = |name: &str| {
        let found = world(config).findings(&[name]);
        found.iter().filter(|finding| finding.check.code == "R042").count()
    };
    assert_eq!((count("a"), count("b")), (0, 1));
}
