//! One lock per name across processes, so that a hundred cold starts make one call and one prompt.
//!
//! A lock is a file that is held with `flock`: the system frees it when its holder dies, however it dies, and a program
//! started meanwhile does not inherit it. The file is never removed, or two processes could hold two files of one name.
//! Must not know what is locked.

use std::{
    fs::{File, TryLockError},
    io::{self, Read, Seek, Write},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    host::Host,
    private_file::PrivateDir,
    talk::{Hear, Notice, in_one_line},
};

/// A wait this long is worth a word.
const SAY_AFTER: Duration = Duration::from_secs(2);
/// Longer than a person needs to type a code, and than AWS needs to answer.
const GIVE_UP_AFTER: Duration = Duration::from_mins(2);
/// Of the cache.
const FOLDER: &str = "locks";
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(64);

/// Why a lock was not had. That locks are not supported is no such reason: then all goes on without.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Somebody else held it all the time.
    #[error("waited {} s for {holder}, which is getting the {what}", GIVE_UP_AFTER.as_secs())]
    TimedOut {
        /// The holder in words: process id and terminal where known.
        holder: String,
        /// What was waited for, in words.
        what: String,
    },
}

/// The folder of the locks.
#[derive(Debug)]
pub struct Locks {
    folder: Option<PrivateDir>,
}

/// A lock that is held until this is dropped.
#[derive(Debug)]
#[must_use = "the lock is freed when this is dropped"]
pub struct LockGuard {
    file: Option<File>,
}

impl LockGuard {
    /// Whether a lock is really held; `false` where locks are not supported.
    pub fn is_locked(&self) -> bool {
        self.file.is_some()
    }
}

impl Drop for LockGuard {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            // Only for show: a name left behind would be told to the next waiter until the next holder writes its own.
            let _ = file.set_len(0);
            // Closing alone would wait for children that another thread is about to start, and that have the file until
            // they exec.
            let _ = file.unlock();
        }
    }
}

impl Locks {
    /// Locks in the folder `locks` of the cache. Where it cannot be used, says so once and locks nothing.
    pub fn new(cache: &PrivateDir, hear: &dyn Hear) -> Self {
        match cache.open_or_create_subdir(FOLDER) {
            Ok(folder) => Self { folder: Some(folder) },
            Err(error) => {
                warn_unlocked(hear, &in_one_line(&error));
                Self { folder: None }
            }
        }
    }

    /// Locks nothing; for a run whose cache folder is not used, which has been said already.
    pub fn none() -> Self {
        Self { folder: None }
    }

    /// Waits for the lock `name` (hex digits) and takes it. `what` says in words what is being had under it, for the
    /// people who wait: «credentials of `prod`».
    ///
    /// Where locks do not work the guard holds nothing, and a warning has been said.
    pub fn acquire(
        &self,
        name: &str,
        what: &str,
        host: Host<'_>,
        hear: &dyn Hear,
    ) -> Result<LockGuard, LockError> {
        let Some(folder) = &self.folder else { return Ok(LockGuard { file: None }) };
        let file = match folder.open_to_lock(name) {
            Ok(file) => file,
            Err(error) => return Ok(unlocked(hear, &error)),
        };
        let mut waited = Duration::ZERO;
        let mut pause = FIRST_PAUSE;
        let mut said = false;
        loop {
            match file.try_lock() {
                Ok(()) => {
                    write_holder(&file);
                    return Ok(LockGuard { file: Some(file) });
                }
                Err(TryLockError::Error(error)) => return Ok(unlocked(hear, &error)),
                Err(TryLockError::WouldBlock) => {}
            }
            if waited >= GIVE_UP_AFTER {
                return Err(LockError::TimedOut { holder: read_holder(&file), what: what.to_owned() });
            }
            if waited >= SAY_AFTER && !said {
                hear.hear(&Notice::Waiting { holder: read_holder(&file), what: what.to_owned() });
                said = true;
            }
            // Pauses are counted rather than a clock read, so that neither a set clock nor a suspended machine ends it.
            host.clock.sleep(pause);
            waited += pause;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// The locks of the cache that have been held for at least `least` at `now`: by whom, in words, and for how long.
pub fn held_long(cache: &PrivateDir, now: Timestamp, least: SignedDuration) -> Vec<(String, SignedDuration)> {
    let Ok(folder) = cache.open_subdir(FOLDER) else { return Vec::new() };
    let mut held = Vec::new();
    for name in folder.list().unwrap_or_default() {
        // Who takes a lock writes into it, and who leaves it empties it; so most need no more than a look.
        let Ok(file) = folder.open_to_lock(&name) else { continue };
        let Ok(meta) = file.metadata() else { continue };
        let since = meta.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
        let Some(time) = since.map(|at| now.duration_since(at)).filter(|time| *time >= least) else {
            continue;
        };
        if meta.len() > 0 && matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
            held.push((read_holder(&file), time));
        }
    }
    held
}

fn unlocked(hear: &dyn Hear, error: &io::Error) -> LockGuard {
    warn_unlocked(hear, &error.to_string());
    LockGuard { file: None }
}

fn warn_unlocked(hear: &dyn Hear, why: &str) {
    hear.hear(&Notice::Warning(format!(
        "going on without a lock, so other processes may make the same calls: {why}"
    )));
}

/// The holder's name is a courtesy to those who wait; a full disk must not fail the run for it.
fn write_holder(mut file: &File) {
    let holder = match terminal() {
        Some(terminal) => format!("{} {terminal}", std::process::id()),
        None => std::process::id().to_string(),
    };
    let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(holder.as_bytes()));
}

fn read_holder(mut file: &File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.take(128).read_to_string(&mut text));
    let mut words = text.split_whitespace();
    match (read, words.next(), words.next()) {
        (Ok(_), Some(pid), Some(terminal)) => format!("process {pid} on {terminal}"),
        (Ok(_), Some(pid), None) => format!("process {pid}"),
        _ => "another process".to_owned(),
    }
}

/// The terminal without its `/dev/`, such as `pts/3`. Standard output is often a pipe, standard error seldom.
fn terminal() -> Option<String> {
    let named = |fd| rustix::termios::ttyname(fd, Vec::new()).ok();
    let name = named(rustix::stdio::stderr())
        .or_else(|| named(rustix::stdio::stdin()))
        .or_else(|| named(rustix::stdio::stdout()))?;
    let name = name.to_str().ok()?;
    Some(name.strip_prefix("/dev/").unwrap_or(name).to_owned())
}
