//! Programs that a session starts: those that are linked dynamically live by its clock, whatever they are.

use crate::project::Project;

/// What the snippet prints, of its own clock.
#[track_caller]
fn prints(code: &str, expected: &str) {
    let run = Project::document(&[code]).json(&["a.md"]);
    run.tells(&[&format!("passed completed | stdout {expected}")]);
    assert!(run.snippets()[0]["wall_ms"].as_f64().unwrap() < 5_000.0, "{run:?}");
}

#[test]
fn programs_sleep_as_long_as_they_say() {
    prints(
        "
        import subprocess, time

        def timed(words):
            start = time.monotonic()
            subprocess.run(words)
            return round(time.monotonic() - start, 2)

        print(timed(['sleep', '700']), timed(['sh', '-c', 'sleep 20; sleep 30']))
        ",
        "700.0 50.0⏎",
    );
}

#[test]
fn scripts_and_shells_show_the_time_of_the_session() {
    prints(
        "
        import os, subprocess, time

        with open('late.sh', 'w') as file:
            file.write('#!/bin/sh\\nsleep 3600\\ndate +%s\\n')
        os.chmod('late.sh', 0o755)
        start = int(time.time())
        shown = subprocess.run(['./late.sh'], capture_output=True, text=True).stdout
        print(int(shown) - start, os.system('sleep 60'), os.popen('sleep 60; echo over').read().strip())
        print(int(time.time()) - start)
        ",
        "3600 0 over⏎3720⏎",
    );
}

#[test]
fn a_program_that_is_late_is_left() {
    prints(
        "
        import subprocess, time

        start = time.monotonic()
        try:
            subprocess.run(['sleep', '3600'], timeout=2.5)
        except subprocess.TimeoutExpired:
            print('late', round(time.monotonic() - start, 2))
        ",
        "late 2.5⏎",
    );
}

/// Both set a timer of `timer_create(2)` that sends SIGALRM.
#[test]
fn programs_give_up_on_the_clock_of_the_session() {
    prints(
        "
        import subprocess, time

        def timed(*words):
            start = time.monotonic()
            code = subprocess.run(words).returncode
            return code, round(time.monotonic() - start, 2)

        print(timed('timeout', '300', 'sleep', '1000'), timed('timeout', '300', 'sleep', '200'))
        holder = subprocess.Popen(['flock', 'lock', 'sleep', '500'])
        time.sleep(1)
        print(timed('flock', '-w', '60', 'lock', 'true'), timed('flock', '-w', '600', 'lock', 'true'))
        ",
        "(124, 300.0) (0, 200.0)⏎(1, 60.0) (0, 439.0)⏎",
    );
}

/// One with a time from now, one with a time of the clock, one that is deleted.
#[test]
fn timers_that_send_alarms_are_on_the_clock_of_the_session() {
    prints(
        "
        import ctypes, signal, time

        class Times(ctypes.Structure):
            _fields_ = [('interval', ctypes.c_long), ('_1', ctypes.c_long), ('value', ctypes.c_long),
                        ('nanoseconds', ctypes.c_long)]

        rung = []
        signal.signal(signal.SIGALRM, lambda *_: rung.append(round(time.time() - start)))
        libc, timer, left = ctypes.CDLL(None), ctypes.c_void_p(), Times()
        libc.timer_create(time.CLOCK_REALTIME, None, ctypes.byref(timer))

        start = time.time()
        libc.timer_settime(timer, 0, ctypes.byref(Times(50, 0, 100, 0)), None)
        time.sleep(220)
        libc.timer_gettime(timer, ctypes.byref(left))
        print(rung, round(left.value + left.nanoseconds / 1e9), left.interval)
        libc.timer_settime(timer, 1, ctypes.byref(Times(0, 0, int(time.time()) + 30, 0)), None)
        time.sleep(100)
        libc.timer_settime(timer, 0, ctypes.byref(Times(0, 0, 10, 0)), None)
        libc.timer_delete(timer)
        time.sleep(100)
        print(rung)
        ",
        "[100, 150, 200] 30 50⏎[100, 150, 200, 250]⏎",
    );
}

#[test]
fn programs_that_wait_for_each_other_take_their_turns() {
    prints(
        "
        import subprocess, time

        start = time.monotonic()
        first = subprocess.Popen(['sh', '-c', 'sleep 10; echo first'], stdout=subprocess.PIPE, text=True)
        second = subprocess.Popen(['sh', '-c', 'read line; sleep 5; echo $line, second'], stdin=first.stdout)
        second.wait()
        print(round(time.monotonic() - start, 1))
        ",
        "first, second⏎15.0⏎",
    );
}

/// A program without a loader has nobody who could give it another clock: 300 ms of it are 300 ms.
#[cfg(target_arch = "x86_64")]
#[test]
fn static_programs_have_the_clock_of_the_machine() {
    prints(
        "
        import os, struct, subprocess, time

        # nanosleep(300 ms), exit(0)
        code = bytes.fromhex('b823000000 488d3d0d000000 31f6 0f05 b83c000000 31ff 0f05')
        code += struct.pack('<qq', 0, 300_000_000)
        base = 0x400000
        header = struct.pack('<16sHHIQQQIHHHHHH', b'\\x7fELF\\x02\\x01\\x01', 2, 62, 1, base + 120, 64, 0, 0, 64, 56, 1, 0, 0, 0)
        segment = struct.pack('<IIQQQQQQ', 1, 5, 0, base, base, 120 + len(code), 120 + len(code), 4096)
        with open('nap', 'wb') as file:
            file.write(header + segment + code)
        os.chmod('nap', 0o755)
        start = time.monotonic()
        print(subprocess.run(['./nap']).returncode, 0.3 <= time.monotonic() - start < 4)
        ",
        "0 True⏎",
    );
}
