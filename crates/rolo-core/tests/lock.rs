//! Locks between real processes.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod processes;
mod programs;

use std::{
    cell::{Cell, RefCell},
    io::{BufRead, BufReader, Write},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use rolo_core::{
    host::{Clock, Host, real::RealHost},
    lock::{LockError, Locks},
    private_file::PrivateDir,
    talk::{Hear, Notice},
};
use rustix::process::{Pid, Signal};

#[derive(Default)]
struct Heard(RefCell<Vec<Notice>>);

impl Hear for Heard {
    fn hear(&self, notice: &Notice) {
        self.0.borrow_mut().push(notice.clone());
    }
}

/// Time that passes only by sleeping, and at once.
#[derive(Default)]
struct HurriedClock(Cell<Duration>);

impl Clock for HurriedClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.0.get()
    }

    fn sleep(&self, duration: Duration) {
        self.0.set(self.0.get() + duration);
    }
}

fn hurried<'a>(real: &'a RealHost, clock: &'a HurriedClock) -> Host<'a> {
    Host { clock, ..real.host() }
}

fn cache_in(folder: &Path) -> PrivateDir {
    PrivateDir::open_or_create(&folder.join("cache")).unwrap()
}

const NAME: &str = "00ff";
const WHAT: &str = "credentials of `prod`";

/// What a process does that needs credentials: under the lock it looks whether they are there, else makes the call.
#[test]
fn child_that_needs_an_answer() {
    let Some(folder) = processes::child_folder() else { return };
    let cache = cache_in(&folder);
    let locks = Locks::new(&cache, &Heard::default());
    let guard = locks.acquire(NAME, WHAT, RealHost.host(), &Heard::default()).unwrap();
    assert!(guard.is_locked());
    if cache.read("answer").is_err() {
        let mut calls =
            std::fs::OpenOptions::new().append(true).create(true).open(folder.join("calls")).unwrap();
        writeln!(calls, "call by {}", std::process::id()).unwrap();
        std::thread::sleep(Duration::from_millis(200));
        cache.replace("answer", format!("made by {}", std::process::id()).as_bytes()).unwrap();
    }
    let answer = cache.read("answer").unwrap();
    println!("answer: {}", String::from_utf8_lossy(&answer));
}

#[test]
fn child_that_holds_until_killed() {
    let Some(folder) = processes::child_folder() else { return };
    let locks = Locks::new(&cache_in(&folder), &Heard::default());
    let guard = locks.acquire(NAME, WHAT, RealHost.host(), &Heard::default()).unwrap();
    // As a `credential_process` would be, and it outlives its starter.
    #[expect(clippy::disallowed_methods, reason = "tests start real processes")]
    let mut started = std::process::Command::new("sleep").arg("30").stdout(Stdio::null()).spawn().unwrap();
    assert!(guard.is_locked());
    println!("answer: {}", started.id());
    started.wait().unwrap();
}

#[test]
fn child_whose_locks_fail() {
    let Some(folder) = processes::child_folder() else { return };
    let heard = Heard::default();
    let locks = Locks::new(&cache_in(&folder), &heard);
    let guard = locks.acquire(NAME, WHAT, RealHost.host(), &heard).unwrap();
    println!("answer: {} {:?}", guard.is_locked(), heard.0.borrow());
}

#[test]
fn a_hundred_processes_make_one_call() {
    if processes::child_folder().is_some() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let children: Vec<_> =
        (0..100).map(|_| processes::start("child_that_needs_an_answer", folder.path())).collect();
    let answers: Vec<_> = children
        .into_iter()
        .flat_map(|child| {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{output:?}");
            processes::answers(&output)
        })
        .collect();
    println!("a hundred processes took {:?}", began.elapsed());
    assert_eq!(answers.len(), 100);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(std::fs::read_to_string(folder.path().join("calls")).unwrap().lines().count(), 1);
}

#[test]
fn a_holder_is_named_and_its_death_frees_the_lock() {
    if processes::child_folder().is_some() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut holder = processes::start("child_that_holds_until_killed", folder.path());
    let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    let started = lines.find_map(|line| line.unwrap().split("answer: ").nth(1)?.parse().ok());
    let started = Pid::from_raw(started.unwrap()).unwrap();

    let cache = cache_in(folder.path());
    let heard = Heard::default();
    let locks = Locks::new(&cache, &heard);
    let clock = HurriedClock::default();
    let error = locks.acquire(NAME, WHAT, hurried(&RealHost, &clock), &heard).unwrap_err();
    let LockError::TimedOut { holder: named, what } = &error else { panic!("{error}") };
    assert!(named.contains(&holder.id().to_string()), "{named}");
    assert_eq!(what, WHAT);
    let waited = clock.0.get().as_secs();
    assert!((120..125).contains(&waited), "gave up after {waited} s");
    assert_eq!(*heard.0.borrow(), [Notice::Waiting { holder: named.clone(), what: WHAT.to_owned() }]);

    holder.kill().unwrap();
    holder.wait().unwrap();
    assert!(cache.path().join("locks").join(NAME).exists());
    let guard = locks.acquire(NAME, WHAT, RealHost.host(), &heard).unwrap();
    assert!(guard.is_locked());
    rustix::process::kill_process(started, Signal::KILL).expect("what the holder started still runs");
}

#[test]
fn a_short_wait_is_not_worth_a_word_and_other_names_are_free() {
    let folder = tempfile::tempdir().unwrap();
    let heard = Heard::default();
    let locks = Locks::new(&cache_in(folder.path()), &heard);
    let first = locks.acquire(NAME, WHAT, RealHost.host(), &heard).unwrap();
    let other = locks.acquire("01", WHAT, RealHost.host(), &heard).unwrap();
    assert!(first.is_locked() && other.is_locked());
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let heard = Heard::default();
            let guard = Locks::new(&cache_in(folder.path()), &heard)
                .acquire(NAME, WHAT, RealHost.host(), &heard)
                .unwrap();
            (guard.is_locked(), heard.0.into_inner())
        });
        std::thread::sleep(Duration::from_millis(300));
        assert!(!waiter.is_finished());
        drop(first);
        assert_eq!(waiter.join().unwrap(), (true, Vec::new()));
    });
}

#[test]
fn where_the_folder_is_not_to_be_trusted_all_goes_on_without_a_lock() {
    let folder = tempfile::tempdir().unwrap();
    let cache = cache_in(folder.path());
    std::os::unix::fs::symlink(folder.path(), cache.path().join("locks")).unwrap();
    let heard = Heard::default();
    let locks = Locks::new(&cache, &heard);
    assert!(!locks.acquire(NAME, WHAT, RealHost.host(), &heard).unwrap().is_locked());
    let heard = heard.0.into_inner();
    assert!(matches!(&heard[..], [Notice::Warning(text)] if text.contains("symbolic link")), "{heard:?}");
    assert!(!Locks::none().acquire(NAME, WHAT, RealHost.host(), &Heard::default()).unwrap().is_locked());
}

#[test]
fn where_the_system_has_no_locks_all_goes_on_with_a_warning() {
    if processes::child_folder().is_some() || !programs::can_run(&["strace", "-f", "true"]) {
        return;
    }
    for error in ["ENOLCK", "EOPNOTSUPP", "ENOSYS"] {
        let folder = tempfile::tempdir().unwrap();
        let inject = format!("inject=flock:error={error}");
        let wrapper = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &inject];
        let output = processes::command("child_whose_locks_fail", folder.path(), &wrapper).output().unwrap();
        let answers = processes::answers(&output);
        assert_eq!(answers.len(), 1, "{output:?}");
        assert!(answers[0].starts_with("false [Warning("), "{error}: {}", answers[0]);
    }
}
