//! `env`: plain `KEY=VALUE` lines.

use crate::shell::{Unfit, WriteStatements};

/// For readers that take each line as it is: `docker run --env-file`, the AWS CLI's `env-no-export`. Nothing is quoted,
/// so a value holds whatever a line can.
#[derive(Debug, Clone, Copy)]
pub struct Env;

impl WriteStatements for Env {
    fn write_set(&self, name: &str, value: &str, out: &mut String) -> Result<(), Unfit> {
        if value.contains(['\n', '\r']) {
            return Err(Unfit("a line end"));
        }
        out.push_str(name);
        out.push('=');
        out.push_str(value);
        out.push('\n');
        Ok(())
    }

    fn write_unset(&self, _name: &str, _out: &mut String) {}

    fn can_unset(&self) -> bool {
        false
    }
}
