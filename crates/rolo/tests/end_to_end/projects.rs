//! `--role NAME` in a project: whose `assume-role.yaml` says which account the role is in, and when none may.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::Path,
};

use crate::{
    roles::assume_role,
    world::{PRODUCTION, Ran, STAGING, World, run},
};

/// What `Plain` is called in the two accounts; it is only in [`STAGING`].
const IN_STAGING: &str = "arn:aws:iam::222233334444:role/";
const IN_PRODUCTION: &str = "arn:aws:iam::333344445555:role/";
const PLAIN: &str = "arn:aws:iam::222233334444:role/Plain";

/// A world in which the shell's own credentials are `ada`'s keys, and nothing of the AWS CLI is shared.
fn world() -> World {
    let mut world = World::new();
    world.set("AWS_PROFILE", "identity");
    world
}

impl World {
    fn role(&self, folder: &str, role: &str) -> Ran {
        run(self.command_in(folder, &["export", "--role", role]))
    }

    /// The account that the role of this name was asked for in, and no other.
    #[track_caller]
    fn account_of(&self, folder: &str, name: &str) -> String {
        self.fake.clear_calls();
        let ran = run(self.command_in(folder, &["export", "--refresh", "--role", name]));
        let asked = self.fake.calls_of("AssumeRole");
        let arns: Vec<_> = asked.iter().map(|call| call.param("RoleArn").unwrap()).collect();
        let arn = arns.first().unwrap_or_else(|| panic!("{ran:#?}"));
        assert!(arns.iter().all(|other| other == arn) && arn.ends_with(&format!(":role/{name}")), "{arns:?}");
        arn.split(':').nth(4).unwrap().to_owned()
    }

    fn file(&self, folder: &str, prefix: &str) -> String {
        let name = format!("{folder}/assume-role.yaml");
        let path = self.write(&name, &format!("role_prefix: {prefix}\n"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
        name
    }
}

#[test]
fn what_a_person_approved_is_found_from_below() {
    let world = world();
    world.file("app", IN_STAGING);
    world.role("app/deep/er", "Plain").failed(3);
    assert_eq!(world.trust("app/deep", "y").1, 0);
    let got = world.role("app/deep/er", "Plain").quiet();
    assert!(got.contains("AWS_SESSION_TOKEN="), "{got}");
    assert_eq!(world.fake.calls_of("AssumeRole")[0].param("RoleArn"), Some(PLAIN));
    world.calls();
    // Cached: no call, and the file is looked at all the same.
    world.role("app", "Plain").quiet();
    assert_eq!(world.calls(), [""; 0]);
    world.file("app", IN_PRODUCTION);
    world.role("app", "Plain").failed(3);
    world.file("app", IN_STAGING);
    world.role("app", "Plain").quiet();
    assert_eq!(world.calls(), [""; 0]);
    let mut command = world.command_in("app", &["--role", "Plain", "sh", "-c", "echo $AWS_ACCESS_KEY_ID"]);
    std::os::unix::process::CommandExt::arg0(&mut command, "assume-role");
    assert!(run(command).quiet().starts_with("ASIA"));
}

#[test]
fn the_nearest_file_stands_alone_and_config_toml_fills_its_gaps() {
    let world = world();
    world.settings("trusted = ['~/']\nrole_prefix = 'arn:aws:iam::999988887777:role/'\n");
    assert_eq!(world.account_of("app/in", "Plain"), "999988887777");
    world.file(".aws", IN_PRODUCTION);
    assert_eq!(world.account_of("app/in", "Plain"), PRODUCTION, "the home's, where there is no other");
    world.file("app", IN_STAGING);
    assert_eq!(world.account_of("app/in", "Plain"), STAGING, "the project's before the home's");
    assert_eq!(world.account_of("", "Plain"), PRODUCTION, "outside of the project");
    world.file("app/in", IN_PRODUCTION);
    assert_eq!(world.account_of("app/in/ner", "Plain"), PRODUCTION, "the nearest");
    assert_eq!(world.account_of("app", "Plain"), STAGING);
    // A key that it leaves out is not looked for in the files above, nor in the home's.
    world.write("app/in/assume-role.yaml", "profile_name_prefix: x\n");
    fs::set_permissions(world.path("app/in/assume-role.yaml"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(world.account_of("app/in", "Plain"), "999988887777");
}

#[test]
fn a_role_in_full_is_not_put_behind_the_prefix() {
    let world = world();
    world.settings("trusted = ['~/app']\n");
    world.file("app", IN_PRODUCTION);
    for full in [PLAIN, "222233334444:Plain"] {
        world.role("app", full).quiet();
        assert_eq!(world.fake.calls_of("AssumeRole").last().unwrap().param("RoleArn"), Some(PLAIN));
    }
}

#[test]
fn a_file_nobody_approved_stops_a_name_and_is_left_out_for_a_role_in_full() {
    let world = world();
    // Neither of these is fallen back on.
    world.settings(&format!("role_prefix = '{IN_STAGING}'\n"));
    world.file(".aws", IN_STAGING);
    world.file("app", IN_PRODUCTION);
    let told = world.role("app/deep", "Plain").failed(3);
    insta::assert_snapshot!(told, @r"
    error: role `Plain` may be in any account: `~/app/assume-role.yaml` does not count
    caused by: it has not been approved
    hint: look at it, then run `rolo trust ~/app/assume-role.yaml`
    hint: name the role in full: `ACCOUNT:Plain`, or its ARN
    ");
    run(world.command_in("app", &["exec", "--role", "Plain", "--", "true"])).failed(125);
    run(world.command_in("app", &["whoami", "--role", "Plain"])).failed(3);
    assert_eq!(world.calls(), [""; 0]);
    for full in [PLAIN, "222233334444:Plain"] {
        let ran = world.role("app", full);
        assert!(ran.code == 0 && ran.stdout.contains("AWS_ACCESS_KEY_ID"), "{ran:?}");
        assert_eq!(
            ran.stderr,
            format!(
                "warning: `{0}` does not count: it has not been approved; look at it, then run `rolo trust {0}`\n",
                world.path("app/assume-role.yaml").display()
            )
        );
    }
    run(world.command_in("app", &["export", "-q", "--role", PLAIN])).quiet();
    // Who names a profile is not told of it.
    run(world.command_in("app", &["export", "plain"])).quiet();
}

#[test]
fn a_changed_file_stops_a_name_again() {
    let world = world();
    world.file("app", IN_STAGING);
    world.trust("app", "y");
    world.role("app", "Plain").quiet();
    world.calls();
    world.file("app", IN_PRODUCTION);
    let told = world.role("app", "Plain").failed(3);
    assert!(told.contains("caused by: it has changed since it was approved (20"), "{told}");
    assert!(told.contains("run `rolo trust ~/app/assume-role.yaml`"), "{told}");
    assert_eq!(world.calls(), [""; 0]);
    world.trust("app", "y");
    assert_eq!(world.account_of("app", "Plain"), PRODUCTION);
    run(world.command_in("app", &["trust", "--forget", "-q"])).quiet();
    world.role("app", "Plain").failed(3);
}

#[test]
fn no_trust_makes_a_file_count_that_others_could_write() {
    let world = world();
    world.settings("trusted = ['~/']\n");
    let refused = |folder: &str, why: &str, remedy: &str| {
        let told = world.role(folder, "Plain").failed(3);
        assert!(told.contains(why) && told.contains(remedy), "{told}");
        let warning = world.role(folder, PLAIN).warned();
        assert!(warning.contains(why) && warning.lines().count() == 1, "{warning}");
    };
    let path = world.path(&world.file("app", IN_PRODUCTION));
    for mode in [0o664, 0o602] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        refused("app", "others may write to it", "run `chmod go-w ~/app/assume-role.yaml`");
    }
    fs::remove_file(&path).unwrap();
    if rustix::process::geteuid().is_root() {
        world.file("app", IN_PRODUCTION);
        chown(&path, Some(12_345), None).unwrap();
    } else {
        symlink("/etc/passwd", &path).unwrap();
    }
    refused("app", "it belongs to another user", "no approval makes another user's count");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    refused("app", "it is not a regular file", "correct or remove");

    let home = world.path(&world.file(".aws", IN_PRODUCTION));
    fs::set_permissions(&home, fs::Permissions::from_mode(0o666)).unwrap();
    refused("elsewhere", "others may write to it", "chmod go-w");
}

#[test]
fn root_in_a_users_project_does_not_count_its_file() {
    // Without root there is no other user to be.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let world = world();
    let path = world.path(&world.file("app", IN_PRODUCTION));
    chown(world.path("app"), Some(12_345), None).unwrap();
    chown(&path, Some(12_345), None).unwrap();
    let told = world.role("app", "Plain").failed(3);
    assert!(told.contains("it belongs to another user (uid 12345)"), "{told}");
}

#[test]
fn a_mistake_in_a_file_that_counts_is_told_with_its_line() {
    let world = world();
    world.settings("trusted = ['~/app']\n");
    let write = |text: &str| {
        let path = world.write("app/assume-role.yaml", text);
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    };
    write("role_prefix: arn:aws:iam::222233334444:role/\n\nrole_prefx: x\n");
    let told = world.role("app/deep", "Plain").failed(3);
    insta::assert_snapshot!(told, @r"
    error: unknown field `role_prefx`, expected one of role_prefix, refresh_before_expiry, profile_name_prefix
      at ~/app/assume-role.yaml:3
    hint: the keys are `role_prefix`, `refresh_before_expiry` and `profile_name_prefix`
    ");
    write("role_prefix: arn:aws:iam::222233334444:role/\nrefresh_before_expiry: 15\n");
    let told = world.role("app", "Plain").failed(3);
    insta::assert_snapshot!(told, @r"
    error: `refresh_before_expiry` is `15`, which is not a length from `0` to `12h`, such as `15m` or `1h30m`
      at ~/app/assume-role.yaml:2
    hint: the keys are `role_prefix`, `refresh_before_expiry` and `profile_name_prefix`
    ");
    write("# 1\n# 2\nrole_prefix: 222233334444\n");
    let told = world.role("app", "Plain").failed(3);
    assert!(told.contains("  at ~/app/assume-role.yaml:3\n"), "{told}");
    world.settings("role_prefix = 'arn:aws:iam::222233334444:user/'\n");
    let told = world.role("elsewhere", "Plain").failed(3);
    assert!(told.contains("  at ~/.config/rolo/config.toml:1\n"), "{told}");
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn without_a_prefix_a_name_is_in_no_account() {
    let world = world();
    let told = world.role("app", "Plain").failed(3);
    insta::assert_snapshot!(told, @r"
    error: role `Plain` is in no account: there is no `role_prefix`
    hint: set `role_prefix` in `assume-role.yaml` or in rolo's `config.toml`
    hint: name the role in full: `ACCOUNT:Plain`, or its ARN
    ");
    for name in ["prod:Plain", "arn:aws:iam::1234:role/x", "a b", "x/", "\u{1b}[2J"] {
        let told = world.role("app", name).failed(2);
        assert!(told.contains("is no role's name"), "{told}");
    }
    assert!(assume_role(&world, &["--role", "Plain", "true"]).stderr.contains("there is no `role_prefix`"));
    assert_eq!(world.calls(), [""; 0]);
}

#[test]
fn a_folder_that_is_gone_or_closed_leads_nowhere_else() {
    let world = world();
    world.settings(&format!("role_prefix = '{IN_STAGING}'\n"));
    let script = "mkdir gone; cd gone; rmdir ../gone; rolo export --role Plain; echo $?";
    let ran = world.shell(script);
    assert_eq!(ran.stdout, "1\n", "{ran:?}");
    // A link that leads nowhere is no file.
    fs::create_dir(world.path("app")).unwrap();
    symlink(Path::new("nowhere"), world.path("app/assume-role.yaml")).unwrap();
    assert_eq!(world.account_of("app", "Plain"), STAGING);
}
