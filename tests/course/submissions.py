"""Submissions made from the instructor's notebooks."""

import copy
import json
from pathlib import Path

from nnbook.course.assignments import ASSIGNMENTS

ROOT = Path(__file__).resolve().parent.parent.parent
import chapters as notebooks  # noqa: E402
import make_assignments  # noqa: E402


def source(name):
    return notebooks.read(ROOT / "assignments" / "source" / name / f"{name}.ipynb")


def released(name):
    return make_assignments.release(source(name))


def submission(name, functions=None, first="", last="", start=None) -> bytes:
    """A submission of assignment `name`: the solution, with some answers replaced and cells put first and last.

    `functions` maps the name of a function to the code of its cell; `start` is another notebook to begin with.
    """
    nb = copy.deepcopy(source(name) if start is None else start)
    tasks = {task.function: task.name for task in ASSIGNMENTS[name].tasks}
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in nb.cells}
    for function, code in (functions or {}).items():
        cells[f"{tasks[function]}-answer"].source = code
    extra = [{"cell_type": "code", "metadata": {}, "source": code, "outputs": []} for code in (first, last)]
    nb.cells = ([extra[0]] if first else []) + nb.cells + ([extra[1]] if last else [])
    return json.dumps(nb).encode()


def task_of(result, function):
    return next(task for task in result["tasks"] if task["function"] == function)


def lost(result):
    """The functions that did not get full points, with their scores."""
    return {t["function"]: t["score"] for t in result["tasks"] if t["score"] < t["max_score"]}
