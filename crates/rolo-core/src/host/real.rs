//! The operating system as a [`Host`](super::Host): the one home of `std::env`, `SystemTime::now` and
//! `std::process::Command` in the core.

use std::{
    fs::Metadata,
    io::{self, Read},
    os::unix::{fs::MetadataExt, process::ExitStatusExt},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use jiff::Timestamp;

use super::{Clock, Command, Env, Files, Host, Output, Spawn, Stamp};
use crate::Secret;

/// The machine rolo runs on.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealHost;

impl RealHost {
    /// The machine as a [`Host`].
    pub fn host(&self) -> Host<'_> {
        Host { env: self, files: self, clock: self, spawn: self }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one home of the environment")]
impl Env for RealHost {
    fn var(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

impl Files for RealHost {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn stamp(&self, path: &Path) -> Option<Stamp> {
        Some(stamp_of(&std::fs::metadata(path).ok()?))
    }
}

/// The stamp of a file that was looked at.
pub(crate) fn stamp_of(meta: &Metadata) -> Stamp {
    let nanos = |secs: i64, nanos: i64| i128::from(secs) * 1_000_000_000 + i128::from(nanos);
    Stamp {
        size: meta.len(),
        modified: nanos(meta.mtime(), meta.mtime_nsec()),
        changed: nanos(meta.ctime(), meta.ctime_nsec()),
        file: (meta.dev(), meta.ino()),
    }
}

#[expect(clippy::disallowed_methods, reason = "the one home of the clock")]
impl Clock for RealHost {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

#[expect(clippy::disallowed_methods, reason = "the one home of other programs")]
impl Spawn for RealHost {
    fn run(&self, command: &Command) -> io::Result<Output> {
        let mut child = std::process::Command::new(&command.program)
            .args(&command.args)
            .envs(command.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        // Both pipes are drained at once: a program that fills one while we read the other would wait for ever.
        let stdout = drain(child.stdout.take());
        let stderr = drain(child.stderr.take());
        let status = match command.timeout {
            None => child.wait()?,
            Some(timeout) => {
                let deadline = Instant::now() + timeout;
                loop {
                    if let Some(status) = child.try_wait()? {
                        break status;
                    }
                    if Instant::now() >= deadline {
                        child.kill()?;
                        child.wait()?;
                        return Err(io::Error::new(
                            io::ErrorKind::TimedOut,
                            format!("no answer within {} s", timeout.as_secs()),
                        ));
                    }
                    std::thread::sleep(Duration::from_millis(10));
                }
            }
        };
        Ok(Output {
            code: status.code(),
            status: match (status.code(), status.signal()) {
                (Some(code), _) => format!("exit code {code}"),
                (None, Some(signal)) => format!("signal {signal}"),
                (None, None) => "an unknown status".to_owned(),
            },
            stdout: collect(stdout),
            stderr: collect(stderr),
        })
    }
}

type Drained = Option<std::thread::JoinHandle<Vec<u8>>>;

fn drain(pipe: Option<impl Read + Send + 'static>) -> Drained {
    pipe.map(|mut pipe| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // What came before a broken pipe is still what the program said.
            let _ = pipe.read_to_end(&mut bytes);
            bytes
        })
    })
}

fn collect(drained: Drained) -> Secret {
    let bytes = drained.and_then(|thread| thread.join().ok()).unwrap_or_default();
    Secret::new(String::from_utf8_lossy(&bytes).into_owned())
}
