#!/usr/bin/env python3
"""Races timeouts against events that are under way, thousands of times, on the virtual clock.

A wait that times out although somebody was about to end it, one that takes another time than it says, or one that
never ends: each is a wrong jump of the clock, and fails. Usage: races.py SNIPCHECK [ROUNDS [LOAD]]; LOAD is a number of
busy processes beside it.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

import raced
import raced_processes  # noqa: F401 (it adds its kinds)

LIMITS = ("--limit", "cpu=300s", "--limit", "tasks=256")


def document(name, rounds, noisy):
    code, share = raced.KINDS[name]
    code = code.replace("ROUNDS", str(max(2, int(rounds * share))))
    begin = "threading.Thread(target=noise, args=(stop := threading.Event(),), daemon=True).start()\n" if noisy else ""
    if "__main__" in code:
        code = code.replace("def main():\n", "def main():\n" + ("    " + begin if noisy else ""))
        begin = ""
    seed = f"SEED = {os.environ.get('SEED', '1')}\n"
    return (
        f"```python\n{seed}{raced.COMMON}\n{begin}{code}\n" + ("stop.set()\n" if begin else "") + "print('held')\n```\n"
    )


def main():
    program, rounds, load = sys.argv[1], int((sys.argv[2:3] or ["500"])[0]), int((sys.argv[3:4] or ["0"])[0])
    only = sys.argv[4:]
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(load)]
    try:
        with tempfile.TemporaryDirectory() as folder:
            total = 0
            for name in only or raced.KINDS:
                for noisy in (False, True):
                    # While a foreign program runs, noise would have to be real.
                    if noisy and name == "foreign":
                        continue
                    total += max(2, int(rounds * raced.KINDS[name][1]))
                    path = pathlib.Path(folder, f"{name}{'_noisy' if noisy else ''}.md")
                    path.write_text(document(name, rounds, noisy))
            began = time.monotonic()
            done = subprocess.run(
                [program, "run", "--share", "none", "--timeout", "300s", *LIMITS, "-v", "."],
                cwd=folder,
                capture_output=True,
                text=True,
            )
            took = time.monotonic() - began
    finally:
        for process in busy:
            process.kill()
    if done.returncode:
        print(done.stdout[-30000:], done.stderr[-3000:])
    print(f"   {total} races in {took:.1f} s, exit code {done.returncode}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
