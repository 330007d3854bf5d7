"""Grade one submission: run it in a box, ask it, compare what it answers with the laws, and give the score."""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
import time
from pathlib import Path

import numpy as np

from . import sandbox
from .assignments import ASSIGNMENTS
from .sandbox import Box, Limits, Stopped
from .tasks import Verdict, judge

LARGEST_NOTEBOOK = 7 << 20  # a notebook is a few hundred kilobytes; what is larger is not read
PACKAGE = Path(__file__).resolve().parent.parent


@functools.cache
def version() -> str:
    """Return a hash of the package's source: with another version a submission is graded anew."""
    total = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        total.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def key_of(secret: bytes, student: str, assignment: str, notebook: bytes | None, trouble: str) -> bytes:
    """Return 32 bytes that stand for this submission: the seed of its random cases, unknown to the student.

    They depend on the notebook itself, so that its arguments are drawn only when its code is fixed.
    """
    parts = [student, assignment, hashlib.sha256(notebook or b"").hexdigest(), trouble]
    return hmac.new(secret, json.dumps(parts).encode(), hashlib.sha256).digest()


def grade(item: dict) -> dict:
    """Return the result of one submission as plain data.

    Parameters
    ----------
    item : dict
        "student", "assignment" (their names), "notebook" (bytes, or None when there is none that can be read),
        "trouble" (why not, or a remark), "seed" (bytes from `key_of`), "limits" (of `Limits`), "isolation" ("best", …).

    Raises
    ------
    CannotGrade
        When the sandbox cannot be started: then nothing is known about the submission, and no mark is given.
    """
    assignment = ASSIGNMENTS[item["assignment"]]
    limits = Limits(**item["limits"])
    how = sandbox.isolation(item["isolation"])
    started = time.monotonic()
    problems, verdicts = [], []
    notebook = item["notebook"]
    if notebook is None:
        verdicts = [Verdict(task, reason=item["trouble"]) for task in assignment.tasks]
    else:
        session = _Session(notebook, assignment, limits, how, item["seed"])
        with session:
            for task in assignment.tasks:
                verdicts.append(_one_task(session, task, item["seed"]))
            problems = session.problems
    return {
        "student": item["student"],
        "assignment": assignment.name,
        "title": assignment.title,
        "score": round(sum(verdict.score for verdict in verdicts), 2),
        "max_score": assignment.points,
        "remark": item["trouble"],
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
    """One submission's box, started again when a function brought it down, so that the others are graded too."""

    def __init__(self, notebook, assignment, limits, how, seed):
        self._options = {
            "withheld": assignment.withheld,
            "functions": [task.function for task in assignment.tasks],
            "entropy": int.from_bytes(seed[:7], "big") | 1,
        }
        self._notebook, self._limits, self._how = notebook, limits, how
        self._box, self._fatal = None, ""
        self._deadline = time.monotonic() + 4 * limits.patience
        self.problems = []

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self._box is not None:
            self._box.close()

    def call(self, function, arguments):
        if self._fatal:
            raise Stopped(self._fatal)
        if self._box is None:
            if time.monotonic() > self._deadline:
                raise Stopped("the time for this notebook was up")
            try:
                self._box = Box(self._notebook, self._limits, self._how, **self._options)
            except Stopped as error:
                self._fatal = str(error)
                self.problems = [self._fatal]
                raise
            self.problems = self._box.problems
        try:
            return self._box.call(function, arguments)
        except Stopped:
            self._box.close()
            self._box = None
            raise
