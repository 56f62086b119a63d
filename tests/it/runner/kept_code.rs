//! What lanes have compiled of the worker's own code, kept in the cache.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use crate::project::{Project, document};

fn project() -> Project {
    Project::unknown(&[("a.md", &document(&["print('runs')"]))])
}

#[track_caller]
fn run(project: &Project) {
    project.json(&["a.md"]).tells(&["passed completed | stdout runs⏎"]);
}

#[track_caller]
fn file(project: &Project) -> PathBuf {
    let mut files = fs::read_dir(project.memory().join("worker")).unwrap();
    let file = files.next().unwrap().unwrap().path();
    assert!(files.next().is_none());
    file
}

#[test]
fn it_is_compiled_once() {
    let project = project();
    run(&project);
    let file = file(&project);
    let first = fs::metadata(&file).unwrap();
    assert!(first.size() > 50_000, "{}", first.size());
    run(&project);
    assert_eq!(fs::metadata(&file).unwrap().ino(), first.ino());
}

#[test]
fn a_broken_file_is_replaced() {
    let project = project();
    run(&project);
    let file = file(&project);
    let whole = fs::read(&file).unwrap();

    let (mut changed, mut of_another_python) = (whole.clone(), whole.clone());
    changed[whole.len() / 2] ^= 1;
    of_another_python[0] ^= 1;
    for broken in [b"", &whole[..3], &whole[..15], &whole[..40_000], &changed, &of_another_python] {
        fs::write(&file, broken).unwrap();
        run(&project);
        assert_eq!(fs::read(&file).unwrap().len(), whole.len(), "{}", broken.len());
    }
}

/// Its code would run with the rights of a lane.
#[test]
fn a_file_that_others_may_write_does_not_count() {
    let project = project();
    run(&project);
    let file = file(&project);
    let before = fs::metadata(&file).unwrap().ino();
    fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
    run(&project);
    let after = fs::metadata(&file).unwrap();
    assert_ne!(after.ino(), before);
    assert_eq!(after.mode() & 0o022, 0);
}

#[test]
fn what_cannot_be_kept_is_compiled_again() {
    let project = project();
    fs::create_dir_all(project.memory()).unwrap();
    fs::write(project.memory().join("worker"), "a file").unwrap();
    run(&project);
    run(&project);
    assert_eq!(fs::read_to_string(project.memory().join("worker")).unwrap(), "a file");
}
