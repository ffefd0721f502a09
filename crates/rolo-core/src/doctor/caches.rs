//! What runs leave behind: rolo's own cache, the AWS CLI's, sign-ins, the history, locks.
//!
//! Makes nothing and changes nothing; what mends a finding comes with it. Must not know how credentials are had.

use std::{
    collections::{HashMap, HashSet},
    fs::Metadata,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use jiff::SignedDuration;
use rustix::fs::Mode;

use super::{Check, Finding, Fix, Severity, Subject, typed};
use crate::{
    arn::RoleArn,
    cache::{
        aws_cli::{CliCache, State},
        own::OwnCache,
        resolve_root,
    },
    chain::{
        plan::{CliCacheUse, cli_file},
        source::BaseSource,
    },
    credentials::render_expiration,
    history::{self, HistoryError},
    lock,
    private_file::{PrivateDir, PrivateDirError, Refusal},
    provider::{ProviderError, sso::look_at_sign_in},
    state::resolve_state_root,
    talk::in_one_line,
    words::shell_word,
};

pub(super) static NOT_USED: Check = check(
    "R120",
    Severity::Warning,
    "a folder of a cache is not used",
    "Where others may write, or somebody else owns the folder, they could plant credentials or take yours. So rolo goes \
     on without, and calls and asks each time.",
);
pub(super) static DAMAGED: Check = check(
    "R121",
    Severity::Warning,
    "entries of rolo's cache are damaged",
    "They count as absent, so the next run makes the call again.",
);
pub(super) static EXPIRED: Check = check(
    "R122",
    Severity::Note,
    "entries of rolo's cache are over",
    "They are of no use to anybody, and harmless.",
);
pub(super) static CLI_DAMAGED: Check = check(
    "R123",
    Severity::Fault,
    "an entry of the AWS CLI's cache is damaged",
    "`aws` does not pass over it: with such a file it fails for every profile that it is of, with the file's name and no \
     other word. `aws sso logout` fails too.",
);
pub(super) static CLI_READABLE: Check = check(
    "R124",
    Severity::Warning,
    "others may read or write entries of the AWS CLI's cache",
    "They are credentials, good until they end.",
);
pub(super) static CLI_OTHER_ROLE: Check = check(
    "R125",
    Severity::Warning,
    "an entry of the AWS CLI's cache is of another role than its profile's",
    "`aws` uses it without a look: it acts as another role than the profile says.",
);
pub(super) static SIGNED_OUT: Check = check(
    "R126",
    Severity::Note,
    "a sign-in of IAM Identity Center is over or was never made",
    "The profiles that use it have no credentials until somebody signs in.",
);
pub(super) static SIGN_IN_DAMAGED: Check = check(
    "R127",
    Severity::Fault,
    "the file of a sign-in of IAM Identity Center is damaged",
    "No tool can use it, and some stop at it.",
);
pub(super) static HISTORY: Check = check(
    "R128",
    Severity::Warning,
    "the history cannot be read, or lines of it are damaged",
    "What cannot be read is passed over: `rolo history` and `rolo use -` do not show it.",
);
pub(super) static LOCK: Check = check(
    "R129",
    Severity::Warning,
    "a lock has been held for long",
    "Other runs wait for its holder for two minutes and then fail. Mostly it waits for an MFA code that nobody types.",
);

/// Every check of this family, in the order of their codes.
pub(super) static CHECKS: &[&Check] = &[
    &NOT_USED,
    &DAMAGED,
    &EXPIRED,
    &CLI_DAMAGED,
    &CLI_READABLE,
    &CLI_OTHER_ROLE,
    &SIGNED_OUT,
    &SIGN_IN_DAMAGED,
    &HISTORY,
    &LOCK,
];

/// Longer than others wait for it.
const LONG: SignedDuration = SignedDuration::from_mins(2);
const OTHERS: Mode = Mode::RWXG.union(Mode::RWXO);
const FOLDERS: [&str; 5] = ["credentials", "memo", "mfa", "found", "locks"];

const fn check(code: &'static str, severity: Severity, title: &'static str, why: &'static str) -> Check {
    Check { code, severity, title, why }
}

/// Looks at each of them.
pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    if let Some(root) = resolve_root(subject.host) {
        own(subject, &root, findings);
    }
    if subject.options.cli_cache != CliCacheUse::Off
        && let Some(home) = subject.host.home().filter(|home| home.is_absolute())
    {
        cli(subject, &home, findings);
    }
    sign_ins(subject, findings);
    uses(subject, findings);
}

fn own(subject: &Subject<'_>, root: &Path, findings: &mut Vec<Finding>) {
    let now = subject.host.clock.now();
    let root = match PrivateDir::open(root) {
        Ok(root) => root,
        Err(error) => return findings.extend(not_used(&error)),
    };
    for name in FOLDERS {
        if let Err(error) = root.open_subdir(name) {
            findings.extend(not_used(&error));
        }
    }
    for (holder, time) in lock::held_long(&root, now, LONG) {
        let pid =
            holder.split_whitespace().nth(1).filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        let remedy = match pid {
            Some(pid) => format!("answer what it asks, or run `kill {pid}`"),
            None => "answer what it asks, or end it".to_owned(),
        };
        findings.push(Finding::new(
            &LOCK,
            format!("{holder} has held a lock for {} minutes", time.as_mins()),
            remedy,
        ));
    }
    let Ok(cache) = OwnCache::open_existing(&root) else { return };
    let Ok(listed) = cache.list() else { return };
    let is_over = |end: Option<jiff::Timestamp>| end.is_some_and(|end| end <= now);
    let (mut damaged, mut expired) = (Vec::new(), Vec::new());
    for listed in &listed {
        match &listed.entry {
            None => damaged.push(cache.path_of(&listed.key)),
            Some(entry) if is_over(entry.credentials.expiration) => expired.push(cache.path_of(&listed.key)),
            Some(_) => {}
        }
    }
    let removed = |paths: Vec<PathBuf>| paths.into_iter().map(|path| Fix::Remove { path });
    if let Some(first) = damaged.first() {
        let text = match damaged.len() {
            1 => format!("`{}` is damaged or may be written by others", first.display()),
            count => format!(
                "{count} entries of rolo's cache are damaged or may be written by others, `{}` first",
                first.display()
            ),
        };
        findings.push(
            Finding::new(&DAMAGED, text, "run `rolo doctor --fix`, or `rolo cache clear --all`")
                .fixed_by(removed(damaged)),
        );
    }
    if !expired.is_empty() {
        let text = match expired.len() {
            1 => "1 entry of rolo's cache is over".to_owned(),
            count => format!("{count} entries of rolo's cache are over"),
        };
        findings.push(
            Finding::new(&EXPIRED, text, "run `rolo cache clear --expired`").fixed_by(removed(expired)),
        );
    }
}

/// A folder that is there and is not used, and what would make it usable.
fn not_used(error: &PrivateDirError) -> Option<Finding> {
    if error.is_absent() {
        return None;
    }
    let path = typed(&error.path);
    let (remedy, fix) = match &error.reason {
        Refusal::WritableByOthers(mode) => {
            let from = mode.bits() & 0o7777;
            let to = from & !(Mode::WGRP | Mode::WOTH).bits();
            (format!("run `chmod go-w {path}`"), Some(Fix::Mode { path: error.path.clone(), from, to }))
        }
        Refusal::ForeignOwner(_) => (format!("run `sudo chown -R \"$(id -un)\" {path}`"), None),
        Refusal::Link | Refusal::NotAFolder => (format!("run `rm {path}`"), None),
        Refusal::Io(_) => (format!("run `chmod u+rwx {path}`"), None),
    };
    Some(Finding::new(&NOT_USED, in_one_line(error), remedy).fixed_by(fix))
}

fn cli(subject: &Subject<'_>, home: &Path, findings: &mut Vec<Finding>) {
    let listed = match CliCache::new(home).list() {
        Ok(listed) => listed,
        Err(error) => return findings.extend(not_used(&error)),
    };
    if listed.is_empty() {
        return;
    }
    let roles = roles_of_files(subject);
    for entry in listed {
        let stem = entry.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let of = roles.get(stem);
        let shown = entry.path.display();
        findings.extend(readable(&entry.path));
        match &entry.state {
            State::Damaged => {
                let whose = of.map(|(profile, _)| format!(" for profile `{profile}`")).unwrap_or_default();
                let finding = Finding::new(
                    &CLI_DAMAGED,
                    format!("`{shown}` is damaged, and `aws` fails with it{whose}"),
                    format!("run `rm {}`", typed(&entry.path)),
                );
                let finding = finding.fixed_by([Fix::Remove { path: entry.path.clone() }]);
                findings.push(match of {
                    Some((profile, _)) => finding.of_profile(profile),
                    None => finding,
                });
            }
            State::Whole { role: Some((account, name)) } => {
                let Some((profile, role)) = of else { continue };
                if role.account() != Some(account) || role.role_name() != Some(name) {
                    findings.push(
                        Finding::new(
                            &CLI_OTHER_ROLE,
                            format!("`{shown}` holds credentials of `{name}` in {account}, and `aws` takes them for `{role}`"),
                            format!("run `rm {}`", typed(&entry.path)),
                        )
                        .of_profile(profile),
                    );
                }
            }
            State::Whole { role: None } | State::NotPrivate => {}
        }
    }
}

/// Which profile and role each file of the AWS CLI's cache would be of, by the file's stem.
fn roles_of_files<'s>(subject: &'s Subject<'_>) -> HashMap<String, (&'s str, &'s RoleArn)> {
    let mut roles = HashMap::new();
    for (profile, chain) in subject.chains() {
        let Ok(chain) = chain else { continue };
        for step in &chain.steps {
            let name = step.profile.as_deref().unwrap_or(profile.name());
            roles.entry(cli_file(step)).or_insert((name, &step.role_arn.value));
        }
    }
    roles
}

/// The AWS CLI keeps the mode of a file that is there.
fn readable(path: &Path) -> Option<Finding> {
    let meta = std::fs::symlink_metadata(path).ok().filter(Metadata::is_file)?;
    let mode = meta.mode() & 0o7777;
    if Mode::from_raw_mode(mode).intersection(OTHERS).is_empty() {
        return None;
    }
    let is_ours = meta.uid() == rustix::process::geteuid().as_raw();
    let fix = is_ours.then(|| Fix::Mode { path: path.to_owned(), from: mode, to: mode & !0o077 });
    let text =
        format!("others may read or write `{}` (mode {mode:04o}), which holds credentials", path.display());
    Some(Finding::new(&CLI_READABLE, text, format!("run `chmod 600 {}`", typed(path))).fixed_by(fix))
}

fn sign_ins(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    for (profile, chain) in subject.chains() {
        let Ok(chain) = chain else { continue };
        let BaseSource::Sso(source) = &chain.base.source else { continue };
        if !seen.insert(source.sign_in_name()) {
            continue;
        }
        let name = source.sign_in_name();
        let sign_in = match &source.session {
            Some(session) => format!("run `aws sso login --sso-session {}`", shell_word(session)),
            None => format!("run `aws sso login --profile {}`", shell_word(profile.name())),
        };
        let found = match look_at_sign_in(subject.host, source) {
            Ok(found) if found.is_renewal_due || found.expires_at > subject.host.clock.now() => continue,
            Ok(found) => {
                let at = render_expiration(found.expires_at);
                (&SIGNED_OUT, format!("the sign-in to `{name}` expired at {at}"))
            }
            Err(ProviderError::SsoTokenMissing { .. }) => {
                (&SIGNED_OUT, format!("nobody has signed in to `{name}` here"))
            }
            Err(error) => (&SIGN_IN_DAMAGED, in_one_line(&error)),
        };
        findings.push(Finding::new(found.0, found.1, sign_in));
    }
}

fn uses(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    match history::count_damaged(subject.host) {
        Ok(0) | Err(HistoryError::NoPlace) => {}
        Ok(lines) => {
            let folder = resolve_state_root(subject.host).unwrap_or_default();
            findings.push(Finding::new(
                &HISTORY,
                format!("{lines} lines of the history in `{}` cannot be read", folder.display()),
                "run `rolo history --clear` to begin a new one",
            ));
        }
        Err(HistoryError::Folder(error)) => {
            findings.extend(not_used(&error).map(|found| Finding { check: &HISTORY, ..found }));
        }
        Err(error @ HistoryError::File { .. }) => findings.push(Finding::new(
            &HISTORY,
            in_one_line(&error),
            "run `rolo history --clear` to begin a new one",
        )),
    }
}
