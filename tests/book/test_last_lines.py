"""The line that says what was checked counts right, and a whole run that checked nothing fails."""

import os
import shutil
import subprocess
import sys

import nbformat
import notebook
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
    """Run pytest, with the project's conftest.py, on the files handed in; returns its status and what it said."""

    def run(files, *arguments, **variables):
        tests, tools = tmp_path / "tests", tmp_path / "tools"
        shutil.rmtree(tests, ignore_errors=True)
        tests.mkdir()
        shutil.copy(ROOT / "tests" / "conftest.py", tests)
        tools.mkdir(exist_ok=True)
        shutil.copy(ROOT / "tools" / "notebook.py", tools)
        for name, content in files.items():
            (tests / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "NNBOOK_"))}
        result = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "tests", *arguments],
            cwd=tmp_path,
            env={**kept, **variables},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        return result.returncode, result.stdout + result.stderr

    return run


def chapter(**metadata):
    """A notebook of one cell, with this metadata."""
    nb = nbformat.v4.new_notebook(metadata=metadata)
    nb.cells = [nbformat.v4.new_code_cell("1 + 1", id="two", execution_count=1)]
    nb.cells[0].outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=1)]
    return notebook.to_bytes(notebook.clean(nb))


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


def test_a_chapter_without_its_data_is_reported_by_name(run_pytest, tmp_path):
    files = {"22-digits.ipynb": chapter(nnbook={"needs_data": ["mnist"]})}
    nbval = ("--nbval", "--nbval-current-env")
    status, said = run_pytest(files, *nbval)
    assert status == 0
    assert "1 skipped" in said
    assert "22-digits.ipynb was not run: it needs the data set mnist" in said

    status, said = run_pytest(files, *nbval, NNBOOK_REQUIRE_DATA="1")
    assert status == 1
    assert "22-digits.ipynb was not run: it needs the data set mnist" in said

    (tmp_path / "data" / "mnist").mkdir(parents=True)
    status, said = run_pytest(files, *nbval, NNBOOK_REQUIRE_DATA="1", NNBOOK_DATA=str(tmp_path / "data"))
    assert status == 0
    assert "1 passed" in said
