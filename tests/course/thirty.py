"""A class of thirty as a learning-management system gives it to a teacher, with the marks that each must get.

`python -m tests.course.thirty DIR` writes the download, the worksheet and the deadlines into a folder, to try by hand
what the page for teachers says.
"""

import copy
import csv
import functools
import io
import json
import sys
import zipfile
from pathlib import Path

from . import submissions
from .submissions import released, source
from .zoo import LOOPS, OTHERWISE

NAME = "4-hidden-recursion"
FULL, WORTH = 21, 23
WORDS = "Every unit of the next layer passes its error back, so all of them are summed."
RELU = "def hidden_delta_relu(d, W, z):\n"
UNIT = "def hidden_delta_of_unit(i, d, W, z):\n"
BATCH = "def hidden_delta_batch(d, W, z):\n"
DEADLINES = f"""penalty_per_day = 0.1
free_days = 1

[due]
"{NAME}" = 2026-03-06T23:59:00+01:00

[extensions."Extended Example_125"]
"{NAME}" = 2026-03-09T23:59:00+01:00
"""
ON_TIME, LATE = "Friday, 6 March 2026, 9:12 PM", "Monday, 9 March 2026, 8:00 PM"


def cell_of(nb, name):
    return next(c for c in nb["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name)


def submission(name, functions=None, **options):
    """A submission that leaves the question in words as it was handed out."""
    start = options.pop("start", None) or copy.deepcopy(source(name))
    cell_of(start, "question").source = cell_of(released(name), "question").source
    return submissions.submission(name, functions, start=start, **options)


def written(**options):
    """A submission, as a dict, with the question in words answered."""
    nb = json.loads(submission(NAME, **options))
    cell_of(nb, "question")["source"] = WORDS
    return nb


def as_bytes(nb):
    return json.dumps(nb).encode()


def half_empty():
    """The first two answers are written, the rest is as it was handed out."""
    nb = copy.deepcopy(released(NAME))
    solved = {c.metadata.nbgrader.grade_id: c for c in source(NAME).cells if "nbgrader" in c.metadata}
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in ("hidden-unit-answer", "hidden-delta-answer"):
            cell.source = solved[name].source
    return as_bytes(nb)


def from_colab():
    nb = written()
    nb["nbformat_minor"], nb["metadata"] = 0, {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}
    for number, cell in enumerate(nb["cells"]):
        cell.pop("id", None)
        cell["metadata"] = {"id": f"x{number}"}
        cell["source"] = cell["source"].splitlines(keepends=True)
    return as_bytes(nb)


def in_a_new_cell():
    nb = written()
    cell_of(nb, "question")["source"] = "YOUR ANSWER HERE"
    nb["cells"].append({"cell_type": "markdown", "metadata": {}, "source": WORDS})
    return as_bytes(nb)


def split():
    nb = written()
    question = cell_of(nb, "question")
    nb["cells"].insert(nb["cells"].index(question) + 1, {**copy.deepcopy(question), "source": "The rest of it."})
    return as_bytes(nb)


def first(code):
    return submission(NAME, first=code)


@functools.cache
def everybody():
    """Rows of first name, notebook, the grader's score, and whether an answer in words waits to be marked."""
    wrong_unit = {"hidden_delta_of_unit": f"{UNIT}    return d @ W[:, i]"}
    wrong_batch = {"hidden_delta_batch": f"{BATCH}    return d @ W"}
    return [
        ("Ann", as_bytes(written()), FULL, True),
        ("Ben", submission(NAME, LOOPS[NAME]), FULL, False),
        ("Cem", submission(NAME, OTHERWISE[NAME]), FULL, False),
        ("Dee", submission(NAME, {"hidden_delta_relu": f"{RELU}    return np.where(z > 0, d @ W, 0)"}), FULL, False),
        ("Eli", submission(NAME, last="helper = 3\nprint('x' * 10**6)"), FULL, False),
        ("Wrongrelu", submission(NAME, {"hidden_delta_relu": f"{RELU}    return d @ W"}), FULL - 3, False),
        ("Wrongunit", submission(NAME, wrong_unit), FULL - 4, False),
        ("Wrongbatch", submission(NAME, wrong_batch), FULL - 4 - 6, False),
        ("Half", half_empty(), 8, False),
        ("Blank", submission(NAME, start=released(NAME)), 0, False),
        ("Loopcell", first("while True:\n    pass"), FULL, False),
        ("Loopcall", submission(NAME, {"hidden_delta_relu": f"{RELU}    while True:\n        pass"}), FULL - 3, False),
        (
            "Sleeper",
            submission(NAME, {"hidden_delta_relu": f"{RELU}    import time\n    time.sleep(999)"}),
            FULL - 3,
            False,
        ),
        ("Memory", first("hoard = []\nwhile True:\n    hoard.append(bytearray(10**8))"), FULL, False),
        ("Forks", first("import os\nwhile True:\n    os.fork()"), FULL, False),
        ("Exits", first("import os\nos._exit(0)"), FULL, False),
        ("Writes", first("open('results.json', 'w').write('{\"score\": 100}')"), FULL, False),
        ("Shell", first("%matplotlib inline\nx = !ls\nname = input('Name? ')\n!pip install torch"), FULL, False),
        ("Torch", first("import torch"), FULL, False),
        ("Cutoff", submission(NAME)[:5000], 0, False),
        ("Mark", b"\xef\xbb\xbf" + as_bytes(written()), FULL, True),
        ("Colab", from_colab(), FULL, True),
        ("Newcell", in_a_new_cell(), FULL, True),
        ("Split", split(), FULL, True),
        ("Script", as_bytes(written(last="raise ValueError('=1+1<script>alert(1)</script>')")), FULL, True),
        ("Extended", submission(NAME), FULL, False),
        ("Latefree", submission(NAME), FULL, False),
        ("Late", submission(NAME), FULL, False),
        ("Copyname", as_bytes(written()), FULL, True),
        ("Flat", submission(NAME), FULL, False),
    ]


MOMENTS = {"Extended": LATE, "Late": LATE, "Latefree": "Saturday, 7 March 2026, 8:00 AM"}
DAYS = {"Late": 3, "Latefree": 1}
PENALTIES = {"Late": 2 * 0.1}  # two days that no free day covers; a share of what the assignment is worth


def numbers():
    return {name: 100 + place for place, (name, *_) in enumerate(everybody())}


def entry(name):
    """The name of a notebook in the download."""
    file = {"Copyname": f"{NAME} (1).ipynb", "Mark": "homework.ipynb"}.get(name, f"{NAME}.ipynb")
    between = "" if name == "Flat" else "/"
    return f"{name} Example_{numbers()[name]}_assignsubmission_file_{between}{file}"


def student(name):
    return f"{name} Example_{numbers()[name]}"


def download(folder):
    """Write download.zip, worksheet.csv and deadlines.toml."""
    with zipfile.ZipFile(folder / "download.zip", "w") as archive:
        for name, data, *_ in everybody():
            archive.writestr(entry(name), data)
    rows = [["Identifier", "Full name", "Status", "Grade", "Maximum Grade", "Last modified (submission)"]]
    for name, number in numbers().items():
        rows.append([f"Participant {number}", f"{name} Example", "Submitted", "", "23.00", MOMENTS.get(name, ON_TIME)])
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    (folder / "worksheet.csv").write_text(text.getvalue(), encoding="utf-8")
    (folder / "deadlines.toml").write_text(DEADLINES, encoding="utf-8")


def expected(by_hand=False, worth=WORTH):
    """The rows of grades.csv by student: score, late_days, penalty, total; with a mark of 2 by hand for each answer."""
    rows = {}
    for name, _, score, words in everybody():
        points = score + (2 if words and by_hand else 0)
        penalty = round(PENALTIES.get(name, 0) * worth, 2)
        rows[student(name)] = (score, DAYS.get(name, 0), penalty, round(points - penalty, 2))
    return rows


if __name__ == "__main__":
    download(Path(sys.argv[1]))
    (Path(sys.argv[1]) / "expected.json").write_text(json.dumps([expected(), expected(True)]), encoding="utf-8")
