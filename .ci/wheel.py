"""Tries what is built for an index: usage: wheel.py look WHEEL SDIST | wheel.py try README WHEEL UV PYTHON...

`look` reads the archives, `try` installs the wheel for each Python, with pip and with uv, and runs the first example of
the README. It runs as whoever starts it, and writes below the current folder.
"""

import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from email.parser import Parser
from pathlib import Path

LARGEST = 15 << 20
# Seconds that an installation from a file may take, on a machine that does other things as well.
SLOWEST = 20
INSIDE = re.compile(r"snipcheck/\w+\.py|snipcheck-[\w.]+\.(data/scripts/snipcheck|dist-info/.+)")
NEEDED = ["Cargo.lock", "Cargo.toml", "PKG-INFO", "README.md", "build.rs", "pyproject.toml", "src/main.rs"]
NEEDED += ["LICENSE-APACHE", "LICENSE-MIT", "crates/python/snipcheck/__main__.py"]
# What a reader of an index sees.
TOLD = ["Name", "Version", "Summary", "Keywords", "License-Expression", "Requires-Python", "Description-Content-Type"]


def main() -> None:
    match sys.argv[1:]:
        case ["look", wheel, sdist]:
            look(Path(wheel), Path(sdist))
        case ["try", readme, wheel, uv, *pythons]:
            for python in pythons:
                attempt(Path(readme).read_text(), str(Path(wheel).resolve()), str(Path(uv).resolve()), python)
        case _:
            sys.exit(__doc__)


def look(wheel: Path, sdist: Path) -> None:
    expect(wheel.stat().st_size < LARGEST, f"{wheel.name} has {wheel.stat().st_size >> 20} MiB")
    with zipfile.ZipFile(wheel) as archive:
        foreign = [name for name in archive.namelist() if not INSIDE.fullmatch(name)]
        expect(not foreign, f"{wheel.name} has {foreign}")
        text = archive.read(next(name for name in archive.namelist() if name.endswith("/METADATA"))).decode()
        entry = archive.read(next(name for name in archive.namelist() if name.endswith("/entry_points.txt"))).decode()
    told = Parser().parsestr(text)
    expect(all(told[key] for key in TOLD), f"{wheel.name} says nothing of {[key for key in TOLD if not told[key]]}")
    expect("Classifier" in told and "pytest11" in entry, f"{wheel.name} has no classifiers or no plugin")

    with tarfile.open(sdist) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    missing = [name for name in NEEDED if name not in names]
    expect(not missing, f"{sdist.name} lacks {missing}")
    foreign = [name for name in names if name.endswith((".pyc", "__pycache__"))]
    expect(not foreign, f"{sdist.name} has {foreign[:5]}")
    print(f"   {wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB; {sdist.name}: {sdist.stat().st_size / 1e6:.1f} MB")


def attempt(readme: str, wheel: str, uv: str, python: str) -> None:
    with tempfile.TemporaryDirectory(dir=".") as place:
        folder = Path(place).resolve()
        document, shown = example(readme)
        project = folder / "project"
        project.mkdir()
        project.joinpath("README.md").write_text(document)

        took = []
        for installer in ("pip", "uv"):
            venv = folder / installer
            if installer == "pip":
                say([python, "-m", "venv", venv])
            else:
                say([uv, "venv", "--quiet", "--no-project", "--python", python, venv])
            began = time.monotonic()
            if installer == "pip":
                say([venv / "bin/python", "-m", "pip", "install", "--quiet", "--no-index", wheel])
            else:
                say([uv, "pip", "install", "--quiet", "--no-index", "--python", venv / "bin/python", wheel])
            took.append(time.monotonic() - began)
            expect(took[-1] < SLOWEST, f"{installer} took {took[-1]:.0f} s")

            executable, here = venv / "bin/snipcheck", {"VIRTUAL_ENV": str(venv)}
            version = say([executable, "--version"])
            expect(say([venv / "bin/python", "-m", "snipcheck", "--version"]) == version, "`-m` is another one")
            said = say([executable, "run"], cwd=project, code=1, env=here)
            expect(timeless(said) == timeless(shown), f"the README shows\n{shown}\nand it is\n{said}")
            blocks = say([executable, "list"], cwd=project, env=here).count("README.md:")
            expect(blocks == 4, f"`list` finds {blocks} blocks")
        elsewhere(folder, wheel, folder / "pip/bin/python", version)
        tool = [uv, "tool", "run", "--quiet", "--no-index", "--python", python, "--from", wheel]
        expect(say([*tool, "snipcheck", "--version"]) == version, "`uvx` is another one")
        print(f"   {python}: {version.strip()}; installed in {took[0]:.1f} s by pip, {took[1]:.1f} s by uv")


def elsewhere(folder: Path, wheel: str, python: Path, version: str) -> None:
    """`python -m snipcheck` finds the executable where an environment does not keep it."""
    base = Path(say([python, "-c", "import sys; print(sys._base_executable)"]).strip())
    for flags, paths in [
        (["--target", folder / "target"], [folder / "target"]),
        (["--prefix", folder / "prefix"], (folder / "prefix").glob("l*/python3*/*-packages")),
        (["--user"], None),
    ]:
        env = {"PYTHONUSERBASE": str(folder / "base"), "PIP_BREAK_SYSTEM_PACKAGES": "1"}
        pip = [python, "-m", "pip", f"--python={base}"] if flags == ["--user"] else [python, "-m", "pip"]
        say([*pip, "install", "--quiet", "--no-index", "--ignore-installed", *flags, wheel], env=env)
        if paths is not None:
            # A glob finds its folders now that they are there.
            env["PYTHONPATH"] = os.pathsep.join(map(str, paths))
        said = say([base, "-m", "snipcheck", "--version"], env=env, cwd=folder)
        expect(said == version, f"`-m` after `pip install {flags[0]}` says {said}")

    executable = folder / "target/bin/snipcheck"
    executable.chmod(0o644)
    env = {"PYTHONPATH": str(folder / "target"), "PYTHONUSERBASE": str(folder / "nowhere")}
    process = subprocess.run([base, "-m", "snipcheck"], env=os.environ | env, capture_output=True, text=True)
    lines = process.stderr.splitlines()
    clear = lines[0].startswith("snipcheck: no executable") and lines[-1].startswith("hint: ")
    expect(process.returncode == 1 and clear, f"a missing executable: {process}")


def example(readme: str) -> tuple[str, str]:
    """The first document of the README, and what it shows of the run."""
    found = re.search(r"^````markdown\n(.*?)^````\n\n```console\n\$ snipcheck run\n(.*?)^```\n", readme, re.M | re.S)
    return found[1], found[2]


def timeless(text: str) -> str:
    """Without what differs from run to run and from machine to machine."""
    text = re.sub(r"\[ *\d+\.\d{3}s\]", "[time]", text)
    return re.sub(r"^  python: .+$", "  python: [python]", text, flags=re.M).strip()


def say(words: list, code: int = 0, env: dict | None = None, cwd: Path | None = None) -> str:
    whole = {key: value for key, value in os.environ.items() if key not in ("CI", "VIRTUAL_ENV", "PYTHONPATH")}
    process = subprocess.run(
        list(map(str, words)),
        cwd=cwd,
        env=whole | (env or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    expect(process.returncode == code, f"{' '.join(map(str, words))} ended with {process.returncode}\n{process.stdout}")
    return process.stdout


def expect(holds: bool, complaint: str) -> None:
    if not holds:
        sys.exit(complaint)


if __name__ == "__main__":
    main()
