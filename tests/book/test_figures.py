"""Every numbered figure of the book is named in the text by its number."""

import re

import naming
import pytest

NUMREF = re.compile(r"\{numref\}`(?:[^`<]*<)?([^`>]+)>?`")
FIGURES = naming.figures()
REFERRED = {
    name.strip() for page in naming.BOOK.iterdir() if page.suffix in (".ipynb", ".md")
    for name in NUMREF.findall(naming.markdown_of(page))
}  # fmt: skip


def unnamed(figures, referred):
    """Return the numbers of the figures that no text refers to."""
    return [number for name, number in figures.values() if name not in referred]


@pytest.mark.parametrize("page", [page for page, figures in FIGURES.items() if figures])
def test_every_figure_is_named_in_the_text(page):
    assert not unnamed(FIGURES[page], REFERRED), "the text says {numref}`fig-…` of no such figure"


def test_a_figure_without_a_name_or_without_a_reference_is_found():
    figures = {"one": (None, "1.1"), "two": ("fig-two", "1.2"), "three": ("fig-three", "1.3")}
    assert unnamed(figures, {"fig-three"}) == ["1.1", "1.2"]


def test_what_refers_to_a_figure_exists():
    assert REFERRED <= set(naming.named(FIGURES))
