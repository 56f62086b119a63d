//! Whoever gets hold of a lane gets hold of its rights; and code of packages, which looks for them at its start.

use std::fs;
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, setns};
use nix::sys::signal::Signal;
use nix::unistd::Pid;

use crate::project::{Project, VERSION, document, eventually};
use crate::sessions::interpreter::environment;

const NOTHING: Option<&str> = None;

/// What code at a start may find: sets that are empty, refusals, and no place to write but those of its session.
const ATTACK: &str = r"
import builtins, ctypes, os, threading

def attempt(path):
    try:
        os.close(os.open(path + '/pwned', os.O_CREAT | os.O_WRONLY))
        return True
    except OSError:
        return False

libc = ctypes.CDLL(None, use_errno=True)
status = dict(line.split(':\t') for line in open('/proc/self/status').read().splitlines())
mounts = [line.split()[4] for line in open('/proc/self/mountinfo')]
calls = []
for place in mounts:
    calls.append(libc.mount(b'none', place.encode(), None, 32 | 4096, None))
    calls.append(libc.umount2(place.encode(), 2))
own = ('/tmp', '/doc', '/home', '/dev/shm', '/.session')
builtins.attack = [
    os.getpid(),
    sorted({int(status[name], 16) for name in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb')}),
    set(calls),
    [place for place in mounts if os.path.isdir(place) and attempt(place) and not place.startswith(own)],
]
threading.Thread(target=threading.Event().wait, daemon=True).start()
";

const LOOK: &str = "
    import builtins, os, sys, threading
    pid, *rights = builtins.attack
    print(pid == os.getpid(), rights, sys.flags.no_site, threading.active_count(), hasattr(builtins, 'seen'))
    builtins.seen = builtins.attack = None
";

fn packages(name: &str) -> String {
    format!(".venv/lib/python{VERSION}/site-packages/{name}")
}

#[test]
fn packages_have_no_rights_at_their_start() {
    for (file, text) in [
        ("x.pth", "import evil\n"),
        ("x.pth", "import os; import evil; os.environ.pop('X', None)\n/usr\n"),
        ("sitecustomize.py", "import evil\n"),
        ("usercustomize.py", "import evil\n"),
    ] {
        let project = Project::new(&[("a.md", &document(&[LOOK])), ("b.md", &document(&[LOOK]))]);
        environment(&project, ".venv");
        let settings = project.read(".venv/pyvenv.cfg").replace("packages = false", "packages = true");
        project.write(".venv/pyvenv.cfg", settings);
        project.write(&packages("evil.py"), ATTACK);
        project.write(&packages(file), text);
        let files = project.files();
        let told = "passed completed | stdout True [[0], {-1}, []] 0 2 False⏎";
        let words = ["run", "--format", "json", "-j", "1", "."];
        for call in [project.call(&words), project.call(&words).root_of_namespace()] {
            call.env("VIRTUAL_ENV", project.path(".venv")).run().tells(&[told, told]);
        }
        project.json(&["-j", "1", ".", "--trust"]).tells(&[told, told]);
        project.json(&["-j", "1", ".", "--untrusted"]).tells(&[told, told]);
        assert_eq!(project.files(), files);
    }
}

/// `PYTHONPATH` of the caller may name a folder of the project.
#[test]
fn a_lane_imports_nothing_from_the_search_path() {
    let project = Project::new(&[("a.md", &document(&[LOOK])), ("b.md", &document(&[LOOK]))]);
    for module in ["os", "site", "io", "gc", "encodings", "stat", "traceback", "_frozen_importlib_external"] {
        project.write(&format!("src/{module}.py"), "import builtins\nbuiltins.attack = [0, 'imported']\n");
    }
    project.write("src/sitecustomize.py", ATTACK);
    let variable = format!("PYTHONPATH={}", project.path("src").display());
    let told = "passed completed | stdout True [[0], {-1}, []] 0 2 False⏎";
    project.json(&["-j", "1", ".", "--env", &variable]).tells(&[told, told]);
}

/// Of all its threads.
fn children(process: Pid) -> Vec<i32> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).unwrap().flatten();
    let children =
        threads.map(|thread| fs::read_to_string(thread.path().join("children")).unwrap_or_default());
    children
        .flat_map(|found| found.split_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<_>>())
        .collect()
}

/// Takes the place of a lane: with all capabilities of its namespaces it neither opens nor uncovers anything.
#[test]
fn mounts_of_a_lane_are_locked() {
    let project = Project::new(&[
        ("a.md", "```python timeout=60s\nwhile True: pass\n```\n"),
        ("b.md", &document(&["print('tried')"])),
        (".git/config", "token"),
        ("data.txt", "data"),
    ]);
    let call = |words: &[&str], in_namespace| {
        let call = project.call(&[&["run", "--format", "json"], words].concat());
        if in_namespace { call.root_of_namespace() } else { call }
    };
    for in_namespace in [false, true] {
        // The self-test has a lane of its own, which is out of the way then.
        call(&["b.md"], in_namespace).run().tells(&["passed completed | stdout tried⏎"]);
        let running = call(&["--timeout", "60s", "a.md"], in_namespace).start();
        let mut lane = 0;
        eventually("a lane with a session", || {
            let mut children = children(running.pid());
            children.sort_unstable();
            lane = children.first().copied().unwrap_or_default();
            children.len() > 1
        });
        let [users, mounts] =
            ["user", "mnt"].map(|name| fs::File::open(format!("/proc/{lane}/ns/{name}")).unwrap());
        let (root, git) = (project.root(), project.path(".git"));
        let mut thief = Command::new("true");
        let steal = move || {
            setns(users.as_fd(), CloneFlags::CLONE_NEWUSER)?;
            setns(mounts.as_fd(), CloneFlags::CLONE_NEWNS)?;
            let writable = MsFlags::MS_REMOUNT | MsFlags::MS_BIND;
            let opened = mount(NOTHING, &root, NOTHING, writable, NOTHING);
            let uncovered = umount2(&git, MntFlags::MNT_DETACH);
            let system = mount(NOTHING, "/usr", NOTHING, writable, NOTHING);
            match (opened, uncovered, system) {
                (Err(Errno::EPERM), Err(Errno::EINVAL), Err(Errno::EPERM)) => Ok(()),
                _ => Err(std::io::Error::from_raw_os_error(Errno::EUCLEAN as i32)),
            }
        };
        // SAFETY: between fork and exec only system calls are made; the paths were built before.
        unsafe { thief.pre_exec(steal) };
        let status = thief.status();
        running.signal(Signal::SIGTERM);
        running.finish();
        assert!(status.unwrap().success());
    }
}
