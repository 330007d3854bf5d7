"""The figure class, which displays itself in a notebook whatever that notebook has set up."""

from __future__ import annotations

import io

import matplotlib
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from nnbook.plots._style import SVG_METADATA, book_rc


class BookFigure(Figure):
    """A matplotlib Figure that pyplot does not keep, with a description `alt` and the same SVG on every run."""

    alt = ""

    def settle(self) -> None:
        """Compute the layout now and keep it: recomputed at each save, it would shift slightly each time."""
        if isinstance(self.get_layout_engine(), ConstrainedLayoutEngine):
            self.draw_without_rendering()
            self.set_layout_engine("none")

    def _repr_svg_(self) -> str:
        text = io.StringIO()
        with matplotlib.rc_context(book_rc()):
            self.savefig(text, format="svg", bbox_inches="tight", metadata=dict(SVG_METADATA))
        return text.getvalue()
