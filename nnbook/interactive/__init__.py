"""Figures the reader can move: small scripts that recompute with the book's formulas, in a page or in JupyterLab."""

from ._figure import InteractiveFigure
from ._network import nudge, step_through

__all__ = ["InteractiveFigure", "nudge", "step_through"]
