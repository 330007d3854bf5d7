"""The letters of every figure can be read on a phone of 360 pixels: none is smaller than 9 pixels."""

import json
import re
from pathlib import Path

import mend
import pytest
from figure_page import BROWSER, SIZES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no browser is installed (Debian: apt-get install chromium)"),
]

BOOK = Path(__file__).resolve().parents[2] / "book"
PAGE = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="{style}"><body><div class="frame"><main><article>
<div class="cell"><div class="cell_output"><figure><img width="{width:.0f}" height="100" src="data:image/svg+xml,
%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} 100'/%3E"><figcaption>F</figcaption></figure></div></div>
</article></main></div></body></html>"""


def drawings():
    """The cell, the width and the smallest letters, in its own units, of each stored figure that shrinks on a phone."""
    for path in sorted(BOOK.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                svg = "".join(output.get("data", {}).get("image/svg+xml", ""))
                letters = re.findall(r"scale\(([\d.]+) -[\d.]+\)", svg)  # an index is smaller, as on the page
                if letters:
                    width = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
                    if width * 96 / 72 <= mend.WIDE:
                        yield f"{path.stem}: {cell['id']}", width, 100 * min(map(float, letters))


def test_the_letters_of_every_figure_are_9_pixels_high(chromium, tmp_path):
    found = list(drawings())
    assert len(found) > 40
    width, height = SIZES["phone"]
    page = chromium.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(10_000)
    small, shown = [], {}
    for name, wide, letters in found:
        if wide not in shown:
            drawn = wide * min(mend.LARGER * 96 / 72, mend.COLUMN / wide)
            file = tmp_path / "page.html"
            file.write_text(PAGE.format(style=(BOOK / "_static" / "book.css").as_uri(), width=drawn), encoding="utf-8")
            page.goto(file.as_uri())
            shown[wide] = page.locator("img").bounding_box()["width"]
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        size = letters * shown[wide] / wide
        if size < 9:
            small.append(f"{name}: {size:.1f} px")
    page.close()
    assert not small
