//! What is kept between runs.

pub mod aws_cli;
pub mod key;
pub mod memo;
pub mod own;
