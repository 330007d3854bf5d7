"""Hold the figure class that shows itself in a notebook, whatever that notebook has set up."""

from __future__ import annotations

import io

import matplotlib
from matplotlib.figure import Figure

from nnbook.plots._style import SVG_METADATA, _book_rc


class BookFigure(Figure):
    """A matplotlib Figure that pyplot does not keep, with a description `alt` and the same SVG on every run."""

    alt = ""

    def _repr_svg_(self) -> str:
        text = io.StringIO()
        with matplotlib.rc_context(_book_rc()):
            self.savefig(text, format="svg", bbox_inches="tight", metadata=dict(SVG_METADATA))
        return text.getvalue()
