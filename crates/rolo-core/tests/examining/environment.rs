//! Variables: each check with the environment that shows it, and the environments of healthy shells, which show nothing.

use crate::world::{World, codes, render};

const CONFIG: &str = "\
[default]
region = eu-west-1
[profile dev]
role_arn = arn:aws:iam::222233334444:role/Dev
source_profile = base
region = eu-central-1
[profile base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = secret
";
const LONG_TERM: [(&str, &str); 2] =
    [("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "hunter2")];
const TEMPORARY: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "hunter2"),
    ("AWS_SESSION_TOKEN", "hunter2"),
];

fn world() -> World {
    World::new(CONFIG)
}

/// The codes that the environment shows.
fn seen(world: &World) -> String {
    codes(&world.findings("R080", "R099"))
}

fn told(world: &World) -> String {
    let findings = world.findings("R080", "R099");
    for finding in &findings {
        assert!(!format!("{finding:?}").contains("hunter2"), "{finding:?}");
    }
    render(&findings)
}

#[test]
fn healthy_shells_show_nothing() {
    for pairs in [
        &[][..],
        &[("AWS_PROFILE", "dev")],
        &[("AWS_PROFILE", "dev"), ("AWS_DEFAULT_PROFILE", "dev")],
        &[("AWS_REGION", "eu-central-1"), ("AWS_DEFAULT_REGION", "eu-central-1"), ("AWS_PROFILE", "dev")],
        &[("AWS_EC2_METADATA_DISABLED", "TRUE"), ("AWS_SDK_LOAD_CONFIG", "1")],
        &[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1")],
        &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials")],
        &[("AWS_ROLE_ARN", "arn:aws:iam::222233334444:role/Pod"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token")],
        &[("AWS_SSO_PROFILE", "dev"), ("AWS_PROFILE", "dev")],
    ] {
        let world = world().vars(pairs);
        let mut findings = world.findings("R080", "R099");
        findings.retain(|finding| !matches!(finding.check.code, "R096"));
        assert_eq!(render(&findings), "", "{pairs:?}");
    }
}

#[test]
fn shells_with_credentials_show_nothing() {
    let good = "2026-11-21T13:00:00Z";
    // `default` holds no credentials here, so nothing is hidden.
    for pairs in [
        &LONG_TERM[..],
        &TEMPORARY,
        &[&TEMPORARY[..], &[("AWS_CREDENTIAL_EXPIRATION", good), ("AWS_VAULT", "dev")]].concat(),
        &[&TEMPORARY[..], &[("AWS_SECURITY_TOKEN", "hunter2")]].concat(),
        // What `aws-vault exec --ecs-server` hands over.
        &[("AWS_VAULT", "dev"), ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9000/")],
        // What rolo hands over.
        &[
            &TEMPORARY[..],
            &[
                ("ROLO_PROFILE", "dev"),
                ("AWSUME_PROFILE", "dev"),
                ("AWS_CREDENTIAL_EXPIRATION", good),
                ("AWS_REGION", "us-east-1"),
                ("AWS_DEFAULT_REGION", "us-east-1"),
                ("ROLO_SET", "AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1"),
            ],
        ]
        .concat(),
    ] {
        assert_eq!(told(&world().vars(pairs)), "", "{pairs:?}");
    }
}

#[test]
fn a_profile_beside_keys() {
    let beside = world().vars(&LONG_TERM).var("AWS_PROFILE", "dev");
    assert_eq!(
        told(&beside),
        "R080 `AWS_PROFILE` (`dev`) stands beside the access key, `AWS_ACCESS_KEY_ID`: AWS CLI and rolo take that, other tools the profile\n  \
         -> run `unset AWS_PROFILE`, or, to use the profile, run `unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN`\n"
    );
    let handed = world().vars(&TEMPORARY).vars(&[("AWS_PROFILE", "dev"), ("ROLO_PROFILE", "prod")]);
    assert!(told(&handed).contains("the access key that rolo handed over for `prod`"), "{}", told(&handed));
    let token = [("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"), ("AWS_ROLE_ARN", "arn:aws:iam::1:role/x")];
    assert_eq!(seen(&world().vars(&token).var("AWS_DEFAULT_PROFILE", "dev")), "R080");
}

#[test]
fn two_profiles_and_none() {
    assert_eq!(seen(&world().vars(&[("AWS_PROFILE", "dev"), ("AWS_DEFAULT_PROFILE", "base")])), "R081");
    assert_eq!(
        told(&world().var("AWS_PROFILE", "dve")),
        "R082 `AWS_PROFILE` names `dve`, which is no profile\n  \
         -> did you mean `dev`? run `export AWS_PROFILE=dev`, or `unset AWS_PROFILE`\n"
    );
    assert_eq!(
        told(&world().var("AWS_DEFAULT_PROFILE", "nothing-like-it")),
        "R082 `AWS_DEFAULT_PROFILE` names `nothing-like-it`, which is no profile\n  \
         -> run `unset AWS_DEFAULT_PROFILE`, or name a profile that `rolo list` shows\n"
    );
    assert!(told(&world().var("AWS_PROFILE", "")).contains("`AWS_PROFILE` is set and empty"));
}

#[test]
fn halves() {
    assert_eq!(seen(&world().vars(&LONG_TERM[..1])), "R083");
    assert_eq!(seen(&world().vars(&LONG_TERM[1..])), "R084");
    assert_eq!(seen(&world().vars(&TEMPORARY[2..])), "R084");
    assert_eq!(seen(&world().vars(&TEMPORARY[..2])), "R085");
    assert_eq!(
        told(&world().vars(&LONG_TERM).var("AWS_SESSION_TOKEN", "hunter2")),
        "R086 `AWS_SESSION_TOKEN` stands beside a long-term key (`AKIA…`), to which it cannot belong\n  \
         -> run `unset AWS_SESSION_TOKEN`\n"
    );
}

#[test]
fn expiries() {
    let past = ("AWS_CREDENTIAL_EXPIRATION", "2026-11-21T11:00:00Z");
    let to_come = ("AWS_CREDENTIAL_EXPIRATION", "2026-11-21T13:00:00Z");
    let over = world().vars(&TEMPORARY).vars(&[past]);
    assert_eq!(
        told(&over),
        "R087 the credentials in the environment expired at 2026-11-21T11:00:00Z\n  \
         -> get new ones, or run `unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION`\n"
    );
    let used = world().vars(&TEMPORARY).vars(&[past, ("ROLO_PROFILE", "dev"), ("ROLO_USE", "dev")]);
    assert_eq!(
        told(&used),
        "R087 the credentials that rolo handed over for `dev` expired at 2026-11-21T11:00:00Z\n  \
         -> run `rolo use .` to renew them, or `rolo off`\n"
    );
    let other = world().vars(&TEMPORARY).vars(&[("AWS_SESSION_EXPIRATION", past.1)]);
    assert_eq!(seen(&other), "R087");
    for (pairs, expected) in [(&TEMPORARY[..], "R087"), (&LONG_TERM[..], "R087")] {
        let no_zone = world().vars(pairs).var("AWS_CREDENTIAL_EXPIRATION", "2026-11-21T13:00:00");
        assert_eq!(seen(&no_zone), expected);
        assert!(told(&no_zone).contains("no time with a zone"));
    }
    assert_eq!(seen(&world().vars(&LONG_TERM).vars(&[past])), "R087");
    assert_eq!(seen(&world().vars(&LONG_TERM).vars(&[to_come])), "R088");
    assert_eq!(seen(&world().vars(&[past])), "R088");
}

#[test]
fn the_older_name_of_the_token() {
    let old = ("AWS_SECURITY_TOKEN", "another hunter2");
    assert_eq!(seen(&world().vars(&TEMPORARY).vars(&[old])), "R089");
    assert_eq!(seen(&world().vars(&TEMPORARY[..2]).vars(&[old])), "R089");
}

#[test]
fn web_identity() {
    let [role, file] =
        [("AWS_ROLE_ARN", "arn:aws:iam::222233334444:role/Pod"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token")];
    assert_eq!(seen(&world().vars(&[file])), "R090");
    assert_eq!(seen(&world().vars(&[role])), "R091");
    let half = "[default]\nweb_identity_token_file = /token\n";
    assert_eq!(seen(&World::new(half).vars(&[role])), "");
    assert!(seen(&World::new("[default]\nrole_arn = x\n").vars(&[file])).starts_with("R094"));
}

#[test]
fn leftovers() {
    assert_eq!(
        told(&world().vars(&[("AWS_VAULT", "dev"), ("AWS_SESSION_EXPIRATION", "2026-11-21T11:00:00Z")])),
        "R092 `AWS_VAULT` (`dev`) is left over from aws-vault: there are no credentials beside it\n  \
         -> run `unset AWS_VAULT AWS_SESSION_EXPIRATION`\n"
    );
    for name in ["AWSUME_PROFILE", "GRANTED_SSO", "AWS_SSO_ROLE_ARN", "SAML2AWS_PROFILE", "ASSUMED_ROLE"] {
        assert_eq!(seen(&world().var(name, "x")), "R092", "{name}");
    }
    let both = world().vars(&TEMPORARY).vars(&[("ROLO_PROFILE", "dev"), ("AWSUME_PROFILE", "prod")]);
    assert_eq!(seen(&both), "R092");
    assert_eq!(seen(&world().var("ROLO_MFA_CODE", "hunter2")), "R093");
    told(&world().var("ROLO_MFA_CODE", "hunter2"));
}

#[test]
fn what_hides_a_profile() {
    let config = "[default]\nrole_arn = x\n[profile a]\nregion = eu-west-1\n[profile b]\nregion = eu-west-2\n\
                  [profile c]\nregion = us-east-1\n";
    assert_eq!(
        told(&World::new(config).vars(&LONG_TERM)),
        "R094 the access key in the environment comes before profile `default`\n  at /home/ada/.aws/config:1\n  \
         -> to use the profile, run `unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN`\n"
    );
    assert_eq!(
        told(&World::new(config).var("AWS_REGION", "us-east-1")),
        "R096 `AWS_REGION` (`us-east-1`) replaces the `region` of `a` and another profile\n  \
         at /home/ada/.aws/config:4\n  at /home/ada/.aws/config:6\n  \
         -> to use theirs, run `unset AWS_REGION AWS_DEFAULT_REGION`\n"
    );
    let differ = world().vars(&[("AWS_REGION", "us-east-1"), ("AWS_DEFAULT_REGION", "us-east-2")]);
    assert_eq!(seen(&differ), "R095 R096");
}

#[test]
fn files_and_switches() {
    for variable in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
        assert_eq!(seen(&world().var(variable, "/nowhere")), "R097", "{variable}");
    }
    assert_eq!(seen(&world().var("AWS_CONFIG_FILE", "~/.aws/config")), "");
    assert!(seen(&world().without("HOME").var("AWS_CONFIG_FILE", "/home/ada/.aws/config")).ends_with("R097"));
    assert_eq!(seen(&world().var("HOME", "ada").var("AWS_CONFIG_FILE", "/home/ada/.aws/config")), "R097");
    for name in ["AWS_EC2_METADATA_DISABLED", "AWS_USE_FIPS_ENDPOINT", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]
    {
        assert_eq!(seen(&world().var(name, "1")), "R098", "{name}");
        assert_eq!(seen(&world().var(name, "")), "", "{name}");
    }
    assert_eq!(seen(&world().var("AWS_SDK_LOAD_CONFIG", "0")), "R098");
}

#[test]
fn addresses_of_containers() {
    for url in ["", "http://169.254.169.254/x", "http://example.com/"] {
        let world = world().var("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
        assert_eq!(seen(&world), "R099", "{url}");
        assert_eq!(seen(&world.var("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2")), "", "{url}");
    }
}
