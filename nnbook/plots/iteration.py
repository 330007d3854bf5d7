"""Draw one iteration of backpropagation on a network, with all its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from nnbook.core.validation import whole
from nnbook.plots import _shapes
from nnbook.plots._canvas import canvas_for, headline_at, picture
from nnbook.plots._names import layer_sizes, one_sample, weight_name
from nnbook.plots._style import COLOURS, TEXT
from nnbook.plots._text import figure_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nnbook.core.costs import Cost
    from nnbook.core.network import Network

Printed = Callable[[float], str]
Point = tuple[float, float]

ROW = 0.23  # inches: the height of one row of numbers
DIGIT = 0.089  # inches: the width of a digit of ten points
BETWEEN = 0.17  # inches: from card to card


@dataclass
class Row:
    """One line of a card: a quantity, its value, and ∂C/∂(the quantity), or None where that is not shown."""

    kind: str
    name: str
    value: float
    slope: float | None


@picture
def backprop_step(
    net: Network, x: ArrayLike, t: ArrayLike, cost: Cost | None = None, *, decimals: int = 3, fractions: bool = False,
    title: str | None = None,
) -> tuple[Figure, str]:  # fmt: skip
    """Draw one iteration of backpropagation on the network, with all its numbers.

    Each unit is a card. Its rows are the quantities of that unit (weights, bias, z, f′(z), a, at the outputs the
    target), with the value on the left, computed forwards, and ∂C/∂(quantity) on the right, computed backwards; in the
    row of z the latter is the neuron error δ. A line runs from the unit before to the row of the weight it passes.

    Parameters
    ----------
    net : nnbook.Network
        A network of at most 100 parameters.
    x : array of shape (n_1,) or (1, n_1)
        One sample.
    t : array of shape (n_L,) or (1, n_L)
        Its target.
    cost : nnbook cost, optional
        By default `nnbook.SquaredError()`.
    decimals : int
        Digits after the point.
    fractions : bool
        Print values that are fractions, or fractions of ln 3, as such: for the examples worked by hand.

    Raises
    ------
    TypeError, ValueError
        When the network is too large, or x or t is not one sample of its size.

    Notes
    -----
    Equations eq-output-delta, eq-hidden-delta, eq-weight-gradient and eq-bias-gradient, by the package's functions.
    """
    where = "backprop_step"
    sizes = _known_sizes(where, net)
    decimals = whole(where, "decimals", decimals, minimum=0)
    x = one_sample(where, "x", x, sizes[0])
    t = one_sample(where, "t", t, sizes[-1])
    total, cards = _cards(net, sizes, x, t, cost)

    def text(value: float) -> str:
        return figure_text(value, decimals, fractions)

    def given(value: float) -> str:
        return str(int(value)).replace("-", "−") if value == int(value) else text(value)

    layout = _lay_out(sizes, cards, text, max(len(given(v)) for v in x), title)
    figure, ax = canvas_for(where, None, layout.width, layout.height)
    leaves = _draw_inputs(ax, layout, sizes, [given(v) for v in x])
    largest = max(float(np.abs(net.W[l]).max()) for l in net.W)
    for l in cards:
        _draw_layer(ax, layout, l, cards[l], leaves, largest, text, given)
    _draw_cost(ax, layout, len(sizes), sizes[-1], leaves, text(total))
    words = r"values are computed forwards, $\partial C/\partial$ backwards; filled: $\delta$"
    ax.text(layout.width / 2, 0.16, words, ha="center", va="center", fontsize=10)
    headline_at(ax, layout.width / 2, layout.height - 0.17, title)
    return figure, _words(sizes, cards, [given(v) for v in x], total, text)


def _known_sizes(where: str, net: Any) -> list[int]:
    if not hasattr(net, "forward") or not hasattr(net, "W"):
        raise TypeError(f"{where}: net must be a Network; it is {type(net).__name__}")
    if net.parameter_count > 100:
        raise ValueError(
            f"{where}: every number is drawn, so net may have at most 100 parameters; "
            f"it has {net.parameter_count:,} (nn.plots.network draws any network)"
        )
    return layer_sizes(where, net)


def _cards(
    net: Network, sizes: Sequence[int], x: np.ndarray, t: np.ndarray, cost: Cost | None
) -> tuple[float, dict[int, list[list[Row]]]]:
    """Return the cost, and for each layer the cards of its units, each a list of rows from top to bottom."""
    import nnbook as nn

    cost = nn.SquaredError() if cost is None else cost
    trace = net.forward(x[None, :])
    grads = nn.backprop(net, x[None, :], t[None, :], cost)
    last = len(sizes)
    cards: dict[int, list[list[Row]]] = {}
    for l in range(2, last + 1):
        z, a, delta, f = trace.z[l][0], trace.a[l][0], grads.delta[l][0], net.f[l]
        if l == last:
            slope_a = np.asarray(cost.gradient(a[None, :], t[None, :]))[0]
        else:
            # With the identity for f the hidden recursion stops at ∂C/∂a.
            slope_a = nn.hidden_delta(grads.delta[l + 1][0], net.W[l + 1], z, nn.identity)
        cards[l] = []
        for j in range(sizes[l - 1]):
            card = [
                Row("weight", weight_name(l, j + 1, i + 1), net.W[l][j, i], grads.W[l][j, i])
                for i in range(sizes[l - 2])
            ]
            card.append(Row("weight", f"b^{l}_{{{j + 1}}}", net.b[l][j], grads.b[l][j]))
            card.append(Row("ink", f"z^{l}_{{{j + 1}}}", z[j], delta[j]))
            if not hasattr(f, "jacobian"):
                card.append(Row("ink", "f\\,′(z)", f.derivative(z)[j], None))
            card.append(Row("activation", f"a^{l}_{{{j + 1}}}", a[j], slope_a[j]))
            if l == last:
                card.append(Row("ink", f"t_{{{j + 1}}}", t[j], None))
            cards[l].append(card)
    return float(grads.cost), cards


# --- layout ---------------------------------------------------------------------------------------


@dataclass
class Layout:
    """The measures of the drawing in inches, those of a layer by its number."""

    width: float
    height: float
    top: float
    middle: float
    spread: float  # of the inputs
    entry: float  # the width of an input
    left: dict
    tall: dict
    wide: dict  # of a card
    label: dict
    value: dict


def _lay_out(
    sizes: Sequence[int], cards: Mapping[int, list], text: Printed, longest_input: int, title: str | None
) -> Layout:
    last = len(sizes)
    label, value, wide = {}, {}, {}
    for l, units in cards.items():
        rows = [row for card in units for row in card]
        label[l] = 0.6 if sizes[l - 2] > 9 or sizes[l - 1] > 9 else 0.44
        value[l] = 0.12 + DIGIT * max(len(text(row.value)) for row in rows)
        slope = 0.22 + 1.1 * DIGIT * max(len(text(row.slope)) for row in rows if row.slope is not None)
        wide[l] = label[l] + value[l] + slope
    tall = {l: sum(len(card) * ROW + 0.1 for card in units) + BETWEEN * (len(units) - 1) for l, units in cards.items()}
    tall[last] += 0.62  # room for the cost
    tall[1] = sizes[0] * (ROW + 0.13)
    entry = 0.5 + DIGIT * longest_input
    left = {1: 0.05}
    for l in range(2, last + 1):
        gap = 0.45 if sizes[l - 2] * sizes[l - 1] <= 12 else 0.65
        left[l] = left[l - 1] + (entry if l == 2 else wide[l - 1]) + gap
    above, foot, body = (0.34 if title else 0), 0.5, max(tall.values())
    height = body + 0.66 + above + foot
    return Layout(
        width=left[last] + wide[last] + 0.3,
        height=height,
        top=height - above,
        middle=foot + body / 2,
        spread=(body - 0.62) if sizes[0] > 2 * sizes[1] and sizes[0] > 3 else tall[1],
        entry=entry,
        left=left,
        tall=tall,
        wide=wide,
        label=label,
        value=value,
    )


# --- drawing --------------------------------------------------------------------------------------


def _draw_inputs(ax: Axes, layout: Layout, sizes: Sequence[int], printed: Sequence[str]) -> dict[tuple, Point]:
    """Draw the inputs; return where the lines of each leave, by (layer, unit counted from 0)."""
    left, entry = layout.left[1], layout.entry
    ax.text(left + entry / 2, layout.top - 0.17, "layer 1", ha="center", va="center")
    ax.text(left + entry / 2, layout.top - 0.46, "input", ha="center", va="center", fontsize=10)
    pitch = layout.spread / max(sizes[0], 1)
    leaves = {}
    for i, words in enumerate(printed):
        y = layout.middle + layout.spread / 2 - (i + 0.5) * pitch
        style: dict[str, Any] = {"color": "white", "va": "center_baseline", "zorder": 4}
        _shapes.box(ax, left, y - (ROW + 0.1) / 2, entry, ROW + 0.1, "activation", filled=True)
        ax.text(left + 0.09, y, f"$a^1_{{{i + 1}}}$", fontsize=12.5, **style)
        ax.text(left + entry - 0.09, y, words, fontsize=10, ha="right", fontweight="bold", **style)
        leaves[1, i] = (left + entry, y)
    return leaves


def _draw_layer(
    ax: Axes, layout: Layout, l: int, units: list[list[Row]], leaves: dict[tuple, Point], largest: float,
    text: Printed, given: Printed,
) -> None:  # fmt: skip
    """Draw the cards of a layer, and the lines that arrive at them; note in `leaves` where their own leave."""
    x, wide = layout.left[l], layout.wide[l]
    value_end = x + layout.label[l] + layout.value[l]
    ax.text(x + wide / 2, layout.top - 0.17, f"layer {l}", ha="center", va="center")
    ax.text(value_end, layout.top - 0.46, "value", ha="right", va="center", fontsize=10)
    slope = r"$\partial C/\partial$"
    style: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": 12.5, "color": COLOURS["delta"]}
    ax.text(x + wide - 0.09, layout.top - 0.46, slope, **style)
    y = layout.middle + layout.tall[l] / 2
    for j, card in enumerate(units):
        card_height = len(card) * ROW + 0.1
        _shapes.box(ax, x, y - card_height, wide, card_height, "ink", filled=False)
        for position, row in enumerate(card):
            row_y = y - 0.05 - (position + 0.5) * ROW
            _draw_row(ax, row, (x, value_end, x + wide), row_y, text, given)
            if row.name[0] == "w":
                style = _shapes.strength(float(row.value), largest)
                _shapes.wire(ax, leaves[l - 1, position], (x, row_y), style, row.name)
            if row.name[0] == "a":
                leaves[l, j] = (x + wide, row_y)
        y -= card_height + BETWEEN


def _draw_row(ax: Axes, row: Row, columns: tuple[float, float, float], y: float, text: Printed, given: Printed) -> None:
    """Write one line of a card: name, value and slope, in columns that begin or end where `columns` says."""
    left, value_end, right = columns
    colour, base = TEXT if row.kind == "ink" else COLOURS[row.kind], y - 0.045
    printed = given(row.value) if row.name[0] == "t" else text(row.value)
    ax.text(left + 0.08, base, f"${row.name}$", color=colour, fontsize=11.5, va="baseline")
    ax.text(value_end, base, printed, color=colour, fontsize=10, ha="right", va="baseline")
    if row.slope is None:
        return
    is_delta = row.name[0] == "z"
    if is_delta:
        _shapes.box(ax, value_end + 0.07, y - 0.105, right - value_end - 0.1, 0.2, "delta", filled=True)
    ax.text(
        right - 0.09, base, text(row.slope), color="white" if is_delta else COLOURS["delta"], fontsize=10, ha="right",
        va="baseline", fontweight="bold" if is_delta else "normal", zorder=4,
    )  # fmt: skip


def _draw_cost(ax: Axes, layout: Layout, last: int, outputs: int, leaves: Mapping[tuple, Point], printed: str) -> None:
    y = layout.middle - layout.tall[last] / 2 + 0.2
    left, right = layout.left[last] + 0.2, layout.left[last] + layout.wide[last] - 0.15
    _shapes.box(ax, left, y - 0.17, right - left, 0.34, "cost", filled=True)
    style: dict[str, Any] = {
        "color": "white",
        "fontsize": 11.5,
        "fontweight": "bold",
        "ha": "center",
        "va": "center_baseline",
    }
    ax.text((left + right) / 2, y, f"$C$ = {printed}", zorder=4, **style)
    for j in range(outputs):
        x, from_y = leaves[last, j]
        line: dict[str, Any] = {
            "color": COLOURS["cost"],
            "linewidth": 1.6,
            "linestyle": "-",
            "solid_joinstyle": "round",
        }
        ax.plot([x, x + 0.13, x + 0.13, right], [from_y, from_y, y, y], label="_edge C", **line)


# --- words ----------------------------------------------------------------------------------------


def _words(
    sizes: Sequence[int], cards: Mapping[int, list[list[Row]]], inputs: Sequence[str], total: float, text: Printed
) -> str:
    words = [f"One iteration on a {'-'.join(map(str, sizes))} network.", f"Inputs: {', '.join(inputs)}."]
    for l, units in cards.items():
        for j, card in enumerate(units, 1):
            parts = []
            for row in card:
                slope = "" if row.slope is None else f" with {'δ' if row.name[0] == 'z' else 'slope'} {text(row.slope)}"
                parts.append(row.name.replace("\\,", "") + f" {text(row.value)}{slope}")
            words.append(f"Layer {l}, unit {j}: {', '.join(parts)}.")
    words.append(f"Cost C = {text(total)}. A slope is the derivative of C with respect to the quantity.")
    return " ".join(words)
