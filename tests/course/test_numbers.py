"""Feedback names an equation by the number that the book prints."""

import json
import re

from nnbook.course.assignments import ASSIGNMENTS
from nnbook.course.equation_numbers import NUMBERS
from nnbook.course.feedback import section_name

from .submissions import ROOT

TASKS = [task for assignment in ASSIGNMENTS.values() for task in assignment.tasks]


def test_the_numbers_are_the_books():
    numbers = {}
    for path in sorted((ROOT / "book").glob("[0-9][0-9]-*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        for place, label in enumerate(re.findall(r"\$\$ *\((eq-[\w-]+)\)", text), start=1):
            numbers[label] = f"{int(path.name[:2])}.{place}"
    assert {task.label: numbers[task.label] for task in TASKS if task.label} == NUMBERS


def test_an_equation_is_in_the_chapter_that_its_task_names():
    for task in TASKS:
        if task.label:
            assert NUMBERS[task.label].split(".")[0] == str(int(task.chapter[:2])), task.label


def test_a_section_is_named_as_a_reader_finds_it():
    task = {"chapter": "11-hidden-recursion", "label": "eq-hidden-delta-matrix"}
    assert section_name(task) == f"chapter 11, hidden recursion, equation ({NUMBERS['eq-hidden-delta-matrix']})"
    assert section_name({"chapter": "11-hidden-recursion", "label": ""}) == "chapter 11, hidden recursion"
