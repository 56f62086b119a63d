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
        let names = interposed();
        for name in &names {
            println!("cargo:rustc-link-arg-bins=-Wl,--export-dynamic-symbol={name}");
        }
        println!("cargo:rustc-env=SNIPCHECK_INTERPOSED=,{},", names.join(","));
    }
    for path in ["build.rs", "src/interpose"] {
        println!("cargo:rerun-if-changed={path}");
    }
}

/// The functions that `interpose!` declares, which refuses to compile one that is not found here.
fn interposed() -> Vec<String> {
    let files = fs::read_dir("src/interpose").expect("a folder of ours");
    let text = files.map(|file| fs::read_to_string(file.expect("a file of ours").path()).expect("a text"));
    let text: String = text.collect();

    let declarations = text.split("\ninterpose!(\n").skip(1);
    let name = |declaration: &str| Some(declaration.split_once("    fn ")?.1.split_once('(')?.0.to_owned());
    let mut names: Vec<String> = declarations.filter_map(name).collect();
    names.sort();
    names
}
