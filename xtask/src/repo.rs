//! Where things lie: the repository, the build's folder, the programs built. Knows no chore.

use std::env;
use std::path::{Path, PathBuf};

/// The repository's top folder.
pub(crate) fn root() -> PathBuf {
    // As compiled in: as Cargo's runner, the variable of the same name belongs to the crate under test.
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Cargo's target folder, absolute.
pub(crate) fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// A program that Cargo built, e.g. `built("debug", "rolo")` or `built("debug/examples", "demo")`.
pub(crate) fn built(folder: &str, name: &str) -> PathBuf {
    target().join(folder).join(format!("{name}{}", env::consts::EXE_SUFFIX))
}
