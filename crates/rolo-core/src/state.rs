//! Where things are kept that no call can bring back: what a person did and allowed.
//!
//! A cache may be emptied at any time, this may not. Must not know what is kept.

use std::path::PathBuf;

use crate::{env_vars, host::Host};

/// Where the state is: `$XDG_STATE_HOME/rolo` or `~/.local/state/rolo`; `None` where neither is an absolute path.
///
/// The folder may be absent. It is opened with [`PrivateDir`](crate::private_file::PrivateDir), which makes it and checks it.
pub fn resolve_state_root(host: Host<'_>) -> Option<PathBuf> {
    host.xdg_folder(env_vars::XDG_STATE_HOME, ".local/state")
}
