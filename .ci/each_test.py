"""Runs modules of CPython's own tests and says of each test what came of it, one line of JSON each.

Read by `clock.py`, which runs this text both as a program and as a snippet.
"""

import json
import os
import sys
import time
import unittest

from test import support

MARK = "@@ "
# What a machine must have: no network and no screen.
support.use_resources = ["cpu", "subprocess", "walltime"]
# These ask for a network and mean the loopback interface.
ON_LOOPBACK = {"test.test_socketserver"}
# In a virtual machine they wait for their host, for ever.
LEFT_OUT = ("test.test_socket.ThreadedVSOCKSocketStreamTest.",)


class Teller(unittest.TestResult):
    """Says it where no test can write: many close, replace or fill the standard streams."""

    def __init__(self, out):
        super().__init__()
        self.out, self.outcome, self.detail = out, None, ""

    def tell(self, **what):
        os.write(self.out, f"\n{MARK}{json.dumps(what)}\n".encode())

    def startTest(self, test):
        super().startTest(test)
        self.outcome, self.detail, self.began = "passed", "", time.monotonic()
        self.tell(began=test.id())

    def stopTest(self, test):
        super().stopTest(test)
        if self.outcome is None:
            return  # Skipped with its class, which has been said.
        took = time.monotonic() - self.began
        self.tell(test=test.id(), outcome=self.outcome, detail=self.detail, took=took)
        self.outcome = None

    def note(self, test, outcome, detail=""):
        if self.outcome is None:
            # Of a class or a module, before its first test or after its last one.
            self.tell(test=test.id(), outcome=outcome, detail=detail, took=0.0)
        elif self.outcome in ("passed", "skipped"):
            self.outcome, self.detail = outcome, detail

    def addFailure(self, test, err):
        self.note(test, "failed", self._exc_info_to_string(err, test))

    def addError(self, test, err):
        self.note(test, "error", self._exc_info_to_string(err, test))

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.note(test, "failed", self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        self.note(test, "skipped", reason)

    def addExpectedFailure(self, test, err):
        self.note(test, "expected failure")

    def addUnexpectedSuccess(self, test):
        self.note(test, "unexpected success")


def without(suite, known):
    """The suite, less the tests of these names."""
    left = type(suite)()
    for test in suite:
        if isinstance(test, unittest.BaseTestSuite):
            left.addTest(without(test, known))
        elif test.id() not in known and not test.id().startswith(LEFT_OUT):
            left.addTest(test)
    return left


def run(module, known):
    if module in ON_LOOPBACK:
        support.use_resources.append("network")
    out = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    teller = Teller(out)
    began = time.monotonic()
    suite = without(unittest.defaultTestLoader.loadTestsFromName(module), known)
    suite.run(teller)
    teller.tell(ended=module, took=time.monotonic() - began)
    os.close(out)
    sys.stdout.flush()
