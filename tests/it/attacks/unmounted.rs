//! Attacks where there are no namespaces, and Landlock is the wall. Without Landlock nothing runs there.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use crate::project::{Project, Run, document};

/// `None` on machines that grant this sandbox to nobody.
fn run(project: &Project) -> Option<Run> {
    let run = project.call(&["run", "--format", "json", "-j", "1", "."]).contained().run();
    let is_there = run.code != 5;
    assert!(is_there || run.stdout.is_empty(), "{}", run.stdout);
    is_there.then_some(run)
}

#[test]
fn links_open_nothing() {
    let project =
        Project::new(&[(".git/config", "token"), ("data.csv", "1,2"), ("sub/.git/config", "token")]);
    let secret = project.home().join("secret");
    fs::create_dir(&secret).unwrap();
    fs::write(secret.join("key"), "hunter2").unwrap();
    symlink(&secret, project.path("docs")).unwrap();
    let root = project.root();
    let look = format!(
        "
            for path in ['{0}/docs/key', '{1}/key', '{0}/.git/config', '{0}/sub/.git/config', 'docs/key', 'data.csv']:
                try:
                    print(open(path).read())
                except OSError:
                    pass
        ",
        root.display(),
        secret.display()
    );
    project.write("a.md", document(&[&look]));
    let Some(run) = run(&project) else { return };
    run.tells(&["passed completed | stdout 1,2⏎"]);
}

#[test]
fn other_processes_keep_their_priority() {
    let mut neighbour = Command::new("sleep").arg("100").stdin(Stdio::null()).spawn().unwrap();
    let nice = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit(')').next().unwrap().split_whitespace().nth(16).unwrap().to_owned()
    };
    let before = nice(neighbour.id());
    let project = Project::document(&["
        import os
        for which, who in [(os.PRIO_USER, 0), (os.PRIO_USER, os.getuid()), (os.PRIO_PROCESS, os.getppid())]:
            try:
                os.setpriority(which, who, 19)
                print('set', which, who)
            except PermissionError:
                pass
        os.setpriority(os.PRIO_PROCESS, 0, 19)
    "]);
    let run = run(&project);
    let after = nice(neighbour.id());
    neighbour.kill().unwrap();
    neighbour.wait().unwrap();
    assert_eq!(before, after);
    if let Some(run) = run {
        run.tells(&["passed completed"]);
    }
}

#[test]
fn files_that_cannot_be_found_are_counted() {
    let write = "for number in range(4):\n    with open(str(number), 'wb') as file:\n        for _ in range(50):\n            file.write(bytes(1 << 20))\nimport time\ntime.sleep(2)";
    for hide in [
        "import os\nos.mkdir('x', 0o300)\nos.chdir('x')",
        "import os\nfor _ in range(30):\n    os.mkdir('d' * 200)\n    os.chdir('d' * 200)",
        "import builtins, os\nkept = []\ndef open(name, mode):\n    kept.append(builtins.open(name, mode))\n    os.unlink(name)\n    return os.fdopen(os.dup(kept[-1].fileno()), mode)",
    ] {
        let project = Project::document(&[&format!("{hide}\n{write}")]);
        let Some(run) = run(&project) else { return };
        assert_eq!(run.snippets()[0]["cause"]["kind"], "disk", "{hide}\n{}", run.stdout);
    }
}
