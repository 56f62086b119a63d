"""`python -m snipcheck`: becomes the executable of the same installation."""

import os
import sys

from snipcheck.executable import NotFound, find


def main() -> None:
    try:
        executable = find()
    except NotFound as error:
        sys.exit(f"snipcheck: {error}")
    sys.stdout.flush()
    try:
        os.execv(executable, [str(executable), *sys.argv[1:]])
    except OSError as error:
        sys.exit(f"snipcheck: cannot start `{executable}`: {error.strerror}")


if __name__ == "__main__":
    main()
