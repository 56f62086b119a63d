//! Ties the executable to the libpython it was linked with, remembers its interpreter, and decides whether there is a
//! sandbox: `cfg(sandboxed)`.

use std::env;

fn main() {
    pyo3_build_config::add_libpython_rpath_link_args();
    let interpreter = pyo3_build_config::get();
    let executable = interpreter.executable().unwrap_or_default();
    println!("cargo:rustc-env=SNIPCHECK_PYTHON={executable}");
    println!("cargo:rustc-env=SNIPCHECK_PYTHON_VERSION={}", interpreter.version());
    println!("cargo:rustc-check-cfg=cfg(sandboxed)");
    // `RUSTFLAGS="--cfg snipcheck_portable"` builds for Linux what other systems get.
    let portable = env::var_os("CARGO_CFG_SNIPCHECK_PORTABLE").is_some();
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") && !portable {
        println!("cargo:rustc-cfg=sandboxed");
        // They win over those of libc for libpython and for extension modules.
        for name in ["getrandom", "getentropy", "readdir", "readdir64", "rewinddir", "closedir"] {
            println!("cargo:rustc-link-arg-bins=-Wl,--export-dynamic-symbol={name}");
        }
    }
    println!("cargo:rerun-if-changed=build.rs");
}
