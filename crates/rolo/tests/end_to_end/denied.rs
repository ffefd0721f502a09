//! An AccessDenied is told apart: who called, which role of how many, what was and was not sent, and what would help. What
//! is said to help does.

use std::time::Duration;

use fake_aws::{Fault, PolicyKind, Role, Trust, User};

use crate::world::{IDENTITY, PRODUCTION, STAGING, World, aws};

const HALF_A_DAY: Duration = Duration::from_hours(12);

/// Standard error of `rolo process ARGS…`, which AWS refused.
#[track_caller]
fn refused(world: &World, args: &[&str]) -> String {
    let stderr = world.rolo(&[&["process"], args].concat()).failed(5);
    let ids = world.fake.calls().into_iter().filter_map(|call| call.access_key_id);
    ids.fold(stderr, |text, id| text.replace(&id, "KEY"))
}

/// The statement that is said to allow the call.
#[track_caller]
fn statement(stderr: &str) -> String {
    let (_, rest) = stderr.split_once(" by such a statement:\n").expect(stderr);
    let lines: Vec<_> = rest.lines().take_while(|line| line.starts_with("  ")).collect();
    lines.join("\n")
}

/// A world in which nobody may take on `Locked` in the production account.
fn locked() -> World {
    with_locked(Role::new(PRODUCTION, "Locked"))
}

fn with_locked(role: Role) -> World {
    let world = World::of(aws().role(role.max_session(HALF_A_DAY)));
    world.add_config(
        "[profile locked]\nrole_arn = arn:aws:iam::333344445555:role/Locked\nsource_profile = identity\nregion = eu-west-1\n\
         role_session_name = me\n",
    );
    world
}

/// `Locked` with nothing but this statement as its trust policy.
fn trusted_by(statement: &str) -> World {
    let mut role = Role::new(PRODUCTION, "Locked");
    role.trust =
        serde_json::from_str(&format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#)).unwrap();
    with_locked(role)
}

#[test]
fn a_role_that_does_not_trust_the_caller() {
    let world = locked();
    insta::assert_snapshot!(refused(&world, &["locked"]), @r#"
    error: AssumeRole of role `arn:aws:iam::333344445555:role/Locked` of profile `locked` failed
      at ~/.aws/config:41
    caused by: STS refused AssumeRole: AccessDenied: User: arn:aws:iam::111122223333:user/ada is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::333344445555:role/Locked
    note: the caller is `arn:aws:iam::111122223333:user/ada`, by key `KEY` (~/.aws/credentials:2)
    note: sent: no MFA, no external id, session name `me` (~/.aws/config:44)
    hint: no MFA was sent, and the user has `arn:aws:iam::111122223333:mfa/ada` (~/.aws/config:10): try `--mfa-serial arn:aws:iam::111122223333:mfa/ada`, then keep it as `mfa_serial = arn:aws:iam::111122223333:mfa/ada` in profile `locked` (~/.aws/config:40)
    hint: no external id was sent, and profile `vendor` sends one to this account (~/.aws/config:37): try `--external-id ID`, then keep it as `external_id = ID` in profile `locked` (~/.aws/config:40)
    hint: if the role asks for sessions of a certain name, compare the session name (~/.aws/config:44) with it
    hint: look whether `arn:aws:iam::333344445555:role/Locked` exists, which AWS does not say, and whether its trust policy allows this call by such a statement:
      {
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::111122223333:user/ada" },
        "Action": "sts:AssumeRole"
      }
    "#);
    assert_eq!(world.calls(), ["AssumeRole"], "the message says who called");
}

#[test]
fn the_statement_allows_the_very_call() {
    let calls: &[(&str, &[&str])] = &[
        ("nothing besides", &[]),
        ("external id", &["--external-id", "hand:shake/1"]),
        ("tags", &["--tag", "team=a"]),
        ("source identity", &["--source-identity", "ada@example.com"]),
        ("all", &["--tag", "team=a", "--source-identity", "ada", "--external-id", "xyz", "--duration", "2h"]),
    ];
    for (name, args) in calls {
        let args = [&["locked"], *args].concat();
        let statement = statement(&refused(&locked(), &args));
        let world = trusted_by(&statement);
        world.keys(&args);
        assert_eq!(world.calls(), ["AssumeRole"], "{name}");
        if *name == "external id" {
            refused(&world, &["locked"]);
        }
    }
}

#[test]
fn the_statement_asks_for_mfa_where_it_was_sent() {
    for more in [&[][..], &["--no-mfa-session"]] {
        let call = |world: &World| {
            let code = world.fake.mfa_code("ada");
            let serial = world.fake.mfa_serial("ada");
            let args = [&["locked", "--mfa-serial", &serial, "--mfa-code", &code], more].concat();
            world.rolo(&[&["process"], &*args].concat())
        };
        let stderr = call(&locked()).failed(5);
        let statement = statement(&stderr);
        assert!(statement.contains(r#""aws:MultiFactorAuthPresent": "true""#), "{statement}");
        let world = trusted_by(&statement);
        call(&world).keys();
        world.rolo(&["process", "locked"]).failed(5);
    }
}

#[test]
fn a_device_that_is_known_elsewhere() {
    let world = World::new();
    world.edit_config(
        "mfa_serial = arn:aws:iam::111122223333:mfa/ada\nregion = eu-west-1",
        "region = eu-west-1",
    );
    insta::assert_snapshot!(refused(&world, &["dev", "--role-session-name", "me"]), @r#"
    error: AssumeRole of role `arn:aws:iam::222233334444:role/Developer` of profile `dev` failed
      at ~/.aws/config:14
    caused by: STS refused AssumeRole: AccessDenied: User: arn:aws:iam::111122223333:user/ada is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222233334444:role/Developer
    note: the caller is `arn:aws:iam::111122223333:user/ada`, by key `KEY` (~/.aws/credentials:2)
    note: sent: no MFA, no external id, session name `me` (`--role-session-name`)
    hint: no MFA was sent, and the user has `arn:aws:iam::111122223333:mfa/ada` (~/.aws/config:10): try `--mfa-serial arn:aws:iam::111122223333:mfa/ada`, then keep it as `mfa_serial = arn:aws:iam::111122223333:mfa/ada` in profile `dev` (~/.aws/config:13)
    hint: if the role's owner gave you an external id, send it: `--external-id ID`, or `external_id` in the profile
    hint: if the role asks for sessions of a certain name, compare the session name (`--role-session-name`) with it
    hint: look whether `arn:aws:iam::222233334444:role/Developer` exists, which AWS does not say, and whether its trust policy allows this call by such a statement:
      {
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::111122223333:user/ada" },
        "Action": "sts:AssumeRole"
      }
    "#);
    // As it says.
    let code = world.fake.mfa_code("ada");
    world.keys(&["dev", "--mfa-serial", "arn:aws:iam::111122223333:mfa/ada", "--mfa-code", &code]);
}

#[test]
fn an_account_that_stands_nowhere_else() {
    let world = World::new();
    world.edit_config("222233334444:role/Plain\n", "222233334445:role/Plain\nrole_session_name = me\n");
    let stderr = refused(&world, &["plain"]);
    let (_, hints) = stderr.split_once("\nhint: ").unwrap();
    insta::assert_snapshot!(hints.lines().next().unwrap(), @"check the account in `role_arn` (~/.aws/config:20): `222233334445` stands nowhere else, and `222233334444` does (~/.aws/config:14)");
    let world = World::new();
    world.edit_config("role/Plain\n", "role/plain\nrole_session_name = me\n");
    world.add_config(
        "[profile same]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = identity\n",
    );
    let stderr = refused(&world, &["plain"]);
    let (_, hints) = stderr.split_once("\nhint: ").unwrap();
    insta::assert_snapshot!(hints.lines().next().unwrap(), @"did you mean `arn:aws:iam::222233334444:role/Plain` (~/.aws/config:42)? AWS does not say whether a role exists, and `Admin` is another than `admin`");
}

#[test]
fn a_caller_whose_own_policies_do_not_allow_it() {
    let world = World::of(aws().user(User::new(IDENTITY, "eve").denied("sts:AssumeRole")));
    let eve = world.fake.user_keys("eve");
    world.credentials(&format!(
        "[identity]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        eve.id, eve.secret
    ));
    insta::assert_snapshot!(refused(&world, &["plain", "--role-session-name", "me"]), @r#"
    error: AssumeRole of role `arn:aws:iam::222233334444:role/Plain` of profile `plain` failed
      at ~/.aws/config:20
    caused by: STS refused AssumeRole: AccessDenied: User: arn:aws:iam::111122223333:user/eve is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222233334444:role/Plain because no identity-based policy allows the sts:AssumeRole action
    note: the caller is `arn:aws:iam::111122223333:user/eve`, by key `KEY` (~/.aws/credentials:2)
    note: sent: no MFA, no external id, session name `me` (`--role-session-name`)
    hint: add this statement to a policy of user `eve`:
      {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": "arn:aws:iam::222233334444:role/Plain"
      }
    "#);
}

#[test]
fn the_second_role_of_a_chain() {
    let world = World::of(aws().role(Role::new(PRODUCTION, "Locked")));
    world.edit_config("role/Hop\n", "role/Hop\nrole_session_name = me\n");
    world.add_config(
        "[profile locked]\nrole_arn = arn:aws:iam::333344445555:role/Locked\nsource_profile = hop\nregion = eu-west-1\n",
    );
    let stderr = refused(&world, &["locked", "--role-session-name", "me"]);
    insta::assert_snapshot!(stderr, @r#"
    error: AssumeRole of role `arn:aws:iam::333344445555:role/Locked` of profile `locked` failed
      at ~/.aws/config:42
    caused by: STS refused AssumeRole: AccessDenied: User: arn:aws:sts::222233334444:assumed-role/Hop/me is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::333344445555:role/Locked
    note: the caller is `arn:aws:sts::222233334444:assumed-role/Hop/me`: role 1 of the chain, of profile `hop`
    note: sent for role 2 of 2: no MFA, no external id, session name `me` (`--role-session-name`)
    hint: no external id was sent, and profile `vendor` sends one to this account (~/.aws/config:38): try `--external-id ID`, then keep it as `external_id = ID` in profile `locked` (~/.aws/config:41)
    hint: if the role trusts profile `identity` rather than role 1, or asks for MFA, which a role's session never has: let its `source_profile` name profile `identity`
    hint: if the role asks for sessions of a certain name, compare the session name (`--role-session-name`) with it
    hint: look whether `arn:aws:iam::333344445555:role/Locked` exists, which AWS does not say, and whether its trust policy allows this call by such a statement:
      {
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::222233334444:role/Hop" },
        "Action": "sts:AssumeRole"
      }
    "#);
    let mut role = Role::new(PRODUCTION, "Locked");
    let statement = statement(&stderr);
    role.trust = serde_json::from_str(&format!(r#"{{"Statement": [{statement}]}}"#)).unwrap();
    let world = World::of(aws().role(role));
    world.add_config(
        "[profile locked]\nrole_arn = arn:aws:iam::333344445555:role/Locked\nsource_profile = hop\nregion = eu-west-1\n",
    );
    world.keys(&["locked"]);
}

#[test]
fn who_called_is_asked_where_aws_does_not_say_it() {
    let world = locked();
    world.fake.fault(Fault::error(403, "AccessDenied", "Access denied"));
    let stderr = refused(&world, &["locked"]);
    assert!(
        stderr.contains(
            "note: the caller is `arn:aws:iam::111122223333:user/ada`, by key `KEY` (~/.aws/credentials:2)"
        ),
        "{stderr}"
    );
    assert_eq!(world.calls(), ["AssumeRole", "GetCallerIdentity"], "one call more, and only then");
    for _ in 0..2 {
        world.fake.fault(Fault::error(403, "AccessDenied", "Access denied"));
    }
    let stderr = refused(&world, &["locked"]);
    assert!(stderr.contains("note: the caller is whoever has key `KEY` (~/.aws/credentials:2)"), "{stderr}");
    assert!(!stderr.contains("Principal"), "nobody to name: {stderr}");
}

#[test]
fn a_device_of_somebody_else() {
    let world = World::new();
    world.edit_config("mfa/ada", "mfa/adam");
    let code = world.fake.mfa_code("ada");
    insta::assert_snapshot!(refused(&world, &["prod", "--mfa-code", &code]), @r"
    error: GetSessionToken with `arn:aws:iam::111122223333:mfa/adam` failed
      at ~/.aws/config:10
    caused by: STS refused GetSessionToken: AccessDenied: MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.
    note: the caller is `arn:aws:iam::111122223333:user/ada`, by key `KEY` (~/.aws/credentials:2)
    note: sent: a code of `arn:aws:iam::111122223333:mfa/adam` (~/.aws/config:10)
    hint: the device `arn:aws:iam::111122223333:mfa/adam` (~/.aws/config:10) is none of the caller's; see which devices the user has: `aws iam list-mfa-devices --user-name ada --profile identity`
    ");
}

#[test]
fn a_role_that_is_not_assigned() {
    let world = World::new();
    world.config(
        "[sso-session corp]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n\
         [profile admin]\nsso_session = corp\nsso_account_id = 222233334444\nsso_role_name = Admin\n\
         [profile reader]\nsso_session = corp\nsso_account_id = 222233334444\nsso_role_name = Reader\n",
    );
    // SHA-1 of `corp`.
    let file = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
    world.write(file, r#"{"accessToken": "sso-access-token-1", "expiresAt": "2099-01-01T00:00:00Z"}"#);
    insta::assert_snapshot!(refused(&world, &["admin", "--region", "eu-west-1"]), @r"
    error: getting role `Admin` in account `222233334444` failed
      at ~/.aws/config:6, ~/.aws/config:7
    caused by: SSO refused GetRoleCredentials: ForbiddenException: No access
    note: sent: account `222233334444`, role `Admin`, the sign-in of `corp`
    hint: profile `reader` has role `Reader` there (~/.aws/config:11): did you mean that one?
    hint: look at the AWS access portal, https://example.awsapps.com/start, whether account `222233334444` has role `Admin` for you; if not, have it assigned
    ");
    world.keys(&["reader", "--region", "eu-west-1"]);
}

#[test]
fn a_token_that_the_role_does_not_trust() {
    let issuer = "https://oidc.example.com/id/A";
    // The claims of that issuer, with audience `sts.amazonaws.com` and subject `ci`.
    let token = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL29pZGMuZXhhbXBsZS5jb20vaWQvQSIsImF1ZCI6InN0cy5hbWF6b25hd3MuY29tIiwic3ViIjoiY2kifQ.c2ln";
    let world = |trust: Option<&str>| {
        let mut role = Role::new(STAGING, "Build");
        if let Some(statement) = trust {
            role.trust = serde_json::from_str(&format!(r#"{{"Statement": {statement}}}"#)).unwrap();
        }
        let identity = fake_aws::WebIdentity {
            token: token.to_owned(),
            issuer: issuer.to_owned(),
            audience: "sts.amazonaws.com".to_owned(),
            subject: "ci".to_owned(),
            expires_in: 3600,
        };
        let world = World::of(aws().role(role).web_identity(identity));
        let file = world.write("token", token);
        world.config(&format!(
            "[profile build]\nrole_arn = arn:aws:iam::222233334444:role/Build\nweb_identity_token_file = {}\n\
             role_session_name = me\nregion = eu-west-1\n",
            file.display()
        ));
        world
    };
    let stderr = refused(&world(None), &["build"]);
    insta::assert_snapshot!(stderr, @r#"
    error: getting role `arn:aws:iam::222233334444:role/Build` by web identity failed
      at ~/.aws/config:2, ~/.aws/config:3
    caused by: STS refused AssumeRoleWithWebIdentity: AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity
    note: the token in `~/token` is of issuer `oidc.example.com/id/A`, audience `sts.amazonaws.com`, subject `ci`
    note: sent: session name `me` (~/.aws/config:4)
    hint: look whether `arn:aws:iam::222233334444:role/Build` exists, which AWS does not say, and whether its trust policy allows this call by such a statement:
      {
        "Effect": "Allow",
        "Principal": { "Federated": "arn:aws:iam::222233334444:oidc-provider/oidc.example.com/id/A" },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": { "StringEquals": { "oidc.example.com/id/A:aud": "sts.amazonaws.com", "oidc.example.com/id/A:sub": "ci" } }
      }
    "#);
    world(Some(&statement(&stderr))).keys(&["build"]);
}

#[test]
fn both_tries_of_a_role_are_told() {
    let world = locked();
    let stderr = world.rolo(&[
        "process",
        "--role",
        "arn:aws:iam::333344445555:role/Locked",
        "--source-profile",
        "identity",
        "--region",
        "eu-west-1",
        "--mfa-code",
        &world.fake.mfa_code("ada"),
    ]);
    insta::assert_snapshot!(stderr.failed(5).replace(&world.fake.user_keys("ada").id, "KEY"), @r#"
    error: `arn:aws:iam::333344445555:role/Locked` could not be taken on, neither without MFA nor with it
    caused by: without MFA: STS refused AssumeRole: AccessDenied: User: arn:aws:iam::111122223333:user/ada is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::333344445555:role/Locked
    caused by: with MFA: AssumeRole of role `arn:aws:iam::333344445555:role/Locked` failed: STS refused AssumeRole: AccessDenied: User: arn:aws:iam::111122223333:user/ada is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::333344445555:role/Locked
    note: the caller is `arn:aws:iam::111122223333:user/ada`, by key `KEY` (~/.aws/credentials:2)
    note: sent: the MFA session of `arn:aws:iam::111122223333:mfa/ada` (`--mfa-serial`), 0s old, no external id, session name `ada`
    hint: no external id was sent, and profile `vendor` sends one to this account (~/.aws/config:37): try `--external-id ID`
    hint: look whether `arn:aws:iam::333344445555:role/Locked` exists, which AWS does not say, and whether its trust policy allows this call by such a statement:
      {
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::111122223333:user/ada" },
        "Action": "sts:AssumeRole",
        "Condition": { "Bool": { "aws:MultiFactorAuthPresent": "true" } }
      }
    "#);
}

#[test]
fn what_stands_in_the_environment_is_looked_at_once_more() {
    let mut world = World::new();
    let ada = world.fake.user_keys("ada");
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", ada.id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", &ada.secret),
        ("AWS_SESSION_TOKEN", "left-over"),
        ("AWS_REGION", "eu-west-1"),
    ] {
        world.set(name, value);
    }
    let stderr = refused(&world, &["222233334444:Plain"]);
    let hint = stderr.lines().find(|line| line.starts_with("hint: ")).unwrap();
    insta::assert_snapshot!(hint, @"hint: `AWS_SESSION_TOKEN` stands beside a long-term key (`AKIA…`), to which it cannot belong: run `unset AWS_SESSION_TOKEN`");
    world.settings("[doctor]\nallow = [\"R086\"]\n");
    assert!(!refused(&world, &["222233334444:Plain"]).contains(hint), "it is allowed");
    // As it says.
    world.unset("AWS_SESSION_TOKEN");
    world.keys(&["222233334444:Plain"]);
}

#[test]
fn an_explicit_deny_is_told_with_its_kind_of_policy() {
    let eve = User::new(IDENTITY, "eve").explicitly_denied("sts:AssumeRole", PolicyKind::ServiceControl);
    let stderr = refused(&world_of_eve(eve), &["plain"]);
    let hint = stderr.lines().find(|line| line.starts_with("hint: ")).unwrap();
    insta::assert_snapshot!(hint, @"hint: change the service control policy of the organisation, on the caller's account `111122223333`: it denies `sts:AssumeRole`");
    assert!(!stderr.contains("Principal"), "no trust policy helps: {stderr}");
}

/// A world whose keys are those of `eve`.
fn world_of_eve(eve: User) -> World {
    let role = Role::new(PRODUCTION, "Closed").trusts(Trust::of("*").denying().sid("NobodyAtAll"));
    let world = World::of(aws().user(eve).role(role));
    let keys = world.fake.user_keys("eve");
    world.credentials(&format!(
        "[identity]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        keys.id, keys.secret
    ));
    world.add_config(
        "[profile closed]\nrole_arn = arn:aws:iam::333344445555:role/Closed\nsource_profile = identity\nregion = eu-west-1\n",
    );
    world
}

#[test]
fn an_encoded_message_is_decoded_where_the_caller_may() {
    let eve = || User::new(IDENTITY, "eve").encodes_refusals();
    let world = world_of_eve(eve());
    let stderr = refused(&world, &["closed"]);
    assert_eq!(world.calls(), ["AssumeRole", "DecodeAuthorizationMessage"]);
    assert!(stderr.contains("(statement `NobodyAtAll`)"), "{stderr}");
    assert!(!stderr.contains("decode-authorization-message"), "{stderr}");
    let world = world_of_eve(eve().denied("sts:DecodeAuthorizationMessage"));
    let stderr = refused(&world, &["closed"]);
    assert!(stderr.contains("`aws sts decode-authorization-message --encoded-message "), "{stderr}");
    assert!(
        !stderr.contains("sts:DecodeAuthorizationMessage"),
        "that it was tried is nobody's concern: {stderr}"
    );
}

#[test]
fn the_statement_trusts_a_permission_set_however_it_is_assigned() {
    let world = |trust: Option<&str>| {
        let mut role = Role::new(PRODUCTION, "Locked");
        if let Some(statement) = trust {
            role.trust = serde_json::from_str(&format!(r#"{{"Statement": {statement}}}"#)).unwrap();
        }
        let world = World::of(aws().role(role));
        world.config(
            "[sso-session corp]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n\
             [profile reader]\nsso_session = corp\nsso_account_id = 222233334444\nsso_role_name = Reader\nregion = eu-west-1\n\
             [profile locked]\nrole_arn = arn:aws:iam::333344445555:role/Locked\nsource_profile = reader\nregion = eu-west-1\n",
        );
        // SHA-1 of `corp`.
        let file = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
        world.write(file, r#"{"accessToken": "sso-access-token-1", "expiresAt": "2099-01-01T00:00:00Z"}"#);
        world
    };
    let statement = statement(&refused(&world(None), &["locked"]));
    assert!(statement.contains("AWSReservedSSO_Reader_*"), "{statement}");
    world(Some(&statement)).keys(&["locked"]);
}

#[test]
fn a_misspelt_setting_is_what_is_told_first() {
    let world = World::new();
    let config = std::fs::read_to_string(world.path(".aws/config")).unwrap();
    world.config(&config.replace("mfa_serial", "mfa_serail"));
    let stderr = refused(&world, &["prod"]);
    let hint = stderr.lines().find(|line| line.starts_with("hint: ")).unwrap();
    insta::assert_snapshot!(hint, @"hint: `mfa_serail` is no setting of AWS's, so it is passed over (~/.aws/config:10): did you mean `mfa_serial`?");
    // As it says.
    world.config(&config);
    world.keys(&["prod", "--mfa-code", &world.fake.mfa_code("ada")]);
}
