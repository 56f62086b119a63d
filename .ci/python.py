"""Says which Python this is, if snippets can run in it: "VERSION EXECUTABLE"."""

import platform
import sys
import sysconfig
from pathlib import Path

is_free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
if sys.version_info < (3, 11) or platform.python_implementation() != "CPython" or is_free_threaded:
    sys.exit(1)
# One interpreter has several names.
print(platform.python_version(), Path(sys.executable).resolve())
