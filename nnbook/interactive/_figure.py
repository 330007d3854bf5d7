"""Put a figure's numbers, script and static picture into one piece of HTML that needs nothing else."""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Sequence
from importlib import resources
from typing import Any
from urllib.parse import quote

import numpy as np

LIMIT = 30_000  # bytes of script that a figure may contain


class InteractiveFigure:
    """An interactive figure; shown by a notebook when it is the last value of a cell.

    It contains its script, its numbers and a static picture, which is shown where scripts do not run. The same
    arguments give the same bytes.

    Attributes
    ----------
    label : str
        Unique on its page; the element's id is `nnb-<label>`.
    html : str
        The whole figure.
    text : str
        A one-line description.
    """

    def __init__(self, label: str, html: str, text: str):
        self.label, self.html, self.text = label, html, text

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.html, "text/plain": self.text}

    def _repr_html_(self):
        return self.html

    def __repr__(self):
        return self.text


def build(
    kind: str, label: str, title: str, alt: str, data: dict[str, Any], picture: Any, uses: Sequence[str] = ()
) -> InteractiveFigure:
    """Return the figure `kind`, whose script is js/<kind>.js.

    Parameters
    ----------
    kind : str
        The script's name.
    label : str
        See `checked_label`.
    title : str
        What the figure is, for a screen reader.
    alt : str
        What its static picture shows.
    data : dict
        What the script reads; numbers are rounded to twelve significant digits.
    picture : _picture.Picture
        The static picture.
    uses : sequence of str
        Shared scripts needed in addition to core and ui.
    """
    data = {"label": label, **data}
    parts = [
        f"const data = {_json(data)};",
        f"const css = {_json(compact('figure.css'))};",
        *(compact(f"js/{name}.js") for name in ("core", "ui", *uses, kind)),
    ]
    script = '(function () {\n"use strict";\n' + "\n".join(parts) + "\n})();"
    if len(script.encode()) > LIMIT:
        raise ValueError(f"{kind}: the figure needs {len(script.encode()):,} bytes of script; {LIMIT:,} are allowed")
    address = "data:image/svg+xml," + quote(picture.svg(), safe="=:/;,()'!*@+$")
    image = (
        f'<img src="{address}" alt="{html.escape(alt)}" '
        f'width="{picture.width}" height="{picture.height}" style="max-width: 100%; height: auto">'
    )
    source = (
        f'<div class="nnb-figure" id="nnb-{label}" role="group" aria-label="{html.escape(title)}">\n'
        f'<div class="nnb-fallback">{image}\n'
        f"<p>{html.escape(title)}. The figure moves where its script may run: on the web page, or in a notebook "
        "that is trusted.</p></div>\n"
        f"<script>\n{script}\n</script></div>\n"
    )
    return InteractiveFigure(label, source, f"<interactive figure {label}: {title}>")


def checked_label(where: str, label: Any) -> str:
    """Return `label` if it can be an element's id: lower-case letters, digits and single hyphens."""
    if not isinstance(label, str):
        raise TypeError(f"{where}: label must be a string; it is {label!r}")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", label):
        raise ValueError(f"{where}: label must be lower-case letters, digits and single hyphens; it is {label!r}")
    return label


def at_a_notch(where: str, name: str, value: float, step: float) -> float:
    """Return `value` if it is a position of the figure's slider, which moves by `step`; else another would be shown."""
    if abs(value / step - round(value / step)) > 1e-9:
        raise ValueError(f"{where}: {name} must be a multiple of {step:g}; it is {value:g}")
    return value


def _rounded(value):
    """Return `value` with numbers rounded to twelve significant digits, so that their text is the same everywhere."""
    if isinstance(value, dict):
        return {str(key): _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_rounded(item) for item in value]
    if isinstance(value, bool | str) or value is None:
        return value
    number = float(f"{float(value):.12g}")
    return int(number) if number.is_integer() else number


def _json(value) -> str:
    # "</" would end the script element.
    text = json.dumps(_rounded(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("</", "<\\/").replace("<!--", "<\\u0021--")


@functools.cache
def compact(name: str) -> str:
    """Return a script or style of this package without indentation, empty lines and comment lines."""
    lines = resources.files(__package__).joinpath(name).read_text("utf-8").splitlines()
    return "\n".join(line for line in map(str.strip, lines) if line and not line.startswith("//"))
