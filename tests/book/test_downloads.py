"""A single downloaded notebook can be read without the rest of the book, and loses no equation."""

import json
import re
from pathlib import Path

import downloads
import naming
import pytest
from bs4 import BeautifulSoup

from nnbook.equations import documents

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"
ADDRESS = "https://example.org/book/"
CHAPTERS = sorted(naming.BOOK.glob("*.ipynb"))


@pytest.fixture(scope="module")
def names():
    return downloads.Names(ADDRESS)


def downloaded(path, names):
    return downloads.for_download(path.read_text(encoding="utf-8"), "The book", names, path.stem + ".html")


def one_cell(cell, names, page="11-hidden-recursion.html"):
    notebook = json.dumps({"cells": [cell], "nbformat": 4})
    return json.loads(downloads.for_download(notebook, "The book", names, page))["cells"]


def test_it_begins_with_how_to_get_the_package(names):
    first, second = one_cell({"cell_type": "markdown", "source": ["# Title"]}, names)
    words = "".join(first["source"])
    assert 'pip install "nnbook[book]" jupyterlab_myst' in words
    assert f"<{ADDRESS}11-hidden-recursion.html>" in words
    assert "make lab" in words
    assert second["source"] == ["# Title"]
    nowhere = one_cell({"cell_type": "markdown", "source": []}, downloads.Names(""))[0]
    assert "<" not in "".join(nowhere["source"])


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("See {doc}`06-derivatives`.", f"See [Derivatives]({ADDRESS}06-derivatives.html)."),
        ("See {doc}`there <06-derivatives>`.", f"See [there]({ADDRESS}06-derivatives.html)."),
        ("By {eq}`eq-output-delta`,", f"By [(10.1)]({ADDRESS}10-output-delta.html#equation-eq-output-delta),"),
        ("By {eq}`eq-hidden-delta`,", "By {eq}`eq-hidden-delta`,"),
        ("It is old {cite:p}`rosenblatt1958, minsky1969`.", "It is old (Rosenblatt, 1958; Minsky and Papert, 1969)."),
        ("{cite:t}`minsky1969` say", "Minsky and Papert (1969) say"),
        ("the unit of {numref}`fig-shared-paths`", "the unit of Figure 11.2"),
        ("in {numref}`fig-two-paths`", f"in [Figure 6.4]({ADDRESS}06-derivatives.html#fig-two-paths)"),
        ("the {ref}`notation table <notation>`", "the notation table"),
        ("```text\n{doc}`06-derivatives`\n```\n", "```text\n{doc}`06-derivatives`\n```\n"),
    ],
)
def test_references_are_written_out(names, source, read):
    assert "".join(one_cell({"cell_type": "markdown", "source": [source]}, names)[1]["source"]) == read


def test_without_an_address_links_are_titles():
    cell = {"cell_type": "markdown", "source": ["See {doc}`06-derivatives`."]}
    assert one_cell(cell, downloads.Names(""))[1]["source"] == ["See Derivatives."]


def test_exercises_and_solutions_bear_the_number_of_the_page(names):
    source = (
        ":::{exercise} Whatever\n:label: ex-11-skip\n:class: nn-by-hand\n\nDo.\n:::\n\n"
        ":::{solution} ex-11-skip\n:label: sol-11-skip\n:class: dropdown\n\nDone.\n:::"
    )
    title = "Exercise 11.3 (Connections that skip a layer)"
    read = "".join(one_cell({"cell_type": "markdown", "source": [source]}, names)[1]["source"])
    assert read == (
        f":::{{admonition}} {title}\n:class: nn-by-hand\n\nDo.\n:::\n\n"
        f":::{{admonition}} Solution to {title}\n:class: dropdown\n\nDone.\n:::"
    )


def test_what_is_folded_is_folded_and_pictures_say_what_they_show(names):
    output = {"output_type": "execute_result", "data": {"image/svg+xml": "<svg/>", "text/plain": "<BookFigure>"}}
    metadata = {"tags": ["hide-output"], "mystnb": {"image": {"alt": "A line."}}}
    cell = {"cell_type": "code", "source": [], "metadata": metadata, "outputs": [output]}
    _, read = one_cell(cell, names)
    assert read["metadata"]["jupyter"] == {"outputs_hidden": True}
    assert read["outputs"][0]["data"]["text/plain"] == ["[A picture, drawn when the cell is run. A line.]"]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_no_chapter_keeps_what_a_reader_alone_cannot_follow(names, path, tmp_path):
    text, file = downloaded(path, names), tmp_path / path.name
    file.write_text(text, encoding="utf-8")
    prose = downloads.CODE.sub("", naming.markdown_of(file))
    assert re.findall(r"\{(?:doc|ref|cite(?::\w)?|numref)\}`[^`]*`", prose) == []
    assert re.findall(r"\{(?:exercise|solution)\}", prose) == []
    assert "<BookFigure" not in text
    before, after = documents.read(path), documents.read(file)
    assert [(e.label, e.latex) for e in before.equations] == [(e.label, e.latex) for e in after.equations]
    assert before.code == after.code


@pytest.mark.browser
def test_exercises_are_numbered_as_on_the_built_pages():
    if not SITE.exists():
        pytest.skip("the site is not built: make book")
    ours, built = list(naming.exercises().values()), []
    for path in CHAPTERS:
        page = BeautifulSoup((SITE / f"{path.stem}.html").read_text(encoding="utf-8"), "html.parser")
        for title in page.select(".exercise > .admonition-title"):
            built.append(re.match(r"Exercise [\d.]+", title.get_text().strip())[0])
    assert len(built) > 80
    assert [re.match(r"Exercise [\d.]+", title)[0] for title in ours] == built


@pytest.mark.browser
def test_figures_are_numbered_as_on_the_built_pages():
    if not SITE.exists():
        pytest.skip("the site is not built: make book")
    compared = 0
    for page, cells in naming.figures().items():
        built = BeautifulSoup((SITE / f"{page}.html").read_text(encoding="utf-8"), "html.parser").select("figure")
        ours = [(name, f"Figure {number}.") for name, number in cells.values()]
        shown = [(figure["id"], figure.figcaption.b.get_text()) for figure in built]
        assert [(name or place[0], number) for (name, number), place in zip(ours, shown, strict=True)] == shown
        compared += len(shown)
    assert compared > 70
