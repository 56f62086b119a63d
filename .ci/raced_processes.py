"""Races between processes, for races.py."""

from raced import kind

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
        match name:
            case "event": event.set()
            case "queue": queue.put(1)
            case "pipe": pipe.send(1)
            case "semaphore": semaphore.release()

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
                # Not at once: CPython looks for signals before it sleeps, and not while it is about to.
                try: spin(); time.sleep(length or 0.005); os.kill(os.getppid(), signal.SIGUSR1)
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
        case 1: assert subprocess.check_output(["sh", "-c", "sleep 0.01; echo a"], timeout=PATIENCE) == b"a\\n"
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
    with Measured(3): assert subprocess.check_output([sys.executable, "-Sc", code], timeout=PATIENCE) == b"1\\n"
""",
    0.02,
)
