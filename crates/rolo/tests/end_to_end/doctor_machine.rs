//! `rolo doctor` on the machine and with AWS: what `--fix` mends, and what `--online` asks.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::PathBuf,
};

use fake_aws::{AccessKey, PolicyKind, User};
use jiff::SignedDuration;

use crate::{
    terminal::rest,
    world::{IDENTITY, Ran, World, aws},
};

const CLI_ENTRY: &str = ".aws/cli/cache/0123456789012345678901234567890123456789.json";
const SAVED: &str = "\n[old]\n# written by rolo: `rolo save` replaces these keys\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\n\
                     aws_secret_access_key = hunter2\naws_session_token = hunter2\nrolo_expiration = 2020-01-01T00:00:00Z\n";

impl World {
    /// A home whose keys nobody else may read.
    fn private() -> Self {
        Self::of_private(aws())
    }

    fn of_private(aws: fake_aws::Builder) -> Self {
        let world = Self::of(aws);
        world.chmod(".aws/credentials", 0o600);
        world
    }

    fn chmod(&self, path: &str, mode: u32) {
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn mode_of(&self, path: &str) -> u32 {
        fs::metadata(self.path(path)).unwrap().permissions().mode() & 0o777
    }

    /// A home in which there is something to mend of each kind; the cached entry that is damaged.
    fn to_be_mended(&self) -> PathBuf {
        self.keys(&["plain"]);
        let entry = self.files(".cache/rolo/credentials").remove(0);
        fs::write(&entry, "{").unwrap();
        fs::remove_dir_all(self.path(".aws/cli")).unwrap();
        self.write(CLI_ENTRY, "");
        self.chmod(CLI_ENTRY, 0o600);
        let own = fs::read_to_string(self.path(".aws/credentials")).unwrap();
        self.credentials(&format!("{own}{SAVED}"));
        self.chmod("", 0o755);
        self.chmod(".aws", 0o755);
        self.chmod(".aws/credentials", 0o644);
        entry
    }

    /// The codes of faults and warnings.
    fn codes(&self, words: &[&str]) -> String {
        let ran = self.rolo(&[&["doctor", "--json", "-q"], words].concat());
        assert_eq!(ran.stderr, "");
        let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let findings = json["findings"].as_array().unwrap();
        let codes = findings.iter().filter(|finding| finding["severity"] != "note");
        codes.map(|finding| finding["code"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn what_is_safe_is_mended_and_gone() {
    let world = World::private();
    assert_eq!(world.codes(&[]), "");
    let entry = world.to_be_mended();
    let entry_name = entry.strip_prefix(world.path("")).unwrap().display().to_string();
    assert_eq!(world.codes(&[]), "R123 R110 R121 R103");

    let before = fs::read_to_string(world.path(".aws/credentials")).unwrap();
    let dry = world.rolo(&["doctor", "--fix"]);
    assert_eq!(dry.code, 3, "{dry:?}");
    assert_eq!(
        dry.stderr,
        format!(
            "fix: change the mode of `~/.aws/credentials` from 0644 to 0600\n\
             fix: remove `~/{CLI_ENTRY}`\n\
             fix: remove the saved profile `old` from `~/.aws/credentials`\n\
             fix: remove `~/{entry_name}`\n\
             nothing was changed, for nobody can be asked: run it again with `--yes` to make the changes\n"
        )
    );
    assert_eq!((world.mode_of(".aws/credentials"), entry.exists()), (0o644, true));

    let fixed = world.rolo(&["doctor", "--fix", "--yes"]);
    assert_eq!(fixed.code, 0, "{fixed:?}");
    assert!(fixed.stderr.ends_with(&format!("fix: remove `~/{entry_name}`\n")), "{fixed:?}");
    assert_eq!(world.codes(&[]), "");
    assert_eq!((world.mode_of(".aws/credentials"), entry.exists()), (0o600, false));
    assert!(!world.path(CLI_ENTRY).exists());
    let after = fs::read_to_string(world.path(".aws/credentials")).unwrap();
    assert_eq!(after.trim_end(), before.replace(SAVED, "").trim_end());

    let again = world.rolo(&["doctor", "--fix", "--yes"]);
    assert_eq!(again.stderr, "nothing here can be mended without a decision of yours\n");
}

#[test]
fn what_belongs_to_others_stays() {
    let world = World::private();
    world.to_be_mended();
    // Behind a link, and a section that another tool wrote.
    fs::rename(world.path(".aws/credentials"), world.path("real")).unwrap();
    symlink(world.path("real"), world.path(".aws/credentials")).unwrap();
    let text =
        fs::read_to_string(world.path("real")).unwrap().replace("# written by rolo", "# written by hand");
    fs::write(world.path("real"), &text).unwrap();
    let fixed = world.rolo(&["doctor", "--fix", "--yes"]);
    assert_eq!(fixed.code, 1, "{fixed:?}");
    assert_eq!(fs::read_to_string(world.path("real")).unwrap(), text);
    assert_eq!((world.mode_of("real"), world.codes(&[]).as_str()), (0o644, "R110 R102"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_person_is_asked_once() {
    use expectrl::Expect;

    let world = World::private();
    let entry = world.to_be_mended();
    for (answer, is_there) in [("", true), ("n", true), ("y", false)] {
        let mut session = world.in_terminal("rolo doctor --fix; echo \"status=$?.\"");
        session.expect("make these 4 changes? [y/N] ").unwrap();
        session.send_line(answer).unwrap();
        let text = rest(&mut session);
        assert_eq!(text.contains("nothing was changed"), is_there, "{text}");
        assert!(text.contains(if is_there { "status=3." } else { "status=0." }), "{text}");
        assert_eq!(entry.exists(), is_there, "{answer}");
    }
}

fn online(world: &World) -> Ran {
    world.rolo(&["doctor", "--online", "identity"])
}

#[test]
fn aws_is_asked_only_online_and_what_is_asked_is_said() {
    let world = World::private();
    world.rolo(&["doctor"]);
    assert_eq!(world.calls(), [""; 0]);
    let ran = online(&world);
    assert_eq!(ran.code, 0, "{ran:?}");
    let url = world.fake.url();
    assert_eq!(
        ran.stderr,
        format!(
            "asked `{url}` for its time, without a signature\n\
             asked STS whose the access key of profile `identity` is\n\
             asked IAM for the access keys of `arn:aws:iam::{IDENTITY}:user/ada`\n"
        )
    );
    let signed: Vec<_> = world.calls().into_iter().filter(|call| !call.is_empty()).collect();
    assert!(signed.ends_with(&["GetCallerIdentity".to_owned(), "ListAccessKeys".to_owned()]), "{signed:?}");
}

#[test]
fn a_clock_that_is_wrong() {
    let world = World::private();
    for (seconds, code, text) in [
        (843, 3, "fault R190: this machine's clock is 14 min"),
        (-843, 3, "fault R190: this machine's clock is 14 min"),
        (120, 1, "warning R191: this machine's clock is 2 min"),
        (20, 0, ""),
    ] {
        world.fake.skew(SignedDuration::from_secs(seconds));
        let ran = online(&world);
        assert_eq!(ran.code, code, "{ran:?}");
        assert!(ran.stdout.contains(text), "{ran:?}");
        let side = if seconds > 0 { "s behind that of" } else { "s ahead of that of" };
        assert!(text.is_empty() || ran.stdout.contains(side) || seconds == 120, "{ran:?}");
    }
}

#[test]
fn an_endpoint_that_nobody_answers_at() {
    let mut world = World::private();
    world.set("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let ran = online(&world);
    assert_eq!(ran.code, 3);
    assert!(
        ran.stdout
            .contains("fault R192: `http://127.0.0.1:9` could not be reached: the connection was refused"),
        "{ran:?}"
    );
    world.set("AWS_ENDPOINT_URL", "https://no-such-host.invalid");
    assert!(
        online(&world).stdout.contains("fault R192: `https://no-such-host.invalid` could not be reached: ")
    );
}

#[test]
fn keys_that_are_dead_or_old() {
    let world = World::private();
    let text = fs::read_to_string(world.path(".aws/credentials")).unwrap();
    let key = world.fake.user_keys("ada");
    world.credentials(&text.replace(&key.secret, "hunter2"));
    let ran = online(&world);
    assert!(
        ran.stdout.contains(
            "fault R194: AWS does not take the access key of profile `identity` (SignatureDoesNotMatch)"
        ),
        "{ran:?}"
    );
    world.credentials(&text.replace(&key.id, "AKIAIOSFODNN7UNKNOWN"));
    assert!(online(&world).stdout.contains("(InvalidClientTokenId)"));

    let now = fake_now(&world);
    let old = now - SignedDuration::from_hours(24 * 214 + 1);
    let user = User::new("111122223333", "eve")
        .access_key(AccessKey::made_up().created(old))
        .access_key(AccessKey::new("AKIAIOSFODNN7EXAMPLE", "secret").inactive().created(old));
    let world = World::of_private(aws().user(user));
    let eve = world.fake.user_keys("eve");
    world.credentials(&format!(
        "[identity]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        eve.id, eve.secret
    ));
    let ran = online(&world);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stdout.contains(
            "warning R195: the access key of profile `identity` is 214 days old\n  at ~/.aws/credentials:2"
        ),
        "{ran:?}"
    );
    assert!(
        ran.stdout.contains("note R196: `arn:aws:iam::111122223333:user/eve` has another access key"),
        "{ran:?}"
    );
}

fn fake_now(world: &World) -> jiff::Timestamp {
    world.fake.now()
}

#[test]
fn who_may_not_ask_for_keys_hears_nothing() {
    let user = User::new(IDENTITY, "eve").explicitly_denied("iam:*", PolicyKind::Session);
    let world = World::of_private(aws().user(user));
    let eve = world.fake.user_keys("eve");
    world.credentials(&format!(
        "[identity]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        eve.id, eve.secret
    ));
    assert_eq!(online(&world).code, 0);
}

#[test]
fn a_region_without_sts() {
    let world = World::of_private(aws().disable_region("eu-central-1"));
    let ran = online(&world);
    assert!(ran.stdout.contains("fault R193: STS is switched off in `eu-central-1`"), "{ran:?}");
}
