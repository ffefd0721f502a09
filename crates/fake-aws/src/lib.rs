//! A small AWS on 127.0.0.1, for tests and for the demo.
//!
//! STS, the part of IAM that is about oneself, and the credentials of IAM Identity Center: signatures and session tokens
//! are verified, MFA codes are good once, trust policies, durations and expiry hold, and refusals are worded as by AWS.
//! A request goes [`server`] → [`world`] (who calls, which fault befalls it, the log) → [`sts`], [`iam`] or [`sso`];
//! what exists at the start is a [`State`].
//!
//! ```
//! use fake_aws::{FakeAws, Role, Trust, User};
//!
//! let fake = FakeAws::builder()
//!     .user(User::new("111122223333", "ada").mfa("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"))
//!     .role(Role::new("444455556666", "Deploy").trusts(Trust::of("111122223333").with_mfa()))
//!     .start();
//! assert!(fake.url().starts_with("http://127.0.0.1:"));
//! assert_eq!(fake.mfa_code("ada").len(), 6);
//! assert!(fake.calls().is_empty());
//! ```

mod attempt;
mod caller;
mod calls;
mod checks;
mod clock;
mod control;
mod demo;
mod error;
mod fake;
mod fault;
mod form;
mod iam;
mod mfa;
mod permissions;
mod principal;
mod random;
mod reply;
mod request;
mod server;
mod signature;
mod sso;
mod state;
mod sts;
mod trust;
mod world;

pub use calls::Call;
pub use fake::{Builder, FakeAws, StartError};
pub use fault::Fault;
pub use mfa::totp_code;
pub use permissions::{ExplicitDeny, PolicyKind};
pub use state::{
    AccessKey, MfaDevice, Role, SsoClient, SsoRole, SsoToken, State, StateError, User, WebIdentity,
};
pub use trust::{Operator, Test, Trust, TrustPolicy};

/// The code that a device with this Base32 secret shows now, by the machine's clock; `None` if it is no secret.
pub fn current_totp_code(base32: &str) -> Option<String> {
    totp_code(base32, clock::machine_time())
}
