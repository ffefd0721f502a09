//! PROFILE in its three forms, and what the command line changes about a role.

use fake_aws::{FakeAws, Role, Trust, User};

use crate::world::{PRODUCTION, STAGING, World, aws};

const PLAIN: &str = "arn:aws:iam::222233334444:role/Plain";
const HOP: &str = "arn:aws:iam::222233334444:role/Hop";
const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;

/// The parameter of the last AssumeRole.
fn sent(world: &World, name: &str) -> Option<String> {
    world.fake.calls_of("AssumeRole").last().unwrap().param(name).map(str::to_owned)
}

#[test]
fn a_role_starts_from_the_source_profile_or_the_default_chain() {
    let mut world = World::new();
    for target in [PLAIN, "222233334444:Plain"] {
        world.keys(&[target, "--source-profile", "other", "--refresh"]);
        assert_eq!(sent(&world, "RoleArn").as_deref(), Some(PLAIN));
        assert_eq!(world.fake.calls()[0].access_key_id, Some(world.fake.user_keys("bob").id));
        assert_eq!(world.calls(), ["AssumeRole"]);
    }
    // `AWS_PROFILE`, then keys of the environment, which come first.
    world.set("AWS_PROFILE", "identity");
    world.keys(&[PLAIN]);
    assert_eq!(world.fake.calls()[0].access_key_id, Some(world.fake.user_keys("ada").id));
    world.calls();
    let bob = world.fake.user_keys("bob");
    world.set("AWS_ACCESS_KEY_ID", bob.id.clone());
    world.set("AWS_SECRET_ACCESS_KEY", bob.secret);
    world.keys(&["222233334444:Hop"]);
    assert_eq!(world.fake.calls()[0].access_key_id, Some(bob.id));
    // Over a profile that assumes a role, the role is the next in the chain.
    world.calls();
    world.keys(&["333344445555:Audit", "--source-profile", "hop"]);
    assert_eq!(world.calls(), ["AssumeRole", "AssumeRole"]);
}

#[test]
fn a_role_takes_the_device_of_its_source() {
    let world = World::new();
    world.edit_config(
        "[profile identity]\n",
        "[profile identity]\nmfa_serial = arn:aws:iam::111122223333:mfa/ada\n",
    );
    let code = world.fake.mfa_code("ada");
    world.keys(&["333344445555:Admin", "--source-profile", "identity", "--mfa-code", &code]);
    assert_eq!(world.calls(), ["GetSessionToken", "AssumeRole"]);
    world.keys(&["222233334444:Developer", "--source-profile", "identity"]);
    assert_eq!(world.calls(), ["AssumeRole"]);
}

#[test]
fn a_role_lies_in_the_partition_of_its_source() {
    for (region, partition) in [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")] {
        let aws = FakeAws::builder().partition(partition);
        let aws = ["ada", "bob"].into_iter().fold(aws, |aws, user| aws.user(User::new("111122223333", user)));
        let world =
            World::of(aws.role(Role::new(STAGING, "Plain").path("/team/").trusts(Trust::of("111122223333"))));
        world.config(&format!("[profile identity]\nregion = {region}\n"));
        world.keys(&["222233334444:team/Plain", "--source-profile", "identity", "--read-only"]);
        assert_eq!(
            sent(&world, "RoleArn"),
            Some(format!("arn:{partition}:iam::222233334444:role/team/Plain"))
        );
        assert_eq!(
            sent(&world, "PolicyArns.member.1.arn"),
            Some(format!("arn:{partition}:iam::aws:policy/ReadOnlyAccess"))
        );
    }
}

#[test]
fn a_profile_of_exactly_that_name_comes_first() {
    let world = World::new();
    world.add_config(&format!(
        "[profile 222233334444:Plain]\nrole_arn = {HOP}\nsource_profile = identity\nregion = eu-west-1\n"
    ));
    world.keys(&["222233334444:Plain"]);
    assert_eq!(sent(&world, "RoleArn").as_deref(), Some(HOP));
}

#[test]
fn role_arn_replaces_adds_or_stands_alone() {
    let mut world = World::new();
    // In place of the profile's.
    world.keys(&["plain", "--role-arn", HOP]);
    assert_eq!(sent(&world, "RoleArn").as_deref(), Some(HOP));
    assert_eq!(world.calls(), ["AssumeRole"]);
    // On top of keys.
    world.keys(&["other", "--role-arn", HOP]);
    assert_eq!(world.fake.calls()[0].access_key_id, Some(world.fake.user_keys("bob").id));
    assert_eq!(world.calls(), ["AssumeRole"]);
    // Alone, over the default chain.
    world.set("AWS_PROFILE", "identity");
    world.keys(&["--role-arn", PLAIN]);
    assert_eq!(sent(&world, "RoleArn").as_deref(), Some(PLAIN));
    world.calls();
    // Two roles are one too many.
    let stderr = world.rolo(&["process", PLAIN, "--role-arn", HOP]).failed(2);
    assert!(stderr.contains("names a role, and `--role-arn` another"), "{stderr}");
    world.rolo(&["process", "--role-arn", "arn:aws:iam::1:role"]).failed(2);
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn every_option_reaches_sts() {
    let world = World::new();
    world.keys(&[
        "vendor",
        "--external-id",
        "handshake",
        "--role-session-name",
        "job-7",
        "--duration",
        "90m",
        "--tag",
        "team=blue",
        "--tag",
        "cost=a=b",
        "--transitive-tag",
        "team",
        "--source-identity",
        "ada",
        "--policy",
        POLICY,
        "--policy-arn",
        "arn:aws:iam::aws:policy/SecurityAudit",
        "--read-only",
        "--region",
        "us-east-2",
    ]);
    for (name, value) in [
        ("ExternalId", "handshake"),
        ("RoleSessionName", "job-7"),
        ("DurationSeconds", "5400"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "blue"),
        ("Tags.member.2.Key", "cost"),
        ("Tags.member.2.Value", "a=b"),
        ("TransitiveTagKeys.member.1", "team"),
        ("SourceIdentity", "ada"),
        ("Policy", POLICY),
        ("PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/SecurityAudit"),
        ("PolicyArns.member.2.arn", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    ] {
        assert_eq!(sent(&world, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(world.fake.calls()[0].region.as_deref(), Some("us-east-2"));
    // What the profile says holds where no option speaks.
    world.keys(&["vendor", "--role-session-name", "job-8"]);
    assert_eq!(sent(&world, "ExternalId").as_deref(), Some("handshake"));
    world.rolo(&["process", "vendor", "--external-id", "wrong"]).failed(5);
}

#[test]
fn a_policy_is_json_or_a_file() {
    let world = World::new();
    let file = world.write("policy.json", &format!("{POLICY}\n"));
    for policy in ["policy.json", file.to_str().unwrap(), &format!("file://{}", file.display())] {
        world.keys(&["plain", "--policy", policy, "--refresh"]);
        assert_eq!(sent(&world, "Policy").map(|sent| sent.trim_end().to_owned()).as_deref(), Some(POLICY));
    }
    world.calls();
    let stderr = world.rolo(&["process", "plain", "--policy", "none.json"]).failed(2);
    assert!(stderr.contains("the policy file `none.json` could not be read"), "{stderr}");
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn an_hour_is_the_most_that_a_chain_gives() {
    let world = World::new();
    let stderr = world.rolo(&["process", "audit", "--duration", "61m"]).failed(2);
    assert!(stderr.contains("lasts 1 h at the most, not 3660 s"), "{stderr}");
    world.rolo(&["exec", "--duration", "61m", "audit", "true"]).failed(125);
    world.rolo(&["process", "plain", "--duration", "10m"]).failed(2);
    assert_eq!(world.calls(), [""; 0]);
    world.keys(&["audit", "--duration", "1h"]);
    // In the file it is a warning: STS decides, and says so.
    world.edit_config("role/Audit\n", "role/Audit\nduration_seconds = 7200\n");
    let stderr = world.rolo(&["process", "audit"]).failed(5);
    assert!(
        stderr.contains("warning: a role taken on from temporary credentials lasts 1 h at the most"),
        "{stderr}"
    );
    assert!(stderr.contains("(at ~/.aws/config:") || stderr.contains(".aws/config:"), "{stderr}");
    assert!(
        stderr.contains("exceeds the 1 hour session limit for roles assumed by role chaining"),
        "{stderr}"
    );
}

#[test]
fn options_of_a_role_without_a_role_are_refused() {
    let world = World::new();
    for options in [
        ["--external-id", "x1"],
        ["--role-session-name", "job-7"],
        ["--duration", "1h"],
        ["--policy", POLICY],
        ["--policy-arn", "arn:aws:iam::aws:policy/SecurityAudit"],
        ["--read-only", "-q"],
        ["--tag", "team=blue"],
        ["--transitive-tag", "team"],
        ["--source-identity", "ada"],
        ["--source-profile", "other"],
    ] {
        let stderr = world.rolo(&[&["process", "identity"], options.as_slice()].concat()).failed(2);
        assert!(stderr.contains("needs a role, and profile `identity` assumes none"), "{stderr}");
    }
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn another_source_can_be_named() {
    let world = World::new();
    world.keys(&["plain", "--source-profile", "other"]);
    assert_eq!(world.fake.calls()[0].access_key_id, Some(world.fake.user_keys("bob").id));
    world.rolo(&["process", "plain", "--source-profile", "nobody"]).failed(3);
}

#[test]
fn tags_of_the_config_go_with_those_of_the_command_line() {
    let world = World::of(aws().role(Role::new(PRODUCTION, "Tagged").trusts(Trust::of("111122223333"))));
    world.add_config(
        "[profile tagged]\nrole_arn = arn:aws:iam::333344445555:role/Tagged\nsource_profile = identity\nregion = eu-west-1\n\
         session_tags = team=red, cost = 12\ntransitive_session_tags = team\nsource_identity = ada\n",
    );
    world.keys(&["tagged", "--tag", "team=blue"]);
    assert_eq!(sent(&world, "Tags.member.1.Key").as_deref(), Some("cost"));
    assert_eq!(sent(&world, "Tags.member.1.Value").as_deref(), Some("12"));
    assert_eq!(sent(&world, "Tags.member.2.Value").as_deref(), Some("blue"));
    assert_eq!(sent(&world, "TransitiveTagKeys.member.1").as_deref(), Some("team"));
    assert_eq!(sent(&world, "SourceIdentity").as_deref(), Some("ada"));
}
