//! Files of one room import one way, as rooms do.

use std::collections::{BTreeMap, BTreeSet};

use super::{File, sources};

/// Rooms whose files still import one another in circles. The list may only get shorter.
const CIRCULAR: &[&str] = &[];

/// A file by the path of its module: `expect::claims` is `src/expect/claims/mod.rs`, `sandbox::linux` is
/// `crates/sandbox/src/linux/mod.rs`.
type Imports = BTreeMap<String, BTreeSet<String>>;

#[test]
fn files_of_a_room_import_one_way() {
    let files = sources();
    let rust = files.iter().filter(|file| file.path.extension().is_some_and(|extension| extension == "rs"));
    let by_module: BTreeMap<String, &File> = rust.map(|file| (module(file), file)).collect();

    let mut rooms: BTreeMap<&str, Imports> = BTreeMap::new();
    for (module, file) in &by_module {
        let named = named(module, file).into_iter().filter_map(|path| nearest(&path, &by_module));
        let inside = named.filter(|other| other != module && by_module[other].room == file.room);
        rooms.entry(&file.room).or_default().insert(module.clone(), inside.collect());
    }

    let circles = rooms.into_iter().map(|(room, imports)| (room, circles(imports)));
    let circles: BTreeMap<&str, Imports> = circles.filter(|(_, imports)| !imports.is_empty()).collect();
    let new: BTreeMap<_, _> = circles.iter().filter(|(room, _)| !CIRCULAR.contains(room)).collect();
    assert!(new.is_empty(), "files import one another in circles: {new:#?}");
    let cured: Vec<_> = CIRCULAR.iter().filter(|room| !circles.contains_key(*room)).collect();
    assert!(cured.is_empty(), "{cured:?} have no circles any more: take them off the list");
}

fn module(file: &File) -> String {
    let parts = file.path.with_extension("");
    let parts: Vec<_> = parts.components().map(|part| part.as_os_str().to_str().unwrap()).collect();
    let inner = parts.strip_suffix(&["mod"]).unwrap_or(&parts);
    inner.join("::")
}

/// The paths that a file names: those after `crate::` and `self::`, and those that begin with a module of its own.
fn named(module: &str, file: &File) -> Vec<String> {
    let code = file.lines().map(|(_, line)| line).collect::<Vec<_>>().join("\n");
    // Who may see an item is no import.
    let code = code.replace("(in crate::", "(in ");
    let mut paths = Vec::new();
    for (start, prefix) in [("crate::", String::new()), ("self::", format!("{module}::"))] {
        let trees = code.match_indices(start).flat_map(|(at, _)| written_out(&code[at + start.len()..]));
        paths.extend(trees.map(|path| format!("{prefix}{path}")));
    }

    let own = code.lines().filter_map(|line| line.split("mod ").nth(1)?.strip_suffix(';'));
    for child in own {
        let is_path = |at: usize| {
            let before = code[..at].chars().next_back();
            !before.is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, '_' | ':'))
        };
        if code.match_indices(&format!("{child}::")).any(|(at, _)| is_path(at)) {
            paths.push(format!("{module}::{child}"));
        }
    }
    paths
}

/// A tree of paths as a list of them: `a::{b, c::{d, e}}` is `a::b`, `a::c::d`, `a::c::e`.
fn written_out(tree: &str) -> Vec<String> {
    let of_path = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | ':');
    let end = tree.find(|letter| !of_path(letter)).unwrap_or(tree.len());
    let (path, rest) = tree.split_at(end);
    let Some(list) = rest.strip_prefix('{') else { return vec![path.to_owned()] };

    let branches = branches(list).into_iter().flat_map(written_out);
    branches.map(|branch| format!("{path}{branch}")).collect()
}

/// The parts of a list, up to the brace that closes it.
fn branches(list: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                parts.push(list[start..at].trim());
                start = at + 1;
                if letter == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    parts
}

/// The innermost module that a path leads through.
fn nearest(path: &str, modules: &BTreeMap<String, &File>) -> Option<String> {
    let mut parts: Vec<&str> = path.split("::").collect();
    while !parts.is_empty() {
        let module = parts.join("::");
        if modules.contains_key(&module) {
            return Some(module);
        }
        parts.pop();
    }
    None
}

/// What is left of the files once those that import no other, or that no other imports, are taken away again and again.
fn circles(mut imports: Imports) -> Imports {
    loop {
        let imported: BTreeSet<String> = imports.values().flatten().cloned().collect();
        let before = imports.len();
        imports.retain(|file, others| !others.is_empty() && imported.contains(file));
        if imports.len() == before {
            return imports;
        }
        let left: BTreeSet<String> = imports.keys().cloned().collect();
        for others in imports.values_mut() {
            others.retain(|other| left.contains(other));
        }
    }
}

#[test]
fn trees_of_paths_are_written_out() {
    assert_eq!(written_out("a::b;"), ["a::b"]);
    assert_eq!(written_out("a::{self, b, c::{d, e}};\nx"), ["a::self", "a::b", "a::c::d", "a::c::e"]);
    assert_eq!(written_out("{a, b::{c}};"), ["a", "b::c"]);
}

#[test]
fn circles_are_found() {
    let imports = |edges: &[(&str, &[&str])]| -> Imports {
        let set = |others: &[&str]| others.iter().map(|&other| other.to_owned()).collect();
        edges.iter().map(|(file, others)| ((*file).to_owned(), set(others))).collect()
    };
    let edges: &[(&str, &[&str])] =
        &[("a", &["b"]), ("b", &["c", "d"]), ("c", &["b"]), ("d", &[]), ("e", &["d"])];
    assert_eq!(circles(imports(edges)), imports(&[("b", &["c"]), ("c", &["b"])]));
    assert_eq!(circles(imports(&[("a", &["b"]), ("b", &[])])), Imports::new());
}
