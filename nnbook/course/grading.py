"""Grade one submission: run it in a box, call its functions, compare the results with the laws, and give the score."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import hmac
import json
import time

import numpy as np

from . import sandbox
from .assignments import ASSIGNMENTS
from .box import Box
from .limits import Isolation, Limits, Stopped
from .processes import closed_to_looks
from .tasks import Verdict, judge
from .visible import PACKAGE

MOST_SKIPS = 3  # how many cells that end the process are left out before the notebook is given up
MOST_STARTS = 12  # how many times a process is started for one notebook; a count, because time depends on the machine


@functools.cache
def version() -> str:
    """Return a hash of the package's source: with another version a submission is graded again."""
    total = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        total.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def key_of(secret: bytes, student: str, assignment: str, notebook: bytes | None, trouble: str) -> bytes:
    """Return 32 bytes that identify this submission: the seed of its random cases, unknown to the student.

    They depend on the notebook itself, so that its arguments are drawn only when its code is fixed.
    """
    parts = [student, assignment, hashlib.sha256(notebook or b"").hexdigest(), trouble]
    return hmac.new(secret, json.dumps(parts).encode(), hashlib.sha256).digest()


def grade(item: dict) -> dict:
    """Return the result of one submission as plain data.

    Parameters
    ----------
    item : dict
        "student", "assignment" (their names), "notebook" (bytes, or None when it cannot be read),
        "trouble" (why not, or a remark), "handed_in" (text), "seed" (bytes from `key_of`), "limits" (of `Limits`),
        "isolation" ("bubblewrap" or "limits"), and "how" (of `Isolation`) where it has been tried on this machine.

    Raises
    ------
    CannotGrade
        When the sandbox cannot be started: then nothing is known about the submission, and no mark is given.
    """
    assignment = ASSIGNMENTS[item["assignment"]]
    how = Isolation(**item["how"]) if item.get("how") else sandbox.isolation(item["isolation"])
    started = time.monotonic()
    problems = []
    if item["notebook"] is None:
        verdicts = [Verdict(task, reason=item["trouble"]) for task in assignment.tasks]
    else:
        # A submission that runs as the same user could otherwise look into this process.
        alike = how.kind == "limits" and not how.change_user
        with closed_to_looks() if alike else contextlib.nullcontext():
            with _Session(item["notebook"], assignment, Limits(**item["limits"]), how, item["seed"]) as session:
                verdicts = [_one_task(session, task, item["seed"]) for task in assignment.tasks]
        problems = session.problems
    return {
        "student": item["student"],
        "assignment": assignment.name,
        "title": assignment.title,
        "score": round(sum(verdict.score for verdict in verdicts), 2),
        "max_score": assignment.points,
        "remark": item["trouble"],
        "handed_in": item.get("handed_in", ""),
        "problems": problems,
        "isolation": how.kind,
        "isolation_note": how.note,
        "seconds": round(time.monotonic() - started, 3),
        "tasks": [
            {
                "name": v.task.name,
                "function": v.task.function,
                "asks": v.task.asks,
                "chapter": v.task.chapter,
                "label": v.task.label,
                "score": v.score,
                "max_score": v.task.points,
                "reason": v.reason,
                "findings": v.findings,
                "example": v.example,
            }
            for v in verdicts
        ],
    }


def _one_task(session, task, seed):
    draws = []
    for i in range(task.draws):
        # One generator for each case, so that a task added later changes no other task's cases.
        words = hashlib.sha256(seed + f"{task.name}/{i}".encode()).digest()
        draws.append(task.draw(np.random.default_rng(list(words)), i))
    try:
        outcomes = session.call(task.function, [draw.arguments for draw in draws])
    except Stopped as error:
        return Verdict(task, reason=f"{task.function} could not be graded: {error}.")

    def ask(function, arguments):
        try:
            return session.call(function, arguments)
        except Stopped:
            return [{"error": "stopped"}] * len(arguments)

    return judge(task, draws, outcomes, ask)


class _Session:
    """One submission's box, started again when a function or a cell crashes it, so that the rest is graded too."""

    def __init__(self, notebook, assignment, limits, how, seed):
        self._options = {
            "withheld": assignment.withheld,
            "functions": [task.function for task in assignment.tasks],
            "entropy": int.from_bytes(seed[:7], "big") | 1,
        }
        self._notebook, self._limits, self._how = notebook, limits, how
        self._box, self._fatal, self._skipped = None, "", {}
        self._starts = 0
        self.problems = []

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self._box is not None:
            self._box.close()

    def call(self, function, arguments):
        while self._box is None:
            self._open()
        try:
            return self._box.call(function, arguments)
        except Stopped:
            self._box.close()
            self._box = None
            raise

    def _open(self):
        """Start the box; a cell that ends it is left out the next time, and what it defines is then missing."""
        if self._fatal:
            raise Stopped(self._fatal)
        self._starts += 1
        if self._starts > MOST_STARTS:
            raise Stopped("the notebook's process had ended too often")
        try:
            self._box = Box(self._notebook, self._limits, self._how, skip=sorted(self._skipped), **self._options)
            self.problems = [*self._skipped.values(), *self._box.problems]
        except Stopped as error:
            if error.cell is not None and len(self._skipped) < MOST_SKIPS:
                self._skipped[error.cell] = f"cell {error.cell} was left out: {error}"
                return
            self._fatal = str(error)
            self.problems = [*self._skipped.values(), self._fatal]
            raise
