"""Grade a folder of submissions on all cores or on a Dask cluster, and lose nothing when a worker dies."""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import hashlib
import json
import multiprocessing
import os
import re
import resource
import secrets
import stat
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from . import grading, reports, sandbox
from .assignments import ASSIGNMENTS
from .harness import short
from .sandbox import CannotGrade, Limits

MOST_LOSSES = 20


@dataclasses.dataclass(frozen=True)
class Submission:
    """Where a submission lies: DIR/student/assignment/assignment.ipynb, nbgrader's order of folders."""

    student: str
    assignment: str
    folder: Path

    def read(self) -> tuple[bytes | None, str]:
        """Return the notebook's bytes (None when there is none that may be read) and a remark.

        Only an ordinary file of reasonable size is read: no link, which could lead anywhere, and no pipe or device.
        """
        wanted = f"{self.assignment}.ipynb"
        remark = ""
        if self.folder.is_symlink() or self.folder.parent.is_symlink():
            return None, "The submission is a link; links are not followed."
        try:
            names = sorted(n for n in os.listdir(self.folder) if n.endswith(".ipynb") and not n.startswith("."))
        except OSError as error:
            return None, f"The submission's folder cannot be read ({error.strerror})."
        if wanted not in names:
            if not names:
                return None, f"No notebook was handed in: {wanted} is missing."
            if len(names) > 1:
                return None, f"{wanted} is missing, and there are {len(names)} other notebooks."
            remark = f"The file should be called {wanted}; {short(names[0], 80)} was graded in its place."
            wanted = names[0]
        try:
            file = os.open(self.folder / wanted, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            return None, f"The notebook cannot be read ({error.strerror}); links are not followed."
        try:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                return None, "The notebook is no ordinary file."
            parts, room = [], grading.LARGEST_NOTEBOOK + 1
            while room > 0 and (part := os.read(file, room)):
                parts.append(part)
                room -= len(part)
        except OSError as error:
            return None, f"The notebook cannot be read ({error.strerror})."
        finally:
            os.close(file)
        if room <= 0:
            return None, f"The notebook is far too large ({status.st_size:,} bytes): clear its outputs."
        return b"".join(parts), remark


@dataclasses.dataclass
class Report:
    """What a run did."""

    results: list[dict]
    graded: int
    unchanged: int
    failed: list[str]
    skipped: list[str]
    seconds: float
    note: str

    def __str__(self):
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        lines = [f"{self.graded} submissions graded, {self.unchanged} unchanged, in {self.seconds:.1f} s"]
        if self.graded and self.seconds:
            lines[0] += f" ({self.graded / self.seconds:.1f} a second; this process used {memory:.0f} MB at most)"
        lines.append(f"isolation: {self.note}")
        for name, entries in (("not graded", self.failed), ("left out", self.skipped)):
            lines += [f"{name}: {entry}" for entry in entries]
        return "\n".join(lines)


def find(submitted: Path, assignment=None, student=None) -> tuple[list[Submission], list[str]]:
    """Return the submissions below a folder (of one assignment or student, if named), and what was left out and why."""
    submitted = Path(submitted)
    if not submitted.is_dir():
        raise ValueError(f"grade: submitted must be a folder; {str(submitted)!r} is none")
    if assignment is not None and assignment not in ASSIGNMENTS:
        raise ValueError(f"grade: assignment must be one of {', '.join(ASSIGNMENTS)}; it is {assignment!r}")
    found, left_out = [], []
    for name in sorted(os.listdir(submitted)):
        folder = submitted / name
        if name.startswith(".") or not folder.is_dir() or student not in (None, name):
            continue
        if not re.fullmatch(r"\w[\w .@+-]{0,99}", name):
            left_out.append(f"{short(name, 60)}: a student's folder may hold letters, digits and . @ + - _ only")
            continue
        for wanted in [assignment] if assignment else ASSIGNMENTS:
            if os.path.lexists(folder / wanted):
                found.append(Submission(name, wanted, folder / wanted))
        unknown = [n for n in sorted(os.listdir(folder)) if n not in ASSIGNMENTS and not n.startswith(".")]
        left_out += [f"{name}/{short(n, 60)}: no assignment has this name" for n in unknown if assignment is None]
    return found, left_out


def secret_of(path: Path) -> bytes:
    """Return the course's secret, from which the random cases are drawn; it is made at the first run.

    It keeps students from working out their cases beforehand, and gives the same cases on every run.
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
        raise ValueError(f"grade: the secret in {str(path)!r} has {len(secret)} bytes; 16 are needed at least")
    return secret


def grade_folder(
    submitted,
    output,
    *,
    assignment: str | None = None,
    student: str | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    secret: Path | None = None,
    limits: Limits | None = None,
    isolation: str = "best",
    book: str | None = None,
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
        Address of a Dask scheduler, "tcp://…": the work goes to its workers in place of this machine.
    secret : path, optional
        File with the course's secret; output/.secret unless given.
    limits : Limits, optional
        What one submission may use.
    isolation : str
        "best", "bubblewrap" (refuse to grade without it) or "limits".
    book : str, optional
        Address of the book, for links in the feedback.
    again : bool
        Grade what is unchanged too.
    progress : bool
        Show a bar where there is a terminal.

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
    limits = limits or Limits()
    base = reports.book_url() if book is None else book
    how = sandbox.isolation(isolation) if scheduler is None else None
    course_secret = secret_of(output / ".secret" if secret is None else Path(secret))
    results, failed, graded, unchanged = {}, [], 0, 0

    def items():
        nonlocal unchanged
        for place, submission in enumerate(submissions):
            notebook, trouble = submission.read()
            names = submission.student, submission.assignment
            seed = grading.key_of(course_secret, *names, notebook, trouble)
            settings = [grading.version(), dataclasses.asdict(limits), base, how.kind if how else "cluster"]
            key = hashlib.sha256(seed + json.dumps(settings, sort_keys=True).encode()).hexdigest()
            folder = output / submission.student / submission.assignment
            known = None if again else reports.read_result(folder, key)
            if known is not None:
                unchanged += 1
                results[place] = known
                continue
            yield {
                "place": place,
                "key": key,
                "folder": str(folder),
                "student": names[0],
                "assignment": names[1],
                "notebook": notebook,
                "trouble": trouble,
                "seed": seed,
                "limits": dataclasses.asdict(limits),
                "isolation": isolation,
            }

    engine = _on_cluster(items(), scheduler) if scheduler else _here(items(), workers or os.cpu_count() or 1)
    kinds = {}
    with _bar(len(submissions), progress) as advance:
        for item, result in engine:
            name = f"{item['student']}, {item['assignment']}"
            if isinstance(result, str):
                failed.append(f"{name}: {result}")
            else:
                reports.write_result(Path(item["folder"]), result, item["key"], base)
                results[item["place"]] = result
                graded += 1
                kinds[result["isolation_note"]] = None
            advance(len(results) + len(failed))
    ordered = [results[place] for place in sorted(results)]
    if student is None:
        reports.tables(output, ordered)
    note = " / ".join(kinds) or (how.note if how else "nothing was run")
    return Report(ordered, graded, unchanged, failed, left_out, time.monotonic() - started, note)


def _attempt(item):
    """Grade one. What fails here is tried once more and then said to have failed: that is no mark, and stops nobody."""
    trouble = ""
    for _ in range(2):
        try:
            return grading.grade(item)
        except CannotGrade as error:
            trouble = str(error)
        except Exception as error:
            trouble = f"the grader itself failed: {type(error).__name__}: {short(error, 200)}"
    return trouble


def _here(items: Iterator[dict], workers: int) -> Iterator[tuple[dict, object]]:
    """Grade on this machine's cores. A worker that is killed takes the pool down: what was under way is begun again."""
    if workers == 1:
        for item in items:
            yield item, _attempt(item)
        return
    waiting, losses = collections.deque(), 0
    exhausted = False
    while not exhausted or waiting:
        running = {}
        pool = concurrent.futures.ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
        try:
            while True:
                while not exhausted and len(waiting) + len(running) < 3 * workers:
                    item = next(items, None)
                    exhausted = item is None
                    if item is not None:
                        waiting.append(item)
                while waiting:
                    future = pool.submit(_attempt, waiting[0])
                    running[future] = waiting.popleft()
                if not running:
                    break
                done, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
                for future in done:
                    result = future.result()
                    yield running.pop(future), result
        except BrokenProcessPool:
            losses += 1
            if losses > MOST_LOSSES:
                raise CannotGrade(f"{losses} times a worker was killed; what is graded so far is kept") from None
            waiting.extendleft(running.values())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _on_cluster(items: Iterator[dict], address: str) -> Iterator[tuple[dict, object]]:
    """Grade on a Dask cluster: the notebooks travel with the tasks, so the workers need no common files."""
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise CannotGrade('a scheduler needs Dask: pip install "nnbook[distributed]"') from None
    with Client(address, set_as_default=False) as client:
        room = 4 * max(1, sum(w["nthreads"] for w in client.scheduler_info(n_workers=-1)["workers"].values()))
        under_way = {}

        def submit():
            item = next(items, None)
            if item is None:
                return None
            future = client.submit(_attempt, item, pure=False, retries=3)
            under_way[future.key] = item
            return future

        first = [future for future in (submit() for _ in range(room)) if future is not None]
        queue = as_completed(first, loop=client.loop)
        for future in queue:
            item = under_way.pop(future.key)
            try:
                result = future.result()
            except Exception as error:  # whatever a worker raised belongs to this submission alone
                result = f"the worker failed: {short(error, 200)}"
            following = submit()
            if following is not None:
                queue.add(following)
            yield item, result


class _bar:
    """A progress bar on a terminal (tqdm where it is installed), and nothing elsewhere."""

    def __init__(self, total, wanted):
        self._total, self._wanted, self._bar = total, wanted and sys.stderr.isatty(), None

    def __enter__(self) -> Callable[[int], None]:
        if self._wanted:
            try:
                from tqdm import tqdm
            except ImportError:
                return lambda done: None
            self._bar = tqdm(total=self._total, unit="submission")
            return lambda done: self._bar.update(done - self._bar.n)
        return lambda done: None

    def __exit__(self, *exception):
        if self._bar is not None:
            self._bar.close()
