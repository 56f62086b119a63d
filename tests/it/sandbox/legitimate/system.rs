//! What a program may know of its machine, its user and itself.

use crate::story::check;

#[test]
fn a_user_with_a_name() {
    check(
        &["
            import getpass, grp, os, pwd

            user = pwd.getpwuid(os.getuid())
            print(getpass.getuser(), user.pw_name, grp.getgrgid(os.getgid()).gr_name)
            print(user.pw_dir == os.path.expanduser('~'), os.getuid() == os.geteuid() != 0)
            try:
                os.getlogin()
            except OSError as error:
                print(type(error).__name__)
        "],
        &["passed completed | stdout snippet snippet snippet⏎True True⏎OSError⏎"],
    );
}

#[test]
fn memory_is_there_to_be_used() {
    check(
        &["
            data = bytearray(200 << 20)
            for at in range(0, len(data), 4096):
                data[at] = 1
            print(sum(data[::4096]))
            del data
            print(len(bytes(200 << 20)), len([None] * 10_000_000))
        "],
        &["passed completed | stdout 51200⏎209715200 10000000⏎"],
    );
}

#[test]
fn locales() {
    check(
        &["
            import locale, sys

            print(locale.setlocale(locale.LC_ALL, ''), locale.setlocale(locale.LC_ALL, 'C.UTF-8'))
            print(locale.getpreferredencoding(), sys.getfilesystemencoding(), sys.stdout.encoding, locale.localeconv()['decimal_point'])
            print('größe', ascii(sys.stdin.encoding), open('ü', 'w').write('日本'), open('ü').read())
        "],
        &["passed completed | stdout C.UTF-8 C.UTF-8⏎UTF-8 utf-8 utf-8 .⏎größe 'utf-8' 2 日本⏎"],
    );
}

#[test]
fn time_zones() {
    check(
        &["
            import datetime, os, time, zoneinfo

            noon = datetime.datetime(2024, 7, 1, 12, tzinfo=datetime.timezone.utc)
            for name in ('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia'):
                print(noon.astimezone(zoneinfo.ZoneInfo(name)).strftime('%H:%M %z'), end=' ')
            print(len(zoneinfo.available_timezones()) > 400)
            for zone in ('America/New_York', 'Asia/Tokyo', 'EST5EDT', 'UTC'):
                os.environ['TZ'] = zone
                time.tzset()
                print(time.strftime('%H:%M', time.localtime(noon.timestamp())), time.tzname[0], end=' ')
            print(datetime.datetime.now().astimezone().utcoffset())
        "],
        &["passed completed | stdout 12:00 +0000 14:00 +0200 08:00 -0400 17:30 +0530 22:30 +1030 01:00 +1300 True⏎\
           08:00 EST 21:00 JST 08:00 EST 12:00 UTC 0:00:00⏎"],
    );
}

#[test]
fn digests_and_secrets() {
    check(
        &["
            import hashlib, hmac, random, secrets, uuid

            print(all(len(hashlib.new(name, b'x').digest()) for name in hashlib.algorithms_guaranteed if 'shake' not in name))
            print(hashlib.sha256(b'abc').hexdigest()[:8], hashlib.blake2b(b'abc', digest_size=4).hexdigest())
            print(hashlib.scrypt(b'p', salt=b's', n=2, r=8, p=1).hex()[:8], hashlib.pbkdf2_hmac('sha256', b'p', b's', 10).hex()[:8])
            print(hmac.new(b'k', b'm', 'sha256').hexdigest()[:8], len(secrets.token_hex()), uuid.uuid4().version)
            print(0 <= random.SystemRandom().random() < 1, random.Random(1).randint(0, 100), uuid.uuid1().version)
        "],
        &["passed completed | stdout True⏎ba7816bf 63906248⏎a707fd18 1d6f1f70⏎b60090e3 64 4⏎True 17 1⏎"],
    );
}

#[test]
fn the_machine_and_its_limits() {
    check(
        &["
            import os, platform, resource, sys

            print(len(os.sched_getaffinity(0)) > 0, os.cpu_count() > 0, os.nice(0) == os.getpriority(os.PRIO_PROCESS, 0))
            before = os.nice(0)
            print(os.nice(3) - before, all(limit[0] == -1 or limit[0] >= 0 for limit in map(resource.getrlimit, range(10))))
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
            print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], soft >= 500)
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0, os.times().user >= 0, len(os.getloadavg()))
            print(os.statvfs('/').f_bsize > 0, os.sysconf('SC_PAGE_SIZE'), os.uname().sysname, platform.system())
            print(platform.python_version() == sys.version.split()[0], bool(platform.platform()), bool(platform.node()))
            print(all(os.path.getsize(f'/proc/{name}') == 0 and open(f'/proc/{name}').read(1) != ''
                  for name in ('cpuinfo', 'meminfo', 'self/status', 'self/maps', 'self/stat', 'uptime', 'sys/kernel/pid_max')))
            print(os.sched_getscheduler(0) == os.SCHED_OTHER, os.sched_yield(), os.get_terminal_size is not None)
        "],
        &["passed completed | stdout True True True⏎3 True⏎64 True⏎True True 3⏎True 4096 Linux Linux⏎True True True⏎True⏎True None True⏎"],
    );
}

#[test]
fn libraries_in_c() {
    check(
        &["
            import ctypes, ctypes.util, os

            libc = ctypes.CDLL(None, use_errno=True)
            print(libc.getpid() == os.getpid(), libc.strlen(b'four'), libc.abs(-3))
            compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
            numbers = (ctypes.c_int * 4)(3, 1, 2, 0)
            libc.qsort(numbers, 4, 4, compare(lambda one, other: one[0] - other[0]))
            print(list(numbers), libc.open(b'/missing', 0), os.strerror(ctypes.get_errno()))
            print(ctypes.CDLL(ctypes.util.find_library('c')).abs(-4), ctypes.util.find_library('no-such-library'))
            buffer = ctypes.create_string_buffer(16)
            libc.snprintf(buffer, 16, b'%d-%s', 7, b'x')
            print(buffer.value, ctypes.string_at(ctypes.addressof(buffer), 1))
        "],
        &["passed completed | stdout True 4 3⏎[0, 1, 2, 3] -1 No such file or directory⏎4 None⏎b'7-x' b'7'⏎"],
    );
}

#[test]
fn looking_at_oneself() {
    check(
        &["
            import faulthandler, gc, sys, threading, tracemalloc

            with open('dump', 'w+') as file:
                faulthandler.enable(file)
                faulthandler.dump_traceback(file)
                faulthandler.dump_traceback_later(60, file=file)
                faulthandler.cancel_dump_traceback_later()
                faulthandler.disable()
                file.seek(0)
                print('most recent call first' in file.read())
            tracemalloc.start()
            kept = [bytes(1000) for _ in range(100)]
            current, peak = tracemalloc.get_traced_memory()
            print(current > 100_000, tracemalloc.take_snapshot().statistics('lineno')[0].count >= 100)
            tracemalloc.stop()
            seen = []
            sys.settrace(lambda frame, event, argument: seen.append(frame.f_code.co_name))
            (lambda: None)()
            sys.settrace(None)
            print(seen, gc.collect() >= 0, len(sys._current_frames()))
        "],
        &["passed completed | stdout True⏎True True⏎['<lambda>'] True 1⏎"],
    );
}

#[test]
fn deep_recursion_is_caught() {
    check(
        &["
            import sys

            def down(depth):
                return 1 + down(depth + 1)

            try:
                down(0)
            except RecursionError as error:
                print(type(error).__name__)
            sys.setrecursionlimit(20_000)

            def count(depth):
                return 0 if depth == 0 else 1 + count(depth - 1)

            print(count(10_000))
        "],
        &["passed completed | stdout RecursionError⏎10000⏎"],
    );
}
