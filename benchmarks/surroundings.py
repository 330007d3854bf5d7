"""Measures things other than training: a prediction, memory, the book's equations, a submission, the import."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np

import nnbook as nn

BOOK = Path(__file__).resolve().parent.parent / "book"
NOTES, TOOLS = BOOK.parent / "tests" / "equations", BOOK.parent / "tools"
SIZES = [784, 100, 10]


def one_row(dtype, rounds, repeats=2_000):
    """Time `net.predict` on one row, against the two matrix products it needs, and against plain NumPy."""
    net = nn.Network(SIZES, rng=0, dtype=dtype)
    x = np.random.default_rng(0).random((1, SIZES[0])).astype(dtype)
    z2, z3 = np.empty((1, SIZES[1]), dtype), np.empty((1, SIZES[2]), dtype)
    W2, W3, b2, b3 = net.W[2].T, net.W[3].T, net.b[2], net.b[3]

    def products():
        for _ in range(repeats):
            np.dot(x, W2, out=z2)
            np.dot(z2, W3, out=z3)

    def plain():
        for _ in range(repeats):
            a = 1 / (1 + np.exp(-(x.dot(W2) + b2)))
            a = 1 / (1 + np.exp(-(a.dot(W3) + b3)))

    def predict():
        for _ in range(repeats):
            net.predict(x)

    thunks = {"predict": predict, "two matrix products": products, "plain NumPy, which checks nothing": plain}
    return thunks, repeats, rounds


def memory(samples):
    """Return (bytes of the data, most bytes beyond it, seconds) of a prediction and of a fit, 784-100-10 in float32."""
    X = np.random.default_rng(0).random((samples, SIZES[0]), dtype=np.float32)
    T = nn.one_hot(np.arange(samples) % SIZES[-1], SIZES[-1], dtype="float32")
    net = nn.Network(SIZES, rng=0, dtype="float32")
    jobs = {
        "a prediction": lambda: net.predict(X),
        "an epoch of training": lambda: nn.fit(
            net, X, T, nn.BinaryCrossEntropy(), optimizer=nn.SGD(0.05), epochs=1, batch_size=100, rng=0
        ),
    }
    for name, job in jobs.items():
        tracemalloc.start()
        start = time.process_time()
        job()
        seconds, (_, peak) = time.process_time() - start, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        yield name, X.nbytes + T.nbytes, peak, seconds


def graded(submissions):
    """Return the seconds a submission takes to grade and those of its own code in a new Python, or None.

    The submissions are right solutions of assignment 4, graded one after the other. Wall-clock time is used, because
    the system does not count what bubblewrap starts as this process's time.
    """
    sys.path.insert(0, str(TOOLS))
    import simulate_course

    from nnbook.course.limits import CannotGrade
    from nnbook.course.run import grade_folder
    from nnbook.course.sandbox import isolation

    for kind in ("bubblewrap", "limits"):
        try:
            isolation(kind)
        except CannotGrade:
            continue
        break
    else:
        return None
    with tempfile.TemporaryDirectory() as folder:
        submitted, graded = Path(folder, "submitted"), Path(folder, "graded")
        simulate_course.hand_in(submitted, submissions)
        start = time.perf_counter()
        report = grade_folder(submitted, graded, workers=1, isolation=kind, book="", progress=False)
        each = (time.perf_counter() - start) / report.graded
        notebook = json.loads(next(submitted.glob("student00000/*/*.ipynb")).read_text(encoding="utf-8"))
        cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
        start = time.perf_counter()
        for _ in range(5):
            subprocess.run([sys.executable, "-c", "\n\n".join(cells)], check=True, capture_output=True)
        return each, (time.perf_counter() - start) / 5


def seconds_of(command, rounds):
    """Return the median of the CPU seconds that a command takes in a separate process."""
    code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True); "
    code += "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime)"
    found = []
    for _ in range(rounds):
        done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True)
        found.append(float(done.stdout))
    return statistics.median(found)


def import_seconds(rounds):
    """Return the CPU seconds of three Python processes that import nnbook, only NumPy, and the equation checker."""
    names = ("nnbook", "numpy", "nnbook.equations")
    return [seconds_of([sys.executable, "-c", f"import {name}"], rounds) for name in names]


def equations_seconds():
    """Return the CPU seconds that the command takes to check every equation of the book."""
    chapters = [str(path) for path in sorted(BOOK.glob("[0-9][0-9]-*.ipynb"))]
    return seconds_of([sys.executable, "-m", "nnbook", "verify", *chapters], 1)


def notes_seconds():
    """Return the checker's CPU seconds per equation on notes in twelve notations: the median over the files.

    Each file holds the right and the wrong equations of one source; it names no notation and assumes nothing.
    """
    from nnbook.equations import documents, examine

    sys.path.insert(0, str(NOTES))
    from notations_table import RIGHT, WRONG

    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, table in RIGHT.items():
            path = Path(folder, f"{name}.md")
            path.write_text("".join(f"$$\n{latex}\n$$\n\n" for latex, _ in table + WRONG[name]), encoding="utf-8")
            start = time.process_time()
            report = examine.examine(documents.read(path))
            found.append((time.process_time() - start) / len(report.results))
    return statistics.median(found)
