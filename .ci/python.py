"""Says which Python this is, if an executable can be linked with it: "VERSION EXECUTABLE"."""

import platform
import sys
import sysconfig
from pathlib import Path

get = sysconfig.get_config_var
library = Path(get("LIBDIR") or "/", get("LDLIBRARY") or "")
headers = Path(sysconfig.get_path("include"), "Python.h")
usable = (
    sys.version_info >= (3, 11)
    and platform.python_implementation() == "CPython"
    and get("Py_ENABLE_SHARED")
    and not get("Py_GIL_DISABLED")
    and library.is_file()
    and headers.is_file()
)
if not usable:
    sys.exit(1)
# One interpreter has several names.
print(platform.python_version(), Path(sys.executable).resolve())
