"""What must not happen in each attack, and how to see whether it does.

An observation puts the attack into a fresh folder, runs it, and gives back its complaints: none if the attack was held.
It looks at what the run says and leaves, at files, processes and memory; never at why something was refused.
"""

import ctypes
import os
import re
import shutil
import unicodedata
from pathlib import Path

import bounded
from bounded import MIB, Account, Bounds, Ran
from place import USUAL, Attack, Place, Who, events, fences, passed, sound

# Environments and settings of a checkout -------------------------------------------------------------------------


def environment_above(place: Place) -> list[str]:
    ran = place.script(Bounds(seconds=110, memory_mib=2048))
    wrong = list(ran.breaches)
    if "READ TOP-SECRET" in ran.out:
        wrong.append("a private folder was read")
    wrong += started_code(ran.out)
    if re.search(r"^PWNED$", ran.out, re.MULTILINE):
        wrong.append("a file of the machine was written")
    endless, pipe = re.search(r"endless: rc (\d+)", ran.out), re.search(r"pipe: rc (\d+)", ran.out)
    for name, code in (("an endless file", endless), ("a pipe", pipe)):
        if not ran.breaches and (code is None or int(code[1]) not in (0, 1, 2)):
            wrong.append(f"{name}: exit code {code and code[1]}")
    return wrong


def start_of_the_interpreter(place: Place) -> list[str]:
    ran = place.script()
    wrong = ran.breaches + started_code(ran.out)
    if re.search(r"^(PWNED|hooks-pwned)$", ran.out, re.MULTILINE):
        wrong.append("a file of the project was written")
    return wrong


def started_code(out: str) -> list[str]:
    """Complaints of code that an environment runs at the start: it may run, but has no rights over mounts."""
    # What its calls gave: 0 is success. Capabilities are sixteen digits.
    found = re.search(r"\[('[0-9a-f]{16}', )?(-?\d+), (?:(-?\d+), )?['\"]", out)
    if found is None:
        return []
    wrong = []
    if found[1] and found[1].strip("', ") != "0" * 16:
        wrong.append(f"code ran with the capabilities {found[1].strip(', ')}")
    if "0" in (found[2], found[3]):
        wrong.append("code changed mounts")
    if "WROTE" in out:
        wrong.append("code wrote outside of its own folders")
    return wrong


def files_of_others(place: Place) -> list[str]:
    ran = place.script()
    if "evil" in ran.out:
        return [*ran.breaches, "settings of another user decide what runs"]
    return ran.breaches if "README.md" in ran.out else ["the project's own document did not run"]


def jobs_of_the_settings(place: Place) -> list[str]:
    usual = len(os.sched_getaffinity(0)) + 1
    # The usual number of sandboxes, each with its 512 MiB, and what the runner itself takes.
    ran = place.script(Bounds(seconds=90, memory_mib=usual * 512 + 256))
    place.document("pyproject.toml", f"[tool.snipcheck]\njobs = {usual + 1}\n")
    place.document("a.md", "# A\n\n```python\nprint(1)\n```\n")
    reported = place.run(["run", "a.md", "--untrusted", "--format", "json"])
    wrong = ran.breaches + sound(reported)
    if not any("jobs" in event["message"] for event in events(reported, "problem")):
        wrong.append("nothing is said about `jobs`")
    return wrong


def growing_redactions(place: Place) -> list[str]:
    return aborted(place.script(Bounds(seconds=110, memory_mib=1024)))


def endless_redaction(place: Place) -> list[str]:
    ran = place.script()
    return ran.breaches + re.findall("still running after \\w+", ran.out + ran.err)


def aborted(ran: Ran) -> list[str]:
    code = re.search(r"^rc (\d+)$", ran.out, re.MULTILINE)
    if ran.breaches or code is None:
        return ran.breaches or ["it did not end"]
    return [] if int(code[1]) in (0, 1, 2) else [f"exit code {code[1]}: {ran.err[-200:]}"]


# Sessions and others ----------------------------------------------------------------------------------------------


def forged_times(place: Place) -> list[str]:
    place.attack()
    place.document("other.md", "# Other\n\n```python\nprint(2)\n```\n")
    ran = place.run(["run", ".", "--format", "json"])
    return sound(ran) or passed(ran, "other.md")


# Runs its arguments, and passes descriptors from hand to hand meanwhile, as any program of the user may.
PASSING = """
import array, os, socket, subprocess, sys, time
run = subprocess.Popen(sys.argv[1:])
a, b = socket.socketpair()
null = os.open(os.devnull, os.O_RDONLY)
refused = ""
while run.poll() is None:
    try:
        a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [null]))])
        for fd in socket.recv_fds(b, 1, 1)[1]:
            os.close(fd)
    except OSError as error:
        refused = str(error)
    time.sleep(0.02)
print("REFUSED" if refused else "PASSED", refused, file=sys.stderr)
sys.exit(run.returncode)
"""


def descriptors_in_flight(place: Place) -> list[str]:
    place.attack()
    for number in range(10):
        place.document(f"other{number}.md", f"# Other {number}\n\n```python\nprint({number})\n```\n")
    python = shutil.which("python3", path=place.environment()["PATH"])
    words = ["run", ".", "--format", "json", "--jobs", "2"]
    ran = place.run(words, Bounds(60, 2048, descriptors=1024), before=(python, "-c", PASSING))
    wrong = sound(ran)
    for number in range(10):
        wrong += passed(ran, f"other{number}.md")
    if "\nPASSED" not in "\n" + ran.err:
        wrong.append(f"another program cannot pass descriptors: {ran.err[-100:]}")
    return wrong


def pseudo_terminals(place: Place) -> list[str]:
    text = place.attack("a.md")
    place.document("b.md", f"# Another\n\n{fences(text)[-1]}\n")
    wrong = []
    for words in ([], ["--share", "none"]):
        ran = place.run(["run", "a.md", "b.md", "--jobs", "1", "--format", "json", *words])
        outputs = [event["stdout"] for event in events(ran, "snippet") if event["path"] == "b.md"]
        wrong += sound(ran)
        wrong += [f"a later session: {output}" for output in outputs or ["did not run"] if "pty ok" not in output]
    return wrong


def untrusted_markers(place: Place) -> list[str]:
    text = place.attack("group.md")
    place.document("session.md", text.replace("group=g", "session=g"))
    place.document("continuation.md", re.sub(r"group=g\n(import)", r"continuation\n\1", text).replace(" group=g", ""))
    ran = place.run(["run", ".", "--untrusted", "--share", "none", "--format", "json"])
    snippets = events(ran, "snippet")
    wrong = sound(ran)
    wrong += [f"{event['id']} finds what another left" for event in snippets if "True" in event["stdout"]]
    return wrong if any(event["stdout"] for event in snippets) else [*wrong, "nothing was printed"]


def copies(place: Place) -> list[str]:
    text = place.attack()
    first = place.run(["run", "case.md", "--format", "json"], Bounds(90, 2048))
    # Nothing comes through the pipe of one that was held, so that the whole line is seen only without reading it.
    nothing_to_read = "__import__('select').select([{}], [], [], 0)[0]"
    text = text.replace("os.read(r, 99)", nothing_to_read.format("r"))
    text = text.replace("os.eventfd_read(e)", nothing_to_read.format("e"))
    place.document("case.md", text)
    second = place.run(["run", "case.md", "--format", "json"], Bounds(90, 2048))
    wrong = sound(first) + sound(second)
    for ran in (first, second):
        snippets = events(ran, "snippet")
        if len(snippets) != 4:
            return [*wrong, f"{len(snippets)} snippets were told of"]
        if re.search("from the copy|COPY|^False", snippets[1]["stdout"]):
            wrong.append(f"a copy has left something: {snippets[1]['stdout']}")
        if snippets[2]["ending"] == "killed":
            wrong.append("a copy has killed its original")
        if snippets[3]["ending"] == "timed-out" or snippets[3]["wall_ms"] > 6000:
            wrong.append(f"a copy has started a program: {snippets[3]['ending']} after {snippets[3]['wall_ms']} ms")
    seen = events(second, "snippet")[1]["stdout"]
    if seen != "True [] b'\\x00\\x00\\x00\\x00' [] 'precious'\n":
        wrong.append(f"after the copy the original finds {seen}")
    return wrong


def kept_from_snippets(place: Place) -> list[str]:
    ran = place.script()
    return ran.breaches + (["metadata of a repository were read"] if "READ " in ran.out else [])


def expected_output(place: Place) -> list[str]:
    place.attack()
    place.run(["accept", "case.md"])
    ran = place.run(["run", "case.md", "--format", "json"])
    found = [line for event in events(ran, "snippet") for line in event["stdout"].splitlines()]
    if not list(place.project.glob("expected/**/*.snap")):
        return ["no snapshot was accepted"]
    return sound(ran) + [line for line in found if line.startswith("READ")] + ([] if found else ["nothing ran"])


def deadlocks(place: Place) -> list[str]:
    text = place.attack()
    for number, fence in enumerate(fences(text)):
        place.document(f"alone{number}.md", f"# Alone\n\n{fence}\n")
    ran = place.run(["run", ".", "--format", "json"])
    snippets = events(ran, "snippet")
    wrong = sound(ran)
    wrong += [f"{event['id']} goes on" for event in snippets if "after" in event["stdout"]]
    wrong += [f"{event['id']} {event['verdict']}" for event in snippets if event["verdict"] != "failed"]
    return wrong if len(snippets) == 4 else [*wrong, f"{len(snippets)} snippets were told of"]


# What a run leaves, and what it takes -----------------------------------------------------------------------------


def survivors(place: Place) -> list[str]:
    left: list[str] = []
    sent: list[str] = []
    before: set[int] = set()

    def look(out: str) -> bool:
        lanes = {pid for pid in bounded.descendants() if bounded.name(pid) == "snipcheck __lane"}
        signals = re.findall(r"^(SIG\w+): .*\n", out, re.MULTILINE)
        if len(signals) > len(sent):
            sent[:] = signals
            # The next run may have begun already. Its lanes were not there before the line was written.
            survived = len(lanes & before)
            left.extend([f"{survived} processes live on after {signals[-1]}"] if survived else [])
        before.clear()
        before.update(lanes)
        return len(sent) == 3

    ran = place.script(watcher=look)
    scratch = re.findall(r"^(SIG\w+): .*scratch \S*snipcheck-", ran.out, re.MULTILINE)
    left += [f"a scratch folder is left after {name}" for name in scratch]
    return left + ran.breaches + ([] if len(sent) == 3 else [f"{len(sent)} of 3 signals were sent"])


def disk_in_flight(place: Place) -> list[str]:
    place.attack()
    scratch = place.folder / "tmp"
    # Unlinked files are in no folder. What the file system lost is exact where nobody else writes.
    bound_mib = 96 if own_file_system(scratch, place.account) else 224
    before, peak = free_mib(scratch), 0

    def look(_: str) -> bool:
        nonlocal peak
        peak = max(peak, before - free_mib(scratch))
        return False

    command = [str(place.snipcheck), "run", "case.md", "--format", "json"]
    ran = bounded.run(command, place.project, place.environment(), place.account, USUAL, look)
    # A folder that is mounted on cannot be removed. Without a mount this is an error that means nothing.
    MNT_DETACH = 2
    ctypes.CDLL(None).umount2(str(scratch).encode(), MNT_DETACH)
    return sound(ran) + ([f"{peak} MiB of disk"] if peak > bound_mib else [])


def free_mib(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize // MIB


def own_file_system(folder: Path, account: Account) -> bool:
    """Mounts a file system that nobody outside of this process sees. Only root can."""
    CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x00020000, 1 << 14, 1 << 18
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"size=1g,mode=755,uid={account.uid},gid={account.gid}".encode()
    return (
        libc.unshare(CLONE_NEWNS) == 0
        and libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0
        and libc.mount(b"tmpfs", str(folder).encode(), b"tmpfs", 0, options) == 0
    )


def remembered_tier(place: Place) -> list[str]:
    ran = place.script()
    tiers = [event["sandbox"] for event in events(ran, "summary")]
    if len(tiers) != 2:
        return [*ran.breaches, f"{len(tiers)} of 2 runs reported"]
    return ran.breaches + (["the second run is in tier B"] if tiers[1] != "a" else [])


def killed_lanes(place: Place) -> list[str]:
    ran = place.script(Bounds(seconds=120, memory_mib=2048))
    codes = re.findall(r"^rc (\d+) (.*)$", ran.out, re.MULTILINE)
    wrong = [f"rc {code} {text[:80]}" for code, text in codes if code not in ("0", "1")]
    return ran.breaches + sorted(set(wrong)) + ([] if len(codes) == 25 else [f"{len(codes)} of 25 runs ended"])


# Kills a run that writes snapshots when the first of them is there, again and again.
KILLING = """
import os, random, shutil, subprocess, sys, time
for _ in range(40):
    shutil.rmtree("expected", ignore_errors=True)
    run = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while run.poll() is None and not os.path.exists("expected"):
        time.sleep(0.0005)
    time.sleep(random.random() / 50)
    run.kill()
    run.wait()
    for folder, _, names in os.walk("."):
        for name in names:
            if name.startswith(".snipcheck-"):
                print(name)
"""


def left_by_killed_writers(place: Place) -> list[str]:
    wrong = left_by_kills(place)
    for number in range(30):
        place.document(f"d{number}.md", "# D\n\n```python\nprint('word ' * 10000)\n```\n")
    python = shutil.which("python3", path=place.environment()["PATH"])
    ran = place.run(["accept", "."], before=(python, "-c", KILLING))
    found = ran.out.split()
    return wrong + ran.breaches + ([f"{len(found)} left beside snapshots, such as {found[0]}"] if found else [])


def left_by_kills(place: Place) -> list[str]:
    ran = place.script(Bounds(seconds=120, memory_mib=2048))
    found = ran.out.split()
    return ran.breaches + ([f"{len(found)} left, such as {Path(found[0]).name}"] if found else [])


# A document about text that a terminal obeys, and the places where an update could write it.
OBEYED = """# Obeyed

```python
print({0})
```

Output:

```text
old
```

```python
text = {0}
print(text)  # old
text  # 'old'
```

```pycon
>>> print({0})
old
```
"""
LETTERS = ("\x1b[31mx", "\x9b31mx", "\u202ex", "\u2067x", "x\u2028x", "\u200fx")


def controls_in_documents(place: Place) -> list[str]:
    names = ["case.md", *(f"obeyed{number}.md" for number in range(len(LETTERS)))]
    place.attack()
    for name, letters in zip(names[1:], LETTERS, strict=True):
        place.document(name, OBEYED.format(ascii(letters)))
    ran = place.run(["update", "--yes", "."])
    wrong = list(ran.breaches)
    for name in names:
        # As bytes: universal newlines would hide a carriage return.
        written = (place.project / name).read_bytes().decode()
        found = {letter for letter in written if unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp")} - {"\n"}
        wrong += [f"{name}: U+{ord(letter):04X} was written" for letter in sorted(found)]
    return wrong


A, B = ("a",), ("b",)
ATTACKS = (
    Attack("24", "a lane killed at its start", killed_lanes),
    Attack("25", "temporary files of killed runs", left_by_killed_writers, tiers=A),
    Attack("29", "canaries of killed runs", left_by_kills),
    # It finds the run by its age, two seconds after the start: nothing else may slow that down.
    Attack("10", "processes that outlive the run", survivors, tiers=B, needs=("pgrep",), lonely=True),
    Attack("06", "a redaction without end", endless_redaction, tiers=A),
    Attack("16", "copies that reach somebody", copies),
    Attack("21", "jobs of the settings", jobs_of_the_settings, tiers=A),
    Attack("01", "an environment above the project", environment_above, tiers=A),
    Attack("02", "code at the start of the interpreter", start_of_the_interpreter, Who.ORDINARY, A),
    Attack("03", "forged times", forged_times),
    Attack("05", "redactions that grow", growing_redactions, tiers=A),
    Attack("07", "pseudo-terminals of the lane", pseudo_terminals, Who.ORDINARY, A),
    Attack("08", "markers of untrusted documents", untrusted_markers, tiers=A),
    Attack("11", "disk of descriptors in flight", disk_in_flight, tiers=B),
    Attack("14", "a tier that is remembered", remembered_tier, Who.ROOT_WITH_READABLE_PYTHON, A),
    Attack("19", "repositories deeper down", kept_from_snippets, tiers=A),
    Attack("20", "settings of another user", files_of_others, Who.ROOT, A),
    Attack("26", "controls written into documents", controls_in_documents, tiers=A),
    Attack("28", "waits that end with the deadlock", deadlocks, tiers=A),
    Attack("30", "snapshots read by snippets", expected_output),
    Attack("04", "descriptors in flight", descriptors_in_flight, Who.ORDINARY, lonely=True),
)
