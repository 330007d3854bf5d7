"""What the system says about other processes (Linux)."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator
from pathlib import Path


def busy_time(pid: int) -> tuple[float, float]:
    """Return the processor time of a process and its living descendants, and that plus their waiting for a processor.

    Both in seconds; 0 for what cannot be seen.
    """
    used = waited = 0.0
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                waited += int(Path(f"/proc/{pid}/task/{thread}/schedstat").read_text().split()[1]) / 1e9
        for child in children(pid):
            below = busy_time(child)
            used, waited = used + below[0], waited + below[1] - below[0]
    except (OSError, ValueError, IndexError):
        pass
    return used, used + waited


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that still run."""
    found = []
    for entry in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in entry.read_text().split()]
    return found


def threads_of_user() -> int:
    """Return how many threads this user runs, as the limit on processes counts them."""
    count = 0
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if entry.stat().st_uid == os.getuid():
                count += len(os.listdir(entry / "task"))
    return count


@contextlib.contextmanager
def closed_to_looks() -> Iterator[None]:
    """Keep processes of the same user from inspecting this one (Linux) while the block runs."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    before = prctl(3, 0, 0, 0, 0) if prctl is not None else 0  # PR_GET_DUMPABLE
    if prctl is not None and before == 1:
        prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
    try:
        yield
    finally:
        if prctl is not None and before == 1:
            prctl(4, 1, 0, 0, 0)
