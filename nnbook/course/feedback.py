"""Feedback for a student: a page that loads nothing, and the same in plain text."""

from __future__ import annotations

import functools
import importlib.metadata
import os
from typing import Any

from .equation_numbers import NUMBERS
from .inside.messages import short
from .limits import CannotGrade


def book_url() -> str:
    """Return the book's address on the web: what NNBOOK_SITE_URL or the package's own metadata say, or ""."""
    if os.environ.get("NNBOOK_SITE_URL"):
        return os.environ["NNBOOK_SITE_URL"]
    try:
        urls = importlib.metadata.metadata("nnbook").get_all("Project-URL") or []
    except importlib.metadata.PackageNotFoundError:
        return ""
    pairs = dict(url.split(", ", 1) for url in urls if ", " in url)
    return next((pairs[name] for name in ("Documentation", "Book", "Homepage") if name in pairs), "")


def section_link(task: dict, base: str) -> str:
    """Return the address of the section that a task belongs to, or "" without a base."""
    if not base.startswith(("https://", "http://")):
        return ""
    anchor = f"#equation-{task['label']}" if task["label"] else ""
    return f"{base.rstrip('/')}/{task['chapter']}.html{anchor}"


def section_name(task: dict) -> str:
    """Return how a reader finds the section: the chapter, and the equation by the number that the book prints."""
    number, name = task["chapter"].split("-", 1)
    equation = f", equation ({NUMBERS[task['label']]})" if task["label"] in NUMBERS else ""
    return f"chapter {int(number)}, {name.replace('-', ' ')}{equation}"


def told(task: dict) -> str:
    """Return the feedback on one task as plain text."""
    if task["score"] == task["max_score"]:
        return "Right."
    lines = [task["reason"] or "Not right."]
    lines += [f"Diagnosis: {finding}" for finding in task["findings"]]
    for name, text in task["example"].items():
        lines.append(f"{name}:\n{text}")
    lines.append(f"Read again: {section_name(task)}.")
    return "\n".join(lines)


@functools.cache
def _template():
    try:
        import jinja2
    except ImportError:
        raise CannotGrade('feedback needs Jinja: pip install "nnbook[course]"') from None
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("nnbook.course"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=lambda value: f"{value:g}", short=short)
    return environment.get_template("feedback.html")


def feedback(standing: Any, base: str = "") -> str:
    """Return a student's page of feedback: one HTML file without scripts, images or anything from elsewhere.

    Parameters
    ----------
    standing : Standing
        The result with marks by hand and lateness.
    base : str
        Address of the book, for links, or "".
    """
    tasks = []
    for task in standing.result["tasks"]:
        mark = standing.by_hand.marks.get(task["name"], task["score"])
        tasks.append(
            {
                **task,
                "mark": mark,
                "grade": "full" if mark >= task["max_score"] else "part" if mark else "none",
                "changed": task["name"] in standing.by_hand.marks,
                "comment": standing.by_hand.comments.get(task["name"]),
                "link": section_link(task, base),
                "section": section_name(task),
            }
        )
    return _template().render(standing=standing, result=standing.result, tasks=tasks)
