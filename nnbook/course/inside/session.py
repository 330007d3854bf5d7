"""Run the cells of one notebook, then answer the grader's calls: what the student's process does."""

from __future__ import annotations

import builtins
import difflib
import os
import random
import re
import resource
import signal
import sys
import time
import traceback
import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.random  # NumPy would otherwise load it at first use, when files may no longer be readable

from .cells import Cell, code_cells, compiled
from .confine import confine
from .messages import PREFIX, Refused, pack, short, sizes, unpack
from .plain import plain
from .withhold import withhold


class TimeLimit(BaseException):
    """The time for a cell or a call is up; not an Exception, so that the usual `except` does not catch it."""


class Clock:
    """Interrupts what uses too much processor time, or waits for too long.

    Attributes
    ----------
    reason : str
        Why the last call was interrupted, or "".
    """

    def __init__(self):
        self.reason = ""
        self._started, self._seconds = 0.0, 0.0
        try:
            self._waits = os.open("/proc/self/schedstat", os.O_RDONLY)
        except OSError:
            self._waits = -1  # which cannot be read
        signal.signal(signal.SIGPROF, self._used_up)
        signal.signal(signal.SIGALRM, self._look)

    def timed(self, seconds: float, function: Callable, *arguments: Any) -> Any:
        """Call the function, and interrupt it when its time is up, again and again if it continues."""
        self.reason, self._seconds = "", seconds
        self._started = self._busy()
        signal.setitimer(signal.ITIMER_PROF, seconds, 0.2)
        signal.setitimer(signal.ITIMER_REAL, seconds + 1, 0.5)
        try:
            return function(*arguments)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _used_up(self, signum, frame):
        self.reason = f"took longer than {self._seconds:g} s of processor time"
        raise TimeLimit

    def _look(self, signum, frame):
        """Interrupt what sleeps; what computes, or waits for a busy processor, keeps the time it was given."""
        busy = self._busy()
        if self.reason or busy - self._started < 0.1:
            self.reason = self.reason or f"did nothing for {self._seconds + 1:g} s"
            raise TimeLimit
        self._started = busy

    def _busy(self):
        """Return the seconds that this process has worked or waited for a processor."""
        try:
            used, waited = os.pread(self._waits, 100, 0).split()[:2]
            return (int(used) + int(waited)) / 1e9
        except (OSError, ValueError):
            return time.process_time()


class Session:
    """A notebook's namespace, filled by its cells, and what went wrong on the way."""

    def __init__(self, settings: dict[str, Any]):
        self.problems: list[str] = []
        self._settings = settings
        self._clock = Clock()
        self._sources: dict[str, Any] = {}
        self._failed: list[tuple[Any, str]] = []  # (cell, text): it may have defined a name that is missing later
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        self.space = module.__dict__

    def run(self, cells: list[Cell], announce: Callable[[int], object]) -> None:
        """Run the cells; `announce` is called with the number of each before it is run.

        The visible checks have a separate time limit, so that an endless loop in one of them prevents no answer.
        """
        total = self._settings["seconds"]
        used = {True: 0.0, False: 0.0}
        for cell in cells:
            if cell.number in self._settings["skip"]:
                continue
            left = total - used[cell.is_check]
            if left <= 0.05:
                if cell.is_check:
                    continue
                self.problems.append(f"cell {cell.number} and those after it were not run: the time was up")
                return
            announce(cell.number)
            self._sources[cell.name] = cell.source.split("\n")
            started, allowed = _processor_time(), min(left, total / 2)
            try:
                self._clock.timed(allowed, lambda c=cell: exec(compiled(c), self.space))
            except BaseException as error:
                text = self.described(error)
                if not (cell.is_check and isinstance(error, Exception)):
                    self._failed.append((cell, text))
                    self.problems.append(f"cell {cell.number}: {text}")
            # Code that swallows interruptions uses up only its own time: the cells after it must not depend on chance.
            used[cell.is_check] += min(allowed, _processor_time() - started)

    def call(self, name: str, arguments: list, seconds: float) -> dict:
        """Return the outcome of one call of the function `name`."""
        function = self.space.get(name)
        if function is None:
            known = self._settings["functions"]
            others = [n for n in self.space if isinstance(n, str) and callable(self.space[n]) and n not in known]
            return {"missing": True, "near": "".join(difflib.get_close_matches(name, others, 1))}
        try:
            result = self._clock.timed(seconds, lambda: plain(function(*_live(arguments))))
            pack(result)
            return {"value": result}
        except Refused as error:
            return {"error": str(error), "kind": "Refused"}
        except BaseException as error:
            _, inside = _place(error)
            kind = "TimeLimit" if isinstance(error, TimeLimit) else type(error).__name__
            return {"error": self.described(error), "kind": str(kind)[:60], "inside": inside[:60]}

    def described(self, error: BaseException) -> str:
        """Return what happened, with the last line of the notebook's own that was being run."""
        if isinstance(error, TimeLimit):
            return self._clock.reason
        try:  # an exception of the student's own is described by the student's own code
            return self._clock.timed(1.0, self._described, error)
        except BaseException:
            return f"{short(type(error).__name__, 60)} (its text cannot be shown)"

    def _described(self, error):
        at, _ = _place(error)
        if isinstance(error, SyntaxError) and str(error.filename).startswith("<cell"):
            at = error.filename, error.lineno
            text = f"SyntaxError: {error.msg}"
        elif isinstance(error, MemoryError):
            text = "MemoryError: it needed more memory than there is"
        elif isinstance(error, ModuleNotFoundError):
            text = f"{type(error).__name__}: {short(error, 240)}; it is not installed where notebooks are graded"
        else:
            text = f"{type(error).__name__}: {short(error, 240)}"
        if at is None:
            return short(text)
        name, number = str(at[0]), at[1]
        lines = self._sources.get(name, [])
        line = lines[number - 1].strip() if number and number <= len(lines) else ""
        text = f"{short(text)} ({name[1:-1]}, line {number}{': ' if line else ''}{short(line, 80)})"
        return text + self._cause(error)

    def _cause(self, error):
        """Return the failure of the cell that would have defined a missing name, or ""."""
        if not isinstance(error, NameError) or not isinstance(error.name, str):
            return ""
        for cell, text in self._failed:
            if re.search(rf"\b{re.escape(error.name)}\b", cell.source):
                return f"; cell {cell.number}, in which {short(error.name, 40)} occurs, had failed: {text}"
        return ""


def _place(error):
    """Return (cell, line) and the function in which the notebook's own code was when the error arose."""
    at, inside = None, ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename.startswith("<cell"):
            at, inside = (frame.f_code.co_filename, number), frame.f_code.co_name
    return at, inside


def _processor_time():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _live(arguments):
    """Turn the description {"function": [kind, arrays …]} into a function of one array; the rest stays as it is."""
    made = []
    for value in arguments:
        if isinstance(value, dict) and "function" in value:
            _, c, A = value["function"]
            # A smooth function without a symmetry that could hide a wrong loop.
            value = lambda x, c=c, A=A: np.sum(c * np.sin(x)) + 0.5 * np.ravel(x) @ A @ np.ravel(x)  # noqa: E731
        made.append(value)
    return made


def _stand_ins(entropy):
    """Replace what a notebook expects around it with something harmless, and seed its random numbers."""
    names: Any = builtins
    names.display = lambda *things, **options: None
    builtins.input = lambda prompt="": ""

    class Shell:
        def __getattr__(self, name):
            return lambda *things, **options: None

    names.get_ipython = Shell
    # One seed for code that sets none: a submission gets the same mark on every run.
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
    if hasattr(np.random.bit_generator, "randbits"):
        np.random.bit_generator.randbits = lambda bits: entropy % (1 << bits)


# --- the pipe ---------------------------------------------------------------------------------------------


def _read(file, length):
    parts = []
    while length:
        part = os.read(file, min(length, 1 << 20))
        if not part:
            os._exit(0)
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _receive(file):
    header, payload = sizes(_read(file, PREFIX.size))
    return unpack(_read(file, header), _read(file, payload))


def _send(file, message):
    data = memoryview(pack(message))
    while data:
        data = data[os.write(file, data) :]


def main() -> None:
    """Read the settings, give up all rights, run the notebook, and answer calls until the pipe is closed."""
    requests, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    settings = _receive(requests)
    for file in (0, 1):  # whatever is printed is discarded
        os.dup2(null, file)
    for name in settings["preload"]:
        __import__(name)
    session = Session(settings)  # it opens what it needs while that is allowed
    confine(settings)
    os.dup2(null, 2)
    os.close(null)
    sys.argv = ["notebook"]
    warnings.simplefilter("ignore")
    _stand_ins(settings["entropy"])
    withhold(settings["withheld"])
    _send(answers, {"ready": True})
    try:
        cells = code_cells(settings.pop("notebook"))
    except Refused as error:
        _send(answers, {"loaded": False, "problems": [str(error)]})
        return
    session.run(cells, lambda number: _send(answers, {"cell": number}))
    _send(answers, {"loaded": True, "problems": session.problems[:20]})
    while True:
        request = _receive(requests)
        outcomes = []
        for arguments in request["calls"]:
            outcomes.append(session.call(request["function"], arguments, request["seconds"]))
            if outcomes[-1].get("kind") == "TimeLimit":
                break  # the next call would take as long
        try:
            _send(answers, {"outcomes": outcomes})
        except Refused as error:
            _send(answers, {"outcomes": [{"error": str(error), "kind": "Refused"}]})
