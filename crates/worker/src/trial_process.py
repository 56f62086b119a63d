"""The Python side of a trial process, whose code must have no effect outside of it."""

import sys
from errno import EBADF
from posix import O_APPEND, O_CREAT, O_RDWR, O_TRUNC, O_WRONLY

CHANGES = O_APPEND | O_CREAT | O_RDWR | O_TRUNC | O_WRONLY
READS = ("os.listdir", "os.scandir", "os.walk", "os.fwalk", "os.getxattr", "os.listxattr")
ACTS = (
    "ctypes.",
    "fcntl.",
    "ftplib.",
    "http.",
    "imaplib.",
    "mmap.",
    "nntplib.",
    "os.",
    "poplib.",
    "pty.",
    "resource.",
    "shutil.",
    "signal.",
    "smtplib.",
    "socket.",
    "sqlite3.",
    "subprocess.",
    "syslog.",
    "telnetlib.",
    "tempfile.",
    "urllib.",
    "webbrowser.",
)


# Whether something was refused: then what the code raises says nothing about the code.
refused = False


def refuse(event, arguments):
    """An audit hook, which cannot be removed: it is called before anything happens, and refuses what changes things."""
    global refused
    if event == "open":
        flags = arguments[2]
        acts = not isinstance(flags, int) or flags & CHANGES
    else:
        acts = event.startswith(ACTS) and event not in READS
    if acts:
        refused = True
        raise PermissionError(f"`{event}` in a copy of the process")


def confine():
    sys.addaudithook(refuse)


def has_refused(error):
    """Whether something was refused since the last call. Pipes and sockets are closed in a trial process (`EBADF`)."""
    global refused
    was, refused = refused, False
    return was or isinstance(error, OSError) and error.errno == EBADF


def raised(code, namespace, kind_of):
    """`(kind, bases, message)` of what the code raises; nothing where it raises nothing, or cannot be tried."""
    try:
        compiled = compile(code, "<comment>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None, False
    try:
        exec(compiled, namespace)
    except BaseException as error:
        if has_refused(error):
            return None, False
        return kind_of(error), True
    return None, True
