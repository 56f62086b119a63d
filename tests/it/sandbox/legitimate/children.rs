//! Child processes, signals, terminals and threads.

use crate::story::check;

#[test]
fn programs_are_run_and_read() {
    check(
        &["
            import subprocess, sys

            print(subprocess.run([sys.executable, '-c', 'print(6 * 7)'], capture_output=True, text=True, check=True).stdout)
            print(subprocess.check_output('echo $((1 + 1)) | tr 2 b', shell=True))
            print(subprocess.run(['cat'], input='through a pipe', capture_output=True, text=True).stdout)
            print(subprocess.run(['sh', '-c', 'echo bad >&2; exit 3'], capture_output=True))
            print(subprocess.getstatusoutput('false'))
        "],
        &["passed completed | stdout 42⏎⏎b'b\\n'⏎through a pipe⏎\
           CompletedProcess(args=['sh', '-c', 'echo bad >&2; exit 3'], returncode=3, stdout=b'', stderr=b'bad\\n')⏎(1, '')⏎"],
    );
}

#[test]
fn programs_that_take_too_long_are_ended_by_the_document() {
    check(
        &["
            import subprocess, signal

            try:
                subprocess.run(['sleep', '100'], timeout=0.05)
            except subprocess.TimeoutExpired as error:
                print(error.cmd, 'timed out' in str(error))
            child = subprocess.Popen(['sleep', '100'])
            child.terminate()
            print(child.wait(5) == -signal.SIGTERM)
            try:
                subprocess.run(['false'], check=True)
            except subprocess.CalledProcessError as error:
                print(error)
            try:
                subprocess.run(['no-such-program'])
            except FileNotFoundError as error:
                print(error)
        "],
        &["passed completed | stdout ['sleep', '100'] True⏎True⏎\
           Command '['false']' returned non-zero exit status 1.⏎\
           [Errno 2] No such file or directory: 'no-such-program'⏎"],
    );
}

#[test]
fn programs_print_where_the_document_does() {
    check(
        &["
            import os, subprocess, sys

            print('one')
            subprocess.run(['echo', 'two'])
            os.system('echo three')
            print(os.popen('echo four').read(), end='')
            child = subprocess.run([sys.executable, '-c', 'import sys; print(\"five\", file=sys.stderr)'])
        "],
        &["passed completed | stdout one⏎two⏎three⏎four⏎ | stderr five⏎"],
    );
}

#[test]
fn pipelines_and_surroundings_of_programs() {
    check(
        &["
            import os, subprocess, tempfile

            first = subprocess.Popen(['printf', 'b\\\\na\\\\n'], stdout=subprocess.PIPE)
            second = subprocess.Popen(['sort'], stdin=first.stdout, stdout=subprocess.PIPE, text=True)
            first.stdout.close()
            print(second.communicate(timeout=5)[0].split(), first.wait())
            with tempfile.TemporaryDirectory() as folder:
                out = subprocess.check_output('pwd; echo $WORD', shell=True, cwd=folder, env={**os.environ, 'WORD': 'w'})
                print(out.decode().split() == [folder, 'w'])
            print(subprocess.run(['sh', '-c', 'echo $0 $1', 'a', 'b'], stdout=subprocess.PIPE, umask=0o77).stdout)
        "],
        &["passed completed | stdout ['a', 'b'] 0⏎True⏎b'a b\\n'⏎"],
    );
}

#[test]
fn programs_of_the_system() {
    check(
        &["
            import os, shutil, subprocess

            def said(command):
                return subprocess.run(command, shell=True, capture_output=True, text=True, check=True).stdout.strip()

            print(said('whoami'), said('id -un'), said('id -G') == str(os.getgid()), said('basename $(pwd)') != '')
            print(said('expr 6 + 36'), said('seq 3 | paste -sd+'), said('date -u -d @0 +%Y'), said('printf %s \"$HOME\"') == os.environ['HOME'])
            print(said('mktemp').startswith(os.environ['TMPDIR']), said('nproc') == str(len(os.sched_getaffinity(0))))
            print(said('awk \"BEGIN { print 2 ^ 5 }\"'), said('echo abc | sed s/b/x/'), said('ls /proc/self/cwd') == 'a.md')
            print(tuple(shutil.get_terminal_size()), said('test -t 0 || echo none'), said('getconf PAGE_SIZE'))
        "],
        &["passed completed | stdout snippet snippet True True⏎42 1+2+3 1970 True⏎True True⏎32 axc True⏎(80, 24) none 4096⏎"],
    );
}

#[test]
fn children_are_set_up_as_one_likes() {
    check(
        &["
            import os, resource, subprocess, sys

            read, write = os.pipe()
            code = f'import os; os.write({write}, b\"passed on\")'
            child = subprocess.run([sys.executable, '-c', code], pass_fds=[write])
            print(os.read(read, 20))
            limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 28, 1 << 28))
            code = 'try: bytes(1 << 29)\\nexcept MemoryError: print(\"no memory\")'
            print(subprocess.run([sys.executable, '-c', code], preexec_fn=limit, capture_output=True, text=True).stdout)
            child = subprocess.Popen(['sleep', '100'], process_group=0)
            print(os.getpgid(child.pid) == child.pid, os.getsid(0) > 0)
            child.kill()
            print(child.wait(), subprocess.run(['sh', '-c', 'umask'], umask=0o27, capture_output=True).stdout)
            one = min(os.sched_getaffinity(0))
            os.sched_setaffinity(0, {one})
            print(os.sched_getaffinity(0) == {one}, subprocess.check_output(['nproc']))
        "],
        &["passed completed | stdout b'passed on'⏎no memory⏎⏎True True⏎-9 b'0027\\n'⏎True b'1\\n'⏎"],
    );
}

#[test]
fn forks_and_spawns_by_hand() {
    check(
        &["
            import os, sys

            read, write = os.pipe()
            child = os.fork()
            if child == 0:
                os.write(write, b'from the child')
                os._exit(7)
            _, status = os.waitpid(child, 0)
            print(os.read(read, 100), os.WIFEXITED(status), os.waitstatus_to_exitcode(status))
            child = os.posix_spawn('/bin/sh', ['sh', '-c', 'exit 4'], os.environ)
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            child = os.posix_spawnp(
                'echo', ['echo', 'spawned'], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, write, 1)]
            )
            info = os.waitid(os.P_PID, child, os.WEXITED)
            print(os.read(read, 100), info.si_status)
            print(os.spawnvp(os.P_WAIT, 'true', ['true']), os.getppid() > 0, os.getpgid(0) > 0)
        "],
        &["passed completed | stdout b'from the child' True 7⏎4⏎b'spawned\\n' 0⏎0 True True⏎"],
    );
}

#[test]
fn processes_have_handles() {
    check(
        &["
            import os, select, signal, subprocess

            child = subprocess.Popen(['sleep', '100'])
            handle = os.pidfd_open(child.pid)
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            print(select.select([handle], [], [], 5)[0] == [handle], child.wait())
            group = subprocess.Popen(['sh', '-c', 'sleep 100'], start_new_session=True)
            os.killpg(group.pid, signal.SIGTERM)
            print(group.wait())
        "],
        &["passed completed | stdout True -9⏎-15⏎"],
    );
}

#[test]
fn signals_arrive() {
    check(
        &["
            import os, signal, threading, time

            def handler(number, frame):
                print(signal.Signals(number).name)

            for number in (signal.SIGALRM, signal.SIGUSR1, signal.SIGCHLD, signal.SIGVTALRM):
                signal.signal(number, handler)
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            signal.pause()
            signal.alarm(1)
            print(signal.alarm(0))
            os.kill(os.getpid(), signal.SIGUSR1)
            signal.raise_signal(signal.SIGUSR1)
            signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
            if (child := os.fork()) == 0:
                os._exit(0)
            print(os.waitpid(child, 0)[1])
            for number in (signal.SIGALRM, signal.SIGUSR1, signal.SIGCHLD, signal.SIGVTALRM):
                signal.signal(number, signal.SIG_DFL)
        "],
        &["passed completed | stdout SIGALRM⏎1⏎SIGUSR1⏎SIGUSR1⏎SIGUSR1⏎SIGCHLD⏎0⏎"],
    );
}

#[test]
fn signals_are_waited_for() {
    check(
        &["
            import os, signal

            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2, signal.SIGTERM])
            os.kill(os.getpid(), signal.SIGUSR2)
            print(signal.sigpending(), signal.sigwait([signal.SIGUSR2]).name)
            os.kill(os.getpid(), signal.SIGTERM)
            print(signal.sigtimedwait([signal.SIGTERM], 5).si_signo == signal.SIGTERM)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR2, signal.SIGTERM])
            try:
                os.kill(os.getpid(), signal.SIGINT)
                signal.pause()
            except KeyboardInterrupt:
                print('interrupted')
        "],
        &["passed completed | stdout {<Signals.SIGUSR2: 12>} SIGUSR2⏎True⏎interrupted⏎"],
    );
}

#[test]
fn terminals_are_made() {
    check(
        &["
            import os, pty, sys, termios, tty

            master, slave = pty.openpty()
            print(os.isatty(slave), os.ttyname(slave).startswith('/dev/pts/'), os.path.exists(os.ttyname(slave)))
            tty.setraw(slave)
            os.write(slave, b'to the master')
            print(os.read(master, 100), len(termios.tcgetattr(slave)))
            child, terminal = pty.fork()
            if child == 0:
                os.write(1, b'tty' if sys.stdin is not None and os.isatty(0) else b'none')
                os._exit(0)
            print(os.read(terminal, 100), os.waitpid(child, 0)[1])
            print(sys.stdin.isatty(), sys.stdout.isatty())
        "],
        &["passed completed | stdout True True True⏎b'to the master' 7⏎b'tty' 0⏎False False⏎"],
    );
}

#[test]
fn a_hundred_threads() {
    check(
        &["
            import queue, threading

            barrier, results, lock = threading.Barrier(100), queue.Queue(), threading.Lock()

            def work(number):
                barrier.wait(5)
                with lock:
                    results.put(number)

            threads = [threading.Thread(target=work, args=(number,)) for number in range(100)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            print(sum(results.queue), threading.active_count())
        "],
        &["passed completed | stdout 4950 1⏎"],
    );
}

#[test]
fn threads_have_their_tools() {
    check(
        &["
            import contextvars, threading, _thread

            local, condition, seen = threading.local(), threading.Condition(), []

            def work():
                local.name = threading.current_thread().name
                with condition:
                    seen.append(local.name)
                    condition.notify()

            with condition:
                thread = threading.Thread(target=work, name='worker')
                thread.start()
                print(condition.wait(5), seen, hasattr(local, 'name'))
            thread.join()
            print(threading.stack_size(1 << 20), thread.native_id > 0, threading.get_native_id() > 0)
            threading.excepthook = lambda hooked: print('hook', hooked.exc_value)
            thread = threading.Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()
        "],
        &["passed completed | stdout True ['worker'] False⏎0 True True⏎hook division by zero⏎"],
    );
}

#[test]
fn coroutines_run_programs_and_threads() {
    check(
        &["
            import asyncio, sys

            async def main():
                child = await asyncio.create_subprocess_exec(
                    sys.executable, '-c', 'print(input()[::-1])',
                    stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                )
                print((await child.communicate(b'abc'))[0], child.returncode)
                shell = await asyncio.create_subprocess_shell('echo shell; exit 2', stdout=asyncio.subprocess.PIPE)
                print((await shell.communicate())[0], shell.returncode)
                print(await asyncio.to_thread(sum, [1, 2]))
                try:
                    async with asyncio.timeout(0.01):
                        await asyncio.Event().wait()
                except TimeoutError:
                    print('timeout')
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(asyncio.sleep(0.001 * n, n)) for n in (3, 1, 2)]
                print([task.result() for task in tasks])

            asyncio.run(main())
        "],
        &["passed completed | stdout b'cba\\n' 0⏎b'shell\\n' 2⏎3⏎timeout⏎[3, 1, 2]⏎"],
    );
}

#[test]
fn coroutines_hear_signals() {
    check(
        &["
            import asyncio, os, signal

            async def main():
                heard = asyncio.Event()
                asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, heard.set)
                os.kill(os.getpid(), signal.SIGUSR1)
                await asyncio.wait_for(heard.wait(), 5)
                print('heard')

            asyncio.run(main())
        "],
        &["passed completed | stdout heard⏎"],
    );
}
