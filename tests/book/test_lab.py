"""What `make lab` tells JupyterLab about the book agrees with the book."""

import json
import re
from pathlib import Path

import lab
import naming
import pytest

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"


def test_pages_have_their_titles():
    pages = lab.pages()
    assert pages["06-derivatives"] == {"title": "Derivatives", "file": "06-derivatives.ipynb"}
    assert pages["glossary"]["file"] == "glossary.md"
    assert all(page["title"] != name for name, page in pages.items())


def test_every_link_to_a_page_is_known():
    pages, lost = lab.pages(), []
    for path in lab.BOOK.glob("*.ipynb"):
        for target in re.findall(r"\{doc\}`(?:[^`<]*<)?([^`>]+)>?`", naming.markdown_of(path)):
            if target not in pages:
                lost.append((path.name, target))
    assert not lost


def test_every_work_that_is_cited_is_known():
    works, lost = lab.citations(), []
    for path in lab.BOOK.glob("*.ipynb"):
        for keys in re.findall(r"\{cite(?::\w)?\}`([^`]+)`", naming.markdown_of(path)):
            lost += [(path.name, key) for key in keys.split(",") if key.strip() not in works]
    assert not lost
    assert works["rumelhart1986"] == {"authors": "Rumelhart et al.", "year": "1986"}
    assert works["minsky1969"]["authors"] == "Minsky and Papert"


def test_equations_are_numbered_in_their_chapter(tmp_path):
    cells = [{"cell_type": "markdown", "source": ["$$\na = b\n$$ (eq-one)\n", "\n$$\nc\n$$\n\n$$\nd = e\n$$ (eq-two)"]}]
    (tmp_path / "07-seven.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    found = lab.equations(tmp_path)
    assert found == {
        "eq-one": {"number": "7.1", "page": "07-seven"},
        "eq-two": {"number": "7.2", "page": "07-seven"},
    }


@pytest.mark.browser
def test_the_numbers_are_those_of_the_built_pages():
    if not SITE.exists():
        pytest.skip("the site is not built: make book")
    built = {}
    for page in SITE.glob("[0-9]*.html"):
        text = page.read_text(encoding="utf-8")
        found = re.findall(r'id="equation-(eq-[\w-]+)".*?<span class="eqno">.*?\((\d+\.\d+)\)', text, re.DOTALL)
        built.update(found)
    ours = {label: known["number"] for label, known in lab.equations().items()}
    assert built
    assert ours == built


def test_the_extension_carries_the_data_and_says_where_it_starts(tmp_path):
    lab.write_extension(tmp_path)
    package = json.loads((tmp_path / lab.NAME / "package.json").read_text(encoding="utf-8"))
    script = (tmp_path / lab.NAME / package["jupyterlab"]["_build"]["load"]).read_text(encoding="utf-8")
    assert '"eq-hidden-delta": {"number": "11.' in script
    assert "const book = null" not in script


def test_a_script_without_a_place_for_the_data_is_refused(tmp_path, monkeypatch):
    (tmp_path / "reader.js").write_text("const book = 1;", encoding="utf-8")
    monkeypatch.setattr(lab, "SCRIPT", tmp_path / "reader.js")
    with pytest.raises(ValueError, match=r"reader\.js: 'const book = null;' is missing"):
        lab.write_extension(tmp_path)
