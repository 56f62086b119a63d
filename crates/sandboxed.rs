//! Decides whether there is a sandbox on the target: `cfg(sandboxed)`.

use std::env;

#[allow(
    clippy::print_stdout,
    reason = "cargo reads it; where this is `build.rs` itself, nothing is reported"
)]
pub(crate) fn main() {
    println!("cargo:rustc-check-cfg=cfg(sandboxed)");
    if has_sandbox() {
        println!("cargo:rustc-cfg=sandboxed");
    }
}

/// `RUSTFLAGS="--cfg snipcheck_portable"` builds for Linux what other systems get.
pub(crate) fn has_sandbox() -> bool {
    let portable = env::var_os("CARGO_CFG_SNIPCHECK_PORTABLE").is_some();
    env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") && !portable
}
