//! How a function of libc is interposed: declared once, by [`interpose!`].

/// Declares a function that is called instead of libc's by everything in this process.
///
/// The library exports it under its name. Libc's own is `name::original`, for the same file.
///
/// It has the type and the contract that the manual page of its name documents. C callers answer for that contract, and
/// Rust cannot check it, so neither function is `unsafe` to Rust: both are private to a file that acts for such callers.
/// `original` is given what the caller has given, or places and times of ours that live as long as the call.
macro_rules! interpose {
    (
        $(#[$attribute:meta])*
        fn $name:ident($($argument:ident: $kind:ty),* $(,)?) $(-> $answer:ty)? $body:block
    ) => {
        $(#[$attribute])*
        #[unsafe(no_mangle)]
        extern "C" fn $name($($argument: $kind),*) $(-> $answer)? $body

        // Types have names of their own, so that this one is free.
        #[allow(non_camel_case_types, dead_code, reason = "the name is libc's, and some are there to be exported only")]
        enum $name {}

        #[allow(dead_code, reason = "not every function passes its arguments on")]
        impl $name {
            fn original($($argument: $kind),*) $(-> $answer)? {
                use $crate::declare::c_name;
                use snipcheck_clock::Original;
                type Function = unsafe extern "C" fn($($kind),*) $(-> $answer)?;
                const NAME: &std::ffi::CStr = c_name(concat!(stringify!($name), "\0"));
                // SAFETY: libc declares the function of this name like this.
                static ORIGINAL: Original<Function> = unsafe { Original::new(NAME) };
                // SAFETY: the contract of `interpose!`.
                unsafe { ORIGINAL.function()($($argument),*) }
            }
        }
    };
}

pub(super) use interpose;

/// A name that ends with a zero byte, as C has it.
pub(super) const fn c_name(name: &'static str) -> &'static std::ffi::CStr {
    match std::ffi::CStr::from_bytes_with_nul(name.as_bytes()) {
        Ok(name) => name,
        Err(_) => panic!("a name has one zero byte, at its end"),
    }
}
