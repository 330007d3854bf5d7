"""The page for users of other libraries: what it says is the same really is the same."""

import re

import chapters
from small_chapter import ROOT

PAGE = chapters.read(ROOT / "book" / "coming-from-pytorch-or-keras.ipynb")
LINES = [
    line
    for cell in PAGE.cells
    if cell.cell_type == "code"
    for output in cell.outputs
    for line in output.get("text", "").splitlines()
]


def test_every_number_of_another_library_is_met():
    pairs = [re.fullmatch(r"theirs (\S+)   nnbook (\S+)", line) for line in LINES if line.startswith("theirs")]
    assert len(pairs) == 8
    assert all(pair[1] == pair[2] for pair in pairs)


def test_where_the_libraries_differ_this_one_is_with_keras():
    lines = [re.fullmatch(r"PyTorch (\S+)   Keras (\S+)   nnbook (\S+)", line) for line in LINES if "PyTorch" in line]
    assert len(lines) == 3
    for line in lines:
        assert line[2] == line[3] != line[1]
