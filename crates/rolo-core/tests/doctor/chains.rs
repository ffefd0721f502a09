//! Ways to credentials that end nowhere, or somewhere else than they seem to.

use crate::world::World;

/// Four lines: an IAM user's own keys.
const BASE: &str = "[profile base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\nregion = eu-central-1\n";

/// [`BASE`] in the credentials file, and this config.
fn world(config: &str) -> World {
    World::new(config).credentials(BASE.replace("profile ", "").replace("region = eu-central-1\n", ""))
}

fn role(name: &str, more: &str) -> String {
    format!("[profile {name}]\nrole_arn = arn:aws:iam::111122223333:role/{name}\n{more}\n")
}

#[test]
fn what_does_not_resolve_has_a_code_and_its_line() {
    for (more, expected) in [
        ("source_profile = nosuch", "R020 config:3"),
        ("source_profile = a", "R021 config:3"),
        ("source_profile = base\ncredential_source = Environment", "R022 config:3"),
        ("", "R023 config:2"),
        ("source_profile = base\nendpoint_url = http://localhost:1", "R024 config:4"),
        ("credential_source = EcsContainer", "R025 config:3"),
        ("source_profile = empty\n[profile empty]\noutput = json", "R026 config:4"),
        ("source_profile = half\n[profile half]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE", "R027 config:5"),
        ("source_profile = half\n[profile half]\naws_secret_access_key = secret", "R027 config:5"),
        ("source_profile = t\n[profile t]\nweb_identity_token_file = /t", "R028 config:5"),
        ("source_profile = s\n[profile s]\nsso_account_id = 111122223333", "R029 config:5"),
        (
            "source_profile = s\n[profile s]\nsso_account_id = 111122223333\nsso_role_name = R\nsso_session = x",
            "R029 config:7",
        ),
        ("source_profile = base\nservices = x", "R031 config:4"),
        (
            "source_profile = l\n[profile l]\nlogin_session = arn:aws:iam::111122223333:user/ada",
            "R034 config:5",
        ),
        ("credential_source = environment", "R077 config:3"),
    ] {
        assert_eq!(world(&role("a", more)).codes(), [expected], "{more}");
    }
    let session = "[profile s]\nsso_session = x\nsso_account_id = 111122223333\nsso_role_name = R\nsso_region = eu-west-1\n\
                   [sso-session x]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-central-1\n";
    assert_eq!(world(session).codes(), ["R030 config:5"]);
}

#[test]
fn a_circle_is_told_once_with_all_that_lead_into_it() {
    let config = role("a", "source_profile = b")
        + &role("b", "source_profile = a")
        + &role("c", "source_profile = a")
        + &role("d", "source_profile = c");
    let found = world(&config).one("R021");
    assert_eq!(found.text, "`source_profile` loops: `a` -> `b` -> `a`");
    assert_eq!(found.locations.iter().map(|at| at.line).collect::<Vec<_>>(), [3, 6]);
    assert_eq!(found.breaks, ["c", "d"]);
}

#[test]
fn a_broken_source_is_told_once_with_all_that_lead_to_it() {
    let config = role("a", "source_profile = base2") + &role("b", "source_profile = a") + &role("base2", "");
    let found = world(&config).one("R023");
    assert_eq!((found.profile.as_deref(), found.locations[0].line), (Some("base2"), 8));
    assert_eq!(found.breaks, ["a", "b"]);
    // A profile that is not read is what was meant.
    let config = role("a", "source_profile = prod") + "[prod]\nregion = eu-central-1\n";
    let found = world(&config).one("R020");
    assert_eq!(found.remedy, "write `[profile prod]` in place of `[prod]` in the config file");
    let config = role("a", "source_profile = prod");
    let found = World::new(config)
        .credentials("[profile prod]\naws_access_key_id = x\naws_secret_access_key = y\n")
        .one("R020");
    assert_eq!(found.remedy, "write `[prod]` in place of `[profile prod]` in the credentials file");
    let found = world(&role("a", "credential_process = /usr/bin/true")).one("R023");
    assert!(
        found.remedy.starts_with("remove `role_arn`, so that `credential_process` counts"),
        "{}",
        found.remedy
    );
}

#[test]
fn a_misspelt_key_is_told_and_not_what_follows_from_it() {
    assert_eq!(world(&role("a", "source_profle = base")).codes(), ["R040 config:3"]);
    let config = "[profile a]\nrolearn = arn:aws:iam::111122223333:role/a\nsource_profile = base\n";
    assert_eq!(world(config).codes(), ["R040 config:2"]);
}

#[test]
fn programs_that_lead_back_to_themselves() {
    let process = |name: &str, command: &str| format!("[profile {name}]\ncredential_process = {command}\n");
    let config = process("a", "/usr/bin/rolo process b")
        + &role("b", "source_profile = c")
        + &process("c", "rolo process -q --duration 1h d")
        + &process("d", "aws configure export-credentials --profile a")
        + &process("e", "rolo process --profile=a")
        + &process("f", "aws-vault export --format=json f");
    let found = world(&config).one("R032");
    assert_eq!(found.text, "`credential_process` goes in a circle: `a` -> `c` -> `d` -> `a`");
    assert_eq!(world(&process("a", "rolo process base")).codes(), Vec::<String>::new());
    // A role comes before the program, which therefore never runs.
    let outranked = role("a", "source_profile = base\ncredential_process = rolo process a");
    assert_eq!(world(&outranked).codes(), ["R035 config:4"]);
}

#[test]
fn two_ways_in_one_profile() {
    let keys = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n";
    assert_eq!(world(&role("a", &format!("source_profile = base\n{keys}"))).codes(), ["R036 config:4"]);
    assert_eq!(world(&role("a", &format!("source_profile = a\n{keys}"))).codes(), Vec::<String>::new());
    let both = "[profile a]\ncredential_process = /usr/bin/true\n".to_owned() + keys;
    let found = world(&both).one("R035");
    assert_eq!(
        found.text,
        "the access key is not used: `credential_process` of the same profile comes before it"
    );
}

#[test]
fn keys_of_a_source_end_the_chain() {
    let keys = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret";
    let config = role("a", "source_profile = b") + &role("b", &format!("source_profile = base\n{keys}"));
    assert_eq!(world(&config).codes(), ["R037 config:3", "R036 config:7"]);
}

#[test]
fn longer_than_a_role_lasts() {
    let config =
        role("a", "source_profile = b\nduration_seconds = 7200") + &role("b", "source_profile = base");
    assert_eq!(world(&config).codes(), ["R038 config:4"]);
    let config = role("a", "source_profile = base\nduration_seconds = 7200");
    assert_eq!(world(&config).codes(), Vec::<String>::new());
    let mfa = "mfa_serial = arn:aws:iam::111122223333:mfa/ada";
    let config = role("a", &format!("source_profile = base\nduration_seconds = 7200\n{mfa}"));
    assert_eq!(world(&config).codes(), ["R039 config:4"]);
}

#[test]
fn settings_of_a_role_without_one() {
    assert_eq!(
        world("[profile a]\nregion = eu-central-1\nsource_profile = base\n").codes(),
        ["R033 config:3"]
    );
}
