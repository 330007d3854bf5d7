"""Draw a network: its units and weights, the paths through it, and one iteration with every number."""

from __future__ import annotations

import numpy as np

from nnbook.core.validation import whole
from nnbook.plots._style import (
    COLOURS,
    FILLS,
    TEXT,
    and_list,
    canvas_for,
    figure_text,
    picture,
    plural,
    reals,
    short,
)

FADED = 0.22


def _index(j: int, i: int) -> str:
    return f"{j}{i}" if j < 10 and i < 10 else f"{j}{{,}}{i}"


def weight_name(l: int, j: int, i: int) -> str:
    """Return the book's symbol of a weight, units counted from 1: w^2_{12}, or w^2_{1{,}12} for larger numbers."""
    return f"w^{l}_{{{_index(j, i)}}}"


def _sizes(where: str, net) -> list[int]:
    if hasattr(net, "sizes") and hasattr(net, "W"):
        return [int(net.sizes[l]) for l in net.sizes]
    if isinstance(net, str | bytes) or not hasattr(net, "__len__"):
        raise TypeError(f"{where}: net must be a Network or a list of layer sizes; it is {net!r}")
    if len(net) < 2:
        raise ValueError(f"{where}: net must have at least two layers; it has {len(net)}")
    return [whole(where, f"net[{position}]", size) for position, size in enumerate(net)]


def _role(l: int, last: int) -> str:
    return "input" if l == 1 else "output" if l == last else "hidden"


def paths_to_cost(net, l: int, j: int) -> list[list]:
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
        When net is no network, or has no such unit.
    """
    sizes = _sizes("paths_to_cost", net)
    _known_unit("paths_to_cost", sizes, l, j)
    paths = [[(l, j)]]
    for layer in range(l + 1, len(sizes) + 1):
        paths = [
            [*path, (layer, unit, path[-1][1]), (layer, unit)]
            for path in paths
            for unit in range(1, sizes[layer - 1] + 1)
        ]
        if len(paths) > 10_000:
            raise ValueError(f"paths_to_cost: more than 10,000 paths lead from unit {j} of layer {l} to the cost")
    return [[*path, "C"] for path in paths]


def _known_unit(where: str, sizes: list[int], l, j) -> None:
    whole(where, "the layer", l)
    whole(where, "the unit", j)
    if l > len(sizes) or j > sizes[l - 1]:
        raise ValueError(f"{where}: there is no unit {j} in layer {l}; the layers have {sizes} units")


def _highlighted(where: str, sizes: list[int], highlight) -> set | None:
    if highlight is None:
        return None
    lit: set = set()
    todo = [highlight]
    while todo:
        item = todo.pop()
        if item == "C":
            lit.add("C")
        elif isinstance(item, tuple) and len(item) in (2, 3) and not any(isinstance(part, tuple) for part in item):
            _known_unit(where, sizes, item[0], item[1])
            if len(item) == 3:
                if item[0] == 1:
                    raise ValueError(f"{where}: highlight names a weight of layer 1, {item}; layer 1 has none")
                _known_unit(where, sizes, item[0] - 1, item[2])
            lit.add(tuple(int(part) for part in item))
        elif isinstance(item, list | tuple | set | frozenset):
            todo.extend(item)
        else:
            raise ValueError(
                f"{where}: highlight must hold units (l, j), weights (l, j, i) and 'C', or lists of them; "
                f"it holds {item!r}"
            )
    return lit


def _values_by_layer(where: str, values, sizes: list[int]) -> dict[int, np.ndarray]:
    if values is None:
        return {}
    if not hasattr(values, "items"):
        raise TypeError(
            f"{where}: values must hold one array by layer number, as trace.a and grads.delta do; "
            f"it is {type(values).__name__}"
        )
    result = {}
    for l, value in values.items():
        if l not in range(1, len(sizes) + 1):
            raise ValueError(f"{where}: values[{l!r}] belongs to no layer; the layers are 1 to {len(sizes)}")
        array = reals(where, f"values[{l}]", value)
        if array.ndim == 2 and array.shape[0] == 1:
            array = array[0]
        if array.shape != (sizes[l - 1],):
            raise ValueError(
                f"{where}: values[{l}] must be one sample, shape ({sizes[l - 1]},); it has shape {array.shape}"
            )
        result[l] = array
    return result


def _shown(size: int, most: int) -> list[int | None]:
    """Return the unit numbers that are drawn, with None where the ellipsis stands."""
    if size <= most:
        return list(range(1, size + 1))
    return [*range(1, min(most, 6) - 1), None, size]


ENOUGH = 0.28  # inches between the middles of two labels


def _label_place(sources, targets) -> float:
    """Return the fraction along the edges at which their labels are apart: near the middle, where that is enough."""
    places = np.linspace(0.3, 0.7, 41)
    heights = [np.sort(np.add.outer((1 - p) * sources, p * targets).ravel()) for p in places]
    distances = np.array([np.diff(h).min() if len(h) > 1 else ENOUGH for h in heights])
    return float(places[int(np.argmax(np.minimum(distances, ENOUGH) - 1e-3 * np.abs(places - 0.5)))])


def _strength(value: float, largest: float) -> dict:
    """Return line width and dashes of a weight: wider for larger, dashed and paler for negative."""
    share = abs(value) / largest if largest else 0.0
    style = {"linewidth": 0.7 + 2.6 * share, "alpha": 0.45 + 0.55 * share, "solid_capstyle": "round"}
    if value < 0:
        style |= {"linestyle": (0, (3.2, 1.6)), "dash_capstyle": "butt"}
    return style


@picture
def network(
    net,
    *,
    values=None,
    quantity="activation",
    edges="auto",
    bias=False,
    cost=False,
    highlight=None,
    recurrent=False,
    max_units=12,
    decimals=2,
    title=None,
    ax=None,
):
    """Draw a network: one column of units a layer, one line a weight.

    Lines are green; a positive weight is solid, a negative one dashed, a larger one wider. A list of sizes in place
    of a network draws the structure alone, in grey.

    Parameters
    ----------
    net : nnbook.Network or list of int
        What to draw. A layer of more than `max_units` units is abbreviated with an ellipsis.
    values : mapping of int to array, optional
        One number for each unit, by layer number and of shape (n_l,) or (1, n_l), as `trace.a` and `grads.delta`
        of one sample are. Without it the units show their names a^l_j.
    quantity : {"activation", "delta", "weight", "cost", "ink"}
        What the values are: the key of their colour.
    edges : {"auto", "names", "values", "none"}
        What stands on the lines: w^l_{ji}, its value, or nothing. "auto" names them when there are at most nine;
        of a larger network, the highlighted ones when these are at most nine.
    bias : bool
        Also draw each bias as the weight from a unit that is always 1 (eq-bias-unit).
    cost : bool
        Also draw the cost C behind the outputs.
    highlight : list, optional
        Units `(l, j)`, weights `(l, j, i)` (to, from), `"C"`, or lists of these such as `paths_to_cost` returns; all
        else is drawn pale.
    recurrent : bool
        Draw a loop on every hidden unit: not a network of this book, but the picture of what it is not.
    max_units : int
        The most units of a layer that are all drawn, at least 4.
    decimals : int
        Digits after the point.
    title : str, optional
        A line above the drawing.
    ax : matplotlib axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        When an argument is none of these, or names a unit that the network does not have.
    """
    where = "network"
    sizes = _sizes(where, net)
    last = len(sizes)
    known = hasattr(net, "W")
    if quantity not in COLOURS:
        raise ValueError(f"{where}: quantity must be one of {sorted(COLOURS)}; it is {quantity!r}")
    if edges not in ("auto", "names", "values", "none"):
        raise ValueError(f"{where}: edges must be 'auto', 'names', 'values' or 'none'; it is {edges!r}")
    if edges == "values" and not known:
        raise ValueError(f"{where}: edges='values' needs a Network; a list of sizes has no weights")
    most = whole(where, "max_units", max_units, minimum=4)
    decimals = whole(where, "decimals", decimals, minimum=0)
    numbers = _values_by_layer(where, values, sizes)
    lit = _highlighted(where, sizes, highlight)

    shown = {l: _shown(sizes[l - 1], most) for l in range(1, last + 1)}
    slots = max(len(shown[l]) + (bias and l < last) for l in shown)
    pitch = max(0.47, min(0.92, 4.6 / slots))  # inches from unit to unit where they stand closest
    radius = min(0.27, 0.44 * pitch)
    columns = last + bool(cost)
    step = max(0.85, min(1.9, 4.2 / max(columns - 1, 1)))
    width = step * (columns - 1) + 0.8
    head = 0.62 + (0.34 if title else 0)
    foot = (0.42 if known else 0.08) + (0.2 if any(None in units for units in shown.values()) else 0)
    height = slots * pitch + head + foot
    figure, ax = canvas_for(where, ax, width, height)
    middle = foot + slots * pitch / 2

    def column(l):
        return 0.4 + (l - 1) * step

    place = {}
    for l, units in shown.items():
        with_bias = ["bias", *units] if bias and l < last else units
        apart = min(0.92, max(pitch, 0.8 * slots * pitch / len(with_bias)))
        for position, unit in enumerate(with_bias):
            y = middle + ((len(with_bias) - 1) / 2 - position) * apart
            place[l, unit] = (column(l), y)

    def is_lit(*item):
        return lit is None or item in lit

    # every drawn line: (from, to, value or None, name, lit)
    drawn = []
    for l in range(2, last + 1):
        for j in shown[l]:
            if j is None:
                continue
            for i in shown[l - 1]:
                if i is not None:
                    value = float(net.W[l][j - 1, i - 1]) if known else None
                    drawn.append(((l - 1, i), (l, j), value, weight_name(l, j, i), is_lit(l, j, i)))
            if bias:
                value = float(net.b[l][j - 1]) if known else None
                drawn.append(((l - 1, "bias"), (l, j), value, f"b^{l}_{{{j}}}", lit is None))
    total = sum(sizes[l] * (sizes[l - 1] + bool(bias)) for l in range(1, last))
    bright = [line for line in drawn if line[4]]
    if edges == "auto":
        text = "names" if len(bright) <= 9 and (lit is not None or total <= 9) else "none"
    else:
        text = edges
    largest = max((abs(value) for _, _, value, _, _ in drawn if value is not None), default=0.0)

    labelled = {id(line) for line in bright} if text != "none" else set()
    fraction = {}
    for l in range(2, last + 1):
        ends = [line for line in drawn if line[1][0] == l and id(line) in labelled]
        if ends:
            sources = np.unique([place[line[0]][1] for line in ends])
            targets = np.unique([place[line[1]][1] for line in ends])
            fraction[l] = _label_place(sources, targets)

    for line in drawn:
        start, end, value, name, on = line
        (x0, y0), (x1, y1) = place[start], place[end]
        length = np.hypot(x1 - x0, y1 - y0)
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        first, second = (x0 + radius * ux, y0 + radius * uy), (x1 - radius * ux, y1 - radius * uy)
        colour = COLOURS["ink"] if value is None and start[1] != "bias" else COLOURS["weight"]
        style = {"linewidth": 1.1, "alpha": 0.75} if value is None else _strength(value, largest)
        if not on:
            style |= {"alpha": FADED}
        pieces = [(first, second)]
        if id(line) in labelled:
            words = f"${name}$" if text == "names" else figure_text(value, decimals)
            at = fraction[end[0]]
            mx, my = x0 + at * (x1 - x0), y0 + at * (y1 - y0)
            half = (0.17 if bias else 0.19) if text == "names" else 0.055 * len(words)
            pieces = [(first, (mx - half * ux, my - half * uy)), ((mx + half * ux, my + half * uy), second)]
            ax.text(
                mx, my, words, color=COLOURS["weight"] if known else TEXT, fontsize=13 if text == "names" else 10.5,
                ha="center", va="center", rotation=np.degrees(np.arctan2(uy, ux)), rotation_mode="anchor",
            )  # fmt: skip
        for (xa, ya), (xb, yb) in pieces:
            ax.plot([xa, xb], [ya, yb], color=colour, zorder=1, label=f"_edge {name}", **({"linestyle": "-"} | style))

    if cost:
        cx, cy = column(last + 1), middle
        on = lit is None or "C" in lit
        for j in shown[last]:
            if j is not None:
                x0, y0 = place[last, j]
                length = np.hypot(cx - x0, cy - y0)
                ux, uy = (cx - x0) / length, (cy - y0) / length
                ax.plot(
                    [x0 + radius * ux, cx - 0.26 * ux], [y0 + radius * uy, cy - 0.26 * uy], color=COLOURS["cost"],
                    linewidth=1.8, linestyle="-", alpha=1 if on and is_lit(last, j) else FADED, zorder=1,
                    label="_edge C",
                )  # fmt: skip
        _unit(ax, cx, cy, 0.26, "$C$", "cost", on, size=15)

    for (l, unit), (x, y) in place.items():
        if unit is None:
            ax.text(x, y, "⋮", color=TEXT, fontsize=17, ha="center", va="center")
        elif unit == "bias":
            _unit(ax, x, y, radius, "1", "weight", lit is None, dashed=True)
        else:
            on = is_lit(l, unit)
            words = figure_text(numbers[l][unit - 1], decimals) if l in numbers else f"$a^{l}_{{{unit}}}$"
            _unit(ax, x, y, radius, words, quantity if l in numbers else "activation", on)
            if recurrent and 1 < l < last:
                _loop(ax, x, y, radius)

    top = height - (0.34 if title else 0)
    for l in range(1, last + 1):
        ax.text(column(l), top - 0.17, f"layer {l}" if step > 0.9 else f"{l}", ha="center", va="center")
        ax.text(column(l), top - 0.4, _role(l, last), ha="center", va="center", fontsize=10.5)
        if None in shown[l]:
            x, y = place[l, shown[l][-1]]
            ax.text(x, y - radius - 0.16, f"{sizes[l - 1]:,} units", fontsize=10.5, ha="center", va="center")
    if cost:
        ax.text(column(last + 1), top - 0.17, "cost", ha="center", va="center")
    if title:
        ax.text(width / 2, height - 0.17, title, fontsize=12, fontweight="bold", ha="center", va="center")
    if known:
        _sign_key(ax, width / 2, 0.16)

    return figure, _network_words(net, sizes, known, numbers, quantity, bias, cost, lit, recurrent, title, decimals)


def _unit(ax, x, y, radius, words, kind, on, *, dashed=False, size=None):
    from matplotlib.patches import Circle

    style = {"facecolor": FILLS[kind], "edgecolor": FILLS[kind], "linewidth": 1.2}
    colour = "white"
    if dashed or not on:
        style = {"facecolor": "none", "edgecolor": COLOURS[kind], "linewidth": 1.4, "alpha": 1 if on else 2 * FADED}
        colour = COLOURS[kind]
    if dashed:
        style |= {"linestyle": (0, (2.5, 1.5))}
    ax.add_patch(Circle((x, y), radius, zorder=2, **style))
    if size is None:
        size = (
            (14 if radius > 0.24 else 12.5)
            if words.startswith("$")
            else 10.5
            if len(words) <= 4
            else 9.5
            if len(words) <= 5
            else 8
        )
    ax.text(
        x, y, words, color=colour, fontsize=size, ha="center", va="center_baseline", zorder=3,
        alpha=1 if on else 0.6, fontweight="normal" if words.startswith("$") else "bold",
    )  # fmt: skip


def _loop(ax, x, y, radius):
    from matplotlib.patches import FancyArrowPatch

    ax.add_patch(
        FancyArrowPatch(
            (x - 0.6 * radius, y + 0.8 * radius), (x + 0.6 * radius, y + 0.8 * radius), label="_loop",
            connectionstyle="arc3,rad=-1.9", arrowstyle="-|>", mutation_scale=13, linewidth=1.6,
            color=COLOURS["ink"], shrinkA=0, shrinkB=0, zorder=2,
        )
    )  # fmt: skip


def _sign_key(ax, x, y):
    for centre, words, value in ((x - 1.05, "w > 0", 0.6), (x + 0.15, "w < 0", -0.6)):
        style = {"linestyle": "-"} | _strength(value, 1)
        ax.plot([centre - 0.42, centre - 0.06], [y, y], color=COLOURS["weight"], label="_key", **style)
        ax.text(centre, y, words, ha="left", va="center", fontsize=10.5, color=TEXT)
    ax.text(x + 0.78, y, "wider: larger", ha="left", va="center", fontsize=10.5, color=TEXT)


def _network_words(net, sizes, known, numbers, quantity, bias, cost, lit, recurrent, title, decimals):
    last = len(sizes)
    layers = and_list(f"layer {l} ({_role(l, last)}) has {plural(sizes[l - 1], 'unit')}" for l in range(1, last + 1))
    words = [f"{title}." if title else "", f"A {'-'.join(map(str, sizes))} network drawn from left to right: {layers}."]
    if known:
        weights = np.concatenate([np.ravel(net.W[l]) for l in net.W])
        negative = int((weights < 0).sum())
        words.append(
            f"{plural(weights.size, 'weight')}, {negative} of them negative (dashed); "
            f"the largest in size is {short(weights[np.argmax(np.abs(weights))])}."
        )
    if bias:
        words.append("In each layer but the last a unit that is always 1 carries the biases.")
    if cost:
        words.append("Behind the outputs stands the cost C.")
    if recurrent:
        words.append("Every hidden unit has a loop back to itself.")
    noun = {"activation": "Activations", "delta": "Errors δ"}.get(quantity, "Values")
    for l, value in sorted(numbers.items()):
        if value.size <= 20:
            words.append(f"{noun} of layer {l}: {', '.join(figure_text(v, decimals) for v in value)}.")
        else:
            words.append(f"{noun} of layer {l} lie from {short(value.min())} to {short(value.max())}.")
    if lit:
        weights = sorted(item for item in lit if len(item) == 3)
        units = sorted(item for item in lit if len(item) == 2 and item != "C")
        parts = [f"unit {j} of layer {l}" for l, j in units[:12]] + [weight_name(*w) for w in weights[:12]]
        parts += ["the cost"] if "C" in lit else []
        words.append(
            f"Highlighted: {and_list(parts)}" + (" and more." if len(units) > 12 or len(weights) > 12 else ".")
        )
    return " ".join(filter(None, words))


ROW = 0.23  # inches: the height of one row of numbers
DIGIT = 0.089  # inches: the width of a digit of ten points


@picture
def backprop_step(net, x, t, cost=None, *, decimals=3, fractions=False, title=None):
    """Draw one iteration of backpropagation on the network, with every number of it.

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
    title : str, optional
        A line above the drawing.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        When the network is too large, or x or t is not one sample of its size.

    Notes
    -----
    Equations eq-output-delta, eq-hidden-delta, eq-weight-gradient and eq-bias-gradient, by the package's functions.
    """
    import nnbook as nn

    where = "backprop_step"
    if not hasattr(net, "forward") or not hasattr(net, "W"):
        raise TypeError(f"{where}: net must be a Network; it is {type(net).__name__}")
    sizes = _sizes(where, net)
    last = len(sizes)
    if net.parameter_count > 100:
        raise ValueError(
            f"{where}: every number is drawn, so net may have at most 100 parameters; "
            f"it has {net.parameter_count:,} (nn.plots.network draws any network)"
        )
    decimals = whole(where, "decimals", decimals, minimum=0)
    x = _one_sample(where, "x", x, sizes[0])
    t = _one_sample(where, "t", t, sizes[-1])
    cost = nn.SquaredError() if cost is None else cost

    trace = net.forward(x[None, :])
    grads = nn.backprop(net, x[None, :], t[None, :], cost)
    total = float(grads.cost)
    identity = nn.identity

    def text(value):
        return figure_text(value, decimals, fractions)

    def given(value):
        return str(int(value)).replace("-", "−") if value == int(value) else text(value)

    # rows[l][j]: (kind, label, value, slope) from top to bottom; slope is ∂C/∂(the quantity of this row)
    rows = {}
    for l in range(2, last + 1):
        z, a, delta, f = trace.z[l][0], trace.a[l][0], grads.delta[l][0], net.f[l]
        elementwise = not hasattr(f, "jacobian")
        if l == last:
            slope_a = np.asarray(cost.gradient(a[None, :], t[None, :]))[0]
        else:
            # With the identity for f the hidden recursion stops at ∂C/∂a.
            slope_a = nn.hidden_delta(grads.delta[l + 1][0], net.W[l + 1], z, identity)
        rows[l] = []
        for j in range(sizes[l - 1]):
            card = [
                ("weight", weight_name(l, j + 1, i + 1), net.W[l][j, i], grads.W[l][j, i]) for i in range(sizes[l - 2])
            ]
            card.append(("weight", f"b^{l}_{{{j + 1}}}", net.b[l][j], grads.b[l][j]))
            card.append(("ink", f"z^{l}_{{{j + 1}}}", z[j], delta[j]))
            if elementwise:
                card.append(("ink", "f\\,′(z)", f.derivative(z)[j], None))
            card.append(("activation", f"a^{l}_{{{j + 1}}}", a[j], slope_a[j]))
            if l == last:
                card.append(("ink", f"t_{{{j + 1}}}", t[j], None))
            rows[l].append(card)

    # column widths of each layer, as wide as their longest number asks
    label, value_wide, card_wide = {}, {}, {}
    for l, cards in rows.items():
        lines = [line for card in cards for line in card]
        value_wide[l] = 0.12 + DIGIT * max(len(text(line[2])) for line in lines)
        label[l] = 0.6 if sizes[l - 2] > 9 or sizes[l - 1] > 9 else 0.44
        slope_wide = 0.22 + 1.1 * DIGIT * max(len(text(line[3])) for line in lines if line[3] is not None)
        card_wide[l] = label[l] + value_wide[l] + slope_wide
    between = 0.17
    tall = {l: sum(len(card) * ROW + 0.1 for card in cards) + between * (len(cards) - 1) for l, cards in rows.items()}
    tall[last] += 0.62  # room for the cost
    tall[1] = sizes[0] * (ROW + 0.13)
    gaps = {l: 0.45 if sizes[l - 2] * sizes[l - 1] <= 12 else 0.65 for l in range(2, last + 1)}
    entry = 0.5 + DIGIT * max(len(given(v)) for v in x)
    head = 0.66 + (0.34 if title else 0)
    foot = 0.5
    body = max(tall.values())
    height = body + head + foot
    left = {1: 0.05}
    for l in range(2, last + 1):
        left[l] = left[l - 1] + (entry if l == 2 else card_wide[l - 1]) + gaps[l]
    width = left[last] + card_wide[last] + 0.3
    figure, ax = canvas_for(where, None, width, height)
    middle = foot + body / 2
    top = height - (0.34 if title else 0)

    leaves = {}  # (l, j) -> where the line of unit j leaves
    ax.text(left[1] + entry / 2, top - 0.17, "layer 1", ha="center", va="center")
    ax.text(left[1] + entry / 2, top - 0.46, "input", ha="center", va="center", fontsize=10)
    spread = (body - 0.62) if sizes[0] > 2 * sizes[1] and sizes[0] > 3 else tall[1]
    pitch = spread / max(sizes[0], 1)
    for i in range(sizes[0]):
        y = middle + spread / 2 - (i + 0.5) * pitch
        _box(ax, left[1], y - (ROW + 0.06) / 2, entry, ROW + 0.06, "activation", filled=True)
        ax.text(left[1] + 0.09, y, f"$a^1_{{{i + 1}}}$", color="white", fontsize=13, va="center_baseline", zorder=4)
        ax.text(left[1] + entry - 0.09, y, given(x[i]), color="white", fontsize=10, ha="right", va="center_baseline",
                fontweight="bold", zorder=4)  # fmt: skip
        leaves[1, i] = (left[1] + entry, y)

    largest = max(float(np.abs(net.W[l]).max()) for l in net.W)
    for l, cards in rows.items():
        x0, wide = left[l], card_wide[l]
        value_end = x0 + label[l] + value_wide[l]
        ax.text(x0 + wide / 2, top - 0.17, f"layer {l}", ha="center", va="center")
        ax.text(value_end, top - 0.46, "value", ha="right", va="center", fontsize=10)
        ax.text(x0 + wide - 0.09, top - 0.46, r"$\partial C/\partial$", ha="right", va="center", fontsize=12.5,
                color=COLOURS["delta"])  # fmt: skip
        y = middle + tall[l] / 2
        for j, card in enumerate(cards):
            card_height = len(card) * ROW + 0.1
            _box(ax, x0, y - card_height, wide, card_height, "ink", filled=False)
            for position, (kind, name, value, slope) in enumerate(card):
                row_y = y - 0.05 - (position + 0.5) * ROW
                colour = TEXT if kind == "ink" else COLOURS[kind]
                base = row_y - 0.045
                printed = given(value) if name[0] == "t" else text(value)
                ax.text(x0 + 0.08, base, f"${name}$", color=colour, fontsize=11.5, va="baseline")
                ax.text(value_end, base, printed, color=colour, fontsize=10, ha="right",
                        va="baseline")  # fmt: skip
                is_delta = name[0] == "z"
                if is_delta:
                    _box(
                        ax,
                        value_end + 0.07,
                        row_y - 0.105,
                        wide - label[l] - value_wide[l] - 0.1,
                        0.2,
                        "delta",
                        filled=True,
                    )
                if slope is not None:
                    ax.text(
                        x0 + wide - 0.09, base, text(slope), color="white" if is_delta else COLOURS["delta"],
                        fontsize=10, ha="right", va="baseline", fontweight="bold" if is_delta else "normal",
                        zorder=4,
                    )  # fmt: skip
                if name[0] == "w":
                    _wire(ax, leaves[l - 1, position], (x0, row_y), _strength(float(value), largest), name)
                if name[0] == "a":
                    leaves[l, j] = (x0 + wide, row_y)
            y -= card_height + between
    cost_y = middle - tall[last] / 2 + 0.2
    cost_left, cost_right = left[last] + 0.2, left[last] + card_wide[last] - 0.15
    _box(ax, cost_left, cost_y - 0.17, cost_right - cost_left, 0.34, "cost", filled=True)
    ax.text((cost_left + cost_right) / 2, cost_y, f"$C$ = {text(total)}", color="white", fontsize=11.5,
            fontweight="bold", ha="center", va="center_baseline", zorder=4)  # fmt: skip
    for j in range(sizes[-1]):
        x1, y1 = leaves[last, j]
        ax.plot([x1, x1 + 0.13, x1 + 0.13, cost_right], [y1, y1, cost_y, cost_y], linestyle="-",
                color=COLOURS["cost"], linewidth=1.6, solid_joinstyle="round", label="_edge C")  # fmt: skip
    ax.text(width / 2, 0.16, r"values are computed forwards, $\partial C/\partial$ backwards; filled: $\delta$",
            ha="center", va="center", fontsize=10)  # fmt: skip
    if title:
        ax.text(width / 2, height - 0.17, title, fontsize=12, fontweight="bold", ha="center", va="center")

    words = [
        f"{title}." if title else "",
        f"One iteration on a {'-'.join(map(str, sizes))} network.",
        f"Inputs: {', '.join(given(v) for v in x)}.",
    ]
    for l, cards in rows.items():
        for j, card in enumerate(cards):
            parts = []
            for _, name, value, slope in card:
                plain = name.replace("\\,", "")
                parts.append(
                    f"{plain} {text(value)}"
                    + ("" if slope is None else f" with {'δ' if name[0] == 'z' else 'slope'} {text(slope)}")
                )
            words.append(f"Layer {l}, unit {j + 1}: {', '.join(parts)}.")
    words.append(f"Cost C = {text(total)}. A slope is the derivative of C with respect to the quantity.")
    return figure, " ".join(filter(None, words))


def _one_sample(where: str, name: str, value, size: int) -> np.ndarray:
    array = reals(where, name, value)
    if array.ndim == 2 and array.shape[0] == 1:
        array = array[0]
    if array.shape != (size,):
        raise ValueError(f"{where}: {name} must be one sample, shape ({size},); it has shape {array.shape}")
    return array


def _box(ax, x, y, width, height, kind, *, filled):
    from matplotlib.patches import FancyBboxPatch

    pad = 0.05
    ax.add_patch(
        FancyBboxPatch(
            (x + pad, y + pad), width - 2 * pad, height - 2 * pad, boxstyle=f"round,pad={pad},rounding_size={pad}",
            facecolor=FILLS[kind] if filled else "none", edgecolor=FILLS[kind] if filled else COLOURS[kind],
            linewidth=1.1, zorder=3 if filled else 2,
        )
    )  # fmt: skip


def _wire(ax, start, end, style, name):
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (x0, y0), (x1, y1) = start, end
    bend = 0.55 * (x1 - x0)
    path = Path(
        [(x0, y0), (x0 + bend, y0), (x1 - bend, y1), (x1, y1)], [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
    )
    ax.add_patch(
        PathPatch(
            path, fill=False, edgecolor=COLOURS["weight"], linewidth=0.7 * style["linewidth"],
            alpha=0.85 * style["alpha"], linestyle=style.get("linestyle", "-"), zorder=1, label=f"_edge {name}",
        )
    )  # fmt: skip
