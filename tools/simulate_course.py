"""Grades a simulated class of any size and reports the speed: `python tools/simulate_course.py [--students 1000]`.

The class hands in assignment 4: most submissions are right (no two files are equal), some have one of three mistakes,
some are not begun, and one in fifty is hostile. Every mark is compared with the mark that is due.
"""

import argparse
import copy
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import make_assignments
from chapters import read

from nnbook.course.limits import Limits
from nnbook.course.run import grade_folder

NAME = "4-hidden-recursion"
RELU = "def hidden_delta_relu(d, W, z):\n    return "
UNIT = "def hidden_delta_of_unit(i, d, W, z):\n    return d @ W[:, i]"
HOSTILE = "import os, sys\nfor _ in range(10):\n    os.write(1, bytes(10**6))\nos._exit(0)"


def hand_in(folder, students):
    """Write the class's notebooks and return the marks that are due."""
    source = read(make_assignments.SOURCE / NAME / f"{NAME}.ipynb")
    released = make_assignments.release(source)
    marks = {}
    for i in range(students):
        nb, student = copy.deepcopy(released if i % 20 == 19 else source), f"student{i:05d}"
        cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in nb.cells}
        marks[student] = 0 if i % 20 == 19 else 21
        nb.cells[0].source += f"\n\nBy {student}."
        if i % 5 == 3:
            cells["hidden-delta-relu-answer"].source = RELU + ("d @ W" if i % 2 else "(d @ W) * np.maximum(z, 0)")
            marks[student] = 18
        elif i % 7 == 5 and i % 20 != 19:
            cells["hidden-unit-answer"].source = UNIT
            marks[student] = 17
        if i % 50 == 49:
            cells["imports"].source += "\n" + HOSTILE
            # The cell is skipped, and its `import numpy as np` with it; one function does not need that.
            marks[student] = 0 if i % 20 == 19 else 3
        path = folder / student / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(nb), encoding="utf-8")
    return marks


def processor_time():
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in both)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--scheduler")
    parser.add_argument("--isolation", choices=("bubblewrap", "limits"), default="bubblewrap")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        submitted, graded = Path(temporary, "submitted"), Path(temporary, "graded")
        marks = hand_in(submitted, options.students)
        how = {"workers": options.workers, "limits": Limits(), "isolation": options.isolation, "book": ""}
        before = processor_time()
        report = grade_folder(submitted, graded, scheduler=options.scheduler, **how)
        used = processor_time() - before
        wrong = {r["student"]: r["score"] for r in report.results if r["score"] != marks[r["student"]]}
        print(report)
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"largest other process {largest:.0f} MB; {options.workers} workers")
        # The system does not count what runs inside bubblewrap as a child of the grader.
        whose = "the graders" if options.isolation == "bubblewrap" else "the graders and the submissions"
        print(f"processor time of {whose} {used:.0f} s, {used / max(report.graded, 1):.2f} s per submission")
        started = time.monotonic()
        again = grade_folder(submitted, graded, **how)
        print(f"second run: {again.graded} graded, {again.unchanged} unchanged, {time.monotonic() - started:.1f} s")
        print(f"wrong marks: {len(wrong)} {dict(list(wrong.items())[:5]) or ''}")
    return 1 if wrong or report.failed or len(report.results) != options.students else 0


if __name__ == "__main__":
    sys.exit(main())
