//! What is kept between runs: where, and under which names.
//!
//! Each kind of content has its module: [`own`] holds credentials, [`memo`] what a plan came to, [`aws_cli`] shares the AWS
//! CLI's files. Must not know how credentials are had.

pub mod aws_cli;
pub mod key;
pub mod memo;
pub mod own;

use std::path::PathBuf;

use crate::{
    env_vars,
    host::Host,
    private_file::{PrivateDir, PrivateDirError},
};

const TAG: &str = "CACHEDIR.TAG";
/// The signature is the specification's (bford.info/cachedir); backup programs look for it.
const TAG_TEXT: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55\n\
    # This file says that the folder is a cache (https://bford.info/cachedir/), so that backups leave it out.\n\
    # It was made by rolo. `rolo cache clear --all` empties the cache.\n";

/// Where the cache is: `$XDG_CACHE_HOME/rolo` or `~/.cache/rolo`; `None` where neither is an absolute path.
pub fn resolve_root(host: Host<'_>) -> Option<PathBuf> {
    host.xdg_folder(env_vars::XDG_CACHE_HOME, ".cache")
}

/// Opens the cache's root, made where absent and marked with `CACHEDIR.TAG`.
///
/// A cached hit wants [`PrivateDir::open`] instead, which makes nothing.
pub fn open_or_create_root(path: &std::path::Path) -> Result<PrivateDir, PrivateDirError> {
    let root = PrivateDir::open_or_create(path)?;
    if root.read(TAG).is_err() {
        // A cache without the tag works as well; what is wrong with the disk will be said by what matters more.
        let _ = root.replace(TAG, TAG_TEXT);
    }
    Ok(root)
}

/// JSON that may hold secrets, in a buffer that is wiped. A line ends the file, for people who look.
fn render_private_json(value: &impl serde::Serialize) -> std::io::Result<zeroize::Zeroizing<Vec<u8>>> {
    let mut length = Length::default();
    serde_json::to_writer(&mut length, value)?;
    let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(length.0 + 1));
    serde_json::to_writer(&mut *bytes, value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Counts what would be written: a vector of that capacity never moves, and so leaves no copy behind.
#[derive(Default)]
struct Length(usize);

impl std::io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
