"""What the cover shows the package printing is what the package prints."""

import json
import re
from pathlib import Path

import pytest
from breaking import VERDICTS
from bs4 import BeautifulSoup

import nnbook as nn

BOOK = Path(__file__).resolve().parents[2] / "book"
COVER = (BOOK / "index.md").read_text(encoding="utf-8")
EQUATION = re.search(r"\$\$\n(.+?)\n\$\$", COVER, re.DOTALL)[1]
HOLDS, REFUTED = re.findall(r"```text\n(.+?)\n```", COVER, re.DOTALL)


def test_the_cover_prints_the_equation_of_the_chapter_and_what_its_check_says():
    chapter = json.loads((BOOK / "11-hidden-recursion.ipynb").read_text(encoding="utf-8"))
    sources = ["".join(cell["source"]) for cell in chapter["cells"]]
    assert any(f"{EQUATION}\n$$ (eq-hidden-delta)" in source for source in sources)
    check = next(cell for cell in chapter["cells"] if "".join(cell["source"]) == 'nn.verify("eq-hidden-delta")')
    assert "".join(check["outputs"][0]["text"]).strip() == HOLDS


def test_the_cover_shows_what_is_said_when_the_prime_is_forgotten():
    with pytest.raises(nn.equations.errors.EquationRefuted) as refused:
        nn.verify(latex=EQUATION.replace("f'", "f"))
    assert str(refused.value).strip() == REFUTED


def built():
    index = BOOK.parent / "_build" / "html" / "index.html"
    if not index.exists():
        pytest.skip("the site is not built: make book")
    return BeautifulSoup(index.read_text(encoding="utf-8"), "html.parser")


@pytest.mark.browser
def test_the_cover_breaks_the_recursion_with_the_stored_verdicts():
    stored = json.loads((BOOK / "wrong-forms.json").read_text(encoding="utf-8"))["eq-hidden-delta"]
    card = built().select_one(".try")
    words = [label.get_text() for label in card.select("label")]
    assert words[:2] == ["as printed", "drop the prime"]
    assert len(words) >= 4
    panels = card.select(".try-panel")
    assert len(panels) == len(words)
    assert "holds" in panels[0].select_one(".break-verdict").get_text()
    prime = next(form for form in stored["forms"] if form[0] == "drop the prime")
    said = [line.get_text().replace("−", "-") for line in panels[1].select("li")]
    assert said == [stored["lines"][n] for n in prime[5]]
    assert {panel.select_one(".break-verdict").get_text() for panel in panels[1:]} <= set(VERDICTS.values()) - {"holds"}


@pytest.mark.browser
def test_the_cover_has_three_doors_a_figure_and_marks_the_chapters_with_figures():
    page = built()
    assert [door.get_text() for door in page.select(".doors .button")] == ["Read", "Run", "Teach"]
    assert page.select_one(".cover-figure .nnb-figure") is not None
    moving = {mark.find_parent("a")["href"].removesuffix(".html") for mark in page.select(".parts li .moves")}
    notebooks = {path.stem: path.read_text(encoding="utf-8") for path in BOOK.glob("*.ipynb")}
    assert moving == {name for name, text in notebooks.items() if "nnb-figure" in text}
