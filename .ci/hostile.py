"""Runs the hostile snippets beside this project.

usage: hostile.py LABEL SNIPCHECK FLOOR [--without-namespaces | --unprotected] [--user NAME]

`--unprotected` switches the sandbox off, to see whether the suite has teeth: then no more than FLOOR may hold.
"""

import ctypes
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SUITE = Path("../shared/redteam").resolve()
UNSHARE = {"x86_64": 272, "aarch64": 97}


def main() -> int:
    label, snipcheck, floor, *more = sys.argv[1:]
    without_namespaces = "--without-namespaces" in more
    unprotected = "--unprotected" in more
    more = [word for word in more if word not in ("--without-namespaces", "--unprotected")]
    with tempfile.TemporaryDirectory(prefix="snipcheck-hostile-") as place:
        # Another user may have to read it and to run it.
        Path(place).chmod(0o755)
        copied = shutil.copyfile(SUITE / "snipcheck_adapter.py", Path(place, "adapter.py"))
        python = shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin") or sys.executable
        adapter = " ".join([python, str(copied), snipcheck, *(["--sandbox=off"] if unprotected else [])])
        results = Path(place, "results.json")
        command = [sys.executable, str(SUITE / "run_suite.py"), "--adapter", "proto", "--label", label]
        done = subprocess.run(
            [*command, "--cli", adapter, "--json", str(results), *more],
            stdout=subprocess.PIPE,
            preexec_fn=refuse_namespaces if without_namespaces else bound if unprotected else None,
        )
        if done.returncode != 0 or not results.is_file():
            print(done.stdout.decode("utf-8", "backslashreplace").encode("ascii", "backslashreplace").decode())
            print(f"   WRONG: the suite ended with {done.returncode}")
            return 1
        cases = json.loads(results.read_text())["results"]
    passed = sum(case["ok"] for case in cases)
    if unprotected:
        print(f"   {passed} of {len(cases)} held without a sandbox, {floor} may")
        return 0 if passed <= int(floor) else 1
    for case in cases:
        if not case["ok"]:
            # What snippets wrote must not reach the log of a build server as it is.
            print(f"   not held: {case['id']}: {ascii('; '.join(case['problems']))[:300]}")
    print(f"   {passed} of {len(cases)} held, {floor} have to")
    return 0 if passed >= int(floor) else 1


def bound() -> None:
    """What the sandbox would hold back shall not take the machine along."""
    resource.setrlimit(resource.RLIMIT_NPROC, (400, 400))
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))


def refuse_namespaces() -> None:
    """From here on unshare(2) is EPERM, as Docker's default profile has it (seccomp(2), bpf(4))."""

    class Instruction(ctypes.Structure):
        _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("k", ctypes.c_uint32))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(Instruction)))

    LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
    ALLOW, ERROR = 0x7FFF0000, 0x00050000
    EPERM = 1
    instructions = (Instruction * 4)(
        (LOAD, 0, 0, 0),
        (JUMP_IF_EQUAL, 0, 1, UNSHARE[platform.machine()]),
        (RETURN, 0, 0, ERROR | EPERM),
        (RETURN, 0, 0, ALLOW),
    )
    program = Program(len(instructions), instructions)
    PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
    libc = ctypes.CDLL(None, use_errno=True)
    calls = ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program)))
    if any(libc.prctl(*call) for call in calls):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    sys.exit(main())
