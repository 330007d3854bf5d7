"""The line that says what was checked counts right, and a whole run that checked nothing fails."""

import os
import shutil
import subprocess
import sys

import chapters
import nbformat
import pytest
from small_chapter import ROOT

RECORDS = """
import pytest

@pytest.mark.parametrize("number", [1, 2, 3])
def test_records(record_checked, number):
    record_checked("equations", verified=number, all_comparisons=1000 * number)
    record_checked("mutants", refused=1)
    record_checked("mutants", refused=1)
"""


@pytest.fixture
def run_pytest(tmp_path):
    """Run pytest as `make test` does in a copy of the project with these files; return its status and what it said."""

    def run(files, *arguments, **variables):
        for folder in ("tests", "book", "tools"):
            shutil.rmtree(tmp_path / folder, ignore_errors=True)
            (tmp_path / folder).mkdir()
        for name in ("conftest.py", "pyproject.toml", "tools/chapters.py"):
            shutil.copy(ROOT / name, tmp_path / name)
        for name, content in files.items():
            folder = tmp_path / ("book" if name.endswith(".ipynb") else "tests")
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "NNBOOK_"))}
        result = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", "book", *arguments],
            cwd=tmp_path,
            env={**kept, **variables},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        return result.returncode, result.stdout + result.stderr

    return run


def chapter(cells=1, **metadata):
    """A notebook of some cells, each 1 + 1, with this metadata."""
    nb = nbformat.v4.new_notebook(metadata=metadata)
    for n in range(1, cells + 1):
        cell = nbformat.v4.new_code_cell("1 + 1", id=f"two-{n}", execution_count=n)
        cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=n)]
        nb.cells.append(cell)
    return chapters.to_bytes(chapters.clean(nb))


@pytest.mark.parametrize("processes", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_what_was_checked_is_added_up(run_pytest, processes):
    files = {"test_records.py": RECORDS, "chapter.ipynb": chapter()}
    status, said = run_pytest(files, "--nbval", "--nbval-current-env", *processes, NNBOOK_WHOLE_RUN="1")
    assert status == 0, said
    assert (
        "checked: cells: 1 executed and compared, 1 notebooks; "
        "equations: 6 verified, 6,000 all comparisons; mutants: 6 refused" in said
    )


def test_a_whole_run_that_checked_no_cells_fails(run_pytest):
    files = {"test_records.py": RECORDS}
    assert run_pytest(files)[0] == 0
    status, said = run_pytest(files, NNBOOK_WHOLE_RUN="1")
    assert status == 1
    assert "This run is not complete: it checked no cells." in said


@pytest.mark.parametrize("processes", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_a_chapter_without_its_data_is_one_line(run_pytest, tmp_path, processes):
    files = {"01-all.ipynb": chapter(), "22-digits.ipynb": chapter(cells=3, nnbook={"needs_data": ["mnist"]})}
    nbval = ("--nbval", "--nbval-current-env", *processes)
    status, said = run_pytest(files, *nbval)
    assert status == 0, said
    assert "1 passed, 1 skipped" in said
    assert said.count("22-digits.ipynb was not run: it needs the data set mnist") == 1
    assert "left out: 1 test: 22-digits.ipynb was not run" in said

    status, said = run_pytest(files, *nbval, NNBOOK_REQUIRE_DATA="1")
    assert status == 1
    assert "22-digits.ipynb was not run: it needs the data set mnist" in said

    (tmp_path / "data" / "mnist").mkdir(parents=True)
    status, said = run_pytest(files, *nbval, NNBOOK_REQUIRE_DATA="1", NNBOOK_DATA=str(tmp_path / "data"))
    assert status == 0
    assert "4 passed" in said
    assert "left out" not in said


SKIPS = """
import pytest

@pytest.mark.parametrize("number", range(9))
def test_skips(number):
    pytest.skip("no sandbox" if number < 3 else f"reason {number}")
"""


def test_what_was_left_out_is_told_in_few_lines(run_pytest):
    status, said = run_pytest({"test_skips.py": SKIPS})
    assert status == 0
    told = [line for line in said.splitlines() if line.startswith("left out:")]
    assert told[0] == "left out: 3 tests: no sandbox"
    assert told[-1] == "left out: 4 tests for 4 other reasons (pytest -rs lists them)"
    assert len(told) == 4
