//! Decides whether there is a sandbox on the target.

#[path = "../sandboxed.rs"]
mod sandboxed;

fn main() {
    sandboxed::main();
}
