//! What happens when a profile becomes credentials.
//!
//! The road, in the order of the modules: [`ini`] turns a file's text into sections that know their lines,
//! [`profile`] merges two files into one [`ProfileSet`](profile::ProfileSet), [`chain`] resolves a profile
//! into a base source and role steps, plans the calls and runs them, [`cache`] and [`lock`] see to it that a
//! hundred processes make one call, [`mfa`] that a person types one code, [`provider`] and [`aws`] talk to the
//! world.
//!
//! The core prints nothing, asks nobody and never exits: people are met through the traits of [`talk`], the
//! machine through the traits of [`host`].

pub mod arn;
pub mod aws;
pub mod cache;
pub mod chain;
pub mod configure;
pub mod console;
pub mod credentials;
pub mod doctor;
pub mod env_vars;
pub mod error;
pub mod explain;
pub mod found;
pub mod handed;
pub mod history;
pub mod host;
pub mod ini;
pub mod lock;
pub mod mfa;
pub mod origin;
pub mod private_file;
pub mod profile;
pub mod provider;
pub mod regions;
pub mod secret;
pub mod state;
pub mod talk;
pub mod used;
pub mod words;

pub use credentials::Credentials;
pub use error::Error;

pub use secret::Secret;
