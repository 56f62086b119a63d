//! Whether a program will load this library, and so take part in the session's clock.
//!
//! Everything here runs where a child may share its parent's memory (vfork(2)): it takes no lock and no memory.

use std::ffi::{CStr, c_char, c_int};
use std::ptr;

use snipcheck_clock::real;

/// Bytes of a file that are looked at. Linkers put what is looked for right behind the header of the file.
const HEAD: usize = 4096;
/// As many scripts may be each other's interpreters (`BINPRM_BUF_SIZE` and `exec_binprm` in the kernel).
const SCRIPTS: usize = 5;
/// `e_ident` of a 64-bit ELF file, up to its class (elf(5)).
const ELF: &[u8] = b"\x7fELF\x02";
/// Of elf(5): the place of `e_phoff` and of `e_phentsize`, `PT_INTERP`, and the places of `p_offset` and `p_filesz`.
const PROGRAM_HEADERS: usize = 32;
const HEADER_SIZE: usize = 54;
const INTERPRETER: u32 = 3;
const OFFSET: usize = 8;
const SIZE: usize = 32;
/// What the loaders of libraries other than glibc are named after: they know no list of libraries for all programs.
const OTHER_LIBRARIES: [&[u8]; 2] = [b"musl", b"bionic"];

/// Whether the program at a path is linked dynamically, or a script whose interpreter is. `None` where there is no file:
/// nothing will start.
pub(crate) fn takes_part(path: *const c_char) -> Option<bool> {
    // SAFETY: the path is one that the caller would execute.
    let file = unsafe { libc::open(path, libc::O_RDONLY | libc::O_CLOEXEC) };
    let is_absent = file < 0 && matches!(real::errno(), libc::ENOENT | libc::ENOTDIR);
    (!is_absent).then(|| descriptor_takes_part(file, SCRIPTS))
}

/// As [`takes_part`], for an open file.
pub(crate) fn file_takes_part(file: c_int) -> bool {
    // SAFETY: plain numbers.
    descriptor_takes_part(unsafe { libc::fcntl(file, libc::F_DUPFD_CLOEXEC, 0) }, SCRIPTS)
}

/// As [`takes_part`], where a name without a slash is looked up in `PATH` (execvp(3)).
pub(crate) fn found_takes_part(name: *const c_char) -> Option<bool> {
    if name.is_null() {
        return None;
    }
    // SAFETY: callers pass a text that ends with a zero byte; so does the environment.
    let (text, search) = unsafe { (CStr::from_ptr(name), libc::getenv(c"PATH".as_ptr())) };
    if text.to_bytes().contains(&b'/') {
        return takes_part(name);
    }
    let search = if search.is_null() {
        c"/bin:/usr/bin"
    } else {
        // SAFETY: as above.
        unsafe { CStr::from_ptr(search) }
    };

    for folder in search.to_bytes().split(|byte| *byte == b':') {
        let mut path = [0_u8; HEAD];
        let length = folder.len() + 1 + text.to_bytes().len();
        if length >= path.len() {
            continue;
        }
        path[..folder.len()].copy_from_slice(folder);
        path[folder.len()] = b'/';
        path[folder.len() + 1..length].copy_from_slice(text.to_bytes());
        // SAFETY: the path ends with a zero byte.
        if unsafe { libc::access(path.as_ptr().cast(), libc::X_OK) } == 0 {
            return takes_part(path.as_ptr().cast());
        }
    }
    None
}

/// Closes the descriptor, which may be -1.
fn descriptor_takes_part(file: c_int, scripts: usize) -> bool {
    if file < 0 {
        return false;
    }
    let mut head = [0_u8; HEAD];
    // SAFETY: the place has room for so many bytes; the descriptor is this function's own.
    let length = unsafe {
        let length = libc::pread(file, head.as_mut_ptr().cast(), HEAD - 1, 0);
        libc::close(file);
        usize::try_from(length).unwrap_or(0)
    };

    let head = &mut head[..=length];
    match head.strip_prefix(b"#!") {
        Some(_) if scripts == 0 => false,
        Some(_) => match interpreter_of_script(head) {
            // SAFETY: the path ends with a zero byte.
            Some(path) => descriptor_takes_part(
                unsafe { libc::open(path, libc::O_RDONLY | libc::O_CLOEXEC) },
                scripts - 1,
            ),
            None => false,
        },
        None => {
            loader(head).is_some_and(|loader| !OTHER_LIBRARIES.iter().any(|other| contains(loader, other)))
        }
    }
}

/// The path after `#!`, which ends with a zero byte from here on.
fn interpreter_of_script(head: &mut [u8]) -> Option<*const c_char> {
    let start = 2 + head[2..].iter().position(|byte| !matches!(byte, b' ' | b'\t'))?;
    let end =
        start + head[start..].iter().position(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0))?;
    head[end] = 0;
    (end > start).then(|| ptr::from_ref(&head[start]).cast())
}

/// The path of the loader in an ELF file (`PT_INTERP`), which only a program has that is linked dynamically.
fn loader(head: &[u8]) -> Option<&[u8]> {
    if !head.starts_with(ELF) {
        return None;
    }
    let start = usize::try_from(number(head, PROGRAM_HEADERS, 8)?).ok()?;
    let (size, count) = (number(head, HEADER_SIZE, 2)?, number(head, HEADER_SIZE + 2, 2)?);
    (0..count).find_map(|index| {
        let header = start.checked_add(usize::try_from(index * size).ok()?)?;
        if number(head, header, 4)? != u64::from(INTERPRETER) {
            return None;
        }
        let begin = usize::try_from(number(head, header.checked_add(OFFSET)?, 8)?).ok()?;
        let length = usize::try_from(number(head, header.checked_add(SIZE)?, 8)?).ok()?;
        head.get(begin..begin.checked_add(length)?)
    })
}

/// A number of so many bytes, in the order of this machine.
fn number(head: &[u8], at: usize, size: usize) -> Option<u64> {
    let mut bytes = [0; 8];
    let place = if cfg!(target_endian = "little") { &mut bytes[..size] } else { &mut bytes[8 - size..] };
    place.copy_from_slice(head.get(at..at.checked_add(size)?)?);
    Some(u64::from_ne_bytes(bytes))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn programs_that_are_linked_dynamically_take_part() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = vec![(c"/bin/sh".to_owned(), Some(true)), (c"/nowhere".to_owned(), None)];
        for (name, content, expected) in [
            ("script", "#! /bin/sh -e\n", true),
            ("bare", "#!/bin/sh", true),
            ("nobody", "#!/nowhere\n", false),
            ("itself", "", false),
            ("text", "echo", false),
            ("short", "\x7fELF\x02", false),
        ] {
            let path = folder.path().join(name);
            let content =
                if name == "itself" { format!("#!{}\n", path.display()) } else { content.to_owned() };
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            files.push((CString::new(path.as_os_str().as_bytes()).unwrap(), Some(expected)));
        }
        for (path, expected) in files {
            assert_eq!(takes_part(path.as_ptr()), expected, "{path:?}");
        }
        assert_eq!(found_takes_part(c"sh".as_ptr()), Some(true));
        assert_eq!(found_takes_part(c"no-such-program".as_ptr()), None);
    }

    #[test]
    fn other_libraries_are_told_by_their_loader() {
        let mut file = vec![0_u8; 256];
        file[..5].copy_from_slice(ELF);
        file[PROGRAM_HEADERS..PROGRAM_HEADERS + 8].copy_from_slice(&64_u64.to_ne_bytes());
        file[HEADER_SIZE..HEADER_SIZE + 2].copy_from_slice(&56_u16.to_ne_bytes());
        file[HEADER_SIZE + 2..HEADER_SIZE + 4].copy_from_slice(&1_u16.to_ne_bytes());
        assert_eq!(loader(&file), None);

        file[64..68].copy_from_slice(&INTERPRETER.to_ne_bytes());
        file[64 + OFFSET..64 + OFFSET + 8].copy_from_slice(&128_u64.to_ne_bytes());
        file[64 + SIZE..64 + SIZE + 8].copy_from_slice(&12_u64.to_ne_bytes());
        file[128..140].copy_from_slice(b"/lib/ld-musl");
        assert_eq!(loader(&file), Some(&b"/lib/ld-musl"[..]));
        // What lies beyond what was read is not known.
        file[64 + OFFSET..64 + OFFSET + 8].copy_from_slice(&u64::MAX.to_ne_bytes());
        assert_eq!(loader(&file), None);
    }
}
