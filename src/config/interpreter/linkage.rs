//! Whether an interpreter is linked to a shared libpython, as its file says. Nothing is executed to find out.

use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};

use goblin::elf::Elf;
use serde::{Deserialize, Serialize};

/// Where the loader looks for libraries in the end (ld.so(8)), with the folders that distributions configure.
const SYSTEM: [&str; 10] = [
    "/usr/local/lib",
    "/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu",
    "/lib/aarch64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
    "/usr/local/lib64",
];

/// How the interpreter comes to its own code, and so how another program can run Python as this interpreter would.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Linkage {
    /// The executable is linked to this library, which can be loaded into another program.
    Embedded { library: PathBuf },
    /// The executable has all of Python in it: it has to be started itself.
    Hosted,
}

impl Linkage {
    /// The library that other programs can load.
    pub(crate) fn library(&self) -> Option<&Path> {
        match self {
            Self::Embedded { library } => Some(library),
            Self::Hosted => None,
        }
    }

    /// The linkage of an executable, whose path has no links in it. `searched` is `LD_LIBRARY_PATH`. What is no ELF file,
    /// or is linked to a library that only the loader finds, can still be started itself.
    pub(super) fn of(executable: &Path, prefix: &Path, searched: Option<&OsStr>) -> Self {
        let bytes = fs::read(executable).unwrap_or_default();
        let library = Elf::parse(&bytes).ok().and_then(|elf| {
            let needed = elf.libraries.iter().find(|name| is_libpython(name))?;
            let origin = executable.parent().unwrap_or(Path::new("/"));
            if needed.contains('/') {
                return expanded(needed, origin).filter(|path| path.is_file());
            }
            let mut folders = folders(&elf, origin, searched);
            folders.push(prefix.join("lib"));
            folders.into_iter().map(|folder| folder.join(needed)).find(|path| path.is_file())
        });

        match library {
            Some(library) => Self::Embedded { library: fs::canonicalize(&library).unwrap_or(library) },
            None => Self::Hosted,
        }
    }
}

/// `libpython3.12.so.1.0`, `libpython3.13td.so.1.0` and so on, but not the `libpython3.so` that only forwards.
fn is_libpython(needed: &str) -> bool {
    let name = needed.rsplit('/').next().unwrap_or(needed);
    let Some((version, _)) = name.strip_prefix("libpython3.").and_then(|rest| rest.split_once(".so")) else {
        return false;
    };
    version.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
}

/// The folders in which the loader looks for a library, in its order.
fn folders(elf: &Elf<'_>, origin: &Path, searched: Option<&OsStr>) -> Vec<PathBuf> {
    let listed = |lists: &[&str]| -> Vec<PathBuf> {
        lists.iter().flat_map(|list| list.split(':')).filter_map(|entry| expanded(entry, origin)).collect()
    };
    // The older kind counts only where there is none of the newer.
    let mut folders = if elf.runpaths.is_empty() { listed(&elf.rpaths) } else { Vec::new() };
    // A relative entry would find libraries of the project.
    folders.extend(searched.into_iter().flat_map(std::env::split_paths).filter(|path| path.is_absolute()));
    folders.extend(listed(&elf.runpaths));
    folders.extend(SYSTEM.map(PathBuf::from));
    folders
}

/// An absolute path, in which `$ORIGIN` stands for the folder of the executable.
fn expanded(entry: &str, origin: &Path) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    for component in Path::new(entry).components() {
        match component {
            Component::Normal(name) if name == "$ORIGIN" || name == "${ORIGIN}" => path.push(origin),
            other => path.push(other),
        }
    }
    path.is_absolute().then_some(path)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::path::Path;

    use super::Linkage;

    const NEEDED: u64 = 1;
    const RPATH: u64 = 15;
    const RUNPATH: u64 = 29;

    /// The bytes of an ELF file for x86-64 that has nothing but a dynamic section with these texts.
    fn elf(entries: &[(u64, &str)]) -> Vec<u8> {
        const HEADERS: u64 = 64 + 2 * 56;
        let mut texts = vec![0];
        let mut dynamic: Vec<(u64, u64)> = Vec::new();
        for (tag, text) in entries {
            dynamic.push((*tag, texts.len() as u64));
            texts.extend(text.bytes().chain([0]));
        }
        let size = 16 * (dynamic.len() as u64 + 3);
        // DT_STRTAB, DT_STRSZ, DT_NULL.
        dynamic.extend([(5, HEADERS + size), (10, texts.len() as u64), (0, 0)]);

        let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0".to_vec();
        let numbers = |bytes: &mut Vec<u8>, numbers: &[u64]| {
            bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        };
        // The entry, the program headers' place, no section headers, no flags; sizes and counts of headers.
        numbers(&mut bytes, &[0, 64, 0]);
        bytes.extend([0, 0, 0, 0, 64, 0, 56, 0, 2, 0, 64, 0, 0, 0, 0, 0]);
        let all = HEADERS + size + texts.len() as u64;
        for (kind, start, size) in [(1_u32, 0, all), (2, HEADERS, size)] {
            bytes.extend(kind.to_le_bytes());
            bytes.extend(4_u32.to_le_bytes());
            numbers(&mut bytes, &[start, start, start, size, size, 8]);
        }
        for (tag, value) in dynamic {
            numbers(&mut bytes, &[tag, value]);
        }
        bytes.extend(texts);
        bytes
    }

    /// The library of an executable `bin/python3` with this content, among these files.
    #[track_caller]
    fn check(content: &[u8], files: &[&str], searched: Option<&str>, expected: Option<&str>) {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        for file in ["bin/python3"].iter().chain(files) {
            fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs::write(root.join(file), content).unwrap();
        }
        let searched = searched.map(|entry| entry.replace("[root]", root.to_str().unwrap()));
        let found = Linkage::of(
            &root.join("bin/python3"),
            Path::new("/nowhere"),
            searched.as_deref().map(OsStr::new),
        );
        let expected = match expected {
            Some(library) => Linkage::Embedded { library: root.join(library) },
            None => Linkage::Hosted,
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn without_a_libpython_of_its_own_an_interpreter_is_started() {
        check(b"", &[], None, None);
        check(b"#!/bin/sh\nexec python3\n", &[], None, None);
        check(b"\x7fELF\x02\x01\x01", &[], None, None);
        check(&elf(&[(NEEDED, "libc.so.6")]), &["lib/libpython3.12.so.1.0"], None, None);
        // The one of the limited interface only forwards to the other.
        check(
            &elf(&[(NEEDED, "libpython3.so"), (RUNPATH, "$ORIGIN/../lib")]),
            &["lib/libpython3.so"],
            None,
            None,
        );
        check(&elf(&[(NEEDED, "libpython3.99.so.1.0"), (RUNPATH, "$ORIGIN/../lib")]), &[], None, None);
    }

    #[test]
    fn a_libpython_is_found_as_the_loader_finds_it() {
        let library = "libpython3.99.so.1.0";
        let both = ["lib/libpython3.99.so.1.0", "other/libpython3.99.so.1.0"];
        let (here, other) = ("lib/libpython3.99.so.1.0", "other/libpython3.99.so.1.0");

        check(&elf(&[(NEEDED, library), (RUNPATH, "$ORIGIN/../lib")]), &both, None, Some(here));
        check(&elf(&[(NEEDED, library), (RPATH, "/nowhere:${ORIGIN}/../lib")]), &both, None, Some(here));
        check(&elf(&[(NEEDED, "$ORIGIN/../lib/libpython3.99.so.1.0")]), &both, None, Some(here));
        check(&elf(&[(NEEDED, "libc.so.6"), (NEEDED, library)]), &both, Some("[root]/other"), Some(other));

        // A variable is stronger than the newer kind of path, and weaker than the older one.
        let newer = elf(&[(NEEDED, library), (RUNPATH, "$ORIGIN/../lib")]);
        check(&newer, &both, Some("other:[root]/other"), Some(other));
        check(&elf(&[(NEEDED, library), (RPATH, "$ORIGIN/../lib")]), &both, Some("[root]/other"), Some(here));
        let two = elf(&[(NEEDED, library), (RPATH, "$ORIGIN/../other"), (RUNPATH, "$ORIGIN/../lib")]);
        check(&two, &both, None, Some(here));
    }

    #[test]
    fn builds_of_other_kinds_have_libraries_of_other_names() {
        for library in ["libpython3.13d.so.1.0", "libpython3.13t.so.1.0", "libpython3.13td.so.1.0"] {
            let file = format!("lib/{library}");
            check(&elf(&[(NEEDED, library), (RUNPATH, "$ORIGIN/../lib")]), &[&file], None, Some(&file));
        }
    }
}
