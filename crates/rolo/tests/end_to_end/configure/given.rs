//! Settings given as options: nothing is asked, and what is of no use is refused before anything is written.

use fake_aws::Fault;

use super::DEVICE;
use crate::world::{World, run};

const KEYS: [&str; 2] = ["--access-key-id", "--secret-access-key-stdin"];

#[test]
fn keys_are_checked_and_written() {
    let world = World::fresh();
    let ada = world.fake.user_keys("ada");
    let words = ["base", KEYS[0], &ada.id, KEYS[1], "--region", "eu-central-1", "--output", "json"];
    let said = world.configure(&words, &format!("{}\n", ada.secret)).wrote();
    assert_eq!(
        said,
        "the access key is of user ada in account 111122223333\n\
         profile `base` is written to `~/.aws/credentials` and `~/.aws/config`\n"
    );
    assert_eq!(world.calls(), ["GetCallerIdentity"]);
    let [config, credentials] = world.both_files();
    assert_eq!(config, "[profile base]\nregion = eu-central-1\noutput = json\n");
    assert_eq!(
        credentials,
        format!("[base]\naws_access_key_id = {}\naws_secret_access_key = {}\n", ada.id, ada.secret)
    );
    assert_eq!(world.keys(&["base"]).id, ada.id);
    // The same again changes nothing.
    let said = world.configure(&["base", "-q", KEYS[0], &ada.id, KEYS[1]], &ada.secret).wrote();
    assert_eq!(said, "");
    assert_eq!(world.both_files(), [config, credentials]);
}

#[test]
fn keys_that_aws_refuses_are_not_written() {
    let world = World::fresh();
    let ada = world.fake.user_keys("ada");
    let words = ["base", KEYS[0], &ada.id, KEYS[1], "--region", "eu-central-1"];
    let said = world.configure(&words, "a-wrong-secret").failed(5);
    assert!(
        said.contains("SignatureDoesNotMatch") && said.contains("hint: check the secret access key\n"),
        "{said}"
    );
    assert!(said.contains("`--no-verify` writes it unchecked") && !said.contains("a-wrong-secret"), "{said}");

    let unknown = ["base", KEYS[0], "AKIAIOSFODNN7EXAMPLE", KEYS[1], "--region", "eu-central-1"];
    let said = world.configure(&unknown, &ada.secret).failed(5);
    assert!(said.contains("hint: check the access key id: it is unknown"), "{said}");

    world.fake.fault(Fault::error(403, "AccessDenied", "no"));
    world.configure(&words, &ada.secret).failed(5);
    world.fake.fault(Fault::garbage().always());
    world.configure(&words, &ada.secret).failed(6);
    assert_eq!(world.both_files(), ["", ""]);
    assert!(!world.path(".aws").exists());
}

#[test]
fn unchecked_means_no_call() {
    let world = World::fresh();
    let words = ["base", "--no-verify", KEYS[0], "test", KEYS[1]];
    assert_eq!(
        world.configure(&words, " secret\r\n").wrote(),
        "profile `base` is written to `~/.aws/credentials`\n"
    );
    let role = ["role", "--no-verify", "--role-arn", "Admin", "--source-profile", "nowhere"];
    world.configure(&role, "").wrote();
    assert!(world.calls().is_empty());
    assert_eq!(
        world.both_files(),
        [
            "[profile role]\nrole_arn = Admin\nsource_profile = nowhere\n",
            "[base]\naws_access_key_id = test\naws_secret_access_key = secret\n"
        ]
    );
}

#[test]
fn half_a_key_is_a_wrong_command_line() {
    let world = World::fresh();
    let ada = world.fake.user_keys("ada");
    let said = world.configure(&["base", KEYS[0], &ada.id], "").failed(2);
    assert!(said.contains("without its secret") && said.contains("--secret-access-key-stdin"), "{said}");
    let said = world.configure(&["base", KEYS[1]], &ada.secret).failed(2);
    assert!(said.contains("without its access key") && said.contains("--access-key-id ID"), "{said}");
    for (words, secret) in
        [(&[KEYS[0], &ada.id, KEYS[1]][..], ""), (&[KEYS[0], &ada.id, KEYS[1]], "two words")]
    {
        world.configure(words, secret).failed(2);
    }
    world.configure(&[KEYS[0], "-", KEYS[1]], &ada.secret).failed(2);
    assert_eq!(world.both_files(), ["", ""]);
    assert!(world.calls().is_empty());
    // The half that is there already counts.
    let world = World::new();
    world.configure(&["identity", KEYS[1]], &world.fake.user_keys("ada").secret).wrote();
}

#[test]
fn slips_are_told_before_anything_is_written() {
    let world = World::new();
    let before = world.both_files();
    for (words, code, told) in [
        (&["--region", "eu central"][..], 2, "`eu central` is no region"),
        (&["--output", "xml"], 2, "`xml` is none of `json`, `yaml`"),
        (&["--role-arn", "Admin", "--source-profile", "identity"], 2, "`Admin` is no role"),
        (&["--mfa-serial", "ada"], 2, "`ada` is no MFA device"),
        (&["--access-key-id", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"], 2, "that is no access key id"),
        (&["--region", ""], 2, "`--region` is empty"),
        (&["--role-arn", "333344445555:Admin"], 2, "without a profile to assume it from"),
        (&["--source-profile", "identiy"], 3, "did you mean `identity`?"),
        (&["--role-arn", "333344445555:Admin", "--source-profile", "identiy"], 3, "did you mean `identity`?"),
        (
            &["--role-arn", "333344445555:Admin", "--source-profile", "new"],
            3,
            "`source_profile` loops: `new` -> `new`",
        ),
        (
            &["--role-arn", "333344445555:Admin", "--source-profile", "empty"],
            3,
            "`empty` holds no credentials",
        ),
        (&["--profile", "x", "--region", "eu-west-1"], 2, "cannot be used with"),
    ] {
        world.add_config("[profile empty]\nregion = eu-west-1\n");
        let said = world.configure(&[&["new"], words].concat(), "").failed(code);
        assert!(said.contains(told), "{words:?}: {said}");
        // No line is to blame that nobody has written.
        assert!(!said.contains("  at ") && !said.contains("wJalr"), "{said}");
        world.config(&before[0]);
    }
    assert_eq!(world.both_files(), before);
    world.configure(&["", "--region", "eu-west-1"], "").failed(2);
    world.configure(&["a\nb", "--region", "eu-west-1"], "").failed(3);
    assert_eq!(world.both_files(), before);
    assert!(world.calls().is_empty());
}

#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    let world = World::fresh();
    let ada = world.fake.user_keys("ada");
    // Not every secret has a character that no key id has.
    let secret = format!("{}/", &ada.secret[1..]);
    let joined =
        ["--secret-access-key-stdin", "--secret-access-key"].map(|option| format!("{option}={secret}"));
    for words in [
        &["base", KEYS[0], &ada.id, &secret][..],
        &["base", KEYS[0], &ada.id, &joined[0]],
        &["base", KEYS[0], &ada.id, &joined[1]],
        &["base", KEYS[0], &secret, KEYS[1]],
    ] {
        let said = world.configure(words, &secret).failed(2);
        assert!(!said.contains(&secret), "{said}");
    }
    let said = world.configure(&["base", KEYS[0], &ada.id, &secret], "").failed(2);
    assert!(said.contains("unexpected argument `…`"), "{said}");
}

#[test]
fn a_role_is_checked_without_being_assumed() {
    let world = World::new();
    let before = world.both_files();
    let words = ["--role-arn", "333344445555:Admin", "--source-profile", "identity", "--mfa-serial", DEVICE];
    world.configure(&[&["--profile", "new", "--region", "eu-west-1"], &words[..]].concat(), "").wrote();
    assert!(world.calls().is_empty());
    let added = format!(
        "\n[profile new]\nregion = eu-west-1\nrole_arn = arn:aws:iam::333344445555:role/Admin\nsource_profile = identity\nmfa_serial = {DEVICE}\n"
    );
    assert_eq!(world.both_files(), [format!("{}{added}", before[0]), before[1].clone()]);
    run(&mut world.command_with_code(&["process", "new"])).keys();
    // A profile may assume its role with its own keys.
    world
        .configure(&["identity", "--role-arn", "222233334444:Plain", "--source-profile", "identity"], "")
        .wrote();
    assert_eq!(
        run(&mut world.command(&["whoami", "identity"])).quiet().lines().next().unwrap().split(',').next(),
        Some("role Plain")
    );
    // What it wants of the environment may be there when it is used.
    let said = world.configure(&[&["late"], &words[..]].concat(), "").warned();
    assert!(said.contains("needs a region"), "{said}");
}

#[test]
fn a_role_of_another_partition_is_completed_in_it() {
    let world = World::new();
    let words = [
        "cn",
        "--role-arn",
        "333344445555:team/Admin",
        "--source-profile",
        "identity",
        "--region",
        "cn-north-1",
    ];
    world.configure(&words, "").wrote();
    assert!(world.both_files()[0].contains("role_arn = arn:aws-cn:iam::333344445555:role/team/Admin\n"));
}

#[test]
fn the_profile_is_the_named_one_or_that_of_the_environment() {
    let mut world = World::fresh();
    world.configure(&["--region", "eu-west-1"], "").wrote();
    world.configure(&["--profile", "a b", "--region", "eu-west-2"], "").wrote();
    world.set("AWS_PROFILE", "of-env");
    world.configure(&["--region", "eu-west-3"], "").wrote();
    world.configure(&["named", "--region", "eu-west-4"], "").wrote();
    assert_eq!(
        world.both_files()[0],
        "[default]\nregion = eu-west-1\n\n[profile 'a b']\nregion = eu-west-2\n\n\
         [profile of-env]\nregion = eu-west-3\n\n[profile named]\nregion = eu-west-4\n"
    );
}

#[test]
fn without_a_terminal_and_without_settings_the_remedy_is_told() {
    let world = World::new();
    insta::assert_snapshot!(world.configure(&["prod"], "").failed(4), @r"
    error: there is no terminal to ask on
    hint: run it at a terminal, or give the settings: `rolo configure --profile prod --access-key-id ID --secret-access-key-stdin`
    ");
    assert!(world.calls().is_empty());
}

#[test]
fn an_earlier_hand_over_does_not_decide_where_keys_are_checked() {
    let world = World::new();
    let bob = world.fake.user_keys("bob");
    let configure = format!(
        "printf %s '{}' | rolo configure new --access-key-id {} --secret-access-key-stdin",
        bob.secret, bob.id
    );
    world.add_config("[profile elsewhere]\nregion = us-west-2\nendpoint_url = http://127.0.0.1:9\naws_access_key_id = A\naws_secret_access_key = a\n");
    let script = format!(
        "unset AWS_ENDPOINT_URL; eval \"$(rolo export elsewhere)\"; echo $AWS_ENDPOINT_URL; export AWS_ENDPOINT_URL_STS={}; {configure}",
        world.fake.url()
    );
    let ran = world.shell(&script).ok();
    assert_eq!(ran.stdout, "http://127.0.0.1:9\n");
    assert!(ran.stderr.contains("user bob"), "{ran:?}");
}
