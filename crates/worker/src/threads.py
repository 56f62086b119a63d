"""Waits for what a snippet has left running. Shares its names with `harness.py`."""

import sys
from time import monotonic

THREAD_NAME_LIMIT = 1000
THREADS_LIMIT = 100

# Threads that outlived the wait once: servers for later snippets, which are not waited for again.
resident = set()

# Waits with a deadline that a snippet's threads may have, and how much virtual time those may take together. A loop
# that sleeps for ever has no end.
MOST_NAPS = 100
MOST_SECONDS = 60.0


def settle(seconds):
    """Waits for threads that the snippet started and that end by themselves, as a script does.

    Who sleeps is waited for as long as it takes: virtual time costs nothing. Who does anything else has `seconds`.
    """
    flush()  # noqa: F821, which `harness.py` defines
    if loaded_threading() is None:
        return

    latest = monotonic() + MOST_SECONDS
    naps = MOST_NAPS
    for thread in living_threads():
        if thread in resident:
            continue
        while not is_over(thread, seconds):
            nap = next_deadline()  # noqa: F821, which the worker defines
            if nap is None or naps == 0 or monotonic() + nap > latest:
                resident.add(thread)
                break
            naps -= 1
            thread.join(nap)


def is_over(thread, seconds):
    """Waits at most `seconds`: for the thread's end, or, where it works for an executor, until it has nothing to do."""
    if not is_worker(thread):
        thread.join(seconds)
        return not thread.is_alive()

    # Nobody tells of an idle worker, so it is asked: first at once, then after ever longer pauses.
    pause, passed = 0.001, 0.0
    while is_busy(thread) and passed < seconds:
        thread.join(pause)
        passed += pause
        pause *= 2
    return not is_busy(thread)


def loaded_threading():
    """The library's module, if it is loaded: a project may have a `threading.py` of its own."""
    threading = sys.modules.get("threading")
    return threading if hasattr(threading, "_shutdown") else None


def living_threads():
    """Threads that a script would wait for at its end. An executor's workers are waited for while they work."""
    threading = loaded_threading()
    return [
        thread
        for thread in threading.enumerate()
        if thread is not threading.main_thread() and not thread.daemon and (not is_worker(thread) or is_busy(thread))
    ]


def is_worker(thread):
    pools = sys.modules.get("concurrent.futures.thread")
    return thread in getattr(pools, "_threads_queues", ())


def is_busy(worker):
    """Whether a worker of a `ThreadPoolExecutor` that is still alive runs something, or has something to run.

    One that waits for work is in the function it was started with (`_worker` in `concurrent/futures/thread.py`) and in
    nothing called from there. Its first argument is a weak reference to the executor. The executor's own count of idle
    threads is wrong after an item that had to wait.
    """
    frame = sys._current_frames().get(worker.ident)
    if frame is None or not worker.is_alive():
        return False
    try:
        executor = worker._args[0]()
        waits = frame.f_code is worker._target.__code__
        # Threads without an executor end when the work is done.
        return executor is None or not waits or executor._work_queue.qsize() > 0
    except (AttributeError, IndexError, TypeError):
        # Another library's worker, of no kind that is known.
        return False


def thread_names():
    if loaded_threading() is None:
        return []
    return [thread.name[:THREAD_NAME_LIMIT] for thread in living_threads()[:THREADS_LIMIT]]
