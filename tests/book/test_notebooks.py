"""Every notebook follows the rules that make nbval reliable, and every rule refuses a notebook doctored for it."""

import copy
import re

import chapters
import check_notebooks
import nbformat
import pytest
from small_chapter import NOTEBOOKS, ROOT, SMALL, code


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small notebook, executed, with printed streams, a result and an SVG figure."""
    return chapters.execute(chapters.from_myst(SMALL), tmp_path_factory.mktemp("small"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_obeys_the_rules(path):
    assert check_notebooks.problems(chapters.read(path), path.read_bytes()) == []


def test_every_notebook_has_its_place():
    assert check_notebooks.file_problems(ROOT / "book", (ROOT / "_toc.yml").read_text(encoding="utf-8")) == []


def test_a_good_notebook_is_accepted(small):
    assert check_notebooks.problems(small) == []


# --- doctored notebooks ---------------------------------------------------------------------------


def not_executed(nb):
    code(nb, 1)["execution_count"], code(nb, 1)["outputs"] = None, []


def out_of_order(nb):
    code(nb, 1)["execution_count"], code(nb, 2)["execution_count"] = 3, 2


def counts_do_not_start_at_one(nb):
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell["execution_count"] += 1


def error_output(nb):
    code(nb, 1)["outputs"] = [nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])]


def ignored_by_comment(nb):
    code(nb, 1)["source"] = "# NBVAL_IGNORE_OUTPUT\n" + code(nb, 1).source


def skipped_by_comment(nb):
    code(nb, 1)["source"] = "# NBVAL_SKIP\nassert False"


def ignored_by_tag(nb):
    code(nb, 1).metadata["tags"] = ["hide-cell", "nbval-ignore-output"]


def raises_by_tag(nb):
    code(nb, 1).metadata["tags"] = ["hide-cell", "raises-exception"]


def swallowed_exception(nb):
    code(nb, 1)["source"] = "try:\n    check('eq-small')\nexcept Exception:\n    pass"


def suppressed_exception(nb):
    code(nb, 1)["source"] = "with contextlib.suppress(AssertionError):\n    check('eq-small')"


def magic(nb):
    code(nb, 1)["source"] = "%timeit check('eq-small')"


def trailing_semicolon(nb):
    code(nb, 1)["source"] = "check('eq-small');  # silent"


def no_title(nb):
    nb.cells[0]["source"] = nb.cells[0].source.replace("# A small chapter", "A small chapter")


def second_title(nb):
    nb.cells[-3]["source"] = nb.cells[-3].source.replace("## A figure", "# A figure")


def memory_address(nb):
    code(nb, 1).outputs[0]["text"] = "<object at 0x7f3a2c41d5e0>\n"


def home_path(nb):
    code(nb, 1).outputs[0]["text"] = "saved in /home/reader/net.npz\n"


def temporary_path(nb):
    code(nb, 3).outputs[1].data["text/plain"] = "'/tmp/x81/net.npz'"


def windows_path(nb):
    code(nb, 1).outputs[0]["text"] = "saved in C:\\Users\\reader\n"


def path_in_a_figure(nb):
    code(nb, 2).outputs[0].data["image/svg+xml"] += "<!-- /tmp/figure -->"


def warning_output(nb):
    code(nb, 1).outputs.append(nbformat.v4.new_output("stream", name="stderr", text="careful\n"))


def same_id_twice(nb):
    code(nb, 1)["id"] = code(nb, 2)["id"]


def no_id(nb):
    code(nb, 1)["id"] = ""


def random_id(nb):
    code(nb, 1)["id"] = "3fa85f64"


def cell_timing(nb):
    code(nb, 1).metadata["execution"] = {"iopub.status.busy": "2026-01-01T00:00:00Z"}


def python_version(nb):
    nb.metadata.language_info["version"] = "3.11.7"


def split_stream(nb):
    first = code(nb, 3).outputs[0]
    code(nb, 3).outputs[0:1] = [{**first, "text": "0\n"}, {**first, "text": "1\n2\n"}]
    code(nb, 3)["outputs"] = [nbformat.from_dict(output) for output in code(nb, 3).outputs]


def long_cell(nb):
    code(nb, 1)["source"] = "\n".join(f"x_{number} = 'eq-small'" for number in range(21))


def long_cells(nb):
    for number in (1, 2, 3):
        code(nb, number)["source"] = "\n".join(f"x_{line} = 'eq-small'" for line in range(6))


def no_imports_first(nb):
    code(nb, 0)["source"] += "\nx = 3"


def two_figures(nb):
    code(nb, 2)["outputs"] *= 2


def no_alternative_text(nb):
    code(nb, 2)["metadata"] = nbformat.from_dict({})


def markdown_picture_without_text(nb):
    nb.cells[-3]["source"] += "\n\n![](figure.svg)"


def check_deleted(nb):
    nb.cells.remove(code(nb, 1))
    for count, cell in enumerate((cell for cell in nb.cells if cell.cell_type == "code"), 1):
        cell["execution_count"] = count


def check_not_folded(nb):
    code(nb, 1)["source"] = "nn.verify('eq-small')"
    code(nb, 1)["metadata"] = nbformat.from_dict({})


def no_code(nb):
    nb["cells"] = [cell for cell in nb.cells if cell.cell_type != "code"]


def raw_cell(nb):
    nb.cells.append(nbformat.v4.new_raw_cell("print('eq')", id="raw"))


REFUSED = {
    not_executed: "not executed",
    out_of_order: "not executed from top to bottom",
    counts_do_not_start_at_one: "not executed from top to bottom",
    error_output: "its output is an error",
    ignored_by_comment: "excludes its output from comparison",
    skipped_by_comment: "excludes its output from comparison",
    ignored_by_tag: "excludes its output from comparison",
    raises_by_tag: "excludes its output from comparison",
    swallowed_exception: "swallows an exception",
    suppressed_exception: "swallows an exception",
    magic: "magic",
    trailing_semicolon: "ends in ';'",
    no_title: "no title",
    second_title: "2 titles",
    memory_address: "memory address",
    home_path: "machine's path",
    temporary_path: "machine's path",
    windows_path: "machine's path",
    path_in_a_figure: "machine's path",
    warning_output: "stderr",
    same_id_twice: "occurs twice",
    no_id: "no readable id",
    random_id: "no readable id",
    cell_timing: "not clean",
    python_version: "not clean",
    split_stream: "not clean",
    long_cell: "has 21 lines",
    long_cells: "median code cell has 6 lines",
    no_imports_first: "first code cell must hold the imports",
    two_figures: "2 figures",
    no_alternative_text: "without alternative text",
    markdown_picture_without_text: "picture without alternative text",
    check_deleted: "equation eq-small has no check cell",
    check_not_folded: "hide-cell",
    no_code: "has no code cell",
    raw_cell: "raw cells",
}


@pytest.mark.parametrize("doctor", REFUSED, ids=lambda doctor: doctor.__name__)
def test_a_doctored_notebook_is_refused(small, doctor):
    nb = copy.deepcopy(small)
    doctor(nb)
    found = check_notebooks.problems(nb)
    assert any(REFUSED[doctor] in problem for problem in found), found


def test_a_mark_with_a_written_reason_is_accepted(small):
    nb = copy.deepcopy(small)
    ignored_by_tag(nb)
    code(nb, 1).metadata["reason"] = "the time it takes differs from run to run"
    assert check_notebooks.problems(nb) == []


def test_a_file_that_is_not_laid_out_as_written_is_refused(small):
    data = chapters.to_bytes(small)
    assert check_notebooks.problems(small, data) == []
    assert "is not clean" in check_notebooks.problems(small, data.replace(b"\n", b"\r\n"))[0]


TOC = "format: jb-book\nroot: book/index\nparts:\n  - chapters:\n      - file: book/01-small\n"


@pytest.fixture
def folder(tmp_path, small):
    """A folder with an index and one chapter, both in the table of contents."""
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "index.md").write_text("# Index\n", encoding="utf-8")
    (tmp_path / "book" / "01-small.ipynb").write_bytes(chapters.to_bytes(small))
    assert check_notebooks.file_problems(tmp_path / "book", TOC) == []
    return tmp_path / "book"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("02-other.ipynb", "not in _toc.yml"),
        (".hidden.ipynb", "a notebook's name"),
        ("02-Other.ipynb", "a notebook's name"),
        ("02-other.IPYNB", "a notebook's name"),
        ("02-other.ipynb~", "a notebook's name"),
        ("more/02-other.ipynb", "directly in book/"),
    ],
)
def test_a_notebook_nobody_would_run_is_refused(folder, small, name, problem):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(chapters.to_bytes(small))
    found = check_notebooks.file_problems(folder, TOC)
    assert len(found) == 1
    assert problem in found[0]


def test_a_chapter_as_text_is_refused(folder):
    (folder / "index.md").write_text("# Index\n\n```{code-cell}\n1 / 0\n```\n", encoding="utf-8")
    assert "belong in a notebook" in check_notebooks.file_problems(folder, TOC)[0]


def test_a_deleted_chapter_is_refused(folder):
    (folder / "01-small.ipynb").unlink()
    assert check_notebooks.file_problems(folder, TOC) == ["_toc.yml: book/01-small does not exist"]


# --- nbval itself, on notebooks changed by hand ---------------------------------------------------


def a_number(nb):
    output = code(nb, 3).outputs[1]
    output.data["text/plain"] = output.data["text/plain"].replace("4.0", "4.1")


def a_figure(nb):
    output = code(nb, 2).outputs[0]
    output.data["image/svg+xml"] = output.data["image/svg+xml"].replace("M ", "M 1", 1)


def a_stream(nb):
    code(nb, 3).outputs[0]["name"] = "stderr"


def a_kind_of_output(nb):
    code(nb, 3).outputs[1] = nbformat.v4.new_output("display_data", code(nb, 3).outputs[1].data)


def an_output_too_many(nb):
    code(nb, 3).outputs.append(nbformat.v4.new_output("display_data", {"text/plain": "stale"}))


def an_output_too_few(nb):
    del code(nb, 3).outputs[1]


DOCTORED = {
    a_number: "Cell 3",
    a_figure: "Cell 2",
    a_stream: "Cell 3",
    a_kind_of_output: "Cell 3",
    an_output_too_many: "Cell 3",
    an_output_too_few: "Cell 3",
}


def test_nbval_refuses_whatever_was_changed_by_hand(small, run_pytest):
    files = {"small.ipynb": chapters.to_bytes(small)}
    for doctor in DOCTORED:
        nb = copy.deepcopy(small)
        doctor(nb)
        assert nb != small
        files[f"{doctor.__name__}.ipynb"] = chapters.to_bytes(nb)
    status, said = run_pytest(files, "--nbval", "--nbval-current-env")
    assert status == 1
    failed = set(re.findall(r"^FAILED book/(.*?) - ", said, re.MULTILINE))
    assert failed == {f"{doctor.__name__}.ipynb::{cell}" for doctor, cell in DOCTORED.items()}, said
    assert f"{len(DOCTORED)} failed, {4 * len(files) - len(DOCTORED)} passed" in said
