//! Who may read and write the two files and their folder. Must not know what they say, but whether a secret is in them.

use std::{
    fs::Metadata,
    io::ErrorKind,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{Check, Finding, Severity, Subject, check};
use crate::{
    doctor::{Fix, typed},
    profile::{ConfigFile, SourceFile},
};

pub(in crate::doctor) static READABLE: Check = check(
    "R110",
    Severity::Warning,
    "others may read a file with secrets",
    "Every user of the machine whom the mode lets in can copy the keys.",
);
pub(in crate::doctor) static WRITABLE: Check = check(
    "R111",
    Severity::Warning,
    "others may write to a file or to its folder",
    "Whoever changes these files has programs run as you (`credential_process`) and decides into which account you go.",
);
pub(in crate::doctor) static OF_ANOTHER: Check = check(
    "R112",
    Severity::Warning,
    "a file or its folder belongs to somebody else",
    "Its owner may change it at any time; what you want to write to it may fail. Often it was written with `sudo`.",
);
pub(in crate::doctor) static OUT_OF_REACH: Check = check(
    "R113",
    Severity::Fault,
    "a file cannot be reached",
    "AWS's tools take a file that they cannot reach for an empty one, and say nothing.",
);

/// What a file holds that nobody else should read.
const SECRETS: [&str; 3] = ["aws_secret_access_key", "aws_session_token", "aws_security_token"];

const BY_OTHERS: u32 = 0o077;
const WRITES_BY_OTHERS: u32 = 0o022;

pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let files = subject.files;
    let mut folders: Vec<PathBuf> = Vec::new();
    for (file, which) in [(&files.config, SourceFile::Config), (&files.credentials, SourceFile::Credentials)]
    {
        examine_file(subject, file, which, findings);
        if let Some(folder) = file.path().parent().map(Path::to_owned)
            && !folders.contains(&folder)
        {
            folders.push(folder);
        }
    }
    for folder in folders {
        examine_folder(&folder, findings);
    }
}

fn examine_file(subject: &Subject<'_>, file: &ConfigFile, which: SourceFile, findings: &mut Vec<Finding>) {
    let path = file.path();
    let shown = path.display();
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) => {
            if let Some((text, remedy)) = out_of_reach(path, error.kind()) {
                findings.push(Finding::new(&OUT_OF_REACH, text, remedy));
            }
            return;
        }
    };
    // A device such as `/dev/null` is nobody's secret.
    if !meta.is_file() {
        return;
    }
    let readers = reach(path, meta.mode() & BY_OTHERS);
    let mode = meta.mode() & 0o7777;
    if readers & 0o044 != 0 && holds_secret(subject, which) {
        findings.push(
            Finding::new(
                &READABLE,
                format!("`{shown}` holds secrets, and others may read it (mode {mode:04o})"),
                format!("run `chmod 600 {}`", typed(path)),
            )
            .fixed_by(mode_fix(path, mode & !BY_OTHERS)),
        );
    }
    if readers & WRITES_BY_OTHERS != 0 {
        findings.push(
            Finding::new(
                &WRITABLE,
                format!("others may write to `{shown}` (mode {mode:04o})"),
                format!("run `chmod go-w {}`", typed(path)),
            )
            .fixed_by(mode_fix(path, mode & !WRITES_BY_OTHERS)),
        );
    }
    // What nobody may write to is a system's, which puts such links into homes (Nix).
    if mode & 0o222 != 0 {
        findings.extend(of_another(path, &meta));
    }
}

/// Whether a secret stands in the file. One that is empty is none.
fn holds_secret(subject: &Subject<'_>, which: SourceFile) -> bool {
    subject.set.profiles().any(|profile| {
        SECRETS.iter().any(|key| profile.get_in(which, key).is_some_and(|said| !said.value.is_empty()))
    })
}

/// The folder in which the files stand: whoever writes to it can put others in their place.
fn examine_folder(folder: &Path, findings: &mut Vec<Finding>) {
    let Ok(meta) = std::fs::metadata(folder) else { return };
    let (shown, mode) = (folder.display(), meta.mode() & 0o7777);
    // In a sticky folder, such as `/tmp`, nobody can replace the file of another.
    let is_sticky = mode & 0o1000 != 0;
    if !is_sticky && reach(folder, mode & BY_OTHERS) & WRITES_BY_OTHERS != 0 {
        findings.push(
            Finding::new(
                &WRITABLE,
                format!("others may write to the folder `{shown}` (mode {mode:04o})"),
                format!("run `chmod go-w {}`", typed(folder)),
            )
            .fixed_by(mode_fix(folder, mode & !WRITES_BY_OTHERS)),
        );
    }
    if !is_sticky {
        findings.extend(of_another(folder, &meta));
    }
}

fn of_another(path: &Path, meta: &Metadata) -> Option<Finding> {
    let me = rustix::process::geteuid().as_raw();
    (meta.uid() != me).then(|| {
        Finding::new(
            &OF_ANOTHER,
            format!("`{}` belongs to another user (uid {})", path.display(), meta.uid()),
            format!("run `sudo chown \"$(id -u)\" {}`", typed(path)),
        )
    })
}

/// The rights of others that the folders above let through, as far as modes tell: whoever may not enter one of them
/// reaches nothing below it.
fn reach(path: &Path, rights: u32) -> u32 {
    let mut left = rights;
    let Ok(real) = std::fs::canonicalize(path) else { return left };
    for folder in real.ancestors().skip(1) {
        let Ok(meta) = std::fs::metadata(folder) else { continue };
        if meta.mode() & 0o010 == 0 {
            left &= !0o070;
        }
        if meta.mode() & 0o001 == 0 {
            left &= !0o007;
        }
    }
    left
}

/// Of what is no link and belongs to the user alone.
fn mode_fix(path: &Path, to: u32) -> Option<Fix> {
    let meta = std::fs::symlink_metadata(path).ok()?;
    let is_ours = meta.uid() == rustix::process::geteuid().as_raw() && !meta.is_symlink();
    is_ours.then(|| Fix::Mode { path: path.to_owned(), from: meta.mode() & 0o7777, to })
}

fn out_of_reach(path: &Path, why: ErrorKind) -> Option<(String, String)> {
    let shown = path.display();
    if why == ErrorKind::PermissionDenied {
        let folder = path.parent()?;
        return Some((
            format!("`{shown}` cannot be reached: the folder `{}` may not be entered", folder.display()),
            format!("run `chmod u+rwx {}`, or have its owner do it", typed(folder)),
        ));
    }
    // The link may be the file, or the folder above it.
    let link = [Some(path), path.parent()].into_iter().flatten().find(|path| {
        std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink())
            && std::fs::metadata(path).is_err()
    })?;
    let to = std::fs::read_link(link).ok()?;
    Some((
        format!("`{}` is a link to `{}`, which is not there", link.display(), to.display()),
        format!("run `rm {0}`, or put the file where it leads", typed(link)),
    ))
}
