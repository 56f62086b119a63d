//! Files: temporary ones, databases, locks, archives, maps, and what stands beside the document.

use crate::project::{Project, document};
use crate::story::check;

#[test]
fn temporary_files_of_every_kind() {
    check(
        &["
            import os, pathlib, tempfile

            with tempfile.TemporaryFile() as file:
                file.write(b'x' * 100_000)
                print(file.tell())
            with tempfile.NamedTemporaryFile('w+', suffix='.txt') as file:
                file.write('named')
                file.flush()
                print(pathlib.Path(file.name).read_text())
            print(os.path.exists(file.name))
            with tempfile.SpooledTemporaryFile(max_size=10) as file:
                file.write(b'more than ten bytes')
                print(file.fileno() > 2)
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=False) as folder:
                (pathlib.Path(folder) / 'a' / 'b').mkdir(parents=True)
                print(os.listdir(folder))
            print(os.path.exists(folder))
            handle, path = tempfile.mkstemp()
            print(os.write(handle, b'abc'), os.stat(path).st_size, oct(os.stat(path).st_mode & 0o777))
            print(os.listdir(tempfile.mkdtemp()), tempfile.gettempdir() == os.environ['TMPDIR'])
            print(open('/tmp/plain', 'w').write('abc'))
        "],
        &["passed completed | stdout 100000⏎named⏎False⏎True⏎['a']⏎False⏎3 3 0o600⏎[] True⏎3⏎"],
    );
}

/// Some programs know no other folder for what is large.
#[test]
fn both_folders_of_the_system_are_there() {
    check(
        &["
            import os

            for folder in ('/tmp', '/var/tmp'):
                print(open(f'{folder}/plain', 'w').write('abc'), os.access(folder, os.W_OK))
        "],
        &["passed completed | stdout 3 True⏎3 True⏎"],
    );
}

#[test]
fn databases() {
    check(
        &["
            import sqlite3

            for place in (':memory:', 'file.db', ''):
                with sqlite3.connect(place) as base:
                    base.execute('create table prices (name text primary key, price real)')
                    base.executemany('insert into prices values (?, ?)', [('tea', 3.5), ('coffee', 4.0)])
                    print(base.execute('select sum(price), count(*) from prices').fetchone())
            writer = sqlite3.connect('wal.db')
            print(writer.execute('pragma journal_mode=wal').fetchone())
            writer.execute('create table t (x)')
            writer.execute('insert into t values (1)')
            reader = sqlite3.connect('wal.db')
            print(reader.execute('select * from t').fetchall())
            writer.commit()
            print(reader.execute('select * from t').fetchall())
            copy = sqlite3.connect(':memory:')
            writer.backup(copy)
            print(list(copy.iterdump())[-2])
        "],
        &[
            "passed completed | stdout (7.5, 2)⏎(7.5, 2)⏎(7.5, 2)⏎('wal',)⏎[]⏎[(1,)]⏎INSERT INTO \"t\" VALUES(1);⏎",
        ],
    );
}

#[test]
fn shelves() {
    check(
        &["
            import dbm, dbm.dumb, pickle, shelve

            with shelve.open('shelf') as shelf:
                shelf['key'] = [1, {'two': 3}]
            with shelve.open('shelf', 'r') as shelf:
                print(dict(shelf))
            with dbm.open('names', 'c') as names, dbm.dumb.open('dumb', 'c') as dumb:
                names[b'a'] = dumb[b'a'] = b'1'
            with dbm.open('names') as names, dbm.open('dumb') as dumb:
                print(names[b'a'], dumb[b'a'], dbm.whichdb('dumb'))
            with open('pickle', 'wb') as file:
                pickle.dump({1, 2}, file)
            print(pickle.load(open('pickle', 'rb')))
        "],
        &["passed completed | stdout {'key': [1, {'two': 3}]}⏎b'1' b'1' dbm.dumb⏎{1, 2}⏎"],
    );
}

#[test]
fn maps_of_memory_and_files() {
    check(
        &["
            import mmap, os

            with mmap.mmap(-1, 1 << 20) as shared:
                if (child := os.fork()) == 0:
                    shared[:5] = b'child'
                    os._exit(0)
                os.waitpid(child, 0)
                print(shared[:5])
            with open('mapped', 'w+b') as file:
                file.truncate(8192)
                with mmap.mmap(file.fileno(), 0) as view:
                    view[4096:4099] = b'abc'
                    view.flush()
                    view.madvise(mmap.MADV_WILLNEED)
                    print(view.find(b'abc'))
                file.seek(4096)
                print(file.read(3))
                print(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)[4097])
        "],
        &["passed completed | stdout b'child'⏎4096⏎b'abc'⏎98⏎"],
    );
}

#[test]
fn locks_hold_others_off() {
    check(
        &["
            import fcntl, os

            for lock in (fcntl.flock, fcntl.lockf):
                with open('locked', 'w') as file:
                    lock(file, fcntl.LOCK_EX)
                    if (child := os.fork()) == 0:
                        try:
                            with open('locked', 'w') as other:
                                lock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        except BlockingIOError:
                            os._exit(5)
                        os._exit(0)
                    print(lock.__name__, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            read, write = os.pipe()
            print(fcntl.fcntl(read, fcntl.F_GETFD) == fcntl.FD_CLOEXEC, os.get_inheritable(write))
            print(fcntl.fcntl(write, fcntl.F_GETPIPE_SZ) >= 4096)
        "],
        &["passed completed | stdout flock 5⏎lockf 5⏎True False⏎True⏎"],
    );
}

#[test]
fn archives_and_compression() {
    check(
        &["
            import bz2, gzip, io, lzma, pathlib, shutil, tarfile, zipfile, zlib

            for module in (bz2, gzip, lzma, zlib):
                print(module.__name__, module.decompress(module.compress(b'abc' * 1000)) == b'abc' * 1000)
            folder = pathlib.Path('tree/inner')
            folder.mkdir(parents=True)
            (folder / 'file.txt').write_text('text')
            for form in ('zip', 'tar', 'gztar', 'bztar', 'xztar'):
                archive = shutil.make_archive('archive', form, 'tree')
                shutil.unpack_archive(archive, f'out-{form}')
                print(form, pathlib.Path(f'out-{form}/inner/file.txt').read_text())
        "],
        &["passed completed | stdout bz2 True⏎gzip True⏎lzma True⏎zlib True⏎\
           zip text⏎tar text⏎gztar text⏎bztar text⏎xztar text⏎"],
    );
}

#[test]
fn everything_that_folders_hold() {
    check(
        &["
            import glob, os, pathlib, shutil, stat

            here = pathlib.Path('here')
            here.mkdir()
            (here / 'file').write_bytes(b'0123456789')
            os.link(here / 'file', here / 'hard')
            os.symlink('file', here / 'soft')
            os.mkfifo(here / 'pipe')
            os.truncate(here / 'hard', 4)
            print((here / 'soft').read_bytes(), (here / 'soft').resolve().name, os.stat(here / 'file').st_nlink)
            os.chmod(here / 'file', 0o640)
            os.utime(here / 'file', (1, 2))
            print(stat.filemode(os.stat(here / 'file').st_mode), int(os.path.getmtime(here / 'file')))
            shutil.copytree(here, 'there', symlinks=True, ignore=shutil.ignore_patterns('pipe'))
            os.rename('there/hard', 'there/moved')
            print(sorted(glob.glob('*/*')))
            print([(root, sorted(names)) for root, _, names in os.walk('there')])
            shutil.rmtree('there')
            print(os.path.exists('there'), shutil.disk_usage('.').total > 0, os.statvfs('.').f_bsize > 0)
            (here / 'file').unlink()
            os.chmod(here, 0)
            try:
                os.listdir(here)
            except PermissionError as error:
                print(error)
            os.chmod(here, 0o700)
        "],
        &["passed completed | stdout b'0123' file 2⏎-rw-r----- 2⏎\
           ['here/file', 'here/hard', 'here/pipe', 'here/soft', 'there/file', 'there/moved', 'there/soft']⏎\
           [('there', ['file', 'moved', 'soft'])]⏎False True True⏎[Errno 13] Permission denied: 'here'⏎"],
    );
}

#[test]
fn descriptors_by_hand() {
    check(
        &["
            import os

            handle = os.open('file', os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            print(os.write(handle, b'hello world'), os.pread(handle, 5, 6), os.pwrite(handle, b'J', 0))
            os.posix_fallocate(handle, 0, 100)
            os.fsync(handle)
            print(os.fstat(handle).st_size, os.lseek(handle, -89, os.SEEK_END), os.dup(handle) > handle)
            other = os.open('.', os.O_TMPFILE | os.O_RDWR)
            print(os.copy_file_range(handle, other, 6, 0), os.sendfile(other, handle, 6, 5), os.pread(other, 20, 0))
            folder = os.open('.', os.O_RDONLY | os.O_DIRECTORY)
            print(os.stat('file', dir_fd=folder).st_size, os.listdir(folder), os.readlink(f'/proc/self/fd/{handle}') != '')
            print(os.umask(0o77) in range(0o1000), os.access('file', os.W_OK), len(os.urandom(8)), len(os.getrandom(8)))
            os.preadv(handle, [bytearray(3)], 0), os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_SEQUENTIAL)
        "],
        &["passed completed | value (3, None) | stdout 11 b'world' 1⏎100 11 True⏎6 5 b'Jello world'⏎\
           100 ['a.md', 'file'] True⏎True True 8 8⏎"],
    );
}

#[test]
fn files_of_ones_own_are_executed() {
    check(
        &["
            import ctypes, glob, os, pathlib, shutil, subprocess, tempfile

            for folder in ('.', os.environ['HOME'], tempfile.mkdtemp(), '/tmp'):
                script = pathlib.Path(folder, 'script.sh').absolute()
                script.write_text('#!/bin/sh\\necho run by $1\\n')
                script.chmod(0o755)
                print(subprocess.check_output([script, 'name']))
                program = shutil.copy(shutil.which('true'), script.with_name('program'))
                print(subprocess.call([program]))
            library = next(path for path in open('/proc/self/maps').read().split() if 'libc.so' in path)
            shutil.copy(library, 'copied.so')
            print(ctypes.CDLL('./copied.so').abs(-5))
        "],
        &[&format!("passed completed | stdout {}5⏎", "b'run by name\\n'⏎0⏎".repeat(4))],
    );
}

#[test]
fn devices_that_every_program_counts_on() {
    check(
        &["
            import os, subprocess

            print(open('/dev/zero', 'rb').read(3), len(open('/dev/urandom', 'rb').read(4)), open('/dev/null', 'w').write('x'))
            print(os.listdir('/dev/fd') == os.listdir('/proc/self/fd'), os.path.ismount('/dev/shm'))
            print(open('/dev/shm/file', 'w').write('shared'), open('/dev/shm/file').read())
            try:
                open('/dev/full', 'wb', buffering=0).write(b'x')
            except OSError as error:
                print(error.strerror)
            print(subprocess.run(['bash', '-c', 'cat <(echo substituted) - <<< here'], capture_output=True).stdout)
            print(subprocess.run('cat /dev/stdin', shell=True, input=b'in', capture_output=True).stdout)
        "],
        &["passed completed | stdout b'\\x00\\x00\\x00' 4 1⏎True True⏎6 shared⏎No space left on device⏎\
           b'substituted\\nhere\\n'⏎b'in'⏎"],
    );
}

#[test]
fn streams_are_opened_by_name() {
    check(
        &["
            import subprocess

            child = subprocess.run('echo out > /dev/stdout; echo err > /dev/stderr; echo more >> /proc/self/fd/1', shell=True)
            print('by Python', file=open('/dev/stdout', 'w'))
        "],
        &["passed completed | stdout out⏎more⏎by Python⏎ | stderr err⏎"],
    );
}

#[test]
fn a_home_of_ones_own() {
    check(
        &["
            import os, pathlib

            home = pathlib.Path.home()
            (home / '.config').mkdir()
            (home / '.config' / 'tool.ini').write_text('x')
            print(os.path.expanduser('~') == str(home) == os.environ['HOME'], os.listdir(home / '.config'))
            print(pathlib.Path('made.txt').write_text('beside'), os.getcwd() == str(pathlib.Path.cwd()))
        "],
        &["passed completed | stdout True ['tool.ini']⏎6 True⏎"],
    );
}

#[test]
fn neighbours_are_read_and_copies_are_private() {
    let text = document(&[
        "print(open('data.txt').read(), sorted(__import__('os').listdir('.')))",
        "print(open('new.txt', 'w').write('abc'), open('new.txt').read())",
    ]);
    let project = Project::new(&[
        ("docs/a.md", &*text),
        ("docs/data.txt", "data"),
        ("docs/inner/more.txt", "more"),
        ("top.txt", "top"),
    ]);
    let files = project.files();
    project.json(&["docs"]).tells(&[
        "passed completed | stdout data ['a.md', 'data.txt', 'inner']⏎",
        "passed completed | stdout 3 abc⏎",
    ]);
    assert_eq!(project.files(), files);
    assert_eq!(project.read("docs/data.txt"), "data");
}
