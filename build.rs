//! Ties the executable to the libpython it was linked with, and remembers its interpreter.

fn main() {
    pyo3_build_config::add_libpython_rpath_link_args();
    let interpreter = pyo3_build_config::get();
    let executable = interpreter.executable().unwrap_or_default();
    println!("cargo:rustc-env=SNIPCHECK_PYTHON={executable}");
    println!("cargo:rustc-env=SNIPCHECK_PYTHON_VERSION={}", interpreter.version());
    println!("cargo:rerun-if-changed=build.rs");
}
