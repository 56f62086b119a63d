//! What a person can do on a system without a sandbox that snipcheck knows.

/// No setting gives this system namespaces.
pub fn remedy() -> String {
    "there are sandboxes on Linux only".to_owned()
}
