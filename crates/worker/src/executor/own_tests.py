"""Tests that a snippet defines, run once its last statement has finished.

pytest runs them where the environment has it. Elsewhere unittest runs those of its own kind, and what needs nothing
but to be called is called.
"""

import re
import sys

NAMES_LIMIT = 1000
NOTES_LIMIT = 20
NOTE_LIMIT = 300
WRAPPERS_LIMIT = 20
# What tests print is the snippet's output. Settings and fixtures of the project are for the project's tests.
OPTIONS = ["-s", "-c", "/dev/null", "--rootdir=.", "--noconftest", "--continue-on-collection-errors"]
OPTIONS += ["-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:faulthandler", "-o", "asyncio_mode=auto"]


def run(namespace, document, first, code):
    """Sentences about tests that did not run or that failed, and what the first of those raised."""
    names = defined(namespace, document, range(first, first + code.count("\n") + 1), code)
    if not names:
        return [], None
    pytest = imported("pytest")
    notes, failed = by_pytest(pytest, namespace, document, names) if pytest else by_unittest(namespace, names)
    notes += [f"`{name}` failed: {type(error).__name__}" for name, error in failed]
    if len(notes) > NOTES_LIMIT:
        notes[NOTES_LIMIT:] = [f"and {len(notes) - NOTES_LIMIT} more tests"]
    notes = [note[:NOTE_LIMIT] for note in notes]
    return notes, plain(*failed[0]) if failed else None


def imported(name):
    try:
        return __import__(name)
    except ImportError:
        return None


def plain(name, error):
    """A test cannot end the session, as an exit would."""
    if isinstance(error, SystemExit):
        return RuntimeError(f"`{name}` raised SystemExit: {error.code}")
    return error


def defined(namespace, document, lines, code):
    """Names of tests whose code stands in these lines and calls neither them nor a runner itself."""
    if re.search(r"\b(?:pytest|unittest)\.main\(", code):
        return []
    called = set(re.findall(r"(?<!def )(?<!class )\b(\w+)\(", code))
    things = [(name, thing) for name, thing in list(namespace.items()) if type(name) is str and name not in called]
    return [name for name, thing in things if holds_test(name, thing, document, lines)][:NAMES_LIMIT]


def holds_test(name, thing, document, lines):
    if not isinstance(thing, type):
        return name.startswith("test_") and stands_in(thing, document, lines)
    if not name.startswith("Test") and not is_case(thing):
        return False
    members = list(vars(thing).items())
    return any(name.startswith("test") and stands_in(member, document, lines) for name, member in members)


def stands_in(function, document, lines):
    for _ in range(WRAPPERS_LIMIT):
        function = getattr(function, "__wrapped__", None) or function
    code = getattr(function, "__code__", None)
    return getattr(code, "co_filename", None) == document and code.co_firstlineno in lines


def is_case(thing):
    case = getattr(sys.modules.get("unittest"), "TestCase", None)
    return isinstance(case, type) and issubclass(thing, case)


def by_pytest(pytest, namespace, document, names):
    Path = standard("pathlib").Path  # noqa: F821, which the worker defines

    module = module_of(namespace)
    before = set(namespace)
    notes, failed = [], []

    class Block(pytest.Module):
        def _getobj(self):
            return module

        # Tests of earlier snippets are not collected again.
        def istestfunction(self, obj, name):
            return name in names and super().istestfunction(obj, name)

        def istestclass(self, obj, name):
            return name in names and super().istestclass(obj, name)

    class Listener:
        def pytest_collection(self, session):
            block = Block.from_parent(session, path=Path(document).absolute())
            session.items = [item for item in session.genitems(block) if top(item, block) in names]
            session.testscollected = len(session.items)
            return True

        @pytest.hookimpl(hookwrapper=True)
        def pytest_make_collect_report(self, collector):
            report = (yield).get_result()
            if report.failed:
                failed.append((collector.name, report.call.excinfo.value))

        @pytest.hookimpl(hookwrapper=True)
        def pytest_runtest_makereport(self, item, call):
            report = (yield).get_result()
            error = call.excinfo.value if call.excinfo else None
            if report.failed and isinstance(error, pytest.FixtureLookupError):
                notes.append(f"`{item.name}` did not run: there is no fixture `{error.argname}`")
            elif report.failed:
                failed.append((item.name, error or AssertionError(report.longrepr)))
            elif report.skipped and not hasattr(report, "wasxfail"):
                notes.append(f"`{item.name}` did not run: {error}")

    code = pytest.main(OPTIONS, [Listener()])
    if code not in (0, 1, 5):
        failed.append(("pytest", RuntimeError(f"pytest ended with code {int(code)}")))
    for name in set(namespace) - before:
        if str(name).startswith(("__pytest", "xunit_setup")):
            del namespace[name]
    return notes, failed


def module_of(namespace):
    """The module whose names these are, so that what fixtures set on `request.module` is a name of the tests."""
    main = sys.modules.get("__main__")
    if main is not None and vars(main) is namespace:
        return main
    module = type(sys)("__main__")
    vars(module).update(namespace)
    return module


def top(item, block):
    """The name below the module: of a class, or of a function without its parameters."""
    chain = item.listchain()
    node = chain[chain.index(block) + 1]
    return getattr(node, "originalname", None) or node.name


def by_unittest(namespace, names):
    unittest = standard("unittest")  # noqa: F821
    notes, failed = [], []

    class Listener(unittest.TestResult):
        def addError(self, test, err):
            failed.append((str(test), err[1]))

        addFailure = addError

        def addSubTest(self, test, subtest, err):
            if err is not None:
                self.addError(subtest, err)

        def addSkip(self, test, reason):
            notes.append(f"`{test}` did not run: {reason}")

        def addUnexpectedSuccess(self, test):
            failed.append((str(test), AssertionError("unexpected success")))

    for name in names:
        if isinstance(namespace[name], type) and is_case(namespace[name]):
            unittest.defaultTestLoader.loadTestsFromTestCase(namespace[name]).run(Listener())
            continue
        for test, call, parameters in calls(name, namespace[name]):
            if parameters:
                wants = ", ".join(f"`{parameter}`" for parameter in parameters)
                notes.append(f"`{test}` did not run: what gives it {wants} is pytest, which is not installed")
                continue
            try:
                finish(call())
            except unittest.SkipTest as reason:
                notes.append(f"`{test}` did not run: {reason}")
            except (Exception, SystemExit) as error:
                failed.append((test, error))
    return notes, failed


def calls(name, thing):
    """Name, callable and the parameters without a default: of a function, or of each test of a class."""
    if not isinstance(thing, type):
        return [(name, thing, required(thing))]
    methods = [method for method, member in vars(thing).items() if method.startswith("test") and callable(member)]
    return [
        (f"{name}.{method}", lambda method=method: in_fresh_object(thing, method), required(vars(thing)[method])[1:])
        for method in methods
    ]


def required(function):
    inspect = standard("inspect")  # noqa: F821
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    some = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [each.name for each in parameters if each.default is inspect.Parameter.empty and each.kind not in some]


def in_fresh_object(kind, method):
    """As pytest calls it: with `setup_method` before and `teardown_method` after."""
    subject = kind()
    getattr(subject, "setup_method", lambda *_: None)(*takes(subject, "setup_method", method))
    try:
        return finish(getattr(subject, method)())
    finally:
        getattr(subject, "teardown_method", lambda *_: None)(*takes(subject, "teardown_method", method))


def takes(subject, name, method):
    """Both may ask for the method they are called for."""
    return [getattr(subject, method)] if required(getattr(subject, name, None)) else []


def finish(result):
    """A coroutine is awaited."""
    if hasattr(result, "cr_await"):
        return standard("asyncio").run(result)  # noqa: F821
    return result
