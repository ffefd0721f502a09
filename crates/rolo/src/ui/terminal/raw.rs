//! The terminal key by key: nothing that is typed is shown, sends a signal or waits for Enter, until this is dropped.
//!
//! Must not know what a key means, nor what is drawn.

use std::{
    io::{self, Read},
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr},
};
use signal_hook::{
    consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH},
    flag, low_level,
};

use super::Terminal;

/// The bytes of one key come together; Esc by itself is followed by nothing for this long.
const KEY_ENDS: Duration = Duration::from_millis(50);

/// A terminal that knows no size has the smallest that is usual.
const USUAL_SIZE: Size = Size { columns: 80, rows: 24 };

/// A terminal's size, in letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Letters in a line.
    pub columns: usize,
    /// Lines.
    pub rows: usize,
}

/// What there was to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Something was typed.
    Byte(u8),
    /// Nothing was for so long that a key which began has ended.
    Pause,
    /// The picture is to be drawn anew: the size changed, or the process was stopped and goes on.
    Drawn,
    /// A signal that ends or stops the process; see [`RawTerminal::give_way`].
    Signal(i32),
    /// There will be no more.
    End,
}

/// The guard.
#[derive(Debug)]
pub struct RawTerminal<'t> {
    terminal: &'t Terminal,
    before: Termios,
    signals: Signals,
}

impl<'t> RawTerminal<'t> {
    /// What was typed ahead is kept: it is shown as soon as there is a picture.
    pub fn start(terminal: &'t Terminal) -> io::Result<Self> {
        let before = tcgetattr(&terminal.device)?;
        // The signals first: one that comes between would leave the terminal as nobody can use it.
        let raw = Self { terminal, before, signals: Signals::start()? };
        raw.set()?;
        Ok(raw)
    }

    fn set(&self) -> io::Result<()> {
        let mut raw = self.before.clone();
        raw.make_raw();
        Ok(tcsetattr(&self.terminal.device, OptionalActions::Now, &raw)?)
    }

    fn put_back(&self) {
        // A terminal that is gone has no settings to put back.
        let _ = tcsetattr(&self.terminal.device, OptionalActions::Now, &self.before);
    }

    /// Writes `text` as it is, line ends included.
    pub fn write(&self, text: &str) -> io::Result<()> {
        self.terminal.say(text)
    }

    /// The size now.
    pub fn size(&self) -> Size {
        let size = tcgetwinsize(&self.terminal.device).ok();
        size.filter(|size| size.ws_col > 0 && size.ws_row > 0)
            .map_or(USUAL_SIZE, |size| Size { columns: size.ws_col.into(), rows: size.ws_row.into() })
    }

    /// Whether something has been typed that was not read.
    pub fn has_more(&self) -> io::Result<bool> {
        Ok(self.wait(Some(Duration::ZERO))?.0)
    }

    /// Waits. `in_key` is whether a key has begun, whose other bytes come soon or never. One byte is read at a time, so
    /// that what is typed behind the last key is left to the program that reads next.
    pub fn next(&mut self, in_key: bool) -> io::Result<Event> {
        loop {
            let (has_typed, has_signal) = self.wait(in_key.then_some(KEY_ENDS))?;
            if has_signal {
                return Ok(self.signals.take());
            }
            if !has_typed {
                return Ok(Event::Pause);
            }
            let mut byte = [0];
            match (&self.terminal.device).read(&mut byte) {
                Ok(0) => return Ok(Event::End),
                Ok(_) => return Ok(Event::Byte(byte[0])),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The terminal was closed.
                Err(error) if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => {
                    return Ok(Event::End);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether something was typed, and whether a signal came, by the time that one did or `timeout` is over.
    fn wait(&self, timeout: Option<Duration>) -> io::Result<(bool, bool)> {
        let timeout = timeout.map(|timeout| Timespec { tv_sec: 0, tv_nsec: timeout.subsec_nanos().into() });
        let mut watched = [
            PollFd::new(&self.terminal.device, PollFlags::IN),
            PollFd::new(&self.signals.woken, PollFlags::IN),
        ];
        loop {
            match poll(&mut watched, timeout.as_ref()) {
                Ok(_) => break,
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok((!watched[0].revents().is_empty(), !watched[1].revents().is_empty()))
    }

    /// Does what `signal` does, with the terminal as it was before. Comes back where it did not end the process.
    pub fn give_way(&self, signal: i32) -> io::Result<()> {
        self.put_back();
        low_level::emulate_default_handler(signal)?;
        self.set()
    }
}

impl Drop for RawTerminal<'_> {
    fn drop(&mut self) {
        self.put_back();
        self.signals.is_over.store(true, Ordering::SeqCst);
    }
}

/// Signals as something to wait for.
#[derive(Debug)]
struct Signals {
    /// Gets a byte with each signal.
    woken: UnixStream,
    /// The signal that ends or stops the process; none: 0.
    pending: Arc<AtomicUsize>,
    /// From then on each does again what it does without a handler, for handlers cannot be taken back.
    is_over: Arc<AtomicBool>,
}

impl Signals {
    fn start() -> io::Result<Self> {
        let (woken, wakes) = UnixStream::pair()?;
        woken.set_nonblocking(true)?;
        let (pending, is_over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP] {
            flag::register_conditional_default(signal, Arc::clone(&is_over))?;
            flag::register_usize(signal, Arc::clone(&pending), signal.unsigned_abs() as usize)?;
            low_level::pipe::register(signal, wakes.try_clone()?)?;
        }
        for signal in [SIGWINCH, SIGCONT] {
            low_level::pipe::register(signal, wakes.try_clone()?)?;
        }
        Ok(Self { woken, pending, is_over })
    }

    fn take(&mut self) -> Event {
        let mut bytes = [0; 64];
        while (&self.woken).read(&mut bytes).is_ok_and(|read| read > 0) {}
        match i32::try_from(self.pending.swap(0, Ordering::SeqCst)) {
            Ok(signal) if signal > 0 => Event::Signal(signal),
            _ => Event::Drawn,
        }
    }
}
