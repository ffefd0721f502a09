//! What would end a run before its first call is explained as the run would say it, with its exit code.

use crate::world::World;

const TOKEN_FILE: &str = "\
[profile web]
role_arn = arn:aws:iam::222233334444:role/Plain
web_identity_token_file = /nowhere/token
region = eu-west-1

[profile behind-web]
role_arn = arn:aws:iam::222233334444:role/Hop
source_profile = web
region = eu-west-1
";
const SIGN_IN: &str = "\
[profile sso]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 222233334444
sso_role_name = Reader
region = eu-west-1
";
const SHORT_IDENTITY: &str = "\
[profile short]
role_arn = arn:aws:iam::222233334444:role/Plain
source_identity = x
source_profile = identity
region = eu-west-1
";

/// Explains `profile` and runs it; both must end alike, and neither may call anybody.
fn error_of(world: &World, profile: &str) -> String {
    let explained = world.rolo(&["explain", "--json", "--no-mfa-session", profile]);
    let ran = world.rolo(&["process", "--no-mfa-session", profile]);
    assert_eq!(
        (explained.code, explained.stderr.lines().next()),
        (ran.code, ran.stderr.lines().next()),
        "{profile}"
    );
    assert!(world.fake.calls().is_empty(), "{profile}");
    assert_ne!(ran.code, 0, "{profile}");
    let explained: serde_json::Value = serde_json::from_str(&explained.stdout).unwrap();
    explained["error"]["text"].as_str().unwrap().to_owned()
}

#[test]
fn what_ends_a_run_before_its_first_call() {
    for (config, profile, words) in [
        (TOKEN_FILE, "web", "the token file `/nowhere/token` could not be read"),
        (TOKEN_FILE, "behind-web", "the token file `/nowhere/token` could not be read"),
        (SIGN_IN, "sso", "there is no sign-in for `https://example.awsapps.com/start`"),
        (
            SHORT_IDENTITY,
            "short",
            "AssumeRole of role `arn:aws:iam::222233334444:role/Plain` of profile `short` failed",
        ),
    ] {
        let world = World::new();
        world.config(config);
        let error = error_of(&world, profile);
        assert!(error.starts_with(&format!("error: {words}")), "{error}");
        let text = world.rolo(&["explain", profile]);
        assert!(text.stdout.contains("calls") && text.stderr.contains(words), "{text:?}");
    }
}
