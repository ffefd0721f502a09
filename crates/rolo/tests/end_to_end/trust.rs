//! A project's `assume-role.yaml`: what is shown before it is trusted, what is asked, and which files never count.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use expectrl::{ControlCode, Expect};

use crate::{
    terminal::rest,
    world::{Ran, STAGING, World, run},
};

const QUESTION: &str = "trust it? [y/N] ";
/// In the state's folder.
const APPROVALS: &str = ".local/state/rolo/trusted";
const PREFIX: &str = "arn:aws:iam::222233334444:role/";
/// Nobody's, and not that of these tests.
const STRANGER: u32 = 12_345;

impl World {
    /// A project's file, as a person makes it.
    fn project(&self, folder: &str, text: &str) -> PathBuf {
        let path = self.write(&format!("{folder}/assume-role.yaml"), text);
        set_mode(&path, 0o644);
        path
    }

    /// The program in a folder of the home.
    pub(crate) fn command_in(&self, folder: &str, args: &[&str]) -> Command {
        let mut command = self.command(args);
        fs::create_dir_all(self.path(folder)).unwrap();
        command.current_dir(self.path(folder));
        command
    }

    fn rolo_in(&self, folder: &str, args: &[&str]) -> Ran {
        run(self.command_in(folder, args))
    }

    /// What is shown at the terminal of `rolo trust` in `folder`, where it is answered, and the exit code.
    pub(crate) fn trust(&self, folder: &str, answer: &str) -> (String, i32) {
        fs::create_dir_all(self.path(folder)).unwrap();
        // Nothing on standard output, which is a file here.
        let script = format!("cd '{folder}' && rolo trust >~/stdout; echo \"status=$?.\"");
        let mut session = self.in_terminal(&script);
        let shown = session.expect(QUESTION).unwrap();
        let shown = String::from_utf8_lossy(shown.before()).replace("\r\n", "\n");
        session.send_line(answer).unwrap();
        let said = rest(&mut session);
        assert_eq!(fs::read_to_string(self.path("stdout")).unwrap(), "");
        let status = said.rsplit_once("status=").and_then(|(_, rest)| rest.split_once('.')).unwrap().0;
        (shown, status.parse().unwrap())
    }

    /// What there is to approve it was not asked about, since it is known.
    fn is_trusted(&self, folder: &str) -> bool {
        let ran = self.rolo_in(folder, &["trust"]);
        assert!(ran.code == 0 && ran.stderr.contains("is trusted already") || ran.code == 4, "{ran:#?}");
        ran.code == 0
    }

    /// The path as it is shown: the temporary folder may lie behind a link.
    fn shown(&self, path: &str) -> String {
        let path = self.path(path);
        let folder = path.parent().unwrap().canonicalize().unwrap();
        folder.join(path.file_name().unwrap()).to_str().unwrap().to_owned()
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn the_file_and_the_whole_role_are_shown_and_y_approves() {
    let world = World::new();
    let text = format!("role_prefix: {PREFIX}\nrefresh_before_expiry: 1h30m\nprofile_name_prefix: staging\n");
    world.project("app", &text);
    let (shown, code) = world.trust("app/deep/er", "y");
    assert_eq!(
        shown,
        format!(
            "{}\n  role_prefix: {PREFIX}\n  refresh_before_expiry: 1h 30m\n  profile_name_prefix: staging\n\
             `--role NAME` leads to {PREFIX}NAME in account {STAGING}\n",
            world.shown("app/assume-role.yaml")
        )
    );
    assert_eq!(code, 0);
    assert!(world.is_trusted("app") && world.is_trusted("app/deep/er"));

    let kept = world.files(APPROVALS);
    assert_eq!((kept.len(), mode_of(&kept[0]), mode_of(&world.path(APPROVALS))), (1, 0o600, 0o700));
    let held = fs::read_to_string(&kept[0]).unwrap();
    assert!(!held.contains("profile_name_prefix") && !held.contains("1h30m"), "{held}");
}

#[test]
fn whatever_is_not_yes_is_no() {
    let world = World::new();
    world.project("app", &format!("role_prefix: {PREFIX}\n"));
    for answer in ["", "n", "yess", "j", "ye", "y y", "\u{4}"] {
        let (_, code) = world.trust("app", answer);
        assert_eq!(code, 1, "{answer:?}");
        assert!(!world.is_trusted("app"), "{answer:?}");
    }
    assert!(!world.path(".local").exists(), "a look leaves nothing behind");
    for answer in ["Y", "YES", " yes "] {
        let (_, code) = world.trust("app", answer);
        assert_eq!(code, 0, "{answer:?}");
        assert!(world.is_trusted("app"));
        world.rolo_in("app", &["trust", "--forget", "-q"]).quiet();
        assert!(!world.is_trusted("app"));
    }
}

#[test]
fn what_was_typed_before_the_question_is_no_answer() {
    let world = World::new();
    world.project("app", &format!("role_prefix: {PREFIX}\n"));
    let mut session = world.in_terminal("cd app; echo now; sleep 1; rolo trust; echo \"status=$?.\"");
    session.expect("now").unwrap();
    session.send_line("y").unwrap();
    session.expect(QUESTION).unwrap();
    session.send_line("").unwrap();
    session.expect("status=1.").unwrap();
    assert!(!world.is_trusted("app"));
}

#[test]
fn ctrl_c_at_the_question_is_no() {
    let world = World::new();
    world.project("app", &format!("role_prefix: {PREFIX}\n"));
    let mut session = world.in_terminal("trap : INT; cd app; rolo trust; echo \"status=$?.\"");
    session.expect(QUESTION).unwrap();
    session.send(ControlCode::EndOfText).unwrap();
    session.expect("status=130.").unwrap();
    assert!(!world.is_trusted("app"));
}

#[test]
fn input_and_output_that_are_no_terminal_do_not_answer() {
    let world = World::new();
    world.project("app", &format!("role_prefix: {PREFIX}\n"));
    let ran = world.shell("cd app; yes | rolo trust; echo $?");
    assert_eq!(ran.stdout, "4\n");
    let error = world.rolo_in("app", &["trust"]).failed(4);
    assert!(error.contains("hint: run `rolo trust ~/app/assume-role.yaml` at a terminal"), "{error}");
    assert!(error.contains("`trusted` in `config.toml`"), "{error}");
    assert!(!world.path(".local").exists());

    // At a terminal, what comes through a pipe is no answer either.
    let mut session = world.in_terminal("cd app; yes | rolo trust | cat; echo \"status=${PIPESTATUS[1]}.\"");
    session.expect(QUESTION).unwrap();
    session.send_line("n").unwrap();
    session.expect("status=1.").unwrap();
    assert!(!world.is_trusted("app"));
}

#[test]
fn a_changed_file_is_asked_for_again() {
    let world = World::new();
    let path = world.project("app", &format!("role_prefix: {PREFIX}\n"));
    world.trust("app", "y");
    let text = fs::read_to_string(&path).unwrap();
    world.project("app", "role_prefix: arn:aws:iam::999988887777:role/\n");
    assert!(!world.is_trusted("app"));
    let (shown, code) = world.trust("app", "n");
    assert!(
        shown.contains("leads to arn:aws:iam::999988887777:role/NAME in account 999988887777\n"),
        "{shown}"
    );
    assert!(shown.contains("it has changed since it was approved (20"), "{shown}");
    assert!(shown.ends_with(&format!("then it led to {PREFIX}NAME in account {STAGING}\n")), "{shown}");
    assert_eq!(code, 1);
    // A comment is a change too: it is the bytes that were approved.
    world.project("app", &format!("{text}# more\n"));
    assert!(!world.is_trusted("app"));
    world.project("app", &text);
    assert!(world.is_trusted("app"));
    // The same file elsewhere is another file.
    world.project("other", &text);
    assert!(!world.is_trusted("other"));
    fs::rename(world.path("app"), world.path("moved")).unwrap();
    assert!(!world.is_trusted("moved"));
}

#[test]
fn what_was_shown_is_what_is_approved() {
    let world = World::new();
    world.project("app", &format!("role_prefix: {PREFIX}\n"));
    let mut session = world.in_terminal("cd app; rolo trust; echo \"status=$?.\"");
    session.expect(QUESTION).unwrap();
    world.project("app", "role_prefix: arn:aws:iam::999988887777:role/\n");
    session.send_line("y").unwrap();
    session.expect("status=0.").unwrap();
    assert!(!world.is_trusted("app"));
    let (shown, _) = world.trust("app", "n");
    assert!(shown.contains("has changed since"), "{shown}");
}

#[test]
fn the_nearest_file_is_meant_or_the_one_that_is_named() {
    let world = World::new();
    world.project("app", &format!("role_prefix: {PREFIX}outer-\n"));
    world.project("app/in/ner", &format!("role_prefix: {PREFIX}inner-\n"));
    let (shown, _) = world.trust("app/in/ner/most", "n");
    assert!(shown.contains("role/inner-NAME"), "{shown}");
    let (shown, _) = world.trust("app/in", "n");
    assert!(shown.contains("role/outer-NAME"), "{shown}");
    for named in ["app/assume-role.yaml", "app", "./app/in/.."] {
        let mut session = world.in_terminal(&format!("rolo trust {named}"));
        session.expect("role/outer-NAME").unwrap();
    }
    let error = world.rolo(&["trust"]).failed(3);
    assert!(error.contains("there is no `assume-role.yaml` in `~` or above it"), "{error}");
    let error = world.rolo(&["trust", "nowhere/assume-role.yaml"]).failed(3);
    assert!(error.contains("there is no file"), "{error}");
    world.write("app/roles.yaml", "");
    let error = world.rolo(&["trust", "app/roles.yaml"]).failed(2);
    assert!(error.contains("is not called `assume-role.yaml`"), "{error}");
}

#[test]
fn a_file_without_a_prefix_says_where_roles_lead_then() {
    let world = World::new();
    world.project("app", "profile_name_prefix: x\n");
    let (shown, _) = world.trust("app", "n");
    assert!(shown.ends_with("it sets no role_prefix; `--role NAME` leads nowhere\n"), "{shown}");
    world.settings(&format!("\nrole_prefix = \"{PREFIX}\"\n"));
    let (shown, _) = world.trust("app", "n");
    let by = world.path(".config/rolo/config.toml:2");
    let lead = format!("leads to {PREFIX}NAME in account {STAGING}, by {}\n", by.display());
    assert!(shown.ends_with(&lead), "{shown}");
}

#[test]
fn nothing_in_a_file_acts_on_the_terminal() {
    let world = World::new();
    world.project("app", &format!("role_prefix: {PREFIX}\nprofile_name_prefix: \"a\\u202eb\"\n"));
    let (shown, _) = world.trust("app", "n");
    assert!(shown.contains("profile_name_prefix: a\\u{202e}b\n"), "{shown}");
    for value in ["\"\\e[2J\"", "\"a\\u009b2J\"", "\"a\\nb\""] {
        world.project("app", &format!("\nprofile_name_prefix: {value}\n"));
        let error = world.rolo_in("app", &["trust"]).failed(3);
        assert!(error.contains("at ~/app/assume-role.yaml:2\n"), "{error}");
        assert!(!error.contains(|c: char| c.is_control() && c != '\n'), "{error:?}");
    }
    let folder = "b\u{1b}[2Jx";
    world.project(folder, &format!("role_prefix: {PREFIX}\n"));
    let (shown, _) = world.trust(folder, "n");
    assert!(shown.contains("b\\u{1b}[2Jx/assume-role.yaml"), "{shown}");
}

#[test]
fn what_is_wrong_in_it_is_told_with_file_and_line() {
    let world = World::new();
    for (text, line, what) in [
        ("\nrole_prefx: x\n", 2, "unknown field `role_prefx`"),
        ("# x\n\nrole_prefix: 123456789012\n", 3, "`role_prefix` is `123456789012`"),
        ("refresh_before_expiry: soon\n", 1, "`refresh_before_expiry` is `soon`"),
        ("refresh_before_expiry: 5m\nrefresh_before_expiry: 6m\n", 2, "duplicate"),
        ("profile_name_prefix: x\nrole_prefix: [x\n", 2, ""),
    ] {
        world.project("app", text);
        let error = world.rolo_in("app/deep", &["trust"]).failed(3);
        assert!(error.contains(&format!("  at ~/app/assume-role.yaml:{line}\n")), "{error}");
        assert!(error.contains(what), "{error}");
    }
}

/// Files that are there and are never read, with what is told about them.
#[test]
fn a_file_that_somebody_else_could_write_never_counts() {
    let world = World::new();
    let refused = |why: &str, hint: &str| {
        let error = world.rolo_in("app", &["trust"]).failed(3);
        assert!(error.starts_with("error: `~/app/assume-role.yaml` cannot be trusted\n"), "{error}");
        assert!(error.contains(why) && error.contains(hint), "{error}");
        assert!(!error.contains("999988887777"), "it was not read: {error}");
    };
    let path = world.project("app", "role_prefix: arn:aws:iam::999988887777:role/\n");
    for mode in [0o664, 0o646, 0o666] {
        set_mode(&path, mode);
        let remedy = "run `chmod go-w ~/app/assume-role.yaml`, look at it, then run `rolo trust ~/app/";
        refused(&format!("others may write to it (mode {mode:04o})"), remedy);
    }
    fs::remove_file(&path).unwrap();

    let foreign = "it belongs to another user";
    let remedy = "no approval makes another user's count";
    if rustix::process::geteuid().is_root() {
        world.project("app", "role_prefix: arn:aws:iam::999988887777:role/\n");
        chown(&path, Some(STRANGER), None).unwrap();
        refused(foreign, remedy);
        fs::remove_file(&path).unwrap();
        // The link is another user's, what it leads to is not.
        let own = world.write("own.yaml", "role_prefix: arn:aws:iam::999988887777:role/\n");
        set_mode(&own, 0o600);
        symlink(&own, &path).unwrap();
        std::os::unix::fs::lchown(&path, Some(STRANGER), None).unwrap();
        refused("it is a symbolic link of another user (uid 12345)", remedy);
        fs::remove_file(&path).unwrap();
        let strange = world.write("strange.yaml", "role_prefix: arn:aws:iam::999988887777:role/\n");
        chown(&strange, Some(STRANGER), None).unwrap();
        symlink(&strange, &path).unwrap();
    } else {
        symlink("/etc/passwd", &path).unwrap();
    }
    refused(foreign, remedy);
    fs::remove_file(&path).unwrap();

    let loose = world.write("loose.yaml", "role_prefix: arn:aws:iam::999988887777:role/\n");
    set_mode(&loose, 0o666);
    symlink(&loose, &path).unwrap();
    refused("others may write to it", "chmod go-w");
    fs::remove_file(&path).unwrap();

    fs::create_dir(&path).unwrap();
    refused("it is not a regular file", "correct or remove");
    fs::remove_dir(&path).unwrap();
    assert_eq!(run(world.bare_command(Path::new("mkfifo")).arg(&path)).code, 0);
    // Whoever waits for a reader waits on: the pipe was not even opened.
    let pipe = path.clone();
    let writer = std::thread::spawn(move || fs::OpenOptions::new().write(true).open(pipe).unwrap());
    std::thread::sleep(Duration::from_millis(300));
    refused("it is not a regular file", "correct or remove");
    assert!(!writer.is_finished());
    drop(fs::File::open(&path).unwrap());
    writer.join().unwrap();
    fs::remove_file(&path).unwrap();
    symlink("/dev/zero", &path).unwrap();
    refused("it is not a regular file", "correct or remove");
    fs::remove_file(&path).unwrap();

    world.project("app", &format!("# {}\n", "x".repeat(64 << 10)));
    refused("it is larger than 64 KiB", "correct or remove");
    fs::remove_file(&path).unwrap();
    // Its size says nothing, and it is the test's own only where that is root.
    let endless = Path::new("/proc/kallsyms");
    if rustix::process::geteuid().is_root() && fs::read(endless).is_ok_and(|bytes| bytes.len() > 64 << 10) {
        symlink(endless, &path).unwrap();
        refused("it is larger than 64 KiB", "correct or remove");
        fs::remove_file(&path).unwrap();
    }
    fs::write(&path, b"role_prefix: \xff\n").unwrap();
    refused("it is no text in UTF-8", "correct or remove");
}

#[test]
fn a_link_of_ones_own_is_a_file_of_its_own() {
    let world = World::new();
    let target = world.project("shared", &format!("role_prefix: {PREFIX}\n"));
    fs::create_dir(world.path("app")).unwrap();
    symlink(&target, world.path("app/assume-role.yaml")).unwrap();
    world.trust("shared", "y");
    assert!(!world.is_trusted("app"), "the approval of its target is not its own");
    world.trust("app", "y");
    assert!(world.is_trusted("app") && world.is_trusted("shared"));
    // Another way to the same folder is the same file.
    symlink(world.path("app"), world.path("way")).unwrap();
    assert!(world.is_trusted("way"));
    // A link that leads nowhere is no file: the search goes on.
    fs::remove_file(&target).unwrap();
    world.rolo_in("app", &["trust"]).failed(3);
}

#[test]
fn config_toml_trusts_files_and_folders() {
    let world = World::new();
    world.project("code/a", &format!("role_prefix: {PREFIX}\n"));
    world.project("code/b", &format!("role_prefix: {PREFIX}\n"));
    world.project("code2", &format!("role_prefix: {PREFIX}\n"));
    let trusted = |entries: &str| {
        world.settings(&format!("trusted = [{entries}]\n"));
        ["code/a", "code/b", "code2"].map(|folder| world.is_trusted(folder))
    };
    let home = world.path("").to_str().unwrap().trim_end_matches('/').to_owned();
    assert_eq!(trusted(""), [false; 3]);
    assert_eq!(trusted("'~/code/a/assume-role.yaml'"), [true, false, false]);
    assert_eq!(trusted(&format!("'{home}/code/b/assume-role.yaml'")), [false, true, false]);
    assert_eq!(trusted("'~/code'"), [true, true, false]);
    assert_eq!(trusted("'~/nowhere', '~/code/b/'"), [false, true, false]);
    assert_eq!(trusted("'~/'"), [true; 3]);
    // It is the place that is trusted, not what stands there …
    world.project("code/a", "role_prefix: arn:aws:iam::999988887777:role/\n");
    assert_eq!(trusted("'~/code'"), [true, true, false]);
    // … but never what others may write.
    set_mode(&world.path("code/a/assume-role.yaml"), 0o666);
    world.rolo_in("code/a", &["trust"]).failed(3);

    for entry in ["code", "./code", "", "~ada/code", "$HOME/code"] {
        world.settings(&format!("trusted = [\n  '/srv',\n  '{entry}',\n]\n"));
        let error = world.rolo_in("code/b", &["trust"]).failed(3);
        assert!(error.contains(&format!("`trusted` is `{entry}`, which is not an absolute path")), "{error}");
        assert!(error.contains("at ~/.config/rolo/config.toml:3\n"), "{error}");
    }
}

#[test]
fn the_users_own_file_needs_no_approval() {
    let world = World::new();
    world.project(".aws", &format!("role_prefix: {PREFIX}\n"));
    let ran = world.rolo_in(".aws/sub", &["trust"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{ran:?}");
    assert!(ran.stderr.contains("counts without approval"), "{ran:?}");
    set_mode(&world.path(".aws/assume-role.yaml"), 0o666);
    world.rolo_in(".aws", &["trust"]).failed(3);
}

#[test]
fn what_is_trusted_is_listed_and_forgotten() {
    let world = World::new();
    assert_eq!(world.rolo(&["trust", "--list"]).quiet().lines().count(), 1, "the header");
    assert_eq!(world.rolo(&["trust", "--list", "--json"]).json(), serde_json::json!([]));
    for folder in ["a", "b", "c", "d"] {
        world.project(folder, &format!("role_prefix: {PREFIX}\n"));
        world.trust(folder, "y");
    }
    world.project("b", "{}\n");
    fs::remove_dir_all(world.path("c")).unwrap();
    set_mode(&world.path("d/assume-role.yaml"), 0o666);
    world.settings("trusted = ['/srv/app']\n");
    let json = world.rolo(&["trust", "--list", "--json"]).json();
    let states: Vec<_> = json.as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["trusted", "changed", "absent", "unsafe", "trusted"]);
    assert_eq!(json[0]["path"], world.shown("a/assume-role.yaml"));
    assert_eq!(json[0]["role_prefix"], PREFIX);
    assert!(json[0]["approved_at"].as_str().unwrap().starts_with("20"));
    assert_eq!(json[4]["path"], "/srv/app");
    assert!(json[4]["setting"].as_str().unwrap().ends_with("config.toml:1"));
    assert_eq!(world.rolo(&["trust", "--list"]).quiet().lines().count(), 6);

    world.rolo_in("a/deep", &["trust", "--forget", "-q"]).quiet();
    assert!(!world.is_trusted("a"));
    let gone = format!("{}/c/assume-role.yaml", world.path("").canonicalize().unwrap().display());
    world.rolo(&["trust", "--forget", "-q", &gone]).quiet();
    let ran = world.rolo(&["trust", "--forget", "b"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{ran:?}");
    assert_eq!(world.files(APPROVALS).len(), 1);
    let error = world.rolo(&["trust", "--forget", "b"]).failed(1);
    assert!(error.contains("`~/b/assume-role.yaml` was not approved") && error.contains("--list"), "{error}");
    for both in [&["--list", "--forget"][..], &["--list", "a"], &["--json"]] {
        world.rolo(&[&["trust"], both].concat()).failed(2);
    }
}

#[test]
fn a_setting_outlives_its_approval_and_says_so() {
    let world = World::new();
    world.project("app", &format!("role_prefix: {PREFIX}\n"));
    world.trust("app", "y");
    world.settings("trusted = ['~/app']\n");
    let warning = world.rolo(&["trust", "--forget", "app"]).warned();
    assert!(warning.contains("is trusted still, by"), "{warning}");
    let error = world.rolo(&["trust", "--forget", "app"]).failed(1);
    assert!(error.contains("at ~/.config/rolo/config.toml:1\n"), "{error}");
    assert!(world.is_trusted("app"));
}

#[test]
fn approvals_that_others_could_have_made_are_none() {
    let world = World::new();
    world.project("app", &format!("role_prefix: {PREFIX}\n"));
    world.trust("app", "y");
    let kept = world.files(APPROVALS).remove(0);
    set_mode(&kept, 0o666);
    assert!(!world.is_trusted("app"));
    set_mode(&kept, 0o600);
    assert!(world.is_trusted("app"));
    // One for another place under this one's name is none.
    world.project("other", &format!("role_prefix: {PREFIX}\n"));
    world.trust("other", "y");
    let others = world.files(APPROVALS).into_iter().find(|path| *path != kept).unwrap();
    let own = fs::read(&kept).unwrap();
    fs::copy(&others, &kept).unwrap();
    assert!(!world.is_trusted("app") && world.is_trusted("other"));
    fs::write(&kept, own).unwrap();
    assert!(world.is_trusted("app"));
    fs::write(&kept, "{").unwrap();
    assert!(!world.is_trusted("app"), "a damaged one is none");
    for folder in [APPROVALS, ".local/state/rolo"] {
        set_mode(&world.path(folder), 0o777);
        let error = world.rolo_in("app", &["trust"]).failed(1);
        assert!(error.contains("is not used") && error.contains("others may write to it"), "{error}");
        set_mode(&world.path(folder), 0o700);
    }
}

#[test]
fn approvals_are_where_xdg_says() {
    let mut world = World::new();
    world.project("app", &format!("role_prefix: {PREFIX}\n"));
    world.set("XDG_STATE_HOME", world.path("state").to_str().unwrap());
    world.trust("app", "y");
    assert!(world.is_trusted("app"));
    assert_eq!(world.files("state/rolo/trusted").len(), 1);
    assert!(!world.path(".local").exists());
    world.unset("XDG_STATE_HOME");
    assert!(!world.is_trusted("app"));
}
