"""Where an installation keeps the executable."""

import os
import sysconfig
from pathlib import Path

NAME = "snipcheck" + (sysconfig.get_config_var("EXE") or "")


class NotFound(Exception):
    """Says where the executable is not, and what to do."""


def find() -> Path:
    """The executable that was installed together with this package."""
    places = _places(Path(__file__).resolve().parent.parent)
    for place in places:
        executable = place / NAME
        if executable.is_file() and os.access(executable, os.X_OK):
            return executable
    listed = "\n".join(f"  {place}" for place in places)
    raise NotFound(
        f"no executable `{NAME}` is installed beside this package; looked in\n{listed}\n"
        "hint: `python -m pip install --force-reinstall snipcheck` installs both"
    )


def _places(packages: Path) -> list[Path]:
    """Folders for scripts, those first that belong to the folder this package is in."""
    places = [
        # `pip install --target FOLDER`, and a path of an index's build environment.
        packages / "bin",
        # PREFIX/lib/python3.x/site-packages: `--prefix`, and an environment below another one.
        *(parent / "bin" for parent in packages.parents[2:3]),
        Path(sysconfig.get_path("scripts")),
        Path(sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user"))),
    ]
    return list(dict.fromkeys(places))
