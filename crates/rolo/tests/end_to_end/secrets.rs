//! No secret leaves by the wrong way: every command, well and ill, at its most talkative, and then a look everywhere.

use std::{collections::BTreeSet, fs};

use fake_aws::Fault;
use serde_json::Value;

use crate::world::{Ran, World};

/// Where secrets lie by design: the caches, the user's own files, and what the scripts below keep.
const HOMES: [&str; 5] =
    [".cache/rolo/credentials/", ".aws/cli/cache/", ".aws/sso/cache/", ".aws/credentials", "vault/"];

const SSO_TOKEN: &str = "sso-access-token-1";
const PROCESS_SECRET: &str = "process-secret-hunter2";

/// Commands whose standard output is the credentials; all others must keep silent about them there as well.
fn is_data(args: &[&str]) -> bool {
    matches!(args[0], "export" | "process" | "session")
}

struct Search {
    world: World,
    secrets: BTreeSet<String>,
    /// Where each text came from, and the text.
    said: Vec<(String, String)>,
}

impl Search {
    fn run(&mut self, args: &[&str], code: i32) {
        let talkative = [&args[..1], &["-vv"], &args[1..]].concat();
        let args = if args[0] == "cache" { [args, &["-vv"]].concat() } else { talkative };
        let ran = self.world.rolo(&args);
        assert_eq!(ran.code, code, "{args:?}: {ran:?}");
        let Ran { stdout, stderr, .. } = ran;
        self.said.push((format!("stderr of {args:?}"), stderr));
        if !is_data(&args) {
            self.said.push((format!("stdout of {args:?}"), stdout));
        }
        self.collect();
    }

    /// Whatever the caches hold now is a secret from now on.
    fn collect(&mut self) {
        for folder in [".cache/rolo/credentials", ".aws/cli/cache"] {
            for file in self.world.files(folder) {
                let entry: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
                let held = entry.get("credentials").or(entry.get("Credentials")).unwrap();
                for name in ["secret_access_key", "session_token", "SecretAccessKey", "SessionToken"] {
                    self.secrets.extend(held.get(name).map(|value| value.as_str().unwrap().to_owned()));
                }
            }
        }
    }

    fn code(&mut self, code: String) {
        self.secrets.insert(code.clone());
        self.world.set("ROLO_MFA_CODE", code);
    }
}

fn world() -> World {
    let world = World::new();
    // The scripts write down how they were called, as others on the machine could see it.
    let seen = "tr '\\0' ' ' < /proc/$$/cmdline >> \"$HOME/seen\"; tr '\\0' ' ' < /proc/$PPID/cmdline >> \"$HOME/seen\"";
    world.script("bin/code", &format!("{seen}; cat \"$HOME/vault/code\""));
    world.script("bin/keys", &format!("{seen}; cat \"$HOME/vault/keys\""));
    world.script("bin/broken", &format!("echo '{PROCESS_SECRET}' >&2; echo '{PROCESS_SECRET}'; exit 3"));
    let home = world.path("bin").display().to_string();
    world.add_config(&format!(
        "[sso-session corp]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n\
         [profile sso]\nsso_session = corp\nsso_account_id = 222233334444\nsso_role_name = Reader\nregion = eu-west-1\n\
         [profile keys]\ncredential_process = {home}/keys\nregion = eu-west-1\n\
         [profile broken]\ncredential_process = {home}/broken\n\
         [profile babble]\ncredential_process = echo '{{\"Version\": 1, \"SecretAccessKey\": \"{PROCESS_SECRET}\"'\n\
         [profile coded]\nrole_arn = arn:aws:iam::333344445555:role/Admin\nsource_profile = identity\n\
         mfa_serial = arn:aws:iam::111122223333:mfa/ada\nmfa_process = {home}/code\nregion = us-east-1\n"
    ));
    world.write(
        "vault/keys",
        &format!(r#"{{"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "{PROCESS_SECRET}"}}"#),
    );
    world.write(
        ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
        &format!(r#"{{"accessToken": "{SSO_TOKEN}", "expiresAt": "2099-01-01T00:00:00Z"}}"#),
    );
    world
}

#[test]
fn no_secret_is_where_it_should_not_be() {
    let world = world();
    let mut secrets: BTreeSet<String> = ["ada", "bob"].map(|user| world.fake.user_keys(user).secret).into();
    secrets.extend([SSO_TOKEN, PROCESS_SECRET].map(str::to_owned));
    let mut search = Search { world, secrets, said: Vec::new() };

    // Well.
    let code = search.world.fake.mfa_code("ada");
    search.code(code);
    search.run(&["process", "prod"], 0);
    search.run(&["exec", "dev", "cat", "/proc/self/cmdline"], 0);
    search.run(&["export", "plain"], 0);
    search.run(&["process", "prod", "--refresh"], 0);
    for profile in ["audit", "vendor", "identity", "sso", "keys"] {
        search.run(&["whoami", profile], if profile == "keys" { 5 } else { 0 });
        search.run(&["export", profile, "--format", "json"], 0);
        search.run(&["exec", profile, "true"], 0);
    }
    search.run(&["session", "identity"], 0);
    search.run(&["session", "prod", "cat", "/proc/self/cmdline"], 0);
    search.run(&["exec", "-", "true"], 0);
    search.run(&["history"], 0);
    search.run(&["history", "--json"], 0);
    search.run(&["list"], 0);
    search.run(&["list", "--json"], 0);
    search.run(&["cache", "list"], 0);
    search.run(&["cache", "list", "--json"], 0);
    search.run(&["unset"], 0);
    search.run(&["unset", "--all"], 0);
    let nested = search
        .world
        .shell("rolo exec -vv plain rolo exec -vv hop sh -c 'tr \"\\0\" \" \" < /proc/$$/cmdline'");
    search.said.push(("a nested exec".to_owned(), format!("{nested:?}")));
    search.run(&["console", "prod", "--switch-role"], 0);
    let converted = search.world.shell(
        "rolo process plain | rolo convert -vv >/dev/null; rolo process plain | head -c 300 | rolo convert -vv",
    );
    assert!(converted.stderr.contains("breaks off"), "{converted:?}");
    search.said.push(("convert".to_owned(), format!("{converted:?}")));
    let bob = search.world.fake.user_keys("bob");
    let configure = format!("rolo configure -vv new --access-key-id {} --secret-access-key-stdin", bob.id);
    let configured = search.world.shell(&format!(
        "printf %s {0} | {configure}; printf %s {0}x | {configure}; printf '%s x' {0} | {configure}",
        bob.secret
    ));
    assert!(configured.stderr.contains("SignatureDoesNotMatch"), "{configured:?}");
    search.said.push(("configure".to_owned(), format!("{configured:?}")));

    // Ill: the code is spent, wrong or refused, AWS refuses, breaks off or raves, programs fail.
    search.run(&["process", "prod", "--duration", "2h"], 4);
    search.run(&["exec", "--duration", "2h", "prod", "true"], 125);
    search.code("98765".to_owned());
    search.run(&["process", "prod", "--duration", "2h"], 2);
    search.world.unset("ROLO_MFA_CODE");
    let next = search.world.fake.next_mfa_code("ada");
    search.world.write("vault/code", &next);
    search.secrets.insert(next);
    search.run(&["process", "coded", "--duration", "2h"], 0);
    search.world.set("AWS_MAX_ATTEMPTS", "1");
    for (fault, code) in [
        (Fault::error(403, "AccessDenied", "no"), 5),
        (Fault::garbage(), 6),
        (Fault::cut(), 6),
        (Fault::internal(), 5),
        (Fault::lifetime(-1), 5),
    ] {
        search.world.fake.fault(fault);
        search.run(&["process", "plain", "--refresh"], code);
    }
    search.run(&["process", "broken"], 1);
    search.run(&["process", "babble"], 1);
    search.run(&["session", "keys"], 3);
    search.run(&["session", "identity", "--nonsense"], 2);
    search.run(&["process", "vendor", "--external-id", "wrong"], 5);
    search
        .world
        .edit_config("[profile other]\n", "[profile other]\naws_secret_access_key = half-secret-hunter2\n");
    search.secrets.insert("half-secret-hunter2".to_owned());
    search.run(&["whoami", "other"], 0);
    for file in search.world.files(".cache/rolo/credentials").iter().take(2) {
        fs::write(file, fs::read_to_string(file).unwrap().replace('{', "[")).unwrap();
    }
    let damaged = search.world.rolo(&["cache", "list", "--json"]);
    search.said.push(("damaged entries".to_owned(), format!("{damaged:?}")));
    search.world.rolo(&["cache", "clear", "-vv", "--expired"]);
    search.run(&["cache", "clear", "plain"], 0);

    for file in search.world.files("") {
        let path = file.strip_prefix(search.world.path("")).unwrap().display().to_string();
        if !HOMES.iter().any(|home| path.starts_with(home))
            && !path.starts_with("bin/")
            && path != ".aws/config"
        {
            search.said.push((path, String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned()));
        }
    }
    assert!(search.secrets.len() > 20 && search.said.len() > 60, "the search has become too small");
    assert!(search.said.iter().any(|(from, _)| from.starts_with(".cache/rolo/mfa/")));
    assert!(search.said.iter().any(|(from, text)| from == "seen" && text.contains("bin/code")));
    for (from, text) in &search.said {
        for secret in &search.secrets {
            assert!(!text.contains(secret.as_str()), "{from} holds `{secret}`: {text}");
        }
    }
}
