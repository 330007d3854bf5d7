"""Keep results: results.json as Gradescope reads it, signed with the course's secret; feedback; tables of marks.

Text from a submission is untrusted: it is cut and made printable before it is written.
"""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import hmac
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .deadlines import Deadlines, Late
from .feedback import feedback, told
from .inside.messages import short


@dataclasses.dataclass(frozen=True)
class ByHand:
    """What a teacher gave in nbgrader's page for one submission.

    Attributes
    ----------
    questions : tuple of (name, score or None while it is not marked, points, comment or None)
        The questions that are answered in words.
    marks : dict of str to float
        By task, the mark that replaces the grader's.
    comments : dict of str to str
        By task.
    """

    questions: tuple = ()
    marks: dict = dataclasses.field(default_factory=dict)
    comments: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Standing:
    """A result with everything else that counts: marks by hand and lateness."""

    result: dict
    late: Late = dataclasses.field(default_factory=Late)
    by_hand: ByHand = dataclasses.field(default_factory=ByHand)

    @property
    def points(self) -> float:
        """The points before any deduction."""
        marks = self.by_hand.marks
        given = [marks.get(task["name"], task["score"]) for task in self.result["tasks"]]
        return round(sum(given) + sum(score or 0 for _, score, _, _ in self.by_hand.questions), 2)

    @property
    def worth(self) -> float:
        """The maximum number of points, with questions in words if a teacher marks them here."""
        return self.result["max_score"] + sum(points for _, _, points, _ in self.by_hand.questions)

    @property
    def penalty(self) -> float:
        """The points deducted for lateness, never more than there are."""
        return round(min(self.points, self.late.share * self.worth), 2)

    @property
    def total(self) -> float:
        """The points that count."""
        return round(self.points - self.penalty, 2)


class Store:
    """The folder of results. Results without the course's signature are ignored.

    Parameters
    ----------
    folder : path
        Holds student/assignment/results.json and feedback.html, grades.csv and lms.csv.
    secret : bytes
        The course's secret.
    base : str
        Address of the book, for links in the feedback, or "".
    deadlines : Deadlines
    """

    def __init__(self, folder: Path, secret: bytes, base: str, deadlines: Deadlines):
        self.folder, self._secret, self._base, self.deadlines = Path(folder), secret, base, deadlines

    def read(self, student: str, assignment: str) -> tuple[str, dict | None]:
        """Return the key and the result that are stored, or "" and None."""
        folder = self.folder / student / assignment
        try:
            if not (folder / "feedback.html").is_file():
                return "", None
            extra = json.loads((folder / "results.json").read_text(encoding="utf-8"))["extra_data"]
            key, result = extra["key"], extra["result"]
            genuine = hmac.compare_digest(extra["signature"], self._signature(student, assignment, key, result))
        except (OSError, ValueError, KeyError, TypeError):
            return "", None
        return (key, result) if genuine else ("", None)

    def save(self, result: dict, key: str) -> None:
        """Write feedback.html and then results.json, whose presence means that both are complete."""
        student, assignment = result["student"], result["assignment"]
        late = self.deadlines.lateness(student, {assignment: result["handed_in"]})[assignment]
        folder = self.folder / student / assignment
        write(folder / "feedback.html", feedback(Standing(result, late), self._base))
        extra = {"key": key, "signature": self._signature(student, assignment, key, result), "result": result}
        write(folder / "results.json", json.dumps({**gradescope(result), "extra_data": extra}, indent=1) + "\n")

    def drop(self, student: str, assignment: str) -> None:
        """Remove an outdated result: an old mark must not count for a new submission."""
        shutil.rmtree(self.folder / student / assignment, ignore_errors=True)

    def all(self) -> list[dict]:
        """Return every genuine result in the folder, by student and assignment."""
        places = sorted((p.parent.parent.name, p.parent.name) for p in self.folder.glob("*/*/results.json"))
        return [result for place in places if (result := self.read(*place)[1]) is not None]

    def standings(self, by_hand: dict[tuple[str, str], ByHand] | None = None) -> list[Standing]:
        """Return all results with their lateness and, where they are known, the marks given by hand."""
        results, by_hand = self.all(), by_hand or {}
        handed_in: dict[str, dict[str, Any]] = {}
        for result in results:
            handed_in.setdefault(result["student"], {})[result["assignment"]] = result["handed_in"]
        late = {student: self.deadlines.lateness(student, times) for student, times in handed_in.items()}
        made = []
        for result in results:
            student, assignment = result["student"], result["assignment"]
            made.append(Standing(result, late[student][assignment], by_hand.get((student, assignment), ByHand())))
        return made

    def publish(self, standings: list[Standing]) -> None:
        """Update every page of feedback and write grades.csv and lms.csv."""
        for standing in standings:
            page = self.folder / standing.result["student"] / standing.result["assignment"] / "feedback.html"
            text = feedback(standing, self._base)
            if page.read_text(encoding="utf-8") != text:
                write(page, text)
        tables(self.folder, standings)

    def _signature(self, student, assignment, key, result):
        text = json.dumps([student, assignment, key, result], sort_keys=True)
        return hmac.new(self._secret, b"result:" + text.encode(), hashlib.sha256).hexdigest()


def gradescope(result: dict) -> dict:
    """Return a result in the form of Gradescope's results.json."""
    notes = [result["remark"], *(f"While your notebook ran: {p}" for p in result["problems"])]
    return {
        "score": result["score"],
        "execution_time": result["seconds"],
        "output": "\n".join(note for note in notes if note) or "Your notebook ran.",
        "output_format": "text",
        "visibility": "visible",
        "tests": [
            {
                "name": f"{task['function']}: {task['asks']}",
                "number": str(number),
                "score": task["score"],
                "max_score": task["max_score"],
                "status": "passed" if task["score"] == task["max_score"] else "failed",
                "output": told(task),
                "output_format": "text",
                "visibility": "visible",
            }
            for number, task in enumerate(result["tasks"], start=1)
        ],
    }


def write(path: Path, text: str) -> None:
    """Replace the file at `path` atomically; if that fails, the old file stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


COLUMNS = "student assignment score by_hand late_days penalty total max_score isolation remark".split()


def tables(folder: Path, standings: list[Standing]) -> None:
    """Write grades.csv (one row for each submission) and lms.csv (one row for each student, totals) into `folder`."""
    rows: list[list[Any]] = [COLUMNS]
    totals: dict[str, dict[str, str]] = {}
    for standing in standings:
        r, questions = standing.result, standing.by_hand.questions
        marked = [score for _, score, _, _ in questions if score is not None]
        by_hand = f"{sum(marked):g}" if marked else "not marked yet" if questions else ""
        note = r["remark"] or (r["problems"][0] if r["problems"] else "")
        numbers = [standing.late.days, f"{standing.penalty:g}", f"{standing.total:g}", f"{standing.worth:g}"]
        rows.append([r["student"], r["assignment"], f"{r['score']:g}", by_hand, *numbers, r["isolation"], note])
        totals.setdefault(r["student"], {})[r["assignment"]] = f"{standing.total:g}"
    write(folder / "grades.csv", as_csv(rows))
    names = sorted({name for row in totals.values() for name in row})
    rows = [["student", *names], *([s, *(totals[s].get(n, "") for n in names)] for s in sorted(totals))]
    write(folder / "lms.csv", as_csv(rows))


def as_csv(rows: Iterable[Iterable[Any]]) -> str:
    """Return rows as CSV in which no text is a formula: a spreadsheet would run it."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([[_cell(value) for value in row] for row in rows])
    return file.getvalue()


def _cell(value):
    text = short(value, 500).replace("\n", " ")
    return "'" + text if isinstance(value, str) and text[:1] in tuple("=+-@\t\r") else text
