//! Private folders and files on a real file system, with real faults.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot be set up has failed, or says why it is skipped"
)]

mod processes;
mod programs;

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
    time::Duration,
};

use jiff::SignedDuration;
use rolo_core::{
    host::{Clock, real::RealHost},
    private_file::{PrivateDir, Refusal, replace_file},
    talk::in_one_line,
};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn refusal(path: &Path) -> Refusal {
    PrivateDir::open_or_create(path).unwrap_err().reason
}

#[expect(clippy::disallowed_methods, reason = "a file that some other program wrote")]
fn plant(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}

fn is_root() -> bool {
    let is = rustix::process::geteuid().is_root();
    if !is {
        println!("skipped: only root can give a file to somebody else");
    }
    is
}

#[test]
fn folders_and_files_are_made_private() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("a/b/rolo");
    assert!(PrivateDir::open(&path).unwrap_err().is_absent());
    let folder = PrivateDir::open_or_create(&path).unwrap();
    let inner = folder.open_or_create_subdir("memo").unwrap();
    inner.replace("x.json", b"one").unwrap();
    for made in ["a", "a/b", "a/b/rolo", "a/b/rolo/memo"] {
        assert_eq!(mode(&home.path().join(made)), 0o700, "{made}");
    }
    assert_eq!(mode(&path.join("memo/x.json")), 0o600);
    assert_eq!(*inner.read("x.json").unwrap(), b"one");

    set_mode(&path.join("memo/x.json"), 0o644);
    inner.replace("x.json", b"two").unwrap();
    assert_eq!((&**inner.read("x.json").unwrap(), mode(&path.join("memo/x.json"))), (&b"two"[..], 0o600));
    assert_eq!(inner.list().unwrap(), ["x.json"]);
    assert!(inner.remove("x.json").unwrap());
    assert!(!inner.remove("x.json").unwrap());
    assert_eq!(inner.read("x.json").unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_file_is_added_to_and_set_aside_once() {
    let home = tempfile::tempdir().unwrap();
    let folder = PrivateDir::open_or_create(&home.path().join("rolo")).unwrap();
    let path = |name: &str| home.path().join("rolo").join(name);
    assert_eq!(folder.append("log", b"one\n").unwrap(), 4);
    assert_eq!(folder.append("log", b"two\n").unwrap(), 8);
    assert_eq!((&**folder.read("log").unwrap(), mode(&path("log"))), (&b"one\ntwo\n"[..], 0o600));

    assert!(!folder.set_aside("log", "log.old", 9).unwrap(), "it is not that large yet");
    assert!(folder.set_aside("log", "log.old", 8).unwrap());
    folder.append("log", b"three\n").unwrap();
    assert!(!folder.set_aside("log", "log.old", 8).unwrap(), "it is another file by now");
    assert_eq!(&**folder.read("log.old").unwrap(), b"one\ntwo\n");
    let locked = fs::File::open(path("log")).unwrap();
    locked.lock().unwrap();
    assert!(!folder.set_aside("log", "log.old", 1).unwrap(), "somebody else is about to");
    drop(locked);

    plant(&home.path().join("victim"), b"");
    symlink(home.path().join("victim"), path("link")).unwrap();
    plant(&path("open"), b"");
    set_mode(&path("open"), 0o606);
    for name in ["link", "open"] {
        assert_eq!(folder.append(name, b"x").unwrap_err().kind(), io::ErrorKind::PermissionDenied, "{name}");
    }
    assert!(folder.append("../victim", b"x").is_err());
    for path in [home.path().join("victim"), path("open")] {
        assert_eq!(fs::read(path).unwrap(), b"");
    }
}

#[test]
fn folders_that_others_could_change_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("rolo");
    drop(PrivateDir::open_or_create(&path).unwrap());
    for writable in [0o777, 0o1777, 0o720, 0o702] {
        set_mode(&path, writable);
        let reason = refusal(&path);
        assert!(matches!(reason, Refusal::WritableByOthers(_)), "{reason:?}");
        assert!(reason.to_string().contains(&format!("{writable:04o}")), "{reason}");
    }
    set_mode(&path, 0o755);
    let folder = PrivateDir::open(&path).unwrap();

    fs::create_dir(home.path().join("elsewhere")).unwrap();
    symlink(home.path().join("elsewhere"), home.path().join("link")).unwrap();
    assert!(matches!(refusal(&home.path().join("link")), Refusal::Link));
    symlink(home.path().join("nowhere"), home.path().join("dangling")).unwrap();
    assert!(matches!(refusal(&home.path().join("dangling")), Refusal::Link));
    symlink(home.path().join("elsewhere"), path.join("memo")).unwrap();
    let error = folder.open_or_create_subdir("memo").unwrap_err();
    assert!(matches!(error.reason, Refusal::Link), "{error:?}");
    plant(&home.path().join("file"), b"");
    assert!(matches!(refusal(&home.path().join("file")), Refusal::NotAFolder));
    assert!(matches!(refusal(&home.path().join("file/below")), Refusal::NotAFolder));

    if is_root() {
        std::os::unix::fs::chown(&path, Some(12_345), None).unwrap();
        assert!(matches!(refusal(&path), Refusal::ForeignOwner(12_345)));
    }
}

#[test]
fn files_that_others_could_have_put_there_are_not_read() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("rolo");
    let folder = PrivateDir::open_or_create(&path).unwrap();
    let denied = |name: &str| {
        let error = folder.read(name).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{name}: {error}");
    };
    folder.replace("file", b"mine").unwrap();
    symlink(path.join("file"), path.join("link")).unwrap();
    denied("link");
    fs::create_dir(path.join("folder")).unwrap();
    denied("folder");
    rustix::fs::mkfifoat(rustix::fs::CWD, path.join("pipe"), rustix::fs::Mode::RWXU).unwrap();
    denied("pipe");
    set_mode(&path.join("file"), 0o620);
    denied("file");
    set_mode(&path.join("file"), 0o600);
    assert_eq!(*folder.read("file").unwrap(), b"mine");
    if is_root() {
        std::os::unix::fs::chown(path.join("file"), Some(12_345), None).unwrap();
        denied("file");
    }

    // A link under the name is replaced, never written through.
    fs::remove_file(path.join("link")).unwrap();
    symlink(home.path().join("victim"), path.join("link")).unwrap();
    folder.replace("link", b"new").unwrap();
    assert!(!home.path().join("victim").exists());
    assert!(fs::symlink_metadata(path.join("link")).unwrap().is_file());
}

#[test]
fn a_name_never_leads_out_of_the_folder() {
    let home = tempfile::tempdir().unwrap();
    let folder = PrivateDir::open_or_create(&home.path().join("rolo")).unwrap();
    for name in ["", ".", "..", "../x", "a/b", "/etc/passwd", "a\0b"] {
        for kind in [
            folder.read(name).unwrap_err().kind(),
            folder.replace(name, b"").unwrap_err().kind(),
            folder.remove(name).unwrap_err().kind(),
        ] {
            assert_eq!(kind, io::ErrorKind::InvalidInput, "{name:?}");
        }
    }
}

#[test]
fn a_folder_swapped_after_the_check_is_not_written_to() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("rolo");
    let folder = PrivateDir::open_or_create(&path).unwrap();
    fs::rename(&path, home.path().join("moved")).unwrap();
    fs::create_dir(&path).unwrap();
    folder.replace("secret", b"s").unwrap();
    assert!(!path.join("secret").exists());
    assert!(home.path().join("moved/secret").exists());
}

#[test]
fn files_elsewhere_are_replaced_the_same_way() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join(".aws/sso/cache/abc.json");
    replace_file(&path, b"{}").unwrap();
    assert_eq!(
        (fs::read(&path).unwrap(), mode(&path), mode(path.parent().unwrap())),
        (b"{}".to_vec(), 0o600, 0o700)
    );
    let inode = fs::metadata(&path).unwrap().ino();
    replace_file(&path, b"{ }").unwrap();
    assert_ne!(fs::metadata(&path).unwrap().ino(), inode, "written in place");
    set_mode(path.parent().unwrap(), 0o777);
    let error = replace_file(&path, b"").unwrap_err();
    assert_eq!(fs::read(&path).unwrap(), b"{ }", "{error}");
}

const SHORT: usize = 3;
const LONG: usize = 300_000;

#[test]
fn child_that_replaces_until_killed() {
    let Some(path) = processes::child_folder() else { return };
    let folder = PrivateDir::open_or_create(&path).unwrap();
    loop {
        folder.replace("file", &[b'a'; SHORT]).unwrap();
        folder.replace("file", &vec![b'b'; LONG]).unwrap();
    }
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_or_the_new() {
    if processes::child_folder().is_some() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("rolo");
    let folder = PrivateDir::open_or_create(&path).unwrap();
    let mut seen = [0, 0];
    for round in 0..40_u64 {
        folder.replace("file", &[b'a'; SHORT]).unwrap();
        let mut child = processes::start("child_that_replaces_until_killed", &path);
        std::thread::sleep(Duration::from_micros(20_000 + round * 731));
        child.kill().unwrap();
        child.wait().unwrap();
        let content = folder.read("file").unwrap();
        match content[0] {
            b'a' => assert_eq!(*content, [b'a'; SHORT]),
            _ => assert_eq!(*content, vec![b'b'; LONG]),
        }
        seen[usize::from(content[0] == b'b')] += 1;
    }
    println!("old {} times, new {} times", seen[0], seen[1]);

    // What the killed ones left is cleared, but nothing that may still be in use.
    let hidden = || fs::read_dir(&path).unwrap().count() - 1;
    let left = hidden();
    println!("{left} temporary files were left");
    plant(&path.join(".rolo-1-0.tmp"), b"half a sec");
    let now = RealHost.now();
    assert_eq!(folder.remove_leftovers(now).unwrap(), 0);
    assert_eq!(folder.remove_leftovers(now + SignedDuration::from_secs(90)).unwrap(), left + 1);
    assert_eq!((hidden(), folder.list().unwrap()), (0, vec!["file".to_owned()]));
}

/// Runs the test `only` with a file system of its own, mounted where no other process sees it, over `folder`.
fn in_own_mount(only: &str, folder: &Path, mount: &str) -> Option<Vec<String>> {
    if !programs::can_run(&["unshare", "--mount", "--map-root-user", "mount", "-t", "tmpfs", "none", "/mnt"])
    {
        return None;
    }
    let script = format!("{mount} && exec \"$0\" \"$@\"");
    let wrapper = ["unshare", "--mount", "--map-root-user", "sh", "-c", &script];
    let output = processes::command(only, folder, &wrapper).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    Some(processes::answers(&output))
}

#[test]
fn child_on_a_full_disk() {
    let Some(path) = processes::child_folder() else { return };
    let folder = PrivateDir::open_or_create(&path.join("rolo")).unwrap();
    folder.replace("file", b"old").unwrap();
    let error = folder.replace("file", &vec![b'b'; LONG]).unwrap_err();
    println!("answer: {:?} {}", error.kind(), folder.read("file").unwrap().len());
    println!("answer: {} files", fs::read_dir(folder.path()).unwrap().count());
}

#[test]
fn a_full_disk_is_an_error_and_nothing_is_lost() {
    if processes::child_folder().is_some() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let mount = r#"mount -t tmpfs -o size=64k,mode=0700 tmpfs "$ROLO_TEST_FOLDER""#;
    if let Some(answers) = in_own_mount("child_on_a_full_disk", home.path(), mount) {
        assert_eq!(answers, ["StorageFull 3", "1 files"]);
    }
}

#[test]
fn child_on_a_read_only_disk() {
    let Some(path) = processes::child_folder() else { return };
    println!("answer: {}", in_one_line(&PrivateDir::open_or_create(&path.join("new")).unwrap_err()));
    let folder = PrivateDir::open_or_create(&path.join("rolo")).unwrap();
    println!("answer: {}", String::from_utf8_lossy(&folder.read("file").unwrap()));
    println!("answer: {:?}", folder.replace("file", b"new").unwrap_err().kind());
    println!(
        "answer: {}",
        in_one_line(&folder.open_or_create_subdir("memo").unwrap_err()).contains("Read-only")
    );
    println!("answer: {:?}", folder.remove("file").unwrap_err().kind());
}

#[test]
fn a_read_only_disk_can_still_be_read() {
    if processes::child_folder().is_some() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let folder = PrivateDir::open_or_create(&home.path().join("rolo")).unwrap();
    folder.replace("file", b"old").unwrap();
    let mount = r#"mount --bind "$ROLO_TEST_FOLDER" "$ROLO_TEST_FOLDER" && mount -o remount,bind,ro "$ROLO_TEST_FOLDER""#;
    if let Some(answers) = in_own_mount("child_on_a_read_only_disk", home.path(), mount) {
        let new = home.path().join("new");
        let refused = format!(
            "folder `{}` is not used: it cannot be opened: Read-only file system (os error 30)",
            new.display()
        );
        assert_eq!(answers, [&refused, "old", "ReadOnlyFilesystem", "true", "ReadOnlyFilesystem"]);
    }
}

#[test]
fn child_without_permission() {
    let Some(path) = processes::child_folder() else { return };
    println!("answer: {}", in_one_line(&PrivateDir::open_or_create(&path.join("rolo/below")).unwrap_err()));
    println!("answer: {:?}", PrivateDir::open(&path.join("rolo")).unwrap_err().reason);
}

#[test]
fn another_user_gets_a_refusal_and_no_more() {
    if processes::child_folder().is_some() || !is_root() {
        return;
    }
    let somebody = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"];
    let this = std::env::current_exe().unwrap();
    let can_start: Vec<_> = somebody.iter().copied().chain([this.to_str().unwrap(), "--list"]).collect();
    if !programs::can_run(&can_start) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    set_mode(home.path(), 0o755);
    let folder = PrivateDir::open_or_create(&home.path().join("rolo")).unwrap();
    folder.replace("file", b"mine").unwrap();
    let run = || {
        let output = processes::command("child_without_permission", home.path(), &somebody).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        processes::answers(&output)
    };
    let below = folder.path().join("below");
    let denied = format!(
        "folder `{}` is not used: it cannot be opened: Permission denied (os error 13)",
        below.display()
    );
    assert_eq!(run()[0], denied);
    set_mode(folder.path(), 0o755);
    assert_eq!(run(), [denied, "ForeignOwner(0)".to_owned()]);
}
