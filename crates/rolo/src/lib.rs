//! How people meet rolo: commands, prompts, shells, and errors in words.

pub mod error;
pub mod exec;
pub mod format;
pub mod shell;
pub mod ui;
