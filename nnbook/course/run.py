"""Grade a folder of submissions on all cores or on a Dask cluster, without losing results when a worker dies."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from . import engines, feedback, grading, sandbox, visible
from .deadlines import Deadlines
from .inside.messages import short
from .limits import CannotGrade, Isolation, Limits
from .results import Store
from .submissions import Submission, find


@dataclasses.dataclass
class Report:
    """What a run did."""

    results: list[dict]
    submissions: dict[tuple[str, str], bytes | None]
    graded: int
    unchanged: int
    failed: list[str]
    skipped: list[str]
    seconds: float
    note: str
    store: Store

    def __str__(self):
        submissions = "submission" if self.graded == 1 else "submissions"
        lines = [f"{self.graded} {submissions} graded, {self.unchanged} unchanged, in {self.seconds:.1f} s"]
        if self.graded and self.seconds:
            lines[0] += f" ({self.graded / self.seconds:.1f} per second; this process used {_memory():.0f} MB at most)"
        lines.append(f"isolation: {self.note}")
        for name, entries in (("not graded", self.failed), ("left out", self.skipped)):
            lines += [f"{name}: {entry}" for entry in entries]
        return "\n".join(lines)


def _memory():
    import resource  # Windows does not have it; there grading refuses to start and says why

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def secret_of(path: Path) -> bytes:
    """Return the course's secret, from which the random cases are drawn and with which results are signed.

    It is made at the first run. It keeps students from working out their cases beforehand, gives the same cases on
    every run, and shows which results are the grader's own.
    """
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
        secret = path.read_bytes()
    if len(secret) < 16:
        raise ValueError(f"grade: the secret in {str(path)!r} must have at least 16 bytes; it has {len(secret)}")
    return secret


def grade_folder(
    submitted: str | os.PathLike,
    output: str | os.PathLike,
    *,
    assignment: str | None = None,
    student: str | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    secret: Path | None = None,
    limits: Limits | None = None,
    isolation: str = "bubblewrap",
    book: str | None = None,
    deadlines: Deadlines | None = None,
    again: bool = False,
    progress: bool = True,
) -> Report:
    """Grade all submissions below a folder that are new or changed, and write results, feedback and tables.

    Parameters
    ----------
    submitted : path
        Folder with student/assignment/assignment.ipynb.
    output : path
        Folder for student/assignment/results.json and feedback.html, grades.csv and lms.csv.
    assignment, student : str, optional
        Only this assignment, only this student.
    workers : int, optional
        Processes here; as many as there are cores unless given.
    scheduler : str, optional
        Address of a Dask scheduler, "tcp://…": the work goes to its workers instead of this machine.
    secret : path, optional
        File with the course's secret; output/.secret unless given.
    limits : Limits, optional
        What one submission may use.
    isolation : str
        "bubblewrap", or "limits", which needs no bubblewrap and protects less.
    book : str, optional
        Address of the book, for links in the feedback.
    deadlines : Deadlines, optional
        The deductions for lateness; none unless given.
    again : bool
        Grade unchanged submissions too.
    progress : bool
        Show a progress bar if there is a terminal.

    Raises
    ------
    ValueError
        When an argument is not as described.
    CannotGrade
        When submissions cannot be run safely here.
    """
    started = time.monotonic()
    submitted, output = Path(submitted), Path(output)
    if output.resolve().is_relative_to(submitted.resolve()):
        raise ValueError("grade: the output must not lie inside the folder of submissions")
    submissions, left_out = find(submitted, assignment, student)
    secret = output / ".secret" if secret is None else Path(secret)
    how = None
    if scheduler is None:
        visible.keep_out(submitted, output, secret)
        how = sandbox.isolation(isolation)
    elif isolation not in sandbox.KINDS:
        raise ValueError(f"grade: isolation must be one of {', '.join(sandbox.KINDS)}; it is {isolation!r}")
    course_secret = secret_of(secret)
    base = feedback.book_url() if book is None else book
    store = Store(output, course_secret, base, deadlines or Deadlines())
    work = _Work(store, course_secret, limits or Limits(), isolation, how, again)
    items = work.items(submissions)
    if scheduler:
        engine = engines.on_cluster(_attempt, items, scheduler)
    else:
        engine = engines.here(_attempt, items, workers or os.cpu_count() or 1)
    with engines.progress_bar(len(submissions), progress) as advance:
        for item, result in engine:
            work.take(item, result)
            advance(len(work.results) + len(work.failed))
    if student is None:
        store.publish(store.standings())
    note = " / ".join(work.notes) or (how.note if how else "nothing was run")
    seconds = time.monotonic() - started
    ordered = [work.results[names] for names in sorted(work.results)]
    return Report(ordered, work.read, work.graded, work.unchanged, work.failed, left_out, seconds, note, store)


class _Work:
    """The submissions to grade and the results so far, kept in this process whatever happens to files."""

    def __init__(self, store, secret, limits, isolation, how: Isolation | None, again):
        self._store, self._secret, self._limits, self._again = store, secret, dataclasses.asdict(limits), again
        self._isolation, self._how = isolation, dataclasses.asdict(how) if how else None
        self.results: dict[tuple[str, str], dict] = {}
        self.read: dict[tuple[str, str], bytes | None] = {}
        self.failed: list[str] = []
        self.notes: dict[str, None] = {}
        self.graded = self.unchanged = 0

    def items(self, submissions: list[Submission]) -> Iterator[dict]:
        """Read each submission once, and yield what `grading.grade` needs for those that are new or changed."""
        settings = [grading.version(), self._limits, self._isolation if self._how else "cluster"]
        for submission in submissions:
            names = submission.student, submission.assignment
            notebook, trouble = submission.read()
            self.read[names] = notebook
            handed_in = submission.handed_in()
            seed = grading.key_of(self._secret, *names, notebook, trouble)
            text = json.dumps([*settings, handed_in], sort_keys=True)
            key = hashlib.sha256(seed + text.encode()).hexdigest()
            known, result = self._store.read(*names)
            if known == key and not self._again:
                self.unchanged += 1
                self.results[names] = result
                continue
            yield {
                "key": key,
                "student": names[0],
                "assignment": names[1],
                "notebook": notebook,
                "trouble": trouble,
                "handed_in": handed_in,
                "seed": seed,
                "limits": self._limits,
                "isolation": self._isolation,
                "how": self._how,
            }

    def take(self, item, result):
        """Keep one result. If the grader failed, the submission has no mark, and an older mark is removed."""
        names = item["student"], item["assignment"]
        if isinstance(result, str):
            self.failed.append(f"{', '.join(names)}: {result}")
            self._store.drop(*names)
            return
        self._store.save(result, item["key"])
        self.results[names] = result
        self.graded += 1
        self.notes[result["isolation_note"]] = None


def _attempt(item):
    """Grade one. What fails here is tried once more; then it is reported, gets no mark, and the run continues."""
    trouble = ""
    for _ in range(2):
        try:
            return grading.grade(item)
        except CannotGrade as error:
            trouble = str(error)
        except Exception as error:
            trouble = f"the grader itself failed: {type(error).__name__}: {short(error, 200)}"
    return trouble
