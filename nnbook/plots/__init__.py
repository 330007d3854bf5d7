"""The figures of the book: networks, one iteration with all its numbers, costs, surfaces and data.

Every function returns a matplotlib Figure that also carries a description in words, `figure.alt`. matplotlib is
imported when the first figure is drawn, not before.
"""

from ..core.extras import require

require("nnbook.plots", "matplotlib", extra="plots")

from nnbook.plots._canvas import describe
from nnbook.plots._style import COLOURS, use_book_style
from nnbook.plots.algorithm import STEPS, eight_steps
from nnbook.plots.charts import bars, cost_curve, delta_by_layer, lines, v_curve
from nnbook.plots.classes import confusion, decision_boundary
from nnbook.plots.curves import curve, slope
from nnbook.plots.graphs import GRAPHS, computation_graph
from nnbook.plots.iteration import backprop_step
from nnbook.plots.networks import network, paths_to_cost
from nnbook.plots.pixels import images
from nnbook.plots.surfaces import surface

__all__ = [
    "COLOURS",
    "GRAPHS",
    "STEPS",
    "backprop_step",
    "bars",
    "computation_graph",
    "confusion",
    "cost_curve",
    "curve",
    "decision_boundary",
    "delta_by_layer",
    "describe",
    "eight_steps",
    "images",
    "lines",
    "network",
    "paths_to_cost",
    "slope",
    "surface",
    "use_book_style",
    "v_curve",
]
