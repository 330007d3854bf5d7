"""Start a student's process, closed off as well as this system can, and speak with it without believing it.

With bubblewrap the process has no network, sees the Python installation and the package read-only and nothing else,
writes to a small temporary folder of its own, and takes everything it started with it when it ends. Without it there
are the limits alone (time, memory, processes, file size), which a report then says. Code is never run with a
superuser's rights.
"""

from __future__ import annotations

import ctypes
import dataclasses
import functools
import itertools
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import harness
from .harness import Refused, short

HARNESS = Path(harness.__file__).resolve()
PACKAGE = HARNESS.parent.parent
FIRST_UID = 210_000  # above the accounts of people and of ordinary containers
_count = itertools.count()
_open = set()  # the processes of the boxes that are open now


class CannotGrade(Exception):
    """This system offers no safe way to run a submission, or the sandbox itself failed: no mark is given."""


class Stopped(Exception):
    """The student's process is gone or had to be ended; the text says why."""


@dataclasses.dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes
    ----------
    seconds : float
        Processor time for running all the cells, and again for the visible checks; half of it for each call.
    memory : int
        Bytes of address space of a process.
    processes : int
        Processes and threads at one time, the notebook's own included.
    file_size : int
        Bytes of any one file it writes.
    temporary : int
        Bytes of its temporary folder (bubblewrap only).
    grace : float
        Seconds by the clock that a process may be silent beyond three times its processor time.
    """

    seconds: float = 20.0
    memory: int = 1 << 30
    processes: int = 4
    file_size: int = 16 << 20
    temporary: int = 32 << 20
    grace: float = 5.0

    @property
    def patience(self) -> float:
        """Seconds by the clock before a silent process is ended: generous, so that a busy machine changes no mark."""
        return 3 * self.seconds + self.grace


@dataclasses.dataclass(frozen=True)
class Isolation:
    """How a student's process is closed off: `kind` "bubblewrap" or "limits", and whether its user is changed."""

    kind: str
    change_user: bool

    @property
    def note(self) -> str:
        """One sentence for the report."""
        if self.kind == "bubblewrap":
            return "bubblewrap: no network, no files but the package and its own, limits on time, memory and processes"
        user = ", under a user of its own" if self.change_user else ""
        return (
            f"LIMITS ONLY{user}: bubblewrap is not there, so a submission could read files of this machine and use the "
            "network; it cannot touch a comparison or a score made here"
        )


@functools.cache
def isolation(wanted: str = "best") -> Isolation:
    """Return the best isolation that works here, tried by running a process in it.

    Parameters
    ----------
    wanted : str
        "best", "bubblewrap" (no less will do) or "limits".

    Raises
    ------
    CannotGrade
        When nothing that was wanted works.
    """
    if wanted not in ("best", "bubblewrap", "limits"):
        raise ValueError(f'isolation must be "best", "bubblewrap" or "limits"; it is {wanted!r}')
    if os.name != "posix":
        raise CannotGrade("grading needs a POSIX system (limits on a process): use Linux, a container or WSL")
    root = os.geteuid() == 0
    choices = [Isolation("bubblewrap", root)] if shutil.which("bwrap") else []
    choices = [] if wanted == "limits" else choices
    choices += [] if wanted == "bubblewrap" else [Isolation("limits", root)]
    reasons = ["bubblewrap is not installed"] if not choices else []
    for choice in choices:
        try:
            with Box(_TRIAL, Limits(seconds=10), choice) as box:
                outcome = box.call("probe", [[]])[0]
            if outcome.get("value", None) is not None:
                return choice
            reasons.append(f"{choice.kind}: {outcome}; {box.problems}")
        except (Stopped, CannotGrade, OSError) as error:
            reasons.append(f"{choice.kind}: {error}")
    raise CannotGrade(
        "this system offers no safe way to run a submission ("
        + "; ".join(reasons)
        + "). Install bubblewrap, or run the grader as an ordinary user"
    )


_TRIAL = (
    b'{"cells": [{"cell_type": "code", "source":'
    b'"import numpy, nnbook, statistics, colorsys, os\\ndef probe():\\n    return os.getuid()"}]}'
)


class Box:
    """One student's process: made from the bytes of a notebook, asked by `call`, ended by `close`.

    Attributes
    ----------
    problems : list of str
        What went wrong while the cells ran, in the process's own words: not to be believed, only shown.
    """

    def __init__(self, notebook: bytes, limits: Limits, how: Isolation, *, withheld=(), functions=(), entropy: int = 1):
        self.limits, self.how, self.problems = limits, how, []
        self._at_cell, self._used, self._allowed = None, 0.0, 2 * limits.seconds + 2  # for the cells and for the checks
        self._uid = FIRST_UID + (os.getpid() * 8 + next(_count) % 8) % 1_000_000 if how.change_user else 0
        if how.kind == "limits":
            _adopt_orphans()
        self._before = _children() if how.kind == "limits" else None
        started = time.monotonic()
        self._process = subprocess.Popen(
            self._command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            cwd="/",
            start_new_session=True,
        )
        _open.add(self._process.pid)
        try:
            for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
                os.set_blocking(pipe.fileno(), False)
            settings = {
                "uid": self._uid,
                "seconds": float(limits.seconds),
                "resources": self._resources(),
                "preload": ["numpy", "nnbook"],
                "withheld": list(withheld),
                "functions": list(functions),
                "entropy": entropy % (1 << 62),
                "notebook": notebook,
            }
            try:
                self._deadline = started + 60
                self._send(settings)
                ready = self._receive()
            except (Stopped, Refused) as error:
                raise CannotGrade(f"the sandbox did not start: {error} {self._said()}") from None
            if ready != {"ready": True}:
                raise CannotGrade("the sandbox did not start as expected")
            self._deadline = time.monotonic() + limits.patience
            self._load()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def call(self, function: str, arguments: list) -> list[dict]:
        """Return one outcome for each list of arguments: {"value": …}, {"error": text, "kind": …} or {"missing": True}.

        Raises
        ------
        Stopped
            When the process ended, was ended, or answered with something that is no answer.
        """
        self._at_cell = None
        seconds = max(1.0, self.limits.seconds / 2)
        self._used = _processor_time(self._process.pid)
        self._allowed = self._used + seconds * len(arguments) + 2
        self._deadline = time.monotonic() + 3 * seconds + self.limits.grace
        try:
            self._send({"function": function, "calls": arguments, "seconds": seconds})
            answer = self._receive()
        except Refused as error:
            self.close()
            raise Stopped(f"the answer was refused: {error}") from None
        outcomes = answer.get("outcomes") if isinstance(answer, dict) else None
        if not isinstance(outcomes, list) or not outcomes or not all(isinstance(o, dict) for o in outcomes):
            self.close()
            raise Stopped("the notebook's process did not answer in the agreed form")
        last = outcomes[-1]
        if len(outcomes) < len(arguments):
            if "error" not in last:
                last = {"error": "there was no answer to this call"}
            outcomes = outcomes + [last] * (len(arguments) - len(outcomes))
        return outcomes[: len(arguments)]

    def close(self):
        """End the process and everything that it started."""
        process = self._process
        if process.pid not in _open:
            return
        for kill in (lambda: os.killpg(process.pid, signal.SIGKILL), process.kill):
            try:
                kill()
            except (ProcessLookupError, PermissionError):
                pass
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            try:
                pipe.close()
            except BrokenPipeError:
                pass
        if self._before is not None:
            self._end_orphans()
        _open.discard(process.pid)

    # --- inside ---------------------------------------------------------------------------------

    def _load(self):
        while True:
            try:
                message = self._receive()
            except Stopped as error:
                where = f" in cell {self._at_cell}" if self._at_cell else ""
                raise Stopped(f"{error}{where}") from None
            except Refused as error:
                raise Stopped(f"the notebook's process said something unreadable: {error}") from None
            if not isinstance(message, dict):
                raise Stopped("the notebook's process did not answer in the agreed form")
            if "cell" in message:
                self._at_cell = message["cell"] if isinstance(message["cell"], int) else "?"
                continue
            problems = message.get("problems")
            self.problems = [short(p) for p in problems[:20]] if isinstance(problems, list) else []
            if message.get("loaded") is not True:
                raise Stopped(self.problems[0] if self.problems else "the notebook could not be read")
            return

    def _resources(self):
        limits = self.limits
        processes = limits.processes
        if self.how.kind == "limits" and not self.how.change_user:
            processes += _processes_of_user()  # here the limit counts all that this user runs
        elif self.how.kind == "bubblewrap" and not self.how.change_user:
            processes += 1  # bubblewrap's own first process is counted with them
        return {
            "RLIMIT_CPU": int(12 * limits.seconds) + 10,
            "RLIMIT_AS": limits.memory,
            "RLIMIT_NPROC": processes,
            "RLIMIT_FSIZE": limits.file_size,
            "RLIMIT_NOFILE": 64,
            "RLIMIT_CORE": 0,
            "RLIMIT_MEMLOCK": 1 << 20,
            "RLIMIT_MSGQUEUE": 0,
        }

    def _command(self):
        if self.how.kind == "limits":
            return [sys.executable, "-I", "-B", str(HARNESS)]
        limits = self.limits
        command = [shutil.which("bwrap"), "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
        if self.how.change_user:  # a superuser's bubblewrap needs no user namespace; the harness changes the user
            command += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
            command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        else:
            command += ["--unshare-all"]
        # /tmp comes first: the environment itself may lie in there, and is then shown on top of it.
        command += ["--perms", "1777", "--size", str(limits.temporary), "--tmpfs", "/tmp"]
        command += _bindings()
        command += ["--proc", "/proc", "--dev", "/dev", "--size", "1048576", "--tmpfs", "/dev/shm"]
        command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]
        return [*command, sys.executable, "-I", "-B", "/harness.py"]

    def _send(self, message):
        data = memoryview(harness.pack(message))
        file = self._process.stdin.fileno()
        while data:
            self._wait(file, selectors.EVENT_WRITE)
            try:
                data = data[os.write(file, data) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise Stopped("the notebook's process ended by itself") from None

    def _receive(self):
        header, payload = harness.sizes(self._read(8))
        header = self._read(header)
        return harness.unpack(header, self._read(payload))

    def _read(self, length):
        parts, file = [], self._process.stdout.fileno()
        while length:
            self._wait(file, selectors.EVENT_READ)
            try:
                part = os.read(file, min(length, 1 << 16))
            except BlockingIOError:
                continue
            if not part:
                raise Stopped("the notebook's process ended by itself")
            parts.append(part)
            length -= len(part)
        return b"".join(parts)

    def _wait(self, file, event):
        with selectors.DefaultSelector() as selector:
            selector.register(file, event)
            while not selector.select(min(0.5, max(0.0, self._deadline - time.monotonic()))):
                if self._process.poll() is not None and not selector.select(0):
                    # Its children may still hold the pipe open; nobody who may answer is left.
                    raise Stopped("the notebook's process ended by itself")
                if time.monotonic() >= self._deadline:
                    if not self._starved():
                        raise Stopped("the notebook's process did not answer in time and was ended")
                    self._deadline = time.monotonic() + self.limits.patience

    def _starved(self):
        """True while the process works and had less than its processor time: a busy machine must change no mark."""
        used, before = _processor_time(self._process.pid), self._used
        self._used = used
        return before + 0.05 * self.limits.patience < used < self._allowed

    def _said(self):
        try:
            return short((os.read(self._process.stderr.fileno(), 4000) or b"").decode("utf-8", "replace"))
        except BlockingIOError:
            return ""

    def _end_orphans(self):
        """End what the process left behind: with the limits alone, a child may have fled from the group."""
        if self._uid:  # everything that runs under this user came from here
            _kill_user(self._uid)
        for _ in range(20):
            left = _children() - self._before - _open
            if not left:
                return
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                except (ProcessLookupError, PermissionError, ChildProcessError):
                    pass


def _environment():
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",
        "TMPDIR": "/tmp",
        "MPLCONFIGDIR": "/tmp",
        "MPLBACKEND": "Agg",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONWARNINGS": "ignore",
        **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM")},
    }


@functools.cache
def _bindings():
    """Return bubblewrap's arguments for what may be seen, read-only: the system's libraries, Python, the package."""
    paths = {Path("/usr")}
    for place in (sys.prefix, sys.base_prefix, sys.exec_prefix, PACKAGE, Path(sys.executable).parent):
        paths |= {Path(place), Path(place).resolve()}
    paths.add(Path(sys.executable).resolve().parent.parent)
    paths = [p for p in paths if p.exists() and str(p) not in ("/", "/usr/bin")]
    paths = sorted(p for p in paths if not any(q != p and q in p.parents for q in paths))
    command = []
    for link in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        if os.path.islink(link):
            command += ["--symlink", os.readlink(link), link]
        elif os.path.isdir(link):
            command += ["--ro-bind", link, link]
    made = set()
    for path in paths:
        for parent in reversed(path.parents):
            if str(parent) != "/" and parent not in made:
                command += ["--perms", "0755", "--dir", str(parent)]
                made.add(parent)
        command += ["--ro-bind", str(path), str(path)]
    for file in ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives"):
        command += ["--ro-bind-try", file, file]
    # The tasks and their laws are nobody's business in there; the harness alone is shown.
    folder = str(HARNESS.parent)
    command += ["--perms", "0755", "--size", "4096", "--tmpfs", folder, "--remount-ro", folder]
    return [*command, "--ro-bind", str(HARNESS), "/harness.py"]


def _adopt_orphans():
    """Have processes whose parent ends come to this process (Linux), so that none escapes by a double fork."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl:
        prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def _children() -> set[int]:
    """Return the processes that are children of this one now (Linux; elsewhere none can be seen)."""
    found = set()
    for entry in Path("/proc/self/task").glob("*/children") if os.path.isdir("/proc/self/task") else ():
        try:
            found |= {int(pid) for pid in entry.read_text().split()}
        except OSError:
            pass
    return found


def _processor_time(pid) -> float:
    """Return the seconds of processor time that a process and its living descendants have used (Linux; else 0)."""
    total = 0.0
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        for entry in Path(f"/proc/{pid}/task").glob("*/children"):
            total += sum(_processor_time(child) for child in entry.read_text().split())
    except (OSError, ValueError, IndexError):
        pass
    return total


def _processes_of_user() -> int:
    """Return how many threads this user runs, as the limit on processes counts them."""
    count = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if entry.stat().st_uid == os.getuid():
                count += len(os.listdir(entry / "task"))
        except OSError:
            pass
    return count if count else 4096


def _kill_user(uid):
    for _ in range(50):
        found = [int(p.name) for p in Path("/proc").glob("[0-9]*") if _owner(p) == uid]
        if not found:
            return
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.01)


def _owner(entry):
    try:
        for line in (entry / "status").read_text().splitlines():
            if line.startswith("State:") and "Z" in line:
                return None
            if line.startswith("Uid:"):
                return int(line.split()[1])
    except OSError:
        pass
    return None
