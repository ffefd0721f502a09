//! `rolo history`, and `-` in place of PROFILE: what is noted, how much of it, and what never is.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::{PermissionsExt, symlink},
    process::Stdio,
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::world::{Ran, STAGING, World, run};

const HISTORY: &str = ".local/state/rolo/history";
const OLD: &str = ".local/state/rolo/history.old";
const PLAIN: &str = "arn:aws:iam::222233334444:role/Plain";
const HOP: &str = "arn:aws:iam::222233334444:role/Hop";

impl World {
    /// The uses, newest first.
    fn history(&self) -> Vec<Value> {
        self.rolo(&["history", "--json"]).json().as_array().unwrap().clone()
    }

    /// Their commands with the programs, newest first.
    fn used(&self) -> Vec<String> {
        let word = |row: &Value, name: &str| row[name].as_str().map(str::to_owned);
        let line = |row: &Value| [word(row, "command"), word(row, "program"), word(row, "profile")];
        self.history()
            .iter()
            .map(|row| line(row).into_iter().flatten().collect::<Vec<_>>().join(" "))
            .collect()
    }

    fn history_file(&self) -> String {
        fs::read_to_string(self.path(HISTORY)).unwrap()
    }

    /// The role of the last AssumeRole, and whose key signed it.
    fn assumed(&self) -> (String, String) {
        let call = self.fake.calls_of("AssumeRole").pop().unwrap();
        (call.param("RoleArn").unwrap().to_owned(), call.access_key_id.unwrap())
    }
}

#[test]
fn each_use_is_a_line_newest_first() {
    let world = World::new();
    world.rolo(&["exec", "plain", "--", "true", "--token", "argument-of-the-program"]).quiet();
    world.rolo(&["export", "audit"]).quiet();
    world.rolo(&["exec", "plain", "/bin/true"]).quiet();
    world.rolo(&["export", "identity"]).quiet();

    let rows = world.history();
    let row = |index: usize, name: &str| rows[index][name].as_str();
    assert_eq!(rows.len(), 4);
    assert_eq!(
        (row(0, "command"), row(0, "profile"), row(0, "role_arn")),
        (Some("export"), Some("identity"), None)
    );
    assert_eq!((row(1, "command"), row(1, "program")), (Some("exec"), Some("true")));
    assert_eq!((row(2, "profile"), row(2, "account")), (Some("audit"), Some("333344445555")));
    assert_eq!((row(3, "role_arn"), row(3, "account")), (Some(PLAIN), Some(STAGING)));
    let time: jiff::Timestamp = row(3, "time").unwrap().parse().unwrap();
    assert!(jiff::Timestamp::now().duration_since(time).as_secs() < 600);

    let table = world.rolo(&["history"]).quiet();
    let cells: Vec<Vec<_>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(cells[0], ["TIME", "COMMAND", "PROFILE", "ACCOUNT", "ROLE"]);
    assert_eq!(cells[2][1..], ["exec", "true", "plain", STAGING, "Plain"]);
    assert_eq!(cells[1][1..3], ["export", "identity"]);

    let text = world.history_file();
    assert!(!text.contains("argument-of-the-program"), "{text}");
    let mode = |path: &str| fs::metadata(world.path(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(HISTORY), mode(".local/state/rolo")), (0o600, 0o700));
}

#[test]
fn no_secret_is_in_it() {
    let mut world = World::new();
    let code = world.fake.mfa_code("ada");
    world.rolo(&["export", "prod", "--mfa-code", &code]).quiet();
    world.rolo(&["export", "identity"]).quiet();
    world.set("AWS_ACCESS_KEY_ID", world.fake.user_keys("bob").id);
    world.set("AWS_SECRET_ACCESS_KEY", world.fake.user_keys("bob").secret);
    world.set("AWS_REGION", "eu-west-1");
    world.rolo(&["export", "--external-id", "handshake", "333344445555:Vendor"]).quiet();
    world.rolo(&["export"]).quiet();
    let text = world.history_file();
    assert_eq!(text.lines().count(), 4);
    let mut secrets = vec![code, "handshake".to_owned()];
    secrets.extend(["ada", "bob"].map(|user| world.fake.user_keys(user).secret));
    for call in world.fake.calls() {
        secrets.extend(call.issued);
        secrets.extend(call.access_key_id);
    }
    assert!(secrets.len() > 6);
    for secret in secrets {
        assert!(!text.contains(&secret), "{secret}: {text}");
    }
}

#[test]
fn the_last_one_is_taken_again() {
    let world = World::new();
    let [ada, bob] = ["ada", "bob"].map(|user| world.fake.user_keys(user).id);
    let arn = |name: &str| format!("arn:aws:iam::{STAGING}:role/{name}");
    let again = |command: &str| {
        world.calls();
        match command {
            "exec" => world.rolo(&["exec", "--refresh", "-", "true"]),
            command => world.rolo(&[command, "--refresh", "-"]),
        }
        .quiet();
        world.assumed()
    };
    for command in ["exec", "export", "process", "whoami"] {
        world.rolo(&["exec", "plain", "true"]).quiet();
        assert_eq!(again(command), (arn("Plain"), ada.clone()), "{command}");
        world.rolo(&["export", HOP, "--source-profile", "other"]).quiet();
        assert_eq!(again(command), (arn("Hop"), bob.clone()), "{command}");
        world.rolo(&["export", "222233334444:Plain", "--source-profile", "other"]).quiet();
        assert_eq!(again(command), (arn("Plain"), bob.clone()), "{command}");
        world.rolo(&["export", "--role", "222233334444:Plain", "--source-profile", "other"]).quiet();
        assert_eq!(again(command), (arn("Plain"), bob.clone()), "{command}");
        world.rolo(&["export", "plain", "--role-arn", HOP]).quiet();
        assert_eq!(again(command), (arn("Hop"), ada.clone()), "{command}");
    }
    // It is noted as what it stands for, so it can be taken any number of times; and it is served from the cache.
    world.rolo(&["exec", "hop", "true"]).quiet();
    world.calls();
    for _ in 0..3 {
        let shell = world.rolo(&["exec", "-", "sh", "-c", "echo $ROLO_PROFILE"]).quiet();
        assert_eq!(shell, "hop\n");
    }
    assert_eq!(world.used()[..4], ["exec sh hop", "exec sh hop", "exec sh hop", "exec true hop"]);
    assert_eq!(world.calls(), [""; 0]);
    // Options that are given now count.
    world.rolo(&["export", "-", "--source-profile", "other"]).quiet();
    assert_eq!(world.assumed(), (arn("Hop"), bob));
}

#[test]
fn it_stays_the_same_role_when_the_environment_changes() {
    let mut world = World::new();
    world.set("AWS_PROFILE", "plain");
    world.rolo(&["exec", "--", "true"]).quiet();
    world.set("AWS_PROFILE", "hop");
    assert_eq!(world.rolo(&["exec", "-", "sh", "-c", "echo $ROLO_PROFILE"]).quiet(), "plain\n");
    // The environment's own keys are noted, and are nothing that could be taken again.
    world.unset("AWS_PROFILE");
    world.set("AWS_ACCESS_KEY_ID", world.fake.user_keys("bob").id);
    world.set("AWS_SECRET_ACCESS_KEY", world.fake.user_keys("bob").secret);
    world.rolo(&["exec", "--", "true"]).quiet();
    assert_eq!(world.history()[0]["profile"], Value::Null);
    assert_eq!(world.rolo(&["exec", "-", "sh", "-c", "echo $ROLO_PROFILE"]).quiet(), "plain\n");
}

#[test]
fn a_narrowed_role_is_not_taken_again_as_the_whole_one() {
    let world = World::new();
    world.rolo(&["export", "--read-only", "plain"]).quiet();
    world.calls();
    let said = world.rolo(&["export", "-"]).failed(3);
    assert!(said.contains("session policy") && said.contains("`plain`"), "{said}");
    assert_eq!(world.calls(), [""; 0]);
    world.rolo(&["export", "--read-only", "-"]).quiet();
    world.rolo(&["export", "plain"]).quiet();
    world.rolo(&["export", "-"]).quiet();
}

#[test]
fn without_a_history_it_says_so() {
    let world = World::new();
    let empty = world.rolo(&["history"]);
    assert_eq!((empty.code, empty.stdout.as_str(), empty.stderr.as_str()), (0, "", "the history is empty\n"));
    assert_eq!(world.rolo(&["history", "-q"]).quiet(), "");
    assert_eq!(world.history(), [Value::Null; 0]);
    let said = world.rolo(&["export", "-"]).failed(3);
    assert!(
        said.contains("`-` is the last role used, and the history has none") && said.contains("hint: "),
        "{said}"
    );
    assert_eq!(world.rolo(&["exec", "-", "true"]).code, 125);
    assert!(!world.path(".local").exists(), "looking makes nothing");
}

#[test]
fn what_is_saved_is_noted_too() {
    let world = World::new();
    world.rolo(&["save", "plain"]).quiet();
    world.rolo(&["save", "-"]).quiet();
    world.rolo(&["save", "--clean"]).quiet();
    assert_eq!(world.used(), ["save plain", "save plain"]);
}

#[test]
fn the_link_of_another_tool_notes_its_uses_too() {
    let mut world = World::new();
    let link = world.path("assume-role");
    symlink(env!("CARGO_BIN_EXE_rolo"), &link).unwrap();
    world.set("AWS_PROFILE", "identity");
    let assume_role = |words: &[&str]| {
        let mut command = world.bare_command(&link);
        assert_eq!(run(command.args(["--role", PLAIN]).args(words)).code, 0);
    };
    assume_role(&[]);
    assume_role(&["true"]);
    assert_eq!(world.used(), ["exec true identity", "export identity"]);
}

#[test]
fn what_is_no_use_of_a_role_is_not_noted() {
    let world = World::new();
    // Runs that fail, whoever is to blame.
    world.rolo(&["exec", "plain", "no-such-program"]).failed(127);
    world.rolo(&["export", "nowhere"]).failed(3);
    world.rolo(&["export", "prod"]).failed(4);
    world.rolo(&["whoami", "plain"]).quiet();
    world.rolo(&["list"]).quiet();
    let mut closed = world.command(&["export", "plain"]);
    closed.stdout(Stdio::from(OpenOptions::new().write(true).open("/dev/full").unwrap()));
    assert_eq!(Ran::from(closed.output().unwrap()).code, 1);
    assert_eq!(world.used(), [""; 0]);
    // An SDK that is served from the cache; but a call that it caused is noted.
    world.keys(&["plain"]);
    assert_eq!(world.used(), [""; 0], "it was cached by the runs above");
    world.keys(&["plain", "--refresh"]);
    world.keys(&["plain"]);
    assert_eq!(world.used(), ["process plain"]);
}

#[test]
fn a_hundred_at_once_lose_no_line() {
    const MANY: usize = 100;
    let world = World::new();
    world.keys(&["plain"]);
    let runs: Vec<_> = (0..MANY)
        .map(|index| {
            let program = world.script(&format!("bin/program-{index}"), "exit 0");
            world.command(&["exec", "plain", program.to_str().unwrap()]).spawn().unwrap()
        })
        .collect();
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    let rows = world.history();
    let mut programs: Vec<_> = rows.iter().filter_map(|row| row["program"].as_str()).collect();
    programs.sort_unstable();
    programs.dedup();
    assert_eq!((programs.len(), rows.len()), (MANY, MANY + 1));
}

#[test]
fn it_is_bounded_and_loses_the_oldest_alone() {
    let world = World::new();
    world.rolo(&["export", "plain"]).quiet();
    let line = world.history_file();
    let size = || [HISTORY, OLD].map(|path| fs::metadata(world.path(path)).map_or(0, |meta| meta.len()));
    let fill = |program: &str| {
        let mut file = OpenOptions::new().append(true).open(world.path(HISTORY)).unwrap();
        let line = line.replace("export\t", &format!("exec\t{program}"));
        while file.metadata().unwrap().len() < (128 << 10) - 1 {
            file.write_all(line.as_bytes()).unwrap();
        }
    };
    fill("oldest");
    world.rolo(&["export", "hop"]).quiet();
    assert_eq!(world.used()[..2], ["export hop", "exec oldest plain"]);
    world.rolo(&["export", "plain"]).quiet();
    let kept = world.used();
    assert_eq!(kept[..3], ["export plain", "export hop", "exec oldest plain"]);
    assert!(kept.len() > 700, "{}", kept.len());
    fill("newer");
    world.rolo(&["export", "hop"]).quiet();
    // Many that find it full at once set one file aside.
    let runs: Vec<_> =
        (0..20).map(|_| world.command(&["export", "plain"]).stdout(Stdio::null()).spawn().unwrap()).collect();
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    let kept = world.used();
    assert!(kept[..20].iter().all(|used| used == "export plain"), "{kept:?}");
    assert_eq!(kept[20..22], ["export hop", "exec newer plain"]);
    assert!(!kept.contains(&"exec oldest plain".to_owned()));
    assert!(size().iter().sum::<u64>() < 300 << 10, "{:?}", size());
    // No name is so long that it drives out the rest.
    let long = "x".repeat(100_000);
    world.add_config(&format!(
        "[profile {long}]\nrole_arn = {PLAIN}\nsource_profile = identity\nregion = eu-west-1\n"
    ));
    let ran = world.rolo(&["export", "-v", &long]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("not noted in the history"), "{ran:?}");
    assert_eq!(world.used(), kept);
}

#[test]
fn it_can_be_switched_off_and_on() {
    let world = World::new();
    thread::sleep(Duration::from_millis(2100));
    world.rolo(&["export", "plain"]).quiet();
    world.rolo(&["export", "plain"]).quiet();
    assert_eq!((world.used().len(), world.files(".cache/rolo/memo").len()), (2, 1));
    world.settings("history = \"off\"\n");
    thread::sleep(Duration::from_millis(2100));
    for _ in 0..3 {
        world.rolo(&["export", "plain"]).quiet();
        world.rolo(&["exec", "plain", "true"]).quiet();
    }
    assert_eq!(world.used().len(), 2, "with the memo of before, and with one of its own");
    world.settings("history = \"on\"\n");
    world.rolo(&["export", "plain"]).quiet();
    assert_eq!(world.used().len(), 3);
    world.settings("history = \"sometimes\"\n");
    assert!(world.rolo(&["export", "plain"]).failed(3).contains("config.toml:1"));
}

#[test]
fn it_can_be_cleared() {
    let world = World::new();
    world.rolo(&["history", "--clear"]).quiet();
    world.rolo(&["export", "plain"]).quiet();
    fs::copy(world.path(HISTORY), world.path(OLD)).unwrap();
    assert_eq!(world.used().len(), 2);
    world.rolo(&["history", "--clear"]).quiet();
    assert_eq!(world.used(), [""; 0]);
    assert!(world.files(".local/state").is_empty());
    world.rolo(&["export", "plain"]).quiet();
    assert_eq!(world.used(), ["export plain"]);
}

#[test]
fn damaged_lines_are_passed_over() {
    let world = World::new();
    world.rolo(&["export", "plain"]).quiet();
    let whole = world.history_file();
    let odd: [&[u8]; 5] =
        [b"\n", b"no line of ours\n", b"\xff\t\xfe\n", b"\0\0\0\0\n", &whole.as_bytes()[..30]];
    let mut file = OpenOptions::new().append(true).open(world.path(HISTORY)).unwrap();
    for odd in odd {
        file.write_all(odd).unwrap();
    }
    drop(file);
    assert_eq!(world.used(), ["export plain"]);
    // The next is lost to the line that was cut short; the one after it is not.
    world.rolo(&["export", "hop"]).quiet();
    world.rolo(&["export", "hop"]).quiet();
    assert_eq!(world.used(), ["export hop", "export plain"]);
}

#[test]
fn what_is_no_history_is_told_with_its_remedy() {
    let world = World::new();
    world.rolo(&["export", "plain"]).ok();
    let file = world.path(HISTORY);
    fs::remove_file(&file).unwrap();
    symlink("/etc/hostname", &file).unwrap();
    for args in [&["history"][..], &["export", "-"]] {
        let told = world.rolo(args).failed(1);
        assert!(told.contains("it is no private file of this user"), "{told}");
        assert!(told.ends_with("hint: begin a new one: `rolo history --clear`\n"), "{told}");
    }
    world.rolo(&["history", "--clear"]).ok();
    assert!(world.history().is_empty());
    fs::set_permissions(world.path(".local/state/rolo"), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(world.rolo(&["history"]).failed(1).contains("with mode 0700"));
}

#[test]
fn odd_names_come_back_as_they_were() {
    let world = World::new();
    let name = "a b\\\\t\u{1b}[2J";
    world.add_config(&format!(
        "[profile '{name}']\nrole_arn = {PLAIN}\nsource_profile = identity\nregion = eu-west-1\n"
    ));
    let program = world.script("bin/two\nlines\tand a tab", "exit 0");
    world.rolo(&["exec", name, program.to_str().unwrap()]).quiet();
    assert_eq!(world.history()[0]["profile"], name);
    assert_eq!(world.history()[0]["program"], "two\nlines\tand a tab");
    assert_eq!(world.rolo(&["exec", "-", "printenv", "ROLO_PROFILE"]).quiet(), format!("{name}\n"));
    let table = world.rolo(&["history"]).quiet();
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(!table.contains('\u{1b}') && !table.contains('\t'), "{table}");
}

#[test]
fn a_history_that_cannot_be_written_fails_nothing() {
    type Spoil = fn(&World);
    let spoils: [(&str, Spoil, &str); 5] = [
        (
            "others may write to its folder",
            |world| {
                fs::set_permissions(world.path(".local/state/rolo"), fs::Permissions::from_mode(0o777))
                    .unwrap();
            },
            "others may write to it",
        ),
        (
            "its folder is a link",
            |world| {
                fs::rename(world.path(".local/state/rolo"), world.path("elsewhere")).unwrap();
                symlink(world.path("elsewhere"), world.path(".local/state/rolo")).unwrap();
            },
            "symbolic link",
        ),
        (
            "it is a link",
            |world| {
                let victim = world.write("victim", "");
                fs::remove_file(world.path(HISTORY)).unwrap();
                symlink(victim, world.path(HISTORY)).unwrap();
            },
            "no private file",
        ),
        (
            "it is a folder",
            |world| {
                fs::remove_file(world.path(HISTORY)).unwrap();
                fs::create_dir(world.path(HISTORY)).unwrap();
            },
            "directory",
        ),
        (
            "others may write to it",
            |world| fs::set_permissions(world.path(HISTORY), fs::Permissions::from_mode(0o666)).unwrap(),
            "no private file",
        ),
    ];
    for (name, spoil, reason) in spoils {
        let world = World::new();
        world.rolo(&["export", "plain"]).quiet();
        let before = world.history_file();
        spoil(&world);
        println!("{name}");
        world.rolo(&["export", "plain"]).quiet();
        world.rolo(&["exec", "plain", "true"]).quiet();
        let said = world.rolo(&["exec", "-v", "plain", "true"]).stderr;
        assert!(said.contains("rolo: not noted in the history: ") && said.contains(reason), "{said}");
        for path in [HISTORY, "elsewhere/history"] {
            if let Ok(text) = fs::read_to_string(world.path(path)) {
                assert!(text.is_empty() || text == before, "nothing was written: {text}");
            }
        }
    }
    // Without a home there is no place for it.
    let mut world = World::new();
    world.set("AWS_CONFIG_FILE", world.path(".aws/config").to_str().unwrap());
    world.set("AWS_SHARED_CREDENTIALS_FILE", world.path(".aws/credentials").to_str().unwrap());
    world.unset("HOME");
    let said = world.rolo(&["export", "-v", "plain"]);
    assert_eq!(said.code, 0);
    assert!(said.stderr.contains("neither `HOME` nor `XDG_STATE_HOME`"), "{said:?}");
    world.set("XDG_STATE_HOME", world.path("state").to_str().unwrap());
    let _ = world.rolo(&["export", "plain"]);
    assert!(world.path("state/rolo/history").exists());
}
