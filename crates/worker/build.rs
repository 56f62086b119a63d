//! Decides whether there is a sandbox, and lets the library be linked without the interpreter that will load it.

#[path = "../sandboxed.rs"]
mod sandboxed;

fn main() {
    sandboxed::main();
    pyo3_build_config::add_extension_module_link_args();
}
