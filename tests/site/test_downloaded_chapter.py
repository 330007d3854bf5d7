"""A downloaded chapter in the reader's own JupyterLab: it can be read by itself, and judges what is typed."""

import json
import re

import downloads
import lab
import lab_server
import pytest
from figure_page import BROWSER

import nnbook as nn
from nnbook.equations.checking import check
from nnbook.equations.documents import find

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no browser is installed (Debian: apt-get install chromium)"),
]
CHAPTER, LABEL = "11-hidden-recursion", "eq-hidden-delta"
SITE = "https://example.org/"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with nothing but the chapter, to which the reader has added a cell."""
    folder = tmp_path_factory.mktemp("reader")
    source = (lab.BOOK / f"{CHAPTER}.ipynb").read_text(encoding="utf-8")
    notebook = json.loads(downloads.for_download(source, "The book", downloads.Names(SITE), f"{CHAPTER}.html"))
    lines = ["import nnbook as nn\n", f'nn.interactive.equation("{LABEL}")']
    cell = {"cell_type": "code", "id": "own", "metadata": {}, "source": lines, "outputs": [], "execution_count": None}
    notebook["cells"].insert(0, cell)
    (folder / f"{CHAPTER}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def chapter(folder, chromium, tmp_path_factory):
    """The chapter, not trusted, in a window so high that all of it is laid out."""
    with lab_server.running(["-m", "jupyterlab", str(folder)], tmp_path_factory.mktemp("jupyter")) as address:
        page = chromium.new_page(viewport={"width": 1280, "height": 20_000})
        page.goto(f"{address}/lab/tree/{CHAPTER}.ipynb?token=t&reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=120_000)
        page.wait_for_function(
            "() => [...document.querySelectorAll('.jp-Notebook *')].some(n => n.textContent.startsWith('Solution to'))",
            timeout=120_000,
        )
        lab_server.settle(page)
        yield page


def test_it_says_how_to_get_the_package(chapter):
    assert 'pip install "nnbook[book]" jupyterlab_myst' in chapter.locator(".jp-Notebook").inner_text()


def test_links_lead_to_the_site_with_titles(chapter):
    links = chapter.locator(f'.jp-MarkdownCell a[href^="{SITE}"]')
    assert links.count() >= 4
    assert not [text for text in links.all_inner_texts() if re.fullmatch(r"\d\d[a-z]?-[\w-]+", text)]
    assert (
        chapter.locator(f'a[href="{SITE}10-output-delta.html#equation-eq-output-delta"]').first.inner_text() == "(10.1)"
    )


def test_citations_and_exercises_read_as_on_the_page(chapter):
    text = " ".join(chapter.locator(".jp-Notebook .myst").all_inner_texts())
    assert "⚠" not in text
    assert "Cross Reference" not in text
    assert "Rumelhart et al., 1986" in text
    assert "Exercise 11.3 (Connections that skip a layer)" in text
    assert "Solution to Exercise 11.3" in text
    assert not re.search(r"Exercise [\d.]+ *#", text)


def test_stored_pictures_say_what_they_show(chapter):
    texts = chapter.locator(".jp-OutputArea-output pre").all_inner_texts()
    assert [
        text for text in texts if text.startswith("[Figure 11.1, drawn when the cell is run. The computation graph")
    ]
    assert not [text for text in texts if "<BookFigure" in text]


def test_what_is_to_be_predicted_is_folded(chapter):
    notebook = json.loads((lab.BOOK / f"{CHAPTER}.ipynb").read_text(encoding="utf-8"))
    tags = [set(cell["metadata"].get("tags", [])) for cell in notebook["cells"]]
    assert chapter.locator(".jp-OutputPlaceholder").count() == sum(bool(t & {"hide-output", "hide-cell"}) for t in tags)
    assert chapter.locator(".jp-InputPlaceholder").count() == sum(bool(t & {"hide-input", "hide-cell"}) for t in tags)


def test_what_is_typed_is_judged_by_the_checker(chapter, monkeypatch):
    monkeypatch.chdir(lab.BOOK)
    printed = find(LABEL).strip()
    chapter.locator(".jp-CodeCell .cm-content").first.click()
    chapter.keyboard.press("Shift+Enter")
    typed = chapter.locator(".jupyter-widgets textarea")
    typed.wait_for(timeout=180_000)
    verdict = chapter.locator(".jupyter-widgets pre")
    assert typed.input_value() == printed
    assert "holds" in verdict.inner_text()
    formulas = chapter.locator(".jupyter-widgets mjx-container")
    formulas.first.wait_for(timeout=60_000)  # it is drawn later than the verdict is written
    assert formulas.count() == 1

    wrong = printed.replace("f'", "f")
    assert wrong != printed
    typed.fill(wrong)
    chapter.get_by_role("button", name="Check", exact=True).click()
    chapter.wait_for_selector(".jupyter-widgets p:text-is('refuted')", timeout=60_000)
    with pytest.raises(nn.equations.EquationRefuted) as refuted:
        check(wrong, label=LABEL)
    assert verdict.inner_text() == str(refuted.value).strip()
    assert "left side" in verdict.inner_text()

    chapter.get_by_role("button", name="As printed").click()
    chapter.wait_for_selector(".jupyter-widgets p:text-is('holds')", timeout=60_000)
    assert typed.input_value() == printed


def test_a_button_makes_a_wrong_form_and_each_press_the_next(chapter):
    typed = chapter.locator(".jupyter-widgets textarea")
    before, seen = typed.input_value(), []
    button = chapter.get_by_role("button", name=re.compile("^shift the layer"))
    for _ in range(2):
        button.click()
        last = seen[-1] if seen else before
        chapter.wait_for_function(
            "old => document.querySelector('.jupyter-widgets textarea').value !== old", arg=last, timeout=60_000
        )
        seen.append(typed.input_value())
    assert len({before, *seen}) == 3
    chapter.wait_for_selector(".jupyter-widgets p:text-is('refuted')", timeout=60_000)
