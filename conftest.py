"""What all tests and notebooks share: one BLAS thread, skipping for missing data, and the count of what was checked.

It is at the root because pytest applies the hooks of a conftest.py only below its own folder, and the notebooks of
`book/` are tests as well.

**Counting what was checked.** A test that checks equations or mutants says how many it checked::

    def test_every_equation(record_checked):
        ...
        record_checked("equations", verified=57, comparisons=21_000)

The numbers of all tests that use the same name are added up, across processes, and printed in one line at the end of
the run: `checked: cells: 812 executed and compared, 7 notebooks; equations: 57 verified, 21,000 comparisons; …`. An
underscore in a number's name is printed as a space. Cells are counted by this file. With the variable
NNBOOK_WHOLE_RUN set (as `make test` does) a run that counted no cells, no equations or no mutants fails, so that
deleting a check does not go unnoticed.

**Notebooks that need downloaded data** say so in their metadata, `{"nnbook": {"needs_data": ["mnist"]}}`. If the
folder that NNBOOK_DATA names does not hold that data set, each becomes one test, which is skipped with a reason; with
the variable NNBOOK_REQUIRE_DATA set it fails.

**What was left out** is in the last lines too: each reason once, with the number of tests skipped for it.
"""

import hashlib
import itertools
import json
import os
import shutil
import sys
from collections import defaultdict
from pathlib import Path

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[_variable] = "1"  # before NumPy is imported

import pytest  # noqa: E402

ROOT = Path(__file__).resolve().parent
CHECKED = ROOT / "_build" / "checked"
NEEDED = ("cells", "equations", "mutants")
MOST_REASONS = 4  # so that the summary has six lines at most
# These folders and notebooks start first, so that no worker is still busy with one of them when the others are done.
LONGEST = ("course", "install", "mutants", "22b-mnist.ipynb")

from chapters import missing_data  # noqa: E402


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        shutil.rmtree(CHECKED, ignore_errors=True)


@pytest.fixture
def record_checked(request):
    """record_checked(name, **numbers): add these numbers to the line at the end of the run."""

    calls = itertools.count()

    def record(name, **numbers):
        CHECKED.mkdir(parents=True, exist_ok=True)
        call = hashlib.sha256(f"{request.node.nodeid} {next(calls)}".encode()).hexdigest()[:16]
        text = json.dumps({"name": name, "numbers": numbers})
        (CHECKED / f"{name}-{call}.json").write_text(text, encoding="utf-8")

    return record


# --- notebooks ------------------------------------------------------------------------------------


def _skip_without_data(name, nb):
    """Skip (or fail) the running test if the notebook `nb`, called `name`, needs data that is missing."""
    missing = missing_data(nb)
    if missing:
        message = (
            f"{name} was not run: it needs the data set {', '.join(missing)}; "
            "set NNBOOK_DATA to the folder that holds it (README.md says how to get it)"
        )
        if os.environ.get("NNBOOK_REQUIRE_DATA"):
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture
def skip_without_data():
    """skip_without_data(name, nb): skip or fail the running test if that notebook's data are missing."""
    return _skip_without_data


@pytest.hookimpl(tryfirst=True)  # before a kernel is started
def pytest_runtest_setup(item):
    nb = _notebook(item)
    if nb is not None:
        _skip_without_data(item.path.name, nb)


def _notebook(item):
    return getattr(item.parent, "nb", None) if item.path.suffix == ".ipynb" else None


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: not {item.path.name, item.path.parent.name} & {*LONGEST})
    seen = set()  # a notebook whose data are missing is one test, however many cells it has
    for item in list(items):
        nb = _notebook(item)
        if nb is not None and missing_data(nb):
            if item.path in seen:
                items.remove(item)
            seen.add(item.path)
    # By default nbval ignores each output's type and stream: here a stale one is a failure as well.
    left_out = ["metadata", "execution_count", "traceback", "image/png", "image/jpeg"]
    if sys.platform != "linux":  # the last digit of a coordinate may differ there; the printed numbers still count
        left_out.append("image/svg+xml")
    for file in {item.parent for item in items if hasattr(item.parent, "skip_compare")}:
        file.skip_compare = tuple(left_out)


# --- the last lines -------------------------------------------------------------------------------


def checked_totals(reports):
    """Return what was checked, as {name: {what: number}}: cells as pytest's reports say, the rest as recorded."""
    totals = defaultdict(lambda: defaultdict(int))
    cells = {report.nodeid for report in reports if ".ipynb::" in report.nodeid}
    if cells:
        totals["cells"] = {
            "executed_and_compared": len(cells),
            "notebooks": len({nodeid.split("::")[0] for nodeid in cells}),
        }
    for path in sorted(CHECKED.glob("*.json")):
        recorded = json.loads(path.read_text(encoding="utf-8"))
        for what, number in recorded["numbers"].items():
            totals[recorded["name"]][what] += number
    return totals


def checked_line(totals):
    parts = []
    for name, numbers in totals.items():
        parts.append(f"{name}: " + ", ".join(f"{n:,} {what.replace('_', ' ')}" for what, n in numbers.items()))
    return "checked: " + ("; ".join(parts) or "nothing was counted")


def left_out(reports):
    """Return what was not tested and why: {reason: number of tests}, the most frequent reason first."""
    counts = defaultdict(int)
    for report in reports:
        _, _, reason = report.longrepr if isinstance(report.longrepr, tuple) else (None, None, str(report.longrepr))
        counts[reason.removeprefix("Skipped: ")] += 1
    return dict(sorted(counts.items(), key=lambda entry: -entry[1]))


def left_out_lines(counts):
    reasons = list(counts.items())
    shown = reasons if len(reasons) <= MOST_REASONS else reasons[: MOST_REASONS - 1]
    for reason, n in shown:
        yield f"left out: {n:,} test{'s' * (n > 1)}: {reason}"
    if rest := reasons[len(shown) :]:
        yield f"left out: {sum(n for _, n in rest):,} tests for {len(rest)} other reasons (pytest -rs lists them)"


def pytest_terminal_summary(terminalreporter):
    totals = checked_totals(terminalreporter.stats.get("passed", []))
    terminalreporter.write_line(checked_line(totals))
    for line in left_out_lines(left_out(terminalreporter.stats.get("skipped", []))):
        terminalreporter.write_line(line)
    missing = getattr(terminalreporter.config, "nnbook_missing", ())
    if missing:
        terminalreporter.write_line(f"This run is not complete: it checked no {' and no '.join(missing)}.", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    config = session.config
    if hasattr(config, "workerinput") or not os.environ.get("NNBOOK_WHOLE_RUN"):
        return
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    totals = checked_totals(reporter.stats.get("passed", []))
    config.nnbook_missing = [name for name in NEEDED if not any(totals.get(name, {}).values())]
    if config.nnbook_missing and exitstatus == 0:
        session.exitstatus = 1
