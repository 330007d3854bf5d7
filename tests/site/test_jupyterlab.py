"""A chapter opened in JupyterLab, as `make lab` opens it, reads like its page."""

import json
import re
from pathlib import Path

import lab
import lab_server
import pytest
from figure_page import BROWSER

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no browser is installed (Debian: apt-get install chromium)"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    command = [str(ROOT / "tools" / "lab.py")]
    with lab_server.running(command, tmp_path_factory.mktemp("jupyter")) as address:
        yield address


def opened(server, chromium):
    """Open the chapter on the hidden recursion in a window so high that all of it is laid out."""
    page = chromium.new_page(viewport={"width": 1280, "height": 20_000})
    page.goto(f"{server}/lab/tree/11-hidden-recursion.ipynb?token=t&reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=120_000)
    page.wait_for_function(
        """() => [...document.querySelectorAll('.jp-Notebook *')].some(n => n.textContent.startsWith("Solution to"))
        && document.querySelectorAll('a[data-number^="(11."]').length >= 5""",
        timeout=120_000,
    )
    lab_server.settle(page)
    return page


@pytest.fixture(scope="module")
def chapter(server, chromium):
    """The chapter on the hidden recursion; the tests share it, so none may change what it shows."""
    return opened(server, chromium)


def test_stored_figures_are_shown(chapter):
    texts = chapter.locator(".jp-OutputArea-output pre").all_inner_texts()
    assert not [text for text in texts if "<BookFigure" in text or "<interactive figure" in text]
    drawn = chapter.locator('.jp-OutputArea-output[data-mime-type="image/svg+xml"]').count()
    notebook = json.loads((lab.BOOK / "11-hidden-recursion.ipynb").read_text(encoding="utf-8"))
    stored = [o for cell in notebook["cells"] for o in cell.get("outputs", []) if "image/svg+xml" in o.get("data", {})]
    assert drawn == len(stored) > 0


def test_equations_bear_the_numbers_of_the_page(chapter):
    numbers = chapter.locator('a[title="Link to this Equation"]').evaluate_all(
        "links => links.map(link => [link.getAttribute('href').slice(1), link.dataset.number])"
    )
    known = lab.equations()
    shown = {label: number for label, number in numbers if label.startswith("eq-")}
    assert shown == {label: f"({e['number']})" for label, e in known.items() if e["page"] == "11-hidden-recursion"}
    assert {number for label, number in numbers if label not in known} <= {""}
    style = "link => getComputedStyle(link).fontSize + getComputedStyle(link, '::after').content"
    assert chapter.locator('a[data-number^="(11."]').first.evaluate(style).startswith('0px"(11.')


def test_figures_bear_the_numbers_by_which_the_text_refers_to_them(chapter):
    figures = lab.figures()["11-hidden-recursion"]
    shown = chapter.locator("[data-figure]").evaluate_all("nodes => nodes.map(node => node.dataset.figure)")
    assert shown == [f"Figure {number}" for _name, number in figures.values()]
    assert len(shown) >= 2
    text = " ".join(chapter.locator(".jp-Notebook .myst").all_inner_texts())
    assert "Below each node of Figure 11.1 is" in text
    assert "fig-shared-paths" not in text


def test_links_to_chapters_have_titles(chapter):
    links = chapter.locator("a[data-chapter]")
    assert links.count() >= 4
    assert not [text for text in links.all_inner_texts() if re.fullmatch(r"\d\d[a-z]?-[\w-]+", text)]


def test_a_link_opens_its_chapter(server, chromium):
    page = opened(server, chromium)
    link = page.locator("a[data-chapter]:visible").first  # others are folded away
    file = lab.pages()[link.get_attribute("data-chapter")]["file"]
    link.click()
    page.wait_for_selector(f'.lm-TabBar-tabLabel:text-is("{file}")', timeout=60_000)
    page.close()


def test_citations_have_authors_and_no_warning(chapter):
    text = " ".join(chapter.locator(".jp-Notebook .myst").all_inner_texts())  # not the editors, which hold the source
    assert "⚠" not in text
    assert "rumelhart1986" not in text
    assert "Rumelhart et al., 1986" in text


def test_what_is_to_be_predicted_is_folded(chapter):
    notebook = json.loads((lab.BOOK / "11-hidden-recursion.ipynb").read_text(encoding="utf-8"))
    tags = [set(cell["metadata"].get("tags", [])) for cell in notebook["cells"]]
    assert chapter.locator(".jp-OutputPlaceholder").count() == sum(bool(t & {"hide-output", "hide-cell"}) for t in tags)
    assert chapter.locator(".jp-InputPlaceholder").count() == sum(bool(t & {"hide-input", "hide-cell"}) for t in tags)
    size = "node => getComputedStyle(node).fontSize"
    assert chapter.locator(".jp-OutputPlaceholder .jp-PlaceholderText").first.evaluate(size) == "0px"


def test_solutions_end_with_their_exercise(chapter):
    titles = chapter.locator(".myst-exercise-title").all_inner_texts()
    assert titles
    assert not [title for title in titles if "#" in title]
