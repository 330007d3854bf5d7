"""A notebook cell that tries what no submission may do; the sandbox runs it before any submission."""

from __future__ import annotations

import colorsys  # noqa: F401  these three are loaded by nothing else: it must be possible to import them
import ctypes
import importlib
import os
import sched  # noqa: F401
import socket
import statistics  # noqa: F401
import tempfile
from collections.abc import Iterable

libc = ctypes.CDLL(None, use_errno=True)


def doors(secret: str, tasks: str, others: Iterable[str], grader: int) -> str:
    """Return what works and must not, as text; what must work and does not raises an error."""
    found = []

    def must_fail(what, function, *arguments):
        try:
            result = function(*arguments)
        except OSError:
            return
        if what == "start a process" and result == 0:
            os._exit(0)
        found.append(f"a submission could {what}")

    def call(function, *arguments):
        result = function(*arguments)
        if result < 0:
            raise OSError(ctypes.get_errno(), "refused")
        return result

    must_fail("start a process", os.fork)
    must_fail("start a program", os.execv, "/bin/true", ["true"])
    must_fail("open a socket", socket.socket)
    must_fail("hold memory in a file", os.memfd_create, "x")
    must_fail("hold memory for all processes", call, libc.shmget, 0, 4096, 0o1600)
    must_fail("make a user namespace", call, libc.unshare, 0x10000000)
    must_fail("signal the grader", os.kill, int(grader), 0)
    must_fail("signal its parent", os.kill, os.getppid(), 0)
    must_fail("read a file of the teacher's", open, secret)
    must_fail("write a file of the teacher's", open, secret, "r+")
    must_fail("change a file's mode", os.chmod, tempfile.gettempdir(), 0o700)
    must_fail("truncate a file", os.truncate, secret, 0)
    must_fail("read the tasks", open, tasks)
    must_fail("write into the package", open, tasks + ".new", "w")
    for name in others:
        importlib.import_module(name)
    with tempfile.TemporaryFile() as file:
        file.write(b"x")
    return "; ".join(found)
