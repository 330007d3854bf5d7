"""Write the outside grader's results into nbgrader's grade book."""

from __future__ import annotations

import datetime
import logging
import warnings
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import SaveAutoGrades
from traitlets.config import Config, PyFileConfigLoader

from . import nbgrader_plugin
from .answers import rebuilt
from .by_hand import by_hand_of
from .results import write
from .run import Report
from .submissions import Submission

# nbgrader's exchange identifies whose feedback it is by these; `nbgrader submit` made them.
OF_THE_EXCHANGE = ("timestamp.txt", "submission_secret.txt")


def record(course: Path, report: Report) -> list[str]:
    """Write the results of a run into the course's grade book and feedback folder; return what to tell the teacher.

    Parameters
    ----------
    course : path
        nbgrader's course folder: source/, submitted/, nbgrader_config.py.
    report : Report
        What `grade_folder` returned for its submissions.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbgrader's own warnings, about how it uses its database
        return _Recorder(Path(course).resolve(), report).record()


class _Recorder:
    """Writes the results of one run into the grade book."""

    def __init__(self, course, report):
        from nbgrader.apps import NbGraderAPI
        from nbgrader.coursedir import CourseDirectory

        nbgrader_plugin.set_path()
        config = Config()
        nbgrader_plugin.configure(config)
        if (course / "nbgrader_config.py").exists():
            config.merge(PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config())
        config.CourseDirectory.root = str(course)
        self._folders = CourseDirectory(config=config)
        self._api = NbGraderAPI(self._folders, config=config)
        logging.getLogger("traitlets").setLevel(logging.ERROR)
        self._course, self._report, self._notes = course, report, []

    def record(self):
        with Gradebook(self._folders.db_url) as book:
            released = {a.name for a in book.assignments if a.notebooks}
        ready = [n for n in sorted({r["assignment"] for r in self._report.results}) if self._release(n, released)]
        with Gradebook(self._folders.db_url) as book:
            for result in self._report.results:
                if result["assignment"] in ready and not self._is_recorded(book, result):
                    self._write(book, result)
            self._compare_due_dates(book)
            self._publish(book)
        return self._notes

    def _release(self, name, released):
        """Make this course's release; one in the exchange may be another course's, or last year's."""
        if name in released and (self._course / "release" / name).exists():
            return True
        outcome = self._api.generate_assignment(name)
        if not outcome["success"]:
            why = outcome.get("error") or outcome.get("log")
            self._notes.append(f"{name}: no release could be made: {why}")
        return outcome["success"]

    def _stamp(self, result):
        return self._course / "graded" / result["student"] / result["assignment"] / "recorded"

    def _is_recorded(self, book, result):
        """True when exactly this result is already in the grade book."""
        stamp = self._stamp(result)
        key, _ = self._report.store.read(result["student"], result["assignment"])
        if not stamp.exists() or stamp.read_text() != key:
            return False
        return any(s.student.id == result["student"] for s in book.assignment_submissions(result["assignment"]))

    def _write(self, book, result):
        """Put the rebuilt notebook into autograded/ and its scores into the grade book."""
        student, name = result["student"], result["assignment"]
        nb = rebuilt(nbgrader_plugin.release_of(self._course, name), self._report.submissions.get((student, name)))
        nbgrader_plugin.write_scores(nb, result)
        path = self._course / "autograded" / student / name / f"{name}.ipynb"
        before = nbformat.read(path, as_version=4) if path.is_file() else None
        book.update_or_create_student(student)
        moment = None
        if result["handed_in"]:
            moment = datetime.datetime.fromisoformat(result["handed_in"]).astimezone(datetime.UTC).replace(tzinfo=None)
        book.update_or_create_submission(name, student, timestamp=moment)
        self._forget_old_marks(book, student, name, before, nb)
        write(path, nbformat.writes(nb) + "\n")
        names = {"notebook": name, "assignment": name, "student": student, "db_url": self._folders.db_url}
        kept = {g.name for g in book.find_submission_notebook(name, name, student).grades if g.manual_score is not None}
        SaveAutoGrades().preprocess(nb, {"nbgrader": names})
        book.db.expire_all()
        for grade in book.find_submission_notebook(name, name, student).grades:
            if grade.name in kept:  # what was marked by hand is unchanged, so it need not be marked again
                grade.needs_manual_grade = False
        book.db.commit()
        key, _ = self._report.store.read(student, name)
        write(self._stamp(result), key)

    def _forget_old_marks(self, book, student, name, before, nb):
        """Remove marks by hand whose answers have changed: they were given to another submission."""
        if before is None:
            return
        old, new = _answers(before), _answers(nb)
        forgotten = []
        for grade in book.find_submission_notebook(name, name, student).grades:
            answer = grade.name if grade.name in new else f"{grade.name}-answer"
            if grade.manual_score is not None and old.get(answer) != new.get(answer):
                grade.manual_score = grade.extra_credit = None
                forgotten.append(grade.name)
        book.db.commit()
        if forgotten:
            self._notes.append(
                f"{student}, {name}: handed in again, with another answer to {', '.join(forgotten)}; the mark that was "
                "given by hand belonged to the earlier one and is removed"
            )

    def _compare_due_dates(self, book):
        """Say where nbgrader's due date is not the deadline that counts."""
        for assignment in book.assignments:
            known = self._report.store.deadlines.due.get(assignment.name)
            theirs = assignment.duedate and assignment.duedate.replace(tzinfo=datetime.UTC)
            if theirs and theirs != known:
                self._notes.append(
                    f"{assignment.name}: its due date in nbgrader, {theirs:%Y-%m-%dT%H:%M:%S}+00:00, is not read: "
                    f"deadlines.toml has {known.isoformat() if known else 'none'}"
                )

    def _publish(self, book):
        """Write feedback and tables with what is in the grade book, and its penalties into the grade book."""
        store = self._report.store
        pairs = [(r["student"], r["assignment"]) for r in store.all()]
        standings = store.standings({pair: by_hand_of(book, *pair) for pair in pairs})
        for standing in standings:
            student, name = standing.result["student"], standing.result["assignment"]
            try:
                found = book.find_submission_notebook(name, name, student)
            except MissingEntry:
                continue
            found.late_submission_penalty = standing.penalty
            folder = self._course / "feedback" / student / name
            write(folder / f"{name}.html", nbgrader_plugin.page(standing))
            submission = Submission(student, name, self._course / "submitted" / student / name)
            for file in OF_THE_EXCHANGE:
                if text := submission.beside(file).decode("ascii", "ignore"):
                    write(folder / file, text)
        book.db.commit()
        store.publish(standings)


def _answers(nb):
    cells = [c for c in nb.cells if c.metadata.get("nbgrader", {}).get("solution")]
    return {c.metadata.nbgrader.grade_id: c.source for c in cells}
