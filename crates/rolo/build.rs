//! Has the linker pack the list of addresses that the loader adjusts at each start. There are ten thousand of them, most for
//! code that a cached run never reaches, and going through the plain list is a third of what such a run costs.

#![expect(clippy::disallowed_methods, reason = "a build script has no `Host`")]

use std::{env, process::Command};

/// The first glibc whose loader reads the packed form.
const LEAST_GLIBC: (u32, u32) = (2, 36);

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let of_build = |name: &str| env::var(name).unwrap_or_default();
    // Elsewhere the plain list is right. What is built for another machine may start with an older glibc than this one's.
    let is_glibc = of_build("CARGO_CFG_TARGET_OS") == "linux" && of_build("CARGO_CFG_TARGET_ENV") == "gnu";
    if is_glibc
        && of_build("HOST") == of_build("TARGET")
        && find_glibc().is_some_and(|found| found >= LEAST_GLIBC)
    {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// This machine's glibc, from a line such as `glibc 2.36`.
fn find_glibc() -> Option<(u32, u32)> {
    let output = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = text.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
