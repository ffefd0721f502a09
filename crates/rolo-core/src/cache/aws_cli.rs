//! cache aws_cli
