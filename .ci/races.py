#!/usr/bin/env python3
"""Races timeouts against events that are under way, thousands of times, on the virtual clock.

A wait that times out although somebody was about to end it, one that takes another time than it says, or one that
never ends: each is a wrong jump of the clock, and fails. Usage: races.py SNIPCHECK [ROUNDS [LOAD]]; LOAD is a number of
busy processes beside it.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

COMMON = '''
import os, queue, random, signal, sys, threading, time
random.seed(SEED)
PATIENCE = 5.0

def spin(least=10e-6, most=500e-6):
    """Computes for so many seconds of CPU time."""
    end = time.thread_time() + random.uniform(least, most)
    while time.thread_time() < end:
        pass

def pause():
    """Sleeps for none or some of the patience of whoever waits. Returns how long."""
    length = random.choice([0, 0, 0, 0.01, 0.5, 2.0, 4.99])
    if length:
        time.sleep(length)
    return length

class Measured:
    """Asserts that what it encloses takes as long as it should."""
    def __init__(self, wanted=None):
        self.wanted = wanted
    def __enter__(self):
        self.began = time.monotonic()
        return self
    def __exit__(self, kind, value, trace):
        if kind is None and self.wanted is not None:
            took = time.monotonic() - self.began
            assert abs(took - self.wanted) < 0.01, (took, self.wanted)

class Peer:
    """A thread that does what it is told, and waits for that without a timeout."""
    def __init__(self):
        self.jobs = queue.SimpleQueue()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()
    def work(self):
        while True:
            self.jobs.get()()
    def do(self, job):
        self.jobs.put(job)

def noise(stop):
    """Deadlines of somebody else."""
    while not stop.is_set():
        time.sleep(random.choice([0.003, 0.01, 0.7]))

def race(rounds, once):
    for number in range(rounds):
        try:
            once(number)
        except BaseException as error:
            error.add_note(f"round {number}")
            raise
'''

PEER = '''
peer = Peer()

def against(finish, wait, wanted=True):
    """The peer computes, perhaps sleeps, and ends the wait."""
    length = random.choice([0, 0, 0, 0.01, 0.5, 2.0, 4.99])
    def job():
        spin()
        if length:
            time.sleep(length)
            spin()
        finish()
    with Measured(length):
        peer.do(job)
        result = wait()
        assert result == wanted, ("timed out", result, length)
'''

KINDS = {}


def kind(name, code, share=1.0):
    KINDS[name] = (code, share)


for name, code in {
    "event": "e = threading.Event(); against(e.set, lambda: e.wait(PATIENCE))",
    "event_nobody": "e = threading.Event()\n    with Measured(1.25): assert not e.wait(1.25)",
    "lock": "l = threading.Lock(); l.acquire(); against(l.release, lambda: l.acquire(timeout=PATIENCE))",
    "semaphore": "s = threading.Semaphore(0); against(s.release, lambda: s.acquire(timeout=PATIENCE))",
    "queue": "q = queue.Queue(); against(lambda: q.put(1), lambda: q.get(timeout=PATIENCE), 1)",
    "barrier": "b = threading.Barrier(2); against(b.wait, lambda: b.wait(PATIENCE) in (0, 1))",
    "timer_cancelled": """
    fired = []
    t = threading.Timer(1.0, fired.append, [1]); t.start()
    with Measured(0.5): time.sleep(0.5)
    t.cancel(); t.join(); time.sleep(1)
    assert not fired""",
    "timer": """
    e = threading.Event()
    with Measured(1.0):
        threading.Timer(1.0, e.set).start()
        assert e.wait(1.01)""",
    "condition": """
    c = threading.Condition(); ready = []
    def finish():
        with c: ready.append(1); c.notify()
    def wait():
        with c: return c.wait_for(lambda: ready, PATIENCE) == [1]
    against(finish, wait)""",
    "pipe_select": """
    import select
    r, w = os.pipe()
    against(lambda: os.write(w, b"x"), lambda: select.select([r], [], [], PATIENCE)[0], [r])
    os.close(r); os.close(w)""",
    "pipe_poll": """
    import select
    r, w = os.pipe(); p = select.poll(); p.register(r, select.POLLIN)
    against(lambda: os.write(w, b"x"), lambda: len(p.poll(5000)), 1)
    os.close(r); os.close(w)""",
    "pipe_epoll": """
    import select
    r, w = os.pipe(); p = select.epoll(); p.register(r, select.EPOLLIN)
    against(lambda: os.close(w), lambda: len(p.poll(5)), 1)
    os.close(r); p.close()""",
    "socketpair": """
    import socket
    a, b = socket.socketpair(); a.settimeout(PATIENCE)
    against(lambda: b.send(b"x"), lambda: a.recv(1), b"x")
    a.close(); b.close()""",
    "udp": """
    import socket
    a = socket.socket(type=socket.SOCK_DGRAM); a.bind(("127.0.0.1", 0)); a.settimeout(PATIENCE)
    b = socket.socket(type=socket.SOCK_DGRAM)
    against(lambda: b.sendto(b"x", a.getsockname()), lambda: a.recv(1), b"x")
    a.close(); b.close()""",
    "tcp_connect": """
    import socket
    a = socket.create_server(("127.0.0.1", 0)); a.settimeout(PATIENCE)
    b = socket.socket()
    against(lambda: b.connect(a.getsockname()), lambda: len(a.accept()), 2)
    a.close(); b.close()""",
    "tcp": """
    import socket
    if not n % 50:
        global a, b
        s = socket.create_server(("127.0.0.1", 0)); b = socket.create_connection(s.getsockname()); a = s.accept()[0]
        a.settimeout(PATIENCE); s.close()
    size = random.choice([1, 1, 1000, 50000])
    def wait():
        got = 0
        while got < size: got += len(a.recv(65536))
        return got
    def finish():
        b.sendall(bytes(size // 2)); b.sendall(bytes(size - size // 2))
    against(finish, wait, size)""",
    "future": """
    import concurrent.futures
    f = concurrent.futures.Future()
    against(lambda: f.set_result(7), lambda: f.result(PATIENCE), 7)""",
    "kill_sleep": """
    hits = []
    signal.signal(signal.SIGUSR1, lambda *_: hits.append(time.monotonic()))
    began = time.monotonic()
    length = random.choice([0.01, 0.5, 1.25])
    def job():
        spin(); time.sleep(length); spin()
        os.kill(os.getpid(), signal.SIGUSR1)
    peer.do(job)
    with Measured(2): time.sleep(2)
    assert len(hits) == 1 and abs(hits[0] - began - length) < 0.01, (hits, began, length)""",
    "kill_lock": """
    hits = []
    signal.signal(signal.SIGUSR1, lambda *_: hits.append(time.monotonic()))
    began = time.monotonic()
    def job():
        spin(); time.sleep(0.5); spin()
        os.kill(os.getpid(), signal.SIGUSR1)
    peer.do(job)
    l = threading.Lock(); l.acquire()
    with Measured(2): assert not l.acquire(timeout=2)
    assert len(hits) == 1 and abs(hits[0] - began - 0.5) < 0.01, (hits, began)""",
    "sigtimedwait": """
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
    against(lambda: signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR2),
            lambda: getattr(signal.sigtimedwait([signal.SIGUSR2], PATIENCE), "si_signo", None), signal.SIGUSR2)""",
    "itimer": """
    class Stop(Exception): pass
    def stop(*_): raise Stop
    signal.signal(signal.SIGALRM, stop)
    at = random.choice([0.25, 1.0, 3.0])
    with Measured(at):
        signal.setitimer(signal.ITIMER_REAL, at)
        try: time.sleep(PATIENCE)
        except Stop: pass
        else: raise AssertionError("alarm never came")""",
    "intervals": """
    ticks = []
    signal.signal(signal.SIGALRM, lambda *_: ticks.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
    with Measured(1.05): time.sleep(1.05)
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert len(ticks) == 10, ticks""",
    "sleep_thread": """
    with Measured(2.0):
        t = threading.Thread(target=lambda: (spin(), time.sleep(2))); t.start(); t.join()""",
    "many": """
    ends = []
    def nap(length): time.sleep(length); ends.append(length)
    lengths = [random.randrange(1, 300) / 100 for _ in range(12)]
    threads = [threading.Thread(target=nap, args=(l,)) for l in lengths]
    with Measured(max(lengths)):
        for t in threads: t.start()
        for t in threads: t.join()
    assert ends == sorted(lengths), ends""",
}.items():
    share = 0.2 if name in ("many", "timer", "timer_cancelled", "intervals") else 1.0
    kind(name, PEER + f"def once(n):\n    {code}\nrace(ROUNDS, once)\n", share)

for name, code in {
    "aio_event": """
        e = asyncio.Event()
        peer.do(lambda: (spin(), time.sleep(length), spin(), loop.call_soon_threadsafe(e.set)))
        with Measured(length): await asyncio.wait_for(e.wait(), PATIENCE)""",
    "aio_queue": """
        q = asyncio.Queue()
        async def give():
            await asyncio.sleep(length); spin(); await q.put(1)
        task = asyncio.create_task(give())
        with Measured(length):
            async with asyncio.timeout(PATIENCE): await q.get()
        await task""",
    "aio_thread": """
        def job(): spin(); time.sleep(length); spin()
        with Measured(length): await asyncio.wait_for(asyncio.to_thread(job), PATIENCE)""",
    "aio_timeout": """
        with Measured(length + 0.01):
            try: await asyncio.wait_for(asyncio.Event().wait(), length + 0.01)
            except TimeoutError: pass
            else: raise AssertionError""",
    "aio_tcp": """
        async def serve(reader, writer):
            spin(); data = await reader.read(10); await asyncio.sleep(length)
            writer.write(data); await writer.drain(); writer.close()
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            with Measured(length):
                async with asyncio.timeout(PATIENCE):
                    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
                    writer.write(b"x"); assert await reader.read(10) == b"x"
            writer.close()""",
}.items():
    kind(
        name,
        "import asyncio"
        + PEER
        + f"""
async def main():
    loop = asyncio.get_running_loop()
    for n in range(ROUNDS):
        length = random.choice([0, 0, 0.01, 0.5, 2.0, 4.9])
{code}
asyncio.run(main())
""",
        0.3 if name == "aio_tcp" else 1.0,
    )

MP = """
import multiprocessing
mp = multiprocessing.get_context(METHOD)

def peer(jobs, event, queue, pipe, semaphore):
    random.seed(SEED + 1)
    while (job := jobs.recv()):
        name, length = job
        spin()
        if length:
            time.sleep(length); spin()
        if name == "event": event.set()
        elif name == "queue": queue.put(1)
        elif name == "pipe": pipe.send(1)
        else: semaphore.release()

def main():
    jobs, theirs = mp.Pipe(); event = mp.Event(); queue = mp.Queue(); pipe, end = mp.Pipe(); semaphore = mp.Semaphore(0)
    process = mp.Process(target=peer, args=(theirs, event, queue, end, semaphore), daemon=True); process.start()
    jobs.send(("event", 0)); event.wait()
    for n in range(ROUNDS):
        name = random.choice(["event", "queue", "pipe", "semaphore"])
        length = random.choice([0, 0, 0, 0.01, 0.5, 2.0, 4.9])
        event.clear()
        with Measured(length):
            jobs.send((name, length))
            match name:
                case "event": assert event.wait(PATIENCE), (n, name, length)
                case "queue": assert queue.get(timeout=PATIENCE) == 1
                case "pipe": assert pipe.poll(PATIENCE) and pipe.recv() == 1, (n, name, length)
                case "semaphore": assert semaphore.acquire(timeout=PATIENCE), (n, name, length)
    jobs.send(None); process.join(PATIENCE); assert process.exitcode == 0

if __name__ == "__main__":
    main()
"""
for method in ("fork", "spawn", "forkserver"):
    kind(f"mp_{method}", MP.replace("METHOD", repr(method)), 1.0)

FORKED = """
def once(n):
    length = random.choice([0, 0, 0.01, 0.5, 2.0])
    %s
race(ROUNDS, once)
"""
for name, code in {
    "join": """
    import multiprocessing
    def work(): random.seed(n); spin(); time.sleep(length); spin()
    p = multiprocessing.get_context("fork").Process(target=work)
    with Measured(length):
        p.start(); p.join(PATIENCE); assert p.exitcode == 0, p.exitcode""",
    "child_kills": """
    class Stop(Exception): pass
    def stop(*_): raise Stop
    signal.signal(signal.SIGUSR1, stop)
    with Measured(length):
        try:
            if not (pid := os.fork()):
                try: spin(); time.sleep(length); os.kill(os.getppid(), signal.SIGUSR1)
                finally: os._exit(0)
            time.sleep(PATIENCE); raise AssertionError("never came")
        except Stop: pass
    os.waitpid(pid, 0)""",
    "exit_pipe": """
    import select
    r, w = os.pipe()
    with Measured(length):
        if not (pid := os.fork()):
            spin(); time.sleep(length); os._exit(0)
        os.close(w)
        assert select.select([r], [], [], PATIENCE)[0]
    os.close(r); os.waitpid(pid, 0)""",
    "pidfd": """
    import select
    if not (pid := os.fork()):
        spin(); time.sleep(length); os._exit(0)
    f = os.pidfd_open(pid); p = select.poll(); p.register(f, select.POLLIN)
    assert p.poll(PATIENCE * 1000)
    os.close(f); os.waitpid(pid, 0)""",
    "killed": """
    import multiprocessing
    p = multiprocessing.get_context("fork").Process(target=time.sleep, args=(PATIENCE,))
    with Measured(length + 0.01):
        p.start(); time.sleep(length + 0.01); p.kill(); p.join(0.5); assert p.exitcode == -9""",
    "fork_thread": """
    stop = threading.Event(); thread = threading.Thread(target=stop.wait, args=(PATIENCE,)); thread.start()
    with Measured(length):
        if not (pid := os.fork()):
            spin(); time.sleep(length); os._exit(0)
        os.waitpid(pid, 0)
    stop.set(); thread.join()""",
}.items():
    kind(name, FORKED % code, 0.15)

kind(
    "pool",
    """
import multiprocessing
def work(job):
    random.seed(job[0]); spin(); time.sleep(job[1]); spin(); return job
with multiprocessing.get_context("fork").Pool(4) as pool:
    for n in range(ROUNDS):
        length = random.choice([0, 0, 0.01, 0.5, 2.0])
        with Measured(length):
            assert pool.apply_async(work, [(n, length)]).get(PATIENCE) == (n, length)
""",
    0.3,
)
kind(
    "manager",
    """
import multiprocessing
with multiprocessing.Manager() as manager:
    q = manager.Queue(); e = manager.Event(); peer = Peer()
    for n in range(ROUNDS):
        e.clear()
        peer.do(lambda: (spin(), time.sleep(0.5), e.set()))
        with Measured(0.5): assert e.wait(PATIENCE)
        peer.do(lambda: (spin(), q.put(1)))
        assert q.get(timeout=PATIENCE) == 1
""",
    0.1,
)
kind(
    "executors",
    """
import concurrent.futures
with concurrent.futures.ProcessPoolExecutor(2) as processes, concurrent.futures.ThreadPoolExecutor(4) as threads:
    for n in range(ROUNDS):
        with Measured(1.5):
            ends = [processes.submit(time.sleep, l) for l in (1, 1.5)]
            ends += [threads.submit(time.sleep, l) for l in (1, 0.5, 1.25)]
            done, late = concurrent.futures.wait(ends, PATIENCE); assert not late
""",
    0.1,
)
kind(
    "foreign",
    """
import subprocess
for n in range(ROUNDS):
    match n % 4:
        case 0: assert subprocess.run(["sh", "-c", "exit 3"], timeout=PATIENCE).returncode == 3
        case 1:
            command = ["sh", "-c", "sleep 0.01; echo a"]
            assert subprocess.run(command, timeout=PATIENCE, capture_output=True, text=True).stdout == "a\\n"
        case 2:
            try: subprocess.run(["sleep", "7"], timeout=0.02)
            except subprocess.TimeoutExpired: pass
            else: raise AssertionError("no timeout")
        case 3:
            t = threading.Thread(target=time.sleep, args=(0.01,)); t.start()
            p = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            assert p.communicate(b"x" * 100000, timeout=PATIENCE)[0] == b"x" * 100000
            t.join()
""",
    0.03,
)
kind(
    "python_child",
    """
import subprocess
for n in range(ROUNDS):
    code = "import time; time.sleep(3); print(1)"
    with Measured(3):
        done = subprocess.run([sys.executable, "-Sc", code], timeout=PATIENCE, capture_output=True, text=True)
        assert done.stdout == "1\\n"
""",
    0.02,
)


def document(name, rounds, noisy):
    code, share = KINDS[name]
    code = code.replace("ROUNDS", str(max(2, int(rounds * share))))
    begin = "threading.Thread(target=noise, args=(stop := threading.Event(),), daemon=True).start()\n" if noisy else ""
    if "__main__" in code:
        code = code.replace("def main():\n", "def main():\n" + ("    " + begin if noisy else ""))
        begin = ""
    seed = f"SEED = {os.environ.get('SEED', '1')}\n"
    return f"```python\n{seed}{COMMON}\n{begin}{code}\n" + ("stop.set()\n" if begin else "") + "print('held')\n```\n"


def main():
    program = os.path.abspath(sys.argv[1])
    rounds, load = int((sys.argv[2:3] or ["500"])[0]), int((sys.argv[3:4] or ["0"])[0])
    only = sys.argv[4:]
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(load)]
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name in only or KINDS:
                for noisy in (False, True):
                    if noisy and name in ("foreign",):
                        continue
                    path = pathlib.Path(folder, f"{name}{'_noisy' if noisy else ''}.md")
                    path.write_text(document(name, rounds, noisy))
            began = time.monotonic()
            words = ["--timeout", "300s", "--limit", "cpu=300s", "--share", "none", "-v", "."]
            done = subprocess.run([program, "run", *words], cwd=folder, capture_output=True, text=True)
            took = time.monotonic() - began
    finally:
        for process in busy:
            process.kill()
    total = sum(max(2, int(rounds * KINDS[name][1])) * 2 for name in only or KINDS)
    if done.returncode:
        print(done.stdout[-30000:], done.stderr[-3000:])
    print(f"   {total} races in {took:.1f} s, exit code {done.returncode}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
