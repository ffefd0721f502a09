//! Where `assume-role.yaml` is, and its text if it is safe to take.
//!
//! A file is checked through the descriptor it is then read by, once, so that nobody can swap it between check and use.
//! Must not know what stands in it.

use std::{
    fs::File,
    io::{self, Read},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use rolo_core::host::Host;
use rustix::{
    fs::{FileType, Mode, OFlags, Stat},
    io::Errno,
};

/// The file's name, in every folder.
pub const FILE_NAME: &str = "assume-role.yaml";

/// Three settings need a few lines.
const LARGEST: u64 = 64 << 10;

/// `NONBLOCK` so that a pipe planted under the name is refused, not waited for.
const OPEN: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// A file that is there, and its text.
#[derive(Debug)]
pub struct Found {
    /// The file as it was looked for.
    pub path: PathBuf,
    /// The same for every way to it: its folder without links, and its name. A link in that folder is a file of its own,
    /// wherever it leads; else one that somebody puts elsewhere would bring the approval of its target along.
    pub place: PathBuf,
    /// What stands in it.
    pub text: Result<String, Refusal>,
}

/// Why a file's text is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Its owner could write anything into it.
    #[error("it belongs to another user (uid {0})")]
    ForeignOwner(u32),
    /// Whoever made the link decides where it leads.
    #[error("it is a symbolic link of another user (uid {0})")]
    ForeignLink(u32),
    /// Group or others could write anything into it.
    #[error("others may write to it (mode {:04o})", .0.bits())]
    WritableByOthers(Mode),
    /// A folder, a pipe, a device.
    #[error("it is not a regular file")]
    NotAFile,
    /// No settings file has so much in it.
    #[error("it is larger than 64 KiB")]
    TooLarge,
    /// Not UTF-8.
    #[error("it is no text in UTF-8")]
    NotText,
    /// Unreadable.
    #[error("it cannot be read")]
    Io(#[source] io::Error),
}

impl Refusal {
    fn io(errno: Errno) -> Self {
        Self::Io(errno.into())
    }
}

/// The nearest `assume-role.yaml`, from `cwd` upwards to `/`.
pub fn find_upwards(cwd: &Path) -> Option<Found> {
    cwd.ancestors().find_map(|folder| load(&folder.join(FILE_NAME)))
}

/// The user's own for all projects: `~/.aws/assume-role.yaml`.
pub fn home_path(host: Host<'_>) -> Option<PathBuf> {
    Some(host.home().filter(|home| home.is_absolute())?.join(".aws").join(FILE_NAME))
}

/// The file at `path`; `None` where there is none, or none that this user could know of.
pub fn load(path: &Path) -> Option<Found> {
    // A link that leads nowhere is no file, as it is none to assume-role.
    let stat = rustix::fs::stat(path).ok()?;
    Some(Found { path: path.to_owned(), place: place_of(path), text: read(path, &stat) })
}

/// What names a file for good; see [`Found::place`]. The file itself need not be there.
pub fn place_of(path: &Path) -> PathBuf {
    let resolved = path.parent().and_then(|folder| folder.canonicalize().ok());
    match (resolved, path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// `before` keeps from opening what is no file: to open a device can be to use it.
fn read(path: &Path, before: &Stat) -> Result<String, Refusal> {
    let own = rustix::process::geteuid().as_raw();
    let link = rustix::fs::lstat(path).map_err(Refusal::io)?;
    if FileType::from_raw_mode(link.st_mode).is_symlink() && link.st_uid != own {
        return Err(Refusal::ForeignLink(link.st_uid));
    }
    check(before, own)?;
    let fd: OwnedFd = rustix::fs::open(path, OPEN, Mode::empty()).map_err(Refusal::io)?;
    check(&rustix::fs::fstat(&fd).map_err(Refusal::io)?, own)?;
    let mut bytes = Vec::new();
    File::from(fd).take(LARGEST + 1).read_to_end(&mut bytes).map_err(Refusal::Io)?;
    // It may have grown since it was measured.
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST) {
        return Err(Refusal::TooLarge);
    }
    String::from_utf8(bytes).map_err(|_| Refusal::NotText)
}

fn check(stat: &Stat, own: u32) -> Result<(), Refusal> {
    let mode = Mode::from_raw_mode(stat.st_mode);
    if !FileType::from_raw_mode(stat.st_mode).is_file() {
        Err(Refusal::NotAFile)
    } else if stat.st_uid != own {
        Err(Refusal::ForeignOwner(stat.st_uid))
    } else if mode.intersects(Mode::WGRP | Mode::WOTH) {
        Err(Refusal::WritableByOthers(mode))
    } else if u64::try_from(stat.st_size).is_ok_and(|size| size > LARGEST) {
        Err(Refusal::TooLarge)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        os::unix::fs::PermissionsExt,
        sync::atomic::{AtomicBool, Ordering},
    };

    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a file as a person would write it")]
    fn write(path: &Path, text: &str, mode: u32) {
        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_file_that_is_swapped_between_check_and_use_is_checked_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let of = |name: &str| folder.path().join(name);
        write(&path, "good", 0o644);
        let (done, mut good, mut refused) = (AtomicBool::new(false), 0, 0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    for (text, mode) in [("evil", 0o666), ("good", 0o644)] {
                        write(&of("next"), text, mode);
                        std::fs::rename(of("next"), &path).unwrap();
                    }
                }
            });
            for _ in 0..20_000 {
                match load(&path).unwrap().text {
                    Ok(text) if text == "good" => good += 1,
                    Ok(text) => {
                        done.store(true, Ordering::Relaxed);
                        panic!("{text}");
                    }
                    Err(_) => refused += 1,
                }
            }
            done.store(true, Ordering::Relaxed);
        });
        assert!(good > 0 && refused > 0, "{good} {refused}");
    }

    #[test]
    fn a_place_is_one_for_every_way_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        std::fs::create_dir(real.join("in")).unwrap();
        std::os::unix::fs::symlink(real.join("in"), real.join("way")).unwrap();
        for way in ["in/f", "way/f", "in/../in/f", "./in/f"] {
            assert_eq!(place_of(&real.join(way)), real.join("in/f"), "{way}");
        }
        assert_eq!(place_of(&real.join("gone/f")), real.join("gone/f"));
    }
}
