"""Read from nbgrader's grade book what a teacher has marked by hand."""

from __future__ import annotations

from nbgrader.api import Gradebook, MissingEntry

from .assignments import ASSIGNMENTS
from .results import ByHand


def by_hand_of(book: Gradebook, student: str, assignment: str) -> ByHand:
    """Return the marks and comments that a teacher has given to one submission."""
    try:
        found = book.find_submission_notebook(assignment, assignment, student)
    except MissingEntry:
        return ByHand()
    comments = {c.name.removesuffix("-answer"): c.comment for c in found.comments if c.comment}
    automatic = {task.name for task in ASSIGNMENTS[assignment].tasks}
    questions = tuple(
        (g.name, None if g.needs_manual_grade else g.score, g.max_score, comments.get(g.name))
        for g in found.grades
        if g.name not in automatic
    )
    marks = {g.name: g.manual_score for g in found.grades if g.name in automatic and g.manual_score is not None}
    return ByHand(questions, marks, comments)
