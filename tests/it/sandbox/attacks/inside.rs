//! What a session finds beside itself in its namespaces: the first process, and what `/proc` says of the machine.

use crate::project::{Project, Run};

/// With namespaces, as the caller and as an ordinary user.
#[track_caller]
fn tells(code: &str, expected: &str) {
    let project = Project::document(&[code]);
    for ordinary in [false, true] {
        let call = project.call(&["run", "--format", "json", "--sandbox=require-a", "a.md"]);
        let run: Run = if ordinary { call.ordinary() } else { call }.run();
        run.tells(&[expected]);
    }
}

/// It keeps the clock, and ends the session.
#[test]
fn the_first_process_is_left_alone() {
    tells(
        "
            import ctypes, os, resource, signal, time
            libc = ctypes.CDLL(None, use_errno=True)
            group = ctypes.c_int(1)

            def call(answer):
                if answer < 0:
                    raise OSError(ctypes.get_errno(), 'refused')

            attempts = {
                'read a limit': lambda: resource.prlimit(1, resource.RLIMIT_NOFILE),
                'set a limit': lambda: resource.prlimit(1, resource.RLIMIT_CPU, (0, 0)),
                'processors': lambda: os.sched_setaffinity(1, [0]),
                'scheduler': lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0)),
                'parameters': lambda: os.sched_setparam(1, os.sched_param(0)),
                'priority': lambda: os.setpriority(os.PRIO_PROCESS, 1, 19),
                'priority of a user': lambda: os.setpriority(os.PRIO_USER, 0, 19),
                'priority of that user': lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19),
                'end': lambda: os.kill(1, signal.SIGTERM),
                'kill': lambda: os.kill(1, signal.SIGKILL),
                'wake': lambda: os.kill(1, signal.SIGCHLD),
                'open': lambda: os.pidfd_open(1),
                'thread': lambda: call(libc.tgkill(1, 1, signal.SIGTERM)),
                'queue': lambda: call(libc.sigqueue(1, signal.SIGTERM, None)),
                'trace': lambda: call(libc.ptrace(16, 1, None, None)),
                'input and output': lambda: call(libc.syscall(251, 1, 1, 0)),
                'memory': lambda: open('/proc/1/mem', 'rb'),
                'files': lambda: os.readlink('/proc/1/fd/0'),
                'variables': lambda: open('/proc/1/environ').read(),
                'score': lambda: open('/proc/1/oom_score_adj', 'w'),
                'grouping': lambda: open('/proc/1/autogroup', 'w'),
            }
            for name, attempt in attempts.items():
                try:
                    print(name, attempt())
                except OSError:
                    pass

            # Its own processes are a session's to set, and its clock goes on.
            resource.prlimit(os.getpid(), resource.RLIMIT_NOFILE, (100, 400))
            os.setpriority(os.PRIO_PROCESS, os.getpid(), 5)
            os.sched_setaffinity(os.getpid(), os.sched_getaffinity(0))
            time.sleep(3600)
            print('slept')
        ",
        "passed completed | stdout slept⏎",
    );
}

#[test]
fn nothing_says_which_machine_this_is() {
    tells(
        "
            import os
            files = ['cmdline', 'diskstats', 'keys', 'partitions', 'sys/kernel/random/boot_id']
            for path in ['/proc/' + name for name in files]:
                if os.path.exists(path) and (text := open(path).read()):
                    print(path, text)
            for path in ['/proc/bus', '/proc/fs', '/proc/scsi', '/sys', '/proc/device-tree']:
                if os.path.exists(path) and (names := os.listdir(path)):
                    print(path, names)
            groups = [line.rstrip().split(':', 2) for line in open('/proc/self/cgroup')]
            print({path for _, _, path in groups} <= {'/'}, os.uname().nodename)
            for name in ['cpuinfo', 'meminfo', 'stat', 'uptime', 'loadavg', 'version', 'self/status', 'sys/kernel/osrelease']:
                if not open('/proc/' + name).read():
                    print('missing', name)
        ",
        "passed completed | stdout True snipcheck⏎",
    );
}
