//! MFA.
