"""The line that says what was checked counts correctly, and a full run that checked nothing fails."""

import chapters
import nbformat
import pytest

RECORDS = """
import pytest

@pytest.mark.parametrize("number", [1, 2, 3])
def test_records(record_checked, number):
    record_checked("equations", verified=number, all_comparisons=1000 * number)
    record_checked("mutants", refused=1)
    record_checked("mutants", refused=1)
"""


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


NEEDY = {"01-all.ipynb": chapter(), "22-digits.ipynb": chapter(cells=3, nnbook={"needs_data": ["mnist"]})}


@pytest.mark.parametrize("processes", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_a_chapter_without_its_data_is_one_line(run_pytest, processes):
    status, said = run_pytest(NEEDY, "--nbval", "--nbval-current-env", *processes)
    assert status == 0, said
    assert "1 passed, 1 skipped" in said
    assert said.count("22-digits.ipynb was not run: it needs the data set mnist") == 1
    assert "left out: 1 test: 22-digits.ipynb was not run" in said


def test_a_chapter_without_its_data_fails_where_data_are_required(run_pytest, tmp_path):
    status, said = run_pytest(NEEDY, "--nbval", "--nbval-current-env", NNBOOK_REQUIRE_DATA="1")
    assert status == 1
    assert "22-digits.ipynb was not run: it needs the data set mnist" in said

    (tmp_path / "data" / "mnist").mkdir(parents=True)
    variables = {"NNBOOK_REQUIRE_DATA": "1", "NNBOOK_DATA": str(tmp_path / "data")}
    status, said = run_pytest(NEEDY, "--nbval", "--nbval-current-env", **variables)
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
