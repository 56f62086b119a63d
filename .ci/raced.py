"""Races within one process, for races.py: a name, its code, and how often it runs compared to others."""

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
        work = asyncio.to_thread(lambda: (spin(), time.sleep(length), spin()))
        with Measured(length): await asyncio.wait_for(work, PATIENCE)""",
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
