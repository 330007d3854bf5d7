"""Start a student's process, talk to it without trusting it, and end it."""

from __future__ import annotations

import itertools
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from . import processes, visible
from .inside.messages import PREFIX, Refused, pack, short, sizes, unpack
from .limits import CannotGrade, Isolation, Limits, Stopped

FIRST_UID = 210_000  # above the accounts of people and of ordinary containers
LOOK = 0.25  # seconds between two checks of the clock and the temporary folder
START = "import sys; sys.path.insert(0, sys.argv[1]); from inside.session import main; del sys.path[0]; main()"
_count = itertools.count()


class Box:
    """One student's process: started from the bytes of a notebook, queried by `call`, ended by `close`.

    Attributes
    ----------
    problems : list of str
        What went wrong while the cells ran, in the process's own words: shown, but never trusted.
    """

    def __init__(
        self,
        notebook: bytes,
        limits: Limits,
        how: Isolation,
        *,
        withheld: Iterable[str] = (),
        functions: Iterable[str] = (),
        entropy: int = 1,
        skip: Iterable[int] = (),
    ):
        self.limits, self.how = limits, how
        self.problems: list[str] = []
        self._cell: int | None = None
        self._looked = 0.0
        self._uid = FIRST_UID + (os.getpid() * 8 + next(_count) % 8) % 1_000_000 if how.change_user else 0
        self._folder = self._temporary_folder() if how.kind == "limits" else None
        self._process: Any = None  # a Popen, from _start on
        try:
            self._start()
            settings = {
                **_confinement(limits, how, self._uid, self._folder),
                "seconds": float(limits.seconds),
                "preload": ["numpy", "nnbook"],
                "withheld": list(withheld),
                "functions": list(functions),
                "entropy": entropy % (1 << 62),
                "skip": list(skip),
                "notebook": notebook,
            }
            self._begin(0.0, 60.0)
            try:
                self._send(settings)
                ready = self._receive()
            except (Stopped, Refused) as error:
                raise CannotGrade(f"the sandbox did not start: {error} {self._said()}") from None
            if ready != {"ready": True}:
                raise CannotGrade("the sandbox did not start as expected")
            self._begin(2 * limits.seconds + 2, limits.patience)  # for the cells, and for the checks
            self._load()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def call(self, function: str, arguments: list) -> list[dict]:
        """Return one outcome for each list of arguments, in one of the forms of `outcome`.

        Raises
        ------
        Stopped
            When the process ended, was ended, or sent something other than an answer.
        """
        seconds = max(1.0, self.limits.seconds / 2)
        self._begin(seconds * len(arguments) + 2, 3 * seconds + self.limits.grace)
        try:
            self._send({"function": function, "calls": arguments, "seconds": seconds})
            answer = self._receive()
        except Refused as error:
            raise Stopped(f"the answer was refused: {error}") from None
        outcomes = answer.get("outcomes") if isinstance(answer, dict) else None
        if not isinstance(outcomes, list) or not 0 < len(outcomes) <= len(arguments):
            raise Stopped("the notebook's process did not answer in the agreed form")
        outcomes = [outcome(given) for given in outcomes]
        last = outcomes[-1] if "error" in outcomes[-1] else {"error": "this call was not answered"}
        return outcomes + [last] * (len(arguments) - len(outcomes))

    def close(self) -> None:
        """End the process and everything that it started, and remove what it wrote."""
        process, self._process = self._process, None
        if process is not None:
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
        folder, self._folder = self._folder, None
        if folder is not None:
            try:
                os.rmdir(folder)
            except OSError:  # what a student wrote may be nested deeper than Python can walk
                subprocess.run(["rm", "-rf", "--", folder], check=False)

    # --- starting -------------------------------------------------------------------------------

    def _start(self):
        home = self._folder or "/tmp"
        self._process = subprocess.Popen(
            _command(self.limits, self.how),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(home),
            cwd=self._folder or "/",
            start_new_session=True,
        )
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            os.set_blocking(pipe.fileno(), False)

    def _temporary_folder(self):
        folder = tempfile.mkdtemp(prefix="nnbook-")
        if self._uid:
            os.chown(folder, self._uid, self._uid)
        return folder

    def _load(self):
        """Follow the cells until all have run. Their numbers rise, so a flood of messages is limited."""
        while True:
            try:
                message = self._receive()
            except Refused as error:
                raise Stopped(
                    f"the notebook's process sent a message that cannot be read: {error}", self._cell
                ) from None
            number = message.get("cell") if isinstance(message, dict) else None
            if type(number) is int and (self._cell or 0) < number <= 10**6:
                self._cell = number
                continue
            loaded = message.get("loaded") if isinstance(message, dict) else None
            problems = message.get("problems") if type(loaded) is bool else None
            if not isinstance(problems, list) or not all(isinstance(p, str) for p in problems):
                raise Stopped("the notebook's process did not answer in the agreed form", self._cell)
            self.problems = [short(p, 600) for p in problems[:20]]
            if not loaded:
                raise Stopped(self.problems[0] if self.problems else "the notebook could not be read")
            self._cell = None
            return

    # --- the pipe -------------------------------------------------------------------------------

    def _begin(self, processor_time, patience):
        """Start the clock for the next step: this much wall-clock time, and more while the process is kept waiting."""
        self._patience = patience
        self._deadline = time.monotonic() + patience
        self._used, self._busy = processes.busy_time(self._process.pid) if processor_time else (0.0, 0.0)
        self._allowed = self._used + processor_time

    def _send(self, message):
        data = memoryview(pack(message))
        file = self._process.stdin.fileno()
        while data:
            self._wait(file, selectors.EVENT_WRITE)
            try:
                data = data[os.write(file, data) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise self._stopped("the notebook's process exited") from None

    def _receive(self):
        header, payload = sizes(self._read(PREFIX.size))
        header = self._read(header)
        return unpack(header, self._read(payload))

    def _read(self, length):
        parts, file = [], self._process.stdout.fileno()
        while length:
            self._wait(file, selectors.EVENT_READ)
            try:
                part = os.read(file, min(length, 1 << 16))
            except BlockingIOError:
                continue
            if not part:
                raise self._stopped("the notebook's process exited")
            parts.append(part)
            length -= len(part)
        return b"".join(parts)

    def _wait(self, file, event):
        """Wait for the pipe; the deadline is the same for a process that keeps sending and for a silent one."""
        with selectors.DefaultSelector() as selector:
            selector.register(file, event)
            while True:
                now = time.monotonic()
                if now - self._looked >= LOOK:
                    self._looked = now
                    self._look_around(now)
                if selector.select(LOOK):
                    return
                if self._process.poll() is not None and not selector.select(0):
                    raise self._stopped("the notebook's process exited")

    def _look_around(self, now):
        if now >= self._deadline:
            if not self._starved():
                raise self._stopped("the notebook's process did not answer in time and was ended")
            self._deadline = now + self._patience
        files, size = self._written()
        if files > self.limits.files:
            raise self._stopped(f"the notebook's process wrote more than {self.limits.files} files and was ended")
        if size > self.limits.temporary:
            megabytes = self.limits.temporary >> 20
            raise self._stopped(f"the notebook's process wrote more than {megabytes} MB of files and was ended")

    def _starved(self):
        """True while the process works and has used less than its CPU time: a busy machine must not change a mark."""
        busy = self._busy
        used, self._busy = processes.busy_time(self._process.pid)
        return used < self._allowed and self._busy - busy > 0.05 * self._patience

    def _written(self):
        """Return how many files and bytes are in the process's temporary folder."""
        if self._folder is not None:
            return _count_files(self._folder, self.limits.files)
        pid = self._process.pid
        while below := processes.children(pid):
            pid = below[0]
        try:
            status = os.statvfs(f"/proc/{pid}/root/tmp")
        except OSError:  # it has just ended
            return 0, 0
        in_sandbox = status.f_blocks * status.f_frsize <= self.limits.temporary  # not this system's own folder
        return (status.f_files - status.f_ffree if in_sandbox else 0), 0

    def _stopped(self, text):
        return Stopped(f"{text} in cell {self._cell}" if self._cell else text, self._cell)

    def _said(self):
        try:
            return short((os.read(self._process.stderr.fileno(), 4000) or b"").decode("utf-8", "replace"))
        except BlockingIOError:
            return ""


def _confinement(limits, how, uid, folder):
    """Return the settings for `confine`."""
    bubblewrap = how.kind == "bubblewrap"
    threads = limits.threads
    if not how.change_user:  # the limit then also counts this user's other processes, whose number varies
        threads += 1 if bubblewrap else processes.threads_of_user() + 64
    return {
        "uid": uid,
        "search": how.search,
        "dumpable": bubblewrap,  # so that the grader can read its folder; no other user could do so in the sandbox
        "files": None if bubblewrap else visible.for_landlock(folder),
        "resources": {
            "RLIMIT_CPU": int(12 * limits.seconds) + 10,
            "RLIMIT_AS": limits.memory,
            "RLIMIT_NPROC": threads,
            "RLIMIT_FSIZE": limits.file_size,
            "RLIMIT_NOFILE": 64,
            "RLIMIT_CORE": 0,
            "RLIMIT_MEMLOCK": 0,
            "RLIMIT_MSGQUEUE": 0,
        },
    }


def _command(limits, how):
    python = [sys.executable, "-I", "-B", "-c", START]
    if how.kind == "limits":
        return [*python, str(visible.COURSE)]
    command = [shutil.which("bwrap"), "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    if how.change_user:  # a superuser's bubblewrap needs no user namespace; the process changes its user
        command += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-all"]
    # /tmp comes first: the environment itself may be in there, and is then mounted on top of it.
    command += ["--perms", "1777", "--size", str(limits.temporary), "--tmpfs", "/tmp"]
    command += visible.for_bubblewrap()
    command += ["--proc", "/proc", "--dev", "/dev", "--size", "1048576", "--tmpfs", "/dev/shm"]
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]
    return [*command, *python, "/box"]


def outcome(given: Any) -> dict:
    """Return a process's answer to one call in the only form that the grader accepts, or raise Stopped.

    The forms are {"value": plain data}, {"error": text, "kind": text, "inside": text} and {"missing": True,
    "near": text}: whatever else is in a message is ignored.
    """
    if isinstance(given, dict):
        if set(given) == {"value"} and _is_plain(given["value"]):
            return given
        texts = {name: short(given.get(name, "")) for name in ("error", "kind", "inside", "near")}
        if all(isinstance(given.get(name, ""), str) for name in texts):
            if given.get("missing") is True and set(given) <= {"missing", "near"}:
                return {"missing": True, "near": texts["near"]}
            if "error" in given and "missing" not in given and "value" not in given:
                return {name: texts[name] for name in ("error", "kind", "inside")}
    raise Stopped("the notebook's process did not answer in the agreed form")


def _is_plain(value):
    if value is None or isinstance(value, str):
        return True
    if isinstance(value, dict):
        return all(isinstance(key, int | str) and _is_plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(_is_plain(item) for item in value)
    return isinstance(value, np.ndarray) and value.dtype.kind in "biufc"


def _environment(home):
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "MPLCONFIGDIR": home,
        "MPLBACKEND": "Agg",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONWARNINGS": "ignore",
        "MALLOC_ARENA_MAX": "2",  # otherwise each thread would reserve 64 MB of address space
        **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM")},
    }


def _count_files(folder, most):
    """Return how many files and bytes are in a folder; counting stops at more than `most` files."""
    files = size = 0
    waiting = [folder]
    while waiting and files <= most:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in itertools.islice(entries, most + 1):
                    files += 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:
            continue
    return files, size
