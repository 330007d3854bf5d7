"""Executing a chapter again gives the same bytes, and a chapter that fails leaves the old file unchanged."""

import shutil

import build_notebook
import chapters
import execute
import pytest
from small_chapter import ROOT, SMALL, code


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder with a small chapter with an SVG figure and a printed stream: its text, and the notebook built from it.

    It is executed once; each test works on a copy.
    """
    folder = tmp_path_factory.mktemp("built")
    (folder / "small.md").write_text(SMALL, encoding="utf-8")
    assert build_notebook.main([str(folder / "small.md"), str(folder / "small.ipynb")]) == 0
    return folder


@pytest.fixture
def small_file(built, tmp_path):
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return tmp_path / "small.ipynb"


def test_a_second_execution_writes_the_same_bytes(small_file):
    first = small_file.read_bytes()
    assert b"<svg" in first
    assert execute.main([str(small_file)]) == 0
    assert small_file.read_bytes() == first
    assert execute.main(["--check", str(small_file)]) == 0


def test_text_and_notebook_are_the_same_chapter(small_file):
    text = small_file.with_name("back.md")
    assert build_notebook.main([str(small_file), str(text)]) == 0
    assert chapters.from_myst(text.read_text(encoding="utf-8")) == chapters.from_myst(SMALL)
    first = small_file.read_bytes()
    assert build_notebook.main([str(text), str(small_file)]) == 0
    assert small_file.read_bytes() == first


def test_the_data_a_chapter_needs_stay_named_when_its_text_is_edited(small_file):
    before = chapters.read(small_file)
    before.metadata["nnbook"] = {"needs_data": ["mnist"]}
    text = chapters.to_myst(before).replace("The check:", "The check of it:")
    assert chapters.from_myst(text, before).metadata["nnbook"] == {"needs_data": ["mnist"]}


def test_ids_stay_when_a_cell_is_inserted(small_file):
    before = chapters.read(small_file)
    changed = SMALL.replace("The check:", "The check:\n\n```{code-cell}\nprint(1)\n```\n\nAgain:")
    after = chapters.from_myst(changed, before)
    assert [cell.id for cell in before.cells][:3] == [cell.id for cell in after.cells][:3]
    assert [cell.id for cell in before.cells][-4:] == [cell.id for cell in after.cells][-4:]
    assert len({cell.id for cell in after.cells}) == len(after.cells) == len(before.cells) + 2


@pytest.mark.parametrize(
    ("source", "message"),
    [("1 / 0", "ZeroDivisionError"), ("import warnings; warnings.warn('careful')", "wrote to stderr")],
)
def test_a_chapter_that_cannot_be_stored_is_left_as_it_was(small_file, capsys, source, message):
    nb = chapters.read(small_file)
    code(nb, 1)["source"] = source
    small_file.write_bytes(chapters.to_bytes(nb))
    before = small_file.read_bytes()
    assert execute.main([str(small_file)]) == 1
    assert message in capsys.readouterr().err
    assert small_file.read_bytes() == before
    assert [path.name for path in small_file.parent.iterdir() if path.suffix == ".tmp"] == []


def test_a_text_that_fails_leaves_the_chapter_before_it_or_none(small_file, capsys):
    before = small_file.read_bytes()
    text = small_file.with_name("broken.md")
    text.write_text(SMALL + "\n```{code-cell}\n1 / 0\n```\n", encoding="utf-8")
    assert build_notebook.main([str(text), str(small_file)]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert small_file.read_bytes() == before
    new = small_file.with_name("new.ipynb")
    assert build_notebook.main([str(text), str(new)]) == 1
    assert not new.exists()


def test_writing_is_atomic(tmp_path, monkeypatch):
    path = tmp_path / "kept.ipynb"
    path.write_bytes(b"old")

    def broken(*arguments):
        raise OSError("no space")

    monkeypatch.setattr(chapters.os, "replace", broken)
    with pytest.raises(OSError, match="no space"):
        chapters.write_atomically(path, b"new")
    assert [file.name for file in tmp_path.iterdir()] == ["kept.ipynb"]
    assert path.read_bytes() == b"old"


def test_repository_is_the_root():
    assert (chapters.ROOT, chapters.BOOK) == (ROOT, ROOT / "book")


def test_a_chapter_without_its_data_is_left_as_it_is(small_file, monkeypatch, capsys):
    nb = chapters.read(small_file)
    nb.metadata["nnbook"] = {"needs_data": ["mnist"]}
    small_file.write_bytes(before := chapters.to_bytes(nb))
    monkeypatch.setenv("NNBOOK_DATA", str(small_file.parent))
    assert execute.main([str(small_file)]) == 0
    assert "not executed: the folder NNBOOK_DATA does not have mnist" in capsys.readouterr().out
    assert small_file.read_bytes() == before
