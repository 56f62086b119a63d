//! Functions of libc, past those of ours that have their names.

use std::ffi::{CStr, c_void};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};
use std::{mem, ptr};

/// The function of a name in the objects after the one that this code is part of (`RTLD_NEXT`, dlsym(3)), looked up once:
/// past the library of interposed functions, which has a copy of this code as the worker has.
pub struct Original<Function> {
    name: &'static CStr,
    address: AtomicPtr<c_void>,
    function: PhantomData<Function>,
}

impl<Function> Original<Function> {
    /// # Safety
    /// `Function` is the type of a pointer to a function, and libc declares the name like it.
    pub const unsafe fn new(name: &'static CStr) -> Self {
        const { assert!(size_of::<Function>() == size_of::<*mut c_void>()) };
        Self { name, address: AtomicPtr::new(ptr::null_mut()), function: PhantomData }
    }

    pub fn function(&self) -> Function {
        let mut address = self.address.load(Relaxed);
        if address.is_null() {
            address = find(self.name);
            self.address.store(address, Relaxed);
        }
        // SAFETY: a function of this type, as `new` was promised.
        unsafe { mem::transmute_copy::<*mut c_void, Function>(&address) }
    }
}

fn find(name: &CStr) -> *mut c_void {
    // SAFETY: the name ends with a zero byte.
    let mut found = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) };

    // Before version 2.34 glibc had two more libraries, which nobody needs to have loaded.
    for library in [c"librt.so.1", c"libpthread.so.0"] {
        if found.is_null() {
            // SAFETY: both belong to libc, and loading them runs no other code. The names end with a zero byte.
            found = unsafe {
                let library = libc::dlopen(library.as_ptr(), libc::RTLD_NOW);
                if library.is_null() { ptr::null_mut() } else { libc::dlsym(library, name.as_ptr()) }
            };
        }
    }
    assert!(!found.is_null(), "libc has no {name:?}");
    found
}
