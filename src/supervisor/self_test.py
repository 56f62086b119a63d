"""Tiny attacks on the sandbox that this runs in. Each that gets through is named, then comes `done`.

The caller puts `facts` in front: what is there outside to be read, written, reached and stopped.
"""

import ctypes
import os
import socket

facts = globals()["facts"]
libc = ctypes.CDLL(None, use_errno=True)


def read_canary():
    return facts["canary"] and open(facts["canary"]).read()


def write_canary():
    return facts["canary"] and open(facts["canary"], "a")


def connect_to_host():
    return facts["port"] and socket.create_connection(("127.0.0.1", facts["port"]), timeout=2)


def connect_to_abstract_socket():
    return facts["abstract"] and socket.socket(socket.AF_UNIX).connect("\0" + facts["abstract"]) is None


def read_variables_of_neighbour():
    return facts["token"] in open(f"/proc/{facts['pid']}/environ").read()


def signal_neighbour():
    os.kill(facts["pid"], 0)
    return True


def see_service_of_machine():
    return facts["port"] and f":{facts['port']:04X} " in open("/proc/self/net/tcp").read()


def become_root():
    os.setresuid(0, 0, 0)
    return True


def make_user_namespace():
    CLONE_NEWUSER = 0x10000000
    return libc.unshare(CLONE_NEWUSER) == 0


def mount():
    return libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None) == 0


def trace():
    PTRACE_TRACEME = 0
    return libc.ptrace(PTRACE_TRACEME, 0, None, None) == 0


def hide_memory():
    return os.memfd_create("hidden") >= 0


attacks = {
    "read a file of the machine": read_canary,
    "write a file of the machine": write_canary,
    "reach a service of the machine": connect_to_host,
    "reach an abstract socket of the machine": connect_to_abstract_socket,
    "read another process's variables": read_variables_of_neighbour,
    "signal a process outside": signal_neighbour,
    "see a service of the machine": see_service_of_machine,
    "become root": become_root,
    "make a user namespace": make_user_namespace,
    "mount a file system": mount,
    "trace a process": trace,
    "take memory that nobody counts": hide_memory,
}

for name, attack in attacks.items():
    try:
        through = attack()
    except OSError:
        through = False
    if through:
        print(name)
print("done", len(attacks))
