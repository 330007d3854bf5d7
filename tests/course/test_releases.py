"""A release holds no solution and no hidden test, anywhere in it; a source that would leak is refused."""

import json

import make_assignments
import nbformat
import pytest
from make_assignments import ReleaseError

from nnbook.course.assignments import ASSIGNMENTS

from .submissions import notebooks, released, source

NAMES = list(ASSIGNMENTS)


def solution_lines(nb):
    inside, lines = False, []
    for cell in nb.cells:
        for line in cell.source.split("\n"):
            if "BEGIN SOLUTION" in line or "END SOLUTION" in line:
                inside = "BEGIN" in line
            elif inside and line.strip():
                lines.append(line.strip())
    return lines


@pytest.mark.parametrize("name", NAMES)
def test_no_line_of_a_solution_is_in_the_release(name):
    text = json.dumps([cell.source for cell in released(name).cells], ensure_ascii=False)
    lines = solution_lines(source(name))
    assert len(lines) > len(ASSIGNMENTS[name].tasks)
    for line in lines:
        if len(line) > 15:  # shorter ones, such as `a = X`, occur in instructions too
            assert json.dumps(line, ensure_ascii=False)[1:-1] not in text, line
    assert "SOLUTION" not in text


@pytest.mark.parametrize("name", NAMES)
def test_a_release_has_no_outputs_and_is_a_valid_notebook(name):
    nb = released(name)
    nbformat.validate(nb)
    for cell in nb.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    text = notebooks.to_bytes(nb).decode()
    assert not any(word in text for word in ("HIDDEN", "nnbook.course", "eq-output", "### BEGIN"))


@pytest.mark.parametrize("name", NAMES)
def test_sources_are_committed_without_outputs(name):
    assert not any(cell.get("outputs") for cell in source(name).cells)


@pytest.mark.parametrize("name", NAMES)
def test_points_are_named_as_they_are_given(name):
    text = "\n".join(cell.source for cell in source(name).cells if cell.cell_type == "markdown")
    assert f"Worth {ASSIGNMENTS[name].points} points" in text
    for number, task in enumerate(ASSIGNMENTS[name].tasks, start=1):
        heading = next(line for line in text.split("\n") if line.startswith(f"## {number} · "))
        assert heading.endswith(f"({task.points} point{'s' * (task.points > 1)})")
    for function in ASSIGNMENTS[name].withheld:
        assert f"`nn.{function}`" in text


@pytest.mark.parametrize("name", NAMES)
def test_the_source_runs_and_its_checks_say_right(name, tmp_path):
    nb = notebooks.execute(source(name), tmp_path, 120, name)
    printed = [o.text for c in nb.cells for o in c.get("outputs", []) if o.output_type == "stream"]
    text = "".join(printed)
    assert "Right." in text or "diagnosis: none found" in text
    assert not any(bad in text for bad in ("Not yet", "DIFFERS", "FAILED"))


def test_one_command_makes_all_six(tmp_path, capsys):
    assert make_assignments.main(["--output", str(tmp_path)]) == 0
    assert sorted(p.stem for p in tmp_path.glob("*/*.ipynb")) == NAMES
    assert "24 points" in capsys.readouterr().out
    first = {p.name: p.read_bytes() for p in tmp_path.glob("*/*.ipynb")}
    make_assignments.main(["--output", str(tmp_path)])
    assert {p.name: p.read_bytes() for p in tmp_path.glob("*/*.ipynb")} == first


def _code(text, **role):
    given = {"grade": False, "grade_id": "a", "locked": False, "schema_version": 3, "solution": True, "task": False}
    return nbformat.v4.new_code_cell(text, metadata={"nbgrader": {**given, **role}})


LEAKS = {
    "a solution in a plain cell": (
        [_code("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", solution=False)],
        "not marked as a solution cell",
    ),
    "no end": ([_code("### BEGIN SOLUTION\nx = 1")], "no end solution"),
    "one in another": ([_code("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION")], "nested begin solution"),
    "the same id twice": ([_code("x = 1"), _code("x = 2")], "two cells"),
    "a hidden test": ([_code("### BEGIN HIDDEN TESTS\nassert x", solution=False)], "No end hidden tests"),
}


@pytest.mark.parametrize(("cells", "says"), LEAKS.values(), ids=LEAKS)
def test_a_source_that_would_leak_is_refused(cells, says):
    with pytest.raises(ReleaseError, match=says):
        make_assignments.release(nbformat.v4.new_notebook(cells=cells))


def test_the_check_of_a_release_finds_what_was_left():
    secret = _code("def f():\n    ### BEGIN SOLUTION\n    return 1 + 1\n    ### END SOLUTION")
    nb = nbformat.v4.new_notebook(cells=[secret])
    good = make_assignments.release(nb)
    left = nbformat.v4.new_notebook(cells=[*good.cells, nbformat.v4.new_markdown_cell("Hint:\n    return 1 + 1")])
    with pytest.raises(ReleaseError, match="is left in the release"):
        make_assignments.check(nb, left)
    good.cells[0].outputs = [nbformat.v4.new_output("stream", text="2")]
    with pytest.raises(ReleaseError, match="an output"):
        make_assignments.check(nb, good)


def test_nothing_is_written_when_one_source_is_bad(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(make_assignments, "SOURCE", tmp_path / "source")
    (tmp_path / "source" / "a").mkdir(parents=True)
    bad = nbformat.v4.new_notebook(cells=[_code("### BEGIN SOLUTION")])
    nbformat.write(bad, tmp_path / "source" / "a" / "a.ipynb")
    assert make_assignments.main(["--output", str(tmp_path / "release")]) == 1
    assert "a.ipynb: no end solution" in capsys.readouterr().err
    assert not (tmp_path / "release").exists()


def test_a_course_folder_is_private_and_outside_the_repository(tmp_path, capsys):
    assert make_assignments.main(["--course", str(tmp_path / "course")]) == 0
    assert sorted(p.stem for p in (tmp_path / "course" / "source").glob("*/*.ipynb")) == NAMES
    assert (tmp_path / "course").stat().st_mode & 0o077 == 0
    assert (tmp_path / "course" / ".gitignore").read_text().splitlines()[-1] == "*"
    assert make_assignments.main(["--course", str(tmp_path / "course")]) == 1
    assert "is not empty" in capsys.readouterr().err
    assert make_assignments.main(["--course", str(make_assignments.ROOT / "_build" / "course")]) == 1
    assert "is inside the repository" in capsys.readouterr().err
    assert not (make_assignments.ROOT / "_build" / "course").exists()
