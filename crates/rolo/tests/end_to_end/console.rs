//! `rolo console --switch-role`: the link, what it shows the role as, and the browser.

use std::fs;

use crate::world::{Ran, World};

const ADMIN: &str = "https://signin.aws.amazon.com/switchrole?account=333344445555&roleName=Admin";

impl World {
    fn switch(&self, args: &[&str]) -> Ran {
        self.rolo(&[&["console", "--switch-role"], args].concat())
    }
}

#[test]
fn the_link_leads_to_the_profiles_role() {
    let world = World::new();
    world.add_config(
        "[profile pathed]\nrole_arn = arn:aws:iam::222233334444:role/team/a/Deploy\nsource_profile = identity\nregion = eu-west-1\n\
         rolo_display_name = «deploy» & run\nrolo_color = green\n\
         [profile china]\nrole_arn = arn:aws-cn:iam::222233334444:role/Deploy\nsource_profile = identity\nregion = cn-north-1\n",
    );
    let link = |args: &[&str]| world.switch(args).quiet();
    assert_eq!(link(&["prod"]), format!("{ADMIN}&displayName=prod\n"));
    assert_eq!(
        link(&["--profile", "prod", "--color", "red"]),
        format!("{ADMIN}&displayName=prod&color=F2B0A9\n")
    );
    assert_eq!(
        link(&["prod", "--display-name", "live system", "--color", "a0b1c2"]),
        format!("{ADMIN}&displayName=live%20system&color=A0B1C2\n")
    );
    assert_eq!(
        link(&["pathed"]),
        "https://signin.aws.amazon.com/switchrole?account=222233334444&roleName=team%2Fa%2FDeploy\
         &displayName=%C2%ABdeploy%C2%BB%20%26%20run&color=B7CA9D\n"
    );
    assert!(
        link(&["pathed", "--color", "blue"]).ends_with("%20run&color=99BCE3\n"),
        "the option comes first"
    );
    assert!(link(&["china"]).starts_with("https://signin.amazonaws.cn/switchrole?account=222233334444&"));
    // What only a call needs may be missing: an endpoint of one's own tells no region to sign for.
    world.edit_config("mfa/ada\nregion = eu-central-1\n", "mfa/ada\n");
    assert_eq!(link(&["prod"]), format!("{ADMIN}&displayName=prod\n"));
    // Of a chain, the last role.
    assert!(link(&["audit"]).contains("account=333344445555&roleName=Audit&displayName=audit"));
    assert!(world.calls().is_empty(), "no call is made, and no code asked for");
    assert!(world.files(".cache").is_empty());
}

#[test]
fn a_role_can_be_named_without_a_profile() {
    let mut world = World::new();
    for target in ["arn:aws:iam::333344445555:role/Admin", "333344445555:Admin"] {
        world.set("AWS_PROFILE", "identity");
        assert_eq!(world.switch(&[target]).quiet(), format!("{ADMIN}\n"));
    }
    world.set("AWS_PROFILE", "prod");
    assert_eq!(world.switch(&[]).quiet(), format!("{ADMIN}&displayName=prod\n"));
    // Who has no credentials at all can switch in the console still.
    world.unset("AWS_PROFILE");
    world.config("");
    world.credentials("");
    assert_eq!(world.switch(&["arn:aws:iam::333344445555:role/Admin"]).quiet(), format!("{ADMIN}\n"));
}

#[test]
fn what_cannot_be_switched_to_is_told_with_its_place() {
    let mut world = World::new();
    world.set("AWS_REGION", "eu-west-1");
    world.config(
        "[profile keys]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = hunter2\n\
         [sso-session corp]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n\
         [profile sso]\nsso_session = corp\nsso_account_id = 222233334444\nsso_role_name = Reader\n\
         [profile odd]\nrole_arn = arn:aws:iam::333344445555:user/somebody\nsource_profile = keys\n\
         [profile secret]\nrole_arn = arn:aws-iso:iam::333344445555:role/Admin\nsource_profile = keys\n\
         [profile web]\nrole_arn = arn:aws:iam::333344445555:role/Admin\nweb_identity_token_file = /token\n\
         [profile purple]\nrole_arn = arn:aws:iam::333344445555:role/Admin\nsource_profile = keys\n\
         rolo_color = purple\n\
         [profile long]\nrole_arn = arn:aws:iam::333344445555:role/Admin\nsource_profile = keys\n\
         rolo_display_name = 0123456789012345678901234567890123456789012345678901234567890123456789\n",
    );
    let failed = |profile: &str| world.switch(&[profile]).failed(3);
    insta::assert_snapshot!(failed("keys"), @r"
    error: `keys` assumes no role
      at ~/.aws/config:1
    hint: name a profile with `role_arn`, a role's ARN or ACCOUNT:ROLE
    ");
    insta::assert_snapshot!(failed("sso"), @r"
    error: `sso` assumes no role
      at ~/.aws/config:7
    hint: a role of IAM Identity Center cannot be switched to, only one with `role_arn`; open it from the access portal: https://example.awsapps.com/start
    ");
    insta::assert_snapshot!(failed("odd"), @r"
    error: `arn:aws:iam::333344445555:user/somebody` is no role's ARN
      at ~/.aws/config:12
    hint: a role's ARN reads `arn:aws:iam::ACCOUNT:role/NAME`; consoles are known for `aws`, `aws-cn` and `aws-us-gov`
    ");
    assert!(failed("secret").contains("the partition `aws-iso` is not known"));
    assert!(failed("web").contains("a role for a token cannot be switched to"));
    insta::assert_snapshot!(failed("purple"), @r"
    error: a colour is `red`, `orange`, `yellow`, `green`, `blue` or six hexadecimal digits
      at ~/.aws/config:23
    hint: correct `rolo_color`, or remove the line
    ");
    insta::assert_snapshot!(failed("long"), @r"
    error: a display name has at most 64 characters, this one 70
      at ~/.aws/config:27
    hint: correct `rolo_display_name`, or remove the line
    ");
    assert!(failed("nobody").contains("`nobody`"));
    // The option stands in for a setting that is wrong.
    world.switch(&["purple", "--color", "red"]).quiet();
    world.switch(&["long", "--display-name", "short"]).quiet();
    let name = "n".repeat(65);
    world.add_config(&format!(
        "[profile {name}]\nrole_arn = arn:aws:iam::333344445555:role/Admin\nsource_profile = keys\n"
    ));
    assert!(failed(&name).contains("--display-name"));
}

#[test]
fn mistakes_of_the_command_line_are_told_as_such() {
    let world = World::new();
    insta::assert_snapshot!(world.rolo(&["console", "prod"]).failed(2), @r"
    error: `rolo console` cannot sign a browser in yet
    hint: add `--switch-role` for the link that switches to the role in a signed-in console
    ");
    for args in [
        &["prod", "--color", "purple"][..],
        &["prod", "--color", "#FF0000"],
        &["prod", "--display-name", ""],
        &["prod", "--display-name", &"n".repeat(65)],
        &["prod", "--profile", "dev"],
    ] {
        world.switch(args).failed(2);
    }
}

#[test]
fn the_browser_gets_the_link_and_its_failure_leaves_it_printed() {
    let mut world = World::new();
    world.script("desktop/xdg-open", r#"printf '%s\n' "$@" >"$HOME/opened""#);
    world.set("PATH", world.path("desktop").display().to_string());
    let link = format!("{ADMIN}&displayName=prod\n");
    assert_eq!(world.switch(&["prod", "--open"]).quiet(), link);
    assert_eq!(fs::read_to_string(world.path("opened")).unwrap(), link);

    world.script("desktop/xdg-open", "exit 3");
    let ran = world.switch(&["prod", "--open"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, link.as_str()), "{ran:?}");
    assert!(ran.stderr.starts_with("error: no browser could be opened\n"), "{ran:?}");

    fs::remove_file(world.path("desktop/xdg-open")).unwrap();
    let ran = world.switch(&["prod", "--open"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, link.as_str()), "{ran:?}");
    assert!(ran.stderr.contains("hint: open the printed link by hand"), "{ran:?}");
}
