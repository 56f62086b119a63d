//! Ties the executable to the libpython it was linked with, remembers its interpreter, and decides whether there is a
//! sandbox: `cfg(sandboxed)`.

use std::{env, fs};

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
        // What the executable exports, libpython and extension modules call instead of libc's.
        for name in interposed() {
            println!("cargo:rustc-link-arg-bins=-Wl,--export-dynamic-symbol={name}");
        }
    }
    for path in ["build.rs", "src/interpose"] {
        println!("cargo:rerun-if-changed={path}");
    }
}

/// The names of libc that these folders define.
fn interposed() -> Vec<String> {
    const FOLDERS: [&str; 1] = ["src/interpose"];
    let mut names = Vec::new();
    for entry in FOLDERS.iter().flat_map(|folder| fs::read_dir(folder).expect("a folder of ours")) {
        let text = fs::read_to_string(entry.expect("a folder of ours").path()).expect("a file of ours");
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair[0] == "#[unsafe(no_mangle)]") {
            let name =
                pair[1].strip_prefix("unsafe extern \"C\" fn ").and_then(|rest| rest.split('(').next());
            names.push(name.expect("a function of C").to_owned());
        }
    }
    names
}
