//! The two files on the disk, and what profiles name: programs, tokens, certificates.

use std::{fs, os::unix::fs::symlink};

use crate::world::{Machine, codes};

const KEYS: &str = "[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = hunter2\n";

fn seen(machine: &Machine) -> String {
    codes(&machine.findings("R110", "R119"))
}

fn told(machine: &Machine) -> String {
    machine.told("R110", "R119")
}

fn program(line: &str) -> Machine {
    Machine::new(&format!("[profile dev]\ncredential_process = {line}\n"))
}

/// A machine whose home may be entered by all, as homes mostly are.
fn open_home() -> Machine {
    let machine = Machine::new("[profile dev]\nregion = eu-west-1\n");
    machine.write(".aws/credentials", KEYS);
    machine.chmod("", 0o755);
    machine.chmod(".aws", 0o755);
    machine
}

#[test]
fn a_healthy_machine_shows_nothing() {
    let machine = open_home();
    machine.chmod(".aws/config", 0o644);
    assert_eq!(told(&machine), "");
    assert_eq!(told(&program("/bin/true --profile 'a b'").var("PATH", "/nowhere")), "");
    assert_eq!(told(&program("true")), "");
}

#[test]
fn secrets_that_others_may_read() {
    let machine = open_home();
    machine.chmod(".aws/credentials", 0o644);
    assert_eq!(
        told(&machine),
        "R110 `~/.aws/credentials` holds secrets, and others may read it (mode 0644)\n  -> run `chmod 600 ~/.aws/credentials`\n"
    );
    machine.fix("R110", "R119");
    assert_eq!(told(&machine), "");
    assert_eq!(fs::read_to_string(machine.path(".aws/credentials")).unwrap(), KEYS);

    machine.chmod(".aws/credentials", 0o644);
    machine.chmod(".aws", 0o700);
    assert_eq!(told(&machine), "", "nobody comes that far");
    machine.chmod(".aws", 0o755);
    machine.write(".aws/credentials", "[base]\nregion = eu-west-1\n");
    machine.chmod(".aws/credentials", 0o644);
    assert_eq!(told(&machine), "", "there is nothing to be read");
}

#[test]
fn a_file_behind_a_link_is_not_mended() {
    let machine = open_home();
    machine.chmod(".aws/credentials", 0o644);
    fs::rename(machine.path(".aws/credentials"), machine.path("elsewhere")).unwrap();
    symlink(machine.path("elsewhere"), machine.path(".aws/credentials")).unwrap();
    let findings = machine.findings("R110", "R119");
    assert_eq!(codes(&findings), "R110");
    assert_eq!(findings[0].fixes, []);
}

#[test]
fn files_and_folders_that_others_may_write() {
    let machine = open_home();
    machine.chmod(".aws/config", 0o664);
    machine.chmod(".aws", 0o777);
    assert_eq!(
        told(&machine),
        "R111 others may write to `~/.aws/config` (mode 0664)\n  -> run `chmod go-w ~/.aws/config`\n\
         R111 others may write to the folder `~/.aws` (mode 0777)\n  -> run `chmod go-w ~/.aws`\n"
    );
    machine.fix("R110", "R119");
    assert_eq!(told(&machine), "");
}

#[test]
fn a_file_of_somebody_else() {
    let machine = open_home();
    if !rustix_is_root() {
        return;
    }
    std::os::unix::fs::chown(machine.path(".aws/config"), Some(4711), None).unwrap();
    assert_eq!(
        told(&machine),
        "R112 `~/.aws/config` belongs to another user (uid 4711)\n  -> run `sudo chown \"$(id -u)\" ~/.aws/config`\n"
    );
}

fn rustix_is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0)
}

#[test]
fn links_that_lead_nowhere() {
    let machine = open_home();
    fs::remove_file(machine.path(".aws/credentials")).unwrap();
    assert_eq!(told(&machine), "", "no file is no fault");
    symlink("/nowhere/credentials", machine.path(".aws/credentials")).unwrap();
    assert_eq!(
        told(&machine),
        "R113 `~/.aws/credentials` is a link to `/nowhere/credentials`, which is not there\n  \
         -> run `rm ~/.aws/credentials`, or put the file where it leads\n"
    );
    fs::remove_dir_all(machine.path(".aws")).unwrap();
    symlink("/nowhere", machine.path(".aws")).unwrap();
    assert_eq!(seen(&machine), "R113 R113");
}

#[test]
fn programs_that_cannot_be_run() {
    assert_eq!(
        told(&program("/nowhere/creds --json")),
        "R114 the program `/nowhere/creds` of `credential_process` is not there\n  at ~/.aws/config:2\n  \
         -> install it, or correct the path\n"
    );
    assert_eq!(
        told(&program("no-such-program-here")),
        "R114 the program `no-such-program-here` of `credential_process` is in no folder of `PATH`\n  at ~/.aws/config:2\n  \
         -> install it, or write its whole path\n"
    );
    let machine = program("~/bin/creds");
    machine.write("bin/creds", "");
    assert!(told(&machine).ends_with("  -> write the whole path, \"~/bin/creds\"\n"), "{}", told(&machine));
    assert_eq!(seen(&machine), "R114");
    assert_eq!(seen(&program("'/bin/true")), "R114");
    assert_eq!(seen(&program("")), "R114");
    let machine = Machine::new("");
    let script = machine.write("creds", "");
    machine.write(".aws/config", &format!("[profile dev]\ncredential_process = {}\n", script.display()));
    assert_eq!(
        told(&machine),
        "R114 the program `~/creds` of `credential_process` may not be executed\n  at ~/.aws/config:2\n  -> run `chmod u+x ~/creds`\n"
    );
    let mfa = Machine::new("[profile dev]\nmfa_process = /nowhere/code\n");
    assert_eq!(seen(&mfa), "R117");
}

#[test]
fn tokens_and_certificates() {
    let token = Machine::new("[profile dev]\nweb_identity_token_file = /nowhere/token\nrole_arn = x\n");
    assert_eq!(
        told(&token),
        "R115 `web_identity_token_file` names `/nowhere/token`, which is not there\n  at ~/.aws/config:2\n  \
         -> name the file that holds the token; whoever runs this machine puts it there\n"
    );
    assert_eq!(seen(&Machine::new("").var("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere")), "R115");
    let machine = Machine::new("");
    let file = machine.write("token", "");
    assert_eq!(seen(&machine.var("AWS_WEB_IDENTITY_TOKEN_FILE", file.to_str().unwrap())), "R115");

    let bundle = Machine::new("[profile dev]\nca_bundle = /nowhere/ca.pem\n");
    assert_eq!(seen(&bundle), "R116");
    let file = bundle.write("ca.pem", "-----BEGIN CERTIFICATE-----\n");
    let other = bundle.var("AWS_CA_BUNDLE", file.to_str().unwrap());
    assert_eq!(told(&other), "", "the variable counts");
    other.write("ca.pem", "nothing\n");
    assert_eq!(
        told(&other),
        "R116 `AWS_CA_BUNDLE` names `~/ca.pem`, which holds no certificate\n  \
         -> run `unset AWS_CA_BUNDLE`, or name a file of certificates in PEM\n"
    );
}
