"""Every numbered figure of the book is named in the text by its number, and can be read on a dark page."""

import json
import re

import naming
import pytest

from nnbook.plots._style import FILLS

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


CSS = (naming.BOOK / "_static" / "book.css").read_text(encoding="utf-8")


def dark_page(css):
    """Return the colour behind a picture on a dark page, and by how much the page makes the picture brighter."""
    paper = re.search(r"--paper: light-dark\(#fff, (#\w+)\)", css)[1]
    own = re.search(r"\.cell_output figure img \{ background: light-dark\(transparent, (#\w+)\)", css)
    factors = set(re.findall(r"--figure-filter: brightness\(([\d.]+)\)", css)) or {"1"}
    (factor,) = factors
    return own[1] if own else paper, float(factor)


def luminance(colour, factor=1.0):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    values = [min(1, round(int(digits[i : i + 2], 16) * factor) / 255) for i in (0, 2, 4)]
    red, green, blue = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((one, other))
    return (high + 0.05) / (low + 0.05)


def drawings():
    for page in sorted(naming.BOOK.glob("*.ipynb")):
        for cell in json.loads(page.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                if "image/svg+xml" in output.get("data", {}):
                    yield page.name, "".join(output["data"]["image/svg+xml"])


def faint(drawing, css):
    """Return the colours of letters below 4.5:1, and of lines below 3:1, that a drawing has on a dark page."""
    ground, factor = dark_page(css)
    letters = set(re.findall(r'<g id="text_\d+">.*?fill: (#\w{6})', drawing, re.DOTALL)) - {"#ffffff"}
    drawing = re.sub(r"fill: (#\w{6}); stroke: \1", "", drawing)  # a pixel's tone stands on its own white
    lines = set(re.findall(r"stroke: (#\w{6})", drawing))
    found = [(colour, 4.5) for colour in letters] + [(colour, 3.0) for colour in lines]
    return sorted(
        colour for colour, least in found if contrast(luminance(colour, factor), luminance(ground)) < least
    )  # fmt: skip


def test_every_colour_of_a_picture_can_be_seen_on_a_dark_page():
    seen = [(page, faint(drawing, CSS)) for page, drawing in drawings()]
    assert len(seen) >= 60
    assert not [(page, colours) for page, colours in seen if colours]


def test_white_letters_can_be_read_on_every_box_of_a_dark_page():
    _, factor = dark_page(CSS)
    assert min(contrast(luminance(fill, factor), 1) for fill in FILLS.values()) >= 4.5


def test_grey_letters_on_the_page_itself_are_found():
    letters = '<g id="text_1"><g style="fill: #727a88"/></g>'
    assert faint(letters, "--paper: light-dark(#fff, #14181e)") == ["#727a88"]
    assert faint(letters, CSS) == []
    assert faint('<path style="fill: none; stroke: #464d57"/>', CSS) == ["#464d57"]
