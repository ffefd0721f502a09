//! `--role`: a role of which nothing is known but its name. The session is called after the user, and whether the role
//! wants MFA is found out.

use std::{os::unix::process::CommandExt, process::Stdio};

use expectrl::Expect;
use fake_aws::{Fault, Role, Trust, User};

use crate::{
    cache::age,
    terminal::rest,
    world::{IDENTITY, PRODUCTION, Ran, STAGING, World, aws, run},
};

pub(crate) const ADMIN: &str = "arn:aws:iam::333344445555:role/Admin";
const DEVELOPER: &str = "arn:aws:iam::222233334444:role/Developer";
const PLAIN: &str = "arn:aws:iam::222233334444:role/Plain";
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// A world in which the shell's own credentials are `ada`'s keys.
fn world() -> World {
    as_identity(World::new())
}

/// Keys in the environment of every run to come, and the region that goes with them.
fn sign_with(world: &mut World, id: &str, secret: &str, token: Option<&str>) {
    let region = ("AWS_REGION", Some("eu-central-1"));
    let keys = [
        ("AWS_ACCESS_KEY_ID", Some(id)),
        ("AWS_SECRET_ACCESS_KEY", Some(secret)),
        ("AWS_SESSION_TOKEN", token),
    ];
    for (name, value) in keys.into_iter().chain([region]) {
        match value {
            Some(value) => world.set(name, value),
            None => world.unset(name),
        }
    }
}

fn as_identity(mut world: World) -> World {
    world.set("AWS_PROFILE", "identity");
    world
}

/// The program under the name of the tool it stands in for.
pub(crate) fn assume_role(world: &World, args: &[&str]) -> Ran {
    let mut command = world.command(args);
    command.arg0("/usr/local/bin/assume-role");
    run(command)
}

/// What the last AssumeRole called the session.
fn session_name(world: &World) -> String {
    world.fake.calls_of("AssumeRole").last().unwrap().param("RoleSessionName").unwrap().to_owned()
}

#[test]
fn a_role_that_wants_no_mfa_is_had_with_one_call_and_the_users_name() {
    let world = world();
    world.keys(&["--role", PLAIN]);
    assert_eq!(session_name(&world), "ada");
    assert_eq!(world.calls(), ["GetUser", "AssumeRole"]);
    world.keys(&["--role", PLAIN]);
    assert_eq!(world.calls(), [""; 0]);
    // The name is remembered; another role of the same user is one call.
    world.keys(&["--role", "arn:aws:iam::222233334444:role/Hop"]);
    assert_eq!(session_name(&world), "ada");
    assert_eq!(world.calls(), ["AssumeRole"]);
}

#[test]
fn mfa_is_found_out_once() {
    let world = world();
    let code = world.fake.mfa_code("ada");
    world.keys(&["--role", ADMIN, "--mfa-code", &code]);
    let first = ["GetUser", "AssumeRole", "ListMFADevices", "GetSessionToken", "AssumeRole"];
    assert_eq!(world.calls(), first);
    world.keys(&["--role", ADMIN]);
    assert_eq!(world.calls(), [""; 0], "a cached run makes no call");
    world.keys(&["--role", ADMIN, "--refresh"]);
    assert_eq!(world.calls(), ["AssumeRole"], "device, session and user are remembered");
    // Another role is tried without again, and opened by the same session.
    world.keys(&["--role", DEVELOPER]);
    assert_eq!(world.calls(), ["AssumeRole", "ListMFADevices", "AssumeRole"]);
}

#[test]
fn of_many_that_start_at_once_one_finds_out() {
    let world = world();
    let code = world.fake.mfa_code("ada");
    let runs: Vec<_> = (0..10)
        .map(|_| {
            let mut command = world.command(&["process", "--role", ADMIN]);
            command.env("ROLO_MFA_CODE", &code).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut printed: Vec<_> = runs.into_iter().map(|run| run.wait_with_output().unwrap().stdout).collect();
    printed.dedup();
    assert!(printed.len() == 1 && !printed[0].is_empty(), "all are given the same");
    let once = ["GetUser", "AssumeRole", "ListMFADevices", "GetSessionToken", "AssumeRole"];
    assert_eq!(world.calls(), once);
}

#[test]
fn a_device_beside_the_users_keys_needs_no_asking() {
    let world = world();
    let serial = format!("mfa_serial = {}\n", world.fake.mfa_serial("ada"));
    world.edit_config("[profile identity]\n", &format!("[profile identity]\n{serial}"));
    world.keys(&["--role", ADMIN, "--mfa-code", &world.fake.mfa_code("ada")]);
    assert_eq!(world.calls(), ["GetUser", "AssumeRole", "GetSessionToken", "AssumeRole"]);
    // A role that wants no MFA is not asked for with it.
    world.keys(&["--role", PLAIN]);
    assert_eq!(world.calls(), ["AssumeRole"]);
}

#[test]
fn a_given_device_is_not_tried_without() {
    let world = world();
    let serial = world.fake.mfa_serial("ada");
    world.keys(&["--role", ADMIN, "--mfa-serial", &serial, "--mfa-code", &world.fake.mfa_code("ada")]);
    assert_eq!(world.calls(), ["GetSessionToken", "GetUser", "AssumeRole"]);
}

#[test]
fn without_a_device_both_failures_are_told() {
    let mut world =
        World::of(aws().role(Role::new(PRODUCTION, "Locked").trusts(Trust::of(IDENTITY).with_mfa())));
    world.set("AWS_PROFILE", "other");
    let told = world.rolo(&["export", "--role", "arn:aws:iam::333344445555:role/Locked"]).failed(5);
    let told = told.replace(&world.fake.user_keys("bob").id, "KEY");
    insta::assert_snapshot!(told, @r#"
    error: `arn:aws:iam::333344445555:role/Locked` could not be taken on, neither without MFA nor with it
    caused by: without MFA: STS refused AssumeRole: AccessDenied: User: arn:aws:iam::111122223333:user/bob is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::333344445555:role/Locked
    caused by: with MFA: the user has no MFA device
    note: the caller is `arn:aws:iam::111122223333:user/bob`, by key `KEY` (~/.aws/credentials:6)
    note: sent: no MFA, no external id, session name `bob`
    hint: no external id was sent, and profile `vendor` sends one to this account (~/.aws/config:37): try `--external-id ID`
    hint: if the role asks for MFA, give the device: `--mfa-serial SERIAL`; see which devices the user has: `aws iam list-mfa-devices --user-name bob --profile other`
    hint: look whether `arn:aws:iam::333344445555:role/Locked` exists, which AWS does not say, and whether its trust policy allows this call by such a statement:
      {
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::111122223333:user/bob" },
        "Action": "sts:AssumeRole"
      }
    "#);
    assert_eq!(world.calls(), ["GetUser", "AssumeRole", "ListMFADevices"]);
}

#[test]
fn that_nobody_could_be_asked_for_the_code_is_told_once() {
    let world = world();
    insta::assert_snapshot!(world.rolo(&["export", "--role", ADMIN]).failed(4), @r"
    error: `arn:aws:iam::333344445555:role/Admin` could not be taken on, neither without MFA nor with it
    caused by: without MFA: STS refused AssumeRole: AccessDenied: User: arn:aws:iam::111122223333:user/ada is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::333344445555:role/Admin
    caused by: with MFA: an MFA code for `arn:aws:iam::111122223333:mfa/ada` is needed: there is no terminal to ask for the MFA code on
    hint: run it at a terminal, or give the code: `--mfa-code CODE`, `ROLO_MFA_CODE`, or `mfa_process` in the profile
    ");
    world.fake.fault(Fault::cut().on("ListMFADevices").times(9));
    let told = world.rolo(&["export", "--role", ADMIN]).failed(6);
    assert!(told.contains("with MFA: the user's MFA devices could not be listed"), "{told}");
}

#[test]
fn without_credentials_it_is_the_source_that_is_missing() {
    let mut world = World::new();
    insta::assert_snapshot!(world.rolo(&["export", "--role", ADMIN]).failed(3), @r"
    error: no credentials were found
    hint: name the profile that may assume the role, by `AWS_PROFILE` or `--source-profile NAME`: `rolo list` shows which there are, and `rolo configure` makes one
    ");
    world.set("AWS_PROFILE", "identity");
    insta::assert_snapshot!(world.rolo(&["export", "--role", "prod"]).failed(3), @r"
    error: role `prod` is in no account: there is no `role_prefix`
    hint: set `role_prefix` in `assume-role.yaml` or in rolo's `config.toml`
    hint: name the role in full: `ACCOUNT:prod`, or its ARN
    hint: `prod` is the name of a profile: leave out `--role`
    ");
}

#[test]
fn a_refusal_with_mfa_is_told_beside_the_one_without() {
    let world = as_identity(World::of(
        aws().role(Role::new(PRODUCTION, "Foreign").trusts(Trust::of(STAGING).with_mfa())),
    ));
    let foreign = ["export", "--role", "arn:aws:iam::333344445555:role/Foreign"];
    let told = world.rolo(&[&foreign[..], &["--mfa-code", &world.fake.mfa_code("ada")]].concat()).failed(5);
    assert!(told.contains("caused by: without MFA: STS refused AssumeRole: AccessDenied"), "{told}");
    assert!(
        told.contains(
            "caused by: with MFA: AssumeRole of role `arn:aws:iam::333344445555:role/Foreign` failed"
        ),
        "{told}"
    );
    assert_eq!(world.calls().last().map(String::as_str), Some("AssumeRole"));
    // Nothing was remembered of a device that did not help.
    world.rolo(&foreign).failed(5);
    assert_eq!(world.calls()[..2], ["AssumeRole", "ListMFADevices"]);
}

#[test]
fn a_refused_list_of_devices_is_told_and_has_a_way_round() {
    let denied = User::new(IDENTITY, "carol").mfa(SECRET).denied("iam:ListMFADevices").denied("iam:GetUser");
    let mut world = World::of(
        aws().user(denied).role(Role::new(PRODUCTION, "Locked").trusts(Trust::of(IDENTITY).with_mfa())),
    );
    let keys = world.fake.user_keys("carol");
    sign_with(&mut world, &keys.id, &keys.secret, None);
    let locked = ["export", "--role", "arn:aws:iam::333344445555:role/Locked"];
    let told = world.rolo(&locked).failed(5);
    assert!(
        told.contains(
            "with MFA: the user's MFA devices could not be listed: IAM refused ListMFADevices: AccessDenied"
        ),
        "{told}"
    );
    assert!(told.contains("`--mfa-serial SERIAL`"), "{told}");
    // Its own name it learns from its ARN, and says so.
    assert_eq!(session_name(&world), "carol");
    assert!(
        told.contains("warning: the IAM user's name could not be had (IAM refused GetUser: AccessDenied"),
        "{told}"
    );
    assert!(told.contains("the session is called `carol`"), "{told}");
    let (serial, code) = (world.fake.mfa_serial("carol"), world.fake.mfa_code("carol"));
    world.rolo(&[&locked[..], &["--mfa-serial", &serial, "--mfa-code", &code]].concat()).quiet();
}

#[test]
fn of_several_devices_one_is_chosen_and_remembered() {
    let other = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXQ";
    let user = User::new(IDENTITY, "dora").mfa(SECRET).mfa_serial("GAHT12345678", other);
    let mut world = World::of(
        aws().user(user).role(Role::new(PRODUCTION, "Locked").trusts(Trust::of(IDENTITY).with_mfa())),
    );
    let keys = world.fake.user_keys("dora");
    sign_with(&mut world, &keys.id, &keys.secret, None);
    let locked = "arn:aws:iam::333344445555:role/Locked";
    // Nobody can be asked.
    let told = world.rolo(&["export", "--role", locked]).failed(4);
    assert!(told.contains("with MFA: the user has several MFA devices, and none was chosen"), "{told}");

    let mut session = world.in_terminal(&format!("rolo export --role {locked} | grep -c AWS_ACCESS_KEY_ID="));
    for bad in ["3", "x", ""] {
        session.expect("Number (1-2): ").unwrap();
        session.send_line(bad).unwrap();
    }
    session.expect("Number (1-2): ").unwrap();
    session.send_line("1").unwrap();
    session.expect("MFA code for arn:aws:iam::111122223333:mfa/dora: ").unwrap();
    session.send_line(world.fake.mfa_code("dora")).unwrap();
    assert!(rest(&mut session).trim_end().ends_with('1'));
    world.calls();
    world.keys(&["--role", locked, "--refresh"]);
    assert_eq!(world.calls(), ["AssumeRole"]);
}

#[test]
fn a_role_as_the_caller_must_name_the_session_and_never_tries_mfa() {
    let mut world = World::new();
    world.set("AWS_PROFILE", "hop");
    let audit = ["export", "--role", "arn:aws:iam::333344445555:role/Audit"];
    let told = world.rolo(&audit).failed(2);
    insta::assert_snapshot!(told, @r"
    error: the session needs a name, because `arn:aws:iam::222233334444:role/Hop` takes the role on and has no user's name to give it
    hint: add `--role-session-name NAME`
    ");
    assert_eq!(world.calls(), [""; 0]);
    world.rolo(&[&audit[..], &["--role-session-name", "nightly"]].concat()).quiet();
    assert_eq!(session_name(&world), "nightly");
    // Refused, it is refused.
    world.calls();
    let admin = ["export", "--role", ADMIN, "--role-session-name", "nightly"];
    world.rolo(&admin).failed(5);
    assert!(world.calls().iter().all(|call| call == "AssumeRole"));
}

#[test]
fn keys_of_a_session_tell_whose_they_are() {
    let mut world = World::new();
    // A role's: no name.
    let hop = world.keys(&["hop"]);
    sign_with(&mut world, &hop.id, &hop.secret, hop.token.as_deref());
    let audit = "arn:aws:iam::333344445555:role/Audit";
    world.calls();
    let told = world.rolo(&["export", "--role", audit]).failed(2);
    assert!(told.contains("`arn:aws:sts::222233334444:assumed-role/Hop/ada@"), "{told}");
    assert_eq!(world.calls(), ["GetCallerIdentity"]);
    // An IAM user's: its name.
    world.edit_config(
        "[profile identity]\n",
        "[profile identity]\nmfa_serial = arn:aws:iam::111122223333:mfa/ada\n",
    );
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        world.unset(name);
    }
    let session = world.keys(&["identity", "--mfa-code", &world.fake.mfa_code("ada")]);
    sign_with(&mut world, &session.id, &session.secret, session.token.as_deref());
    world.calls();
    world.keys(&["--role", ADMIN]);
    assert_eq!(session_name(&world), "ada");
    assert_eq!(world.calls(), ["GetCallerIdentity", "AssumeRole"]);
}

#[test]
fn a_name_of_the_profile_or_of_the_command_line_is_kept() {
    let world = world();
    world.edit_config("[profile identity]\n", "[profile identity]\nrole_session_name = desk\n");
    world.keys(&["--role", PLAIN]);
    assert_eq!(session_name(&world), "desk");
    world.keys(&["--role", PLAIN, "--role-session-name", "given"]);
    assert_eq!(session_name(&world), "given");
    assert_eq!(world.calls(), ["AssumeRole", "AssumeRole"]);
    // A role's profile may name the session too, since no user's name is there to be had.
    world.edit_config("role/Hop\n", "role/Hop\nrole_session_name = bridge\n");
    let audit = ["--role", "arn:aws:iam::333344445555:role/Audit", "--source-profile", "hop"];
    world.keys(&audit);
    assert_eq!(
        (session_name(&world), world.calls()),
        ("bridge".to_owned(), vec!["AssumeRole".to_owned(); 2])
    );
    world.keys(&[&audit[..], &["--role-session-name", "given"]].concat());
    assert_eq!(session_name(&world), "given");
}

#[test]
fn a_device_that_is_gone_is_forgotten() {
    let world = world();
    world.keys(&["--role", ADMIN, "--mfa-code", &world.fake.mfa_code("ada")]);
    for folder in [".cache/rolo/credentials", ".aws/cli"] {
        std::fs::remove_dir_all(world.path(folder)).unwrap();
    }
    world.fake.fault(
        Fault::error(403, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.")
            .on("GetSessionToken")
            .times(1),
    );
    world.calls();
    world.rolo(&["export", "--role", ADMIN, "--mfa-code", &world.fake.next_mfa_code("ada")]).failed(5);
    assert_eq!(world.calls(), ["GetSessionToken", "GetCallerIdentity"]);
    world.rolo(&["export", "--role", ADMIN]).failed(4);
    assert_eq!(world.calls(), ["AssumeRole", "ListMFADevices"]);
}

#[test]
fn everything_forgotten_is_found_out_again() {
    let world = world();
    world.keys(&["--role", PLAIN]);
    world.rolo(&["cache", "clear", "--all"]).quiet();
    assert_eq!(world.files(".cache/rolo/found"), [""; 0].map(std::path::PathBuf::from));
    world.calls();
    world.keys(&["--role", PLAIN]);
    assert_eq!(world.calls(), ["GetUser", "AssumeRole"]);
}

#[test]
fn a_role_takes_the_place_of_a_profile() {
    let world = world();
    let ran = world.rolo(&["exec", "--role", PLAIN, "sh", "-c", "echo $AWS_REGION $ROLO_PROFILE"]);
    assert_eq!(ran.quiet(), format!("eu-central-1 {PLAIN}\n"));
    for args in [
        &["export", "--role", PLAIN, "prod"][..],
        &["export", "--role", PLAIN, "--profile", "prod"],
        &["export", "--role", PLAIN, "--role-arn", ADMIN],
    ] {
        world.rolo(args).failed(2);
    }
    let identity = world.rolo(&["whoami", "--json", "--role", PLAIN]).json();
    assert_eq!(identity["Arn"], "arn:aws:sts::222233334444:assumed-role/Plain/ada");
    // The short form lies in the source's partition.
    world.keys(&["--role", "222233334444:Plain", "--source-profile", "other"]);
    assert_eq!(session_name(&world), "bob");
}

#[test]
fn as_assume_role_it_prints_three_lines() {
    let world = world();
    let printed = assume_role(&world, &["--role", PLAIN]).quiet();
    let names: Vec<_> = printed.lines().map(|line| line.split_once('=').unwrap().0).collect();
    assert_eq!(names, ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]);
    let key = world.fake.calls_of("AssumeRole")[0].issued.clone().unwrap();
    assert!(printed.starts_with(&format!("AWS_ACCESS_KEY_ID={key}\n")), "{printed}");
    world.calls();
    assert_eq!(assume_role(&world, &["--role", PLAIN]).quiet(), printed);
    assert_eq!(world.calls(), [""; 0]);
    let renewed = assume_role(&world, &["-f", "--role", PLAIN]).quiet();
    assert_ne!(renewed, printed);
    assert_eq!(world.calls(), ["AssumeRole"]);
}

#[test]
fn as_assume_role_it_runs_a_command() {
    let world = world();
    let line = "echo $AWS_ACCESS_KEY_ID; cat; echo told >&2; exit 7";
    let ran = assume_role(&world, &["--role", PLAIN, "--role-session-name", "me", "sh", "-c", line]);
    let key = world.fake.calls_of("AssumeRole")[0].issued.clone().unwrap();
    assert_eq!((ran.code, ran.stdout, ran.stderr.as_str()), (7, format!("{key}\n"), "told\n"));
    assert_eq!(session_name(&world), "me");
    for missing in ["no-such-program", "/etc/passwd"] {
        let told = assume_role(&world, &["--role", PLAIN, "--", missing]).failed(127);
        assert!(told.contains(missing), "{told}");
    }
}

#[test]
fn as_assume_role_it_says_what_is_wrong_with_its_words() {
    let world = world();
    let told = assume_role(&world, &["terraform", "plan"]).failed(2);
    insta::assert_snapshot!(told, @r"
    error: `--role` is missing
    hint: name the role: `assume-role --role NAME CMD`
    ");
    assume_role(&world, &["--role"]).failed(2);
    assert!(assume_role(&world, &["--help"]).quiet().contains("--force-refresh"));
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn the_project_says_how_the_role_is_called_and_when_it_is_renewed() {
    let world = world();
    world.settings("cli_cache = \"off\"\nrole_prefix = \"arn:aws:iam::333344445555:role/\"\n");
    let file = "role_prefix: arn:aws:iam::222233334444:role/\nrefresh_before_expiry: 5m\n";
    world.write(".aws/assume-role.yaml", file);
    let first = world.keys(&["--role", "Plain"]);
    assert_eq!(world.fake.calls_of("AssumeRole")[0].param("RoleArn"), Some(PLAIN));
    world.calls();
    age(&world, 3600 - 300 - 30);
    assert_eq!(world.keys(&["--role", "Plain"]).id, first.id, "five minutes are enough here");
    assert_eq!(world.calls(), [""; 0]);
    assert_ne!(world.keys(&[PLAIN]).id, first.id, "the same role, asked for without the project's settings");
    world.calls();
    age(&world, 3600 - 300 + 30);
    world.keys(&["--role", "Plain"]);
    assert_eq!(world.calls(), ["AssumeRole"]);
    // Another setting holds at once, for what is cached too.
    age(&world, 1800);
    world.write(".aws/assume-role.yaml", &file.replace("5m", "1h"));
    world.keys(&["--role", "Plain"]);
    assert_eq!(world.calls(), [""; 0], "a quarter of the life is enough all the same");
    age(&world, 1000);
    world.keys(&["--role", "Plain"]);
    assert_eq!(world.calls(), ["AssumeRole"]);
}

#[test]
fn as_assume_role_it_leaves_a_profile_to_other_tools() {
    let world = world();
    world.settings("role_prefix = \"arn:aws:iam::222233334444:role/\"\nprofile_name_prefix = \"team\"\n");
    let before = std::fs::read_to_string(world.path(".aws/credentials")).unwrap();
    assume_role(&world, &["--role", "Plain", "true"]).quiet();
    let file = || std::fs::read_to_string(world.path(".aws/credentials")).unwrap();
    let key = world.fake.calls_of("AssumeRole")[0].issued.clone().unwrap();
    let saved = file();
    assert!(saved.starts_with(&before) && saved.contains("\n[team-Plain]\n# written by rolo"), "{saved}");
    for line in [format!("aws_access_key_id = {key}\n"), format!("rolo_role_arn = {PLAIN}\n")] {
        assert!(saved.contains(&line), "{saved}");
    }
    assert!(saved.contains("region = eu-central-1\n") && saved.contains("rolo_expiration = 20"), "{saved}");
    // Cached, nothing is asked and nothing written.
    let stamp = || std::fs::metadata(world.path(".aws/credentials")).unwrap().modified().unwrap();
    let written = stamp();
    world.calls();
    assume_role(&world, &["--role", "Plain", "true"]).quiet();
    assert_eq!((world.calls(), stamp()), (Vec::new(), written));
    // `rolo exec` leaves the files alone.
    world.rolo(&["exec", "--role", "Hop", "true"]).quiet();
    assert_eq!(file(), saved);
    // Without a prefix it is the account.
    world.settings("");
    assume_role(&world, &["--role", "222233334444:Hop", "true"]).quiet();
    assert!(file().contains("\n[222233334444-Hop]\n"), "{}", file());
}

#[test]
fn as_assume_role_it_takes_no_profile_from_another_hand() {
    let world = world();
    world.add_config("[profile 222233334444-Plain]\nrole_arn = arn:aws:iam::222233334444:role/Mine\n");
    let before = std::fs::read_to_string(world.path(".aws/credentials")).unwrap();
    let ran = assume_role(&world, &["--role", PLAIN, "printenv", "AWS_ACCESS_KEY_ID"]);
    assert!(ran.stdout.starts_with("ASIA"), "{ran:?}");
    let told = ran.warned();
    assert!(
        told.contains(
            "profile `222233334444-Plain` is not saved: profile `222233334444-Plain` is there already"
        ),
        "{told}"
    );
    assert!(
        told.contains(".aws/config:") && told.ends_with("or set another `profile_name_prefix`\n"),
        "{told}"
    );
    assert_eq!(std::fs::read_to_string(world.path(".aws/credentials")).unwrap(), before);
}

#[test]
fn as_assume_role_it_runs_though_nothing_can_be_saved() {
    let mut world = World::new();
    let keys = world.fake.user_keys("ada");
    sign_with(&mut world, &keys.id, &keys.secret, None);
    world.set("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    let ran = assume_role(&world, &["--role", PLAIN, "printenv", "AWS_ACCESS_KEY_ID"]);
    assert!(ran.stdout.starts_with("ASIA"), "{ran:?}");
    let told = ran.warned();
    let said = "profile `222233334444-Plain` is not saved: `/dev/null` is no file that could be written\n";
    assert!(told.ends_with(said), "{told}");
}
