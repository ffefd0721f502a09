//! Has the linker spare the loader what it would do at each start: ten thousand addresses to adjust, packed, and some two
//! hundred functions to find. Both are mostly for code that a cached run never reaches, and are half of what one costs.

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
    let is_static = of_build("CARGO_CFG_TARGET_FEATURE").split(',').any(|feature| feature == "crt-static");
    if is_glibc && !is_static {
        // Named first, it is the first that the loader searches for each of some two hundred functions. Nearly all of them
        // are there, and none in the libraries that come before it otherwise.
        println!("cargo::rustc-link-lib=dylib=c");
    }
}

/// This machine's glibc, from a line such as `glibc 2.36`.
fn find_glibc() -> Option<(u32, u32)> {
    let output = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = text.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
