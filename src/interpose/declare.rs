//! How a function of libc is interposed: declared once, by [`interpose!`].

/// Declares a function that is called instead of libc's by everything in this process.
///
/// The executable exports it under its name. Libc's own is `name::original`, for the same file.
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
                use $crate::interpose::declare::c_name;
                use $crate::original::Original;
                type Function = unsafe extern "C" fn($($kind),*) $(-> $answer)?;
                const NAME: &std::ffi::CStr = c_name(concat!(stringify!($name), "\0"));
                // SAFETY: libc declares the function of this name like this.
                static ORIGINAL: Original<Function> = unsafe { Original::new(NAME) };
                // SAFETY: the contract of `interpose!`.
                unsafe { ORIGINAL.function()($($argument),*) }
            }
        }

        const _: () = assert!(
            $crate::interpose::declare::is_exported(stringify!($name)),
            "`build.rs` has not found this function, and the executable would not export it",
        );
    };
}

pub(super) use interpose;

/// The functions that the executable exports, with a comma before and after each (`build.rs`).
const EXPORTED: &str = env!("SNIPCHECK_INTERPOSED");

/// Whether `build.rs` has found the function of this name.
pub(super) const fn is_exported(name: &str) -> bool {
    let (list, name) = (EXPORTED.as_bytes(), name.as_bytes());
    let mut start = 0;
    while start + name.len() + 1 < list.len() {
        let mut same = 0;
        while same < name.len() && list[start + 1 + same] == name[same] {
            same += 1;
        }
        if same == name.len() && list[start] == b',' && list[start + 1 + same] == b',' {
            return true;
        }
        start += 1;
    }
    false
}

/// A name that ends with a zero byte, as C has it.
pub(super) const fn c_name(name: &'static str) -> &'static std::ffi::CStr {
    match std::ffi::CStr::from_bytes_with_nul(name.as_bytes()) {
        Ok(name) => name,
        Err(_) => panic!("a name has one zero byte, at its end"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_exported;

    #[test]
    fn names_are_found_as_a_whole() {
        assert!(["alarm", "poll", "usleep"].into_iter().all(is_exported));
        assert!(
            !["", "al", "pol", "oll", "polls", "poll,", "alarm,clock_gettime,"].into_iter().any(is_exported)
        );
    }
}
