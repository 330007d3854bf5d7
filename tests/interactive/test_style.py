"""The figures' colours can be read in both themes, and their style stays with them."""

import re

import pytest

from nnbook.interactive import _picture
from nnbook.interactive._figure import compact

CSS = compact("figure.css")


def luminance(colour):
    digits = colour.lstrip("#")
    digits = "".join(2 * d for d in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def palettes():
    found = [
        dict(re.findall(r"--([a-z]+): (#[0-9a-f]{3,6})", block)) for block in re.findall(r"{[^{}]*--a:[^{}]*}", CSS)
    ]
    assert len(found) == 3
    return {"light": found[0], "dark, by the system": found[1], "dark, by the page": found[2]}


def test_contrast_is_measured_right():
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("ground", ["paper", "soft", "button"])
@pytest.mark.parametrize("theme", palettes())
def test_text_and_lines_stand_out(theme, ground):
    palette = palettes()[theme]
    for name in ("a", "w", "d", "c", "ink", "text"):
        assert contrast(palette[name], palette[ground]) >= 4.5, name
    assert contrast(palette["line"], palette[ground]) >= 3


def test_both_dark_palettes_are_one():
    assert palettes()["dark, by the system"] == palettes()["dark, by the page"]


def test_the_static_picture_has_the_light_colours():
    light = palettes()["light"]
    assert list(_picture.COLOUR.values()) == [light[name] for name in ("a", "w", "d", "c", "ink")]


def test_every_rule_stays_inside_the_figures():
    rules = re.findall(r"([^{}]+){", re.sub(r"@media [^{]*{", "", CSS))
    selectors = [part.strip() for rule in rules for part in re.sub(r"\([^()]*\)", "", rule).split(",")]
    assert len(selectors) > 50
    # The one rule for a box around a figure names the figure in its :has(), which is cut above.
    boxes = [selector for selector in selectors if "nnb-" not in selector]
    assert boxes == ["div.cell_output .text_html:has"]
