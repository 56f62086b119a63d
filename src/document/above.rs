//! Where the settings of a site or a documentation project may stand.

use std::path::Path;

/// A folder and those above it, up to the root; outside of the root the folder alone.
pub(crate) fn above<'a>(folder: &'a Path, root: &'a Path) -> impl Iterator<Item = &'a Path> {
    let inside = !root.as_os_str().is_empty() && folder.starts_with(root);
    folder
        .ancestors()
        .take_while(move |above| if inside { above.starts_with(root) } else { *above == folder })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::above;

    #[test]
    fn folders_end_at_the_root() {
        for (folder, root, expected) in [
            ("/a/b/c", "/a", &["/a/b/c", "/a/b", "/a"][..]),
            ("/a", "/a", &["/a"]),
            ("/x/y", "/a", &["/x/y"]),
            ("/ab/c", "/a", &["/ab/c"]),
            ("/a/b", "", &["/a/b"]),
        ] {
            let found: Vec<&Path> = above(Path::new(folder), Path::new(root)).collect();
            let expected: Vec<&Path> = expected.iter().map(Path::new).collect();
            assert_eq!(found, expected, "{folder} {root}");
        }
    }
}
