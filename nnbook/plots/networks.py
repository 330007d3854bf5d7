"""Draw a network: its units and weights, and the paths through it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from nnbook.core.validation import whole
from nnbook.plots import _shapes
from nnbook.plots._axes import known_quantity
from nnbook.plots._canvas import canvas_for, headline_at, picture
from nnbook.plots._names import highlighted, known_unit, layer_sizes, role, values_by_layer
from nnbook.plots._network_layout import Layout, Line, label_places, lay_out, lines_of
from nnbook.plots._shapes import FADED
from nnbook.plots._style import COLOURS, TEXT
from nnbook.plots._text import figure_text
from nnbook.plots._words import network_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nnbook.core.network import Network


def paths_to_cost(net: Network | Sequence[int], l: int, j: int) -> list[list]:
    """List every path from unit j of layer l to the cost, for the `highlight` of `network`.

    There is one path for each way of choosing a unit in every later layer; hidden recursion sums over them
    (eq-hidden-delta).

    Parameters
    ----------
    net : nnbook.Network or list of int
        The network, or its layer sizes.
    l, j : int
        The layer, 1 … L, and the unit, 1 … n_l, both as on the page.

    Returns
    -------
    list of list
        One list for each path: units `(l, j)`, weights `(l, j, i)` (to, from) and at the end `"C"`.

    Raises
    ------
    TypeError, ValueError
        When net is not a network, or does not have this unit.
    """
    sizes = layer_sizes("paths_to_cost", net)
    known_unit("paths_to_cost", sizes, l, j)
    paths: list[list] = [[(l, j)]]
    for layer in range(l + 1, len(sizes) + 1):
        paths = [
            [*path, (layer, unit, path[-1][1]), (layer, unit)]
            for path in paths
            for unit in range(1, sizes[layer - 1] + 1)
        ]
        if len(paths) > 10_000:
            raise ValueError(f"paths_to_cost: more than 10,000 paths lead from unit {j} of layer {l} to the cost")
    return [[*path, "C"] for path in paths]


@picture
def network(
    net: Network | Sequence[int], *, values: Mapping[int, ArrayLike] | None = None, quantity: str = "activation",
    edges: str = "auto", bias: bool = False, cost: bool = False, highlight: Iterable | str | None = None,
    recurrent: bool = False, max_units: int = 12, decimals: int = 2, title: str | None = None, ax: Axes | None = None,
) -> tuple[Figure, str]:  # fmt: skip
    """Draw a network: one column of units per layer, one line per weight.

    Lines are green; a positive weight is solid, a negative one dashed, a larger one wider. A list of sizes in place
    of a network draws only the structure, in grey.

    Parameters
    ----------
    net : nnbook.Network or list of int
        What to draw.
    values : mapping of int to array, optional
        One number for each unit, by layer number and of shape (n_l,) or (1, n_l), as `trace.a` and `grads.delta`
        of one sample are. Without it the units show their names a^l_j.
    quantity : {"activation", "delta", "weight", "cost", "ink"}
        What the values are: the key of their colour.
    edges : {"auto", "names", "values", "none"}
        What is written on the lines: w^l_{ji}, its value, or nothing. "auto" names them when there are at most nine;
        of a larger network, the highlighted ones when these are at most nine.
    bias, cost : bool
        Also draw each bias as the weight from a unit that is always 1 (eq-bias-unit); the cost C after the outputs.
    highlight : list, optional
        Units `(l, j)`, weights `(l, j, i)` (to, from), `"C"`, or lists of these such as `paths_to_cost` returns; all
        else is drawn pale.
    recurrent : bool
        Draw a loop on every hidden unit, for comparison: the networks of this book have none.
    max_units, decimals : int
        A layer of more units, at least 4, is abbreviated with an ellipsis; digits after the point.

    Raises
    ------
    TypeError, ValueError
        When an argument is not as described, or names a unit that the network does not have.
    """
    where = "network"
    sizes = layer_sizes(where, net)
    known = hasattr(net, "W")
    _check_choices(where, quantity, edges, known)
    most = whole(where, "max_units", max_units, minimum=4)
    decimals = whole(where, "decimals", decimals, minimum=0)
    numbers = values_by_layer(where, values, sizes)
    lit = highlighted(where, sizes, highlight)

    layout = lay_out(sizes, most, bias=bias, cost=cost, known=known, title=title)
    figure, ax = canvas_for(where, ax, layout.width, layout.height)
    lines = lines_of(net, layout, known=known, bias=bias, lit=lit)
    if edges == "auto":
        total = sum(sizes[l] * (sizes[l - 1] + bool(bias)) for l in range(1, len(sizes)))
        edges = "names" if sum(line.lit for line in lines) <= 9 and (lit is not None or total <= 9) else "none"
    _draw_lines(ax, layout, lines, edges, known, decimals)
    if cost:
        _draw_cost(ax, layout, len(sizes), lit)
    _draw_units(ax, layout, numbers, quantity, lit, decimals, range(2, len(sizes)) if recurrent else ())
    _draw_headings(ax, layout, sizes, cost, title)
    if known:
        _shapes.sign_key(ax, layout.width / 2, 0.16)
    return figure, network_words(net, sizes, known, numbers, quantity, bias, cost, lit, recurrent, decimals)


def _check_choices(where: str, quantity: str, edges: str, known: bool) -> None:
    known_quantity(where, quantity)
    if edges not in ("auto", "names", "values", "none"):
        raise ValueError(f"{where}: edges must be 'auto', 'names', 'values' or 'none'; it is {edges!r}")
    if edges == "values" and not known:
        raise ValueError(f"{where}: edges='values' needs a Network; a list of sizes has no weights")


def _draw_lines(ax: Axes, layout: Layout, lines: Sequence[Line], edges: str, known: bool, decimals: int) -> None:
    """Draw the weights; `edges` says what is written on the highlighted ones."""
    largest = max((abs(line.value) for line in lines if line.value is not None), default=0.0)
    fraction = _fractions(layout, lines) if edges != "none" else {}
    for number, line in enumerate(lines):
        first, second = layout.ends(line)
        along = (second - first) / np.hypot(*(second - first))
        colour = COLOURS["ink"] if line.value is None and line.start[1] != "bias" else COLOURS["weight"]
        style = {"linewidth": 1.1, "alpha": 0.75} if line.value is None else _shapes.strength(line.value, largest)
        if not line.lit:
            style |= {"alpha": FADED}
        pieces = [(first, second)]
        if number in fraction:
            value = line.value
            words = f"${line.name}$" if edges == "names" or value is None else figure_text(value, decimals)
            x, y = middle = first + fraction[number] * (second - first)
            half = 0.19 if edges == "names" else 0.055 * len(words)
            pieces = [(first, middle - half * along), (middle + half * along, second)]
            ax.text(
                x, y, words, color=COLOURS["weight"] if known else TEXT, fontsize=13 if edges == "names" else 10.5,
                ha="center", va="center", rotation=np.degrees(np.arctan2(along[1], along[0])), rotation_mode="anchor",
            )  # fmt: skip
        for a, b in pieces:
            shown = {"linestyle": "-"} | style
            ax.plot([a[0], b[0]], [a[1], b[1]], color=colour, zorder=1, label=f"_edge {line.name}", **shown)


def _fractions(layout: Layout, lines: Sequence[Line]) -> dict[int, float]:
    """Return where on each highlighted line its label is, by the line's number."""
    found: dict[int, float] = {}
    for l in layout.shown:
        here = [number for number, line in enumerate(lines) if line.end[0] == l]
        lit = [number for number in here if lines[number].lit]
        ends = [layout.ends(lines[number]) for number in lit]
        found |= zip(lit, label_places(ends, [layout.ends(lines[n]) for n in here if n not in lit]))
    return found


def _draw_cost(ax: Axes, layout: Layout, last: int, lit: set | None) -> None:
    x, y = layout.column(last + 1), layout.middle
    on = lit is None or "C" in lit
    for j in filter(None, layout.shown[last]):
        start = np.array(layout.place[last, j])
        along = np.array([x, y]) - start
        along /= np.hypot(*along)
        a, b = start + layout.radius * along, np.array([x, y]) - 0.26 * along
        alpha = 1 if on and (lit is None or (last, j) in lit) else FADED
        style: dict[str, Any] = {
            "color": COLOURS["cost"],
            "linewidth": 1.8,
            "linestyle": "-",
            "alpha": alpha,
            "zorder": 1,
        }
        ax.plot([a[0], b[0]], [a[1], b[1]], label="_edge C", **style)
    _shapes.unit(ax, x, y, 0.26, "$C$", "cost", on, size=15)


def _draw_units(
    ax: Axes, layout: Layout, numbers: Mapping[int, np.ndarray], quantity: str, lit: set | None, decimals: int,
    looped: Sequence[int],
) -> None:  # fmt: skip
    for (l, unit), (x, y) in layout.place.items():
        if unit is None:
            ax.text(x, y, "⋮", color=TEXT, fontsize=17, ha="center", va="center")
        elif unit == "bias":
            _shapes.unit(ax, x, y, layout.radius, "1", "weight", lit is None, dashed=True)
        else:
            words = figure_text(numbers[l][unit - 1], decimals) if l in numbers else f"$a^{l}_{{{unit}}}$"
            kind = quantity if l in numbers else "activation"
            _shapes.unit(ax, x, y, layout.radius, words, kind, lit is None or (l, unit) in lit)
            if l in looped:
                _shapes.loop(ax, x, y, layout.radius)


def _draw_headings(ax: Axes, layout: Layout, sizes: Sequence[int], cost: bool, title: str | None) -> None:
    last, top = len(sizes), layout.top
    for l in range(1, last + 1):
        x = layout.column(l)
        ax.text(x, top - 0.17, f"layer {l}" if layout.step > 0.9 else f"{l}", ha="center", va="center")
        ax.text(x, top - 0.4, role(l, last), ha="center", va="center", fontsize=10.5)
        if None in layout.shown[l]:
            x, y = layout.place[l, layout.shown[l][-1]]
            words = f"{sizes[l - 1]:,} units"
            ax.text(x, y - layout.radius - 0.16, words, fontsize=10.5, ha="center", va="center")
    if cost:
        ax.text(layout.column(last + 1), top - 0.17, "cost", ha="center", va="center")
    headline_at(ax, layout.width / 2, layout.height - 0.17, title)
