//! Variables of the environment: those that hide the profiles, contradict each other, or are left over.
//!
//! What rolo itself set by a hand-over is not the person's, and no fault. Must not know files but for the names of the
//! profiles and what they say of regions; looks at no disk.

mod credentials;
mod others;
mod profiles;

use jiff::Timestamp;

use super::{Check, Finding, Severity, Subject};
use crate::{
    Secret,
    env_vars::{AWS_DEFAULT_PROFILE, AWS_PROFILE, ROLO_PROFILE, ROLO_USE},
    handed::UserEnv,
    host::Env,
    profile::Profile,
};

/// Every check of this family, in the order of their codes.
pub(super) static CHECKS: &[&Check] = &[
    &profiles::BESIDE_KEYS,
    &profiles::TWO_PROFILES,
    &profiles::NO_SUCH_PROFILE,
    &credentials::NO_SECRET,
    &credentials::NO_KEY_ID,
    &credentials::NO_TOKEN,
    &credentials::STRAY_TOKEN,
    &credentials::EXPIRED,
    &credentials::STRAY_EXPIRATION,
    &credentials::SECURITY_TOKEN,
    &credentials::TOKEN_FILE_WITHOUT_ROLE,
    &credentials::ROLE_WITHOUT_TOKEN_FILE,
    &others::LEFTOVER,
    &others::MFA_CODE,
    &profiles::BEFORE_DEFAULT,
    &profiles::TWO_REGIONS,
    &profiles::REGION_REPLACED,
    &others::NO_SUCH_FILE,
    &others::NO_SWITCH,
    &others::CONTAINER,
];

/// Looks at the environment.
pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let seen = Seen { env: &UserEnv::new(subject.host.env), subject };
    profiles::examine(&seen, findings);
    credentials::examine(&seen, findings);
    others::examine(&seen, findings);
}

/// The environment without what rolo set.
struct Seen<'a> {
    env: &'a dyn Env,
    subject: &'a Subject<'a>,
}

impl Seen<'_> {
    /// A variable that is set and not empty.
    fn var(&self, name: &str) -> Option<String> {
        self.env.var(name).filter(|value| !value.is_empty())
    }

    /// Whether a variable, which may be a secret, is set and not empty.
    fn has(&self, name: &str) -> bool {
        self.env.var(name).map(Secret::new).is_some_and(|value| !value.is_empty())
    }

    fn now(&self) -> Timestamp {
        self.subject.host.clock.now()
    }

    /// What the credentials of this environment are for, where rolo handed them over.
    fn handed(&self) -> Option<String> {
        self.var(ROLO_PROFILE)
    }

    /// The command that ends or renews what rolo handed over.
    fn renewal(&self) -> &'static str {
        if self.has(ROLO_USE) {
            "run `rolo use .` to renew them, or `rolo off`"
        } else {
            "leave this shell, or run `eval \"$(rolo unset)\"`"
        }
    }

    /// The profile that counts where none is named.
    fn default_profile(&self) -> Option<&Profile<'_>> {
        let named = [AWS_PROFILE, AWS_DEFAULT_PROFILE].into_iter().find_map(|name| self.env.var(name));
        self.subject.set.profile(named.as_deref().unwrap_or("default"))
    }
}

/// The remedy that unsets these variables.
fn unset(names: &[&str]) -> String {
    format!("run `unset {}`", names.join(" "))
}

const fn check(code: &'static str, severity: Severity, title: &'static str, why: &'static str) -> Check {
    Check { code, severity, title, why }
}
