//! What lies in a project and is not for its snippets: repositories, accepted output, ways to other processes.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::project::{Project, Run, document};

const SECRET: &str = "hunter2";

/// In every sandbox that this machine has: as the caller, as an ordinary user, and without namespaces.
fn everywhere(project: &Project, mut check: impl FnMut(Run, &str)) {
    let call = || project.call(&["run", "--format", "json", "-j", "1", "."]);
    let runs = [("a", call().run()), ("a", call().ordinary().run()), ("b", call().contained().run())];
    for (tier, run) in runs {
        // Machines without Landlock have no sandbox without namespaces.
        if run.code == 5 && tier == "b" {
            continue;
        }
        assert_eq!(run.summary()["sandbox"], tier, "{run:?}");
        check(run, tier);
    }
}

/// Prints every file with the secret that can be reached from the project, the working directory, or what is mounted.
fn search(project: &Project, named: &[&str]) -> String {
    format!(
        "
            import os
            root = {:?}
            mounts = [line.split()[4] for line in open('/proc/self/mountinfo')] if os.path.exists('/.session') else []
            places = [root, '.', '/.session', '/.stash', '/.layers', *mounts]
            files = [os.path.join(place, name) for place in (root, '.') for name in {named:?}]
            for place in places:
                if place == '/' or place.startswith(('/usr', '/etc', '/proc', '/dev')) or '/versions/' in place:
                    continue
                for folder, _, names in os.walk(place):
                    files += [os.path.join(folder, name) for name in names]
            for file in files:
                try:
                    if {:?} in open(file).read(1 << 20) and not file.endswith('.md') and not file.endswith('main.py'):
                        print('READ', file)
                except (OSError, UnicodeDecodeError):
                    pass
            print('searched', len(files) > 3)
        ",
        project.root().to_str().unwrap(),
        SECRET,
    )
}

#[track_caller]
fn finds_nothing(project: &Project, named: &[&str]) {
    let code = search(project, named);
    project.write("a.md", document(&[&code]));
    project.write("sub/b.md", document(&[&code]));
    everywhere(project, |run, tier| {
        for snippet in run.snippets() {
            assert_eq!(snippet["stdout"], "searched True\n", "tier {tier}: {}", run.stdout);
        }
        assert_eq!(run.snippets().len(), 2, "{}", run.stdout);
    });
}

#[test]
fn repositories_at_any_depth() {
    let project = Project::new(&[("data.txt", "1"), ("sub/data.txt", "2")]);
    let deep = ["d"; 40].join("/");
    let mut named = Vec::new();
    for folder in ["", "a/b/c/", "sub/x/y/", &format!("{deep}/")] {
        for repository in [".git", ".hg", ".svn", ".jj", ".bzr"] {
            let file = format!("{folder}{repository}/config");
            project.write(&file, SECRET);
            named.push(file);
        }
    }
    finds_nothing(&project, &named.iter().map(String::as_str).collect::<Vec<_>>());
}

/// A link, a bare repository, a submodule with a separate folder, a working tree of a repository with another name.
#[test]
fn repositories_of_other_shapes() {
    let project = Project::new(&[("data.txt", "1"), ("sub/data.txt", "2")]);
    let named = [
        "linked/.git/config",
        ".meta/config",
        "bare/config",
        "x/store/config",
        "x/shared/config",
        "x/shared/trees/t/config.worktree",
        "odd.git/hooks/pre-push",
    ];
    for file in &named[1..] {
        project.write(file, SECRET);
    }
    fs::create_dir(project.path("linked")).unwrap();
    symlink("../.meta", project.path("linked/.git")).unwrap();
    for bare in ["bare", "odd.git"] {
        project.write(&format!("{bare}/HEAD"), "ref: refs/heads/main\n");
        fs::create_dir_all(project.path(&format!("{bare}/objects/pack"))).unwrap();
        fs::create_dir_all(project.path(&format!("{bare}/refs/heads"))).unwrap();
    }
    project.write("module/.git", "gitdir: ../x/store\n");
    project.write("tree/.git", format!("gitdir: {}\n", project.path("x/shared/trees/t").display()));
    project.write("x/shared/trees/t/commondir", "../..\n");
    finds_nothing(&project, &named);
}

/// Paths that end beyond what the kernel takes in one piece.
#[test]
fn repositories_at_the_end_of_a_long_path() {
    let project = Project::new(&[("data.txt", "1"), ("sub/data.txt", "2")]);
    let long = vec!["n".repeat(250); 13].join("/");
    project.write(&format!("{long}/.git/config"), SECRET);
    let step = format!(
        "
            import os
            for _ in range(13):
                os.chdir({:?})
            print(open('.git/config').read())
        ",
        "n".repeat(250)
    );
    finds_nothing(&project, &[]);
    project.write("a.md", document(&[&step]));
    everywhere(&project, |run, tier| {
        assert!(!run.snippets()[0]["stdout"].to_string().contains(SECRET), "tier {tier}: {}", run.stdout);
    });
}

/// What only resembles a repository is shown, and nothing of a checkout can hide the rest of it.
#[test]
fn other_files_stay() {
    let project = Project::new(&[
        ("objects/a.txt", "a"),
        ("refs/b.txt", "b"),
        ("config", "c"),
        ("deep/expected/d.txt", "d"),
        ("deep/git/e.txt", "e"),
        ("sub/.git", "gitdir: ..\n"),
        ("sub/f.txt", "f"),
    ]);
    fs::create_dir(project.path("loop")).unwrap();
    symlink("..", project.path("loop/.git")).unwrap();
    symlink("/usr", project.path("deep/.git")).unwrap();
    symlink(".git", project.path("objects/.git")).unwrap();
    let names =
        "'objects/a.txt', 'refs/b.txt', 'config', 'deep/expected/d.txt', 'deep/git/e.txt', 'sub/f.txt'";
    let look = format!(
        "
            for folder in [{:?}, '.']:
                print(''.join(open(folder + '/' + name).read() for name in [{names}]))
        ",
        project.root()
    );
    project.write("a.md", document(&[&look]));
    everywhere(&project, |run, _| run.tells(&["passed completed | stdout abcdef⏎abcdef⏎"]));
}

/// The folder of a document is shown as it is, and snippets may make there what is hidden.
#[test]
fn what_is_hidden_beside_a_document_is_not_there() {
    let project =
        Project::new(&[(".git/config", SECRET), ("sub/.git/config", SECRET), ("sub/data.txt", "1")]);
    project.write("expected/old.md/old.snap", SECRET);
    fs::set_permissions(project.path("sub"), fs::Permissions::from_mode(0o775)).unwrap();
    let look = format!(
        "
            import os
            print(sorted(os.listdir('.')), sorted(os.listdir('sub')))
            one, other = os.stat('sub'), os.stat({:?})
            print(oct(one.st_mode), one.st_mtime_ns == other.st_mtime_ns)
            for name in ['.git', 'expected']:
                os.mkdir(name)
                print(os.listdir(name))
        ",
        project.path("sub")
    );
    project.write("a.md", document(&[&look]));
    for ordinary in [false, true] {
        let call = project.call(&["run", "--format", "json", "--sandbox=require-a", "a.md"]);
        let run = if ordinary { call.ordinary() } else { call }.run();
        run.tells(&["passed completed | stdout ['a.md', 'sub'] ['data.txt']⏎0o40775 True⏎[]⏎[]⏎"]);
    }
}

#[test]
fn accepted_output_is_out_of_sight() {
    let look = |project: &Project| {
        format!(
            "
                import glob, os
                print('one')
                for folder in ['.', {:?}, '/.session/files', '/.layers']:
                    for file in glob.glob(folder + '/**/*.snap*', recursive=True):
                        try:
                            print('READ', file, open(file).read())
                        except OSError:
                            pass
                print('expected' in os.listdir('.'), open('deep/expected/x.snap').read())
            ",
            project.root()
        )
    };
    let project = Project::new(&[("deep/expected/x.snap", "own")]);
    let code =
        look(&project).replace("deep/expected/x.snap').read()", "deep/expected/x.snap').read() == 'own'");
    let code = code.replace("print('READ'", "'deep' in file or print('READ'");
    project.write("a.md", document(&[&code]));
    assert_eq!(project.run(&["accept", "a.md"]).code, 0);
    project.write("expected/a.md/other-1.snap.new", SECRET);
    everywhere(&project, |run, tier| {
        assert_eq!(run.snippets()[0]["stdout"], "one\nFalse True\n", "tier {tier}: {}", run.stdout);
        assert_eq!(run.snippets()[0]["verdict"], "passed", "{}", run.stdout);
    });
}

#[test]
fn sockets_and_pipes_at_any_depth() {
    let project = Project::new(&[]);
    fs::create_dir_all(project.path("a/b/c/d")).unwrap();
    let service = project.path("a/b/c/d/service");
    let socket = UnixListener::bind(&service).unwrap();
    socket.set_nonblocking(true).unwrap();
    let pipe = project.path("a/b/c/d/pipe");
    mkfifo(&pipe, Mode::from_bits_truncate(0o666)).unwrap();
    for path in [&service, &pipe] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o666)).unwrap();
    }
    let attack = format!(
        "
            import os, socket
            for folder in ['.', {:?}]:
                try:
                    os.chdir(folder + '/a/b/c/d')
                    socket.socket(socket.AF_UNIX).connect('service')
                    print('connected')
                except OSError:
                    pass
            try:
                # A pipe of the project would wait for somebody to write.
                print(os.read(os.open({:?}, os.O_RDONLY), 1))
            except OSError:
                print(b'')
        ",
        project.root(),
        pipe
    );
    project.write("a.md", document(&[&attack]));
    everywhere(&project, |run, _| run.tells(&["passed completed | stdout b''⏎"]));
    assert_eq!(socket.accept().map(drop).map_err(|error| error.kind()), Err(ErrorKind::WouldBlock));
}

/// Where not everything is known that has to be hidden nothing runs in a sandbox.
#[test]
fn more_than_can_be_hidden() {
    let project = Project::document(&["print('runs')"]);
    fs::create_dir(project.path("many")).unwrap();
    for number in 0..=4096 {
        mkfifo(&project.path(&format!("many/{number}")), Mode::S_IRWXU).unwrap();
    }
    let run = project.run(&["run", "a.md"]);
    let error = "error: `[project]` has more than 4096 repositories, sockets and pipes to hide from snippets\n\
         hint: a `pyproject.toml` with `[tool.snipcheck]` makes a folder below it a project of its own, to start in\n";
    run.assert(2, "", error);
    project.json(&["--sandbox=off", "a.md"]).tells(&["passed completed | stdout runs⏎"]);
}
