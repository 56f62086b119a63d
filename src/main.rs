//! The executable: everything is in `lib.rs`.

fn main() -> std::process::ExitCode {
    snipcheck::main()
}
