//! What snippets leave in their folders of the machine, where no sandbox has its own: nothing of it stays.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::signal::Signal;

use crate::project::{EXECUTABLE, Project, document, eventually, search_path};

const MESS: &str = "
    import os, pathlib
    scratch = os.path.dirname(os.getcwd())
    pathlib.Path('a/b/c').mkdir(parents=True)
    pathlib.Path('a/b/c/file').write_text('x')
    for folder in ['a/b/c', 'a/b', 'a', '.', os.environ['HOME'], os.environ['TMPDIR'], scratch]:
        pathlib.Path(folder).chmod(0)
";
const DEEP: &str = r"
    import os, socket
    os.mkfifo('pipe')
    unix = socket.socket(socket.AF_UNIX)
    unix.bind('socket')
    open(b'\xff\n', 'w').close()
    os.truncate(b'\xff\n', 1 << 25)
    os.symlink('/etc', 'link')
    for _ in range(3000):
        os.mkdir('deeper')
        os.chdir('deeper')
";

#[test]
fn nothing_stays_on_the_machine() {
    let project = Project::new(&[("a.md", &document(&[MESS])), ("b.md", &document(&[DEEP]))]);
    let temporary = project.home().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let run = project
        .call(&["run", "--format", "json", "--sandbox=off", "a.md", "b.md"])
        .env("TMPDIR", &temporary)
        .run();
    run.tells(&["passed completed", "passed completed"]);
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
}

/// Root may enter folders that are closed to everybody.
#[test]
fn nothing_of_an_ordinary_user_stays_either() {
    let project = Project::new(&[("a.md", &document(&[MESS])), ("b.md", &document(&[DEEP]))]);
    let temporary = project.home().join("tmp");
    fs::create_dir(&temporary).unwrap();
    for folder in [project.home(), &temporary, &project.root()] {
        fs::set_permissions(folder, Permissions::from_mode(0o777)).unwrap();
    }
    // The original may be in a folder that is closed to others.
    let executable = project.home().join("snipcheck");
    fs::copy(&*EXECUTABLE, &executable).unwrap();
    // And so may be its libpython: then nobody else can start it.
    let somebody = nix::unistd::geteuid().is_root()
        && Command::new(&executable)
            .arg("--version")
            .uid(65534)
            .gid(65534)
            .output()
            .is_ok_and(|output| output.status.success());
    let mut command = Command::new(executable);
    command
        .args(["run", "--sandbox=off", "a.md", "b.md"])
        .current_dir(project.root())
        .env_clear()
        .env("PATH", search_path())
        .env("TMPDIR", &temporary);
    if somebody {
        command.uid(65534).gid(65534);
    }
    let output = command.output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("2 snippets in 2 documents: 2 passed"), "{stdout}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
}

#[test]
fn what_cannot_be_removed_is_told() {
    let project = Project::document(&["
        import os
        scratch = os.path.dirname(os.environ['HOME'])
        os.rename(scratch, scratch + '-moved')
        os.symlink(os.path.abspath(scratch + '/../../kept'), scratch)
    "]);
    let temporary = project.home().join("tmp");
    fs::create_dir_all(temporary.join("kept")).unwrap();
    fs::write(temporary.join("kept/file"), "kept").unwrap();
    let run = project.call(&["run", "--sandbox=off", "a.md"]).env("TMPDIR", &temporary).run();
    assert_eq!((run.code, &*run.stderr), (0, ""), "{}", run.stdout);
    let note = format!("note: the scratch folder `{}/snipcheck-", temporary.display());
    assert!(run.stdout.contains(&note), "{}", run.stdout);
    assert!(run.stdout.contains("` could not be removed: Not a directory (os error 20)\n"), "{}", run.stdout);
    assert_eq!(fs::read_to_string(temporary.join("kept/file")).unwrap(), "kept");
}

#[track_caller]
fn killed_with(prefix: &str, arguments: &[&str]) {
    let project = Project::unknown(&[("a.md", &document(&["while True: pass"]))]);
    let temporary = project.home().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let found = || -> Vec<String> {
        let entries = fs::read_dir(&temporary).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let running = project.call(arguments).env("TMPDIR", &temporary).start();
    eventually("its folder is there", || found().iter().any(|name| name.starts_with(prefix)));
    running.signal(Signal::SIGKILL);
    assert_eq!(running.finish().code, -9);
    eventually("its folder is gone", || found().is_empty());
}

#[test]
fn a_killed_run_leaves_no_folder_of_its_sessions() {
    killed_with("snipcheck-", &["run", "--sandbox=off", "a.md"]);
}

#[test]
fn a_killed_self_test_leaves_no_canary() {
    killed_with("snipcheck-canary-", &["run", "a.md"]);
}
