//! What a person sets once for all profiles: rolo's `config.toml`, and `assume-role.yaml` for roles by name. Only rolo's
//! own settings; AWS's stay in AWS's files.
//!
//! Must not know profiles.

mod assume_role_yaml;
mod config_toml;
mod go_duration;
pub mod lookup;
pub mod roles;
pub mod trust;

use std::path::PathBuf;

use jiff::SignedDuration;
use rolo_core::arn::RoleArn;

pub use self::{
    assume_role_yaml::RoleFile,
    config_toml::{Config, load_config, load_options, resolve_path},
};

/// Longer than any role's credentials are good for, so nothing more is meant by more.
const LONGEST_REFRESH: SignedDuration = SignedDuration::from_hours(12);

/// What AWS takes as a role's ARN.
const LONGEST_ARN: usize = 2048;

/// Why a setting, or the file it stands in, was not taken.
#[derive(Debug, thiserror::Error)]
pub enum BadSetting {
    /// The file is there and cannot be read.
    #[error("`{}` could not be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not the format, an unknown key, or a value of another type.
    #[error("{message}")]
    Malformed {
        /// The parser's words, on one line.
        message: String,
    },
    /// A value that is none of those that the key takes.
    #[error("`{key}` is `{value}`, which is none of {allowed}")]
    NotAllowed {
        /// The key.
        key: &'static str,
        /// What stands there.
        value: String,
        /// What may stand there.
        allowed: &'static str,
    },
    /// A value that does not have the key's form.
    #[error("`{key}` is `{value}`, which is not {wanted}")]
    Unfit {
        /// The key.
        key: &'static str,
        /// What stands there.
        value: String,
        /// What is wanted, in words.
        wanted: &'static str,
    },
}

/// Whether a name put behind `prefix` makes a role's ARN, and one that AWS could mean.
fn is_role_prefix(prefix: &str) -> bool {
    let arn = RoleArn::new(format!("{prefix}NAME"));
    let parts: Vec<&str> = arn.as_str().splitn(6, ':').collect();
    let is_graphic = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    arn.is_well_formed()
        && arn.as_str().len() <= LONGEST_ARN
        && matches!(parts[..], ["arn", partition, "iam", "", _, role] if is_partition(partition) && is_graphic(role))
}

/// `aws`, `aws-cn`, `aws-us-gov` and what is to come.
fn is_partition(text: &str) -> bool {
    text.starts_with("aws") && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

/// Whether `text` can be the beginning of a section's name without quotes.
pub(crate) fn is_profile_name_prefix(text: &str) -> bool {
    text.trim() == text && !text.contains(|c: char| c.is_control() || "[]\"'\\#;".contains(c))
}
