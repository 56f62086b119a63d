//! `multiprocessing` by all its ways to start, what its processes share, and the executors above it.

use crate::story::check;

const METHODS: [&str; 3] = ["fork", "spawn", "forkserver"];

/// Runs the snippets once for each way to start, which they find as `context`.
#[track_caller]
fn check_each(definitions: &str, body: &str, stdout: &str) {
    for method in METHODS {
        let start = format!("import multiprocessing\ncontext = multiprocessing.get_context('{method}')");
        check(
            &[&start, definitions, body],
            &["passed completed", "passed completed", &format!("passed completed | stdout {stdout}")],
        );
    }
}

#[test]
fn processes_talk_through_queues_and_events() {
    check_each(
        "
            def work(queue, event):
                event.wait(5)
                queue.put('done')
        ",
        "
            if __name__ == '__main__':
                queue, event = context.Queue(), context.Event()
                process = context.Process(target=work, args=(queue, event), name='worker')
                process.start()
                event.set()
                print(queue.get(timeout=5))
                process.join()
                print(process.exitcode, process.is_alive(), process.name)
        ",
        "done⏎0 False worker⏎",
    );
}

#[test]
fn pools_share_the_work() {
    check_each(
        "
            import os

            def double(number):
                return 2 * number

            def fail(number):
                raise ValueError(f'{number} is refused')
        ",
        "
            if __name__ == '__main__':
                with context.Pool(2) as pool:
                    print(pool.map(double, range(5)), pool.apply(double, (21,)))
                    print(sorted(pool.imap_unordered(double, range(3))), pool.apply_async(os.getpid).get() != os.getpid())
                    try:
                        pool.map(fail, [7])
                    except ValueError as error:
                        print(error)
                    pool.close()
                    pool.join()
        ",
        "[0, 2, 4, 6, 8] 42⏎[0, 2, 4] True⏎7 is refused⏎",
    );
}

#[test]
fn a_manager_holds_what_processes_share() {
    check_each(
        "
            def fill(shared, names, lock, number):
                with lock:
                    shared[number] = number ** 2
                    names.append(f'process {number}')
        ",
        "
            if __name__ == '__main__':
                with context.Manager() as manager:
                    shared, names, lock = manager.dict(), manager.list(), manager.Lock()
                    processes = [context.Process(target=fill, args=(shared, names, lock, n)) for n in range(3)]
                    for process in processes: process.start()
                    for process in processes: process.join()
                    print(sorted(shared.items()), sorted(names))
        ",
        "[(0, 0), (1, 1), (2, 4)] ['process 0', 'process 1', 'process 2']⏎",
    );
}

#[test]
fn processes_share_memory_by_name() {
    check_each(
        "
            from multiprocessing import shared_memory

            def write(name, numbers):
                memory = shared_memory.SharedMemory(name=name)
                memory.buf[:5] = b'hello'
                memory.close()
                listed = shared_memory.ShareableList(name=numbers)
                listed[1] = 'two'
                listed.shm.close()
        ",
        "
            if __name__ == '__main__':
                memory = shared_memory.SharedMemory(create=True, size=1 << 20)
                numbers = shared_memory.ShareableList([1, '   ', 3.5])
                process = context.Process(target=write, args=(memory.name, numbers.shm.name))
                process.start()
                process.join()
                print(bytes(memory.buf[:5]), list(numbers))
                for shared in (memory, numbers.shm):
                    shared.close()
                    shared.unlink()
        ",
        "b'hello' [1, 'two', 3.5]⏎",
    );
}

#[test]
fn processes_share_numbers_locks_and_pipes() {
    check_each(
        "
            def count(value, array, semaphore, barrier, connection):
                barrier.wait(5)
                with semaphore, value.get_lock():
                    value.value += 1
                array[0] += 0.5
                connection.send({'sum': sum(array)})
                connection.close()
        ",
        "
            if __name__ == '__main__':
                value, array = context.Value('i', 41), context.Array('d', [1.0, 2.0])
                semaphore, barrier = context.BoundedSemaphore(1), context.Barrier(2)
                here, there = context.Pipe()
                process = context.Process(target=count, args=(value, array, semaphore, barrier, there))
                process.start()
                print(barrier.wait(5) in (0, 1))
                print(here.recv(), value.value, array[:])
                process.join()
        ",
        "True⏎{'sum': 3.5} 42 [1.5, 2.0]⏎",
    );
}

#[test]
fn executors_of_processes_start_any_way() {
    check_each(
        "
            from concurrent.futures import ProcessPoolExecutor, as_completed

            def double(number):
                return 2 * number
        ",
        "
            if __name__ == '__main__':
                with ProcessPoolExecutor(2, mp_context=context) as executor:
                    print(list(executor.map(double, range(4), chunksize=2)))
                    futures = [executor.submit(double, number) for number in (5, 6)]
                    print(sorted(future.result() for future in as_completed(futures, timeout=5)))
                    print(executor.submit(divmod, 1, 0).exception())
        ",
        "[0, 2, 4, 6]⏎[10, 12]⏎integer division or modulo by zero⏎",
    );
}

#[test]
fn executors_of_threads() {
    check(
        &["
            from concurrent.futures import ThreadPoolExecutor, wait
            import threading

            with ThreadPoolExecutor(8, thread_name_prefix='pool') as executor:
                print(list(executor.map(str.upper, 'abc')))
                names = {executor.submit(lambda: threading.current_thread().name[:4]).result() for _ in range(20)}
                done, left = wait([executor.submit(pow, 2, 10)])
            print(names, done.pop().result(), left)
        "],
        &["passed completed | stdout ['A', 'B', 'C']⏎{'pool'} 1024 set()⏎"],
    );
}

#[test]
fn the_usual_way_to_start_needs_no_word() {
    check(
        &[
            "import multiprocessing\nfrom multiprocessing import Pool\n\ndef square(x):\n    return x * x",
            "if __name__ == '__main__':\n    with Pool() as pool:\n        print(pool.map(square, [1, 2, 3]))",
            "multiprocessing.parent_process(), multiprocessing.cpu_count() > 0",
        ],
        &[
            "passed completed",
            "passed completed | stdout [1, 4, 9]⏎",
            "passed completed | value (None, True)",
        ],
    );
}

#[test]
fn pools_live_from_fence_to_fence() {
    check(
        &[
            "import multiprocessing\n\ndef square(x):\n    return x * x",
            "pool = multiprocessing.get_context('fork').Pool(2)",
            "print(pool.map(square, [1, 2, 3]))",
            "pool.close()\npool.join()",
        ],
        &["passed completed", "passed completed", "passed completed | stdout [1, 4, 9]⏎", "passed completed"],
    );
}
