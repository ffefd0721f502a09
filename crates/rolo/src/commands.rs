//! The commands, a file each. None imports another; what they share lies beside them.

pub mod cache;
pub mod completions;
pub mod configure;
pub mod console;
pub mod convert;
pub mod doctor;
pub mod explain;
pub mod hand_over;
pub mod history;
pub mod in_shell;
pub mod init;
pub mod list;
pub mod prompt;
pub mod save;
pub mod trust;
pub mod unset;
pub mod whoami;
