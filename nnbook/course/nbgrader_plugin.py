"""Put the outside grader into nbgrader's pipeline: its marks into the grade book, its pages into the feedback folder.

`nbgrader autograde` no longer runs any student's code. The submitted notebook is rebuilt from the release with the
student's answers put in, so that nothing else of it survives, and each check cell gets the score that the outside
grader gave. Marking by hand, the grade book and its export stay nbgrader's.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import Exporter
from nbgrader.api import Gradebook
from nbgrader.preprocessors import CheckCellMetadata, NbGraderPreprocessor, SaveAutoGrades
from traitlets import Float, Unicode

from . import marking_page, run
from .answers import rebuilt
from .by_hand import by_hand_of
from .deadlines import Deadlines, read_deadlines
from .feedback import book_url, feedback, told
from .limits import Limits
from .results import Standing, Store
from .submissions import Submission


def configure(c: Any) -> None:
    """Set what nbgrader's configuration needs: call it in nbgrader_config.py."""
    c.CourseDirectory.course_id = "nnbook"
    c.Autograde.sanitize_preprocessors = [FromRelease]
    c.Autograde.autograde_preprocessors = [OutsideScores, SaveAutoGrades, CheckCellMetadata]
    c.GenerateFeedback.exporter_class = OutsideFeedback
    c.GenerateFeedback.preprocessors = []
    marking_page.configure(c)


def course_of(component: Any) -> Any:
    """Return the course's folders, which the exporter's converter knows."""
    while component is not None:
        if getattr(component, "coursedir", None) is not None:
            return component.coursedir
        component = component.parent
    raise ValueError("the outside grader runs inside nbgrader only")


def release_of(course: Path, assignment: str) -> Path:
    """Return the release of an assignment in a course folder."""
    return nbformat.read(course / "release" / assignment / f"{assignment}.ipynb", as_version=4)


def deadlines_of(course: Path) -> Deadlines:
    """Return the rules in a course folder's deadlines.toml; without the file nothing is late."""
    path = course / "deadlines.toml"
    return read_deadlines(path) if path.is_file() else Deadlines()


class FromRelease(NbGraderPreprocessor):
    """The release, with the student's answers in its answer cells and with nothing else of what was handed in.

    The notebook is read again, without following a link; other files that nbgrader has copied are removed, for one of
    them may have been a link to a file of the teacher's.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        names, course = resources["nbgrader"], course_of(self)
        submitted = Path(course.format_path(course.submitted_directory, names["student"], names["assignment"]))
        folder = Path(course.format_path(course.autograded_directory, names["student"], names["assignment"]))
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.name != "timestamp.txt" or path.is_symlink():
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        data, _ = Submission(names["student"], names["assignment"], submitted).read()
        return rebuilt(release_of(Path(course.root), names["assignment"]), data), resources


class OutsideScores(NbGraderPreprocessor):
    """Give each check cell the outside grader's score and words as its output, which SaveAutoGrades then reads."""

    graded = Unicode("graded", help="Folder of the outside grader's results, in the course's folder").tag(config=True)
    seconds = Float(20.0, help="Processor time that a notebook may use").tag(config=True)
    isolation = Unicode("bubblewrap", help='"bubblewrap", or "limits", which protects less').tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        names, course = resources["nbgrader"], course_of(self)
        report = run.grade_folder(
            Path(course.format_path(course.submitted_directory, ".", ".")),
            Path(course.root) / self.graded,
            assignment=names["assignment"],
            student=names["student"],
            workers=1,
            limits=Limits(seconds=self.seconds),
            isolation=self.isolation,
            progress=False,
        )
        if not report.results:
            raise RuntimeError(f"{names['student']}, {names['assignment']}: {' '.join(report.failed) or 'not found'}")
        write_scores(nb, report.results[0])
        return nb, resources


def write_scores(nb: Any, result: dict[str, Any]) -> None:
    """Give each check cell of a rebuilt notebook its score, as the output that nbgrader takes for it."""
    tasks = {task["name"]: task for task in result["tasks"]}
    for cell in nb.cells:
        task = tasks.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if task is not None:
            cell.outputs = [
                nbformat.v4.new_output("stream", name="stdout", text=told(task) + "\n"),
                nbformat.v4.new_output("execute_result", {"text/plain": f"{task['score']:g}"}, execution_count=1),
            ]


class OutsideFeedback(Exporter):
    """The outside grader's page of feedback, with lateness and the marks and comments that were given by hand."""

    file_extension = ".html"

    def from_notebook_node(self, nb: Any, resources: Any = None, **options: Any) -> Any:
        names, course = resources["nbgrader"], course_of(self)
        resources["output_extension"] = self.file_extension
        root = Path(course.root)
        store = Store(root / "graded", run.secret_of(root / "graded" / ".secret"), book_url(), deadlines_of(root))
        key = names["student"], names["assignment"]
        with Gradebook(names["db_url"]) as book:
            by_hand = {key: by_hand_of(book, *key)}
        found = [s for s in store.standings(by_hand) if (s.result["student"], s.result["assignment"]) == key]
        if not found:
            raise ValueError(f"{root / 'graded' / key[0] / key[1]} holds no result: grade the submission first")
        return page(found[0]), resources


def page(standing: Standing) -> str:
    """Return the page of feedback for one standing."""
    return feedback(standing, book_url())


def set_path() -> None:
    """Let nbgrader find alembic, which it calls by name, in an environment that is not activated."""
    import sys

    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
