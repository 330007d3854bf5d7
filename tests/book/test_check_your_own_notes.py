"""The page "Check your own notes": each note is refuted only for its mistake, and every notation is in its table."""

import re

import chapters
import pytest
from small_chapter import ROOT

from nnbook.__main__ import main
from nnbook.equations.judge import Judge
from nnbook.equations.notations import NOTATIONS

PAGE = chapters.read(ROOT / "book" / "check-your-own-notes.ipynb")
PROSE = "\n".join(cell.source for cell in PAGE.cells if cell.cell_type == "markdown")
NOTES = dict(re.findall(r"^:caption: (\S+)\n\n(.*?)^```$", PROSE, re.DOTALL | re.MULTILINE))
TABLE = dict(re.findall(r"^\| `(\S+)` \|.*\| \$(.+)\$ \|$", PROSE, re.MULTILINE))
MENDED = [
    ("recursion.md", "w^{l+1}_{jk}", "w^{l+1}_{kj}"),
    ("week-3.md", "W^{[l+1]} dZ", "W^{[l+1]T} dZ"),
    ("output.tex", "(1 + ", "(1 - "),
]


def test_every_note_of_the_page_is_mended_here():
    assert sorted(NOTES) == sorted(name for name, _, _ in MENDED)


@pytest.mark.parametrize(("name", "wrong", "right"), MENDED)
def test_a_note_is_refuted_for_its_mistake_and_for_nothing_else(name, wrong, right, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert NOTES[name].count(wrong) == 1
    (tmp_path / name).write_text(NOTES[name], encoding="utf-8")
    assert main(["verify", name]) == 1
    assert capsys.readouterr().out.count("  refuted: ") == 1
    (tmp_path / name).write_text(NOTES[name].replace(wrong, right), encoding="utf-8")
    assert main(["verify", name]) == 0
    assert "  refuted: " not in capsys.readouterr().out


def test_the_table_has_every_notation_and_each_line_holds_in_its_own():
    assert list(TABLE) == list(NOTATIONS)
    for name, latex in TABLE.items():
        assert [verdict.status for verdict in Judge(name).judge(latex)] == ["holds"], name


def test_the_table_tells_notations_apart():
    refused = [
        name
        for name in NOTATIONS
        for one in Judge(name).judge(TABLE["bishop"])
        if name != "bishop" and one.status != "holds"
    ]
    assert len(refused) > 5
