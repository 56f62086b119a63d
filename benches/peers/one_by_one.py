"""Runs every Python fence of a folder of documents in an interpreter of its own: the plain way to isolate a little.

usage: python one_by_one.py FOLDER
"""

import re
import subprocess
import sys
from pathlib import Path


def main() -> int:
    passed = failed = 0
    for document in sorted(Path(sys.argv[1]).iterdir()):
        text = document.read_text(encoding="utf-8")
        for code in re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
            if done.returncode == 0:
                passed += 1
            else:
                failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
