//! A ready world for demonstrations: three accounts, a user with MFA, and roles of every kind.
//!
//! Must not know the demo's script.

use std::time::Duration;

use crate::{
    state::{Role, State, User},
    trust::Trust,
};

const IDENTITY: &str = "111122223333";
const STAGING: &str = "222233334444";
const PRODUCTION: &str = "333344445555";

/// The TOTP secret of `ada`'s device.
const ADA_TOTP_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

impl State {
    /// Accounts identity `111122223333` (user `ada` with an MFA device), staging `222233334444` (role `Developer`, and
    /// `Hop` on the way to production) and production `333344445555` (`Admin` wants MFA; `Audit` trusts only `Hop`).
    pub fn demo() -> Self {
        let ada = format!("arn:aws:iam::{IDENTITY}:user/ada");
        let hop = format!("arn:aws:iam::{STAGING}:role/Hop");
        let half_a_day = Duration::from_hours(12);
        Self {
            users: vec![User::new(IDENTITY, "ada").mfa(ADA_TOTP_SECRET)],
            roles: vec![
                Role::new(STAGING, "Developer").max_session(half_a_day).trusts(Trust::of(IDENTITY)),
                Role::new(STAGING, "Hop").trusts(Trust::of(&ada)),
                Role::new(PRODUCTION, "Admin").max_session(half_a_day).trusts(Trust::of(&ada).with_mfa()),
                Role::new(PRODUCTION, "Audit").trusts(Trust::of(&hop)),
            ],
            ..Self::default()
        }
    }
}
