"""Interactive figures: small scripts that recompute with the book's formulas, in a page or in JupyterLab."""

from ._check import gradient_check
from ._descent import descent, optimiser_paths
from ._equation import BrokenEquation, equation
from ._figure import InteractiveFigure
from ._network import nudge, step_through
from ._single import one_neuron, one_weight
from ._vanishing import vanishing

__all__ = [
    "BrokenEquation",
    "InteractiveFigure",
    "descent",
    "equation",
    "gradient_check",
    "nudge",
    "one_neuron",
    "one_weight",
    "optimiser_paths",
    "step_through",
    "vanishing",
]
