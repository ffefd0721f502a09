//! Caches, sign-ins, the history and locks: what runs leave behind, and what becomes of it.

use std::{fs, os::unix::fs::symlink};

use rolo_core::{
    Credentials, Secret,
    cache::{
        key::KeyBuilder,
        open_or_create_root,
        own::{About, Entry, OwnCache},
    },
};

use crate::world::{Machine, codes};

const CONFIG: &str = "\
[profile base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = hunter2
[profile dev]
role_arn = arn:aws:iam::222233334444:role/Dev
source_profile = base
";
/// SHA-1 of `{"RoleArn": "arn:aws:iam::222233334444:role/Dev"}`, as the AWS CLI names its file.
const CLI_FILE: &str = ".aws/cli/cache/789d73e178a37c6e1131c7e7910d83428bee2693.json";

fn machine() -> Machine {
    Machine::new(CONFIG)
}

fn seen(machine: &Machine) -> String {
    codes(&machine.findings("R120", "R139"))
}

fn told(machine: &Machine) -> String {
    machine.told("R120", "R139")
}

/// Keeps credentials that end at `end`.
fn keep(machine: &Machine, name: &str, end: &str) {
    let root = open_or_create_root(&machine.path(".cache/rolo")).unwrap();
    let entry = Entry {
        credentials: Credentials {
            access_key_id: "ASIAIOSFODNN7EXAMPLE".into(),
            secret_access_key: Secret::new("hunter2"),
            session_token: Some(Secret::new("hunter2")),
            expiration: Some(end.parse().unwrap()),
            account_id: None,
        },
        issued_at: "2026-11-21T10:00:00Z".parse().unwrap(),
        about: About::default(),
    };
    OwnCache::open(&root).unwrap().store(&KeyBuilder::new(name).finish(), &entry).unwrap();
}

fn cli_entry(role: &str) -> String {
    format!(
        "{{\"Credentials\": {{\"AccessKeyId\": \"ASIA\", \"SecretAccessKey\": \"hunter2\", \"SessionToken\": \"hunter2\", \
         \"Expiration\": \"2026-11-21T13:00:00Z\"}}, \"AssumedRoleUser\": {{\"AssumedRoleId\": \"AROA:x\", \
         \"Arn\": \"arn:aws:sts::222233334444:assumed-role/{role}/x\"}}}}"
    )
}

#[test]
fn what_is_whole_shows_nothing() {
    let machine = machine();
    assert_eq!(told(&machine), "");
    assert!(!machine.path(".cache").exists(), "nothing was made");
    keep(&machine, "a", "2026-11-21T13:00:00Z");
    machine.write(CLI_FILE, &cli_entry("Dev"));
    machine.write(".aws/cli/cache/session.db", "not JSON");
    machine.write(
        ".local/state/rolo/history",
        "1764000000\texec\tls\tdev\t\t\t\tdev\t222233334444\tDev\ncut sho",
    );
    assert_eq!(told(&machine), "");
}

#[test]
fn entries_that_are_over_or_damaged() {
    let machine = machine();
    for name in ["a", "b"] {
        keep(&machine, name, "2026-11-21T11:00:00Z");
    }
    keep(&machine, "c", "2026-11-21T13:00:00Z");
    assert_eq!(
        told(&machine),
        "R122 2 entries of rolo's cache are over\n  -> run `rolo cache clear --expired`\n"
    );
    machine.fix("R120", "R139");
    assert_eq!(told(&machine), "");

    let folder = machine.path(".cache/rolo/credentials");
    let entry = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    fs::write(&entry, "{").unwrap();
    let told_damaged = told(&machine);
    assert!(told_damaged.starts_with("R121 `~/.cache/rolo/credentials/"), "{told_damaged}");
    machine.fix("R120", "R139");
    assert_eq!((told(&machine).as_str(), entry.exists()), ("", false));
}

#[test]
fn folders_that_are_not_used() {
    let machine = machine();
    keep(&machine, "a", "2026-11-21T13:00:00Z");
    machine.chmod(".cache/rolo", 0o777);
    assert_eq!(
        told(&machine),
        "R120 folder `~/.cache/rolo` is not used: others may write to it (mode 0777)\n  -> run `chmod go-w ~/.cache/rolo`\n"
    );
    machine.fix("R120", "R139");
    assert_eq!(told(&machine), "");
    machine.chmod(".cache/rolo/credentials", 0o770);
    assert_eq!(seen(&machine), "R120");
}

#[test]
fn a_link_in_place_of_a_folder() {
    let machine = machine();
    fs::create_dir(machine.path("elsewhere")).unwrap();
    fs::create_dir_all(machine.path(".aws/cli")).unwrap();
    symlink(machine.path("elsewhere"), machine.path(".aws/cli/cache")).unwrap();
    let findings = machine.findings("R120", "R139");
    assert_eq!(codes(&findings), "R120");
    assert_eq!(findings[0].fixes, []);
    assert!(
        told(&machine).contains("it is a symbolic link\n  -> run `rm ~/.aws/cli/cache`"),
        "{}",
        told(&machine)
    );
}

#[test]
fn the_aws_clis_entries() {
    let machine = machine();
    for damaged in ["", "[]", "{}", "{\"Credentials\": {\"AccessKeyId\": \"ASIA\"}}"] {
        machine.write(CLI_FILE, damaged);
        assert_eq!(
            told(&machine),
            format!(
                "R123 `~/{CLI_FILE}` is damaged, and `aws` fails with it for profile `dev`\n  -> run `rm ~/{CLI_FILE}`\n"
            ),
            "{damaged}"
        );
    }
    machine.fix("R120", "R139");
    assert_eq!((told(&machine).as_str(), machine.path(CLI_FILE).exists()), ("", false));

    machine.write(CLI_FILE, &cli_entry("Admin"));
    assert_eq!(
        told(&machine),
        format!(
            "R125 `~/{CLI_FILE}` holds credentials of `Admin` in 222233334444, and `aws` takes them for `arn:aws:iam::222233334444:role/Dev`\n  \
             -> run `rm ~/{CLI_FILE}`\n"
        )
    );
    machine.write(CLI_FILE, &cli_entry("Dev"));
    machine.chmod(CLI_FILE, 0o644);
    assert_eq!(seen(&machine), "R124");
    machine.fix("R120", "R139");
    assert_eq!(told(&machine), "");
}

#[test]
fn sign_ins() {
    let machine = Machine::new(
        "[sso-session work]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n\
         [profile a]\nsso_session = work\nsso_account_id = 222233334444\nsso_role_name = Reader\n\
         [profile b]\nsso_session = work\nsso_account_id = 333344445555\nsso_role_name = Reader\n",
    );
    assert_eq!(
        told(&machine),
        "R126 nobody has signed in to `work` here\n  -> run `aws sso login --sso-session work`\n"
    );
    let file = ".aws/sso/cache/e274eeff768c6396088ec6eb091f4bf4d47ab1e0.json";
    let token =
        |end: &str, more: &str| format!("{{\"accessToken\": \"hunter2\", \"expiresAt\": \"{end}\"{more}}}");
    machine.write(file, &token("2026-11-21T13:00:00Z", ""));
    assert_eq!(told(&machine), "");
    machine.write(file, &token("2026-11-21T11:00:00Z", ""));
    assert!(told(&machine).starts_with("R126 the sign-in to `work` expired at 2026-11-21T11:00:00Z\n"));
    let renewable = ", \"clientId\": \"x\", \"clientSecret\": \"hunter2\", \"refreshToken\": \"hunter2\", \
                     \"registrationExpiresAt\": \"2027-01-01T00:00:00Z\"";
    machine.write(file, &token("2026-11-21T11:00:00Z", renewable));
    assert_eq!(told(&machine), "", "it is renewed without anybody");
    machine.write(file, "[]");
    assert_eq!(seen(&machine), "R127");
    assert!(!told(&machine).contains("hunter2"));
}

#[test]
fn the_history() {
    let machine = machine();
    machine.write(".local/state/rolo/history", "nonsense\nmore\n");
    assert_eq!(
        told(&machine),
        "R128 2 lines of the history in `~/.local/state/rolo` cannot be read\n  -> run `rolo history --clear` to begin a new one\n"
    );
    machine.chmod(".local/state/rolo", 0o777);
    assert_eq!(seen(&machine), "R128");
    machine.fix("R120", "R139");
    machine.write(".local/state/rolo/history", "");
    assert_eq!(told(&machine), "");
}

#[test]
fn locks_that_are_held() {
    let machine = machine();
    open_or_create_root(&machine.path(".cache/rolo")).unwrap();
    let held = machine.write(".cache/rolo/locks/aa", "4711 pts/3");
    machine.age(".cache/rolo/locks/aa", 1);
    assert_eq!(told(&machine), "", "whoever it was, it is gone");
    let file = fs::File::open(&held).unwrap();
    file.lock().unwrap();
    assert_eq!(
        told(&machine),
        "R129 process 4711 on pts/3 has held a lock for 60 minutes\n  -> answer what it asks, or run `kill 4711`\n"
    );
    machine.age(".cache/rolo/locks/aa", 0);
    assert_eq!(told(&machine), "", "not for long");
}
