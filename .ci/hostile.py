"""Runs the hostile snippets beside this project: usage: hostile.py LABEL SNIPCHECK FLOOR [--user NAME]"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SUITE = Path("../shared/redteam").resolve()


def main() -> int:
    label, snipcheck, floor, *more = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="snipcheck-hostile-") as place:
        # Another user may have to read it and to run it.
        Path(place).chmod(0o755)
        copied = shutil.copyfile(SUITE / "snipcheck_adapter.py", Path(place, "adapter.py"))
        python = shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin") or sys.executable
        adapter = f"{python} {copied} {snipcheck}"
        results = Path(place, "results.json")
        command = [sys.executable, str(SUITE / "run_suite.py"), "--adapter", "proto", "--label", label]
        done = subprocess.run([*command, "--cli", adapter, "--json", str(results), *more], stdout=subprocess.PIPE)
        if done.returncode != 0 or not results.is_file():
            print(done.stdout.decode("utf-8", "backslashreplace").encode("ascii", "backslashreplace").decode())
            print(f"   WRONG: the suite ended with {done.returncode}")
            return 1
        cases = json.loads(results.read_text())["results"]
    passed = sum(case["ok"] for case in cases)
    for case in cases:
        if not case["ok"]:
            # What snippets wrote must not reach the log of a build server as it is.
            print(f"   not held: {case['id']}: {ascii('; '.join(case['problems']))[:300]}")
    print(f"   {passed} of {len(cases)} held, {floor} have to")
    return 0 if passed >= int(floor) else 1


if __name__ == "__main__":
    sys.exit(main())
