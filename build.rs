//! Builds the libraries that the executable carries, and decides whether there is a sandbox: `cfg(sandboxed)`.
//!
//! The worker is loaded by whatever Python runs the snippets, the other one by all programs of a session. Neither can be
//! a dependency: cargo links dependencies into the executable.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

#[path = "crates/sandboxed.rs"]
mod sandboxed;

/// Set to anything, it has the libraries looked at and not linked, for checks of a system whose linker is not here.
const CHECK_ONLY: &str = "SNIPCHECK_CHECK_ONLY";

/// What cargo sets for the build around this script: another wrapper of the compiler, and how many jobs are left.
const OF_THIS_BUILD: [&str; 4] = ["RUSTC_WORKSPACE_WRAPPER", "CARGO_MAKEFLAGS", "MAKEFLAGS", "NUM_JOBS"];

fn main() {
    sandboxed::main();
    for path in ["build.rs", "crates", "Cargo.toml", "Cargo.lock"] {
        println!("cargo:rerun-if-changed={path}");
    }
    println!("cargo:rerun-if-env-changed={CHECK_ONLY}");

    let output = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to build"));
    let mut packages = vec!["snipcheck-worker"];
    if sandboxed::has_sandbox() {
        packages.push("snipcheck-interpose");
    }
    let libraries = output.join("libraries");
    let is_check = env::var_os(CHECK_ONLY).is_some();
    build(if is_check { "check" } else { "build" }, &packages, &libraries);

    let empty = output.join("none");
    fs::write(&empty, "").expect("the output folder can be written to");
    for (package, variable) in
        [("snipcheck-worker", "SNIPCHECK_WORKER"), ("snipcheck-interpose", "SNIPCHECK_INTERPOSE")]
    {
        let is_built = packages.contains(&package) && !is_check;
        let file = if is_built { built(package, &libraries) } else { empty.clone() };
        println!("cargo:rustc-env={variable}={}", file.display());
    }
}

/// Builds libraries as this package is built, into a folder of their own: cargo holds a lock on its own.
fn build(verb: &str, packages: &[&str], folder: &Path) {
    let mut cargo = Command::new(env::var_os("CARGO").expect("cargo says what it is"));
    cargo
        .arg(verb)
        .arg("--target-dir")
        .arg(folder)
        .args(["--target", &env::var("TARGET").expect("cargo names it")]);
    for package in packages {
        cargo.args(["--package", package]);
    }
    if profile() == "release" {
        cargo.arg("--release");
    }
    // Nobody steps through a library that is loaded from memory.
    cargo
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_PROFILE_DEV_STRIP", "true")
        .env("CARGO_PROFILE_RELEASE_STRIP", "true");
    // No Python is asked: the one that will load the worker may be on another machine.
    cargo.env("PYO3_NO_PYTHON", "1").env("PYO3_BUILD_EXTENSION_MODULE", "1");
    for variable in OF_THIS_BUILD {
        cargo.env_remove(variable);
    }
    let status = cargo.status().expect("cargo can be started");
    assert!(status.success(), "the libraries of the executable cannot be built");
}

/// The file of a library.
fn built(package: &str, folder: &Path) -> PathBuf {
    let target = env::var("TARGET").expect("cargo names it");
    let extension = if target.contains("apple") { "dylib" } else { "so" };
    let name = format!("lib{}.{extension}", package.replace('-', "_"));
    folder.join(target).join(profile()).join(name)
}

fn profile() -> String {
    env::var("PROFILE").expect("cargo says debug or release")
}
