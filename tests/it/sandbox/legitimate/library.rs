//! The standard library as documents use it.

use crate::project::Project;
use crate::story::check;

/// Those of every CPython on Linux from 3.11 on that a distribution does not put into packages of their own.
const MODULES: &str = "
    __future__ _thread abc argparse array ast asyncio asyncio.subprocess atexit base64 bdb binascii bisect
    builtins bz2 calendar cmath cmd code codecs codeop collections collections.abc colorsys compileall
    concurrent.futures configparser contextlib contextvars copy copyreg cProfile csv ctypes ctypes.util
    curses curses.ascii curses.panel curses.textpad dataclasses datetime dbm dbm.dumb decimal difflib dis doctest
    email email.headerregistry email.message email.mime.text email.parser email.policy encodings.idna
    encodings.punycode enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc
    getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html html.entities html.parser http http.client
    http.cookiejar http.cookies http.server imaplib importlib importlib.abc importlib.machinery importlib.metadata
    importlib.resources importlib.util inspect io ipaddress itertools json json.tool keyword linecache locale
    logging logging.config logging.handlers lzma mailbox marshal math mimetypes mmap modulefinder multiprocessing
    multiprocessing.connection multiprocessing.dummy multiprocessing.managers multiprocessing.pool
    multiprocessing.shared_memory multiprocessing.sharedctypes netrc numbers operator optparse os os.path pathlib
    pdb pickle pickletools pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile
    pyclbr pydoc pyexpat queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select
    selectors shelve shlex shutil signal site smtplib socket socketserver sqlite3 ssl stat statistics string
    stringprep struct subprocess symtable sys sysconfig syslog tabnanny tarfile tempfile termios textwrap
    threading time timeit token tokenize tomllib trace traceback tracemalloc tty types typing unicodedata unittest
    unittest.mock urllib urllib.error urllib.parse urllib.request urllib.response urllib.robotparser uuid venv
    warnings wave weakref webbrowser wsgiref wsgiref.headers wsgiref.simple_server wsgiref.util wsgiref.validate xml
    xml.dom xml.dom.minidom xml.dom.pulldom xml.etree.ElementTree xml.parsers.expat xml.sax xml.sax.saxutils
    xmlrpc xmlrpc.client xmlrpc.server zipapp zipfile zipimport zlib zoneinfo
";

#[test]
fn all_of_it_can_be_imported() {
    let modules: Vec<&str> = MODULES.split_whitespace().collect();
    let import = format!(
        "
            import importlib

            for name in '{}'.split():
                importlib.import_module(name)
            print(len('{0}'.split()))
        ",
        modules.join(" ")
    );
    let expected = format!("passed completed | stdout {}⏎", modules.len());
    Project::document(&[&import]).json(&["a.md"]).tells(&[&expected]);
}

#[test]
fn tests_within_a_document() {
    check(
        &["
            import doctest, io, sys, unittest
            from unittest import mock

            class Adding(unittest.TestCase):
                def test_numbers(self):
                    self.assertEqual(1 + 1, 2)

                def test_patches(self):
                    with mock.patch('os.getcwd', return_value='/there'):
                        import os
                        self.assertEqual(os.getcwd(), '/there')

            suite = unittest.defaultTestLoader.loadTestsFromTestCase(Adding)
            result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
            print(result.testsRun, result.wasSuccessful())

            def double(number):
                '''
                >>> double(2)
                4
                '''
                return 2 * number

            print(doctest.testmod())
            unittest.main(argv=['x'], exit=False, testRunner=unittest.TextTestRunner(stream=io.StringIO()))
            print('goes on')
        "],
        &["passed completed | stdout 2 True⏎TestResults(failed=0, attempted=1)⏎goes on⏎"],
    );
}

#[test]
fn measuring_and_profiling() {
    check(
        &["
            import cProfile, io, pstats, time, timeit, trace

            print(timeit.timeit('1 + 1', number=1000) > 0, timeit.repeat(lambda: None, number=10, repeat=2)[0] > 0)
            profile = cProfile.Profile()
            profile.runcall(sorted, [3, 1, 2])
            text = io.StringIO()
            pstats.Stats(profile, stream=text).print_stats()
            print('sorted' in text.getvalue())
            start, cpu = time.monotonic(), time.process_time()
            time.sleep(0.02)
            print(time.monotonic() - start >= 0.02, time.process_time() >= cpu, time.thread_time() >= 0)
            print(abs(time.time() - time.clock_gettime(time.CLOCK_REALTIME)) < 1, time.get_clock_info('monotonic').monotonic)
        "],
        &["passed completed | stdout True True⏎True⏎True True True⏎True True⏎"],
    );
}

#[test]
fn logs_and_warnings() {
    check(
        &["
            import logging, logging.handlers, queue, sys, syslog, warnings

            logging.basicConfig(stream=sys.stdout, format='%(levelname)s %(name)s %(message)s', level=logging.INFO)
            logging.getLogger('tool').info('started with %d', 3)
            handler = logging.handlers.RotatingFileHandler('log', maxBytes=20, backupCount=1)
            logging.getLogger().addHandler(handler)
            logging.warning('first of two')
            logging.warning('second of two')
            print(sorted(__import__('glob').glob('log*')))
            syslog.syslog('nobody listens')
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter('always')
                warnings.warn('old', DeprecationWarning)
            print(caught[0].message, caught[0].category.__name__)
        "],
        &["passed completed | stdout INFO tool started with 3⏎WARNING root first of two⏎WARNING root second of two⏎\
           ['log', 'log.1']⏎old DeprecationWarning⏎"],
    );
}

#[test]
fn consoles_within_a_document() {
    check(
        &["
            import code, curses, io, pdb, readline, subprocess, sys

            console = code.InteractiveConsole({'x': 20})
            for line in ('y = x + 1', 'y * 2'):
                console.push(line)
            out = io.StringIO()
            debugger = pdb.Pdb(stdin=io.StringIO('p 6 * 7\\nc\\n'), stdout=out)
            debugger.use_rawinput = False
            debugger.run('z = 1')
            print('42' in out.getvalue())
            curses.setupterm('xterm', 1)
            print(curses.tigetnum('colors'), subprocess.run([sys.executable, '-i', '-q'], input='2 ** 5\\n', text=True, capture_output=True).stdout)
        "],
        &["passed completed | stdout 42⏎True⏎8 32⏎⏎"],
    );
}
