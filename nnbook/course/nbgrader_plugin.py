"""Put the outside grader into nbgrader's pipeline: its marks into the grade book, its pages into the feedback folder.

`nbgrader autograde` runs no student's code any more. The submitted notebook is rebuilt from the release with the
student's answers put in, so that nothing else of it survives, and each check cell gets the score that the outside
grader gave. Marking by hand, late penalties, the grade book and its export stay nbgrader's.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from pathlib import Path

import nbformat
from nbconvert.exporters import Exporter
from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties, CheckCellMetadata, NbGraderPreprocessor, SaveAutoGrades
from traitlets import Float, Unicode
from traitlets.config import Config, PyFileConfigLoader

from . import reports, run
from .assignments import ASSIGNMENTS
from .sandbox import Limits

LARGEST_ANSWER = 100_000


def configure(c) -> None:
    """Set what nbgrader's configuration needs: call it in nbgrader_config.py."""
    c.CourseDirectory.course_id = "nnbook"
    c.Autograde.sanitize_preprocessors = [FromRelease]
    c.Autograde.autograde_preprocessors = [OutsideScores, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]
    c.GenerateFeedback.exporter_class = OutsideFeedback
    c.GenerateFeedback.preprocessors = []


def _course(component):
    """Return the course's folders: an exporter belongs to a converter, and that knows them."""
    while component is not None:
        if getattr(component, "coursedir", None) is not None:
            return component.coursedir
        component = component.parent
    raise ValueError("the outside grader runs inside nbgrader only")


class FromRelease(NbGraderPreprocessor):
    """The release, with the student's answers in its answer cells and with nothing else of what was handed in."""

    def preprocess(self, nb, resources):
        names, course = resources["nbgrader"], _course(self)
        folder = Path(course.format_path(course.release_directory, ".", names["assignment"]))
        rebuilt = nbformat.read(folder / f"{names['notebook']}.ipynb", as_version=4)
        answers = {}
        for cell in nb.cells:
            role = cell.metadata.get("nbgrader")
            if isinstance(role, dict) and isinstance(role.get("grade_id"), str) and isinstance(cell.source, str):
                answers[role["grade_id"]] = cell.source[:LARGEST_ANSWER]
        for cell in rebuilt.cells:
            role = cell.metadata.get("nbgrader", {})
            if role.get("solution"):
                cell.source = answers.get(role["grade_id"], cell.source)
        return rebuilt, resources


class OutsideScores(NbGraderPreprocessor):
    """Give each check cell the outside grader's score and words as its output, which SaveAutoGrades then reads."""

    graded = Unicode("graded", help="Folder of the outside grader's results, in the course's folder").tag(config=True)
    seconds = Float(20.0, help="Processor time that a notebook may use").tag(config=True)

    def preprocess(self, nb, resources):
        names, course = resources["nbgrader"], _course(self)
        submitted = Path(course.format_path(course.submitted_directory, ".", "."))
        report = run.grade_folder(
            submitted,
            Path(course.root) / self.graded,
            assignment=names["assignment"],
            student=names["student"],
            workers=1,
            limits=Limits(seconds=self.seconds),
            progress=False,
        )
        if not report.results:
            raise RuntimeError(f"{names['student']}, {names['assignment']}: {' '.join(report.failed) or 'not found'}")
        tasks = {task["name"]: task for task in report.results[0]["tasks"]}
        for cell in nb.cells:
            task = tasks.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
            if task is not None:
                cell.outputs = [
                    nbformat.v4.new_output("stream", name="stdout", text=reports.told(task) + "\n"),
                    nbformat.v4.new_output("execute_result", {"text/plain": f"{task['score']:g}"}, execution_count=1),
                ]
        return nb, resources


class OutsideFeedback(Exporter):
    """The outside grader's page of feedback, with the marks and comments that were given by hand."""

    file_extension = ".html"

    def from_notebook_node(self, nb, resources=None, **options):
        names, course = resources["nbgrader"], _course(self)
        resources["output_extension"] = self.file_extension
        folder = Path(course.root) / "graded" / names["student"] / names["assignment"]
        result = reports.any_result(folder)
        if result is None:
            raise ValueError(f"{folder} holds no result: grade the submission first")
        with Gradebook(names["db_url"]) as book:
            found = book.find_submission_notebook(names["notebook"], names["assignment"], names["student"])
            comments = {c.name: c.comment for c in found.comments}
            automatic = {task.name for task in ASSIGNMENTS[names["assignment"]].tasks}
            changed = {g.name: g.manual_score for g in found.grades if g.manual_score is not None}
            by_hand = [
                (
                    grade.name,
                    None if grade.needs_manual_grade else grade.score,
                    grade.max_score,
                    comments.get(grade.name),
                )
                for grade in found.grades
                if grade.name not in automatic
            ]
        result["tasks"] = [
            {
                **task,
                "by_hand": changed.get(task["name"]),
                "comment": comments.get(task["name"]) or comments.get(f"{task['name']}-answer"),
            }
            for task in result["tasks"]
        ]
        return reports.feedback(result, reports.book_url(), by_hand), resources


def record(course: Path, report: run.Report) -> list[str]:
    """Write the results of a run into the course's grade book and feedback folder; return what could not be.

    Parameters
    ----------
    course : path
        nbgrader's course folder: source/, submitted/, nbgrader_config.py.
    report : Report
        What `grade_folder` returned for its submissions.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of nbgrader's own, about how it speaks to its data base
        return _record(Path(course).resolve(), report)


def _record(course, report):
    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    # nbgrader calls alembic by its name, which only an activated environment finds.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    config = Config()
    configure(config)
    if (course / "nbgrader_config.py").exists():
        config.merge(PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config())
    config.CourseDirectory.root = str(course)
    folders = CourseDirectory(config=config)
    api = NbGraderAPI(folders, config=config)
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    troubles = []
    for name in sorted({result["assignment"] for result in report.results}):
        if not _released(course, name, folders):
            outcome = api.generate_assignment(name)
            if not outcome["success"]:
                troubles.append(f"{name}: no release could be made: {outcome.get('error') or outcome.get('log')}")
                continue
        for result in (r for r in report.results if r["assignment"] == name):
            if not _recorded(course, result, folders):
                outcome = api.autograde(name, result["student"])
                if not outcome["success"]:  # nbgrader cannot read what was handed in; the marks stand all the same
                    _record_directly(folders.db_url, result)
                _mark_recorded(course, result)
        for result in (r for r in report.results if r["assignment"] == name):
            outcome = api.generate_feedback(name, result["student"])
            if not outcome["success"]:
                page = course / "feedback" / result["student"] / name / f"{name}.html"
                reports.write(page, reports.feedback(result, reports.book_url()))
    return troubles


def _released(course, name, folders):
    """True when this course has made its release; one in the exchange may be another course's, or last year's."""
    with Gradebook(folders.db_url) as book:
        return (course / "release" / name).exists() and any(a.name == name and a.notebooks for a in book.assignments)


def _record_directly(db_url, result):
    name, student = result["assignment"], result["student"]
    scores = {task["name"]: task["score"] for task in result["tasks"]}
    with Gradebook(db_url) as book:
        book.update_or_create_student(student)
        book.update_or_create_submission(name, student)
        for grade in book.find_submission_notebook(name, name, student).grades:
            grade.auto_score = scores.get(grade.name, 0)
            grade.needs_manual_grade = False
        book.db.commit()


def _stamp(course, result):
    return course / "graded" / result["student"] / result["assignment"] / "recorded"


def _recorded(course, result, folders):
    """True when this very result stands in the grade book already."""
    stamp = _stamp(course, result)
    if not stamp.exists() or stamp.read_text() != reports.key_of_result(stamp.parent):
        return False
    with Gradebook(folders.db_url) as book:
        return any(s.student.id == result["student"] for s in book.assignment_submissions(result["assignment"]))


def _mark_recorded(course, result):
    stamp = _stamp(course, result)
    reports.write(stamp, reports.key_of_result(stamp.parent))
